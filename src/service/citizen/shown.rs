//! What a certificate says, in plain words. It is read from the envelopes that this program made; nothing is verified
//! here, for nothing here came from outside.

use jiff::civil::Date;

use crate::{
    issue::{Format, Says},
    payload::{
        core::{Coding, CoreDataSet, Event},
        dcc::{Dcc, Entry},
        {dcc, ddcc, divoc, icvp},
    },
    registry::Reason,
    service::frame::Speech,
    valueset::{EuSet, ValueSets},
    verify::country,
    work::desk::{Held, Standing},
};

/// A certificate in words.
#[derive(Clone)]
pub(super) struct Shown {
    /// What happened: "Vaccination, dose 1 of 2".
    pub(super) title: String,
    /// The holder's name, as it is printed.
    pub(super) name: String,
    /// Date of birth, as it is printed.
    pub(super) birth: String,
    /// Label and value.
    pub(super) rows: Vec<(&'static str, String)>,
    /// Day of the event, for the order.
    pub(super) date: String,
}

/// The order in which formats are asked what the certificate says: the first has the most.
const ORDER: [Format; 5] = [Format::Ddcc, Format::EuDcc, Format::Divoc, Format::DivocCwt, Format::Icvp];

/// The certificate in words. What one format leaves out, such as the place in the EU's, another one may say.
pub(super) fn shown(held: &Held, speech: Speech) -> Shown {
    let sets = ValueSets::built_in();
    let mut cores = Vec::new();
    let mut eu: Option<Dcc> = None;
    for format in ORDER {
        match held.issued.envelope(format).and_then(crate::issue::Envelope::says) {
            Some(Says::Ddcc(ddcc)) => cores.push(ddcc::to_core(&ddcc)),
            Some(Says::EuDcc(found)) => {
                cores.push(dcc::to_core(&found));
                eu = Some(*found);
            }
            Some(Says::Divoc(credential)) => cores.push(divoc::to_core(&credential)),
            Some(Says::Icvp(card)) => cores.push(icvp::to_core(&card, sets)),
            None => {}
        }
    }
    let names = eu.as_ref().map(|eu| names(&eu.entry, sets));
    let mut shown = of_core(&cores, names.as_ref(), speech);
    if let Some(end) = held.expires_at {
        let day = jiff::tz::Offset::UTC.to_datetime(end).date();
        shown.rows.push((speech.say("row.until"), speech.lang().day(day)));
    }
    shown.rows.push((speech.say("row.number"), held.id().to_owned()));
    shown
}

/// Names of the EU's codes: product, disease, result.
struct Names {
    product: Option<String>,
    disease: String,
    result: Option<String>,
}

fn names(entry: &Entry, sets: &ValueSets) -> Names {
    let name = |set, code: &str| sets.eu(set, code).map_or_else(|| code.to_owned(), |entry| entry.display.clone());
    let disease = |code: &str| name(EuSet::Disease, code);
    match entry {
        Entry::Vaccination(v) => {
            Names { product: Some(name(EuSet::VaccineProduct, &v.product)), disease: disease(&v.disease), result: None }
        }
        Entry::Test(t) => {
            Names { product: None, disease: disease(&t.disease), result: Some(name(EuSet::TestResult, &t.result)) }
        }
        Entry::Recovery(r) => Names { product: None, disease: disease(&r.disease), result: None },
    }
}

fn of_core(cores: &[CoreDataSet], names: Option<&Names>, speech: Speech) -> Shown {
    let events: Vec<&Event> = cores.iter().filter_map(|core| core.events.first()).collect();
    let holder = |pick: fn(&CoreDataSet) -> Option<String>| {
        cores.iter().filter_map(pick).find(|text| !text.is_empty()).unwrap_or_default()
    };
    let words = |coding: &Option<Coding>| coding.as_ref().map(|coding| coding.words().to_owned());
    let day = |text: String| {
        let day = text.get(..10).and_then(|day| day.parse::<Date>().ok());
        day.map_or_else(|| text.clone(), |day| speech.lang().day(day))
    };
    let first = |pick: &dyn Fn(&Event) -> Option<String>| {
        events.iter().filter_map(|event| pick(event)).find(|text| !text.is_empty())
    };
    let disease = names.map(|names| names.disease.clone()).or_else(|| {
        first(&|event| match event {
            Event::Vaccination(v) => words(&v.disease),
            Event::Test(t) => words(&t.pathogen),
            Event::Recovery(r) => words(&r.disease),
        })
    });
    let date = first(&|event| match event {
        Event::Vaccination(v) => v.date.clone(),
        Event::Test(t) => t.date.clone(),
        Event::Recovery(r) => r.first_positive.clone(),
    });
    let centre = first(&|event| match event {
        Event::Vaccination(v) => v.centre.clone(),
        Event::Test(t) => t.centre.clone(),
        Event::Recovery(_) => None,
    });
    let place = first(&|event| match event {
        Event::Vaccination(v) => v.country.clone(),
        Event::Test(t) => t.country.clone(),
        Event::Recovery(r) => r.country.clone(),
    });
    let what = match events.first() {
        Some(Event::Vaccination(_)) => names.and_then(|names| names.product.clone()).or_else(|| {
            first(&|event| match event {
                Event::Vaccination(v) => words(&v.brand).or_else(|| words(&v.vaccine)),
                _ => None,
            })
        }),
        Some(Event::Test(_)) => names.and_then(|names| names.result.clone()).or_else(|| {
            first(&|event| match event {
                Event::Test(t) => words(&t.result),
                _ => None,
            })
        }),
        _ => None,
    };
    let lot = first(&|event| match event {
        Event::Vaccination(v) => v.lot.clone(),
        _ => None,
    });
    let title = match events.first() {
        Some(Event::Vaccination(_)) => {
            let numbers = events.iter().find_map(|event| match event {
                Event::Vaccination(v) => v.dose.map(|dose| (dose.to_string(), v.total_doses.map(|n| n.to_string()))),
                _ => None,
            });
            match numbers {
                Some((dose, Some(total))) => speech.with("cert.dose-of", &[("dose", &dose), ("total", &total)]),
                Some((dose, None)) => speech.with("cert.dose", &[("dose", &dose)]),
                None => speech.say("cert.vaccination").to_owned(),
            }
        }
        Some(Event::Test(_)) => speech.say("cert.test").to_owned(),
        Some(Event::Recovery(_)) => speech.say("cert.recovery").to_owned(),
        None => speech.say("cert.other").to_owned(),
    };
    let is_test = matches!(events.first(), Some(Event::Test(_)));
    let rows = [
        ("row.disease", disease),
        (if is_test { "row.result" } else { "row.vaccine" }, what),
        ("row.date", date.clone().map(day)),
        ("row.place", centre),
        ("row.country", place.map(|code| country(&code))),
        ("row.lot", lot),
    ];
    Shown {
        title,
        name: holder(|core| Some(core.holder.name.clone())),
        birth: holder(|core| core.holder.birth_date.clone()),
        rows: rows.into_iter().filter_map(|(key, value)| Some((speech.say(key), value?))).collect(),
        date: date.unwrap_or_default(),
    }
}

/// How it stands: the class of its mark, its word, and more about it where there is more to say.
pub(super) fn standing(held: &Held, speech: Speech) -> (&'static str, &'static str, &'static str) {
    match held.standing {
        Standing::Valid => ("accepted", speech.say("state.valid"), ""),
        Standing::Expired => ("undecided", speech.say("state.expired"), speech.say("state.expired.why")),
        Standing::Superseded => ("undecided", speech.say("state.superseded"), speech.say("state.superseded.why")),
        Standing::Revoked(reason) => {
            let why = match reason {
                Reason::Fraud | Reason::Mistake | Reason::Operator | Reason::Other => "why.other",
                Reason::Deleted => "why.deleted",
                Reason::Error | Reason::Superseded => "why.error",
                Reason::Lot => "why.lot",
                Reason::Key => "why.key",
                Reason::Holder => "why.holder",
            };
            ("rejected", speech.say("state.revoked"), speech.say(why))
        }
    }
}

/// Whether it may still be shown and downloaded. One that has ended may: it says what happened.
pub(super) fn is_usable(held: &Held) -> bool {
    matches!(held.standing, Standing::Valid | Standing::Expired)
}

/// The first letters of a name, for whoever must see no more.
pub(super) fn initials(name: &str) -> String {
    let letters = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphabetic()));
    letters.take(4).map(|letter| format!("{}.", letter.to_uppercase())).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_first_letters_in_any_script() {
        assert_eq!(initials("José María Muñoz"), "J. M. M.");
        assert_eq!(initials("(Ama) d'Ávila"), "A. D.");
        assert_eq!(initials("ສົມຈິດ ວົງ"), "ສ. ວ.");
        assert_eq!(initials(""), "");
    }
}
