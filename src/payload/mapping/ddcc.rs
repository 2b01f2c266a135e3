//! To WHO DDCC, which is the core data set itself.

use serde_json::Value;

use super::{ConvertError, codes, elements, ledger::Ledger, system};
use crate::payload::{
    core::{self, CoreDataSet, Event, LossKind},
    ddcc::{
        Certificate, Coding, Ddcc, Event as DdccEvent, Identifier, Organization, Period, SCHEMA_VERSION, Test,
        Vaccination,
    },
};

const PLACES: [&str; 30] = [
    "name",
    "birthDate",
    "sex",
    "identifier",
    "certificate.issuer",
    "certificate.hcid",
    "certificate.period.start",
    "certificate.period.end",
    "vaccination.vaccine",
    "vaccination.brand",
    "vaccination.manufacturer",
    "vaccination.maholder",
    "vaccination.disease",
    "vaccination.lot",
    "vaccination.date",
    "vaccination.validFrom",
    "vaccination.dose",
    "vaccination.totalDoses",
    "vaccination.country",
    "vaccination.centre",
    "vaccination.practitioner",
    "vaccination.nextDose",
    "test.pathogen",
    "test.type",
    "test.brand",
    "test.manufacturer",
    "test.origin",
    "test.date",
    "test.result",
    "test.centre",
];

pub(super) fn write(core: &CoreDataSet, event: &Event, ledger: &mut Ledger) -> Result<Value, ConvertError> {
    ledger.only_one(core);
    let event_written = match event {
        Event::Vaccination(v) => DdccEvent::Vaccination(Box::new(vaccination(v, ledger)?)),
        Event::Test(t) => DdccEvent::Test(Box::new(test(t, ledger)?)),
        Event::Recovery(_) => return Err(ledger.no_such_event("recovery")),
    };
    let places: Vec<&str> = PLACES.into_iter().chain(["test.country"]).collect();
    ledger.places(core, event, &places);
    let (holder, certificate) = (&core.holder, &core.certificate);
    let name = elements::whole_name(core).ok_or(ConvertError::NameMissing { target: ledger.target })?;
    if holder.family.is_some() || holder.given.is_some() || holder.standardised_name.is_some() {
        ledger.lose("name", LossKind::Coarser);
    }
    // The sex belongs to the variant for continuity of care, which demands the centre, and to vaccinations alone.
    let with_centre = matches!(event, Event::Vaccination(v) if v.centre.is_some());
    if holder.sex.is_some() && !with_centre {
        ledger.lose("sex", LossKind::NoPlace);
    }
    let date = |element, text: &Option<String>, ledger: &mut Ledger| {
        text.as_deref().and_then(|text| ledger.day(element, text))
    };
    let birth_date = match &holder.birth_date {
        Some(partial) if partial.parse::<crate::record::PartialDate>().is_ok() => Some(partial.clone()),
        other => date("birthDate", other, ledger),
    };
    let ddcc = Ddcc {
        name,
        birth_date,
        identifier: holder.identifier.clone().map(|value| Identifier {
            system: None,
            kind: holder.identifier_type.clone(),
            value,
        }),
        sex: holder.sex.filter(|_| with_centre).map(|sex| system::sex(sex).to_owned()),
        certificate: Certificate {
            issuer: ledger
                .wanted("certificate.issuer", certificate.issuer.clone())
                .map(|name| Organization { display: Some(name), ..Organization::default() }),
            kid: None,
            hcid: ledger.wanted("certificate.hcid", certificate.id.clone()).map(plain),
            ddccid: None,
            version: Some(SCHEMA_VERSION.to_owned()),
            period: Period { start: certificate.valid_from.clone(), end: certificate.valid_until.clone() },
        },
        event: event_written,
    };
    Ok(ddcc.to_json())
}

fn plain(value: String) -> Identifier {
    Identifier { system: None, kind: None, value }
}

/// A coding as it is: the bindings of the model are preferred ones, so that codes of any system may stand.
fn as_is(coding: &core::Coding) -> Coding {
    match coding.system {
        core::CodeSystem::Text => Coding { display: Some(coding.code.clone()), ..Coding::default() },
        _ => Coding {
            system: system::uri(coding).map(str::to_owned),
            code: Some(coding.code.clone()),
            display: own_name(coding),
        },
    }
}

/// The name of a code where it says more than the code does: one that every reader has in its tables is left out.
fn own_name(coding: &core::Coding) -> Option<String> {
    coding.display.clone().filter(|name| Some(name.as_str()) != codes::display_of(coding))
}

/// A code of WHO's preferred set where one says exactly the same; else the code as it is.
fn preferred(coding: &core::Coding, to: Option<codes::Translation>, uri: &str) -> Coding {
    match to.filter(|translation| translation.exact) {
        Some(translation) => {
            Coding { system: Some(uri.to_owned()), code: Some(translation.code), display: own_name(coding) }
        }
        None => as_is(coding),
    }
}

