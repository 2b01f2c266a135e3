//! Alpha-3 codes as WHO's published checks know them: ISO 3166-1, and the codes of participants that only test.

use crate::record::Country;

/// Test codes whose alpha-3 code is no `XX` with the second letter (WHO's `country_flag` check). `XM` has two there,
/// of which the later one counts.
const EXCEPTIONS: [(&str, &str); 2] = [("XL", "XCL"), ("JA", "XJA")];

/// Second letters of the test codes `X?` that become `XX?`.
const TEST_LETTERS: &str = "ABCDEFGHIJKMNOPQSTUVWXY";

/// The alpha-3 code of an alpha-2 code; `None` for letters that WHO's checks do not know.
#[must_use]
pub fn alpha3(alpha2: &str) -> Option<String> {
    if let Some((_, code)) = EXCEPTIONS.iter().find(|(known, _)| *known == alpha2) {
        return Some((*code).to_owned());
    }
    match alpha2.strip_prefix('X') {
        Some(letter) if letter.len() == 1 && TEST_LETTERS.contains(letter) => Some(format!("XX{letter}")),
        _ => {
            let country: Country = alpha2.parse().ok()?;
            country.is_assigned().then(|| country.alpha3().map(str::to_owned)).flatten()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_and_test_codes() {
        let cases = [
            ("TG", Some("TGO")),
            ("XA", Some("XXA")),
            ("XX", Some("XXX")),
            ("XL", Some("XCL")),
            ("JA", Some("XJA")),
            ("XM", Some("XXM")),
            ("XZ", None),
            ("QQ", None),
            ("EU", None),
            ("tg", None),
            ("", None),
        ];
        for (alpha2, wanted) in cases {
            assert_eq!(alpha3(alpha2).as_deref(), wanted, "{alpha2}");
        }
    }
}
