//! Round trips: nothing is lost in silence.

use proptest::prelude::*;

use super::*;
use crate::{
    envelope::{hcert::cbor::Value as Cbor, vdsnc::Seal},
    payload::{
        core::{Certificate, CodeSystem, Coding, Holder, LossKind, Test, Vaccination},
        dcc, ddcc, divoc, icvp, shc, vdsnc,
    },
    record::Sex,
    valueset::ValueSets,
};

/// JSON as CBOR, to give what is written to the reader of its format.
fn cbor(value: &serde_json::Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

fn option<S: Strategy>(of: S) -> impl Strategy<Value = Option<S::Value>>
where
    S::Value: Clone,
{
    prop::option::weighted(0.7, of)
}

fn text() -> impl Strategy<Value = String> {
    "[A-Za-z][A-Za-z0-9 ]{0,20}[A-Za-z0-9]"
}

fn date() -> impl Strategy<Value = String> {
    (2021..2026i32, 1..13u8, 1..29u8).prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}"))
}

fn vaccine() -> impl Strategy<Value = Coding> {
    prop_oneof![
        prop::sample::select(vec!["XM8NQ0", "XM0GQ8", "XM68M6", "XM9T65", "XM1J92"])
            .prop_map(|code| Coding::new(CodeSystem::Icd11, code)),
        prop::sample::select(vec!["207", "503", "213"]).prop_map(|code| Coding::new(CodeSystem::Cvx, code)),
        prop::sample::select(vec!["1119349007", "1119305005", "28761000087108"])
            .prop_map(|code| Coding::new(CodeSystem::Snomed, code)),
        prop::sample::select(vec!["EU/1/20/1528", "Covaxin"])
            .prop_map(|code| Coding::new(CodeSystem::EuRegister, code)),
        prop::sample::select(vec!["Spikevax", "Pfizer"]).prop_map(|code| Coding::new(CodeSystem::Text, code)),
        Just(Coding::new(CodeSystem::Other("urn:elsewhere".into()), "TEST")),
    ]
}

prop_compose! {
    fn holder()(
        name in text(), family in option("[A-Z][a-z]{1,9}"), given in option("[A-Z][a-z]{1,9}"),
        birth_date in option(date()), sex in option(prop::sample::select(vec![Sex::Female, Sex::Male, Sex::Other])),
        nationality in option(prop::sample::select(vec!["TGO", "TG", "Elbonia"])), identifier in option("[A-Z0-9]{4,14}"),
        identifier_type in option(prop::sample::select(vec!["PPN", "NI"])), guardian in option(text()),
    ) -> Holder {
        Holder {
            name, family, given, standardised_name: None, birth_date, sex,
            nationality: nationality.map(str::to_owned), identifier,
            identifier_type: identifier_type.map(str::to_owned), guardian,
        }
    }
}

prop_compose! {
    fn vaccination()(
        codes in (option(vaccine()), option(vaccine()), option(text()), option(text())),
        covid in any::<bool>(), lot in option(text()), when in (date(), option(date()), option(date()), option(date())),
        counts in (option(1..9u32), option(1..9u32)),
        country in option(prop::sample::select(vec!["TG", "LKA", "India", "Elbonia"])),
        places in (option(text()), option(text())),
    ) -> Vaccination {
        let named = |name: Option<String>| name.map(|name| Coding::new(CodeSystem::Text, name));
        Vaccination {
            vaccine: codes.0, brand: codes.1, manufacturer: named(codes.2), holder: named(codes.3),
            disease: covid.then(|| Coding::new(CodeSystem::Icd11, "RA01")),
            lot, date: Some(when.0), valid_from: when.1, valid_to: when.2, dose: counts.0, total_doses: counts.1,
            country: country.map(str::to_owned), centre: places.0, practitioner: places.1, next_dose: when.3,
        }
    }
}

prop_compose! {
    fn test()(
        kind in option(prop::sample::select(vec!["1334426561", "2056159157"])), brand in option(text()),
        manufacturer in option(text()), origin in option(prop::sample::select(vec!["JAM.AH.XF", "JAE.AH.XF"])),
        date in date(), time in any::<bool>(), result_date in option(date()),
        result in option(prop::sample::select(vec!["RA01.0", "QA02", "RA01.1", "QA03"])),
        centre in option(text()), country in option(prop::sample::select(vec!["TGO", "LK"])),
    ) -> Test {
        let named = |name: Option<String>| name.map(|name| Coding::new(CodeSystem::Text, name));
        Test {
            pathogen: Some(Coding::new(CodeSystem::Icd11, "XN109")),
            kind: kind.map(|code| Coding::new(CodeSystem::Ichi, code)), brand: named(brand),
            manufacturer: named(manufacturer), origin: origin.map(|code| Coding::new(CodeSystem::Ichi, code)),
            date: Some(if time { format!("{date}T10:00:00Z") } else { date }), result_date,
            result: result.map(|code| Coding::new(CodeSystem::Icd11, code)), centre,
            country: country.map(str::to_owned),
        }
    }
}

