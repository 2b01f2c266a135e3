//! DCC to CBOR: definite lengths, shortest integers, absent fields left out.

use minicbor::{Encoder, encode::write::Write};

use super::model::{Dcc, Entry, Name, Recovery, Test, Vaccination};
use crate::envelope::hcert::cbor::Value;

type Fallible<W> = Result<(), minicbor::encode::Error<<W as Write>::Error>>;

impl Dcc {
    /// The certificate as one CBOR map.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::with_capacity(384));
        let written = self.encode(&mut encoder).is_ok();
        debug_assert!(written, "writing to memory cannot fail");
        encoder.into_writer()
    }

    /// The certificate as JSON, in the wire names: what business rules look at. Dates are days, doses are
    /// integers and texts have no padding, however the issuer wrote them.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        Value::read(&self.to_cbor()).map(|content| content.to_json()).unwrap_or_default()
    }

    fn encode<W: Write>(&self, e: &mut Encoder<W>) -> Fallible<W> {
        e.map(4)?;
        match &self.entry {
            Entry::Vaccination(v) => {
                e.str("v")?.array(1)?;
                vaccination(v, e)?;
            }
            Entry::Test(t) => {
                e.str("t")?.array(1)?;
                test(t, e)?;
            }
            Entry::Recovery(r) => {
                e.str("r")?.array(1)?;
                recovery(r, e)?;
            }
        }
        e.str("dob")?.str(&self.birth_date)?;
        e.str("nam")?;
        name(&self.name, e)?;
        e.str("ver")?.str(&self.version)?;
        Ok(())
    }
}

/// A map of the fields that are there.
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

fn name<W: Write>(n: &Name, e: &mut Encoder<W>) -> Fallible<W> {
    let fields = [
        ("fn", n.family.as_deref()),
        ("gn", n.given.as_deref()),
        ("fnt", n.family_standard.as_deref()),
        ("gnt", n.given_standard.as_deref()),
    ];
    e.map(present(&fields))?;
    texts(&fields, e)
}

fn vaccination<W: Write>(v: &Vaccination, e: &mut Encoder<W>) -> Fallible<W> {
    e.map(10)?;
    e.str("ci")?.str(&v.id)?;
    e.str("co")?.str(&v.country)?;
    e.str("dn")?.i64(v.dose)?;
    e.str("dt")?.str(&v.date)?;
    e.str("is")?.str(&v.issuer)?;
    e.str("ma")?.str(&v.holder)?;
    e.str("mp")?.str(&v.product)?;
    e.str("sd")?.i64(v.total_doses)?;
    e.str("tg")?.str(&v.disease)?;
    e.str("vp")?.str(&v.prophylaxis)?;
    Ok(())
}

fn test<W: Write>(t: &Test, e: &mut Encoder<W>) -> Fallible<W> {
    let fields = [
        ("ci", Some(t.id.as_str())),
        ("co", Some(&t.country)),
        ("is", Some(&t.issuer)),
        ("ma", t.device.as_deref()),
        ("nm", t.test_name.as_deref()),
        ("sc", Some(&t.sampled_at)),
        ("tc", t.centre.as_deref()),
        ("tg", Some(&t.disease)),
        ("tr", Some(&t.result)),
        ("tt", Some(&t.kind)),
    ];
    e.map(present(&fields))?;
    texts(&fields, e)
}

fn recovery<W: Write>(r: &Recovery, e: &mut Encoder<W>) -> Fallible<W> {
    let fields = [
        ("ci", Some(r.id.as_str())),
        ("co", Some(&r.country)),
        ("df", Some(&r.valid_from)),
        ("du", Some(&r.valid_until)),
        ("fr", Some(&r.first_positive)),
        ("is", Some(&r.issuer)),
        ("tg", Some(&r.disease)),
    ];
    e.map(present(&fields))?;
    texts(&fields, e)
}
