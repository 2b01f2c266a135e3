//! From the JSON of a credential to the statements that its issuer signed: JSON-LD 1.1 expansion and conversion to
//! RDF for the one shape that DIVOC has, as the library of its signer (jsonld.js 2.0.2) does it.
//!
//! JSON-LD drops without a word what it does not know, and what it drops nobody signed. Here every member must be
//! known and of its form. The one loss that real certificates have is told instead of refused: a subject whose
//! `id` is no absolute IRI leaves the graph with the person's name and date of birth ([`Graph::subject_covered`]).

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

use super::{
    CredentialError, shown,
    terms::{self, Member, Terms, W3C_CONTEXT},
};
use crate::envelope::linked_data::{Quad, Term};

/// The members of one JSON object.
pub(super) type Members = Map<String, Value>;

/// Statements of a credential without its proof, and what the reader must know of them.
#[derive(Debug)]
pub(super) struct Graph<'d> {
    pub(super) quads: Vec<Quad<'d>>,
    pub(super) namespace: &'static str,
    pub(super) terms: Terms,
    /// Whether the person's data are among the statements.
    pub(super) subject_covered: bool,
    /// Whether an IRI has a space, which one reader keeps and another drops.
    pub(super) spaces: bool,
}

impl<'d> Graph<'d> {
    pub(super) fn of(document: &'d Members) -> Result<Self, CredentialError> {
        let place = "the credential";
        let known = ["@context", "type", "credentialSubject", "issuer", "issuanceDate", "evidence", "nonTransferable"];
        if let Some(member) = document.keys().find(|member| !known.contains(&member.as_str())) {
            return Err(CredentialError::UnknownMember { path: shown(member) });
        }
        let (namespace, terms) = context(document)?;
        // 45 statements is the most that a credential with all members has.
        let mut graph = Self { quads: Vec::with_capacity(48), namespace, terms, subject_covered: true, spaces: false };
        let credential = Term::Blank("credential".into());
        types(document, place, &["VerifiableCredential", terms.credential_type()])?;
        graph.push(&credential, terms::RDF_TYPE, Term::iri(terms::VERIFIABLE_CREDENTIAL));
        graph.push(&credential, terms::RDF_TYPE, Term::iri(terms.credential_class()));
        let issuer = text(document, "issuer", place)?;
        if !graph.iri(issuer, "issuer")? {
            return Err(CredentialError::Uncovered { path: "issuer" });
        }
        graph.push(&credential, terms::ISSUER, Term::iri(issuer));
        let issued = text(document, "issuanceDate", place)?;
        graph.push(&credential, terms::ISSUANCE_DATE, Term::typed(issued, terms::XSD_DATE_TIME));
        if document.contains_key("nonTransferable") {
            let value = text(document, "nonTransferable", place)?;
            graph.push(&credential, terms::NON_TRANSFERABLE, Term::text(value));
        }
        let evidence = graph.evidence(&credential, document)?;
        graph.subject(&credential, document, evidence)?;
        Ok(graph)
    }

    fn push(&mut self, subject: &Term<'d>, predicate: &'static str, object: Term<'d>) {
        self.quads.push(Quad::new(subject.clone(), predicate, object));
    }

