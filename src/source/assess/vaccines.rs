//! The mapping of DHIS2 option codes in `valueset`, as the assessment asks for it: a failed look-up becomes a
//! refusal with its own code and remedy.

use std::sync::Arc;

use super::VaccineResolver;
use crate::{
    record::Refusal,
    source::reasons::ReasonCode,
    valueset::{
        VaccineProduct,
        dhis2::{Dhis2Vaccines, VaccineLookupError},
    },
};

impl VaccineResolver for Dhis2Vaccines {
    fn resolve(
        &self,
        vaccine: Option<&str>,
        manufacturer: Option<&str>,
        brand: Option<&str>,
    ) -> Result<Arc<VaccineProduct>, Refusal> {
        Self::resolve(self, vaccine, manufacturer, brand).map_err(|e| refusal(&e))
    }

    fn product(&self, id: &str) -> Option<Arc<VaccineProduct>> {
        Self::product(self, id)
    }
}

/// The refusal of a failed look-up, with the codes at fault where they look like option codes: a text field
/// may hold anything, and a person's name must not get into a report by it.
fn refusal(error: &VaccineLookupError) -> Refusal {
    use VaccineLookupError as E;
    let (reason, codes): (ReasonCode, &[&String]) = match error {
        E::Missing => (ReasonCode::VaccineMissing, &[]),
        E::Placeholder { code } => (ReasonCode::VaccinePlaceholder, &[code]),
        E::UnknownVaccine { code } => (ReasonCode::VaccineUnknown, &[code]),
        E::UnknownManufacturer { code } => (ReasonCode::ManufacturerUnknown, &[code]),
        E::UnknownBrand { code } => (ReasonCode::BrandUnknown, &[code]),
        E::ManufacturerContradicts { vaccine, manufacturer } => {
            (ReasonCode::ManufacturerContradicts, &[vaccine, manufacturer])
        }
        E::BrandContradicts { vaccine, brand } => (ReasonCode::BrandContradicts, &[vaccine, brand]),
        E::Ambiguous { code, .. } => (ReasonCode::VaccineAmbiguous, &[code]),
    };
    let mut refusal = reason.at(Some("vaccine"));
    if !codes.is_empty() && codes.iter().all(|code| is_option_code(code)) {
        let codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
        refusal.message = format!("{} ({})", refusal.message, codes.join(", "));
    }
    refusal
}

/// One word of letters, digits and signs as option codes have them.
pub(super) fn is_option_code(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(vaccine: Option<&str>, manufacturer: Option<&str>, brand: Option<&str>) -> String {
        match VaccineResolver::resolve(Dhis2Vaccines::built_in(), vaccine, manufacturer, brand) {
            Ok(product) => product.id.clone(),
            Err(refusal) => {
                assert!(!refusal.message.contains("Erika"), "{refusal:?}");
                refusal.code
            }
        }
    }

    #[test]
    fn a_code_that_looks_like_one_is_named() {
        let refused = VaccineResolver::resolve(Dhis2Vaccines::built_in(), Some("COVAXIMAGINARY"), None, None);
        assert!(refused.unwrap_err().message.ends_with("(COVAXIMAGINARY)"));
    }

    #[test]
    fn each_failure_has_a_code_of_its_own() {
        assert_eq!(code(Some("astrazeneca"), Some("astrazeneca_ab"), None), "vaxzevria");
        assert_eq!(code(None, Some("moderna"), None), "vaccine-missing");
        assert_eq!(code(Some("COVAX1"), None, None), "vaccine-placeholder");
        assert_eq!(code(Some("Erika Muster"), None, None), "vaccine-unknown");
        assert_eq!(code(Some("moderna"), Some("Erika Muster"), None), "manufacturer-unknown");
        assert_eq!(code(Some("moderna"), None, Some("Erika Muster")), "brand-unknown");
        assert_eq!(code(Some("moderna"), Some("gamaleya"), None), "manufacturer-contradicts");
        assert_eq!(code(Some("moderna"), None, Some("BRANDGAMALEYA")), "brand-contradicts");
    }
}
