//! Many certificates, revoked at once.

use axum::{
    extract::{Request, State},
    http::header,
};
use jiff::{Timestamp, civil::Date};

use super::{
    error::CertificateError,
    handlers::{self, Answer},
    read::{self, Fields},
    wire,
};
use crate::{
    access::Actor,
    limits::{REVOCATION_BODY_BYTES, REVOCATION_SELECTION},
    registry::{Reason, Selection},
    service::{House, ServiceError, body},
    work::desk::{Bulk, Line, Names, Order},
};

/// What is to be done.
struct Asked {
    what: Bulk,
    reason: Reason,
    note: String,
    dry_run: bool,
    confirm: Option<usize>,
}

pub(super) async fn revoke(State(house): State<House>, actor: Actor, request: Request) -> Answer {
    let sent = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let csv = sent.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("text/csv");
    let Asked { what, reason, note, dry_run, confirm } =
        if csv { of_csv(request).await? } else { of_json(request).await? };
    let order = Order { actor: &actor, reason: &note };
    let done = handlers::desk(&house)?.revoke_many(what, reason, dry_run, confirm, order).await?;
    handlers::json(&wire::BulkAnswer::from(done))
}

async fn of_json(request: Request) -> Result<Asked, ServiceError> {
    let known = ["reason", "note", "dry_run", "confirm", "ids", "selection"];
    let (fields, _) = Fields::read(request, REVOCATION_BODY_BYTES, &known).await?;
    let reason = fields.revocation()?;
    let what = match (fields.texts("ids")?, fields.inner("selection", &SELECTION)?) {
        (Some(ids), None) => {
            let line = |(id, number)| Line { number, id, reason: None };
            Bulk::Names(Names { lines: ids.into_iter().zip(1..).map(line).collect() })
        }
        (None, Some(selection)) => Bulk::Selection(Box::new(selected(&selection)?)),
        _ => return Err(CertificateError::OneOf { one: "ids", other: "selection" }.into()),
    };
    Ok(Asked {
        what,
        reason,
        note: read::note(reason, fields.text("note")?)?,
        dry_run: fields.flag("dry_run")?,
        confirm: fields.number("confirm")?,
    })
}

const SELECTION: [&str; 7] = ["facility", "operator", "lot", "issued_from", "issued_to", "given_from", "given_to"];

fn selected(fields: &Fields) -> Result<Selection, CertificateError> {
    let time = |field| fields.parsed::<Timestamp>(field, "a time as in RFC 3339, such as 2026-11-21T22:00:00+05:30");
    let day = |field| fields.parsed::<Date>(field, "a day as YYYY-MM-DD");
    Ok(Selection {
        facility: fields.text("facility")?,
        operator: fields.text("operator")?,
        lot: fields.text("lot")?,
        issued_from: time("issued_from")?,
        issued_until: time("issued_to")?,
        given_from: day("given_from")?,
        given_until: day("given_to")?,
    })
}

async fn of_csv(request: Request) -> Result<Asked, ServiceError> {
    let (mut reason, mut note, mut dry_run) = (None, None, false);
    for (name, value) in url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()) {
        match &*name {
            "reason" => reason = Some(value.into_owned()),
            "note" => note = Some(value.trim().to_owned()).filter(|note| !note.is_empty()),
            "dry_run" => {
                let form = "true or false";
                dry_run = value.parse().map_err(|_| CertificateError::Query { name: "dry_run", form })?;
            }
            _ => {}
        }
    }
    let reason = read::revocation_reason(reason.as_deref())?;
    let note = read::note(reason, note)?;
    let bytes = body::read(request, "text/csv", REVOCATION_BODY_BYTES).await?;
    let lines = lines(&bytes)?;
    Ok(Asked { what: Bulk::Names(Names { lines }), reason, note, dry_run, confirm: None })
}

/// Reads a list: one identifier a line, or a table with a column `id` and perhaps a column `reason`.
fn lines(bytes: &[u8]) -> Result<Vec<Line>, CertificateError> {
    // The mark that some spreadsheets put in front.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let delimiter = [b';', b'\t'].into_iter().find(|mark| first.contains(mark)).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new();
    reader.has_headers(false).flexible(true).trim(csv::Trim::All).delimiter(delimiter);
    let (mut lines, mut columns, mut begun) = (Vec::new(), (0, None), false);
    for (record, number) in reader.from_reader(bytes).into_byte_records().zip(1..) {
        let wrong = |problem| CertificateError::Line { line: number, problem };
        let record = record.map_err(|_| wrong("it is no line of a table"))?;
        let text = |column: usize| record.get(column).and_then(|field| std::str::from_utf8(field).ok());
        if !begun {
            begun = true;
            let named = |name: &str| (0..record.len()).find(|&c| text(c).is_some_and(|t| t.eq_ignore_ascii_case(name)));
            match named("id") {
                Some(id) => {
                    columns = (id, named("reason"));
                    continue;
                }
                None if record.len() > 1 => return Err(CertificateError::NoColumn),
                None => {}
            }
        }
        if lines.len() >= REVOCATION_SELECTION {
            return Err(wrong("the list is too long: divide it"));
        }
        let own = columns.1.and_then(text).filter(|word| !word.is_empty());
        let form = "its reason is none of fraud, error, lot, key, holder and other";
        let reason = own.map(|word| read::revocation_reason(Some(word)).map_err(|_| wrong(form))).transpose()?;
        lines.push(Line { number, id: text(columns.0).unwrap_or_default().to_owned(), reason });
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<(u64, String)> {
        lines(text.as_bytes()).unwrap().into_iter().map(|line| (line.number, line.id)).collect()
    }

    #[test]
    fn lists_of_every_kind() {
        let both = [(1, "A".to_owned()), (2, "B".to_owned())];
        assert_eq!(ids("A\nB\n"), both);
        assert_eq!(ids("\u{feff}A\r\nB"), both);
        assert_eq!(ids("name;ID;reason\nx;A;fraud\ny;B;\n"), [(2, "A".to_owned()), (3, "B".to_owned())]);
        assert!(matches!(lines(b"name,number\nx,1\n"), Err(CertificateError::NoColumn)));
        assert!(matches!(lines(b"id,reason\nA,superseded\n"), Err(CertificateError::Line { line: 2, .. })));
        let found = lines(b"id,reason\nA,Fraud\n\xff\xfe,lot\n").unwrap();
        assert_eq!(found[0].reason, Some(Reason::Fraud));
        assert_eq!(found[1].id, "", "not text, so no identifier");
        assert!(lines(b"").unwrap().is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_lines_or_a_refusal(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
            let _ = lines(&bytes);
        }
    }
}
