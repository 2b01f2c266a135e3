//! Entry point for seals and links: what is read must read again as the same, and shows nothing that it must not.

use serde_json::Value as Json;
use vaccert::{
    envelope::{
        detect::{Envelope, detect},
        health_link::{self, HealthLink},
        linked_data::jcs,
        vdsnc::Seal,
    },
    keys::Certificate,
    payload::vdsnc::{Reading, to_core},
    trust::cms::SignedData,
    verify::{Decision, Format, Verifier},
};

use super::entries::Entry;

/// The entry points by the names of their targets.
pub const ENTRIES: &[Entry] = &[("seals", seals)];

/// A seal, a link, a certificate: whatever the bytes look like.
pub fn seals(data: &[u8]) {
    if let Ok(certificate) = Certificate::from_der(data) {
        let _ = certificate.profile();
    }
    let _ = SignedData::read(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    canonical(text);
    seal(text);
    link(text);
}

fn judge(text: &str) -> vaccert::verify::Verdict {
    let store = vaccert::trust::TrustStore::new();
    let at = jiff::Timestamp::from_second(1_795_262_400).expect("a time");
    let verdict = Verifier::new(&store, at).with_payload(true).judge(text);
    assert!(verdict.verdict != Decision::Accepted, "nobody is believed");
    verdict
}

/// A canonical text is its own canonical form.
fn canonical(text: &str) {
    let Ok(value) = serde_json::from_str::<Json>(text) else { return };
    let mut once = String::new();
    if jcs::write(&value, &mut once).is_err() {
        return;
    }
    let again: Json = serde_json::from_str(&once).expect("canonical JSON is JSON");
    assert_eq!(again, value, "the canonical form says something else");
    let mut twice = String::new();
    jcs::write(&again, &mut twice).expect("it was written before");
    assert_eq!(once, twice);
}

fn seal(text: &str) {
    let Ok(seal) = Seal::read(text) else { return };
    let signed: Json = serde_json::from_slice(seal.signed_bytes()).expect("what is signed is JSON");
    assert_eq!(signed["msg"], seal.message);
    assert_eq!(detect(text.as_bytes()), Some(Envelope::VdsNc), "read, and not told apart");
    if let Ok(reading) = Reading::of(&seal) {
        let core = to_core(&reading.vdsnc);
        assert!(!core.events.is_empty(), "a proof of nothing");
    }
    let verdict = judge(text);
    assert_eq!(verdict.format, Format::VdsNc);
    assert!(verdict.holder.is_none() && verdict.payload.is_none(), "shown without a signature");
}

fn link(text: &str) {
    let Ok(link) = HealthLink::read(text) else { return };
    assert!(health_link::looks_like(text));
    assert!(!link.host.is_empty() && link.host.is_ascii());
    assert!(!link.label.unwrap_or_default().contains(char::is_control));
    assert_eq!(judge(text).reason.map(|reason| reason.code()), Some("link-not-certificate"));
}