prop_compose! {
    fn core()(
        holder in holder(), issuer in option(text()), id in option("[A-Z0-9]{4,20}"), from in option(date()),
        until in option(date()),
        event in prop_oneof![
            3 => vaccination().prop_map(|v| Event::Vaccination(Box::new(v))),
            1 => test().prop_map(|t| Event::Test(Box::new(t))),
        ],
    ) -> CoreDataSet {
        let certificate = Certificate { issuer, id, version: None, valid_from: from, valid_until: until };
        CoreDataSet { holder, certificate, events: vec![event] }
    }
}

fn lost(losses: &[Loss], element: &str) -> Option<LossKind> {
    losses.iter().find(|loss| loss.element == element).map(|loss| loss.why)
}

/// Every element as JSON, by its name in the core data set.
fn elements_of(core: &CoreDataSet) -> serde_json::Map<String, serde_json::Value> {
    let mut all = serde_json::Map::new();
    let event = serde_json::to_value(&core.events[0]).unwrap();
    for (group, members) in event.as_object().unwrap() {
        for (name, value) in members.as_object().unwrap() {
            let name = match name.as_str() {
                "holder" => "maholder",
                "kind" => "type",
                "valid_from" => "validFrom",
                "valid_to" => "validTo",
                "total_doses" => "totalDoses",
                "next_dose" => "nextDose",
                "result_date" => "resultDate",
                name => name,
            };
            all.insert(format!("{group}.{name}"), value.clone());
        }
    }
    let holder = &core.holder;
    all.insert("birthDate".into(), serde_json::to_value(&holder.birth_date).unwrap());
    all.insert("identifier".into(), serde_json::to_value(&holder.identifier).unwrap());
    all.insert("sex".into(), serde_json::to_value(holder.sex.map(system::sex)).unwrap());
    all.insert("certificate.issuer".into(), serde_json::to_value(&core.certificate.issuer).unwrap());
    all.insert("certificate.hcid".into(), serde_json::to_value(&core.certificate.id).unwrap());
    all.retain(|_, value| !value.is_null());
    all
}

/// Whether two codings, or countries, say the same in other words.
fn same(element: &str, before: &serde_json::Value, after: &serde_json::Value) -> bool {
    if before == after {
        return true;
    }
    let country = |value: &serde_json::Value| value.as_str().and_then(elements::country);
    let of_place = element.ends_with(".country") || element == "certificate.issuer";
    if of_place && country(before).is_some() {
        return country(before) == country(after);
    }
    let (old, new) = (before["code"].as_str(), after["code"].as_str());
    let (Some(old), Some(new)) = (old, new) else { return false };
    let coding = |value: &serde_json::Value, code: &str| {
        let system = match value["system"].as_str() {
            Some("icd11") => CodeSystem::Icd11,
            Some("ichi") => CodeSystem::Ichi,
            Some("snomed") => CodeSystem::Snomed,
            Some("cvx") => CodeSystem::Cvx,
            Some("loinc") => CodeSystem::Loinc,
            Some("eu-register") => CodeSystem::EuRegister,
            Some("text") => CodeSystem::Text,
            _ => CodeSystem::Other("urn:elsewhere".into()),
        };
        Coding::new(system, code)
    };
    let (old, new) = (coding(before, old), coding(after, new));
    let icd11 = |coding: &Coding| codes::vaccine_to_icd11(coding).map(|to| to.code);
    let ichi = |coding: &Coding| codes::test_to_ichi(coding).map(|to| to.code);
    let origin = |coding: &Coding| codes::origin_to_ichi(coding).map(|to| to.code);
    (icd11(&old).is_some() && icd11(&old) == icd11(&new))
        || (ichi(&old).is_some() && ichi(&old) == ichi(&new))
        || (origin(&old).is_some() && origin(&old) == origin(&new))
        || (codes::detected(&old).is_some() && codes::detected(&old) == codes::detected(&new))
        || (codes::is_covid_19(&old) && codes::is_covid_19(&new))
        || codes::product_of(&old).is_some_and(|product| Some(product) == codes::product_of(&new))
        || old.words() == new.words()
}

