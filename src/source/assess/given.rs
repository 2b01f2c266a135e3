//! Reads one event that may be many doses: for each rule of the profile, whether its data element is true, and
//! then the details of that dose. What the registry does not record must come from mapped fields or from the
//! configuration; nothing is assumed.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;

use super::{
    Assessor,
    dose::{self, Dose},
    event::{Elsewhere, Found, here},
    label,
    text::Picked,
    vaccines::is_option_code,
};
use crate::{
    record::PartialDate,
    source::{
        policy::AllowOrRefuse,
        profile::{Antigen, Field, GivenRule, Profile},
        reasons::{NoteCode, ReasonCode},
    },
    valueset::{VaccineProduct, ValueSets, kinds},
};

/// What an event says about one dose.
enum Said {
    No,
    Yes,
    /// Something that is neither, for this reason.
    Unclear(ReasonCode),
}

fn said(profile: &Profile, rule: &GivenRule, found: &Found<'_>) -> Said {
    match here(&rule.data_element, found.event) {
        Picked::Absent => Said::No,
        Picked::One(value) if profile.values.is_yes(value) => Said::Yes,
        Picked::One(value) if profile.values.is_no(value) => Said::No,
        Picked::One(_) => Said::Unclear(ReasonCode::GivenUnreadable),
        Picked::Several => Said::Unclear(ReasonCode::ContradictingValues),
    }
}

/// Everything that the details of a dose are read from.
struct Reader<'r, 'a> {
    assessor: &'r Assessor,
    found: &'r Found<'a>,
    elsewhere: &'r Elsewhere<'a>,
    rule: &'r GivenRule,
    antigen: Option<&'r Antigen>,
    /// No other dose is recorded in this event: its common fields can only be of this one.
    alone: bool,
}

/// Reads an event that was not deleted: its doses, and the rules of which it says nothing.
pub(super) fn read<'a>(
    assessor: &Assessor,
    found: &Found<'a>,
    elsewhere: &Elsewhere<'a>,
    birth: Option<PartialDate>,
    today: Date,
) -> (Vec<Dose<'a>>, Vec<String>) {
    let profile = assessor.profile();
    let (mut said_so, mut unsaid) = (Vec::new(), Vec::new());
    for rule in &profile.given {
        match said(profile, rule, found) {
            Said::No => unsaid.push(rule.part().to_owned()),
            Said::Yes => said_so.push((rule, None)),
            Said::Unclear(reason) => said_so.push((rule, Some(reason))),
        }
    }
    let alone = said_so.len() == 1;
    let doses = said_so.into_iter().map(|(rule, unclear)| {
        let antigen = profile.antigens.get(&rule.product);
        let mut dose = Dose::begin(assessor, found);
        dose.part = Some(rule.part().to_owned());
        if dose.counts {
            Reader { assessor, found, elsewhere, rule, antigen, alone }.read(&mut dose, birth, today);
            if let Some(reason) = unclear {
                dose.refuse(reason, Some(&label("given", &rule.data_element)));
            }
        }
        dose
    });
    (doses.collect(), unsaid)
}

