//! `fixtures/cases`: each file is one certificate, what it is judged under, and its expected outcome. Every
//! file there is judged. Those that this file makes are compared with it, and written anew with
//! `VACCERT_REGENERATE=1`.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use vaccert::{
    envelope::hcert,
    keys::Kid,
    trust::TrustStore,
    verify::{Check, Verifier},
};

use crate::{
    fixtures_pki::regenerate,
    workshop::{
        self,
        cbor::{Node, text},
        der, fixtures,
        message::{Draft, alg, kid, signer},
        picture,
        pki::{self, Key, Profile},
        sample::{self, AT, KINDS, Kind},
    },
};

struct Case {
    id: &'static str,
    title: &'static str,
    why: &'static str,
    certificates: Vec<Vec<u8>>,
    message: Vec<u8>,
    verdict: &'static str,
    reason: Option<&'static str>,
    warnings: &'static [&'static str],
    picture: bool,
}

impl Case {
    fn json(&self) -> Json {
        let text = hcert::to_text(&self.message);
        let picture = self.picture.then(|| STANDARD.encode(picture::byte_mode(&text)));
        let mut json = json!({
            "case": self.id,
            "title": self.title,
            "why": self.why,
            "at": AT,
            "certificates": self.certificates.iter().map(|der| STANDARD.encode(der)).collect::<Vec<_>>(),
            "text": text,
            "expected": { "verdict": self.verdict, "reason": self.reason, "warnings": self.warnings },
        });
        if let Some(picture) = picture {
            json["picture"] = picture.into();
        }
        json
    }
}

fn finish(draft: &Draft) -> Vec<u8> {
    draft.with_signature(&draft.key.sign_again(&draft.to_be_signed()))
}

fn good(key: Key, kind: Kind) -> Draft {
    let (_, id) = pki::store(&signer(key));
    sample::draft(key, &id, sample::content(kind))
}

fn rejected(
    id: &'static str,
    title: &'static str,
    why: &'static str,
    key: Key,
    message: Vec<u8>,
    reason: &'static str,
) -> Case {
    Case {
        id,
        title,
        why,
        certificates: vec![signer(key)],
        message,
        verdict: "rejected",
        reason: Some(reason),
        warnings: &[],
        picture: false,
    }
}

/// The cases that the EU's list of basic tests names and that nobody has published.
fn named() -> Vec<Case> {
    let mut cases = algorithms();
    cases.extend(mix_ups());
    cases.extend(identifiers());
    let es256 = good(Key::Es256, Kind::Test);
    cases.push(Case {
        picture: true,
        verdict: "accepted",
        reason: None,
        ..rejected(
            "Q2",
            "the picture is a QR symbol in byte mode instead of alphanumeric",
            "The list says invalid. Ten codes of the EU quality assurance and four of the test data are drawn so by \
             national issuers, and nothing about their content is wrong: read, and judged by its content",
            Key::Es256,
            finish(&good(Key::Es256, Kind::Vaccination)),
            "",
        )
    });

    let (r_s, item) = {
        let signature = es256.key.sign_again(&es256.to_be_signed());
        let (r, s) = signature.split_at(32);
        (signature.clone(), der::sequence(&[der::integer(r), der::integer(s)]))
    };
    for (id, title, signature) in [
        ("CO24-der", "the ECDSA signature is in DER, over 64 bytes long", item),
        ("CO24-padded", "the ECDSA signature has 32 bytes of zeros after it", [r_s.clone(), vec![0; 32]].concat()),
        ("CO24-1000", "the ECDSA signature has 1,000 bytes", [r_s, vec![0x30; 936]].concat()),
    ] {
        let why = "COSE signatures are r‖s of 64 bytes (RFC 9053 section 2.1); a longer one must not crash the reader";
        cases.push(rejected(id, title, why, Key::Es256, es256.with_signature(&signature), "signature-invalid"));
    }

    let content = |member: &str, value: &str| {
        let (_, id) = pki::store(&signer(Key::Es256));
        finish(&sample::draft(Key::Es256, &id, sample::content(Kind::Test).set(&format!("t.0.{member}"), text(value))))
    };
    cases.push(Case {
        verdict: "accepted",
        reason: None,
        warnings: &["test-positive"],
        ..rejected(
            "DGC7",
            "the test result is positive (260373001)",
            "The list says invalid, and the test data has 34 positive certificates whose recommended verdict is \
             accepted: the document is genuine and says that its holder was infected. The officer sees that as a \
             warning that cannot be overlooked; whether such a person may enter is a rule of the country of arrival",
            Key::Es256,
            content("tr", "260373001"),
            "",
        )
    });
    cases.push(rejected(
        "DGC8",
        "the sample was taken two days after the verification",
        "Nobody can attest a sample that was not taken yet",
        Key::Es256,
        content("sc", "2026-11-23T12:00:00Z"),
        "event-in-future",
    ));
    cases
}

