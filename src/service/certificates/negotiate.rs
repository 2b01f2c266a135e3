//! In which form a certificate is asked for: by the query, or by the header `Accept` (RFC 9110, section 12.5.1).

use std::borrow::Cow;

use axum::http::{HeaderMap, Uri, header};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::error::CertificateError;
use crate::{
    batch::Part,
    document::{Language, Layout, Look, Order},
    issue::Format,
    wallet::PKPASS,
    work,
};

/// A form of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Form {
    /// How it stands, with its signed texts.
    Json,
    /// The paper.
    Pdf,
    /// The code of a format as a picture.
    Png,
    /// The code of a format as a drawing.
    Svg,
    /// The signed text of a format.
    Text,
    /// The FHIR document of the WHO core data set.
    Fhir,
    /// The archive that the code of linked data holds.
    Zip,
    /// A pass for Apple's wallet.
    Pkpass,
}

/// A format by name, for the description.
pub(super) struct FormatName;

impl JsonSchema for FormatName {
    fn schema_name() -> Cow<'static, str> {
        "Format".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "enum": Format::ALL.map(Format::name)})
    }
}

/// A layout of the paper by name, for the description.
pub(super) struct LayoutName;

impl JsonSchema for LayoutName {
    fn schema_name() -> Cow<'static, str> {
        "Layout".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "enum": Layout::all().map(Layout::name).collect::<Vec<_>>()})
    }
}

/// A size of paper by name, likewise.
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "it is a description alone")]
pub(super) enum PaperSize {
    /// 210 by 297 mm.
    A4,
    /// 8.5 by 11 inches.
    Letter,
}

/// A language of the paper by its tag, likewise.
pub(super) struct PaperLanguage;

impl JsonSchema for PaperLanguage {
    fn schema_name() -> Cow<'static, str> {
        "PaperLanguage".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "enum": Language::all().map(Language::tag).collect::<Vec<_>>()})
    }
}

impl Form {
    const ALL: [Self; 8] =
        [Self::Json, Self::Pdf, Self::Png, Self::Svg, Self::Text, Self::Fhir, Self::Zip, Self::Pkpass];
    /// Those that are no JSON of this service.
    pub(super) const DRAWN: [Self; 7] =
        [Self::Pdf, Self::Png, Self::Svg, Self::Text, Self::Fhir, Self::Zip, Self::Pkpass];

    /// Its name in the query.
    fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Text => "text",
            Self::Fhir => "fhir",
            Self::Zip => "zip",
            Self::Pkpass => "pkpass",
        }
    }

    /// Its media type.
    pub(super) fn media(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Svg => "image/svg+xml",
            Self::Text => "text/plain",
            Self::Fhir => "application/fhir+json",
            Self::Zip => "application/zip",
            Self::Pkpass => PKPASS,
        }
    }

    /// The file that it is, in a format.
    pub(super) fn part(self, format: Format) -> Option<Part> {
        match self {
            Self::Json | Self::Pkpass => None,
            Self::Pdf => Some(Part::Pdf),
            Self::Png => Some(Part::Png(format)),
            Self::Svg => Some(Part::Svg(format)),
            Self::Text => Some(Part::Text(format)),
            Self::Fhir => Some(Part::FhirDocument),
            Self::Zip => Some(Part::Archive),
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) form: Form,
    pub(super) format: Option<Format>,
    /// How the paper is to be, where it is paper.
    pub(super) order: Order,
}

impl Wanted {
    /// Reads it; the query goes before the header, and JSON is given where nothing is said.
    pub(super) fn of(uri: &Uri, headers: &HeaderMap, look: &Look) -> Result<Self, CertificateError> {
        let (mut named, mut format, mut order) = (None, None, Order::default());
        for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            match &*name {
                "as" => {
                    let wrong = CertificateError::Query {
                        name: "as",
                        form: "one of json, pdf, png, svg, text, fhir, zip and pkpass, once",
                    };
                    let found = Form::ALL.into_iter().find(|form| form.name() == value).filter(|_| named.is_none());
                    named = Some(found.ok_or(wrong)?);
                }
                "format" => {
                    let wrong = CertificateError::Query {
                        name: "format",
                        form: "one of eu-dcc, ddcc, icvp, divoc and divoc-cwt, once",
                    };
                    let found = value.parse().ok().filter(|_| format.is_none());
                    format = Some(found.ok_or(wrong)?);
                }
                // What a proxy or a link tracker adds is none of ours.
                other => {
                    let wrong = |work::WrongChoice { name, form }| CertificateError::Query { name, form };
                    work::choose(&mut order, look, other, &value).map_err(wrong)?;
                }
            }
        }
        let form = match named {
            Some(form) => form,
            None => accepted(headers)?,
        };
        Ok(Self { form, format, order })
    }
}

