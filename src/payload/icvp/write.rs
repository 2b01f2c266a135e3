//! Card to CBOR: definite lengths, one fixed order of members, absent ones left out.

use minicbor::{Encoder, encode::write::Write};

use super::model::{Dose, Generation, Icvp, TEMPLATE};
use crate::envelope::hcert::cbor::Value;

type Fallible<W> = Result<(), minicbor::encode::Error<<W as Write>::Error>>;

impl Icvp {
    /// The card as one CBOR map, the content of sub-claim -6. What its generation has no place for is left out: G1
    /// is only ever written back as it was read.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::with_capacity(256));
        let written = self.encode(&mut encoder).is_ok();
        debug_assert!(written, "writing to memory cannot fail");
        encoder.into_writer()
    }

    /// The card as JSON, in the wire names.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        Value::read(&self.to_cbor()).map(|content| content.to_json()).unwrap_or_default()
    }

    fn encode<W: Write>(&self, e: &mut Encoder<W>) -> Fallible<W> {
        let late = self.generation == Generation::G3;
        let birth = self.birth_date.to_string();
        let issued_on = self.issued_on.filter(|_| late).map(|day| day.to_string());
        let names = if late { ["nt", "id", "dt"] } else { ["ntl", "nid", "ndt"] };
        let [nationality, number, kind] = names;
        let version = late.then(|| self.version.as_deref().unwrap_or(TEMPLATE));
        let fields = [
            ("n", Some(self.name.as_str())),
            ("dob", Some(birth.as_str())),
            ("s", self.sex.map(|sex| sex.code())),
            (nationality, self.nationality.as_deref()),
            (number, self.document_number.as_deref()),
            (kind, self.document_kind.as_deref()),
            ("gn", self.guardian.as_deref()),
            ("v", version),
            ("d", issued_on.as_deref()),
        ];
        e.map(present(&fields) + 1)?;
        texts(&fields, e)?;
        match self.generation {
            Generation::G1 => e.str("v")?,
            // A list in the model, although its one example in the field is a map.
            Generation::G2 => e.str("v")?.array(1)?,
            Generation::G3 => e.str("vx")?,
        };
        dose(&self.dose, self.generation, e)
    }
}

/// The fields that are there.
fn texts<W: Write>(fields: &[(&str, Option<&str>)], e: &mut Encoder<W>) -> Fallible<W> {
    for (key, value) in fields {
        if let Some(value) = value {
            e.str(key)?.str(value)?;
        }
    }
    Ok(())
}

fn present(fields: &[(&str, Option<&str>)]) -> u64 {
    fields.iter().map(|(_, value)| u64::from(value.is_some())).sum()
}

fn dose<W: Write>(dose: &Dose, generation: Generation, e: &mut Encoder<W>) -> Fallible<W> {
    let late = generation == Generation::G3;
    let date = dose.date.to_string();
    let from = dose.valid_from.filter(|_| !late).map(|day| day.to_string());
    let until = dose.valid_until.filter(|_| !late).map(|day| day.to_string());
    let early = dose.early.as_ref().filter(|_| generation == Generation::G1);
    let fields = [
        ("vp", Some(dose.product.as_str())),
        ("mp", early.and_then(|early| early.trade_item.as_deref())),
        ("ma", early.and_then(|early| early.manufacturer.as_deref())),
        ("mid", early.and_then(|early| early.manufacturer_id.as_deref())),
        ("tg", early.and_then(|early| early.disease.as_deref())),
        ("dn", early.and_then(|early| early.dose.as_deref())),
        (if late { "dv" } else { "dt" }, Some(date.as_str())),
        ("cn", dose.clinician.as_deref()),
        ("is", dose.issuer.as_deref()),
        ("bo", Some(dose.batch.as_str())),
        ("vls", from.as_deref()),
        ("vle", until.as_deref()),
    ];
    e.map(present(&fields))?;
    texts(&fields, e)
}
