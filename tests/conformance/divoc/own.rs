//! Credentials of our own keys, in both envelopes: what is accepted, what is not and why; and what other people's
//! libraries say to them.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, LazyLock},
};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{Ed25519KeyPair, KeyPair, RSA_PSS_SHA256, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use vaccert::{
    envelope::{
        divoc::{Draft, Suite, pack},
        hcert::{self, ToBeSigned, write_token},
    },
    keys::{Algorithm, Kid, PublicKey, sha256},
    payload::divoc::{Addresses, Credential, Event, SUB_CLAIM, vaccination},
    record::{Country, Person, PersonName, Provenance, Uvci, VaccinationRecord},
    revocation::{Builder, Fingerprints, HashKind, Revocations, Scope, Until},
    trust::{
        TrustStore, TrustedKey,
        lists::{Binding, ListOptions, bare_key},
    },
    valueset::ValueSets,
    verify::{Decision, Verdict, Verifier, Warning},
};

use crate::made::{oid, seq, tlv};

const DID: &str = "did:example:moh";
const CONTEXT: &str = "https://cowin.gov.in/credentials/vaccination/v2";

/// A key pair of either suite.
enum Pair {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// Made once: an RSA key takes its time.
static RSA: LazyLock<Pair> = LazyLock::new(|| Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()));

impl Pair {
    fn ed25519(seed: u8) -> Self {
        Self::Ed25519(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
    }

    fn suite(&self) -> Suite {
        match self {
            Self::Rsa(_) => Suite::Rsa,
            Self::Ed25519(_) => Suite::Ed25519,
        }
    }

    fn spki(&self) -> Vec<u8> {
        let (kind, key) = match self {
            Self::Rsa(pair) => (seq(&[&oid("1.2.840.113549.1.1.1"), &[5, 0]]), pair.public_key().as_ref()),
            Self::Ed25519(pair) => (seq(&[&oid("1.3.101.112")]), pair.public_key().as_ref()),
        };
        seq(&[&kind, &tlv(3, &[&[0], key].concat())])
    }

    fn pem(&self) -> String {
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(self.spki()))
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PSS_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
                signature
            }
        }
    }

    /// A store that has it, as `--trust did:…=key.pem` fills one.
    fn store(&self, did: &str) -> TrustStore {
        let mut store = TrustStore::new();
        let options = ListOptions { name: "key.pem", list_keys: &[], unsigned: false };
        bare_key(&Binding::read(did).unwrap(), self.pem().as_bytes(), &options, &mut store).unwrap();
        store
    }
}

fn issued() -> Timestamp {
    "2022-03-04T05:06:07.891Z".parse().unwrap()
}

fn id() -> Uvci {
    Uvci::from_random(Country::SANDBOX, [9; 16])
}

fn credential() -> Credential {
    of_context(CONTEXT)
}

/// The credential of one record, in the terms of a context.
fn of_context(context: &str) -> Credential {
    let record = VaccinationRecord {
        provenance: Provenance {
            tracked_entity: "tei".into(),
            event: "event".into(),
            updated_at: None,
            facility: None,
        },
        person: Person {
            name: PersonName { family: Some("Perera".into()), given: Some("A \"B\" \\n".into()), ..Default::default() },
            birth_date: Some("1990-07-01".parse().unwrap()),
            sex: None,
            identifier: Some("NIC 12".into()),
            nationality: None,
            document: None,
            guardian: None,
        },
        product: Arc::clone(ValueSets::built_in().product("covishield").unwrap()),
        lot: Some("4120Z002".into()),
        date: "2022-03-01".parse().unwrap(),
        dose: 2,
        total_doses: 2,
        country: "LK".parse().unwrap(),
        centre: Some("MOH Office".into()),
        practitioner: None,
        clinician: None,
        next_dose: None,
        issuer: "Ministry of Health".into(),
    };
    let addresses = Addresses::new(context, DID, "https://moh.example/", "https://moh.example/v/").unwrap();
    vaccination(&record, &id(), issued(), &addresses).unwrap().credential
}

/// The signed text of a credential.
fn signed(document: Value, pair: &Pair) -> String {
    let draft = Draft::new(document, pair.suite(), "2022-03-04T05:06:07Z", DID).unwrap();
    let signature = pair.sign(&draft.signing_input());
    draft.sign(&signature).unwrap()
}

fn judge_text(text: &str, store: &TrustStore) -> Verdict {
    verifier(store).judge_bytes(&pack(text).unwrap())
}

fn verifier(store: &TrustStore) -> Verifier<'_> {
    Verifier::new(store, issued() + SignedDuration::from_hours(24))
}