/// CO4: algorithms that HCERT does not have, truly signed where that can be.
fn algorithms() -> Vec<Case> {
    let why = "HCERT has ES256 and PS256 and nothing else (specification 3.3.2)";
    let with = |draft: Draft, number: i64, id: &Kid| draft.protected(vec![alg(Node::Int(number)), kid(id.as_bytes())]);
    let unsupported = |id, title, key, message| rejected(id, title, why, key, message, "algorithm-unsupported");

    let (_, rsa) = pki::store(&signer(Key::Ps256));
    let rs256 = with(good(Key::Ps256, Kind::Recovery), -257, &rsa);
    let rs256 = rs256.with_signature(&pki::pkcs1(&rs256.to_be_signed()));

    let pair = pki::ed25519();
    let public = aws_lc_rs::signature::KeyPair::public_key(&pair).as_ref().to_vec();
    let certificate = Profile::of(pki::ed25519_spki(&public)).certificate();
    let (_, id) = pki::store(&certificate);
    let eddsa = with(good(Key::Es256, Kind::Recovery), -8, &id);
    let eddsa = eddsa.with_signature(pair.sign(&eddsa.to_be_signed()).as_ref());

    let (_, ec) = pki::store(&signer(Key::Es256));
    let es384 = finish(&with(good(Key::Es256, Kind::Recovery), -35, &ec));
    let none = finish(&good(Key::Es256, Kind::Recovery).protected(vec![alg(text("none")), kid(ec.as_bytes())]));
    vec![
        unsupported("CO4-rs256", "truly signed with RS256 (-257)", Key::Ps256, rs256),
        Case {
            certificates: vec![certificate],
            ..unsupported("CO4-eddsa", "truly signed with EdDSA (-8) by a trusted Ed25519 key", Key::Es256, eddsa)
        },
        unsupported("CO4-es384", "the header says ES384 (-35) over an ES256 signature", Key::Es256, es384),
        unsupported("CO4-none", "the header says \"none\"", Key::Es256, none),
    ]
}

/// CO27: the algorithm of the header and the kind of the key or the signature do not go together.
fn mix_ups() -> Vec<Case> {
    let why = "The key is bound to its algorithm: the header cannot choose another";
    let (_, ec) = pki::store(&signer(Key::Es256));
    let (_, rsa) = pki::store(&signer(Key::Ps256));
    let draft = |key: Key, algorithm: Key, id: &Kid| {
        let header = vec![alg(Node::Int(algorithm.cose())), kid(id.as_bytes())];
        finish(&good(key, Kind::Vaccination).protected(header))
    };
    let rows = [
        (
            "CO27-ps256-by-ec",
            "the header says PS256, key and signature are P-256",
            draft(Key::Es256, Key::Ps256, &ec),
            "algorithm-key-mismatch",
        ),
        (
            "CO27-es256-by-rsa",
            "the header says ES256, key and signature are RSA",
            draft(Key::Ps256, Key::Es256, &rsa),
            "algorithm-key-mismatch",
        ),
        (
            "CO27-es256-kid-of-rsa",
            "an ES256 message that names the RSA key",
            draft(Key::Es256, Key::Es256, &rsa),
            "algorithm-key-mismatch",
        ),
        (
            "CO27-ps256-kid-of-ec",
            "a PS256 message that names the P-256 key",
            draft(Key::Ps256, Key::Ps256, &ec),
            "algorithm-key-mismatch",
        ),
        (
            "CO27-rsa-signature-for-ec",
            "the header says ES256 and names the P-256 key, the signature is RSA",
            draft(Key::Ps256, Key::Es256, &ec),
            "signature-invalid",
        ),
        (
            "CO27-ec-signature-for-rsa",
            "the header says PS256 and names the RSA key, the signature is ECDSA",
            draft(Key::Es256, Key::Ps256, &rsa),
            "signature-invalid",
        ),
    ];
    rows.into_iter()
        .map(|(id, title, message, reason)| Case {
            certificates: vec![signer(Key::Es256), signer(Key::Ps256)],
            ..rejected(id, title, why, Key::Es256, message, reason)
        })
        .collect()
}

