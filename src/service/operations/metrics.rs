//! Metrics in the text format of Prometheus (exposition format 0.0.4). No label holds anything of a person.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use jiff::Timestamp;

use super::board::{BoardReport, Level, MetricSource};
use crate::registry::{Counts, OpenSessions, Registry};

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Gauge,
    Counter,
    Histogram,
}

#[derive(Debug)]
struct Family {
    kind: Kind,
    help: &'static str,
    samples: Vec<(Part, Vec<(&'static str, String)>, f64)>,
}

/// Which series of a family a sample belongs to.
#[derive(Debug, Clone, Copy)]
enum Part {
    Value,
    Bucket,
    Sum,
    Count,
}

impl Part {
    fn ending(self) -> &'static str {
        match self {
            Self::Value => "",
            Self::Bucket => "_bucket",
            Self::Sum => "_sum",
            Self::Count => "_count",
        }
    }
}

/// Metrics that are being gathered.
#[derive(Debug, Default)]
pub struct Metrics {
    families: BTreeMap<&'static str, Family>,
    text: String,
}

impl Metrics {
    /// A value that goes up and down.
    pub fn gauge(&mut self, name: &'static str, help: &'static str, labels: &[(&'static str, &str)], value: f64) {
        self.sample(Kind::Gauge, name, help, labels, value);
    }

    /// A value that only goes up while the program runs.
    pub fn counter(&mut self, name: &'static str, help: &'static str, labels: &[(&'static str, &str)], value: f64) {
        self.sample(Kind::Counter, name, help, labels, value);
    }

    /// How values were spread: `buckets` are upper ends, each with the number of values up to it.
    pub(super) fn histogram(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, &str)],
        buckets: &[(f64, u64)],
        (sum, count): (f64, u64),
    ) {
        let of = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let family =
            self.families.entry(name).or_insert_with(|| Family { kind: Kind::Histogram, help, samples: Vec::new() });
        let own: Vec<_> = labels.iter().map(|(label, value)| (*label, (*value).to_owned())).collect();
        for (end, number) in buckets {
            let mut labels = own.clone();
            labels.push(("le", if end.is_finite() { end.to_string() } else { "+Inf".to_owned() }));
            family.samples.push((Part::Bucket, labels, of(*number)));
        }
        family.samples.push((Part::Sum, own.clone(), sum));
        family.samples.push((Part::Count, own, of(count)));
    }

    /// A text that is in the format already, from a room that knows nothing of this one.
    pub fn append(&mut self, text: &str) {
        self.text.push_str(text);
        if !text.is_empty() && !text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn sample(
        &mut self,
        kind: Kind,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, &str)],
        value: f64,
    ) {
        let family = self.families.entry(name).or_insert_with(|| Family { kind, help, samples: Vec::new() });
        let labels = labels.iter().map(|(label, value)| (*label, (*value).to_owned())).collect();
        family.samples.push((Part::Value, labels, value));
    }

    pub(super) fn board(&mut self, report: &BoardReport) {
        let number = |time: Timestamp| time.as_duration().as_secs_f64();
        let of = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let labels = [("version", report.version), ("environment", report.environment.as_str())];
        self.gauge("vaccert_build_info", "Version and environment, always 1.", &labels, 1.0);
        let started = number(report.started);
        self.gauge("vaccert_start_timestamp_seconds", "When the program started.", &[], started);
        self.gauge("vaccert_level", "0 as it should be, 1 warning, 2 alarm.", &[], level(report.level));
        for task in &report.tasks {
            let label = [("task", task.name.as_str())];
            let last = task.last_success.map_or(0.0, number);
            let help = "End of the last run that succeeded, 0 if none did.";
            self.gauge("vaccert_task_last_success_timestamp_seconds", help, &label, last);
            let failures = task.trouble.as_ref().map_or(0, |trouble| trouble.failures);
            let help = "Runs that failed since the last one that succeeded.";
            self.gauge("vaccert_task_failures_in_a_row", help, &label, f64::from(failures));
            let help = "Runs that failed since the program started.";
            self.counter("vaccert_task_failures_total", help, &label, of(task.failures_total));
            let help = "Runs that succeeded since the program started.";
            self.counter("vaccert_task_successes_total", help, &label, of(task.successes_total));
        }
        let help = "Replicas of the service that were heard of lately.";
        self.gauge("vaccert_replicas", help, &[], of(report.replicas.len().try_into().unwrap_or(u64::MAX)));
        for condition in &report.conditions {
            let label = [("condition", condition.name.as_str())];
            let help = "Lasting conditions: 0 as it should be, 1 warning, 2 alarm.";
            self.gauge("vaccert_condition_level", help, &label, level(condition.level));
        }
    }

    pub(super) fn certificates(&mut self, counts: &Counts) {
        let of = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let states = [
            ("intended", counts.intended),
            ("signed", counts.signed),
            ("released", counts.released),
            ("abandoned", counts.abandoned),
            ("superseded", counts.superseded),
            ("withdrawn", counts.withdrawn),
        ];
        for (state, number) in states {
            self.gauge(
                "vaccert_certificates",
                "Certificates by state, counted now and then.",
                &[("state", state)],
                of(number),
            );
        }
        self.gauge("vaccert_certificates_revoked", "Certificates that are revoked.", &[], of(counts.revoked));
    }

    /// Sessions that stand, and how old what is known of the source is.
    pub(super) fn measured(&mut self, open: OpenSessions, polled: Option<Timestamp>, now: Timestamp) {
        let of = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        for (who, number) in [("operators", open.operators), ("citizens", open.citizens)] {
            self.gauge("vaccert_sessions", "Sessions that stand, of all replicas.", &[("of", who)], of(number));
        }
        let Some(polled) = polled else { return };
        let help = "Up to when changes in DHIS2 are known here: the beginning of the last pass that ended well.";
        let number = polled.as_duration().as_secs_f64();
        self.gauge("vaccert_poll_watermark_timestamp_seconds", help, &[], number);
        let help = "How long ago that is.";
        let age = now.duration_since(polled).as_secs_f64().max(0.0);
        self.gauge("vaccert_poll_watermark_age_seconds", help, &[], age);
    }

    pub(super) fn into_text(self) -> String {
        let mut out = String::new();
        for (name, family) in &self.families {
            let kind = match family.kind {
                Kind::Gauge => "gauge",
                Kind::Counter => "counter",
                Kind::Histogram => "histogram",
            };
            // Writing to a string does not fail.
            let _ = writeln!(out, "# HELP {name} {}\n# TYPE {name} {kind}", family.help);
            for (part, labels, value) in &family.samples {
                let labels: Vec<String> =
                    labels.iter().map(|(label, text)| format!("{label}=\"{}\"", escaped(text))).collect();
                let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
                let _ = writeln!(out, "{name}{}{labels} {value}", part.ending());
            }
        }
        out + &self.text
    }
}

/// Whether the database answers, and how many questions to it have failed.
#[must_use]
pub fn database(registry: &Registry) -> MetricSource {
    let registry = registry.clone();
    Arc::new(move |_, metrics| {
        let help = "1 while the database answers, 0 while it is away.";
        metrics.gauge("vaccert_database_up", help, &[], f64::from(u8::from(registry.is_there())));
        for (kind, count) in registry.errors() {
            let help = "Questions to the database that failed since the program started, by kind.";
            let number = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
            metrics.counter("vaccert_database_errors_total", help, &[("kind", kind)], number);
        }
    })
}

fn level(level: Level) -> f64 {
    match level {
        Level::Ok => 0.0,
        Level::Warning => 1.0,
        Level::Alarm => 2.0,
    }
}

/// A label's value: backslash, quote and line end are escaped.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_the_poll_is_never_lies_in_the_future() {
        let at = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).unwrap();
        let told = |polled, now| {
            let mut metrics = Metrics::default();
            metrics.measured(OpenSessions { operators: 2, citizens: 7 }, polled, now);
            metrics.into_text()
        };
        let text = told(Some(at(0)), at(90));
        assert!(text.contains("vaccert_sessions{of=\"operators\"} 2\nvaccert_sessions{of=\"citizens\"} 7\n"), "{text}");
        assert!(text.contains("vaccert_poll_watermark_timestamp_seconds 1800000000\n"), "{text}");
        assert!(text.contains("vaccert_poll_watermark_age_seconds 90\n"), "{text}");
        assert!(told(Some(at(90)), at(0)).contains("vaccert_poll_watermark_age_seconds 0\n"), "a clock set back");
        assert!(!told(None, at(0)).contains("watermark"), "before the first pass nothing is claimed");
    }

    #[test]
    fn families_stand_together_and_labels_are_escaped() {
        let mut metrics = Metrics::default();
        metrics.gauge("b", "second.", &[("x", "a\"b\\c\nd")], 1.5);
        metrics.counter("a_total", "first.", &[], 2.0);
        metrics.gauge("b", "second.", &[], 3.0);
        metrics.append("c 1");
        assert_eq!(
            metrics.into_text(),
            "# HELP a_total first.\n# TYPE a_total counter\na_total 2\n# HELP b second.\n# TYPE b gauge\n\
             b{x=\"a\\\"b\\\\c\\nd\"} 1.5\nb 3\nc 1\n"
        );
    }
}