    /// The one entry of `evidence`; its id, if it has one.
    fn evidence(&mut self, credential: &Term<'d>, document: &'d Members) -> Result<Option<&'d str>, CredentialError> {
        let place = "evidence[0]";
        let expected = "a list of objects";
        let entries = document.get("evidence").and_then(Value::as_array);
        let entries = entries.ok_or(CredentialError::Form { path: "evidence", expected })?;
        let [entry] = entries.as_slice() else {
            return Err(CredentialError::Evidence { count: entries.len() });
        };
        let entry = entry.as_object().ok_or(CredentialError::Form { path: place, expected: "an object" })?;
        types(entry, place, &[self.terms.evidence_type()])?;
        let id = match entry.get("id") {
            None | Some(Value::Null) => None,
            Some(_) => Some(text(entry, "id", "evidence[0].id")?),
        };
        let node = match id {
            None => Term::Blank("evidence".into()),
            Some(id) if self.iri(id, "evidence[0].id")? => Term::iri(id),
            // All that was given would leave the graph.
            Some(_) => return Err(CredentialError::Uncovered { path: "evidence[0].id" }),
        };
        self.push(credential, terms::EVIDENCE, node.clone());
        self.push(&node, terms::RDF_TYPE, Term::iri(self.terms.evidence_class()));
        self.members(Some(&node), entry, self.terms.evidence(), place, true)?;
        Ok(id)
    }

    fn subject(
        &mut self,
        credential: &Term<'d>,
        document: &'d Members,
        evidence: Option<&str>,
    ) -> Result<(), CredentialError> {
        let place = "credentialSubject";
        let subject = document.get(place).and_then(Value::as_object);
        let subject = subject.ok_or(CredentialError::Form { path: place, expected: "an object" })?;
        types(subject, place, &["Person"])?;
        let node = match subject.get("id") {
            None | Some(Value::Null) => Some(Term::Blank("subject".into())),
            Some(_) => {
                let id = text(subject, "id", "credentialSubject.id")?;
                if Some(id) == evidence {
                    // Two nodes of one name flow together, and their members could be exchanged.
                    return Err(CredentialError::SharedId);
                }
                self.iri(id, "credentialSubject.id")?.then(|| Term::iri(id))
            }
        };
        self.subject_covered = node.is_some();
        if let Some(node) = &node {
            self.push(credential, terms::CREDENTIAL_SUBJECT, node.clone());
            self.push(node, terms::RDF_TYPE, Term::iri(terms::PERSON));
        }
        self.members(node.as_ref(), subject, self.terms.person(), place, true)
    }

    /// Statements about one node; without a node, those about the nodes below it alone.
    fn members(
        &mut self,
        node: Option<&Term<'d>>,
        object: &'d Members,
        known: &'static [(&'static str, Member)],
        place: &'static str,
        with_type: bool,
    ) -> Result<(), CredentialError> {
        for (name, value) in object {
            if with_type && matches!(name.as_str(), "id" | "type") {
                continue;
            }
            let unknown = || CredentialError::UnknownMember { path: format!("{place}.{}", shown(name)) };
            let (_, member) = known.iter().find(|(known, _)| known == name).ok_or_else(unknown)?;
            // JSON-LD has no null: a member of that value is one that is absent.
            if value.is_null() {
                continue;
            }
            match *member {
                Member::Value(predicate) => {
                    let path =
                        || CredentialError::Member { path: format!("{place}.{name}"), expected: "a text or number" };
                    let literal = literal(value).ok_or_else(path)?;
                    if let Some(node) = node {
                        self.push(node, predicate, literal);
                    }
                }
                Member::Node(predicate, label, place, known) => {
                    let inner =
                        value.as_object().ok_or(CredentialError::Form { path: place, expected: "an object" })?;
                    let target = Term::Blank(label.into());
                    if let Some(node) = node {
                        self.push(node, predicate, target.clone());
                    }
                    self.members(Some(&target), inner, known, place, false)?;
                }
            }
        }
        Ok(())
    }

    /// Whether the text is an absolute IRI, which stays in the graph; one that would change the graph's own text
    /// is refused.
    fn iri(&mut self, text: &str, path: &'static str) -> Result<bool, CredentialError> {
        if !is_absolute(text) {
            return Ok(false);
        }
        // `schema:` would be expanded to another name.
        let expands = text.starts_with("schema:");
        if expands || text.chars().any(|c| c.is_control() || r#"<>"{}|\^`"#.contains(c)) {
            return Err(CredentialError::Iri { path });
        }
        self.spaces |= text.contains(' ');
        Ok(true)
    }
}

/// Whether a text has a scheme (RFC 3986 section 3.1) and something behind it.
pub(super) fn is_absolute(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
            && !rest.is_empty()
    })
}

/// Whether a text is an absolute IRI without a space or a character that an IRI cannot have (RFC 3987).
pub(super) fn is_clean_iri(text: &str) -> bool {
    let forbidden = |c: char| c.is_control() || c.is_whitespace() || r#"<>"{}|\^`"#.contains(c);
    is_absolute(text) && !text.contains(forbidden)
}

