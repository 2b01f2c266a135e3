//! Authorities in trust lists: which certificates are taken for one, and ICAO's master lists.

use serde_json::json;
use vaccert::trust::{
    Authenticity, ListForm, ListInfo, TrustStore,
    lists::{self, ListError, ListKey, ListOptions},
};

use crate::{
    made::{Cms, Key, Spec, base64, cms, extension, name, pem, seq, tlv, usages},
    vdsnc::seal::{authority, authority_constraints, authority_key_id, critical, key_usage, signer, subject_key_id},
    vectors::vectors,
};

const MASTER_LIST: &str = "2.23.136.1.1.2";
const MASTER_LIST_SIGNER: &str = "2.23.136.1.1.3";

fn read(bytes: &[u8], list_keys: &[ListKey], unsigned: bool) -> Result<TrustStore, ListError> {
    let mut store = TrustStore::new();
    let outcome = lists::read(bytes, &ListOptions { name: "list", list_keys, unsigned }, &mut store);
    assert!(outcome.is_ok() || (store.is_empty() && store.lists().is_empty()), "a refused list leaves nothing behind");
    outcome.map(|()| store)
}

fn info(store: &TrustStore) -> &ListInfo {
    let info = &store.lists()[0];
    assert_eq!(info.entries, info.keys + info.authorities + info.repeated + info.not_signers + info.skipped.len());
    info
}

/// Keys, authorities counted as entries, authorities stored, not signers, codes of what was left out.
fn account(bytes: &[u8]) -> (usize, usize, usize, usize, Vec<&'static str>) {
    let store = read(bytes, &[], false).unwrap();
    let list = info(&store);
    let codes = list.skipped.iter().map(|skipped| skipped.reason.code()).collect();
    (list.keys, list.authorities, store.authorities().count(), list.not_signers, codes)
}

#[test]
fn certificates_are_taken_for_what_they_say_that_they_are() {
    let key = Key::p256();
    let with = |extensions: Vec<Vec<u8>>| Spec { extensions, ..Spec::new("AU", "CSCA", "CSCA", &key) };
    // An authority's certificate as Doc 9303 wants it signs no documents.
    assert_eq!(account(&authority("AU", &key).signed(&key)), (0, 1, 1, 0, vec![]));
    // A signer's, or one that says nothing of itself, is a signer's.
    assert_eq!(account(&signer("AU", &Key::p256()).signed(&key)), (1, 0, 0, 0, vec![]));
    assert_eq!(account(&with(vec![]).signed(&key)), (1, 0, 0, 0, vec![]));
    assert_eq!(account(&with(vec![critical("2.5.29.19", &seq(&[]))]).signed(&key)), (1, 0, 0, 0, vec![]));
    // What may be both is both, and counts once: `openssl req -x509` makes these.
    assert_eq!(account(&with(vec![authority_constraints()]).signed(&key)), (1, 0, 1, 0, vec![]));
    assert_eq!(account(&with(vec![authority_constraints(), key_usage(0x86)]).signed(&key)), (1, 0, 1, 0, vec![]));
    // An authority that may sign no certificates is none.
    assert_eq!(account(&with(vec![authority_constraints(), key_usage(0x80)]).signed(&key)), (1, 0, 0, 0, vec![]));
    // A key that no document of ours is signed with does not hide an authority.
    let p521 = Key::p521();
    let mut spec = Spec::new("AU", "CSCA", "CSCA", &p521);
    spec.extensions = vec![authority_constraints()];
    assert_eq!(account(&spec.signed(&p521)), (0, 1, 1, 0, vec![]));

    // Signed by itself, it says; and it is not.
    assert_eq!(account(&authority("AU", &key).signed(&Key::p256())), (0, 0, 0, 0, vec!["issuer-signature-invalid"]));
    // A link from the country's old key to its new one.
    let link = |issuer: Vec<u8>| {
        let mut spec = authority("AU", &key);
        spec.extensions.push(authority_key_id(b"the old key"));
        spec.issuer = issuer;
        spec.signed(&Key::p256())
    };
    assert_eq!(account(&link(name("AU", "CSCA"))), (0, 1, 1, 0, vec![]));
    assert_eq!(account(&link(name("AU", "CSCA of old"))), (0, 1, 1, 0, vec![]));
    // An authority that another country made is no anchor for its own.
    assert_eq!(account(&link(name("NZ", "CSCA"))).1, 0);
    // Extensions that cannot be read hide no signer.
    assert_eq!(account(&with(vec![extension("2.5.29.19", b"x")]).signed(&key)), (1, 0, 0, 0, vec![]));

    // In PEM, several, and one twice.
    let one = authority("AU", &key).signed(&key);
    let file =
        [pem("CERTIFICATE", &one), pem("CERTIFICATE", &one), pem("CERTIFICATE", &authority("NZ", &key).signed(&key))];
    let store = read(file.concat().as_bytes(), &[], false).unwrap();
    assert_eq!((info(&store).authorities, info(&store).repeated), (2, 1));
    assert_eq!((store.authorities_of("AU").len(), store.authorities_of("NZ").len(), store.len()), (1, 1, 0));
    assert!(!store.is_empty() && store.authorities_of("US").is_empty());
}