impl<'a> Reader<'_, 'a> {
    fn read(&self, dose: &mut Dose<'a>, birth: Option<PartialDate>, today: Date) {
        let (profile, rule) = (self.assessor.profile(), self.rule);
        dose.code = Some(crate::source::profile::DoseCode::Number(rule.dose));
        dose.recorded_total = rule.total;
        if here(&rule.not_given, self.found.event) != Picked::Absent {
            dose.refuse(ReasonCode::GivenAndNotGiven, Some(&label("not given", &rule.not_given)));
        }
        // The day first: which product the country used depends on it.
        dose::read_date(dose, self.found.event, birth, today);
        self.product(dose);
        dose.series = if rule.series.is_empty() { rule.product.clone() } else { rule.series.clone() };
        if rule.repeats {
            // Each day is a series of its own.
            dose.series = format!("{} {}", dose.series, dose.date.map(|day| day.to_string()).unwrap_or_default());
        }

        let common = &profile.data_elements;
        let lot = self.field(|a| &a.lot, &rule.lot, &common.batch, self.alone);
        dose.lot = self.needed(
            dose,
            lot,
            "batch number",
            profile.policy.lot_missing,
            (ReasonCode::LotMissing, ReasonCode::LotNotMapped),
        );
        // One clinician answers for a visit; a batch is of one vaccine.
        let clinician = self.field(|a| &a.clinician, &rule.clinician, &common.clinician, true);
        dose.clinician = self.needed(
            dose,
            clinician,
            "clinician",
            profile.policy.clinician_missing,
            (ReasonCode::ClinicianMissing, ReasonCode::ClinicianNotMapped),
        );
        let practitioner = self.pick(&common.practitioner).text();
        dose.practitioner = practitioner.unwrap_or_else(|_| {
            dose.notes.push(NoteCode::FieldLeftOut.at(Some(&label("health worker", &common.practitioner))));
            None
        });
        let expiry_field = self.field(|a| &a.expiry, &rule.expiry, &common.expiry, self.alone);
        let expiry_label = label("expiry date", expiry_field);
        match self.pick(expiry_field).day() {
            Ok(expiry) => {
                if dose.date.zip(expiry).is_some_and(|(date, expiry)| date > expiry) {
                    dose.notes.push(NoteCode::DoseAfterExpiry.at(Some(&expiry_label)));
                }
            }
            Err(_) => dose.notes.push(NoteCode::FieldLeftOut.at(Some(&expiry_label))),
        }
        dose::read_centre(self.assessor, dose, self.found.event);
    }

    fn pick(&self, field: &Field) -> Picked<'a> {
        self.elsewhere.of_event(field, self.found)
    }

    /// The field that a detail is read from: the rule's own, else that of its kind of vaccine, else the one that
    /// the doses of an event have in common, where they `share` it.
    fn field<'f>(
        &'f self,
        of: impl Fn(&'f Antigen) -> &'f Field,
        own: &'f Field,
        common: &'f Field,
        share: bool,
    ) -> &'f Field {
        match self.antigen.map(of) {
            _ if own.is_mapped() => own,
            Some(field) if field.is_mapped() => field,
            _ if share => common,
            _ => own,
        }
    }

    /// A text that the policy may ask for; the reasons are for a field that is empty, and for one that no
    /// mapping names.
    fn needed(
        &self,
        dose: &mut Dose<'_>,
        field: &Field,
        words: &str,
        missing: AllowOrRefuse,
        (empty, unmapped): (ReasonCode, ReasonCode),
    ) -> Option<String> {
        let at = label(words, field);
        match (self.pick(field).text(), missing) {
            (Ok(Some(text)), _) => return Some(text),
            (Ok(None), AllowOrRefuse::Allow) => {}
            (Err(_), AllowOrRefuse::Allow) => dose.notes.push(NoteCode::FieldLeftOut.at(Some(&at))),
            (Ok(None), AllowOrRefuse::Refuse) => {
                let reason = if field.is_mapped() { empty } else { unmapped };
                dose.refuse(reason, Some(&format!("{at} of {}", self.rule.product)));
            }
            (Err(reason), AllowOrRefuse::Refuse) => dose.refuse(reason, Some(&at)),
        }
        None
    }

    /// What was given: the product that a code says, else the one that the country used on that day, else the
    /// kind alone where the policy allows that.
    fn product(&self, dose: &mut Dose<'_>) {
        let Some(kind) = self.assessor.product(&self.rule.product) else {
            // An assessor is only built when its profile's products are known.
            dose.refuse(ReasonCode::VaccineUnknown, Some(&label("given", &self.rule.data_element)));
            return;
        };
        dose.product_key.clone_from(&kind.id);
        let field = self.field(|a| &a.exact, &self.rule.exact, &Field::default(), false).clone();
        let at = label("product", &field);
        let exact = match self.pick(&field).text() {
            Ok(Some(code)) => match self.by_code(&code) {
                Some(product) => Some(product),
                None => {
                    let mut refusal = ReasonCode::VaccineUnknown.at(Some(&at));
                    if is_option_code(&code) {
                        refusal.message = format!("{} ({code})", refusal.message);
                    }
                    dose.product_key = format!("{} {}", kind.id, code.to_lowercase());
                    dose.refusals.push(refusal);
                    return;
                }
            },
            Ok(None) => match self.in_use(dose.date) {
                Ok(product) => product,
                Err(reason) => return dose.refuse(reason, Some(&format!("antigens.{}.used", self.rule.product))),
            },
            Err(reason) => return dose.refuse(reason, Some(&at)),
        };
        match exact {
            // A product under a rule that itself names a product must be that one.
            Some(product) if is_kind(&kind) && is_kind(&product) => self.unknown_product(dose, &field, kind),
            Some(product) => {
                if product.disease.code != kind.disease.code {
                    dose.refuse(ReasonCode::VaccineOtherDisease, Some(&at));
                } else if !is_of(&product, &kind) {
                    dose.refuse(ReasonCode::ProductOtherKind, Some(&at));
                }
                dose.product_key.clone_from(&product.id);
                dose.product = Some(product);
            }
            None => self.unknown_product(dose, &field, kind),
        }
        let too_early = dose.product.as_ref().and_then(|p| p.first_given).zip(dose.date);
        if too_early.is_some_and(|(first, date)| date < first) {
            dose.refuse(ReasonCode::DateBeforeProduct, Some("event date"));
        }
    }

    fn unknown_product(&self, dose: &mut Dose<'_>, field: &Field, kind: Arc<VaccineProduct>) {
        if is_kind(&kind) && self.assessor.profile().policy.product_missing == AllowOrRefuse::Refuse {
            let mapped = field.is_mapped() || self.antigen.is_some_and(|a| !a.used.is_empty());
            let reason = if mapped { ReasonCode::ProductMissing } else { ReasonCode::ProductNotMapped };
            dose.refuse(reason, Some(&format!("{} of {}", label("product", field), self.rule.product)));
            return;
        }
        dose.product = Some(kind);
    }

    fn by_code(&self, code: &str) -> Option<Arc<VaccineProduct>> {
        let mapped = self.assessor.profile().values.product_code(code);
        self.assessor.product(mapped.unwrap_or(code))
    }

    /// The one product that the country used on a day, where the configuration says so.
    fn in_use(&self, day: Option<Date>) -> Result<Option<Arc<VaccineProduct>>, ReasonCode> {
        let (Some(antigen), Some(day)) = (self.antigen, day) else { return Ok(None) };
        let found: BTreeMap<String, Arc<VaccineProduct>> = antigen
            .used
            .iter()
            .filter(|used| used.on(day))
            .filter_map(|used| self.by_code(&used.product))
            .map(|product| (product.id.clone(), product))
            .collect();
        match found.len() {
            0 | 1 => Ok(found.into_values().next()),
            _ => Err(ReasonCode::VaccineAmbiguous),
        }
    }
}

/// Whether this is a kind of vaccine and not a product.
fn is_kind(product: &VaccineProduct) -> bool {
    kinds::by_id(&product.id).is_some()
}

/// Whether a product is of the kind that a rule names, as far as WHO's catalogue tells; a rule that names a product
/// is of that one alone.
fn is_of(product: &VaccineProduct, rule: &VaccineProduct) -> bool {
    let Some(kind) = kinds::by_id(&rule.id) else { return product.id == rule.id };
    let listed = product.who_product.as_deref().and_then(|id| ValueSets::built_in().who_product(id));
    listed.is_none_or(|listed| {
        let mut codes = std::iter::once(&listed.kind.code).chain(&listed.kind.also);
        codes.any(|code| kind.who_types.contains(code))
    })
}

/// What an event says that records none of the doses which the profile knows.
pub(super) fn nothing<'a>(assessor: &Assessor, found: &Found<'a>) -> Dose<'a> {
    let mut dose = Dose::begin(assessor, found);
    if dose.refusals.is_empty() {
        dose.refusals.push(ReasonCode::NoDoseGiven.at(None));
    }
    dose.counts = false;
    dose
}

#[cfg(test)]
mod tests;
