//! How much was issued, revoked and refused: by day, facility and format, as charts with their figures.

use axum::{extract::State, response::Response};
use jiff::{Span, civil::Date, tz::Offset};

use super::{Asked, ConsoleError, HTML, Html, TAG, Visit, all, blocks, chart, download::Sheet, quality};
use crate::{
    access::Right,
    limits,
    registry::{Figures, Statistics},
    service::{
        House, ServiceError,
        api::Endpoint,
        frame::form::{Field, Kind},
    },
};

/// Facilities that the page shows; the file has all of them.
const FACILITIES: usize = 50;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let asked = |endpoint: Endpoint| {
        endpoint
            .tag(TAG)
            .needs(Right::Operate)
            .query::<String>("from", "First day, YYYY-MM-DD; by default 30 days ago")
            .query::<String>("until", "Last day; by default today (UTC)")
    };
    vec![
        asked(Endpoint::get("/statistics", "showStatistics"))
            .summary("How much was issued, revoked and refused")
            .gives_media(200, HTML, "The page")
            .run(show),
        asked(Endpoint::get("/statistics.csv", "downloadStatistics"))
            .summary("The same as a table")
            .gives_media(200, "text/csv", "The table: by day, by facility, by format")
            .run(download),
    ]
}

/// The days that are asked for: at most [`limits::STATISTICS_DAYS`], the last ones of them.
fn span(house: &House, asked: &Asked) -> (Date, Date) {
    let today = Offset::UTC.to_datetime(house.clock.now()).date();
    let until = asked.day("until").unwrap_or(today);
    let before = |days: i32| until.saturating_sub(Span::new().days(days));
    let from = asked.day("from").unwrap_or_else(|| before(30)).min(until);
    (from.max(before(limits::STATISTICS_DAYS - 1)), until)
}

async fn read(house: &House, (from, until): (Date, Date)) -> Result<Statistics, ServiceError> {
    Ok(house.registry.statistics(from, until).await.map_err(ConsoleError::from)?)
}

async fn show(State(house): State<House>, visit: Visit, asked: Asked) -> Result<Response, ServiceError> {
    let say = |key: &str| visit.speech.say(key);
    let lang = visit.frame.lang();
    let span = span(&house, &asked);
    let found = read(&house, span).await?;
    let (from, until) = (span.0.to_string(), span.1.to_string());
    let of_day = |name, label, value| Field { kind: Kind::Day, value, ..Field::line(name, say(label)) }.html();
    let fields = [of_day("from", "from", &from), of_day("until", "until", &until)];
    let number = |n: u64| lang.number(n);
    let series = [say("issued"), say("revoked-count"), say("refused-count")];
    let sum = |part: fn(&Figures) -> u64| found.days.values().map(part).sum::<u64>();
    let sums = [sum(|f| f.issued), sum(|f| f.revoked), sum(|f| f.refused)];
    let total: Vec<(&str, Html)> = series.iter().zip(sums).map(|(name, n)| (*name, blocks::text(&number(n)))).collect();
    let figures = |f: &Figures| vec![f.issued, f.revoked, f.refused];
    let days: Vec<(String, Vec<u64>)> = found.days.iter().map(|(day, f)| (day.to_string(), figures(f))).collect();
    let cells = |name: Html, values: Vec<u64>| -> Vec<Html> {
        [name].into_iter().chain(values.into_iter().map(|n| blocks::text(&number(n)))).collect()
    };
    let busy = found.days.iter().rev().filter(|(_, f)| **f != Figures::default());
    let day_rows: Vec<Vec<Html>> = busy.map(|(day, f)| cells(blocks::text(&lang.day(*day)), figures(f))).collect();
    let names = quality::names(&house, found.facilities.keys().map(String::as_str)).await?;
    let name = |uid: &str| match uid {
        "" => say("unknown").to_owned(),
        uid => names.get(uid).cloned().unwrap_or_else(|| uid.to_owned()),
    };
    let mut facilities: Vec<(&String, &Figures)> = found.facilities.iter().collect();
    facilities.sort_by_key(|(uid, f)| (std::cmp::Reverse(f.issued), uid.as_str()));
    facilities.truncate(FACILITIES);
    let facility_rows: Vec<Vec<Html>> =
        facilities.iter().map(|(uid, f)| cells(blocks::text(&name(uid)), figures(f))).collect();
    let formats: Vec<(String, Vec<u64>)> = found.formats.iter().map(|(name, n)| (name.clone(), vec![*n])).collect();
    let format_rows: Vec<Vec<Html>> =
        formats.iter().map(|(name, values)| cells(blocks::text(name), values.clone())).collect();
    let heads = |first| [say(first), series[0], series[1], series[2]];
    let download = format!("/statistics.csv?from={from}&until={until}");
    let body = all([
        visit.form("get", "/statistics", say("show"), fields),
        blocks::facts(&total),
        visit.section(
            "days",
            say("by-day"),
            &all([
                chart::bars(say("by-day"), &series, &days, &number),
                blocks::table(say("by-day"), &heads("day"), &day_rows),
            ]),
        ),
        visit.section(
            "facilities",
            say("by-facility"),
            &blocks::table(say("by-facility"), &heads("facility"), &facility_rows),
        ),
        visit.section(
            "formats",
            say("by-format"),
            &all([
                chart::bars(say("by-format"), &series[..1], &formats, &number),
                blocks::table(say("by-format"), &[say("format"), series[0]], &format_rows),
            ]),
        ),
        blocks::lines([blocks::link(&download, say("download"))]),
    ]);
    Ok(visit.show("statistics", &body))
}

async fn download(State(house): State<House>, _: Visit, asked: Asked) -> Result<Response, ServiceError> {
    let found = read(&house, span(&house, &asked)).await?;
    let names = quality::names(&house, found.facilities.keys().map(String::as_str)).await?;
    let mut sheet = Sheet::new(&["by", "key", "name", "issued", "revoked", "refused"]);
    let mut row = |by: &str, key: &str, name: &str, f: &Figures| {
        sheet.row([by, key, name, &f.issued.to_string(), &f.revoked.to_string(), &f.refused.to_string()]);
    };
    for (day, figures) in &found.days {
        row("day", &day.to_string(), "", figures);
    }
    for (uid, figures) in &found.facilities {
        row("facility", uid, names.get(uid).map_or("", String::as_str), figures);
    }
    for (format, issued) in &found.formats {
        row("format", format, "", &Figures { issued: *issued, ..Figures::default() });
    }
    Ok(sheet.response("statistics"))
}
