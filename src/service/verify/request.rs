//! What is asked: the options of the query or of the JSON, and the codes of every kind of body.

use axum::{body::Bytes, extract::Request, http::header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::VerifyError;
use crate::{
    config::VerifyOptions,
    envelope::{
        detect::detect,
        json::{self, JsonError},
    },
    limits::{CODE_FILE_BYTES, VERIFY_BODY_BYTES, VERIFY_CODES, VERIFY_PICTURE_BYTES},
    record::Country,
    service::{ServiceError, body},
    verify::{TextError, codes_in_text, joined, words::Language},
};

/// What is wanted of every code.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub(super) country: Option<Country>,
    pub(super) region: Option<String>,
    pub(super) at: Option<Timestamp>,
    pub(super) rules: bool,
    pub(super) explain: bool,
    pub(super) language: Language,
    pub(super) payload: bool,
}

/// The codes as they came. Personal data: there is no `Debug`.
pub(super) enum Body {
    /// The text of one code.
    Text(Vec<u8>),
    /// Several codes.
    Codes(Vec<Vec<u8>>),
    /// A picture or PDF.
    File(Bytes),
}

/// A request.
pub(super) struct Asked {
    pub(super) body: Body,
    pub(super) wanted: Wanted,
}

/// Names of the options.
const OPTIONS: [&str; 7] = ["country", "region", "at", "rules", "explain", "lang", "payload"];

/// The media types that are taken, for who sends another.
const MEDIA: &str = "text/plain, application/json, image/png, image/jpeg, application/pdf or multipart/form-data";

/// Reads a request, bounded in size and time.
pub(super) async fn read(request: Request, allowed: &VerifyOptions) -> Result<Asked, ServiceError> {
    let mut wanted = Wanted { rules: true, ..Wanted::default() };
    let mut seen = Vec::new();
    for (name, value) in url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()) {
        let name = OPTIONS.into_iter().find(|known| *known == name).ok_or(VerifyError::Option)?;
        if seen.contains(&name) {
            return Err(VerifyError::Twice { name }.into());
        }
        seen.push(name);
        wanted.set(name, &Json::String(value.into_owned()), allowed)?;
    }
    let sent = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = sent.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let body = match essence.as_str() {
        // Two more bytes for the line end that files and tools add.
        "text/plain" => of_text(body::read(request, "text/plain", CODE_FILE_BYTES + 2).await?)?,
        "application/json" => {
            let bytes = body::read(request, "application/json", VERIFY_BODY_BYTES).await?;
            of_json(&bytes, &mut wanted, allowed)?
        }
        "image/png" => of_file(body::read(request, "image/png", VERIFY_PICTURE_BYTES).await?),
        "image/jpeg" => of_file(body::read(request, "image/jpeg", VERIFY_PICTURE_BYTES).await?),
        "application/pdf" => of_file(body::read(request, "application/pdf", VERIFY_PICTURE_BYTES).await?),
        "multipart/form-data" => of_form(request).await?,
        _ => return Err(ServiceError::MediaType { expected: MEDIA }),
    };
    Ok(Asked { body, wanted })
}

fn of_file(bytes: Vec<u8>) -> Body {
    Body::File(bytes.into())
}

/// One code; a scanner may also have read anything else, and that is rejected as any other code is.
fn of_text(bytes: Vec<u8>) -> Result<Body, VerifyError> {
    match codes_in_text(&bytes) {
        Ok(mut codes) if codes.len() == 1 => Ok(Body::Text(codes.pop().unwrap_or_default())),
        Ok(codes) => {
            let mut joined = without_places(joined(with_places(codes)));
            Ok(if joined.len() == 1 { Body::Text(joined.pop().unwrap_or_default()) } else { Body::Codes(joined) })
        }
        // Somebody pasted a list; every other text of several lines is some other symbol that a camera saw.
        Err(TextError::ManyLines) if lines_of_codes(&bytes) > 1 => Err(VerifyError::Several),
        Err(_) => Ok(Body::Text(bytes)),
    }
}

fn with_places(codes: Vec<Vec<u8>>) -> Vec<((), Vec<u8>)> {
    codes.into_iter().map(|code| ((), code)).collect()
}

fn without_places(codes: Vec<((), Vec<u8>)>) -> Vec<Vec<u8>> {
    codes.into_iter().map(|((), code)| code).collect()
}

fn lines_of_codes(bytes: &[u8]) -> usize {
    // Shorter lines are some other text that only begins like a code.
    let codes = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| line.len() > 64);
    codes.filter(|line| detect(line).is_some()).take(2).count()
}

