//! Bar charts, drawn by the server. Each has its figures as a table beside it, which is what is read aloud.

use std::fmt::Write as _;

use crate::service::html::{
    Html,
    Slot::{Html as Made, Text},
    fill,
};

const CHART: &str = include_str!("../pages/console/chart.html");
const BAR: &str = include_str!("../pages/console/bar.html");
const TICK: &str = include_str!("../pages/console/tick.html");
const KEY: &str = include_str!("../pages/console/chart_key.html");

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 220.0;
/// Room for the numbers at the side, and the days below.
const LEFT: f64 = 56.0;
const BELOW: f64 = 28.0;
/// Classes of the colours of series, in their order.
const CLASSES: [&str; 3] = ["a", "b", "c"];

/// A figure of whatever size: charts need no exact ones.
fn float(n: u64) -> f64 {
    // Exact up to 2^32, and beyond as near as a pixel asks for.
    u32::try_from(n).map_or(f64::from(u32::MAX), f64::from)
}

fn index(n: usize) -> f64 {
    float(u64::try_from(n).unwrap_or(u64::MAX))
}

/// Bars: for each label one of every series, side by side. `title` says what it shows.
pub(super) fn bars(title: &str, series: &[&str], rows: &[(String, Vec<u64>)], number: &dyn Fn(u64) -> String) -> Html {
    let most = rows.iter().flat_map(|(_, values)| values).copied().max().unwrap_or(0).max(1);
    let top = nice(most);
    let (wide, high) = (WIDTH - LEFT - 8.0, HEIGHT - BELOW - 10.0);
    let slot = wide / index(rows.len().max(1));
    let bar = (slot * 0.84 / index(series.len().max(1))).min(40.0);
    let mut drawn = Html::default();
    let place = |value: f64| {
        let mut text = String::new();
        let _ = write!(text, "{value:.1}");
        text
    };
    for (row, (label, values)) in rows.iter().enumerate() {
        let from = LEFT + slot * index(row) + (slot - bar * index(series.len())) / 2.0;
        for (at, (value, class)) in values.iter().zip(CLASSES).enumerate() {
            if *value == 0 {
                continue;
            }
            // What is there is seen, however little it is.
            let tall = (float(*value) / float(top) * high).max(1.0);
            let name = series.get(at).copied().unwrap_or_default();
            let said = format!("{label}, {name}: {}", number(*value));
            drawn.push(&fill(
                BAR,
                &[
                    ("class", Text(class)),
                    ("x", Text(&place(from + bar * index(at)))),
                    ("y", Text(&place(10.0 + high - tall))),
                    ("width", Text(&place(bar.max(0.6)))),
                    ("height", Text(&place(tall))),
                    ("said", Text(&said)),
                ],
            ));
        }
    }
    let mut ticks = Html::default();
    for (part, value) in [(0.0, 0), (0.5, top / 2), (1.0, top)] {
        let y = 10.0 + high - high * part;
        let slots = [("y", place(y)), ("from", place(LEFT)), ("to", place(WIDTH - 8.0)), ("text", number(value))];
        let x = place(LEFT - 6.0);
        let mut slots: Vec<(&str, crate::service::html::Slot<'_>)> =
            slots.iter().map(|(name, value)| (*name, Text(value.as_str()))).collect();
        slots.push(("x", Text(&x)));
        ticks.push(&fill(TICK, &slots));
    }
    let first = rows.first().map_or("", |(label, _)| label.as_str());
    let last = rows.last().filter(|_| rows.len() > 1).map_or("", |(label, _)| label.as_str());
    let keys: Html = series
        .iter()
        .zip(CLASSES)
        .map(|(name, class)| fill(KEY, &[("name", Text(name)), ("class", Text(class))]))
        .collect();
    fill(
        CHART,
        &[
            ("title", Text(title)),
            ("keys", Made(&keys)),
            ("ticks", Made(&ticks)),
            ("bars", Made(&drawn)),
            ("first", Text(first)),
            ("last", Text(last)),
        ],
    )
}

/// The next even number of few digits, for the top of a scale.
fn nice(most: u64) -> u64 {
    let mut step: u64 = 1;
    while step < u64::MAX / 100 {
        for factor in [2, 4, 6, 10] {
            if most <= step * factor {
                return step * factor;
            }
        }
        step *= 10;
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_even_numbers() {
        for (most, top) in [(1, 2), (3, 4), (7, 10), (10, 10), (11, 20), (59, 60), (601, 1000), (u64::MAX, u64::MAX)] {
            assert_eq!(nice(most), top, "{most}");
        }
    }

    #[test]
    fn every_figure_has_its_bar_within_the_picture() {
        let rows: Vec<(String, Vec<u64>)> = (0..366).map(|day| (format!("<{day}>"), vec![day, u64::MAX, 0])).collect();
        let html = bars("Title", &["x", "y", "z"], &rows, &|n| n.to_string()).into_string();
        assert_eq!(html.matches("<rect").count(), 365 + 366 + 3, "bars that are not nothing, and the key");
        assert!(!html.contains("{{") && !html.contains("<0>") && !html.contains("NaN"));
        assert!(bars("Title", &[], &[], &|n| n.to_string()).into_string().contains("<svg"));
    }
}
