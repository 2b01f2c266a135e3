//! Credential to JSON, and to CBOR for the form in COSE. Both come from one tree, member by member in a fixed
//! order; what is absent is left out.

use minicbor::Encoder;
use serde_json::Value as Json;

use super::{
    model::{Address, Credential, Event, Facility, Subject, Verifier},
    read::{ReadError, Reading},
};
use crate::envelope::{
    divoc::{Terms, W3C_CONTEXT, context},
    hcert::cbor::Value as Cbor,
};

/// A part of a credential on its way out.
enum Item<'c> {
    Text(&'c str),
    Number(u32),
    List(Vec<Item<'c>>),
    Map(Vec<(&'static str, Item<'c>)>),
}

/// Members of an object, without the absent ones.
struct Members<'c>(Vec<(&'static str, Item<'c>)>);

impl<'c> Members<'c> {
    fn text(mut self, name: &'static str, value: Option<&'c String>) -> Self {
        self.0.extend(value.map(|text| (name, Item::Text(text))));
        self
    }

    /// A text that DIVOC's own readers take without asking whether it is there.
    fn always(mut self, name: &'static str, value: Option<&'c String>) -> Self {
        self.0.push((name, Item::Text(value.map_or("", String::as_str))));
        self
    }

    fn item(mut self, name: &'static str, item: Option<Item<'c>>) -> Self {
        self.0.extend(item.map(|item| (name, item)));
        self
    }

    fn into_item(self) -> Item<'c> {
        Item::Map(self.0)
    }
}

fn typed<'c>(name: &'c str) -> Members<'c> {
    Members(vec![("type", Item::Text(name))])
}

fn address(address: &Address) -> Item<'_> {
    Members(Vec::new())
        .text("streetAddress", address.street.as_ref())
        .text("streetAddress2", address.street2.as_ref())
        .text("district", address.district.as_ref())
        .text("city", address.city.as_ref())
        .text("addressRegion", address.region.as_ref())
        .text("addressCountry", address.country.as_ref())
        .text("postalCode", address.postal_code.as_ref())
        .into_item()
}

fn subject(subject: &Subject) -> Item<'_> {
    typed("Person")
        .text("id", subject.id.as_ref())
        .text("refId", subject.ref_id.as_ref())
        .text("uhid", subject.uhid.as_ref())
        .text("name", subject.name.as_ref())
        .text("gender", subject.gender.as_ref())
        .text("age", subject.age.as_ref())
        .text("dob", subject.birth_date.as_ref())
        .text("nationality", subject.nationality.as_ref())
        .item("address", subject.address.as_ref().map(address))
        .into_item()
}

fn verifier(verifier: &Verifier) -> Item<'_> {
    Members(Vec::new())
        .text("id", verifier.id.as_ref())
        .always("name", verifier.name.as_ref())
        .text("sign-image", verifier.sign_image.as_ref())
        .into_item()
}

fn facility(facility: &Facility) -> Item<'_> {
    Members(Vec::new())
        .always("name", facility.name.as_ref())
        .item("address", facility.address.as_ref().map(address))
        .text("seal-image", facility.seal_image.as_ref())
        .into_item()
}

fn evidence(credential: &Credential, terms: Terms) -> Item<'_> {
    let evidence = &credential.evidence;
    let members = Members(vec![("type", Item::List(vec![Item::Text(terms.evidence_type())]))])
        .text("id", evidence.id.as_ref())
        .text("feedbackUrl", evidence.feedback_url.as_ref())
        .text("infoUrl", evidence.info_url.as_ref())
        .text("certificateId", evidence.certificate_id.as_ref());
    let members = match &evidence.event {
        Event::Vaccination(v) => members
            .text("batch", v.batch.as_ref())
            .text("vaccine", v.vaccine.as_ref())
            .text("manufacturer", v.manufacturer.as_ref())
            .text("icd11Code", v.icd11.as_ref())
            .text("prophylaxis", v.prophylaxis.as_ref())
            .text("date", v.date.as_ref())
            .text("effectiveStart", v.effective_start.as_ref())
            .text("effectiveUntil", v.effective_until.as_ref())
            .item("dose", v.dose.map(Item::Number))
            .item("totalDoses", v.total_doses.map(Item::Number)),
        Event::Test(t) => members
            .text("testName", t.name.as_ref())
            .text("testType", t.kind.as_ref())
            .text("disease", t.disease.as_ref())
            .text("sampleOrigin", t.origin.as_ref())
            .text("result", t.result.as_ref())
            .text("batch", t.batch.as_ref())
            .text("manufacturer", t.manufacturer.as_ref())
            .text("sampleCollectionTimestamp", t.sampled_at.as_ref())
            .text("resultTimestamp", t.result_at.as_ref()),
    };
    members
        .item("verifier", evidence.verifier.as_ref().map(verifier))
        .item("facility", evidence.facility.as_ref().map(facility))
        .into_item()
}