/// `{"codes": ["HC1:…", {"base64": "…"}], "country": "XX", …}`: options beside the codes win over the query's.
fn of_json(bytes: &[u8], wanted: &mut Wanted, allowed: &VerifyOptions) -> Result<Body, ServiceError> {
    let form = |line, column, problem| VerifyError::Form { line, column, problem };
    let read = json::read(bytes).map_err(|error| match error {
        JsonError::Form { line, column } => form(line, column, "this is not JSON"),
        JsonError::Twice { .. } => form(1, 1, "a name stands twice in one object"),
    })?;
    let Json::Object(mut members) = read else { return Err(form(1, 1, "this is JSON, but no object").into()) };
    let codes = members.remove("codes");
    for (name, value) in &members {
        let known = OPTIONS.into_iter().find(|known| known == name);
        let known = known.ok_or_else(|| form(1, 1, "there is a name beside \"codes\" that is no option"))?;
        wanted.set(known, value, allowed)?;
    }
    let Some(Json::Array(codes)) = codes else { return Err(form(1, 1, "\"codes\" is missing, or no list").into()) };
    if codes.is_empty() {
        return Err(VerifyError::NoCodes.into());
    }
    if codes.len() > VERIFY_CODES {
        return Err(VerifyError::TooMany.into());
    }
    let mut all = Vec::with_capacity(codes.len());
    for (index, code) in codes.into_iter().enumerate() {
        let number = index + 1;
        let bytes = match code {
            Json::String(text) => text.into_bytes(),
            Json::Object(code) => of_base64(&code, number)?,
            _ => return Err(form(1, 1, "a code is neither a text nor {\"base64\": \"…\"}").into()),
        };
        if bytes.len() > CODE_FILE_BYTES {
            return Err(VerifyError::CodeTooLong { number }.into());
        }
        all.push(bytes);
    }
    // Parts of a health card make one verdict less.
    Ok(Body::Codes(without_places(joined(with_places(all)))))
}

/// A code that is no text (DIVOC).
fn of_base64(code: &Map<String, Json>, number: usize) -> Result<Vec<u8>, VerifyError> {
    match (code.get("base64"), code.len()) {
        (Some(Json::String(text)), 1) => STANDARD.decode(text).map_err(|_| VerifyError::Base64 { number }),
        _ => {
            Err(VerifyError::Form { line: 1, column: 1, problem: "a code is neither a text nor {\"base64\": \"…\"}" })
        }
    }
}

/// The first field `file` of an upload.
async fn of_form(request: Request) -> Result<Body, ServiceError> {
    // A little more than the file: the boundary, the name, the type.
    let mut form = body::form(request, VERIFY_PICTURE_BYTES + 4_096).await?;
    while let Some(field) = form.next_field().await.map_err(|_| ServiceError::Form)? {
        if field.name() == Some("file") {
            let bytes = field.bytes().await.map_err(|_| ServiceError::Form)?;
            if bytes.len() > VERIFY_PICTURE_BYTES {
                return Err(VerifyError::PictureLarge.into());
            }
            if bytes.is_empty() {
                return Err(VerifyError::NoFile.into());
            }
            return Ok(Body::File(bytes));
        }
    }
    Err(VerifyError::NoFile.into())
}

impl Wanted {
    fn set(&mut self, name: &'static str, value: &Json, allowed: &VerifyOptions) -> Result<(), VerifyError> {
        let wrong = |problem| VerifyError::Value { name, problem };
        let text = || value.as_str().ok_or_else(|| wrong("is no text: write it in quotes"));
        let flag = || match value {
            Json::Bool(flag) => Ok(*flag),
            Json::String(text) if text == "true" => Ok(true),
            Json::String(text) if text == "false" => Ok(false),
            _ => Err(wrong("is neither true nor false: write one of the two")),
        };
        match name {
            "country" => {
                let country = text()?.parse().map_err(|_| wrong("is no country code: write two capital letters"))?;
                self.country = Some(country);
            }
            "region" => {
                let region = text()?;
                if region.is_empty() || region.len() > 5 || !region.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    return Err(wrong("is no region: write one to five letters and digits"));
                }
                self.region = Some(region.to_ascii_uppercase());
            }
            "at" => {
                if !allowed.any_time {
                    return Err(VerifyError::Time);
                }
                let at = text()?.parse().map_err(|_| wrong("is no time: write it as 2026-11-22T10:00:00Z"))?;
                self.at = Some(at);
            }
            "lang" => {
                let language = Language::from_code(text()?);
                self.language =
                    language.ok_or_else(|| wrong("is no language that there is: write en, fr, es, pt, …"))?;
            }
            "rules" => self.rules = flag()?,
            "explain" => self.explain = flag()?,
            _ => self.payload = flag()?,
        }
        Ok(())
    }
}
