//! One item, member by member.

use jiff::civil::Date;
use serde_json::Value;

use super::{
    Contract, Item, Terms, event_key,
    fields::{Fields, Need, country_of, day_of},
    product, reasons,
};
use crate::{
    record::{
        DocumentKind, PartialDate, Person, PersonName, Provenance, Refusal, Sex, TravelDocument, VaccinationRecord,
        names::is_cut,
    },
    source::{
        policy::BirthDateMissing,
        reasons::{NoteCode, ReasonCode},
    },
    valueset::VaccineProduct,
};

/// Longest registration code, in characters.
const CODE_CHARS: usize = 128;

/// No certificate can show an earlier year (EU DCC schema 1.3.x, pattern of `dob`).
const FIRST_YEAR: i16 = 1900;

/// Reads one item. `locate` makes of a path in the item the place that the sender knows.
pub(super) fn read(
    item: &Value,
    place: usize,
    contract: Contract,
    terms: &Terms<'_>,
    locate: &dyn Fn(&str) -> String,
) -> Item {
    if !item.is_object() {
        let refusal = Refusal::of(reasons::ITEM_MALFORMED, Some(&locate("")));
        return Item { place, code: None, dose: None, outcome: Err(vec![refusal]), notes: Vec::new() };
    }
    let mut fields = Fields::new(item, locate);
    // What v1 demands and v3 does not.
    let in_v1 = |need: Need| if contract == Contract::V1 { need } else { Need::Optional };

    let code = fields.text("preEnrollmentCode", Need::Present);
    let usable = code.as_deref().filter(|code| code.chars().nth(CODE_CHARS).is_none());
    if usable.is_none() && fields.refusals.is_empty() {
        fields.refuse(reasons::CODE_UNUSABLE, "preEnrollmentCode");
    }
    let program = fields.text("programId", Need::Optional);

    let person =
        if fields.object("recipient", Need::Present) { Some(person(&mut fields, contract, terms)) } else { None };
    let vaccination = if fields.object("vaccination", Need::Present) {
        Some(vaccination(&mut fields, person.as_ref().and_then(|person| person.birth_date), terms))
    } else {
        None
    };
    let clinician = match fields.object("vaccinator", in_v1(Need::Present)) {
        true => fields.text("vaccinator.name", in_v1(Need::Present)),
        false => None,
    };
    let (mut centre, mut country) = (None, terms.country);
    if fields.object("facility", Need::Present) {
        centre = fields.text("facility.name", Need::Present);
        if fields.object("facility.address", in_v1(Need::Present))
            && let Some(named) = fields.text("facility.address.country", Need::Optional)
        {
            match country_of(&named) {
                Some(found) => country = found,
                None => fields.refuse(reasons::COUNTRY_UNKNOWN, "facility.address.country"),
            }
        }
    }
    if country != terms.country {
        fields.note(reasons::COUNTRY_DIFFERS, "facility.address.country");
    }
    fields.note_ignored();

    let dose = vaccination.as_ref().and_then(|vaccination| vaccination.dose);
    let notes = std::mem::take(&mut fields.notes);
    let record = match (usable, person, vaccination) {
        (Some(code), Some(person), Some(vaccination)) => vaccination.whole().map(|(product, date, dose, total)| {
            Box::new(VaccinationRecord {
                provenance: Provenance {
                    tracked_entity: (terms.pseudonym)(code),
                    event: event_key(program.as_deref(), dose, &terms.pseudonym),
                    updated_at: None,
                    // The API names facilities and has no key for them.
                    facility: centre.clone(),
                },
                person,
                product,
                lot: vaccination.lot,
                date,
                dose,
                total_doses: total,
                country,
                centre,
                practitioner: None,
                clinician,
                next_dose: None,
                issuer: terms.issuer.to_owned(),
            })
        }),
        _ => None,
    };
    let outcome = match record {
        Some(record) if fields.refusals.is_empty() => Ok(record),
        _ => {
            // Nothing is left out without a reason; should one have been forgotten, the item is refused all the same.
            if fields.refusals.is_empty() {
                fields.refuse(reasons::ITEM_MALFORMED, "");
            }
            Err(fields.refusals)
        }
    };
    Item { place, code, dose, outcome, notes }
}