/// The verdict on the credential after a change that its issuer made before signing it.
fn issued_with(change: impl FnOnce(&mut Value)) -> Verdict {
    let pair = Pair::ed25519(1);
    let mut document = credential().to_json();
    change(&mut document);
    judge_text(&signed(document, &pair), &pair.store(DID))
}

#[test]
fn what_we_issue_is_accepted_with_either_key() {
    for pair in [&*RSA, &Pair::ed25519(1)] {
        let verdict = judge_text(&signed(credential().to_json(), pair), &pair.store(DID));
        assert_eq!((verdict.verdict, verdict.reason), (Decision::Accepted, None), "{:?}", pair.suite());
        assert_eq!(verdict.warnings, [Warning::ValuesUnordered]);
        let holder = verdict.holder.as_ref().unwrap();
        assert_eq!((holder.name.as_str(), holder.date_of_birth.as_str()), ("A \"B\" \\n Perera", "1990-07-01"));
        assert!(id().as_str().starts_with(verdict.id.as_deref().unwrap()));
        assert!(verdict.valid_until.is_none());
    }
}

#[test]
fn a_key_counts_for_its_did_and_its_suite() {
    let pair = Pair::ed25519(1);
    let text = signed(credential().to_json(), &pair);
    let reason = |store: &TrustStore| judge_text(&text, store).reason.unwrap();
    assert_eq!(reason(&TrustStore::new()), "no-trust-list");
    assert_eq!(reason(&pair.store("did:example:other")), "issuer-unknown");
    assert_eq!(reason(&Pair::ed25519(2).store(DID)), "signature-invalid");
    assert_eq!(reason(&RSA.store(DID)), "algorithm-key-mismatch");
    // A list that has the key for somebody else under this name.
    let mut store = TrustStore::new();
    let mut key = TrustedKey::bare(PublicKey::from_spki(&pair.spki()).unwrap(), Kid::new(DID.as_bytes()), "list");
    key.issuer = Some("did:example:other".into());
    store.add(key);
    assert_eq!(reason(&store), "issuer-unknown");
    // A name behind # is looked up where the whole name is unknown: as it is, and from base64.
    let fragment = |kid: &[u8], name: &str| {
        let draft = Draft::new(credential().to_json(), Suite::Ed25519, "2022-03-04T05:06:07Z", name).unwrap();
        let text = draft.clone().sign(&pair.sign(&draft.signing_input())).unwrap();
        let mut store = TrustStore::new();
        store.add(TrustedKey::bare(PublicKey::from_spki(&pair.spki()).unwrap(), Kid::new(kid), "list"));
        judge_text(&text, &store).verdict
    };
    assert_eq!(fragment(b"\x01\x02", "did:web:who.example:LKA:DSC#AQI="), Decision::Accepted);
    assert_eq!(fragment(b"k.1", "did:web:who.example:LKA:DSC#k.1"), Decision::Accepted);
    assert_eq!(fragment(b"k.1", "did:web:who.example:LKA:DSC#k.2"), Decision::Undecided);
}

#[test]
fn what_an_issuer_cannot_mean_is_named() {
    let reason = |change: fn(&mut Value)| issued_with(change).reason.map(|reason| reason.code());
    assert_eq!(reason(|_| {}), None);
    assert_eq!(reason(|c| c["evidence"][0]["dose"] = json!(3)), None);
    assert_eq!(reason(|c| c["evidence"][0]["dose"] = json!("2")), None);
    assert_eq!(reason(|c| c["evidence"][0]["totalDoses"] = json!(1)), Some("doses-implausible"));
    assert_eq!(reason(|c| c["evidence"][0]["dose"] = json!(1.5)), Some("content-invalid"));
    assert_eq!(reason(|c| c["evidence"][0]["date"] = json!("2022-03-03T00:00:00Z")), None);
    assert_eq!(reason(|c| c["evidence"][0]["date"] = json!("yesterday")), Some("dates-implausible"));
    assert_eq!(reason(|c| c["credentialSubject"]["dob"] = json!("2022-03-04")), Some("dates-implausible"));
    assert_eq!(reason(|c| c["evidence"][0]["vaccine"] = json!("New & 7")), Some("values-unproven"));
    assert_eq!(reason(|c| c["evidence"][0]["manufacturer"] = json!("Covaxin")), Some("values-implausible"));
    assert_eq!(reason(|c| c["evidence"][0]["certificateId"] = json!("x")), Some("id-mismatch"));
    assert_eq!(reason(|c| c["credentialSubject"]["name"] = json!("")), Some("holder-missing"));
    assert_eq!(reason(|c| c["issuanceDate"] = json!("2022-03-09T00:00:00.000Z")), Some("not-yet-valid"));
    assert_eq!(reason(|c| c["issuanceDate"] = json!("soon")), Some("issue-time-missing"));
    assert_eq!(reason(|c| c["evidence"][0]["effectiveUntil"] = json!("2022-03-02")), None);
    let unknown = issued_with(|c| c["evidence"][0]["manufacturer"] = json!("Somebody"));
    assert_eq!((unknown.verdict, unknown.warnings.contains(&Warning::UnknownHolder)), (Decision::Accepted, true));
}

