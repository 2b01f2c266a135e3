//! JSON to credential. Every member is known to [`super::model`], or the credential is refused: this reader serves
//! the form in COSE too, where no other one has looked before.

use serde_json::{Map, Value};

use super::model::{Address, Credential, Event, Evidence, Facility, Subject, Test, Vaccination, Verifier};
use crate::envelope::divoc::{Terms, W3C_CONTEXT, context};

/// Something that a reader forgave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// A number of doses is a text, or an empty one.
    DoseAsText,
    /// A text is a number (postal codes, ages).
    NumberAsText,
}

/// A credential as read, with remarks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it says.
    pub credential: Credential,
    /// What was forgiven, each once.
    pub remarks: Vec<Remark>,
}

/// Why content is no DIVOC credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A part that is missing or of another form.
    #[error("the content is not a DIVOC credential: {path} must be {expected}")]
    Part {
        /// Where.
        path: &'static str,
        /// What must stand there.
        expected: &'static str,
    },
    /// A member that DIVOC does not have.
    #[error("the content is not a DIVOC credential: {path} has a member that DIVOC does not know")]
    UnknownMember {
        /// Of what.
        path: &'static str,
    },
}

/// An object whose members are all asked for, one by one.
struct Object<'v> {
    members: &'v Map<String, Value>,
    path: &'static str,
}

fn part(path: &'static str, expected: &'static str) -> ReadError {
    ReadError::Part { path, expected }
}

impl<'v> Object<'v> {
    fn of(value: &'v Value, path: &'static str, known: &[&str]) -> Result<Self, ReadError> {
        let members = value.as_object().ok_or(part(path, "an object"))?;
        if members.keys().any(|name| !known.contains(&name.as_str())) {
            return Err(ReadError::UnknownMember { path });
        }
        Ok(Self { members, path })
    }

    /// The member, `null` counting as absent.
    fn get(&self, name: &str) -> Option<&'v Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn is_of_types(&self, expected: &[&str]) -> Result<(), ReadError> {
        let holds = match self.get("type") {
            Some(Value::String(one)) => expected == [one],
            Some(Value::Array(all)) => {
                all.len() == expected.len() && expected.iter().all(|name| all.iter().any(|one| one == name))
            }
            _ => false,
        };
        if holds { Ok(()) } else { Err(part(self.path, "of the type that belongs to its @context")) }
    }

    fn required(&self, name: &str, path: &'static str) -> Result<String, ReadError> {
        let text = self.get(name).and_then(Value::as_str);
        text.map(str::to_owned).ok_or(part(path, "a text"))
    }
}

/// Reads values and notes what was forgiven.
#[derive(Default)]
struct Reader {
    remarks: Vec<Remark>,
}