/// Every element of the source is in the copy, or in the losses.
fn accounted(before: &CoreDataSet, after: &CoreDataSet, losses: &[Loss]) -> Result<(), TestCaseError> {
    let (before, after) = (elements_of(before), elements_of(after));
    for (element, value) in &before {
        let kept = after.get(element).is_some_and(|copy| same(element, value, copy));
        // A manufacturer stands where no holder is known.
        let at = |place: &str| after.get(place).is_some_and(|copy| same(element, value, copy));
        let moved = (element == "vaccination.manufacturer" && at("vaccination.maholder"))
            // A product tells its kind of vaccine as well.
            || (element == "vaccination.vaccine" && at("vaccination.brand"));
        prop_assert!(
            kept || moved || losses.iter().any(|loss| loss.element == element),
            "{element} was lost in silence: {value} became {:?}",
            after.get(element)
        );
    }
    for (element, value) in &before {
        if lost(losses, element) == Some(LossKind::NoPlace) {
            prop_assert!(after.get(element) != Some(value), "{element} is there and listed as lost");
        }
    }
    Ok(())
}

/// What the target requires and the conversion lists as not known, for its reader's sake.
fn fill(object: &mut serde_json::Value, members: &[(&str, &str)]) {
    for (name, value) in members {
        if object.get(*name).is_none() {
            object[*name] = (*value).into();
        }
    }
}

fn of_divoc(mut payload: serde_json::Value) -> Result<CoreDataSet, String> {
    fill(&mut payload, &[("issuer", "https://example.org/"), ("issuanceDate", "2026-01-01T00:00:00.000Z")]);
    divoc::Reading::of(&payload).map(|reading| divoc::to_core(&reading.credential)).map_err(|error| error.to_string())
}

fn of_shc(payload: serde_json::Value, source: &CoreDataSet) -> Result<CoreDataSet, String> {
    let card = serde_json::json!({
        "iss": "https://example.org/issuer", "nbf": 1_600_000_000,
        "vc": {
            "type": ["https://smarthealth.cards#health-card"],
            "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": payload},
        },
    });
    let mut core = shc::Reading::of(&card).map(|reading| shc::to_core(&reading.card)).map_err(|e| e.to_string())?;
    // Address and times are the envelope's, which the new signer writes.
    core.certificate = Certificate { issuer: source.certificate.issuer.clone(), ..Certificate::default() };
    Ok(core)
}

fn of_vdsnc(mut payload: serde_json::Value) -> Result<CoreDataSet, String> {
    fill(&mut payload["hdr"], &[("is", "UTO")]);
    let message = &mut payload["msg"];
    fill(&mut message["pid"], &[("dob", "2000-01-01")]);
    if message.get("ve").is_some() {
        fill(message, &[("uvci", "X")]);
        fill(&mut message["ve"][0], &[("des", "XM68M6"), ("nam", "X")]);
        let dose = &mut message["ve"][0]["vd"][0];
        fill(dose, &[("ctr", "UTO"), ("adm", "X"), ("lot", "X")]);
        if dose.get("seq").is_none() {
            dose["seq"] = 9.into();
        }
    } else {
        fill(message, &[("utci", "X")]);
        fill(&mut message["pid"], &[("dt", "P"), ("dn", "X")]);
        fill(&mut message["sp"], &[("spn", "X"), ("ctr", "UTO")]);
        message["sp"]["cd"] = serde_json::json!({"p": "+1", "e": "a@example.org", "a": "Street 1"});
        fill(&mut message["dat"], &[("sc", "2026-01-01T00:00:00Z"), ("ri", "2026-01-01T00:00:00Z")]);
        fill(&mut message["tr"], &[("tc", "antigen"), ("r", "none")]);
    }
    let seal = serde_json::json!({"data": payload, "sig": {"alg": "ES256", "cer": "AAAA", "sigvl": "AAAA"}});
    let seal = Seal::read(&seal.to_string()).map_err(|error| error.to_string())?;
    vdsnc::Reading::of(&seal).map(|reading| vdsnc::to_core(&reading.vdsnc)).map_err(|error| error.to_string())
}

