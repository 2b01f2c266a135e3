//! WHO's public list as DID documents, version 1 (flat, deprecated) and version 2 (by domain, participant and usage),
//! with a proof made as WHO makes it: over the canonical statements, the ECDSA signature in DER under version 2 and as
//! raw r‖s under the algorithm name `EC` in version 1. And with the marks of the real lists: coordinates are written
//! as signed numbers, so that half of them have a leading zero byte and some are short.
//!
//! The documents name the host `sandbox.invalid`, which can never be anybody's, and WHO's context for development.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    book::{Book, Kind},
    lists::seconds,
    reply::{Problem, Reply},
};
use crate::{
    keys::{
        Certificate, MemoryX509Signer, X509Signer as _,
        der::{self, Reader},
    },
    record::Country,
    trust::proof::Statement,
};

const HOST: &str = "did:web:sandbox.invalid";
/// Who signs the documents.
const SIGNER: &str = "did:web:sandbox.invalid:signing:DID";
const CONTEXTS: [&str; 3] = [
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/suites/jws-2020/v1",
    "https://smart.who.int/trust/tng-context/v1-DEV.jsonld",
];

/// A key that is published.
struct Key {
    domain: String,
    participant: String,
    /// `DSC` or `SCA`.
    usage: &'static str,
    kid: String,
    certificate: Certificate,
    issuer: Option<Certificate>,
}

/// Which document.
struct Asked<'p> {
    first_version: bool,
    references: bool,
    domain: Option<&'p str>,
    participant: Option<&'p str>,
    usage: Option<&'p str>,
}

impl<'p> Asked<'p> {
    fn of(path: &'p str) -> Option<Self> {
        let segments: Vec<&str> = path.split('/').collect();
        let (&last, segments) = segments.split_last()?;
        if last != "did.json" {
            return None;
        }
        let (references, filters) = match segments {
            ["trustlist"] => {
                return Some(Self {
                    first_version: true,
                    references: false,
                    domain: None,
                    participant: None,
                    usage: None,
                });
            }
            ["v2", "trustlist", filters @ ..] => (false, filters),
            ["v2", "trustlist-ref", filters @ ..] => (true, filters),
            _ => return None,
        };
        if filters.len() > 3 {
            return None;
        }
        let at = |position: usize| filters.get(position).copied().filter(|part| *part != "-");
        Some(Self { first_version: false, references, domain: at(0), participant: at(1), usage: at(2) })
    }

    fn wants(&self, key: &Key) -> bool {
        let fits = |wanted: Option<&str>, found: &str| wanted.is_none_or(|wanted| wanted == found);
        fits(self.domain, &key.domain) && fits(self.participant, &key.participant) && fits(self.usage, key.usage)
    }
}

/// Three letters of a participant; those of test participants are made of their two.
fn participant(country: &str) -> String {
    let code = country.parse::<Country>().ok();
    code.and_then(|code| code.alpha3().map(str::to_owned)).unwrap_or_else(|| format!("X{country}"))
}

fn keys(book: &Book, anchor: &Certificate) -> Vec<Key> {
    let read = |raw: &str| STANDARD.decode(raw).ok().and_then(|der| Certificate::from_der(&der).ok());
    let authorities = book.parties.iter().filter(|party| party.kind == Kind::Csca).filter_map(|party| {
        let certificate = read(&party.raw)?;
        Some(Key {
            domain: party.domain.clone(),
            participant: participant(&party.country),
            usage: "SCA",
            kid: certificate.kid().to_string(),
            certificate,
            issuer: None,
        })
    });
    let there = book.entries.iter().filter(|entry| entry.deleted.is_none() && entry.group == "DSC");
    let signers = there.filter_map(|entry| {
        let certificate = read(&entry.raw)?;
        let authorities = book.authorities(&entry.country, anchor);
        Some(Key {
            domain: entry.domain.clone(),
            participant: participant(&entry.country),
            usage: "DSC",
            kid: entry.kid.clone(),
            issuer: authorities.into_iter().find(|authority| certificate.is_issued_by(authority).is_ok()),
            certificate,
        })
    });
    authorities.chain(signers).collect()
}

/// A number as Java's `BigInteger` writes it: no needless zeros, and one in front where the first bit is set.
fn signed_number(magnitude: &[u8]) -> String {
    let mut item = Vec::new();
    der::write_unsigned(magnitude, &mut item);
    let content = Reader::new(&item).any().map(|item| item.content).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(content)
}

/// The key as a JSON Web Key; WHO's own words for a curve that its program does not know.
fn jwk(key: &Key) -> Option<Value> {
    let chain: Vec<String> =
        [Some(&key.certificate), key.issuer.as_ref()].into_iter().flatten().map(|c| STANDARD.encode(c.der())).collect();
    let outer = Reader::new(key.certificate.spki()).expect(der::SEQUENCE)?;
    let mut body = Reader::new(outer.content);
    body.expect(der::SEQUENCE)?;
    let (_, bits) = body.expect(der::BIT_STRING)?.content.split_first()?;
    if let [0x04, point @ ..] = bits
        && point.len() % 2 == 0
    {
        let (x, y) = point.split_at_checked(point.len() / 2)?;
        let curve = if x.len() == 32 { "P-256" } else { "UNKNOWN CURVE" };
        return Some(json!({
            "kty": "EC", "kid": key.kid, "x5c": chain, "crv": curve, "x": signed_number(x), "y": signed_number(y),
        }));
    }
    let numbers = Reader::new(bits).expect(der::SEQUENCE)?;
    let mut numbers = Reader::new(numbers.content);
    let (n, e) = (numbers.expect(der::INTEGER)?, numbers.expect(der::INTEGER)?);
    let text = |number: der::Item<'_>| URL_SAFE_NO_PAD.encode(number.content);
    Some(json!({"kty": "RSA", "kid": key.kid, "x5c": chain, "n": text(n), "e": text(e)}))
}

