//! The pages: templates of the folder `pages/`, filled with verdicts, certificates and refused records.

use jiff::{Timestamp, tz::Offset};

use super::{
    folder::Certificate,
    html::{
        Html,
        Slot::{Html as Made, Text},
        fill,
    },
    report::{Item, Report},
    statement::Judged,
};
use crate::{
    batch::Part,
    limits::SERVICE_ROWS,
    record::Refusal,
    trust::TrustStore,
    verify::{
        Check, Checks, Decision, Holder, country,
        words::{Advice, Language},
    },
};

pub(super) const STYLE: &str = include_str!("pages/style.css");
pub(super) const ICON: &str = include_str!("pages/icon.svg");

macro_rules! templates {
    ($($name:ident $file:literal;)*) => { $(const $name: &str = include_str!(concat!("pages/", $file, ".html"));)* };
}
templates! {
    LAYOUT "layout"; INDEX "index"; TALLY "tally"; CERTIFICATE "certificate"; REFUSAL "refusal"; REASON "reason";
    FORM "form"; VERDICT "verdict"; HOLDER "holder"; STATEMENT "statement"; LINE "line"; LINK "link"; WARNING "warning";
    CHECK "check"; MORE "more"; PLAYING "playing"; API "api"; BADGE "badge";
}

/// Footer of the pages of a rehearsal on one machine.
const ALONE: &str =
    "This page comes from this machine alone: nothing is sent anywhere, and no code that you check is kept.";

fn layout(title: &str, body: &Html) -> Html {
    let badge = fill(BADGE, &[]);
    fill(LAYOUT, &[("title", Text(title)), ("badge", Made(&badge)), ("footer", Text(ALONE)), ("body", Made(body))])
}

fn code_form(code: &str) -> Html {
    fill(FORM, &[("code", Text(code))])
}