/// A list that revokes by hashes of one kind, and speaks for the key.
fn revoking(kind: HashKind, prints: &Fingerprints) -> Revocations {
    let mut builder = Builder::new();
    builder.revoke(None, kind, vec![*prints.get(kind).unwrap()]).unwrap();
    let until = Until::Time(issued() + SignedDuration::from_hours(48));
    builder.cover(Scope::Kid(Kid::new(DID.as_bytes())), kind, until).unwrap();
    builder.finish().unwrap()
}

#[test]
fn a_revocation_holds_on_what_is_signed() {
    let pair = Pair::ed25519(1);
    let store = pair.store(DID);
    let text = signed(credential().to_json(), &pair);
    let archive = pack(&text).unwrap();
    let draft = Draft::new(credential().to_json(), Suite::Ed25519, "2022-03-04T05:06:07Z", DID).unwrap();
    let signature = pair.sign(&draft.signing_input());
    let address = format!("https://moh.example/v/{}", id().as_str().rsplit_once('#').unwrap().0);
    let prints = Fingerprints::of_linked_data(&signature, id().as_str(), &address);
    for kind in [HashKind::Signature, HashKind::Identifier, HashKind::Uci] {
        let list = revoking(kind, &prints);
        let verdict = verifier(&store).with_revocations(&list, true).judge_bytes(&archive);
        assert_eq!(verdict.reason.unwrap(), "revoked", "{kind:?}");
        // Exchanging values neither hides it from the list nor makes it acceptable.
        let mut changed: Value = serde_json::from_str(&text).unwrap();
        changed["evidence"][0]["certificateId"] = json!("4120Z002");
        changed["evidence"][0]["batch"] = json!(verdict.id);
        let verdict = verifier(&store).with_revocations(&list, true).judge_bytes(changed.to_string().as_bytes());
        assert_eq!(verdict.verdict, Decision::Rejected);
        let other = Fingerprints::of_linked_data(b"other", "other", "other:id");
        let list = revoking(kind, &other);
        let verdict = verifier(&store).with_revocations(&list, true).judge_bytes(&archive);
        assert_eq!(verdict.verdict, Decision::Accepted, "{kind:?}");
    }
    let none = Builder::new().finish().unwrap();
    let verdict = verifier(&store).with_revocations(&none, true).judge_bytes(&archive);
    assert_eq!(verdict.reason.unwrap(), "revocation-unknown");
}

/// The HCERT of a credential, and a store that has its key.
fn token(credential: &Credential) -> (String, TrustStore) {
    let Pair::Rsa(_) = &*RSA else { panic!("an RSA key") };
    let kid = Kid::new(&sha256(&RSA.spki())[..8]);
    let expires = issued() + SignedDuration::from_hours(24 * 365);
    let payload = write_token("LK", issued(), expires, SUB_CLAIM, &credential.to_cbor());
    let message = ToBeSigned::new(Algorithm::Ps256, &kid, payload);
    let signature = RSA.sign(&message.signed_bytes());
    let mut store = TrustStore::new();
    let mut key = TrustedKey::bare(PublicKey::from_spki(&RSA.spki()).unwrap(), kid, "list");
    key.country = Some("LK".into());
    store.add(key);
    (hcert::to_text(&message.finish(&signature)), store)
}

#[test]
fn in_cose_every_value_is_at_its_place() {
    let (text, store) = token(&credential());
    let verdict = verifier(&store).judge(&text);
    assert_eq!((verdict.verdict, verdict.reason), (Decision::Accepted, None));
    assert_eq!((serde_json::to_value(verdict.format).unwrap(), &verdict.warnings), (json!("divoc"), &vec![]));
    assert_eq!(verdict.holder.as_ref().unwrap().name, "A \"B\" \\n Perera");
    let core = verdict.content.as_ref().unwrap().core().unwrap();
    assert_eq!(core.certificate.id, verdict.id);

    // What would be in doubt as linked data is plain here; what is wrong stays wrong.
    let mut other = credential();
    let Event::Vaccination(dose) = &mut other.evidence.event else { panic!("a dose") };
    (dose.dose, dose.total_doses, dose.vaccine) = (Some(2), Some(1), Some("Novel 7".into()));
    let (text, store) = token(&other);
    let verdict = verifier(&store).judge(&text);
    assert_eq!((verdict.verdict, verdict.warnings), (Decision::Accepted, vec![Warning::UnknownProduct]));
    other.subject.name = None;
    let (text, store) = token(&other);
    assert_eq!(verifier(&store).judge(&text).reason.unwrap(), "holder-missing");

    let (text, store) = token(&credential());
    let list = revoking_token(&store);
    assert_eq!(verifier(&store).with_revocations(&list, false).judge(&text).reason.unwrap(), "revoked");
}