fn person(fields: &mut Fields<'_>, contract: Contract, terms: &Terms<'_>) -> Person {
    let name = fields.text("recipient.name", Need::Filled);
    if name.as_ref().is_some_and(|name| !name.chars().any(char::is_alphabetic)) {
        fields.refuse_as(ReasonCode::NameUnreadable, "recipient.name");
    }
    if name.as_deref().is_some_and(is_cut) {
        let cut = NoteCode::NameCut;
        fields.note((cut.code(), cut.meaning(), cut.remedy()), "recipient.name");
    }
    let birth_date = birth_date(fields, terms);
    let need = if contract == Contract::V1 { Need::Present } else { Need::Optional };
    let sex = fields.text("recipient.gender", need).and_then(|word| {
        let sex = sex_of(&word);
        if sex.is_none() {
            fields.left_out("recipient.gender");
        }
        sex
    });
    let nationality = fields.text("recipient.nationality", Need::Present).and_then(|word| {
        let country = country_of(&word);
        if country.is_none() {
            fields.left_out("recipient.nationality");
        }
        country
    });
    let identifier = fields.text("recipient.identity", Need::Present);
    Person {
        name: PersonName { family: name, ..PersonName::default() },
        birth_date,
        sex,
        document: identifier.as_deref().and_then(document_of),
        identifier,
        nationality,
        guardian: None,
    }
}

fn birth_date(fields: &mut Fields<'_>, terms: &Terms<'_>) -> Option<PartialDate> {
    const AT: &str = "recipient.dob";
    let before = fields.refusals.len();
    let Some(text) = fields.text(AT, Need::Optional) else {
        // A value that is no text is its own fault.
        if fields.refusals.len() == before {
            match terms.birth_date_missing {
                BirthDateMissing::Refuse => fields.refuse(reasons::AGE_ALONE, AT),
                BirthDateMissing::Allow => {
                    let at = NoteCode::BirthDateAbsent;
                    fields.note((at.code(), at.meaning(), at.remedy()), AT);
                }
            }
        }
        return None;
    };
    match day_of(&text) {
        None => fields.refuse_as(ReasonCode::BirthDateUnreadable, AT),
        Some(date) if date.year() < FIRST_YEAR || date.earliest() > terms.today => {
            fields.refuse_as(ReasonCode::BirthDateImplausible, AT);
        }
        found => return found,
    }
    None
}

/// The words that DIVOC's forms and FHIR have for it.
fn sex_of(word: &str) -> Option<Sex> {
    match word.to_lowercase().as_str() {
        "male" | "m" => Some(Sex::Male),
        "female" | "f" => Some(Sex::Female),
        "other" | "others" | "o" | "transgender" => Some(Sex::Other),
        _ => None,
    }
}

/// The document behind an identity such as `did:Passport:X1234567` or `NIC:871234567V`, where its kind is named.
fn document_of(identity: &str) -> Option<TravelDocument> {
    let lower = identity.get(..4).map(str::to_ascii_lowercase);
    let named = if lower.as_deref() == Some("did:") { identity.get(4..)? } else { identity };
    let (kind, number) = named.split_once(':')?;
    let kind: String = kind.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let kind = match kind.as_str() {
        "passport" | "ppn" | "passportnumber" => DocumentKind::Passport,
        "nic" | "nationalid" | "nationalidentitycard" | "nid" | "ni" => DocumentKind::NationalId,
        "drivinglicense" | "drivinglicence" | "driverslicense" | "driverslicence" | "dl" => {
            DocumentKind::DriversLicence
        }
        "birthcertificate" => DocumentKind::BirthCertificate,
        "healthcard" => DocumentKind::HealthCard,
        _ => return None,
    };
    let number = number.trim();
    (!number.is_empty() && !number.contains(':')).then(|| TravelDocument { kind, number: number.to_owned() })
}

