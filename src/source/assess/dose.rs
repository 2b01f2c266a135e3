//! Reads one vaccination event whose codes say what was given, and checks what can be told from it alone. What
//! follows from the other doses of the person is told in `series`; events that are many doses are read in `given`.

use std::sync::Arc;

use jiff::civil::Date;

use super::{
    Assessor,
    event::{self, Elsewhere, Found},
    label,
    text::Picked,
};
use crate::{
    record::{PartialDate, Refusal},
    source::{
        model::Event,
        profile::{DoseCode, Field, Profile},
        reasons::{NoteCode, ReasonCode},
    },
    valueset::VaccineProduct,
};

/// One dose and what was read of it.
#[derive(Default)]
pub(super) struct Dose<'a> {
    pub(super) event: &'a str,
    /// What tells it from the other doses of its event.
    pub(super) part: Option<String>,
    /// Doses of one series must agree with each other. One for all whose codes say what they are.
    pub(super) series: String,
    pub(super) updated_at: Option<&'a str>,
    pub(super) completed_at: Option<&'a str>,
    pub(super) facility: Option<&'a str>,
    /// Deleted on the server, with its enrollment or with the person.
    pub(super) withdrawn: bool,
    /// Recorded as given: it takes part in the series, even when something about it is wrong.
    pub(super) counts: bool,
    /// A copy of another event: no dose of its own, but the person's faults are its faults too.
    pub(super) repeats: bool,
    pub(super) date: Option<Date>,
    pub(super) code: Option<DoseCode>,
    pub(super) product: Option<Arc<VaccineProduct>>,
    /// Tells products apart, also those that could not be resolved.
    pub(super) product_key: String,
    /// Total doses as recorded, when it is a whole number from 1 to 9.
    pub(super) recorded_total: Option<u8>,
    pub(super) lot: Option<String>,
    pub(super) practitioner: Option<String>,
    pub(super) clinician: Option<String>,
    pub(super) next_dose: Option<Date>,
    pub(super) centre: Option<String>,
    /// Number and total that the certificate shows; told in `series`.
    pub(super) number: Option<u8>,
    pub(super) total: Option<u8>,
    pub(super) refusals: Vec<Refusal>,
    pub(super) notes: Vec<Refusal>,
}

impl<'a> Dose<'a> {
    /// A dose of an event, with what speaks against the event as a whole.
    pub(super) fn begin(assessor: &Assessor, found: &Found<'a>) -> Self {
        let event = found.event;
        let refusals = event::faults(assessor.profile(), found);
        Self {
            event: &event.event,
            updated_at: event.updated_at.as_deref(),
            completed_at: event.completed_at.as_deref(),
            facility: event.org_unit.as_deref(),
            // Otherwise no dose was given as far as the record says.
            counts: refusals.is_empty(),
            refusals,
            ..Self::default()
        }
    }

    /// What tells two doses apart that stand beside each other.
    pub(super) fn identity(&self) -> (&'a str, Option<&str>) {
        (self.event, self.part.as_deref())
    }

    /// Whether it is recorded as given and nothing is wrong with it so far.
    pub(super) fn is_sound(&self) -> bool {
        self.counts && self.refusals.is_empty()
    }

    /// Adds a refusal once.
    pub(super) fn refuse(&mut self, reason: ReasonCode, field: Option<&str>) {
        if !self.refusals.iter().any(|r| r.code == reason.code() && r.field.as_deref() == field) {
            self.refusals.push(reason.at(field));
        }
    }
}

/// Whether an event says anything by codes, in a profile that also has rules of the other kind.
pub(super) fn is_coded(profile: &Profile, event: &Event) -> bool {
    let fields = &profile.data_elements;
    [&fields.vaccine, &fields.brand, &fields.dose_number]
        .into_iter()
        .any(|field| field.is_mapped() && event::here(field, event) != Picked::Absent)
}

/// Reads an event that was not deleted.
pub(super) fn read<'a>(
    assessor: &Assessor,
    found: &Found<'a>,
    elsewhere: &Elsewhere<'a>,
    birth: Option<PartialDate>,
    today: Date,
) -> Dose<'a> {
    let profile = assessor.profile();
    let (event, fields) = (found.event, &profile.data_elements);
    let pick = |field: &Field| event::here(field, event);
    let mut dose = Dose::begin(assessor, found);
    if !dose.counts {
        return dose;
    }

    read_product(assessor, &mut dose, pick(&fields.vaccine), pick(&fields.manufacturer), pick(&fields.brand));

    let number_label = label("dose number", &fields.dose_number);
    match pick(&fields.dose_number).text() {
        Ok(None) => dose.refuse(ReasonCode::DoseNumberMissing, Some(&number_label)),
        Ok(Some(text)) => match profile.values.dose_code(&text) {
            Some(code) => dose.code = Some(code),
            None => dose.refuse(ReasonCode::DoseNumberUnknown, Some(&number_label)),
        },
        Err(reason) => dose.refuse(reason, Some(&number_label)),
    }

    read_date(&mut dose, event, birth, today);

    let total_label = label("total doses", &fields.total_doses);
    match pick(&fields.total_doses) {
        Picked::Absent => {}
        Picked::One(text) => match whole_number(text) {
            Some(total) => dose.recorded_total = Some(total),
            None => dose.notes.push(NoteCode::TotalIgnored.at(Some(&total_label))),
        },
        Picked::Several => dose.refuse(ReasonCode::ContradictingValues, Some(&total_label)),
    }

    // What follows cannot stop a certificate; the EU DCC shows none of it.
    let optional_text = |dose: &mut Dose<'_>, field: &Field, words: &str| {
        pick(field).text().unwrap_or_else(|_| {
            dose.notes.push(NoteCode::FieldLeftOut.at(Some(&label(words, field))));
            None
        })
    };
    let optional_day = |dose: &mut Dose<'_>, field: &Field, words: &str| {
        pick(field).day().unwrap_or_else(|_| {
            dose.notes.push(NoteCode::FieldLeftOut.at(Some(&label(words, field))));
            None
        })
    };
    dose.lot = optional_text(&mut dose, &fields.batch, "batch number");
    dose.practitioner = optional_text(&mut dose, &fields.practitioner, "health worker");
    dose.clinician = elsewhere.of_event(&fields.clinician, found).text().unwrap_or_else(|_| {
        dose.notes.push(NoteCode::FieldLeftOut.at(Some(&label("clinician", &fields.clinician))));
        None
    });
    dose.next_dose = optional_day(&mut dose, &fields.next_dose, "next dose");
    let expiry = optional_day(&mut dose, &fields.expiry, "expiry date");
    if let (Some(date), Some(expiry)) = (dose.date, expiry)
        && date > expiry
    {
        dose.notes.push(NoteCode::DoseAfterExpiry.at(Some(&label("expiry date", &fields.expiry))));
    }
    read_centre(assessor, &mut dose, event);
    dose
}

