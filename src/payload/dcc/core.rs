//! EU DCC to the hub of all formats. The envelope's times are not of the content; whoever has them adds them.

use super::model::{Dcc, Entry};
use crate::payload::core::{Certificate, CodeSystem, Coding, CoreDataSet, Event, Holder, Recovery, Test, Vaccination};

/// What the certificate says. `tg` and `vp` are SNOMED CT (an old `vp` is ATC), `mp` and both `ma` are of the EU's
/// lists, `tt` is LOINC, `tr` is SNOMED CT: WHO's structure map labels `vp` with the system of `mp`, which is wrong.
#[must_use]
pub fn to_core(dcc: &Dcc) -> CoreDataSet {
    let name = &dcc.name;
    let join = |parts: [&Option<String>; 2], by: &str| {
        parts.into_iter().flatten().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(by)
    };
    let shown = join([&name.given, &name.family], " ");
    let standard = match (&name.family_standard, &name.given_standard) {
        (None, None) => None,
        (family, given) => {
            let part = |part: &Option<String>| part.clone().unwrap_or_default();
            Some(format!("{}<<{}", part(family), part(given)))
        }
    };
    let entry = &dcc.entry;
    CoreDataSet {
        holder: Holder {
            // A certificate with the standardised name alone is shown by it.
            name: if shown.is_empty() { join([&name.given_standard, &name.family_standard], " ") } else { shown },
            family: name.family.clone(),
            given: name.given.clone(),
            standardised_name: standard,
            birth_date: text(&dcc.birth_date),
            ..Holder::default()
        },
        certificate: Certificate {
            issuer: text(entry.issuer()),
            id: text(entry.id()),
            version: text(&dcc.version),
            ..Certificate::default()
        },
        events: vec![event(entry)],
    }
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn code(system: CodeSystem, code: &str) -> Option<Coding> {
    (!code.is_empty()).then(|| Coding::new(system, code))
}

/// A number of doses below 1 says nothing.
fn count(number: i64) -> Option<u32> {
    u32::try_from(number).ok().filter(|number| *number > 0)
}

fn event(entry: &Entry) -> Event {
    match entry {
        Entry::Vaccination(v) => {
            let atc = v.prophylaxis.starts_with(|first: char| first.is_ascii_alphabetic());
            Event::Vaccination(Box::new(Vaccination {
                vaccine: code(if atc { CodeSystem::Atc } else { CodeSystem::Snomed }, &v.prophylaxis),
                brand: code(CodeSystem::EuRegister, &v.product),
                holder: code(CodeSystem::EuRegister, &v.holder),
                disease: code(CodeSystem::Snomed, &v.disease),
                date: text(&v.date),
                dose: count(v.dose),
                total_doses: count(v.total_doses),
                country: text(&v.country),
                ..Vaccination::default()
            }))
        }
        Entry::Test(t) => Event::Test(Box::new(Test {
            pathogen: code(CodeSystem::Snomed, &t.disease),
            kind: code(CodeSystem::Loinc, &t.kind),
            brand: t
                .device
                .as_deref()
                .and_then(|device| code(CodeSystem::EuRegister, device))
                .or_else(|| t.test_name.as_deref().and_then(|name| code(CodeSystem::Text, name))),
            date: text(&t.sampled_at),
            result: code(CodeSystem::Snomed, &t.result),
            centre: t.centre.as_deref().and_then(text),
            country: text(&t.country),
            ..Test::default()
        })),
        Entry::Recovery(r) => Event::Recovery(Recovery {
            disease: code(CodeSystem::Snomed, &r.disease),
            first_positive: text(&r.first_positive),
            valid_from: text(&r.valid_from),
            valid_until: text(&r.valid_until),
            country: text(&r.country),
        }),
    }
}
