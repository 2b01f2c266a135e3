//! The FHIR document `ddcc.json` of a certificate: what its DDCC says, with the codes that were issued for it.

use super::output::PICTURE_SCALE;
use crate::{
    barcode::{Level, Qr},
    issue::{Format, Issued, Says},
    payload::ddcc::fhir::{DocumentError, Issue, QrCode, document},
};

/// Usages of codes in the document (code system `DDCC-QR-Category-Usage-CodeSystem`).
const USAGES: [(Format, &str); 2] = [(Format::Ddcc, "who"), (Format::EuDcc, "dcc")];

/// The document; `None` when the certificate has no DDCC.
pub(super) fn document_of(issued: &Issued, level: Level) -> Option<Result<Vec<u8>, DocumentError>> {
    let envelope = issued.envelope(Format::Ddcc)?;
    let Says::Ddcc(ddcc) = envelope.says()? else { return None };
    let texts: Vec<(&str, &str, Option<Vec<u8>>)> = USAGES
        .into_iter()
        .filter_map(|(format, usage)| {
            let text = issued.envelope(format)?.text.as_str();
            let png = Qr::encode(text, level).and_then(|qr| qr.to_png(PICTURE_SCALE)).ok();
            Some((usage, text, png))
        })
        .collect();
    let codes: Vec<QrCode<'_>> =
        texts.iter().map(|(usage, text, png)| QrCode { usage, text, png: png.as_deref() }).collect();
    let issue = Issue { issued_at: envelope.issued_at, valid_until: envelope.expires_at, codes: &codes };
    Some(document(&ddcc, issue).map(|document| {
        let mut bytes = serde_json::to_vec_pretty(&document).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }))
}
