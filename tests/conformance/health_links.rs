//! Health links, alone and inside HCERT messages: never green, never opened, and their key is never shown.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use vaccert::{
    trust::TrustStore,
    verify::{Check, Decision, Format, Verdict, Verifier},
};

use crate::{
    vectors::vectors,
    workshop::{
        cbor::{Node, text},
        message::{Draft, alg, kid, signer},
        pki::{self, Key},
        sample::{self, AT, EXPIRES, ISSUED, Kind, seconds},
    },
};

/// What opens the documents, and must not come out again.
const SECRET: &str = "rxTgYlOaKJPFtcEd0qcceN8wEU4p94SqAwIWQe6uX7Q";
const SECRET_PATH: &str = "Y9xwkUdtmN9wwoJoN3ffJIhX2UGvCL1JnlPVNL3kDWM";

fn link(scheme: &str) -> String {
    let content = json!({
        "url": format!("https://docs.example/{SECRET_PATH}/m"), "key": SECRET, "flag": "P", "label": "Papers",
        "exp": seconds(EXPIRES),
    });
    format!("{scheme}{}", URL_SAFE_NO_PAD.encode(content.to_string()))
}

fn judge(store: &TrustStore, text: &str) -> Verdict {
    let verdict = Verifier::new(store, AT.parse().unwrap()).with_payload(true).judge(text);
    let shown = format!("{} {verdict:?}", serde_json::to_string(&verdict).unwrap());
    assert!(!shown.contains(SECRET) && !shown.contains(SECRET_PATH) && !shown.contains("eyJ"), "{shown}");
    verdict
}

fn undecided(verdict: &Verdict, signature: Check, warnings: &[&str]) {
    assert_eq!(verdict.verdict, Decision::Undecided);
    assert_eq!(verdict.reason.unwrap().code(), "link-not-certificate");
    assert_eq!((verdict.format, verdict.checks.signature), (Format::HealthLink, signature));
    let told: Vec<&str> = verdict.warnings.iter().map(|warning| warning.code()).collect();
    assert_eq!(told, warnings);
    let [link] = verdict.links.as_slice() else { panic!("{:?}", verdict.links) };
    assert_eq!((link.host.as_str(), link.label.as_deref(), link.passcode), ("docs.example", Some("Papers"), true));
    assert_eq!((link.expires_at.as_deref(), link.expired), (Some(EXPIRES), false));
    assert!(verdict.kind.is_none() && verdict.holder.is_none() && verdict.content.is_none());
}

#[test]
fn a_link_alone_is_shown_for_what_it_is() {
    let store = TrustStore::new();
    for text in [
        link("shlink:/"),
        link("vhlink:/"),
        link("https://viewer.example#shlink:/"),
        format!("\u{feff} {}\r\n", link("SHLINK:/")),
    ] {
        undecided(&judge(&store, &text), Check::Unchecked, &[]);
    }
    undecided(&judge(&store, &link("shlink://")), Check::Unchecked, &["link-form"]);
    let late = Verifier::new(&store, "2027-06-01T00:00:00Z".parse().unwrap()).judge(&link("shlink:/"));
    assert!(late.links[0].expired && late.verdict == Decision::Undecided);
    for (text, reason) in [
        ("shlink:/e30", "content-invalid"),
        ("shlink:/e3", "json-invalid"),
        ("shlink:/#", "json-invalid"),
        ("vhlink:/", "json-invalid"),
    ] {
        let verdict = judge(&store, text);
        assert_eq!((verdict.verdict, verdict.reason.unwrap().code()), (Decision::Rejected, reason), "{text}");
        assert_eq!(verdict.format, Format::HealthLink);
    }
}

#[test]
fn the_framework_s_own_links_are_shown() {
    for (file, passcode) in [("shlink-link", true), ("shlink-link-with-viewer", true), ("shlink-link-direct", false)] {
        let Some(path) = vectors(&format!("vectors/who/shc/dev-tools/{file}.txt")) else { return };
        let text = std::fs::read_to_string(path).unwrap();
        let verdict = Verifier::new(&TrustStore::new(), AT.parse().unwrap()).judge(&text);
        assert_eq!(verdict.reason.unwrap().code(), "link-not-certificate", "{file}");
        let link = &verdict.links[0];
        assert_eq!((link.host.as_str(), link.label.as_deref()), ("localhost:8090", Some("Sample Set 1")), "{file}");
        assert_eq!((link.passcode, link.expired), (passcode, true), "{file}");
        assert_eq!(link.expires_at.as_deref(), Some("2024-01-01T08:00:00Z"));
        assert_eq!(verdict.warnings.iter().map(|w| w.code()).collect::<Vec<_>>(), ["link-plain-http"]);
    }
}