/// Our own list of identifiers, which names the certificate in every envelope.
fn revoking_token(store: &TrustStore) -> Revocations {
    let kid = store.keys().next().unwrap().kid.clone();
    let hash = *Fingerprints::of_identifier(id().as_str()).get(HashKind::Identifier).unwrap();
    let mut builder = Builder::new();
    builder.add_own(vec![hash], [&kid], issued() + SignedDuration::from_hours(48)).unwrap();
    builder.finish().unwrap()
}

#[test]
fn the_program_judges_an_archive() {
    let desk = tempfile::tempdir().unwrap();
    let pair = Pair::ed25519(1);
    std::fs::write(desk.path().join("key.pem"), pair.pem()).unwrap();
    let archive = pack(&signed(credential().to_json(), &pair)).unwrap();
    std::fs::write(desk.path().join("divoc.zip"), &archive).unwrap();
    let program = std::env::var_os("VACCERT_VERIFY")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_vaccert-verify")), PathBuf::from);
    let run = |trust: &str| {
        let mut command = Command::new(&program);
        command.args(["--format", "json", "--at", "2022-03-05T00:00:00Z", "--trust", trust, "divoc.zip"]);
        let output = command.current_dir(desk.path()).env_clear().stdin(Stdio::null()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, out) = run(&format!("{DID}=key.pem"));
    let verdict: Value = serde_json::from_str(out.trim()).unwrap_or_else(|_| panic!("{out}"));
    assert_eq!((code, &verdict["verdict"], &verdict["format"]), (Some(0), &json!("accepted"), &json!("divoc")));
    assert_eq!(verdict["warnings"], json!(["values-unordered"]));
    let (code, out) = run("did:example:other=key.pem");
    assert!(code == Some(3) && !out.contains("Perera"), "{out}");
}

/// DIVOC's own verification code and PathCheck's SDK, where `tests/run` has installed them.
#[test]
fn other_peoples_libraries_verify_what_we_issue() {
    let Some(modules) = std::env::var_os("VACCERT_NODE_MODULES").filter(|path| Path::new(path).is_dir()) else {
        println!("ran WITHOUT other people's DIVOC verifiers: set VACCERT_NODE_MODULES; this test checked nothing");
        return;
    };
    let old = of_context("https://cowin.gov.in/credentials/vaccination/v1").to_json();
    let mut lines = String::new();
    let mut expected = Vec::new();
    for (document, first) in [(credential().to_json(), false), (old, true)] {
        for pair in [&*RSA, &Pair::ed25519(1)] {
            let text = signed(document.clone(), pair);
            let forged = text.replace("Perera", "Silva");
            for (text, holds) in [(text, true), (forged, false)] {
                let mut line = json!({"zip": STANDARD.encode(pack(&text).unwrap()), "did": DID});
                match pair {
                    Pair::Rsa(_) => line["rsa"] = json!(pair.pem()),
                    Pair::Ed25519(pair) => line["ed25519"] = json!(base58(pair.public_key().as_ref())),
                }
                lines.push_str(&format!("{line}\n"));
                expected.push((holds, (first && pair.suite() == Suite::Rsa).then_some(holds)));
            }
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/verify_divoc.js");
    let mut node = Command::new("node");
    node.arg(script).env("NODE_PATH", modules).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut node = node.spawn().unwrap();
    node.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    let answers: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), expected.len());
    for (answer, (app, sdk)) in answers.iter().zip(expected) {
        assert_eq!((&answer["app"], &answer["sdk"]), (&json!(app), &json!(sdk)), "{answer}");
    }
    println!("divoc: {} answers of other people's libraries as expected", answers.len());
}

/// Base58 in Bitcoin's alphabet, as the key documents of that library have it.
fn base58(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut digits = vec![0u8];
    for &byte in bytes {
        let mut carry = u32::from(byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    let mut out = "1".repeat(zeros);
    out.extend(digits.iter().rev().map(|&digit| char::from(ALPHABET[usize::from(digit)])));
    out
}
