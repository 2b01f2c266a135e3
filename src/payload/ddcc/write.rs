//! DDCC to CBOR and JSON: definite lengths, shortest integers, absent elements left out, and always the order of
//! the model, so that one certificate has one form.

use minicbor::{Encoder, encode::write::Write};

use crate::envelope::hcert::{SUB_CLAIM_DDCC_TEST, SUB_CLAIM_DDCC_VACCINATION};

use super::model::{Coding, Ddcc, Event, Identifier, Organization, Test, Vaccination, name};

/// What is written: nothing of it repeats an element.
enum Node<'d> {
    Text(&'d str),
    Count(u32),
    Map(Vec<(&'static str, Node<'d>)>),
}

type Member<'d> = Option<(&'static str, Node<'d>)>;

impl Ddcc {
    /// The certificate as one CBOR map: the content of sub-claim 3 or 4.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::with_capacity(512));
        let written = encode(&node(self), &mut encoder).is_ok();
        debug_assert!(written, "writing to memory cannot fail");
        encoder.into_writer()
    }

    /// The certificate as JSON, in the element names of the model.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        json(&node(self))
    }

    /// Sub-claim of the health certificate claim that carries it.
    #[must_use]
    pub fn sub_claim(&self) -> i64 {
        match self.event {
            Event::Vaccination(_) => SUB_CLAIM_DDCC_VACCINATION,
            Event::Test(_) => SUB_CLAIM_DDCC_TEST,
        }
    }
}

// The nesting is that of the model: four levels.
fn encode<W: Write>(node: &Node<'_>, e: &mut Encoder<W>) -> Result<(), minicbor::encode::Error<W::Error>> {
    match node {
        Node::Text(text) => e.str(text).map(|_| ()),
        Node::Count(count) => e.u32(*count).map(|_| ()),
        Node::Map(members) => {
            e.map(u64::try_from(members.len()).unwrap_or(u64::MAX))?;
            for (key, member) in members {
                e.str(key)?;
                encode(member, e)?;
            }
            Ok(())
        }
    }
}

fn json(node: &Node<'_>) -> serde_json::Value {
    match node {
        Node::Text(text) => (*text).into(),
        Node::Count(count) => (*count).into(),
        Node::Map(members) => members.iter().map(|(key, member)| ((*key).to_owned(), json(member))).collect(),
    }
}

fn map<'d>(members: impl IntoIterator<Item = Member<'d>>) -> Node<'d> {
    Node::Map(members.into_iter().flatten().collect())
}

/// A member that is a map, left out when nothing is in it.
fn group<'d>(key: &'static str, members: impl IntoIterator<Item = Member<'d>>) -> Member<'d> {
    match map(members) {
        Node::Map(members) if members.is_empty() => None,
        node => Some((key, node)),
    }
}

fn text<'d>(key: &'static str, value: &'d Option<String>) -> Member<'d> {
    value.as_deref().map(|value| (key, Node::Text(value)))
}

fn count(key: &'static str, value: Option<u32>) -> Member<'static> {
    value.map(|value| (key, Node::Count(value)))
}

fn coding<'d>(key: &'static str, value: &'d Option<Coding>) -> Member<'d> {
    let value = value.as_ref()?;
    group(key, [text(name::SYSTEM, &value.system), text(name::CODE, &value.code), text(name::DISPLAY, &value.display)])
}

fn identifier<'d>(key: &'static str, value: &'d Option<Identifier>) -> Member<'d> {
    let value = value.as_ref()?;
    let kind = value.kind.as_deref().map(|kind| (name::TYPE, map([Some((name::TEXT, Node::Text(kind)))])));
    group(key, [kind, text(name::SYSTEM, &value.system), Some((name::VALUE, Node::Text(&value.value)))])
}

fn organization<'d>(key: &'static str, value: &'d Option<Organization>) -> Member<'d> {
    let value = value.as_ref()?;
    group(
        key,
        [
            text(name::REFERENCE, &value.reference),
            identifier(name::IDENTIFIER, &value.identifier),
            text(name::DISPLAY, &value.display),
        ],
    )
}

fn node(ddcc: &Ddcc) -> Node<'_> {
    let certificate = &ddcc.certificate;
    map([
        Some((name::NAME, Node::Text(&ddcc.name))),
        text(name::BIRTH_DATE, &ddcc.birth_date),
        text(name::SEX, &ddcc.sex),
        identifier(name::IDENTIFIER, &ddcc.identifier),
        group(
            name::CERTIFICATE,
            [
                organization(name::ISSUER, &certificate.issuer),
                text(name::KID, &certificate.kid),
                identifier(name::HCID, &certificate.hcid),
                identifier(name::DDCCID, &certificate.ddccid),
                text(name::VERSION, &certificate.version),
                group(
                    name::PERIOD,
                    [text(name::START, &certificate.period.start), text(name::END, &certificate.period.end)],
                ),
            ],
        ),
        match &ddcc.event {
            Event::Vaccination(v) => Some((name::VACCINATION, vaccination(v))),
            Event::Test(t) => Some((name::TEST, test(t))),
        },
    ])
}

fn vaccination(v: &Vaccination) -> Node<'_> {
    map([
        coding(name::VACCINE, &v.vaccine),
        coding(name::BRAND, &v.brand),
        coding(name::MANUFACTURER, &v.manufacturer),
        coding(name::MA_HOLDER, &v.holder),
        text(name::LOT, &v.lot),
        Some((name::DATE, Node::Text(&v.date))),
        text(name::VALID_FROM, &v.valid_from),
        count(name::DOSE, v.dose),
        count(name::TOTAL_DOSES, v.total_doses),
        coding(name::COUNTRY, &v.country),
        text(name::CENTRE, &v.centre),
        identifier(name::PRACTITIONER, &v.practitioner),
        coding(name::DISEASE, &v.disease),
        text(name::NEXT_DOSE, &v.next_dose),
    ])
}

fn test(t: &Test) -> Node<'_> {
    map([
        coding(name::PATHOGEN, &t.pathogen),
        coding(name::TYPE, &t.kind),
        coding(name::BRAND, &t.brand),
        coding(name::MANUFACTURER, &t.manufacturer),
        coding(name::ORIGIN, &t.origin),
        Some((name::DATE, Node::Text(&t.date))),
        coding(name::RESULT, &t.result),
        coding(name::CENTRE, &t.centre),
        coding(name::COUNTRY, &t.country),
    ])
}
