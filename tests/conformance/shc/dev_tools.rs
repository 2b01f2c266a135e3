//! The test data of the health cards developer tools: what each file is, and what our verifier must make of it.
//! The names say the fault. A few are faults of issuing alone (sizes, blanks, metadata) in a card whose meaning and
//! signature are sound: those are accepted with a warning, because a traveller cannot mend them. Every file of the
//! folder must stand in a table, so that none is passed over.

use std::collections::BTreeSet;

use vaccert::{
    envelope::shc,
    verify::{Check, Warning},
};

use super::*;

/// Files whose signature somebody made: name, outcome, a warning that must be there, why.
const SIGNED: &[(&str, &str, Option<Warning>, &str)] = &[
    (
        "test-example-00-d-jws-bad-fhir-metadata.txt",
        "accepted",
        Some(Warning::NonStandardContent),
        "metadata is forbidden to save room; it changes no meaning",
    ),
    ("test-example-00-d-jws-der-signature-r-neg.txt", "rejected signature-invalid", None, "DER is no JWS signature"),
    ("test-example-00-d-jws-der-signature-rs-neg.txt", "rejected signature-invalid", None, "DER is no JWS signature"),
    ("test-example-00-d-jws-der-signature-s-neg.txt", "rejected signature-invalid", None, "DER is no JWS signature"),
    ("test-example-00-d-jws-der-signature.txt", "rejected signature-invalid", None, "DER is no JWS signature"),
    ("test-example-00-d-jws-invalid-signature.txt", "rejected signature-invalid", None, "as its name says"),
    (
        "test-example-00-d-jws-issuer-kid-mismatch.txt",
        "undecided issuer-unknown",
        None,
        "a key that the issuer does not publish",
    ),
    (
        "test-example-00-d-jws-issuer-not-valid-with-smart-key.txt",
        "undecided issuer-unknown",
        None,
        "a key that is bound to another address",
    ),
    (
        "test-example-00-d-jws-jws_too_long.txt",
        "undecided issuer-unknown",
        None,
        "too long for one code, which a text is not; of an issuer that no list has",
    ),
    ("test-example-00-d-jws-no_deflate.txt", "rejected not-compressed", None, "zip SHALL be DEF"),
    ("test-example-00-d-jws-no_jws_header_alg.txt", "rejected algorithm-missing", None, "alg SHALL be ES256"),
    ("test-example-00-d-jws-no_jws_header_kid.txt", "rejected kid-missing", None, "kid SHALL be there"),
    ("test-example-00-d-jws-no_jws_header_zip.txt", "rejected not-compressed", None, "zip SHALL be DEF"),
    (
        "test-example-00-d-jws-trailing_chars.txt",
        "accepted",
        Some(Warning::PaddedText),
        "blanks around the text are not signed and change nothing",
    ),
    (
        "test-example-00-d-jws-utf8_bom_prefix.txt",
        "rejected json-invalid",
        None,
        "RFC 8259 section 8.1: a mark SHALL NOT be added; readers part ways on it",
    ),
    ("test-example-00-d-jws-wrong_jws_header_kid.txt", "undecided issuer-unknown", None, "nobody's key"),
    (
        "test-example-00-e-file-bad_jwks.smart-health-card",
        "undecided issuer-unknown",
        None,
        "an address that no list has",
    ),
    (
        "test-example-00-e-file-invalid_deflate.smart-health-card",
        "rejected compression-invalid",
        None,
        "a frame of zlib",
    ),
    (
        "test-example-00-e-file-invalid_issuer_url.smart-health-card",
        "undecided issuer-unknown",
        None,
        "an address that no list has",
    ),
    (
        "test-example-00-e-file-invalid_issuer_url_http.smart-health-card",
        "rejected content-invalid",
        None,
        "iss SHALL use https",
    ),
    (
        "test-example-00-e-file-issuer_url_with_trailing_slash.smart-health-card",
        "rejected content-invalid",
        None,
        "iss SHALL NOT end in a slash",
    ),
    (
        "test-example-00-e-file-jws_too_long.smart-health-card",
        "undecided issuer-unknown",
        None,
        "as the bare text of the same card",
    ),
    (
        "test-example-00-e-file-multi-jws-issues.smart-health-card",
        "rejected algorithm-missing",
        None,
        "the worst of its two cards",
    ),
    ("test-example-00-e-file-multi-jws.smart-health-card", "accepted", None, "two cards, both good"),
    ("test-example-00-e-file-no_deflate.smart-health-card", "rejected not-compressed", None, "zip SHALL be DEF"),
    ("test-example-00-e-file-trailing_chars.smart-health-card", "accepted", None, "blanks around JSON are JSON"),
    ("test-example-00-e-file.wrong-extension", "accepted", None, "content counts, not names"),
    ("test-example-00-fhirhealthcard-multi-jws.json", "accepted", None, "two cards from a FHIR server"),
    ("test-example-00-fhirhealthcard-with-resource-link.json", "accepted", None, "two cards from a FHIR server"),
    ("test-example-00-fhirhealthcard.json", "accepted", None, "a card from a FHIR server"),
    ("test-example-00-f-qr-code-numeric-value-0-index-out-of-range.txt", "rejected jws-invalid", None, "3 of 2"),
    (
        "test-example-00-f-qr-code-numeric-value-0-number-too-big.txt",
        "rejected jws-invalid",
        None,
        "a pair that stands for no character",
    ),
    ("test-example-00-f-qr-code-numeric-value-0-odd-count.txt", "rejected jws-invalid", None, "half a character"),
    (
        "test-example-00-f-qr-code-numeric-value-0-trailing_chars.txt",
        "accepted",
        Some(Warning::PaddedText),
        "blanks around the text",
    ),
    (
        "test-example-00-f-qr-code-numeric-value-0-wrong-multi-chunk.txt",
        "accepted",
        Some(Warning::ChunkedCode),
        "1 of 1, needlessly",
    ),
    (
        "test-example-00-f-qr-code-numeric-value-0-wrong_qr_header.txt",
        "rejected format-unknown",
        None,
        "shc: without its slash is no such code",
    ),
    ("test-example-1195-byte-qrnumeric.txt", "accepted", None, "the longest that one code may hold"),
];

