//! From a DID document to the statements that its issuer signed (JSON-LD 1.1 expansion and conversion to RDF, for
//! the one shape that WHO publishes).
//!
//! The conversion is strict where JSON-LD is lenient, because whatever JSON-LD leaves out of the graph is not
//! protected: an unknown member, a name that is no absolute IRI, a value of another form. And two entries under
//! one name flow together in the graph, so that their members could be exchanged without breaking the proof: they
//! are refused unless only one member differs, which cannot be misread.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    Members, Place, ProofError,
    context::{self, Codes},
    shown,
};
use crate::{
    envelope::linked_data::{Quad, Term, jcs},
    limits::{DID_BYTES, DID_ENTRIES},
};

/// The statements of a document without its proof.
pub(super) fn statements<'d>(
    document: &'d Members,
    codes: Option<&'static Codes>,
) -> Result<Vec<Quad<'d>>, ProofError> {
    known(document, Place::Document, |member| {
        matches!(member, "@context" | "id" | "controller" | "verificationMethod" | "proof")
    })?;
    let id = did(document, "id", Place::Document)?;
    let mut quads = Vec::new();
    if document.contains_key("controller") {
        let controller = did(document, "controller", Place::Document)?;
        quads.push(Quad::new(Term::iri(id), context::CONTROLLER, Term::iri(controller)));
    }
    let entries = document.get("verificationMethod").and_then(Value::as_array).ok_or(ProofError::Shape {
        place: Place::Document,
        member: "verificationMethod",
        expected: "a list of keys",
    })?;
    if entries.len() > DID_ENTRIES {
        return Err(ProofError::TooManyEntries { found: entries.len(), limit: DID_ENTRIES });
    }
    let mut seen = HashMap::from([(id, None)]);
    for (position, entry) in entries.iter().enumerate() {
        let place = Place::Entry(position);
        let name = match entry {
            Value::String(reference) => checked(reference, "verificationMethod", place)?,
            Value::Object(members) => {
                let name = did(members, "id", place)?;
                unambiguous(name, members, &mut seen, place)?;
                self::entry(name, members, codes, place, &mut quads)?;
                name
            }
            _ => {
                let (member, expected) = ("verificationMethod", "a key or the name of one");
                return Err(ProofError::Shape { place, member, expected });
            }
        };
        quads.push(Quad::new(Term::iri(id), context::VERIFICATION_METHOD, Term::iri(name)));
    }
    Ok(quads)
}

/// The statements about one key.
fn entry<'d>(
    name: &'d str,
    members: &'d Members,
    codes: Option<&'static Codes>,
    place: Place,
    quads: &mut Vec<Quad<'d>>,
) -> Result<(), ProofError> {
    if text(members, "type", place)? != "JsonWebKey2020" {
        return Err(ProofError::Shape { place, member: "type", expected: "JsonWebKey2020" });
    }
    for (member, value) in members {
        let (predicate, object) = match member.as_str() {
            "id" => continue,
            "type" => (context::RDF_TYPE, Term::iri(context::JSON_WEB_KEY_2020)),
            "controller" => (context::CONTROLLER, Term::iri(did(members, "controller", place)?)),
            "publicKeyJwk" => {
                if !value.is_object() {
                    return Err(ProofError::Shape { place, member: "publicKeyJwk", expected: "a JSON Web Key" });
                }
                let mut jwk = String::new();
                jcs::write(value, &mut jwk)?;
                (context::PUBLIC_KEY_JWK, Term::typed(jwk, context::RDF_JSON))
            }
            other => match codes.and_then(|codes| codes.value_set(other)) {
                Some(value_set) => (value_set, Term::iri(format!("{value_set}{}", code(value, place)?))),
                None => return Err(ProofError::Unsigned { place, member: shown(other) }),
            },
        };
        quads.push(Quad::new(Term::iri(name), predicate, object));
    }
    Ok(())
}

/// The statements of the proof itself, all but the signature.
pub(super) fn options(proof: &Members) -> Result<Vec<Quad<'_>>, ProofError> {
    let place = Place::Proof;
    let node = || Term::Blank("proof".into());
    let mut quads = Vec::with_capacity(6);
    if text(proof, "type", place)? != "JsonWebSignature2020" {
        return Err(ProofError::Shape { place, member: "type", expected: "JsonWebSignature2020" });
    }
    if text(proof, "proofPurpose", place)? != "assertionMethod" {
        return Err(ProofError::Shape { place, member: "proofPurpose", expected: "assertionMethod" });
    }
    text(proof, "created", place)?;
    did(proof, "verificationMethod", place)?;
    for member in proof.keys() {
        let (predicate, object) = match member.as_str() {
            "jws" => continue,
            "type" => (context::RDF_TYPE, Term::iri(context::JSON_WEB_SIGNATURE_2020)),
            "proofPurpose" => (context::PROOF_PURPOSE, Term::iri(context::ASSERTION_METHOD)),
            "created" => (context::CREATED, Term::typed(text(proof, "created", place)?, context::XSD_DATE_TIME)),
            "nonce" => (context::NONCE, Term::text(text(proof, "nonce", place)?)),
            "domain" => (context::DOMAIN, Term::text(text(proof, "domain", place)?)),
            "verificationMethod" => (context::VERIFICATION_METHOD, Term::iri(did(proof, "verificationMethod", place)?)),
            other => return Err(ProofError::Unsigned { place, member: shown(other) }),
        };
        quads.push(Quad::new(node(), predicate, object));
    }
    Ok(quads)
}