fn tree(credential: &Credential) -> Item<'_> {
    // A namespace that is on no list is kept; nobody will read it as another one.
    let known = context(&credential.namespace).map(|(_, terms)| terms);
    let terms = known.unwrap_or(match credential.evidence.event {
        Event::Vaccination(_) => Terms::V2,
        Event::Test(_) => Terms::Test,
    });
    let list = |texts: [&'static str; 2]| Item::List(texts.into_iter().map(Item::Text).collect());
    Members(vec![
        ("@context", Item::List(vec![Item::Text(W3C_CONTEXT), Item::Text(&credential.namespace)])),
        ("type", list(["VerifiableCredential", terms.credential_type()])),
        ("credentialSubject", subject(&credential.subject)),
        ("issuer", Item::Text(&credential.issuer)),
        ("issuanceDate", Item::Text(&credential.issuance_date)),
        ("evidence", Item::List(vec![evidence(credential, terms)])),
    ])
    .text("nonTransferable", credential.non_transferable.as_ref())
    .into_item()
}

impl Item<'_> {
    fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => Json::from(*text),
            Self::Number(number) => Json::from(*number),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(members) => members.iter().map(|(name, item)| ((*name).to_owned(), item.to_json())).collect(),
        }
    }

    /// Whether it could be written; memory always can.
    fn to_cbor(&self, out: &mut Encoder<Vec<u8>>) -> bool {
        let length = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        match self {
            Self::Text(text) => out.str(text).is_ok(),
            Self::Number(number) => out.u32(*number).is_ok(),
            Self::List(items) => out.array(length(items.len())).is_ok() && items.iter().all(|item| item.to_cbor(out)),
            Self::Map(members) => {
                out.map(length(members.len())).is_ok()
                    && members.iter().all(|(name, item)| out.str(name).is_ok() && item.to_cbor(out))
            }
        }
    }
}

impl Credential {
    /// The credential as JSON, without a proof: what [`crate::envelope::divoc::Draft`] takes.
    #[must_use]
    pub fn to_json(&self) -> Json {
        tree(self).to_json()
    }

    /// The credential as one CBOR item, every member in a fixed order: the content of [`super::SUB_CLAIM`] in the health
    /// certificate claim of a CWT. A signature over it covers every value at its place.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::with_capacity(1024));
        let written = tree(self).to_cbor(&mut encoder);
        debug_assert!(written, "writing to memory cannot fail");
        encoder.into_writer()
    }
}

impl Reading {
    /// Reads the content of [`super::SUB_CLAIM`].
    ///
    /// # Errors
    /// [`ReadError`] names the first part that is not DIVOC's.
    pub fn of_cbor(value: &Cbor<'_>) -> Result<Self, ReadError> {
        let plain = plain(value).ok_or(ReadError::Part {
            path: "the credential",
            expected: "made of maps with text keys, lists, texts and numbers",
        })?;
        Self::of(&plain)
    }
}

/// The same as JSON; nothing when it has something that our own writer never makes. The depth is bounded by the
/// reader of CBOR.
fn plain(value: &Cbor<'_>) -> Option<Json> {
    Some(match value {
        Cbor::Text(text) => Json::from(text.as_ref()),
        Cbor::Int(number) => Json::from(*number),
        Cbor::Array(items) => Json::Array(items.iter().map(plain).collect::<Option<_>>()?),
        Cbor::Map(entries) => {
            let member = |(name, value): &(Cbor<'_>, Cbor<'_>)| match name {
                Cbor::Text(name) => Some((name.clone().into_owned(), plain(value)?)),
                _ => None,
            };
            Json::Object(entries.iter().map(member).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}