fn claims(hcert: Vec<(Node, Node)>) -> Vec<(Node, Node)> {
    vec![
        (Node::Int(1), text("XX")),
        (Node::Int(4), Node::Int(seconds(EXPIRES))),
        (Node::Int(6), Node::Int(seconds(ISSUED))),
        (Node::Int(-260), Node::Map(hcert)),
    ]
}

fn wrapped(link: &str) -> Node {
    Node::Array(vec![Node::Map(vec![(text("u"), text(link))])])
}

#[test]
fn the_signature_of_a_signed_link_is_checked() {
    for key in [Key::Es256, Key::Ps256] {
        let (store, id) = pki::store(&signer(key));
        let message = |hcert| Draft::new(key, &id, Node::Map(claims(hcert)).encode());
        for content in [text(&link("vhlink:/")), wrapped(&link("shlink:/")), Node::Array(vec![text(&link("vhlink:/"))])]
        {
            let draft = message(vec![(Node::Int(5), content)]);
            let verdict = judge(&store, &draft.text());
            undecided(&verdict, Check::Passed, &[]);
            assert_eq!((verdict.checks.trust, verdict.checks.validity), (Check::Passed, Check::Passed));
            assert_eq!(verdict.valid_until.as_deref(), Some(EXPIRES));
            // Nobody vouches: it is a link all the same.
            undecided(&judge(&TrustStore::new(), &draft.text()), Check::Unchecked, &[]);
            let forged = vaccert::envelope::hcert::to_text(&draft.with_signature(&[7; 64]));
            let verdict = judge(&store, &forged);
            assert_eq!((verdict.verdict, verdict.reason.unwrap().code()), (Decision::Rejected, "signature-invalid"));
            assert!(verdict.links.is_empty());
        }
        for broken in [Node::Int(1), Node::Array(vec![]), text("https://a"), wrapped("shlink:/e30")] {
            let verdict = judge(&store, &message(vec![(Node::Int(5), broken)]).text());
            assert_eq!((verdict.verdict, verdict.reason.unwrap().code()), (Decision::Rejected, "content-invalid"));
            assert_eq!(verdict.format, Format::HealthLink);
        }
        // Beside a certificate it is told, and decides nothing.
        for beside in [text(&link("vhlink:/")), text("rubbish")] {
            let both =
                message(vec![(Node::Int(1), sample::content(Kind::Vaccination)), (Node::Int(5), beside.clone())]);
            let verdict = judge(&store, &both.text());
            assert_eq!((verdict.verdict, verdict.format), (Decision::Accepted, Format::EuDcc));
            assert_eq!(verdict.links.len(), usize::from(beside != text("rubbish")));
        }
    }
}

/// As the one link of RACSEL's software that was seen: facts on WHO formats, section 5.
#[test]
fn texts_for_numbers_are_read_as_one_software_writes_them() {
    let (store, id) = pki::store(&signer(Key::Es256));
    let content = json!({
        "url": format!("http://docs.example/{SECRET_PATH}"), "key": format!("{SECRET}="), "flag": "P", "label": "Papers",
        "exp": seconds(EXPIRES) * 1_000,
    });
    let link = format!("shlink://{}", URL_SAFE_NO_PAD.encode(content.to_string()));
    let claims = vec![
        (text("1"), text("XX")),
        (text("4"), Node::Int(seconds(EXPIRES))),
        (text("6"), Node::Int(seconds(ISSUED) * 1_000)),
        (text("-260"), Node::Map(vec![(text("5"), wrapped(&link))])),
    ];
    let draft = Draft::new(Key::Es256, &id, Node::Map(claims).encode());
    let draft = draft.protected(vec![alg(Node::Int(-7)), (Node::Int(4), text(&id.to_string()))]);
    let verdict = judge(&store, &draft.text());
    let told = ["kid-text", "cwt-text-keys", "millisecond-time", "link-form", "link-plain-http"];
    undecided(&verdict, Check::Passed, &told);
    assert_eq!((verdict.valid_from.as_deref(), verdict.valid_until.as_deref()), (Some(ISSUED), Some(EXPIRES)));

    // A text is a key identifier only where it is eight bytes.
    let other = draft.clone().protected(vec![alg(Node::Int(-7)), (Node::Int(4), text("XX"))]);
    assert_eq!(judge(&store, &other.text()).reason.unwrap().code(), "kid-missing");
    let plain = draft.protected(vec![alg(Node::Int(-7)), kid(id.as_bytes())]);
    assert_eq!(judge(&store, &plain.text()).warnings.len(), told.len() - 1);
}