impl Reader {
    fn text(&mut self, object: &Object<'_>, name: &str) -> Result<Option<String>, ReadError> {
        match object.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)),
            Some(Value::Number(number)) => {
                self.remarks.push(Remark::NumberAsText);
                Ok(Some(number.to_string()))
            }
            Some(_) => Err(part(object.path, "an object of texts")),
        }
    }

    fn count(&mut self, object: &Object<'_>, name: &str) -> Result<Option<u32>, ReadError> {
        let wrong = part("evidence[0].dose, totalDoses", "a whole number from 0 to 9999");
        let number = match object.get(name) {
            None => return Ok(None),
            Some(Value::Number(number)) => {
                // 2.0 is the integer 2 in JSON-LD and in JavaScript.
                let whole = number.as_f64().filter(|n| n.fract() == 0.0 && (0.0..10_000.0).contains(n)).ok_or(wrong)?;
                format!("{whole:.0}")
            }
            Some(Value::String(text)) => {
                self.remarks.push(Remark::DoseAsText);
                if text.trim().is_empty() {
                    return Ok(None);
                }
                text.trim().to_owned()
            }
            Some(_) => return Err(wrong),
        };
        let digits = number.len() <= 4 && number.bytes().all(|b| b.is_ascii_digit());
        if digits { number.parse().map(Some).map_err(|_| wrong) } else { Err(wrong) }
    }

    fn address(&mut self, value: Option<&Value>, path: &'static str) -> Result<Option<Address>, ReadError> {
        let Some(value) = value else { return Ok(None) };
        let known =
            ["streetAddress", "streetAddress2", "district", "city", "addressRegion", "addressCountry", "postalCode"];
        let object = Object::of(value, path, &known)?;
        Ok(Some(Address {
            street: self.text(&object, "streetAddress")?,
            street2: self.text(&object, "streetAddress2")?,
            district: self.text(&object, "district")?,
            city: self.text(&object, "city")?,
            region: self.text(&object, "addressRegion")?,
            country: self.text(&object, "addressCountry")?,
            postal_code: self.text(&object, "postalCode")?,
        }))
    }

    fn subject(&mut self, value: &Value, terms: Terms) -> Result<Subject, ReadError> {
        let mut known = vec!["id", "type", "refId", "uhid", "name", "gender", "nationality", "address"];
        known.extend((terms != Terms::Test).then_some("age"));
        known.extend((terms != Terms::V1).then_some("dob"));
        let path = "credentialSubject";
        let object = Object::of(value, path, &known)?;
        object.is_of_types(&["Person"])?;
        Ok(Subject {
            id: self.text(&object, "id")?,
            ref_id: self.text(&object, "refId")?,
            uhid: self.text(&object, "uhid")?,
            name: self.text(&object, "name")?,
            gender: self.text(&object, "gender")?,
            age: self.text(&object, "age")?,
            birth_date: self.text(&object, "dob")?,
            nationality: self.text(&object, "nationality")?,
            address: self.address(object.get("address"), "credentialSubject.address")?,
        })
    }

    fn evidence(&mut self, value: &Value, terms: Terms) -> Result<Evidence, ReadError> {
        let Some([entry]) = value.as_array().map(Vec::as_slice) else {
            return Err(part("evidence", "a list of one object"));
        };
        let mut known = vec![
            "id",
            "type",
            "feedbackUrl",
            "infoUrl",
            "certificateId",
            "batch",
            "manufacturer",
            "verifier",
            "facility",
        ];
        known.extend_from_slice(match terms {
            Terms::V1 | Terms::V2 => &["vaccine", "date", "effectiveStart", "effectiveUntil", "dose", "totalDoses"],
            Terms::Test => &[
                "testName",
                "testType",
                "disease",
                "sampleOrigin",
                "sampleCollectionTimestamp",
                "resultTimestamp",
                "result",
            ],
        });
        if terms == Terms::V2 {
            known.extend(["icd11Code", "prophylaxis"]);
        }
        let object = Object::of(entry, "evidence[0]", &known)?;
        object.is_of_types(&[terms.evidence_type()])?;
        let event = match terms {
            Terms::V1 | Terms::V2 => Event::Vaccination(Box::new(self.vaccination(&object)?)),
            Terms::Test => Event::Test(Box::new(self.test(&object)?)),
        };
        Ok(Evidence {
            id: self.text(&object, "id")?,
            certificate_id: self.text(&object, "certificateId")?,
            feedback_url: self.text(&object, "feedbackUrl")?,
            info_url: self.text(&object, "infoUrl")?,
            event,
            verifier: self.verifier(object.get("verifier"))?,
            facility: self.facility(object.get("facility"))?,
        })
    }

    fn vaccination(&mut self, object: &Object<'_>) -> Result<Vaccination, ReadError> {
        Ok(Vaccination {
            batch: self.text(object, "batch")?,
            vaccine: self.text(object, "vaccine")?,
            manufacturer: self.text(object, "manufacturer")?,
            icd11: self.text(object, "icd11Code")?,
            prophylaxis: self.text(object, "prophylaxis")?,
            date: self.text(object, "date")?,
            effective_start: self.text(object, "effectiveStart")?,
            effective_until: self.text(object, "effectiveUntil")?,
            dose: self.count(object, "dose")?,
            total_doses: self.count(object, "totalDoses")?,
        })
    }

    fn test(&mut self, object: &Object<'_>) -> Result<Test, ReadError> {
        Ok(Test {
            name: self.text(object, "testName")?,
            kind: self.text(object, "testType")?,
            disease: self.text(object, "disease")?,
            origin: self.text(object, "sampleOrigin")?,
            result: self.text(object, "result")?,
            batch: self.text(object, "batch")?,
            manufacturer: self.text(object, "manufacturer")?,
            sampled_at: self.text(object, "sampleCollectionTimestamp")?,
            result_at: self.text(object, "resultTimestamp")?,
        })
    }

    fn verifier(&mut self, value: Option<&Value>) -> Result<Option<Verifier>, ReadError> {
        let Some(value) = value else { return Ok(None) };
        let object = Object::of(value, "evidence[0].verifier", &["id", "name", "sign-image"])?;
        Ok(Some(Verifier {
            id: self.text(&object, "id")?,
            name: self.text(&object, "name")?,
            sign_image: self.text(&object, "sign-image")?,
        }))
    }

    fn facility(&mut self, value: Option<&Value>) -> Result<Option<Facility>, ReadError> {
        let Some(value) = value else { return Ok(None) };
        let object = Object::of(value, "evidence[0].facility", &["name", "address", "seal-image"])?;
        Ok(Some(Facility {
            name: self.text(&object, "name")?,
            address: self.address(object.get("address"), "evidence[0].facility.address")?,
            seal_image: self.text(&object, "seal-image")?,
        }))
    }
}

impl Reading {
    /// Reads a credential without its proof.
    ///
    /// # Errors
    /// [`ReadError`] names the first part that is not DIVOC's.
    pub fn of(document: &Value) -> Result<Self, ReadError> {
        let known = ["@context", "type", "credentialSubject", "issuer", "issuanceDate", "evidence", "nonTransferable"];
        let object = Object::of(document, "the credential", &known)?;
        let contexts = object.get("@context").and_then(Value::as_array).map(Vec::as_slice);
        let (namespace, terms) = match contexts {
            Some([Value::String(first), Value::String(second)]) if first == W3C_CONTEXT => context(second),
            _ => None,
        }
        .ok_or(part("@context", "the two addresses of a DIVOC credential"))?;
        object.is_of_types(&["VerifiableCredential", terms.credential_type()])?;
        let mut reader = Reader::default();
        let missing = |path| part(path, "there");
        let credential = Credential {
            namespace: namespace.to_owned(),
            subject: reader.subject(object.get("credentialSubject").ok_or(missing("credentialSubject"))?, terms)?,
            issuer: object.required("issuer", "issuer")?,
            issuance_date: object.required("issuanceDate", "issuanceDate")?,
            non_transferable: reader.text(&object, "nonTransferable")?,
            evidence: reader.evidence(object.get("evidence").ok_or(missing("evidence"))?, terms)?,
        };
        let mut remarks = reader.remarks;
        remarks.sort_unstable();
        remarks.dedup();
        Ok(Self { credential, remarks })
    }
}
