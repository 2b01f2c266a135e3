//! What the words of a DID document mean: the closed table of JSON-LD contexts that WHO signs under.
//!
//! A context is part of what is signed, since it says which statement a member makes. Only the contexts of this
//! table are known, none is ever fetched, and a member that none of a document's contexts gives a meaning would
//! drop out of the signed graph silently: it is refused.
//!
//! Sources: DID core 1.0, annex B (`did/v1`); W3C CCG `suites/jws-2020/v1`; WHO `tng-context/v1` in
//! WorldHealthOrganization/tng-key-distribution, `src/main/resources/did_contexts` (`v1-dev.jsonld`, commit
//! 39b8642). The addresses of the value sets of production are those under which its signature holds (the copy of
//! `v1.jsonld` in that repository still has older ones); those of UAT follow the same pattern and were not seen
//! under a signature. WHO's earlier context `tng-additional-context/v1` is left out on purpose: one address had
//! another content in each environment.

use serde_json::Value;

use super::{Place, ProofError, shown};

/// Members `id`, `controller`, `verificationMethod`, and the aliases `id` and `type`.
const DID_V1: &str = "https://www.w3.org/ns/did/v1";
/// The types `JsonWebKey2020` and `JsonWebSignature2020` with their members.
const JWS_2020_V1: &str = "https://w3id.org/security/suites/jws-2020/v1";

pub(super) const RDF_TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
pub(super) const RDF_JSON: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON";
pub(super) const XSD_DATE_TIME: &str = "http://www.w3.org/2001/XMLSchema#dateTime";
pub(super) const CREATED: &str = "http://purl.org/dc/terms/created";
pub(super) const CONTROLLER: &str = "https://w3id.org/security#controller";
pub(super) const VERIFICATION_METHOD: &str = "https://w3id.org/security#verificationMethod";
pub(super) const PUBLIC_KEY_JWK: &str = "https://w3id.org/security#publicKeyJwk";
pub(super) const JSON_WEB_KEY_2020: &str = "https://w3id.org/security#JsonWebKey2020";
pub(super) const JSON_WEB_SIGNATURE_2020: &str = "https://w3id.org/security#JsonWebSignature2020";
pub(super) const PROOF_PURPOSE: &str = "https://w3id.org/security#proofPurpose";
pub(super) const ASSERTION_METHOD: &str = "https://w3id.org/security#assertionMethod";
pub(super) const NONCE: &str = "https://w3id.org/security#nonce";
pub(super) const DOMAIN: &str = "https://w3id.org/security#domain";

/// The coded members of an entry and the value set of each. The property and the set have the same IRI; a code is
/// a fragment of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Codes {
    context: &'static str,
    domain: &'static str,
    participant: &'static str,
    keyusage: &'static str,
}

impl Codes {
    /// The value set of a member of an entry.
    pub(super) fn value_set(&self, member: &str) -> Option<&'static str> {
        match member {
            "domain" => Some(self.domain),
            "participant" => Some(self.participant),
            "keyusage" => Some(self.keyusage),
            _ => None,
        }
    }
}

/// WHO's own contexts, one an environment.
const TNG: [Codes; 3] = [
    Codes {
        context: "https://smart.who.int/trust/tng-context/v1.jsonld",
        domain: "https://smart.who.int/trust/ValueSet-Domains.jsonld",
        participant: "https://smart.who.int/trust/ValueSet-Participants.jsonld",
        keyusage: "https://smart.who.int/trust/ValueSet-KeyUsage.jsonld",
    },
    Codes {
        context: "https://smart.who.int/trust/tng-context/v1-UAT.jsonld",
        domain: "https://smart.who.int/trust/ValueSet-Domains-UAT.jsonld",
        participant: "https://smart.who.int/trust/ValueSet-Participants-UAT.jsonld",
        keyusage: "https://smart.who.int/trust/ValueSet-KeyUsage-UAT.jsonld",
    },
    Codes {
        context: "https://smart.who.int/trust/tng-context/v1-DEV.jsonld",
        domain: "https://smart.who.int/trust/ValueSet-Domains-DEV.jsonld",
        participant: "https://smart.who.int/trust/ValueSet-Participants-DEV.jsonld",
        keyusage: "https://smart.who.int/trust/ValueSet-KeyUsage-DEV.jsonld",
    },
];

/// Reads the `@context` of a document: the value sets of its codes, if it has a context for them.
///
/// # Errors
/// A context that is not a name of the table, one that is missing without which the document says nothing, or two
/// that give the same member two meanings.
pub(super) fn read(context: Option<&Value>) -> Result<Option<&'static Codes>, ProofError> {
    let list = context.and_then(Value::as_array).ok_or(ProofError::Shape {
        place: Place::Document,
        member: "@context",
        expected: "a list of context addresses",
    })?;
    let (mut did, mut jws, mut codes) = (false, false, None);
    for item in list {
        let Some(name) = item.as_str() else {
            return Err(ProofError::UnknownContext { context: "(written out in the document)".into() });
        };
        match name {
            DID_V1 => did = true,
            JWS_2020_V1 => jws = true,
            _ => {
                let known = TNG.iter().find(|known| known.context == name);
                let known = known.ok_or_else(|| ProofError::UnknownContext { context: shown(name) })?;
                if codes.is_some_and(|other| other != known) {
                    return Err(ProofError::UnknownContext { context: format!("{} besides another", shown(name)) });
                }
                codes = Some(known);
            }
        }
    }
    for (present, context) in [(did, DID_V1), (jws, JWS_2020_V1)] {
        if !present {
            return Err(ProofError::NoContext { context });
        }
    }
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn contexts_are_known_by_name_or_refused_by_name() {
        let tng = TNG[0].context;
        assert_eq!(read(Some(&json!([DID_V1, JWS_2020_V1]))), Ok(None));
        assert_eq!(read(Some(&json!([DID_V1, JWS_2020_V1, tng]))), Ok(Some(&TNG[0])));
        let odd = "https://example.org/v1";
        assert_eq!(
            read(Some(&json!([DID_V1, JWS_2020_V1, odd]))),
            Err(ProofError::UnknownContext { context: odd.into() })
        );
        assert_eq!(read(Some(&json!([DID_V1, tng]))), Err(ProofError::NoContext { context: JWS_2020_V1 }));
        assert_eq!(read(Some(&json!([JWS_2020_V1]))), Err(ProofError::NoContext { context: DID_V1 }));
        assert!(matches!(
            read(Some(&json!([DID_V1, JWS_2020_V1, {"x": "https://example.org/x"}]))),
            Err(ProofError::UnknownContext { .. })
        ));
        assert!(matches!(
            read(Some(&json!([DID_V1, JWS_2020_V1, tng, TNG[2].context]))),
            Err(ProofError::UnknownContext { .. })
        ));
        for odd in [None, Some(json!(DID_V1)), Some(json!({})), Some(json!(null))] {
            assert!(matches!(read(odd.as_ref()), Err(ProofError::Shape { .. })), "{odd:?}");
        }
    }
}
