//! The quality of own certificates: of the specimens just signed, and of the latest that the registry holds. Only
//! counts and identifiers of faulty ones are told, and an identifier tells nothing of a person.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    Area, Finding, Options,
    canary::Specimen,
    finding::{Notes, count},
    quality::{self, Against, Breach, Rule, Weight},
};
use crate::{
    config::Setup,
    issue::Format,
    keys::Certificate,
    limits::{DOCTOR_LISTED, REGISTRY_BATCH},
    registry::{Registry, Sealed},
    valueset::ValueSets,
};

/// Checks specimens and issued certificates.
pub(super) async fn check(
    setup: Option<&Setup>,
    registry: Option<&Registry>,
    specimens: &[Specimen],
    options: &Options,
) -> Vec<Finding> {
    let mut notes = Notes::of(Area::Quality);
    let Some(setup) = setup else {
        notes.not_checked("specimens", "the configuration cannot be used, see above");
        return notes.into_list();
    };
    let mut signers: Vec<Certificate> =
        setup.signers.members().iter().map(|member| member.certificate().clone()).collect();
    if let Some(registry) = registry {
        // What an earlier key signed is held against that key.
        let remembered = registry.signers().await.unwrap_or_default();
        let decoded = remembered.iter().filter_map(|text| STANDARD.decode(text).ok());
        signers.extend(decoded.filter_map(|der| Certificate::from_der(&der).ok()));
    }
    let against = Against {
        signers: &signers,
        country: setup.country.as_str(),
        value_sets: ValueSets::built_in(),
        specimen: false,
    };
    of_specimens(&mut notes, specimens, against);
    match registry {
        None => notes.not_checked("issued", "there is no registry of issued certificates"),
        Some(_) if options.sample == 0 => notes.not_checked("issued", "no sample was asked for (--sample 0)"),
        Some(registry) => {
            let most = usize::try_from(options.sample).unwrap_or(usize::MAX).min(REGISTRY_BATCH);
            match registry.latest(u32::try_from(most).unwrap_or(u32::MAX)).await {
                Ok(latest) => of_issued(&mut notes, &latest, against),
                Err(error) => notes.error("issued", &error, "restore the registry from its backup"),
            }
        }
    }
    notes.into_list()
}

fn of_specimens(notes: &mut Notes, specimens: &[Specimen], against: Against<'_>) {
    let mut seen = 0;
    let mut clean = true;
    // Linked data has none of the layers that these rules speak of.
    for specimen in specimens.iter().filter(|specimen| specimen.envelope.format != Format::Divoc) {
        seen += 1;
        let against = Against { specimen: specimen.ended, ..against };
        for Breach { rule, detail } in quality::check(&specimen.envelope.text, &against) {
            clean = false;
            let detail = detail.map(|detail| format!(" ({detail})")).unwrap_or_default();
            let found = format!("{}: {}: {}{detail}", specimen.envelope.format, rule.code, rule.meaning);
            tell(notes, "specimens", rule, found);
        }
    }
    match (seen, clean) {
        (0, _) => notes.not_checked("specimens", "no specimen was signed"),
        (_, true) => notes.ok(
            "specimens",
            format!("{} keep all {} rules", count(seen, "specimen", "specimens"), quality::RULES.len()),
        ),
        _ => {}
    }
}

fn of_issued(notes: &mut Notes, latest: &[Sealed], against: Against<'_>) {
    let mut broken: BTreeMap<&str, (&Rule, Vec<&str>)> = BTreeMap::new();
    let mut seen = 0;
    for sealed in latest {
        for envelope in sealed.envelopes.iter().filter(|envelope| envelope.format != Format::Divoc.name()) {
            seen += 1;
            for breach in quality::check(&envelope.text, &against) {
                let ids = &mut broken.entry(breach.rule.code).or_insert((breach.rule, Vec::new())).1;
                if ids.last() != Some(&sealed.id.as_str()) {
                    ids.push(&sealed.id);
                }
            }
        }
    }
    if seen == 0 {
        return notes.note("issued", "the registry holds no certificate yet");
    }
    if broken.is_empty() {
        notes.ok(
            "issued",
            format!("the latest {} keep all {} rules", count(seen, "code", "codes"), quality::RULES.len()),
        );
    }
    for (rule, ids) in broken.into_values() {
        let some: Vec<&str> = ids.iter().copied().take(DOCTOR_LISTED).collect();
        let found = format!("{} of {}: {}: {} ({})", ids.len(), latest.len(), rule.code, rule.meaning, some.join(", "));
        tell(notes, "issued", rule, found);
    }
}

fn tell(notes: &mut Notes, name: &'static str, rule: &Rule, found: String) {
    match rule.weight {
        Weight::Fault => notes.fault(name, found, rule.remedy),
        Weight::Remark => notes.advice(name, found, rule.remedy),
    }
}
