//! Reads the person of a record: names, date of birth, sex, identifier. What a certificate needs and the
//! record lacks is a refusal of every dose of the person.

use jiff::civil::Date;

use super::{
    event::Elsewhere,
    label,
    text::{Picked, calendar_date},
};
use crate::{
    record::{
        PartialDate, Person, PersonName, Refusal, TravelDocument,
        names::{is_cut, says_anything},
    },
    source::{
        model::TrackedEntity,
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

/// Reads the person of `entity`, whose values outside the assessed events are `values`.
pub(super) fn read(profile: &Profile, entity: &TrackedEntity, values: &Elsewhere<'_>, today: Date) -> PersonReading {
    let pick = |field: &Field| values.of_person(field);
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
        let read = pick(field).text();
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

    let estimated = match pick(&fields.birth_date_estimated) {
        Picked::Absent => false,
        Picked::One(value) => profile.values.is_yes(value),
        // Two different marks: the careful reading.
        Picked::Several => true,
    };
    let birth_label = label("date of birth", &fields.birth_date);
    let birth_date = match read_birth_date(pick(&fields.birth_date), today) {
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

    let sex_code = pick(&fields.sex).text().ok().flatten();
    let sex = sex_code.as_deref().and_then(|code| profile.values.sex_code(code));
    if sex.is_none() && pick(&fields.sex) != Picked::Absent {
        notes.push(NoteCode::FieldLeftOut.at(Some(&label("sex", &fields.sex))));
    }
    let identifier = pick(&fields.identifier).text().unwrap_or_else(|_| {
        notes.push(NoteCode::FieldLeftOut.at(Some(&label("identifier", &fields.identifier))));
        None
    });

    let mut left_out = |words: &str, field: &Field| notes.push(NoteCode::FieldLeftOut.at(Some(&label(words, field))));
    let mut optional = |words: &str, field: &Field| match pick(field).text() {
        Ok(text) => text,
        Err(_) => {
            left_out(words, field);
            None
        }
    };
    // A dash for "none" is passed over; what says something that is no name is told.
    let named = |text: &String| text.chars().any(char::is_alphabetic);
    let middle = optional("middle name", &fields.middle).filter(|text| says_anything(text));
    let nationality_code = optional("nationality", &fields.nationality);
    let number = optional("document", &fields.document);
    let kind_code = optional("document kind", &fields.document_kind);
    let guardian = [
        optional("guardian's given name", &fields.guardian_given),
        optional("guardian's family name", &fields.guardian_family),
    ];
    let guardian: Vec<String> = guardian.into_iter().flatten().filter(|text| says_anything(text)).collect();
    if !guardian.iter().all(named) {
        left_out("guardian's name", &fields.guardian_given);
    }
    let guardian: Vec<String> = guardian.into_iter().filter(named).collect();
    let nationality = nationality_code.as_deref().and_then(|code| profile.values.country_code(code));
    if nationality.is_none() && nationality_code.is_some() {
        left_out("nationality", &fields.nationality);
    }
    let kind = match &kind_code {
        Some(code) => profile.values.document(code),
        None => profile.constants.document_kind.as_deref().and_then(|code| profile.values.document(code)),
    };
    if kind.is_none() && number.is_some() {
        left_out("document kind", &fields.document_kind);
    }
    let document = number.zip(kind).map(|(number, kind)| TravelDocument { kind, number });

    if middle.as_ref().is_some_and(|middle| !named(middle)) {
        refusals.push(ReasonCode::NameUnreadable.at(Some(&label("middle name", &fields.middle))));
    }
    // Given names are all of them, as a passport has them.
    let given = match (given, middle) {
        (Some(given), Some(middle)) => Some(format!("{given} {middle}")),
        (given, _) => given,
    };
    for (part, words, field) in [(&family, "family name", &fields.family), (&given, "given name", &fields.given)] {
        if part.as_deref().is_some_and(is_cut) {
            notes.push(NoteCode::NameCut.at(Some(&label(words, field))));
        }
    }
    let name = PersonName { family, given, family_latin, given_latin };
    let person = Person {
        name,
        birth_date,
        sex: sex.map(Into::into),
        identifier,
        nationality,
        document,
        guardian: Some(guardian.join(" ")).filter(|name| !name.is_empty()),
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