fn method(key: &Key, asked: &Asked<'_>, document: &str) -> Option<Value> {
    let Key { domain, participant, usage, kid, .. } = key;
    if asked.first_version {
        let id = format!("{HOST}:trustlist:{}#{kid}", participant.to_lowercase());
        return Some(json!({
            "id": id, "type": "JsonWebKey2020", "controller": document, "publicKeyJwk": jwk(key)?,
        }));
    }
    let id = format!("{HOST}:v2:trustlist:{domain}:{participant}:{usage}#{kid}");
    // The code keeps the gateway's own word for authorities.
    let code = if *usage == "SCA" { "CSCA" } else { usage };
    Some(json!({
        "id": id, "type": "JsonWebKey2020", "controller": document, "publicKeyJwk": jwk(key)?,
        "domain": {"code": format!("#{domain}")}, "participant": {"code": format!("#{participant}")},
        "keyusage": {"code": format!("#{code}")},
    }))
}

/// `GET /trustlist/did.json`, `/v2/trustlist[/…]/did.json` and `/v2/trustlist-ref[/…]/did.json`.
pub(super) fn document(
    book: &Book,
    anchor: &Certificate,
    signer: &MemoryX509Signer,
    path: &str,
    now: Timestamp,
    nonce: &str,
) -> Result<Reply, Problem> {
    let asked = Asked::of(path).ok_or(Problem::bare(404))?;
    let folder = path.trim_end_matches("/did.json").replace('/', ":");
    let id = format!("{HOST}:{folder}");
    let keys = keys(book, anchor);
    let wanted = keys.iter().filter(|key| asked.wants(key));
    let methods: Vec<Value> = if asked.references {
        let mut folders: Vec<String> =
            wanted.map(|key| format!("{HOST}:v2:trustlist:{}:{}:{}", key.domain, key.participant, key.usage)).collect();
        folders.sort();
        folders.dedup();
        folders.into_iter().map(Value::from).collect()
    } else {
        wanted.filter_map(|key| method(key, &asked, &id)).collect()
    };
    if methods.is_empty() {
        return Err(Problem::bare(404));
    }
    let algorithm = if asked.first_version { "EC" } else { "ES256" };
    let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"b64":false,"crit":["b64"],"alg":"{algorithm}"}}"#));
    let proof = |signature: &[u8]| {
        json!({
            "type": "JsonWebSignature2020", "created": seconds(now), "nonce": nonce,
            "proofPurpose": "assertionMethod", "verificationMethod": SIGNER,
            "jws": format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature)),
        })
    };
    let whole = |signature: &[u8]| {
        json!({
            "@context": CONTEXTS, "id": id, "controller": id, "verificationMethod": methods,
            "proof": proof(signature),
        })
    };
    let failed = || Problem::new(500, "0x008", "Internal Server Error", "the list cannot be signed");
    // The signature is no part of what is signed; any of the right length holds its place.
    let statement = Statement::of(&whole(&[1; 64])).map_err(|_| failed())?;
    let signature = signer.sign(statement.message()).map_err(|_| failed())?;
    let signature = if asked.first_version { fixed(&signature).ok_or_else(failed)? } else { signature };
    Ok(Reply::json(&whole(&signature)))
}

/// r‖s of an ECDSA signature in DER.
fn fixed(signature: &[u8]) -> Option<Vec<u8>> {
    let body = Reader::new(signature).expect(der::SEQUENCE)?;
    let mut numbers = Reader::new(body.content);
    let mut out = Vec::with_capacity(64);
    for _ in 0..2 {
        let number = der::trimmed(numbers.expect(der::INTEGER)?.content);
        out.resize(out.len() + 32_usize.checked_sub(number.len())?, 0);
        out.extend_from_slice(number);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_sign_byte_of_the_real_lists() {
        let length = |magnitude: &[u8]| URL_SAFE_NO_PAD.decode(signed_number(magnitude)).unwrap().len();
        assert_eq!(length(&[0x7f; 32]), 32);
        assert_eq!(length(&[0x80; 32]), 33);
        let mut short = [0x11; 32];
        short[0] = 0;
        assert_eq!(length(&short), 31);
    }

    #[test]
    fn paths_have_three_filters_at_most() {
        assert!(Asked::of("trustlist/did.json").unwrap().first_version);
        let asked = Asked::of("v2/trustlist/DCC/-/DSC/did.json").unwrap();
        assert_eq!((asked.domain, asked.participant, asked.usage), (Some("DCC"), None, Some("DSC")));
        assert!(Asked::of("v2/trustlist-ref/did.json").unwrap().references);
        for wrong in ["v2/trustlist", "v2/trustlist/a/b/c/d/did.json", "v3/trustlist/did.json", "did.json", ""] {
            assert!(Asked::of(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn participants_have_three_letters() {
        assert_eq!(participant("PT"), "PRT");
        assert_eq!(participant("XX"), "XXX");
        assert_eq!(participant("XA"), "XXA");
    }
}