fn known(members: &Members, place: Place, is_known: impl Fn(&str) -> bool) -> Result<(), ProofError> {
    match members.keys().find(|member| !is_known(member)) {
        Some(member) => Err(ProofError::Unsigned { place, member: shown(member) }),
        None => Ok(()),
    }
}

/// Text of a member that must be there. Control characters are refused: the forms of canonicalization in use
/// write them differently, and no such member has any.
pub(super) fn text<'d>(members: &'d Members, member: &'static str, place: Place) -> Result<&'d str, ProofError> {
    let expected = "text without control characters";
    let found = members.get(member).and_then(Value::as_str).filter(|text| !text.chars().any(char::is_control));
    found.ok_or(ProofError::Shape { place, member, expected })
}

/// A DID or DID URL that must be there.
fn did<'d>(members: &'d Members, member: &'static str, place: Place) -> Result<&'d str, ProofError> {
    let found = members.get(member).and_then(Value::as_str).unwrap_or_default();
    checked(found, member, place)
}

fn checked<'d>(found: &'d str, member: &'static str, place: Place) -> Result<&'d str, ProofError> {
    let expected = "a DID or DID URL (DID core, sections 3.1 and 3.2)";
    is_did_url(found).then_some(found).ok_or(ProofError::Shape { place, member, expected })
}

/// Syntax of DID core 1.0 sections 3.1 and 3.2 with RFC 3986. Whatever is no absolute IRI would drop out of the
/// graph.
fn is_did_url(text: &str) -> bool {
    let Some((method, rest)) = text.strip_prefix("did:").and_then(|rest| rest.split_once(':')) else { return false };
    let (path, fragment) = match rest.split_once('#') {
        Some((path, fragment)) => (path, Some(fragment)),
        None => (rest, None),
    };
    text.len() <= DID_BYTES
        && !method.is_empty()
        && method.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        && !path.is_empty()
        && is_iri_text(path)
        && fragment.is_none_or(is_iri_text)
}

/// Characters of RFC 3986 `pchar`, slash and question mark, with whole percent escapes.
fn is_iri_text(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let allowed = match byte {
            b'%' => [bytes.next(), bytes.next()].iter().all(|b| b.is_some_and(|b| b.is_ascii_hexdigit())),
            _ => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte),
        };
        if !allowed {
            return false;
        }
    }
    true
}

/// A code `{"code": "#DCC"}` as the fragment that it is: relative to its value set, whatever else it could be
/// resolved to.
fn code(value: &Value, place: Place) -> Result<&str, ProofError> {
    let members = value.as_object().filter(|members| members.len() == 1);
    let code = members.and_then(|members| members.get("code")).and_then(Value::as_str);
    let valid = |code: &&str| code.strip_prefix('#').is_some_and(|rest| !rest.is_empty() && is_iri_text(rest));
    code.filter(|code| code.len() <= DID_BYTES && valid(code)).ok_or(ProofError::Shape {
        place,
        member: "code",
        expected: "a code of the form {\"code\": \"#DCC\"}",
    })
}

/// Refuses an entry that flows together with another one in the graph so that what belongs to which is lost.
fn unambiguous<'d>(
    name: &'d str,
    members: &'d Members,
    seen: &mut HashMap<&'d str, Option<(&'d Members, Option<&'d str>)>>,
    place: Place,
) -> Result<(), ProofError> {
    let ambiguous = || ProofError::Ambiguous { place, id: shown(name) };
    match seen.get_mut(name) {
        None => {
            seen.insert(name, Some((members, None)));
            Ok(())
        }
        // The name of the document itself.
        Some(None) => Err(ambiguous()),
        Some(Some((first, differing))) => {
            if !first.keys().eq(members.keys()) {
                return Err(ambiguous());
            }
            for (member, _) in members.iter().filter(|(member, value)| first.get(*member) != Some(*value)) {
                if differing.is_some_and(|other| other != member) {
                    return Err(ambiguous());
                }
                *differing = Some(member);
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_absolute_or_refused() {
        for good in [
            "did:web:tng-cdn.who.int:v2:trustlist:-:AND:SCA#+6w2r/RfO1M=",
            "did:web:example.org%3A8080",
            "did:key:z6Mk#z6Mk",
            "did:web:tng-cdn.who.int:trustlist:nld#%2B7gPaASOAJY%3D",
        ] {
            assert!(is_did_url(good), "{good}");
        }
        for bad in [
            "",
            "did:",
            "did:web",
            "did:web:",
            "did:WEB:x",
            "did::x",
            "#kid",
            "kid",
            "/x",
            "https://x.org",
            "did:web:a b",
            "did:web:a<b",
            "did:web:a#b#c",
            "did:web:a%2",
            "did:web:a%zz",
            "did:web:é",
            "did:web:a\\b",
            "did:web:a\"",
            "did:web:[::1]",
        ] {
            assert!(!is_did_url(bad), "{bad}");
        }
        assert!(!is_did_url(&format!("did:web:{}", "a".repeat(DID_BYTES))));
    }
}