proptest! {
    #[test]
    fn to_ddcc_and_back(core in core()) {
        let (payload, losses) = convert(&core, Target::Ddcc).unwrap();
        let bytes = cbor(&payload);
        let kind = if payload.get("test").is_some() { ddcc::Kind::Test } else { ddcc::Kind::Vaccination };
        // The reader demands one of vaccine and brand, as every certificate does that says anything.
        let reading = match ddcc::Reading::of(&Cbor::read(&bytes).unwrap(), kind) {
            Ok(reading) => reading,
            Err(error) => {
                let both = ["vaccination.vaccine", "vaccination.brand"].map(|element| lost(&losses, element));
                prop_assert_eq!(both, [Some(LossKind::Unknown); 2], "{}", error);
                return Ok(());
            }
        };
        let back = ddcc::to_core(&reading.ddcc);
        prop_assert_eq!(&back.holder.name, &core.holder.name);
        accounted(&core, &back, &losses)?;
        // What is in the set's own form goes over unchanged.
        let (again, second) = convert(&back, Target::Ddcc).unwrap();
        prop_assert_eq!(again, payload);
        prop_assert!(second.iter().all(|loss| loss.why == LossKind::Unknown), "{:?}", second);
    }

    #[test]
    fn to_eu_dcc_and_back(core in core()) {
        let (payload, losses) = convert(&core, Target::EuDcc).unwrap();
        let bytes = cbor(&payload);
        match dcc::Reading::of(&Cbor::read(&bytes).unwrap()) {
            Ok(reading) => accounted(&core, &dcc::to_core(&reading.dcc), &losses)?,
            Err(error) => {
                prop_assert!(losses.iter().any(|loss| loss.why == LossKind::Unknown), "{}: {:?}", error, losses);
            }
        }
    }

    #[test]
    fn to_the_other_formats_and_back(
        mut core in core(),
        target in prop::sample::select(vec![Target::Divoc, Target::Shc, Target::VdsNc]),
    ) {
        if let (Target::Shc, Event::Vaccination(v)) = (target, &mut core.events[0]) {
            // A card has one concept for kind and product; its reader takes one code of it, and no words.
            let coded = v.vaccine.as_ref().is_some_and(|vaccine| vaccine.system != CodeSystem::Text);
            prop_assume!(coded);
            v.brand.clone_from(&v.vaccine);
            v.manufacturer = None;
        }
        let (payload, losses) = convert(&core, target).unwrap();
        let back = match target {
            Target::Divoc => of_divoc(payload),
            Target::Shc => of_shc(payload, &core),
            _ => of_vdsnc(payload),
        };
        match back {
            Ok(back) if !back.events.is_empty() => accounted(&core, &back, &losses)?,
            // What the format requires and the source does not say was listed.
            other => {
                prop_assert!(losses.iter().any(|loss| loss.why == LossKind::Unknown), "{target} {other:?}: {losses:?}");
            }
        }
    }

    #[test]
    fn to_icvp_and_back(mut core in core()) {
        let Event::Vaccination(v) = &mut core.events[0] else { return Ok(()) };
        let catalogue = ValueSets::built_in().who();
        let known = catalogue.products().iter().find(|product| product.ids.iter().any(|id| !id.id.is_empty())).unwrap();
        v.brand = Some(Coding::new(CodeSystem::WhoProduct, known.ids[0].id.clone()));
        (v.vaccine, v.disease, v.manufacturer, v.valid_from, v.valid_to) = (None, None, None, None, None);
        let (mut payload, losses) = convert(&core, Target::Icvp).unwrap();
        fill(&mut payload, &[("dob", "2000-01-01"), ("nt", "UTO")]);
        fill(&mut payload["vx"], &[("bo", "X"), ("is", "XX")]);
        let bytes = cbor(&payload);
        let read = icvp::Reading::of(&Cbor::read(&bytes).unwrap());
        // A card must name who answers for it by the identifier of a participant.
        if let Ok(reading) = read {
            accounted(&core, &icvp::to_core(&reading.icvp, ValueSets::built_in()), &losses)?;
        }
    }

    #[test]
    fn every_element_is_placed_or_listed(core in core(), target in prop::sample::select(Target::ALL.to_vec())) {
        match convert(&core, target) {
            Ok((payload, losses)) => {
                let shown = payload.to_string();
                for element in elements::present(&core, &core.events[0]) {
                    let value = elements_of(&core).get(element).cloned();
                    let text = value.as_ref().and_then(serde_json::Value::as_str);
                    let envelope = element == "certificate.issuer" && target == Target::Shc;
                    if let (Some(text), None, false) = (text, lost(&losses, element), envelope) {
                        let known = elements::country(text).is_some() || element == "sex";
                        prop_assert!(shown.contains(text) || known, "{target}: {element} {text} is nowhere in {shown}");
                    }
                }
            }
            Err(error) => prop_assert!(matches!(error,
                ConvertError::NoSuchEvent { .. } | ConvertError::NotInCatalogue { .. }), "{error}"),
        }
    }
}
