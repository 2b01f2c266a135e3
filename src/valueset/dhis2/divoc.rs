//! The names by which DIVOC's issuing API calls a vaccine and its manufacturer: the words of its adopters
//! (`value-sets/divoc/spellings.json`) over the codes of DHIS2, and every name, EU code and ICD-11 code of our
//! products. A name is compared whole, never by a part of it.

use std::{collections::HashMap, sync::LazyLock};

use serde::Deserialize;

use super::{Choice, Dhis2Vaccines, Row, exact_key, loose_key};
use crate::valueset::{ValueSetError, ValueSets};

const SPELLINGS: &str = include_str!("../../../value-sets/divoc/spellings.json");

#[derive(Deserialize)]
struct File {
    families: Vec<String>,
    vaccines: Vec<Row>,
    manufacturers: Vec<Row>,
}

struct BuiltIn {
    vaccines: Dhis2Vaccines,
    families: Vec<String>,
}

// The file is compiled in and a test reads it, so the plain table is never seen in practice.
static BUILT_IN: LazyLock<BuiltIn> = LazyLock::new(|| {
    parse(SPELLINGS, Dhis2Vaccines::built_in(), ValueSets::built_in())
        .unwrap_or_else(|_| BuiltIn { vaccines: Dhis2Vaccines::built_in().clone(), families: Vec::new() })
});

fn parse(text: &str, base: &Dhis2Vaccines, sets: &ValueSets) -> Result<BuiltIn, ValueSetError> {
    let file: File = serde_json::from_str(text)?;
    let mut all = base.clone();
    // From the weakest to the strongest: what our own tables call a product, DHIS2's codes, DIVOC's spellings.
    let (mut names, mut makers) = names(sets, &file.families);
    names.extend(all.vaccines);
    makers.extend(all.manufacturers);
    names.extend(super::table(file.vaccines, sets)?);
    makers.extend(super::table(file.manufacturers, sets)?);
    (all.vaccines, all.manufacturers) = (names, makers);
    Ok(BuiltIn { vaccines: all, families: file.families })
}

/// Every product under its key, name, EU code and ICD-11 code, and under its holder's name and code. A code that
/// several products share names all of them.
fn names(sets: &ValueSets, families: &[String]) -> (HashMap<String, Choice>, HashMap<String, Choice>) {
    let (mut names, mut makers) = (HashMap::new(), HashMap::new());
    for product in sets.products() {
        let eu = product.eu.as_ref();
        let icd11 = product.icd11.as_ref().filter(|code| !families.contains(&code.code));
        let mut own = vec![product.id.as_str(), &product.name];
        own.extend(eu.iter().flat_map(|eu| [eu.product.code.as_str(), &eu.product.display]));
        own.extend(icd11.iter().flat_map(|code| [code.code.as_str(), &code.display]));
        let mut holder = vec![product.holder_name.as_str()];
        holder.extend(eu.iter().flat_map(|eu| [eu.holder.code.as_str(), &eu.holder.display]));
        let add = |table: &mut HashMap<String, Choice>, words: Vec<&str>| {
            for word in words {
                let choice: &mut Choice = table.entry(loose_key(word)).or_default();
                if !choice.has(&product.id) {
                    choice.products.push(product.clone());
                }
            }
        };
        add(&mut names, own);
        add(&mut makers, holder);
    }
    (names, makers)
}

impl Dhis2Vaccines {
    /// The names of vaccines and manufacturers as DIVOC's API carries them; a ministry's own ones are laid over them
    /// as over the others ([`Dhis2Vaccines::with_overrides`]).
    #[must_use]
    pub fn divoc() -> &'static Self {
        &BUILT_IN.vaccines
    }

    /// Whether the code names a kind of vaccine and no product: ICD-11 codes that DIVOC writes for every vaccine
    /// made in one way. False for a code that the ministry mapped itself.
    #[must_use]
    pub fn is_family(&self, code: &str) -> bool {
        let key = exact_key(code);
        !self.overrides.contains_key(&key) && BUILT_IN.families.iter().any(|family| family.eq_ignore_ascii_case(&key))
    }

    /// The names of this table that could have been meant by `name`, most alike first, at most `most`.
    #[must_use]
    pub fn near(&self, name: &str, most: usize) -> Vec<String> {
        let wanted = loose_key(name);
        if wanted.is_empty() || wanted.chars().nth(super::SHOWN_CODE_CHARS).is_some() {
            return Vec::new();
        }
        let mut near: Vec<(usize, String)> = Vec::new();
        let words = self.vaccines.iter().chain(&self.overrides);
        for (word, choice) in words {
            let differ = distance(&wanted, &loose_key(word));
            // A third of the letters wrong is a typing error; more is another word.
            if differ * 3 > wanted.chars().count() {
                continue;
            }
            for product in &choice.products {
                match near.iter_mut().find(|(_, known)| *known == product.name) {
                    Some((best, _)) => *best = differ.min(*best),
                    None => near.push((differ, product.name.clone())),
                }
            }
        }
        near.sort();
        near.into_iter().take(most).map(|(_, name)| name).collect()
    }
}

