//! Verification for people without an app and without script: a form that takes the text of a code, or a picture or
//! PDF, and the verdicts as a page, in the visitor's language.

use axum::{
    body::Bytes,
    extract::{Request, State},
    http::header,
    response::Response,
};
use jiff::Timestamp;

use super::{Known, VerifyError, picture};
use crate::{
    barcode::read::FileKind,
    limits::{CODE_FILE_BYTES, SERVICE_FORM_BYTES, VERIFY_PICTURE_BYTES},
    record::Country,
    service::{
        House, ServiceError,
        api::Endpoint,
        body,
        frame::{
            Frame, Speech, Words,
            form::{Field, Kind, summary},
            words,
        },
        html::{
            Html,
            Slot::{Html as Made, Text},
            fill,
        },
    },
    verify::{
        Arrival, Check, Decision, Seal, Statement, Verdict, best, codes_in_text, country, joined,
        words::{Explanation, Language},
    },
};

static WORDS: Words = words!("verify");

const FORM: &str = include_str!("../pages/verify/form.html");
const PAGE: &str = include_str!("../pages/verify/page.html");
const CARD: &str = include_str!("../pages/verify/card.html");
const ROW: &str = include_str!("../pages/verify/row.html");
const CHECK: &str = include_str!("../pages/verify/check.html");
const NOTE: &str = include_str!("../pages/verify/note.html");

pub(super) fn form_endpoint() -> Endpoint {
    Endpoint::get("/verify", "showVerifyForm")
        .tag("Pages")
        .summary("The form that takes a code or a picture")
        .gives_media(200, "text/html", "The page")
        .run(async |frame: Frame| form(&frame, &Sent::default(), None))
}

pub(super) fn verdict_endpoint() -> Endpoint {
    Endpoint::post("/verify", "showVerdict")
        .tag("Pages")
        .summary("The verdict on what the form sent, as a page")
        .takes::<Form>("multipart/form-data")
        .takes::<Form>("application/x-www-form-urlencoded")
        .gives_media(200, "text/html", "The page")
        .run(verdict)
}

/// What the form sends.
#[derive(schemars::JsonSchema)]
#[schemars(rename = "VerifyForm")]
#[expect(dead_code, reason = "the schema alone is used")]
struct Form {
    /// Text of a code.
    code: Option<String>,
    /// A picture or PDF.
    file: Option<String>,
    /// Country of arrival, or nothing.
    country: Option<String>,
}

/// What was sent. Personal data: there is no `Debug`.
#[derive(Default)]
struct Sent {
    code: String,
    file: Bytes,
    country: String,
}

/// The field at fault and the key of the words for it.
type Wrong = (&'static str, &'static str);

fn form(frame: &Frame, sent: &Sent, wrong: Option<Wrong>) -> Response {
    let speech = frame.speech(&WORDS);
    let error = |name: &str| wrong.filter(|(field, _)| *field == name).map(|(_, key)| speech.say(key));
    let field = |name, label, hint, value, kind| {
        let field = Field {
            name,
            label: speech.say(label),
            hint: speech.say(hint),
            value,
            error: error(name),
            required: false,
            kind,
        };
        field.html()
    };
    let fields: Html = [
        field("code", "code", "code.hint", sent.code.as_str(), Kind::Area),
        field("file", "file", "file.hint", "", Kind::File { accept: "image/png,image/jpeg,application/pdf" }),
        field(
            "country",
            "country",
            "country.hint",
            sent.country.as_str(),
            Kind::Line { autocomplete: "off", mode: "text" },
        ),
    ]
    .into_iter()
    .collect();
    let errors: Vec<(&str, &str)> = wrong.iter().map(|(name, key)| (*name, speech.say(key))).collect();
    let slots = [("summary", summary(frame, &errors)), ("fields", fields)];
    let slots = slots.each_ref().map(|(name, html)| (*name, Made(html)));
    frame.page(speech.say("title"), &speech.fill(FORM, &slots))
}