fn context(document: &Members) -> Result<(&'static str, Terms), CredentialError> {
    let contexts = document.get("@context").and_then(Value::as_array).map(Vec::as_slice);
    match contexts {
        Some([Value::String(first), Value::String(second)]) if first == W3C_CONTEXT => {
            terms::context(second).ok_or_else(|| CredentialError::UnknownContext { address: shown(second) })
        }
        _ => Err(CredentialError::Form { path: "@context", expected: "the two addresses of a DIVOC credential" }),
    }
}

/// The types must be these, in any order: the graph has none.
fn types(object: &Members, place: &'static str, expected: &[&str]) -> Result<(), CredentialError> {
    let is_expected = match object.get("type") {
        Some(Value::String(one)) => expected == [one],
        Some(Value::Array(all)) => {
            all.len() == expected.len() && expected.iter().all(|name| all.iter().any(|one| one == name))
        }
        _ => false,
    };
    if is_expected { Ok(()) } else { Err(CredentialError::Type { path: place }) }
}

/// Text of a member that must be there.
pub(super) fn text<'d>(object: &'d Members, member: &str, path: &'static str) -> Result<&'d str, CredentialError> {
    let missing = || CredentialError::Member { path: member_path(path, member), expected: "a text" };
    object.get(member).and_then(Value::as_str).ok_or_else(missing)
}

fn member_path(path: &'static str, member: &str) -> String {
    if path.ends_with(member) { path.to_owned() } else { member.to_owned() }
}

fn literal(value: &Value) -> Option<Term<'_>> {
    match value {
        Value::String(text) => Some(Term::text(text.as_str())),
        Value::Number(number) => Some(typed(number)),
        _ => None,
    }
}

/// A number as JSON-LD writes it (JSON-LD 1.1 API, section 8.6, "data round tripping"): whole ones below 10^21 as
/// integers, all others in the canonical form of `xsd:double`. Like the signer's language, it knows no integers
/// beyond those of a double.
fn typed(number: &Number) -> Term<'static> {
    /// 2^53: up to here every integer is its own double.
    const EXACT: u64 = 1 << 53;
    let exact = number.as_i64().filter(|n| n.unsigned_abs() <= EXACT);
    if let Some(whole) = exact {
        return Term::typed(whole.to_string(), terms::XSD_INTEGER);
    }
    let value = number.as_f64().unwrap_or(0.0);
    if value.fract() == 0.0 && value.abs() < 1e21 {
        // Adding 0 turns the negative zero into the one that is written.
        return Term::typed(format!("{:.0}", value + 0.0), terms::XSD_INTEGER);
    }
    Term::typed(canonical_double(value), terms::XSD_DOUBLE)
}

/// Mantissa of up to 15 decimals with at least one, `E`, exponent (XML Schema 1.1 part 2, section 3.3.5.2).
fn canonical_double(value: f64) -> Cow<'static, str> {
    let scientific = format!("{value:.15E}");
    let Some((mantissa, exponent)) = scientific.split_once('E') else { return scientific.into() };
    let trimmed = mantissa.trim_end_matches('0');
    let zero = if trimmed.ends_with('.') { "0" } else { "" };
    format!("{trimmed}{zero}E{exponent}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_signer_does() {
        let shown = |json: &str| match typed(&serde_json::from_str(json).unwrap()) {
            Term::Literal { value, .. } => value.into_owned(),
            other => panic!("{other:?}"),
        };
        for (json, expected) in [
            ("2", "2"),
            ("-7", "-7"),
            ("2.0", "2"),
            ("-0.0", "0"),
            ("5.5", "5.5E0"),
            ("0.1", "1.0E-1"),
            ("1e21", "1.0E21"),
            ("176207", "176207"),
            ("9007199254740993", "9007199254740992"),
            ("12345678901234567890", "12345678901234567168"),
        ] {
            assert_eq!(shown(json), expected, "{json}");
        }
    }

    #[test]
    fn only_a_scheme_makes_an_iri_absolute() {
        for iri in ["did:x:1", "https://a.b/", "custom:aadhar card:123", "urn:x"] {
            assert!(is_absolute(iri), "{iri}");
        }
        for text in ["", "962433308V", "1:2", ":", "did:", "a b:c", "_:b0", "ü:x"] {
            assert!(!is_absolute(text), "{text}");
        }
        assert!(is_clean_iri("did:india") && !is_clean_iri("custom:a b"));
    }
}