/// What an item says of the dose; a part is missing where it was at fault.
struct Vaccination {
    product: Option<std::sync::Arc<VaccineProduct>>,
    lot: Option<String>,
    date: Option<Date>,
    dose: Option<u8>,
    total: Option<u8>,
}

impl Vaccination {
    fn whole(&self) -> Option<(std::sync::Arc<VaccineProduct>, Date, u8, u8)> {
        Some((self.product.clone()?, self.date?, self.dose?, self.total?))
    }
}

fn vaccination(fields: &mut Fields<'_>, birth: Option<PartialDate>, terms: &Terms<'_>) -> Vaccination {
    let product = product::read(fields, terms);
    let lot = fields.text("vaccination.batch", Need::Optional);
    let date = fields.day("vaccination.date", Need::Filled);
    if let Some(date) = date {
        if date > terms.today {
            fields.refuse_as(ReasonCode::DateInFuture, "vaccination.date");
        }
        if birth.is_some_and(|birth| date < birth.earliest()) {
            fields.refuse_as(ReasonCode::DateBeforeBirth, "vaccination.date");
        }
        if product.as_ref().and_then(|product| product.first_given).is_some_and(|first| date < first) {
            fields.refuse_as(ReasonCode::DateBeforeProduct, "vaccination.date");
        }
    }
    let start = fields.day("vaccination.effectiveStart", Need::Optional);
    let until = fields.day("vaccination.effectiveUntil", Need::Optional);
    if start.zip(until).is_some_and(|(start, until)| until < start) {
        fields.refuse(reasons::EFFECTIVE_ORDER, "vaccination.effectiveUntil");
    }
    let dose = fields.number("vaccination.dose");
    let recorded = fields.number("vaccination.totalDoses");
    let total = match (dose, recorded, &product) {
        (Some(dose), Some(total), _) if dose <= total => Some(total),
        (Some(dose), Some(total), Some(product)) => {
            let total = total_of_booster(dose, total, product.primary_doses);
            if total.is_none() {
                fields.refuse_as(ReasonCode::DoseExceedsTotal, "vaccination.totalDoses");
            }
            total
        }
        _ => None,
    };
    Vaccination { product, lot, date, dose, total }
}

/// The total that a certificate shows of dose `dose` of `recorded`, where the dose is the higher number: a booster,
/// if the product's primary series was over before it. Notation of Implementing Decision (EU) 2021/1073 as amended by
/// 2021/2301: 2/1 after a series of one dose, 3/3 after a longer one. `None` for a dose that the series still needs,
/// whose two numbers were then mixed up, and for a product whose series nobody has told us.
fn total_of_booster(dose: u8, recorded: u8, primary: Option<u8>) -> Option<u8> {
    let primary = primary?;
    (dose > primary && recorded >= primary).then_some(if primary == 1 { 1 } else { dose })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_booster_follows_a_whole_series() {
        assert_eq!(total_of_booster(3, 2, Some(2)), Some(3));
        assert_eq!(total_of_booster(2, 1, Some(1)), Some(1));
        for (dose, recorded, primary) in [(2, 1, Some(2)), (3, 1, Some(2)), (3, 2, Some(3)), (2, 1, None)] {
            assert_eq!(total_of_booster(dose, recorded, primary), None, "{dose} of {recorded}");
        }
    }

    #[test]
    fn an_identity_tells_its_document_where_it_names_one() {
        let document = |text| document_of(text).map(|document| (document.kind.code(), document.number));
        assert_eq!(document("did:Passport:X1234567"), Some(("PPN", "X1234567".into())));
        assert_eq!(document("NIC: 871234567V"), Some(("NI", "871234567V".into())));
        assert_eq!(document("did:Driving License:AB 12"), Some(("DL", "AB 12".into())));
        for none in
            ["", "871234567V", "did:in.gov.uidai.aadhaar:2342343334", "did:passport:", "did:passport:a:b", "día:1"]
        {
            assert_eq!(document(none), None, "{none}");
        }
    }
}