/// Payloads that nobody signed: name without its beginning, outcome once our own key signed it.
const PAYLOADS: &[(&str, &str, Option<Warning>)] = &[
    ("00-b-jws-payload-expanded-exp_milliseconds", "rejected content-invalid", None),
    ("00-b-jws-payload-expanded-expired", "rejected expired", None),
    ("00-b-jws-payload-expanded-missing-coding", "rejected content-invalid", None),
    // Types beside the one that is demanded were given up with 1.4.0.
    ("00-b-jws-payload-expanded-missing-covid-vc-type", "accepted", None),
    ("00-b-jws-payload-expanded-missing-imm-vc-type", "accepted", None),
    ("00-b-jws-payload-expanded-missing-shc-vc-type", "rejected content-invalid", None),
    // No calendar has the year 53,000.
    ("00-b-jws-payload-expanded-nbf_milliseconds", "rejected content-invalid", None),
    ("00-b-jws-payload-expanded-nbf_not_yet_valid", "rejected not-yet-valid", None),
    ("00-b-jws-payload-expanded-optional-vc-type", "accepted", None),
    ("00-b-jws-payload-expanded-pre-expired", "rejected expired", None),
    ("00-b-jws-payload-expanded-trailing_chars", "accepted", None),
    ("00-b-jws-payload-expanded-unknown-vc-types", "accepted", None),
    ("covid-lab-jwspayload-missing-lab-vc-type", "accepted", Some(Warning::TestPositive)),
];

/// Bundles that nobody signed.
const BUNDLES: &[(&str, &str, Option<Warning>)] = &[
    ("00-a-fhirBundle-bad_meta_extra_key", "accepted", Some(Warning::NonStandardContent)),
    ("00-a-fhirBundle-bad_meta_non_security", "accepted", Some(Warning::NonStandardContent)),
    ("00-a-fhirBundle-bad_meta_wrong_security", "rejected content-invalid", None),
    ("00-a-fhirBundle-empty-values", "rejected content-invalid", None),
    ("00-a-fhirBundle-occurrence-issues", "rejected content-invalid", None),
    ("00-a-fhirBundle-profile-usa", "rejected content-invalid", None),
    ("00-a-fhirBundle-status-not-completed", "rejected content-invalid", None),
    ("00-a-fhirBundle-trailing_chars", "accepted", None),
    ("00-a-non-dm-properties", "accepted", Some(Warning::NonStandardContent)),
    ("00-a-short-refs", "accepted", Some(Warning::NonStandardContent)),
];

/// Parts of cards, judged together below.
const PARTS: [(&str, &str, usize); 2] = [
    ("test-example-00-f-qr-code-numeric-value-", "-qr_chunk_too_small.txt", 17),
    ("test-example-02-f-qr-code-numeric-value-", "-qr_chunk_too_big.txt", 2),
];