#[test]
fn gateway_and_did_lists_bring_their_authorities() {
    let key = Key::p256();
    let (own, none) = (authority("XA", &key).signed(&key), signer("XA", &key).signed(&key));
    let entry = |kind: &str, der: &[u8]| json!({"certificateType": kind, "country": "XA", "kid": "AAAA", "rawData": base64(der)});
    let list = json!([entry("CSCA", &own), entry("CSCA", &none), entry("UPLOAD", &own), entry("DSC", &none)]);
    let store = read(list.to_string().as_bytes(), &[], true).unwrap();
    let list = info(&store);
    assert_eq!((list.keys, list.authorities, list.not_signers), (1, 1, 2), "{:?}", list.skipped);
    assert_eq!(store.authorities_of("XA")[0].list, "list");

    let method = |usage: &str, host: &str, participant: &str, jwk: serde_json::Value| {
        let id = format!("did:web:{host}:v2:trustlist:DCC:{participant}:{usage}#AAAA");
        json!({"id": id, "publicKeyJwk": jwk, "keyusage": {"code": usage}})
    };
    let x5c = |der: &[u8]| json!({"kty": "EC", "crv": "UNKNOWN CURVE", "x5c": [base64(der)]});
    let host = "tng-cdn.who.int";
    let document = json!({"id": "did:web:tng-cdn.who.int:v2:trustlist", "verificationMethod": [
        method("SCA", host, "PRT", x5c(&own)),
        method("CSCA", "tng-cdn-dev.who.int", "PRT", x5c(&own)),
        method("SCA", host, "PRT", x5c(&none)),
        method("SCA", host, "PRT", json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"})),
        method("DECA", host, "PRT", x5c(&own)),
        method("SCA", host, "PRT", x5c(b"rubbish")),
    ]});
    let store = read(document.to_string().as_bytes(), &[], true).unwrap();
    let list = info(&store);
    assert_eq!((list.authorities, list.not_signers, list.skipped.len()), (2, 3, 1));
    let sandbox: Vec<bool> = store.authorities().map(|authority| authority.sandbox).collect();
    assert_eq!(sandbox, [false, true]);
}

/// A master list, its signer and the authority that certified the signer.
struct Published {
    bytes: Vec<u8>,
    signer: Vec<u8>,
    certified_by: Vec<u8>,
}

fn master_list(certificates: &[Vec<u8>], usage: &str, how: Cms) -> Published {
    let (csca, key) = (Key::p384(), Key::p256());
    let mut spec = Spec::new("DE", "Master list signer", "CSCA", &key);
    spec.extensions = vec![usages(&[usage])];
    let signer = spec.signed(&csca);
    let content = seq(&[&[2, 1, 0], &tlv(0x31, &certificates.concat())]);
    let how = Cms { attached: true, content_type: Some(MASTER_LIST), ..how };
    let bytes = cms(&content, &signer, &name("DE", "CSCA"), &key, how);
    Published { bytes, signer, certified_by: authority("DE", &csca).signed(&csca) }
}

#[test]
fn a_master_list_is_believed_under_its_signer() {
    let (one, two) = (Key::p256(), Key::rsa(false));
    let mut old = authority("NZ", &two);
    old.extensions[2] = subject_key_id(b"another");
    let certificates = [
        authority("AU", &one).signed(&one),
        authority("NZ", &two).signed(&two),
        old.signed(&two),
        signer("AU", &one).signed(&one),
    ];
    for how in [Cms::default(), Cms { ber: true, ..Cms::default() }] {
        let list = master_list(&certificates, MASTER_LIST_SIGNER, how);
        let key = |bytes: &[u8]| ListKey::read(bytes).unwrap();
        for list_keys in
            [key(&list.signer), key(&list.certified_by), [key(&certificates[0]), key(&list.signer)].concat()]
        {
            let store = read(&list.bytes, &list_keys, false).unwrap();
            let info = info(&store);
            assert_eq!((info.form, info.entries, info.authorities, info.not_signers), (ListForm::MasterList, 4, 3, 1));
            assert!(matches!(info.authenticity, Authenticity::Whole { .. }));
            assert_eq!(info.newest_entry.unwrap().to_string(), "2023-06-01T00:00:00Z");
            assert_eq!((store.authorities_of("NZ").len(), store.len()), (2, 0));
        }
        // Nobody vouches for it: refused, or taken as it is.
        assert!(matches!(read(&list.bytes, &[], false), Err(ListError::Unsigned { form: ListForm::MasterList })));
        assert!(matches!(read(&list.bytes, &key(&certificates[0]), false), Err(ListError::Unsigned { .. })));
        assert_eq!(info(&read(&list.bytes, &[], true).unwrap()).authenticity, Authenticity::Unsigned);

        // Whatever is changed is noticed, and no option makes it acceptable.
        for at in (0..list.bytes.len()).step_by(17) {
            let mut damaged = list.bytes.clone();
            damaged[at] ^= 1;
            assert!(read(&damaged, &key(&list.signer), false).is_err(), "byte {at}");
        }
        let mut exchanged = list.bytes.clone();
        let at = list.bytes.windows(4).position(|window| window == b"CSCA").unwrap();
        exchanged[at] ^= 1;
        assert!(matches!(read(&exchanged, &key(&list.signer), true), Err(ListError::Signature { .. })));
    }
    // Whom the authority certified for something else signs no master lists.
    let list = master_list(&certificates, "2.23.136.1.1.14.2", Cms::default());
    let keys = ListKey::read(&list.certified_by).unwrap();
    assert!(matches!(read(&list.bytes, &keys, false), Err(ListError::Unsigned { .. })));
    // Without signed attributes the type of the content is not signed.
    let list = master_list(&certificates, MASTER_LIST_SIGNER, Cms { without_attributes: true, ..Cms::default() });
    assert!(read(&list.bytes, &ListKey::read(&list.signer).unwrap(), false).is_err());
    let empty = master_list(&[], MASTER_LIST_SIGNER, Cms::default());
    assert!(matches!(read(&empty.bytes, &[], true), Err(ListError::Empty { form: ListForm::MasterList })));
    let cut = master_list(&[certificates[0].clone(), b"\x30\x82".to_vec()], MASTER_LIST_SIGNER, Cms::default());
    assert_eq!(info(&read(&cut.bytes, &[], true).unwrap()).skipped.len(), 1);
}

#[test]
fn the_production_list_of_who_has_authorities_of_its_countries() {
    let Some(path) = vectors("vectors/trust-lists/gdhcn-prod-v2-did.json") else { return };
    let store = read(&std::fs::read(path).unwrap(), &[], false).unwrap();
    assert_eq!(info(&store).authorities, 60);
    // Each of them is the authority of signers of its country: what the list is for.
    for authority in store.authorities() {
        assert!(authority.country.as_deref().is_some_and(|country| country.len() == 2), "{authority:?}");
        assert!(authority.subject_key_id.is_some(), "{authority:?}");
    }
    assert!(!store.authorities_of("PT").is_empty());
}
