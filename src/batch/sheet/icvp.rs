//! The sheet of a yellow card: the model certificate of Annex 6 of the International Health Regulations, with the text
//! that the annex prescribes, word for word.

use super::{Frame, Words, country, day, push};
use crate::{
    document::{Language, Sheet},
    limits::PAPER_FIELD_CHARS,
    payload::{
        core::Holder,
        icvp::{AnnexLanguage, Icvp, Until, annex_6, day_of, decide, for_life, to_core},
    },
    record::Sex,
    valueset::ValueSets,
};

pub(super) fn sheet(frame: &Frame<'_>, card: &Icvp) -> Sheet {
    let words = Words(frame.language);
    let language = match frame.language {
        Language::English => AnnexLanguage::English,
        Language::French => AnnexLanguage::French,
    };
    let sets = ValueSets::built_in();
    let core = to_core(card, sets);
    let medical = decide(card, day_of(frame.envelope.issued_at), sets);
    let dose = &card.dose;
    let diseases: Vec<String> =
        medical.diseases.iter().map(|(code, name)| if name.is_empty() { code.clone() } else { name.clone() }).collect();
    let disease = diseases.join(", ");
    let product = medical.product.as_deref();

    let mut rows = Vec::new();
    let mut row = |field, label: &str, value| push(&mut rows, field, label, value);
    row("disease", words.of("Disease or condition", "Maladie ou affection"), Some(disease.clone()));
    let vaccine = product.map_or_else(|| dose.product.clone(), |product| product.words().to_owned());
    row("vaccine", words.of("Vaccine or prophylaxis", "Vaccin ou agent prophylactique"), Some(vaccine));
    row("manufacturer", words.of("Manufacturer", "Fabricant"), product.map(|product| product.manufacturer.clone()));
    row("lot", words.of("Batch number", "Numéro du lot"), Some(dose.batch.clone()));
    row("date", words.of("Date of vaccination", "Date de vaccination"), Some(dose.date.to_string()));
    let valid_from = medical.valid_from.map(|day| day.to_string());
    row("valid-from", words.of("Vaccination valid from", "Vaccination valable à partir du"), valid_from);
    let valid_until = match medical.valid_until {
        Until::Life => Some(for_life(language).to_owned()),
        Until::Day(day) => Some(day.to_string()),
        Until::NotStated => None,
    };
    row("valid-until", words.of("Vaccination valid until", "Vaccination valable jusqu'à"), valid_until);
    row("clinician", words.of("Supervising clinician", "Clinicien responsable"), dose.clinician.clone());
    row("centre", words.of("Issuing authority", "Autorité de délivrance"), dose.issuer.as_deref().map(country));
    let Holder { nationality, identifier, identifier_type, guardian, sex, .. } = core.holder;
    row("nationality", words.of("Nationality", "Nationalité"), nationality.as_deref().map(country));
    row("sex", words.of("Sex", "Sexe"), sex.map(|sex| words.sex(sex).to_owned()));
    let document = identifier.map(|number| match identifier_type {
        Some(kind) => format!("{number} ({kind})"),
        None => number,
    });
    row("document", words.of("Identification document", "Pièce d'identité"), document);
    row("guardian", words.of("Parent or guardian", "Parent ou tuteur"), guardian);
    let signed_until = frame.envelope.expires_at.map(|time| day(time).to_string());
    row("expires", words.of("Signature of the code valid until", "Signature du code valable jusqu'au"), signed_until);

    let issuer = dose.issuer.as_deref().map(country).or_else(|| dose.clinician.clone()).unwrap_or_default();
    let title = words.of(
        "International Certificate of Vaccination or Prophylaxis",
        "Certificat international de vaccination ou de prophylaxie",
    );
    Sheet {
        kind_label: disease,
        issuer,
        name: card.name.clone(),
        birth_date: card.birth_date.to_string(),
        rows,
        notices: paragraphs(annex_6(language).0),
        ..frame.sheet(title)
    }
}

/// The text in pieces that a sheet can hold, cut between its sentences and nowhere else.
fn paragraphs(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for sentence in text.split_inclusive(". ") {
        match pieces.last_mut() {
            Some(last) if last.chars().count() + sentence.chars().count() <= PAPER_FIELD_CHARS => {
                last.push_str(sentence)
            }
            _ => pieces.push(sentence.to_owned()),
        }
    }
    pieces.iter().map(|piece| piece.trim_end().to_owned()).collect()
}

impl Words {
    pub(super) fn sex(&self, sex: Sex) -> &'static str {
        match sex {
            Sex::Female => self.of("female", "féminin"),
            Sex::Male => self.of("male", "masculin"),
            Sex::Other => self.of("other", "autre"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_annex_stands_whole_in_pieces_that_fit() {
        for language in [AnnexLanguage::English, AnnexLanguage::French] {
            let (text, _) = annex_6(language);
            let pieces = paragraphs(text);
            assert_eq!(pieces.join(" "), text);
            assert!(pieces.len() > 1);
            for piece in pieces {
                assert!(piece.chars().count() <= PAPER_FIELD_CHARS, "{piece}");
            }
        }
    }
}