/// CO25, CO26: identifiers of another length than 8 bytes.
fn identifiers() -> Vec<Case> {
    let why = "A kid is opaque and compared whole. Its length alone is no fault (the Swiss list has others), but no \
               list has a key under this one";
    let (_, id) = pki::store(&signer(Key::Es256));
    let with = |bytes: &[u8]| finish(&good(Key::Es256, Kind::Test).protected(vec![alg(Node::Int(-7)), kid(bytes)]));
    let undecided = |name, title, bytes: &[u8]| Case {
        verdict: "undecided",
        ..rejected(name, title, why, Key::Es256, with(bytes), "issuer-unknown")
    };
    let right = id.as_bytes();
    vec![
        undecided("CO25-seven", "the kid is the first 7 bytes of the right one", &right[..7]),
        undecided("CO25-empty", "the kid is empty", &[]),
        undecided("CO26-nine", "the kid is the right one and a byte more", &[right, &[0]].concat()),
        undecided("CO26-hash", "the kid is a whole SHA-256", &[right, &[0x5c; 24]].concat()),
    ]
}

/// One good certificate of each kind and algorithm.
fn sound() -> Vec<Case> {
    const NAMES: [(&str, Key, Kind); 6] = [
        ("good-es256-vaccination", Key::Es256, Kind::Vaccination),
        ("good-es256-test", Key::Es256, Kind::Test),
        ("good-es256-recovery", Key::Es256, Kind::Recovery),
        ("good-ps256-vaccination", Key::Ps256, Kind::Vaccination),
        ("good-ps256-test", Key::Ps256, Kind::Test),
        ("good-ps256-recovery", Key::Ps256, Kind::Recovery),
    ];
    assert_eq!(NAMES.len(), 2 * KINDS.len());
    let case = |(id, key, kind)| Case {
        verdict: "accepted",
        reason: None,
        ..rejected(id, "nothing is wrong with it", "It keeps to the specification", key, finish(&good(key, kind)), "")
    };
    NAMES.into_iter().map(case).collect()
}

#[test]
fn the_files_are_what_is_made_here() {
    let folder = fixtures("cases");
    for case in named().into_iter().chain(sound()) {
        let path = folder.join(format!("{}.json", case.id));
        let made = case.json();
        if regenerate() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, format!("{made:#}\n")).unwrap();
        }
        assert_eq!(workshop::json(&path), made, "{}", path.display());
    }
}

#[test]
fn every_case_comes_out_as_it_states() {
    let mut count = 0;
    for entry in std::fs::read_dir(fixtures("cases")).unwrap() {
        let path = entry.unwrap().path();
        let case = workshop::json(&path);
        let mut store = TrustStore::new();
        for certificate in case["certificates"].as_array().unwrap() {
            pki::trust(&mut store, &STANDARD.decode(certificate.as_str().unwrap()).unwrap());
        }
        let at: Timestamp = case["at"].as_str().unwrap().parse().unwrap();
        let verdict = Verifier::new(&store, at).judge(case["text"].as_str().unwrap());
        let found = serde_json::to_value(&verdict).unwrap();
        let expected = &case["expected"];
        for member in ["verdict", "reason", "warnings"] {
            assert_eq!(found[member], expected[member], "{} of {}", member, path.display());
        }
        if verdict.checks.signature != Check::Passed {
            assert!(verdict.holder.is_none() && verdict.id.is_none(), "{}", path.display());
        }
        if let Some(png) = case["picture"].as_str() {
            assert_eq!(picture::read(&STANDARD.decode(png).unwrap()), case["text"].as_str().unwrap());
        }
        count += 1;
    }
    println!("{count} cases");
    assert!(count >= named().len() + sound().len());
}