fn read_product(
    assessor: &Assessor,
    dose: &mut Dose<'_>,
    vaccine: Picked<'_>,
    manufacturer: Picked<'_>,
    brand: Picked<'_>,
) {
    let profile = assessor.profile();
    let fields = &profile.data_elements;
    let mut read = |picked: Picked<'_>, words: &str, field: &Field| {
        picked.text().unwrap_or_else(|reason| {
            dose.refuse(reason, Some(&label(words, field)));
            None
        })
    };
    let vaccine = read(vaccine, "vaccine", &fields.vaccine);
    let brand = read(brand, "vaccine brand", &fields.brand);
    let manufacturer =
        read(manufacturer, "manufacturer", &fields.manufacturer).or_else(|| profile.constants.manufacturer.clone());
    // Codes of one product may differ in case between package versions.
    let part = |text: &Option<String>| text.as_deref().unwrap_or("").to_lowercase();
    dose.product_key = format!("{}/{}/{}", part(&vaccine), part(&manufacturer), part(&brand));
    if !dose.refusals.is_empty() {
        return;
    }
    let vaccine_label = label("vaccine", &fields.vaccine);
    if vaccine.is_none() && brand.is_none() {
        dose.refuse(ReasonCode::VaccineMissing, Some(&vaccine_label));
        return;
    }
    match assessor.resolve(vaccine.as_deref(), manufacturer.as_deref(), brand.as_deref()) {
        Ok(product) => {
            if product.disease.code != profile.constants.disease {
                dose.refuse(ReasonCode::VaccineOtherDisease, Some(&vaccine_label));
            }
            dose.product_key.clone_from(&product.id);
            dose.product = Some(product);
        }
        Err(mut refusal) => {
            refusal.field.get_or_insert(vaccine_label);
            dose.refusals.push(refusal);
        }
    }
}

/// The day of the dose: that of its event.
pub(super) fn read_date(dose: &mut Dose<'_>, event: &Event, birth: Option<PartialDate>, today: Date) {
    match event::own_date(event).day() {
        Ok(None) => dose.refuse(ReasonCode::DateMissing, Some("event date")),
        Ok(Some(date)) => dose.date = Some(date),
        Err(reason) => dose.refuse(reason, Some("event date")),
    }
    check_date(dose, birth, today);
}

fn check_date(dose: &mut Dose<'_>, birth: Option<PartialDate>, today: Date) {
    let Some(date) = dose.date else { return };
    if date > today {
        dose.refuse(ReasonCode::DateInFuture, Some("event date"));
    }
    if birth.is_some_and(|birth| date < birth.earliest()) {
        dose.refuse(ReasonCode::DateBeforeBirth, Some("event date"));
    }
    if dose.product.as_ref().and_then(|p| p.first_given).is_some_and(|first| date < first) {
        dose.refuse(ReasonCode::DateBeforeProduct, Some("event date"));
    }
}

/// The facility's name, with a note where nobody knows it.
pub(super) fn read_centre(assessor: &Assessor, dose: &mut Dose<'_>, event: &Event) {
    dose.centre = assessor.centre(event);
    if dose.centre.is_none() {
        dose.notes.push(NoteCode::FacilityUnknown.at(Some("org unit")));
    }
}

/// A whole number from 1 to 9, also in the form `2.0` that a DHIS2 NUMBER may have.
fn whole_number(text: &str) -> Option<u8> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let number = whole.parse::<u8>().ok()?;
    (whole.bytes().all(|b| b.is_ascii_digit()) && fraction.bytes().all(|b| b == b'0') && (1..=9).contains(&number))
        .then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_whole_numbers() {
        for (text, number) in [("2", Some(2)), (" 3 ", Some(3)), ("2.0", Some(2)), ("1.", Some(1))] {
            assert_eq!(whole_number(text), number, "{text}");
        }
        for text in ["", "0", "10", "2.5", "+2", "-1", "two", "2e0", "٢"] {
            assert_eq!(whole_number(text), None, "{text}");
        }
    }
}