async fn verdict(State(house): State<House>, frame: Frame, request: Request) -> Result<Response, ServiceError> {
    let sent = read(request).await?;
    let country = match sent.country.trim() {
        "" => None,
        text => match text.to_ascii_uppercase().parse::<Country>() {
            Ok(country) => Some(country),
            Err(_) => return Ok(form(&frame, &sent, Some(("country", "country.wrong")))),
        },
    };
    let (codes, seal) = match (sent.file.is_empty(), sent.code.trim()) {
        (true, "") => return Ok(form(&frame, &sent, Some(("code", "nothing")))),
        (true, text) => (of_text(text), Seal::Unknown),
        (false, _) if FileKind::of(&sent.file).is_none() => {
            return Ok(form(&frame, &sent, Some(("file", "file.wrong"))));
        }
        (false, _) => match picture::codes(sent.file.clone()).await {
            Ok(codes) => codes,
            // A photograph can be taken again; what hinders everybody is told as such.
            Err(VerifyError::Picture(_) | VerifyError::PictureSlow) => {
                return Ok(form(&frame, &sent, Some(("file", "file.unread"))));
            }
            Err(error) => return Err(error.into()),
        },
    };
    let known = house.live().current().await.map_err(VerifyError::NotReady)?;
    let (now, require) = (house.clock.now(), house.setup.verify.require_revocations);
    let judged = tokio::task::spawn_blocking(move || {
        let asked = Asking { codes: &codes, seal, country: country.as_ref() };
        judge(&known, &asked, &frame, now, require)
    });
    judged.await.map_err(|_| ServiceError::Worker)
}

/// The codes of a text. A letter or a chat may have broken one into lines; line ends are no characters of it.
fn of_text(text: &str) -> Vec<Vec<u8>> {
    match codes_in_text(text.as_bytes()) {
        Ok(codes) => {
            joined(codes.into_iter().map(|code| ((), code)).collect()).into_iter().map(|(_, code)| code).collect()
        }
        Err(_) => vec![text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect::<String>().into_bytes()],
    }
}

/// Reads either form of a form.
async fn read(request: Request) -> Result<Sent, ServiceError> {
    let text = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let mut sent = Sent::default();
    if text.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        let bytes = body::read(request, "application/x-www-form-urlencoded", SERVICE_FORM_BYTES).await?;
        for (name, value) in url::form_urlencoded::parse(&bytes) {
            match &*name {
                "code" => sent.code = value.into_owned(),
                "country" => sent.country = value.into_owned(),
                _ => {}
            }
        }
        return Ok(sent);
    }
    // A little more than the file and the code: boundaries, names, types.
    let mut form = body::form(request, VERIFY_PICTURE_BYTES + CODE_FILE_BYTES + 4_096).await?;
    let wrong = |_| ServiceError::Form;
    while let Some(field) = form.next_field().await.map_err(wrong)? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(wrong)?;
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        match name.as_str() {
            "code" => sent.code = text(),
            "country" => sent.country = text(),
            "file" => sent.file = bytes,
            _ => {}
        }
    }
    Ok(sent)
}

/// What is to be judged.
struct Asking<'a> {
    codes: &'a [Vec<u8>],
    /// What the seal of the file says in which they came.
    seal: Seal,
    country: Option<&'a Country>,
}

/// Judges every code and writes the page.
fn judge(known: &Known, asked: &Asking<'_>, frame: &Frame, now: Timestamp, require: bool) -> Response {
    let speech = frame.speech(&WORDS);
    let language = Language::from_code(speech.lang().code()).unwrap_or_default();
    let knowledge = &known.knowledge;
    let arrival = asked.country.map(|country| Arrival {
        country: country.as_str(),
        region: None,
        rules: &knowledge.rules,
        code_lists: &knowledge.code_lists,
        language: language.code(),
    });
    let verifier = knowledge.verifier(now).with_revocations(&knowledge.revocations, require).with_arrival(arrival);
    let verdicts: Vec<Verdict> = asked.codes.iter().map(|code| verifier.judge_in(code, asked.seal)).collect();
    let leaders = best(&verdicts);
    let shown = Shown { known, speech, language, now };
    let cards: Html = verdicts
        .iter()
        .zip(leaders)
        .enumerate()
        .map(|(n, (verdict, leader))| shown.card(n, verdict, leader == n))
        .collect();
    let title = match verdicts.as_slice() {
        [verdict] => language.decision(verdict.verdict).to_owned(),
        _ => speech.count("results", u64::try_from(verdicts.len()).unwrap_or(u64::MAX), &[]),
    };
    frame.page(&title, &speech.fill(PAGE, &[("title", Text(speech.say("result"))), ("cards", Made(&cards))]))
}

