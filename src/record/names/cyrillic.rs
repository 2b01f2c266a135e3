//! Cyrillic letters: ICAO Doc 9303 part 3 section 6, table B, with its exceptions by language.
//!
//! The table is what passports are recommended to have, not always what they have (a Serbian Г is G in
//! Serbian passports, H in the table): a mapped Latin form is better where the registry has one.
//! Four readings of ours where the table is silent or misprinted:
//!
//! * Ь has no row and no letter; it vanishes, as in every passport practice that we know.
//! * Macedonian Ѓ is GJ: the table prints the exception beside Ғ, a letter that Macedonian lacks.
//! * Ћ is C, the plain form of the Serbian Ć; the table prints it beside the code point of Ђ (D).
//! * Serbian orthography is also that of Montenegro, of Bosnia and Herzegovina and of Serbs in Kosovo.

use super::Country;

/// Language by which the exceptions of the table are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variant {
    General,
    Belarusian,
    Bulgarian,
    Macedonian,
    Serbian,
    Ukrainian,
}

impl Variant {
    /// The variant of the issuing country.
    pub(super) fn of(country: Country) -> Self {
        match country.as_str() {
            "BY" => Self::Belarusian,
            "BG" => Self::Bulgarian,
            "MK" => Self::Macedonian,
            "RS" | "ME" | "BA" | "XK" => Self::Serbian,
            "UA" => Self::Ukrainian,
            _ => Self::General,
        }
    }
}

/// The exception of `variant` for a capital letter; `first` says that it begins a name component.
fn exception(letter: char, variant: Variant, first: bool) -> Option<&'static str> {
    use Variant::{Belarusian, Bulgarian, Macedonian, Serbian, Ukrainian};
    Some(match (variant, letter) {
        (Belarusian, 'Ё') => "IO",
        (Belarusian | Serbian | Ukrainian, 'Г') => "H",
        (Bulgarian, 'Щ') => "SHT",
        (Macedonian, 'Ѓ' | 'Ғ') => "GJ",
        (Macedonian, 'Ќ') => "KJ",
        (Macedonian, 'Џ') => "DJ",
        (Macedonian | Serbian, 'Х') => "H",
        (Macedonian | Serbian, 'Ц') => "C",
        (Serbian, 'Ж') => "Z",
        (Serbian, 'Ч') => "C",
        (Serbian, 'Ш') => "S",
        (Ukrainian, 'И') => "Y",
        (Ukrainian, 'Є') if first => "YE",
        (Ukrainian, 'Ї') if first => "YI",
        (Ukrainian, 'Й') if first => "Y",
        (Ukrainian, 'Ю') if first => "YU",
        (Ukrainian, 'Я') if first => "YA",
        _ => return None,
    })
}

/// The Latin form of a Cyrillic capital letter; `None` when the table has no row for it.
pub(super) fn form(letter: char, variant: Variant, first: bool) -> Option<&'static str> {
    if let Some(form) = exception(letter, variant, first) {
        return Some(form);
    }
    Some(match letter {
        'А' => "A",
        'Б' => "B",
        'В' => "V",
        'Г' | 'Ґ' | 'Ғ' | 'Ѓ' => "G",
        'Д' | 'Ђ' => "D",
        'Е' | 'Ё' | 'Э' => "E",
        'Ж' => "ZH",
        'З' => "Z",
        'И' | 'Й' | 'І' | 'Ї' => "I",
        'Ј' => "J",
        'К' | 'Ќ' => "K",
        'Л' => "L",
        'Љ' => "LJ",
        'М' => "M",
        'Н' => "N",
        'Њ' => "NJ",
        'О' => "O",
        'П' => "P",
        'Р' => "R",
        'С' => "S",
        'Т' => "T",
        'У' | 'Ў' | 'Ѫ' => "U",
        'Ф' => "F",
        'Х' => "KH",
        'Ц' => "TS",
        'Ч' => "CH",
        'Ш' => "SH",
        'Щ' => "SHCH",
        'Ъ' | 'Є' => "IE",
        'Ы' | 'Ѵ' => "Y",
        'Ь' => "",
        'Ю' => "IU",
        'Я' => "IA",
        'Ѕ' | 'Џ' => "DZ",
        'Һ' | 'Ћ' => "C",
        _ => return None,
    })
}