/// Day and time of day, UTC.
pub(super) fn moment(time: Timestamp) -> String {
    Offset::UTC.to_datetime(time).strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The first page.
///
/// `token` is that of the issuing API, where it is served.
pub(super) fn index(
    certificates: &[Certificate],
    more: usize,
    report: Option<&Report>,
    token: Option<&str>,
    playing: Option<&super::Playing>,
    now: Timestamp,
) -> Html {
    let accepted = certificates.iter().filter(|c| c.judged.verdict.verdict == Decision::Accepted).count();
    let refusals = report.map_or(&[][..], |report| &report.refusals);
    let shown_refusals = u64::try_from(refusals.len()).unwrap_or(u64::MAX);
    let more_refusals = report.map_or(0, |report| report.refused.saturating_sub(shown_refusals));
    let body = fill(
        INDEX,
        &[
            ("tally", Made(&report.map(tally).unwrap_or_default())),
            ("accepted", Text(&accepted.to_string())),
            ("shown", Text(&certificates.len().to_string())),
            ("now", Text(&moment(now))),
            ("certificates", Made(&certificates.iter().map(certificate).collect())),
            ("more-certificates", Made(&and_more(u64::try_from(more).unwrap_or(u64::MAX)))),
            ("refusals", Made(&refusals.iter().map(refusal).collect())),
            ("more-refusals", Made(&and_more(more_refusals))),
            ("form", Made(&code_form(""))),
            ("playing", Made(&playing.map(parts).unwrap_or_default())),
            ("api", Made(&token.map(|token| fill(API, &[("token", Text(token))])).unwrap_or_default())),
        ],
    );
    layout("What the rehearsal made", &body)
}

/// The parts that can be played.
fn parts(playing: &super::Playing) -> Html {
    let super::Playing { everybody, operators, user, password, identifier, born, messages } = playing;
    let slots = [
        ("everybody", Text(everybody)),
        ("operators", Text(operators)),
        ("user", Text(user)),
        ("password", Text(password)),
        ("identifier", Text(identifier)),
        ("born", Text(born)),
        ("messages", Text(messages)),
    ];
    fill(PLAYING, &slots)
}

fn tally(report: &Report) -> Html {
    let &Report { records, issued, refused, unchanged, .. } = report;
    let counts = [("records", records), ("issued", issued), ("unchanged", unchanged), ("refused", refused)]
        .map(|(n, v)| (n, v.to_string()));
    fill(TALLY, &counts.each_ref().map(|(name, value)| (*name, Text(value))))
}

fn and_more(count: u64) -> Html {
    if count == 0 {
        return Html::default();
    }
    fill(MORE, &[("shown", Text(&SERVICE_ROWS.to_string())), ("more", Text(&count.to_string()))])
}

/// A label with a capital letter.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

/// Class, sign and word: a verdict must be readable without colour.
fn word(decision: Decision) -> (&'static str, &'static str, &'static str) {
    match decision {
        Decision::Accepted => ("accepted", "✓", "ACCEPTED"),
        Decision::Rejected => ("rejected", "✕", "REJECTED"),
        Decision::Undecided => ("undecided", "?", "UNDECIDED"),
    }
}

fn certificate(certificate: &Certificate) -> Html {
    let Certificate { id, format, code, judged, parts } = certificate;
    let (class, sign, decision) = word(judged.verdict.verdict);
    let reason = judged.verdict.reason.map_or("", |reason| Language::English.reason(reason).cause);
    let nobody = Holder {
        name: "not shown: the signature did not pass".to_owned(),
        standardised_name: String::new(),
        date_of_birth: String::new(),
        not_covered: false,
    };
    let holder = judged.verdict.holder.as_ref().unwrap_or(&nobody);
    let (title, detail): (&str, Html) = match &judged.statement {
        Some(statement) => {
            let lines = statement.rows.iter().take(2).map(|(_, value)| fill(LINE, &[("text", Text(value))]));
            (&statement.title, lines.collect())
        }
        None => ("", Html::default()),
    };
    let texts = parts.iter().filter(|part| matches!(part, Part::Text(_))).count();
    // The paper first, which is what most people want; then format by format.
    let (paper, codes): (Vec<&Part>, Vec<&Part>) = parts.iter().partition(|part| matches!(part, Part::Pdf));
    let links = paper.into_iter().chain(codes).map(|part| {
        let label = match part {
            Part::Pdf => "PDF",
            // Several formats are told apart by the names of their files.
            other if texts > 1 => other.file_name(),
            Part::Archive => "Archive",
            Part::FhirDocument => "FHIR",
            Part::Text(_) => "Text",
            Part::Png(_) => "Picture",
            Part::Svg(_) => "Drawing",
        };
        fill(
            LINK,
            &[
                ("id", Text(id.as_str())),
                ("file", Text(part.file_name())),
                ("label", Text(label)),
                ("name", Text(&holder.name)),
            ],
        )
    });
    fill(
        CERTIFICATE,
        &[
            ("id", Text(id.as_str())),
            ("picture", Text(Part::Svg(*format).file_name())),
            ("large", Text(Part::Png(*format).file_name())),
            ("name", Text(&holder.name)),
            ("standardised", Text(&holder.standardised_name)),
            ("born", Text(birth_date(holder))),
            ("title", Text(title)),
            ("detail", Made(&detail)),
            ("class", Text(class)),
            ("sign", Text(sign)),
            ("decision", Text(decision)),
            ("reason", Text(reason)),
            ("links", Made(&links.collect())),
            ("code", Text(code)),
        ],
    )
}

/// A certificate may leave the date of birth out.
fn birth_date(holder: &Holder) -> &str {
    if holder.date_of_birth.is_empty() { "not stated" } else { &holder.date_of_birth }
}

/// A sentence of a report begins small and has no full stop; on a page it stands alone.
fn sentence(text: &str) -> String {
    format!("{}.", capital(text.trim_end_matches('.')))
}

fn refusal(item: &Item) -> Html {
    let reasons = item.reasons.iter().map(|Refusal { code, field, message, remedy }| {
        let field = field.as_ref().map(|field| format!(", field {field}")).unwrap_or_default();
        fill(
            REASON,
            &[
                ("code", Text(code)),
                ("field", Text(&field)),
                ("message", Text(&sentence(message))),
                ("remedy", Text(&sentence(remedy))),
            ],
        )
    });
    fill(
        REFUSAL,
        &[("record", Text(&item.record)), ("event", Text(&item.event)), ("reasons", Made(&reasons.collect()))],
    )
}

/// The form alone.
pub(super) fn form() -> Html {
    layout("Check a code", &code_form(""))
}

/// The verdict on a code.
pub(super) fn verdict(judged: &Judged, code: &str, trust: &TrustStore, now: Timestamp) -> Html {
    let Judged { verdict, statement } = judged;
    let (class, sign, decision) = word(verdict.verdict);
    let (cause, next) = match verdict.reason {
        Some(reason) => {
            let Advice { cause, next } = Language::English.reason(reason);
            (cause, next)
        }
        None => (
            "The signature is that of a trusted issuer, and the certificate is valid now",
            "Compare name and date of birth with the holder's document",
        ),
    };
    let holder = verdict.holder.as_ref().map(|holder| {
        fill(
            HOLDER,
            &[
                ("name", Text(&holder.name)),
                ("standardised", Text(&holder.standardised_name)),
                ("born", Text(birth_date(holder))),
            ],
        )
    });
    let mut rows: Vec<(&str, String)> = Vec::new();
    if let Some(statement) = statement {
        rows.push(("States", statement.title.clone()));
        rows.extend(statement.rows.iter().cloned());
    }
    let day = |time: &Option<String>| time.as_deref().and_then(|time| time.get(..10)).map(str::to_owned);
    if let (Some(from), Some(until)) = (day(&verdict.valid_from), day(&verdict.valid_until)) {
        rows.push(("Certificate valid", format!("{from} to {until}")));
    }
    if let Some(code) = &verdict.issuer.country {
        let claimed = if verdict.checks.signature == Check::Passed { "" } else { " (unverified)" };
        rows.push(("Signed in", format!("{}{claimed}", country(code))));
    }
    rows.extend(verdict.id.iter().map(|id| ("Identifier", id.clone())));
    rows.extend(verdict.issuer.kid.iter().map(|kid| ("Key", kid.clone())));
    // The age of a list matters to whoever reads the verdict, also when none of them knows the signer.
    let asked = trust.lists().iter().filter(|list| verdict.issuer.list.as_ref().is_none_or(|name| *name == list.name));
    if verdict.checks.decode == Check::Passed {
        rows.extend(asked.map(|list| {
            let made = list.made_at.map(|made| format!(", made {}", moment(made))).unwrap_or_default();
            ("Trust list", format!("{}{made}", list.name))
        }));
    }
    rows.push(("Checked", moment(now)));
    let rows =
        rows.iter().map(|(label, value)| fill(STATEMENT, &[("label", Text(&capital(label))), ("value", Text(value))]));
    let warnings = verdict
        .warnings
        .iter()
        .map(|code| fill(WARNING, &[("warning", Text(&sentence(Language::English.warning(*code))))]));
    let reason = verdict.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    let body = fill(
        VERDICT,
        &[
            ("class", Text(class)),
            ("sign", Text(sign)),
            ("decision", Text(decision)),
            ("cause", Text(cause)),
            ("reason", Text(&reason)),
            ("next", Text(next)),
            ("warnings", Made(&warnings.collect())),
            ("holder", Made(&holder.unwrap_or_default())),
            ("rows", Made(&rows.collect())),
            ("checks", Made(&checks(&verdict.checks))),
            ("form", Made(&code_form(code))),
        ],
    );
    layout(decision, &body)
}

fn checks(checks: &Checks) -> Html {
    let all = [
        ("Code can be read", checks.decode),
        ("Signature", checks.signature),
        ("Trust in the signer", checks.trust),
        ("Signer may sign this kind", checks.key_usage),
        ("Time of validity", checks.validity),
        ("Content", checks.content),
        ("Revocation", checks.revocation),
        ("Rules of the country of arrival", checks.rules),
    ];
    let line = |(label, check)| {
        let (sign, result) = match check {
            Check::Passed => ("✓", "passed"),
            Check::Failed => ("✕", "failed"),
            Check::Open => ("?", "open"),
            Check::NoRules => ("–", "no rules"),
            Check::Unchecked => ("–", "not checked"),
        };
        fill(CHECK, &[("label", Text(label)), ("sign", Text(sign)), ("result", Text(result))])
    };
    all.into_iter().map(line).collect()
}