/// Letters to change, add or leave out to make one word of the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(row.first_mut().unwrap_or(&mut 0), i + 1);
        let mut left = i + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(&b) {
            let best = (diagonal + usize::from(letter != *other)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::valueset::dhis2::VaccineLookupError;

    fn product(name: &str, manufacturer: &str) -> Result<String, VaccineLookupError> {
        Dhis2Vaccines::divoc().resolve(Some(name), Some(manufacturer), None).map(|product| product.id.clone())
    }

    #[test]
    fn the_file_reads_and_keeps_what_dhis2_means() {
        let built_in =
            parse(SPELLINGS, Dhis2Vaccines::built_in(), ValueSets::built_in()).unwrap_or_else(|e| panic!("{e}"));
        for code in Dhis2Vaccines::built_in().vaccines.keys() {
            let plain = Dhis2Vaccines::built_in().resolve(Some(code), None, None).ok();
            assert_eq!(built_in.vaccines.resolve(Some(code), None, None).ok(), plain, "{code}");
        }
    }

    #[test]
    fn the_brands_of_divoc_are_known() {
        for (name, manufacturer, id) in [
            ("ZyCoV-D", "Zydus Cadila", "zycov-d"),
            ("Covaxin", "Bharat Biotech", "covaxin"),
            ("COVISHIELD", "Serum Institute of India", "covishield"),
            ("Covishield", "astrazeneca", "covishield"),
            ("Sputnik V", "Gamaleya Institute", "sputnik-v"),
            ("AstraZeneca", "AstraZeneca", "vaxzevria"),
            ("Vaxzevria", "AstraZeneca AB", "vaxzevria"),
            ("Cansino", "CanSino Biologics", "convidecia"),
            ("Pfizer", "Pfizer Inc.", "comirnaty"),
            ("Comirnaty", "Biontech Manufacturing GmbH", "comirnaty"),
            ("Moderna", "ModernaTX, Inc.", "spikevax"),
            ("Janssen", "Johnson & Johnson", "jcovden"),
            ("Sinovac", "Sinovac- Biontech", "coronavac"),
            ("BBIBP- CorV", "Sinopharm BIBP", "bbibp-corv"),
            ("NVX - CoV2373", "Novavax", "nuvaxovid"),
            ("Corbevax", "Biological E. Limited", "corbevax"),
            ("Covovax", "Serum Institute of India Pvt. Ltd.", "covovax"),
            ("EU/1/20/1528", "ORG-100030215", "comirnaty"),
            ("XM8NQ0", "Pfizer-BioNTech", "comirnaty"),
        ] {
            assert_eq!(product(name, manufacturer).as_deref(), Ok(id), "{name} of {manufacturer}");
        }
    }

    #[test]
    fn a_part_of_a_name_and_a_kind_of_vaccine_are_no_product() {
        for name in ["Pfizer dose given", "Covishieldx", "covi", "shield", "XM0GQ8", "XM9QW8"] {
            assert!(matches!(product(name, ""), Err(VaccineLookupError::UnknownVaccine { .. })), "{name}");
        }
        assert!(matches!(product("XM4YL8", ""), Err(VaccineLookupError::Ambiguous { .. })));
        assert_eq!(product("XM4YL8", "R-Pharm").as_deref(), Ok("r-covi"));
        assert!(matches!(
            product("Covishield", "Bharat Biotech"),
            Err(VaccineLookupError::ManufacturerContradicts { .. })
        ));
        assert!(Dhis2Vaccines::divoc().is_family("xm0gq8") && !Dhis2Vaccines::divoc().is_family("XM8NQ0"));
    }

    #[test]
    fn near_names_are_named() {
        let near = |name: &str| Dhis2Vaccines::divoc().near(name, 3);
        assert_eq!(near("Covishild").first().map(String::as_str), Some("Covishield"));
        assert_eq!(near("Phizer").first().map(String::as_str), Some("Comirnaty"));
        assert!(near("Erika Muster").is_empty() && near("").is_empty() && near(&"x".repeat(1_000)).is_empty());
        assert_eq!((distance("", "abc"), distance("abc", ""), distance("kitten", "sitting")), (3, 3, 3));
    }
}
