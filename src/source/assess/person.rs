//! Reads the person of a record: names, date of birth, sex, identifier. What a certificate needs and the
//! record lacks is a refusal of every dose of the person.

use jiff::civil::Date;

use super::{
    label,
    text::{Picked, calendar_date},
};
use crate::{
    record::{PartialDate, Person, PersonName, Refusal},
    source::{
        model::{AttributeValue, Enrollment, TrackedEntity},
        policy::{BirthDateEstimated, BirthDateMissing, NoteOrRefuse},
        profile::{Field, Profile},
        reasons::{NoteCode, ReasonCode},
    },
};

/// No certificate can show an earlier year (EU DCC schema 1.3.x, pattern of `dob`).
const FIRST_YEAR: i16 = 1900;

/// What was read of a person.
pub(super) struct PersonReading {
    pub(super) person: Person,
    pub(super) refusals: Vec<Refusal>,
    pub(super) notes: Vec<Refusal>,
}

/// The value of an attribute: at the level of the person, else in the enrollments, where some servers put
/// the attributes of the program.
fn pick<'a>(field: &Field, entity: &'a TrackedEntity, enrollments: &[&'a Enrollment]) -> Picked<'a> {
    let value = |a: &'a AttributeValue| (a.attribute.as_str(), a.code.as_deref(), a.value.as_deref());
    match Picked::from(field, entity.attributes.iter().map(value)) {
        Picked::Absent => Picked::from(field, enrollments.iter().flat_map(|e| &e.attributes).map(value)),
        found => found,
    }
}

/// Reads the person of `entity`; `enrollments` are those of the profile's program that were not deleted.
pub(super) fn read(
    profile: &Profile,
    entity: &TrackedEntity,
    enrollments: &[&Enrollment],
    today: Date,
) -> PersonReading {
    let fields = &profile.attributes;
    let policy = &profile.policy;
    let mut refusals = Vec::new();
    let mut notes = Vec::new();

    if entity.tracked_entity.trim().is_empty() {
        refusals.push(ReasonCode::PersonUnidentified.at(None));
    }
    if entity.potential_duplicate {
        match policy.potential_duplicate {
            NoteOrRefuse::Refuse => refusals.push(ReasonCode::PotentialDuplicate.at(None)),
            NoteOrRefuse::Note => notes.push(NoteCode::PersonMarkedDuplicate.at(None)),
        }
    }

    // A name that cannot be used is its own reason, and not missing as well.
    let before_names = refusals.len();
    let mut name_part = |field: &Field, words: &str| -> Option<String> {
        let read = pick(field, entity, enrollments).text();
        let letters = read.and_then(|text| match text {
            // A dash or a number is no name, and has no form that a machine-readable zone could hold.
            Some(text) if !text.chars().any(char::is_alphabetic) => Err(ReasonCode::NameUnreadable),
            text => Ok(text),
        });
        letters.unwrap_or_else(|reason| {
            refusals.push(reason.at(Some(&label(words, field))));
            None
        })
    };
    let family_latin = name_part(&fields.family_latin, "family name in Latin letters");
    let given_latin = name_part(&fields.given_latin, "given name in Latin letters");
    let family = name_part(&fields.family, "family name").or_else(|| family_latin.clone());
    let given = name_part(&fields.given, "given name").or_else(|| given_latin.clone());
    if family.is_none() && given.is_none() && refusals.len() == before_names {
        let both = format!("{}, {}", label("family name", &fields.family), label("given name", &fields.given));
        refusals.push(ReasonCode::NameMissing.at(Some(&both)));
    }

    let estimated = match pick(&fields.birth_date_estimated, entity, enrollments) {
        Picked::Absent => false,
        Picked::One(value) => profile.values.is_yes(value),
        // Two different marks: the careful reading.
        Picked::Several => true,
    };
    let birth_label = label("date of birth", &fields.birth_date);
    let birth_date = match read_birth_date(pick(&fields.birth_date, entity, enrollments), today) {
        Ok(None) => {
            match policy.birth_date_missing {
                BirthDateMissing::Refuse => refusals.push(ReasonCode::BirthDateMissing.at(Some(&birth_label))),
                BirthDateMissing::Allow => notes.push(NoteCode::BirthDateAbsent.at(Some(&birth_label))),
            }
            None
        }
        Ok(Some(date)) if estimated => match policy.birth_date_estimated {
            BirthDateEstimated::Year => {
                notes.push(NoteCode::BirthYearOnly.at(Some(&birth_label)));
                Some(date.to_year())
            }
            BirthDateEstimated::Refuse => {
                refusals.push(ReasonCode::BirthDateEstimated.at(Some(&birth_label)));
                Some(date.to_year())
            }
            BirthDateEstimated::AsIs => Some(date),
        },
        Ok(Some(date)) => Some(date),
        Err(reason) => {
            refusals.push(reason.at(Some(&birth_label)));
            None
        }
    };

    let sex_code = pick(&fields.sex, entity, enrollments).text().ok().flatten();
    let sex = sex_code.as_deref().and_then(|code| profile.values.sex_code(code));
    if sex.is_none() && pick(&fields.sex, entity, enrollments) != Picked::Absent {
        notes.push(NoteCode::FieldLeftOut.at(Some(&label("sex", &fields.sex))));
    }
    let identifier = pick(&fields.identifier, entity, enrollments).text().unwrap_or_else(|_| {
        notes.push(NoteCode::FieldLeftOut.at(Some(&label("identifier", &fields.identifier))));
        None
    });

    let name = PersonName { family, given, family_latin, given_latin };
    let person = Person {
        name,
        birth_date,
        sex: sex.map(Into::into),
        identifier,
        nationality: None,
        document: None,
        guardian: None,
    };
    PersonReading { person, refusals, notes }
}

fn read_birth_date(picked: Picked<'_>, today: Date) -> Result<Option<PartialDate>, ReasonCode> {
    let date = match picked {
        Picked::Absent => return Ok(None),
        Picked::One(value) => calendar_date(value).ok_or(ReasonCode::BirthDateUnreadable)?,
        Picked::Several => return Err(ReasonCode::ContradictingValues),
    };
    if date.year() < FIRST_YEAR || date.earliest() > today {
        return Err(ReasonCode::BirthDateImplausible);
    }
    Ok(Some(date))
}