fn country(element: &'static str, text: Option<&str>, ledger: &mut Ledger) -> Option<Coding> {
    let text = ledger.wanted(element, text)?;
    match elements::country(text).and_then(|country| country.alpha3().map(str::to_owned)) {
        Some(code) => Some(Coding { system: Some(system::ISO_3166.to_owned()), code: Some(code), display: None }),
        None => Some(Coding { display: Some(text.to_owned()), ..Coding::default() }),
    }
}

fn vaccination(v: &core::Vaccination, ledger: &mut Ledger) -> Result<Vaccination, ConvertError> {
    let date = ledger.required("vaccination.date", &v.date)?.to_owned();
    let by_vaccine = v.vaccine.as_ref().and_then(codes::vaccine_to_icd11);
    let by_brand = v.brand.as_ref().and_then(codes::vaccine_to_icd11);
    // A product tells its kind of vaccine; a kind never tells a product.
    let vaccine = match (&v.vaccine, by_vaccine) {
        (Some(vaccine), Some(to)) if !to.exact => {
            // What the kind says more than its ICD-11 code stays where the brand has room for it.
            if v.brand.as_ref().is_some_and(|brand| brand != vaccine) {
                ledger.lose("vaccination.vaccine", LossKind::Coarser);
            }
            Some(Coding { system: Some(system::ICD_11.to_owned()), code: Some(to.code), display: None })
        }
        (Some(vaccine), to) => Some(preferred(vaccine, to, system::ICD_11)),
        (None, _) => {
            let code = by_brand.map(|to| to.code);
            let coding = |code| Coding { system: Some(system::ICD_11.to_owned()), code: Some(code), display: None };
            ledger.wanted("vaccination.vaccine", code.map(coding))
        }
    };
    let finer = v.vaccine.as_ref().filter(|vaccine| codes::vaccine_to_icd11(vaccine).is_some_and(|to| !to.exact));
    let brand = ledger.wanted("vaccination.brand", v.brand.as_ref().or(finer).map(as_is));
    let (manufacturer, holder) = (v.manufacturer.as_ref().map(as_is), v.holder.as_ref().map(as_is));
    if manufacturer.is_none() && holder.is_none() {
        ledger.lose("vaccination.maholder", LossKind::Unknown);
    }
    let disease = |coding: &core::Coding| {
        let covid = codes::is_covid_19(coding) && coding.system != core::CodeSystem::Icd11;
        preferred(
            coding,
            covid.then(|| codes::Translation { code: system::COVID_19.into(), exact: true }),
            system::ICD_11,
        )
    };
    let day = |element, text: &Option<String>, ledger: &mut Ledger| {
        text.as_deref().and_then(|text| ledger.day(element, text))
    };
    Ok(Vaccination {
        vaccine,
        brand,
        manufacturer,
        holder,
        lot: ledger.wanted("vaccination.lot", v.lot.clone()),
        date,
        valid_from: day("vaccination.validFrom", &v.valid_from, ledger),
        dose: ledger.wanted("vaccination.dose", v.dose),
        total_doses: v.total_doses,
        country: country("vaccination.country", v.country.as_deref(), ledger),
        centre: v.centre.clone(),
        practitioner: v.practitioner.clone().map(plain),
        disease: v.disease.as_ref().map(disease),
        next_dose: day("vaccination.nextDose", &v.next_dose, ledger),
    })
}

fn test(t: &core::Test, ledger: &mut Ledger) -> Result<Test, ConvertError> {
    let date = ledger.required("test.date", &t.date)?.to_owned();
    let covid = |coding: &core::Coding| {
        let sct = codes::is_covid_19(coding) && coding.system != core::CodeSystem::Icd11;
        sct.then(|| codes::Translation { code: system::SARS_COV_2.to_owned(), exact: true })
            .or_else(|| codes::pathogen_to_icd11(coding))
    };
    let result = |coding: &core::Coding| {
        let found = codes::detected(coding)?;
        let code = if found { system::DETECTED } else { system::NOT_DETECTED };
        Some(codes::Translation { code: code.to_owned(), exact: true })
    };
    let pathogen = t.pathogen.as_ref().map(|coding| preferred(coding, covid(coding), system::ICD_11));
    let kind = t.kind.as_ref().map(|coding| preferred(coding, codes::test_to_ichi(coding), system::ICHI));
    Ok(Test {
        pathogen: ledger.wanted("test.pathogen", pathogen),
        kind: ledger.wanted("test.type", kind),
        brand: t.brand.as_ref().map(as_is),
        manufacturer: t.manufacturer.as_ref().map(as_is),
        origin: t.origin.as_ref().map(|coding| preferred(coding, codes::origin_to_ichi(coding), system::ICHI)),
        date,
        result: t.result.as_ref().map(|coding| preferred(coding, result(coding), system::ICD_11)),
        centre: t.centre.clone().map(|name| Coding { display: Some(name), ..Coding::default() }),
        country: country("test.country", t.country.as_deref(), ledger),
    })
}