/// Files that other tests judge: keys (`keys`), pictures (`program`), links (their own format), lists of names.
fn elsewhere(name: &str) -> bool {
    name.ends_with(".png")
        || name.starts_with("shlink-")
        || keys::FILES.iter().any(|(file, ..)| *file == name)
        || ["README.md", "test-issuers.json"].contains(&name)
}

#[test]
fn every_file_has_its_place_in_a_table() {
    let Some(folder) = vectors("vectors/who/shc/dev-tools") else { return };
    let mut known: BTreeSet<String> = SIGNED.iter().map(|row| row.0.to_owned()).collect();
    known.extend(PAYLOADS.iter().chain(BUNDLES).map(|row| format!("test-example-{}.json", row.0)));
    for (head, tail, count) in PARTS {
        known.extend((0..count).map(|n| format!("{head}{n}{tail}")));
    }
    let found = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let missing: Vec<String> = found.filter(|name| !known.contains(name) && !elsewhere(name)).collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn every_signed_file_is_judged_as_its_name_says() {
    let (Some(store), Some(folder)) = (spec_store(), vectors("vectors/who/shc/dev-tools")) else { return };
    let mut wrong = Vec::new();
    for (name, expected, warning, why) in SIGNED {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let verdict = judge(&store, &bytes);
        let warned = warning.is_none_or(|warning| verdict.warnings.contains(&warning));
        if answer(&verdict) != *expected || !warned {
            wrong.push(format!("{name}: {} {:?}, expected {expected}: {why}", answer(&verdict), verdict.warnings));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_cards_of_a_file_are_judged_one_by_one() {
    let (Some(store), Some(folder)) = (spec_store(), vectors("vectors/who/shc/dev-tools")) else { return };
    for (name, expected) in [
        ("test-example-00-e-file-multi-jws-issues.smart-health-card", ["rejected algorithm-missing", "accepted"]),
        ("test-example-00-e-file-multi-jws.smart-health-card", ["accepted", "accepted"]),
    ] {
        let cards = shc::cards(&std::fs::read(folder.join(name)).unwrap()).unwrap().unwrap();
        let answers: Vec<String> = cards.iter().map(|card| answer(&judge(&store, card))).collect();
        assert_eq!(answers, expected, "{name}");
    }
}

#[test]
fn every_payload_is_judged_as_its_name_says() {
    let Some(folder) = vectors("vectors/who/shc/dev-tools") else { return };
    let store = own_store();
    for (rows, bundle) in [(PAYLOADS, false), (BUNDLES, true)] {
        for (name, expected, warning) in rows {
            let content: Value =
                serde_json::from_str(&text(&folder.join(format!("test-example-{name}.json")))).unwrap();
            let card = reissued(if bundle { payload(content) } else { content });
            let verdict = judge(&store, card);
            assert_eq!(answer(&verdict), *expected, "{name}: {:?}", verdict.warnings);
            assert_eq!(verdict.checks.signature, Check::Passed, "{name}");
            assert!(warning.is_none_or(|warning| verdict.warnings.contains(&warning)), "{name}");
        }
    }
}

#[test]
fn a_payload_with_blanks_around_its_json_is_read() {
    let Some(folder) = vectors("vectors/who/shc/dev-tools") else { return };
    let raw = text(&folder.join("test-example-00-b-jws-payload-expanded-trailing_chars.json"));
    let raw = raw.replace(SPEC, ISSUER);
    assert!(raw.starts_with(' ') && raw.ends_with(' '));
    assert_eq!(answer(&judge(&own_store(), signed(raw.as_bytes()))), "accepted");
    let rider = format!("{raw}x");
    assert_eq!(answer(&judge(&own_store(), signed(rider.as_bytes()))), "rejected json-invalid");
}

#[test]
fn cards_in_needlessly_many_or_overlong_parts_are_joined() {
    let (Some(store), Some(folder)) = (spec_store(), vectors("vectors/who/shc/dev-tools")) else { return };
    for ((head, tail, count), expected) in PARTS.iter().zip(["accepted", "undecided holder-missing"]) {
        let mut parts: Vec<String> =
            (0..*count).map(|n| text(&folder.join(format!("{head}{n}{tail}"))).trim().to_owned()).collect();
        assert_eq!(answer(&judge(&store, &parts[0])), "undecided code-incomplete");
        parts.reverse();
        let verdict = judge(&store, parts.join("\n"));
        assert_eq!(answer(&verdict), expected, "{tail}");
        assert!(verdict.warnings.contains(&Warning::ChunkedCode));
        parts.pop();
        assert_eq!(answer(&judge(&store, parts.join("\n"))), "undecided code-incomplete");
    }
}
