//! The sheet of a yellow card: the model certificate of Annex 6 of the International Health Regulations, with the text
//! that the annex prescribes, word for word.

use super::{Frame, country, day, push, text, word};
use crate::{
    document::{Kind, Language, Notice, Sheet, Value},
    payload::{
        core::Holder,
        icvp::{AnnexLanguage, Icvp, Until, annex_6, day_of, decide, to_core},
    },
    record::Sex,
    valueset::ValueSets,
};

pub(super) fn sheet(frame: &Frame<'_>, card: &Icvp) -> Sheet {
    let sets = ValueSets::built_in();
    let core = to_core(card, sets);
    let medical = decide(card, day_of(frame.envelope.issued_at), sets);
    let dose = &card.dose;
    let diseases: Vec<String> =
        medical.diseases.iter().map(|(code, name)| if name.is_empty() { code.clone() } else { name.clone() }).collect();
    let disease = diseases.join(", ");
    let codes: Vec<&str> = medical.diseases.iter().map(|(code, _)| code.as_str()).collect();
    let product = medical.product.as_deref();

    let mut rows = Vec::new();
    let mut row = |field, value: Option<Value>| push(&mut rows, field, value);
    let condition = match codes.as_slice() {
        ["1D47"] => word("yellow-fever"),
        ["1C81"] => word("polio"),
        _ => text(&*disease),
    };
    let subject = condition.clone().unwrap_or_else(|| disease.into());
    row("condition", condition);
    row("annex-vaccine", text(product.map_or_else(|| dose.product.clone(), |product| product.words().to_owned())));
    row("maker", product.and_then(|product| text(&*product.manufacturer)));
    row("lot", text(&*dose.batch));
    row("date", Some(Value::Day(dose.date)));
    row("valid-from", medical.valid_from.map(Value::Day));
    let valid_until = match medical.valid_until {
        Until::Life => word("life"),
        Until::Day(day) => Some(Value::Day(day)),
        Until::NotStated => None,
    };
    row("valid-until", valid_until);
    row("clinician", dose.clinician.clone().and_then(text));
    row("authority", dose.issuer.as_deref().map(country).and_then(text));
    let Holder { nationality, identifier, identifier_type, guardian, sex, .. } = core.holder;
    row("nationality", nationality.as_deref().map(country).and_then(text));
    row("sex", sex.and_then(of_sex));
    let document = identifier.map(|number| match identifier_type {
        Some(kind) => format!("{number} ({kind})"),
        None => number,
    });
    row("document", document.and_then(text));
    row("guardian", guardian.and_then(text));
    row("signed-until", frame.envelope.expires_at.map(|time| Value::Day(day(time))));

    let issuer = dose.issuer.as_deref().map(country).or_else(|| dose.clinician.clone()).unwrap_or_default();
    // French only where its text is at hand.
    let french = Some(annex_6(AnnexLanguage::French)).filter(|(_, language)| *language == AnnexLanguage::French);
    let mut notices = vec![Notice { language: Language::ENGLISH, text: annex_6(AnnexLanguage::English).0 }];
    notices.extend(french.map(|(text, _)| Notice { language: Language::FRENCH, text }));
    Sheet {
        subject,
        issuer,
        name: card.name.clone(),
        birth_date: card.birth_date.to_string(),
        rows,
        notices,
        ..frame.sheet(Kind::YellowCard)
    }
}

fn of_sex(sex: Sex) -> Option<Value> {
    match sex {
        Sex::Female => word("female"),
        Sex::Male => word("male"),
        Sex::Other => word("other-sex"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::icvp::for_life;

    #[test]
    fn the_prescribed_words_stand_as_the_annex_has_them() {
        for (language, annex) in
            [(Language::ENGLISH, AnnexLanguage::English), (Language::FRENCH, AnnexLanguage::French)]
        {
            assert_eq!(word("life").unwrap().in_words(language), for_life(annex));
        }
    }
}