/// What cards are written with.
struct Shown<'a> {
    known: &'a Known,
    speech: Speech,
    language: Language,
    now: Timestamp,
}

impl Shown<'_> {
    fn card(&self, n: usize, verdict: &Verdict, counts: bool) -> Html {
        let speech = self.speech;
        let words = Explanation::of(verdict, self.language);
        let (class, sign) = match verdict.verdict {
            Decision::Accepted => ("accepted", "✓"),
            Decision::Rejected => ("rejected", "✕"),
            Decision::Undecided => ("undecided", "?"),
        };
        let (cause, next) = match words.reason {
            Some(reason) => (sentence(reason.cause), sentence(reason.next)),
            None => (speech.say("accepted.cause").to_owned(), speech.say("accepted.next").to_owned()),
        };
        let note = |text: &str| fill(NOTE, &[("text", Text(text))]);
        let held = if counts { Html::default() } else { note(speech.say("held")) };
        let warnings: Html = words.warnings.iter().map(|warning| note(&sentence(warning.text))).collect();
        let check = |check: &crate::verify::words::CheckWords| {
            let sign = match check.outcome {
                Check::Passed => "✓",
                Check::Failed => "✕",
                Check::Open => "?",
                Check::NoRules | Check::Unchecked => "–",
            };
            fill(CHECK, &[("sign", Text(sign)), ("text", Text(&sentence(check.text)))])
        };
        let rows = self.rows(verdict);
        let row = |(label, value): &(String, String)| fill(ROW, &[("label", Text(label)), ("value", Text(value))]);
        speech.fill(
            CARD,
            &[
                ("n", Text(&(n + 1).to_string())),
                ("class", Text(class)),
                ("sign", Text(sign)),
                ("decision", Text(words.verdict)),
                ("cause", Text(&cause)),
                ("next", Text(&next)),
                ("held", Made(&held)),
                ("warnings", Made(&warnings)),
                ("rows", Made(&rows.iter().map(row).collect())),
                ("checks", Made(&words.checks.iter().map(check).collect())),
            ],
        )
    }

    /// Holder, what the certificate states, who signed, how old the lists are.
    fn rows(&self, verdict: &Verdict) -> Vec<(String, String)> {
        let (speech, lang) = (self.speech, self.speech.lang());
        let mut rows: Vec<(String, String)> = Vec::new();
        let mut add = |key: &str, value: String| rows.push((speech.say(key).to_owned(), value));
        if let Some(holder) = &verdict.holder {
            add("name", holder.name.clone());
            add("name.latin", holder.standardised_name.clone());
            let born = &holder.date_of_birth;
            add("born", if born.is_empty() { speech.say("unknown").to_owned() } else { born.clone() });
        }
        if let Some(code) = &verdict.issuer.country {
            let name = country(code);
            let passed = verdict.checks.signature == Check::Passed;
            add("signed", if passed { name } else { speech.with("unverified", &[("country", &name)]) });
        }
        if verdict.checks.decode == Check::Passed {
            let lists = self.known.knowledge.trust.lists().iter();
            let asked = lists.filter(|list| verdict.issuer.list.as_ref().is_none_or(|name| *name == list.name));
            for list in asked {
                let made = list.made_at.or(list.newest_entry);
                let text = match made {
                    Some(made) => speech.with("list.made", &[("list", &list.name), ("time", &lang.moment(made))]),
                    None => list.name.clone(),
                };
                add("list", text);
            }
        }
        add("time", lang.moment(self.now));
        rows.extend(verdict.id.iter().map(|id| (speech.say("id").to_owned(), id.clone())));
        if let Some(content) = &verdict.content {
            let statement = Statement::of(content, self.known.knowledge.value_sets());
            let said = statement.rows.into_iter().map(|(label, value)| (capital(self.language.label(label)), value));
            rows.splice(rows.len().min(3)..rows.len().min(3), said);
        }
        rows
    }
}

/// A sentence of the verifier begins small in some languages and has no full stop; on a page it stands alone.
fn sentence(text: &str) -> String {
    let end = if text.ends_with(['.', '።', '।', '!', '?', '؟']) { "" } else { "." };
    format!("{}{end}", capital(text))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}