/// The form of the highest quality; of several, the one that the most specific range names, and then the first of ours.
fn accepted(headers: &HeaderMap) -> Result<Form, CertificateError> {
    let ranges: Vec<(String, u16)> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(range)
        .collect();
    if ranges.is_empty() {
        return Ok(Form::Json);
    }
    let mut best: Option<(u16, u8, Form)> = None;
    for form in Form::ALL {
        let media = form.media();
        let kind = media.split('/').next().unwrap_or_default();
        let specific = |range: &str| match range {
            _ if range == media => 3,
            _ if range.strip_suffix("/*") == Some(kind) => 2,
            "*/*" => 1,
            _ => 0_u8,
        };
        // The most specific range says the quality of a form (section 12.5.1), whatever order they stand in.
        let said = ranges.iter().map(|(range, quality)| (specific(range), *quality)).filter(|(s, _)| *s > 0);
        let Some((specificity, quality)) = said.max_by_key(|(specific, _)| *specific) else { continue };
        if quality > 0 && best.is_none_or(|(best, how, _)| (quality, specificity) > (best, how)) {
            best = Some((quality, specificity, form));
        }
    }
    let forms = || Form::ALL.map(Form::media).join(", ");
    best.map(|(_, _, form)| form).ok_or_else(|| CertificateError::NotAcceptable { forms: forms() })
}

/// A media range with its quality in thousandths; `None` for what is none.
fn range(text: &str) -> Option<(String, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let media = parts.next().filter(|media| media.contains('/'))?.to_ascii_lowercase();
    let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let quality = match quality {
        None => 1_000,
        Some(text) => thousandths(text)?,
    };
    Some((media, quality))
}

/// `0.25` as 250 (RFC 9110, section 12.4.2).
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part: u16 = format!("{part:0<3}").parse().ok()?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(query: &str, accept: Option<&str>) -> Result<Wanted, CertificateError> {
        let uri: Uri = format!("/v1/certificates/X{query}").parse().unwrap();
        let mut headers = HeaderMap::new();
        if let Some(accept) = accept {
            headers.insert(header::ACCEPT, accept.parse().unwrap());
        }
        Wanted::of(&uri, &headers, &Look::default())
    }

    #[test]
    fn accept_and_query_say_the_form() {
        let form = |accept| wanted("", accept).unwrap().form;
        assert_eq!(form(None), Form::Json);
        assert_eq!(form(Some("*/*")), Form::Json);
        assert_eq!(form(Some("application/pdf")), Form::Pdf);
        assert_eq!(form(Some("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8")), Form::Json);
        assert_eq!(form(Some("image/*")), Form::Png);
        assert_eq!(form(Some("application/json;q=0.2, image/svg+xml")), Form::Svg);
        assert_eq!(form(Some("application/pdf;q=0.5, text/plain;q=0.500")), Form::Pdf);
        assert_eq!(form(Some("image/png;q=0, image/*")), Form::Svg);
        assert_eq!(form(Some("nonsense, image/png")), Form::Png);
        assert_eq!(form(Some("APPLICATION/FHIR+JSON")), Form::Fhir);
        assert_eq!(form(Some("application/vnd.apple.pkpass")), Form::Pkpass);
        assert_eq!(form(Some("application/*")), Form::Json);
        for none in ["text/html", "image/png;q=0", "video/*"] {
            assert!(matches!(wanted("", Some(none)), Err(CertificateError::NotAcceptable { .. })), "{none}");
        }
        let both = wanted("?format=icvp&as=png&utm=1", Some("application/pdf")).unwrap();
        assert_eq!(both, Wanted { form: Form::Png, format: Some(Format::Icvp), order: Order::default() });
        for wrong in ["?as=gif", "?as=png&as=svg", "?format=eudcc", "?format=", "?as="] {
            assert!(matches!(wanted(wrong, None), Err(CertificateError::Query { .. })), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_header_is_a_form_or_a_refusal(accept in "[ -~]{0,60}") {
            let _ = wanted("", Some(&accept));
        }
    }
}
