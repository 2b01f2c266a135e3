//! One name part to its form in the machine-readable zone (ICAO Doc 9303 part 3, sections 4.6 and 6).

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{
    Country, arabic,
    cyrillic::{self, Variant},
    greek, latin, script,
};
use crate::limits::{NAME_CHARS, SOURCE_VALUE_CHARS};

/// Why a name has no standardised form. Never holds the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The script, or a letter of it, has no table in Doc 9303.
    #[error(
        "the name has {script} letters, for which ICAO Doc 9303 has no table: map an attribute that holds the name in Latin letters"
    )]
    NoTable {
        /// English name of the script.
        script: &'static str,
    },
    /// Nothing is left: no letter at all.
    #[error("the name holds no letter: fill in the name in DHIS2")]
    Empty,
    /// Longer than any name.
    #[error("the name has {chars} characters, more than {SOURCE_VALUE_CHARS}: correct it in DHIS2")]
    TooLong {
        /// Its length in characters.
        chars: usize,
    },
}

/// Separates the components of a name.
const FILLER: char = '<';

/// Apostrophes and the letters that are written like them: Doc 9303 joins what they separate.
fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '`' | '´' | '\u{02B9}'..='\u{02BF}' | '\u{02C8}' | '\u{02CA}' | '\u{02CB}' | '\u{2018}'..='\u{201B}'
        | '\u{2032}' | '\u{055A}' | '\u{A78B}' | '\u{A78C}')
}

/// What becomes a filler: blanks, hyphens, commas between components, and the filler itself.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, FILLER | '-' | ',' | '\u{060C}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE63}' | '\u{30A0}')
}

/// Capital letters, composed. Letters that exist only as shapes of others (Arabic presentation forms, letters of
/// full width) are taken apart first; polytonic Greek loses its breathings, which would hide its letters.
fn capitals(text: &str) -> Vec<char> {
    let mut plain = String::with_capacity(text.len());
    for c in text.nfc() {
        match c {
            '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{FF01}'..='\u{FF5E}' => plain.extend(c.nfkc()),
            '\u{1F00}'..='\u{1FFF}' => {
                plain.extend(c.nfd().filter(|part| !is_combining_mark(*part) || *part == '\u{0308}'))
            }
            // Capital of this mark is the letter Iota, which nobody wrote.
            '\u{0345}' => {}
            _ => plain.push(c),
        }
    }
    plain.nfc().flat_map(char::to_uppercase).collect::<String>().nfc().collect()
}

/// The form under construction.
struct Writer {
    out: String,
    variant: Variant,
    /// Form of the last Arabic letter, for shadda.
    arabic: &'static str,
}

impl Writer {
    fn at_start(&self) -> bool {
        self.out.is_empty() || self.out.ends_with(FILLER)
    }

    fn separate(&mut self) {
        if !self.at_start() {
            self.out.push(FILLER);
        }
    }

    /// Writes what stands at the head of `rest` and tells how many characters that was.
    fn write(&mut self, rest: &[char]) -> Result<usize, NameError> {
        let Some(&c) = rest.first() else { return Ok(1) };
        if c == arabic::SHADDA {
            // Once only: a second shadda on the same letter means nothing.
            let form = std::mem::take(&mut self.arabic);
            self.out.push_str(form);
            return Ok(1);
        }
        if arabic::is_unwritten(c) {
            return Ok(1);
        }
        self.arabic = "";
        if c.is_ascii_uppercase() {
            self.out.push(c);
        } else if is_apostrophe(c) {
            // Joins what it separates.
        } else if is_separator(c) {
            self.separate();
        } else if let Some(form) = latin::form(c).or_else(|| cyrillic::form(c, self.variant, self.at_start())) {
            self.out.push_str(form);
        } else if let Some((form, taken)) = greek::form(rest, self.at_start()) {
            self.out.push_str(form);
            return Ok(taken);
        } else if let Some(form) = arabic::form(c) {
            let form = if c == arabic::TEH_MARBUTA && ends_component(rest) { arabic::TEH_MARBUTA_FINAL } else { form };
            self.out.push_str(form);
            self.arabic = form;
        } else if let Some(script) = script::unsupported(c) {
            return Err(NameError::NoTable { script });
        } else if is_combining_mark(c) {
            // A mark on a letter that has no composed form.
        } else if c.is_alphabetic() {
            self.decomposed(c)?;
        }
        // Digits, full stops and every other sign vanish. Digits do not occur in names; of the practices of
        // EU issuers (drop, filler, Roman numeral) dropping is the one that invents nothing.
        Ok(1)
    }

    /// Writes a letter by what it consists of: a plain letter and marks, or several letters (ligatures).
    fn decomposed(&mut self, c: char) -> Result<(), NameError> {
        let parts: Vec<char> = c.nfkd().flat_map(char::to_uppercase).collect();
        if parts == [c] {
            return Err(NameError::NoTable { script: script::name(c) });
        }
        let mut rest = parts.as_slice();
        while !rest.is_empty() {
            // No part decomposes further, so this ends.
            let taken = self.write(rest)?;
            rest = rest.get(taken..).unwrap_or_default();
        }
        Ok(())
    }
}

/// Whether the letter at the head of `rest` is the last one of its name component.
fn ends_component(rest: &[char]) -> bool {
    let next = rest.iter().skip(1).find(|c| **c != arabic::SHADDA && !arabic::is_unwritten(**c));
    !next.is_some_and(|c| c.is_alphabetic())
}

/// The form of a name part in the machine-readable zone: only `A` to `Z` and single `<` between components.
///
/// Composed first (NFC), then by the tables of Doc 9303 and ELOT 743, and only then decomposed, since
/// decomposition does not split Ł, Ø, Đ, ß, ı, Æ, Œ, Þ. Apostrophes join; blanks, hyphens and commas become
/// `<`; digits and every other sign vanish. Runs of `<` collapse and edges are trimmed. What is longer than
/// the 80 characters of the DCC schema is cut there, as Doc 9303 part 4 cuts a name that fills its field:
/// at the last position, without an abbreviation mark, and without a `<` left at the end.
///
/// `country` is the issuing country; it chooses among the national variants of Cyrillic.
///
/// # Errors
/// [`NameError`]: a letter without a table, no letter at all, or a text that is no name by its length.
pub fn standardise(text: &str, country: Country) -> Result<String, NameError> {
    let chars = text.chars().count();
    if chars > SOURCE_VALUE_CHARS {
        return Err(NameError::TooLong { chars });
    }
    let letters = capitals(text);
    let mut writer = Writer { out: String::new(), variant: Variant::of(country), arabic: "" };
    let mut rest = letters.as_slice();
    while !rest.is_empty() {
        let taken = writer.write(rest)?;
        rest = rest.get(taken..).unwrap_or_default();
    }
    let cut: String = writer.out.chars().take(NAME_CHARS).collect();
    let name = cut.trim_end_matches(FILLER);
    if name.is_empty() { Err(NameError::Empty) } else { Ok(name.to_owned()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn form(text: &str) -> String {
        standardise(text, Country::SANDBOX).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn form_in(country: &str, text: &str) -> String {
        standardise(text, country.parse().unwrap()).unwrap()
    }

    #[test]
    fn latin_names() {
        for (name, standard) in [
            ("Musterfrau-Gößinger", "MUSTERFRAU<GOESSINGER"),
            ("D'Artagnan", "DARTAGNAN"),
            ("O\u{2019}Brien", "OBRIEN"),
            ("van  der   Berg ", "VAN<DER<BERG"),
            ("Dr. X", "DR<X"),
            ("Anna, Maria", "ANNA<MARIA"),
            ("Anna,Maria", "ANNA<MARIA"),
            ("Stanisław", "STANISLAW"),
            ("Jørgensen", "JOERGENSEN"),
            ("Đặng Thị Hồng Ngọc", "DANG<THI<HONG<NGOC"),
            ("Nguyễn Văn Ơn", "NGUYEN<VAN<ON"),
            ("Þarf Að Prófa", "THARF<AD<PROFA"),
            ("Ağaoğlu Işık İnci", "AGAOGLU<ISIK<INCI"),
            ("Œuvrard Æbelø Ŧåŋħ", "OEUVRARD<AEBELOE<TAANH"),
            ("Popescu-Șerbănescu", "POPESCU<SERBANESCU"),
            ("Ñañez", "NANEZ"),
            ("Jose\u{301}", "JOSE"),
            ("Col·lell Paŀlàs", "COLLELL<PALLAS"),
            ("ﬁsher Ａｄａ ǅ Ⅳ", "FISHER<ADA<DZ<IV"),
            ("TEST01", "TEST"),
            ("<<STARK<<", "STARK"),
            ("- Ann -", "ANN"),
            ("x\u{323}\u{307}", "X"),
            ("Ka\u{2BB}ahumanu", "KAAHUMANU"),
        ] {
            assert_eq!(form(name), standard, "{name}");
        }
    }

    #[test]
    fn cyrillic_names_by_country() {
        for (country, name, standard) in [
            ("XX", "Игорь Хрущёв", "IGOR<KHRUSHCHEV"),
            ("BY", "Ігар Хрушчоў Ёсіф", "IHAR<KHRUSHCHOU<IOSIF"),
            ("BG", "Щерев Георгиев", "SHTEREV<GEORGIEV"),
            ("MK", "Ќирил Ѓорѓи Каранџулов Христов Цане", "KJIRIL<GJORGJI<KARANDJULOV<HRISTOV<CANE"),
            ("RS", "Живојин Ћосић Шћепан Чеда", "ZIVOJIN<COSIC<SCEPAN<CEDA"),
            ("ME", "Жељко", "ZELJKO"),
            ("UA", "Юрій Яків Їжакевич Кий Гнат", "YURII<YAKIV<YIZHAKEVYCH<KYI<HNAT"),
            ("UA", "Мар'яна Є-Єва", "MARIANA<YE<YEVA"),
            ("RU", "Юлия Яковлева", "IULIIA<IAKOVLEVA"),
            ("BG", "ИВАН ТОДОРОВ", "IVAN<TODOROV"),
        ] {
            assert_eq!(form_in(country, name), standard, "{name}");
        }
        assert_eq!(standardise("Қасым", Country::SANDBOX), Err(NameError::NoTable { script: "extended Cyrillic" }));
    }

    #[test]
    fn arabic_names() {
        for (name, standard) in [
            ("عبّاس", "EBBAS"),
            ("فضّة", "FXDZXDZXAH"),
            ("فاطمة الزهراء", "FAXTTMXAH<ALZHRAXE"),
            ("فاطمةُ", "FAXTTMXAH"),
            ("فاطمةي", "FAXTTMXTAY"),
            ("مُحَمَّد", "MXHMMD"),
            ("مـــحمد", "MXHMD"),
            ("أحمد بن إبراهيم", "XAEXHMD<BN<IBRAHYM"),
            ("الاسم الأول", "ALASM<ALXAEWL"),
            ("ﻣﺤﻤﺪ", "MXHMD"),
            ("علی\u{200C}رضا", "ELXYARXDZA"),
            ("\u{0651}علي", "ELY"),
        ] {
            assert_eq!(form(name), standard, "{name}");
        }
        assert_eq!(standardise("ئازاد ە", Country::SANDBOX), Err(NameError::NoTable { script: "extended Arabic" }));
    }

    #[test]
    fn greek_names() {
        for (name, standard) in [
            ("Μάριος Μενεξές", "MARIOS<MENEXES"),
            ("επώνυμο όνομα", "EPONYMO<ONOMA"),
            ("Ευάγγελος", "EVANGELOS"),
            ("Ευθύμιος Σταύρος Αυτιάς", "EFTHYMIOS<STAVROS<AFTIAS"),
            ("Παπαδόπουλος", "PAPADOPOULOS"),
            ("Μπάμπης Μπουμπούλινα", "BAMPIS<BOUMPOULINA"),
            ("Φώτης Χρήστος Ψαρρός", "FOTIS<CHRISTOS<PSARROS"),
            ("Άυλος Μαΐου Πραΰλης", "AYLOS<MAIOU<PRAYLIS"),
            ("Ἀλέξανδρος", "ALEXANDROS"),
        ] {
            assert_eq!(form(name), standard, "{name}");
        }
    }

    #[test]
    fn other_scripts_are_refused_without_the_name() {
        for (name, script) in [
            ("ສົມພອນ", "Lao"),
            ("สมชาย", "Thai"),
            ("សុខា", "Khmer"),
            ("အောင်", "Burmese"),
            ("አበበ", "Ethiopic"),
            ("නිමල්", "Sinhala"),
            ("முருகன்", "Tamil"),
            ("राम", "Devanagari"),
            ("ეზუგბაია", "Georgian"),
            ("Արամ", "Armenian"),
            ("王小明", "Han"),
            ("דוד", "Hebrew"),
            ("김", "Hangul"),
            ("Ɛdem", "extended Latin"),
            ("Anna 王", "Han"),
        ] {
            let error = standardise(name, Country::SANDBOX).unwrap_err();
            assert_eq!(error, NameError::NoTable { script }, "{name}");
            assert!(!error.to_string().contains(name));
        }
    }

    #[test]
    fn a_name_without_a_letter_is_empty() {
        for name in ["", " ", "'", "-", "123", "٣", "😀😃😄", "ـ", "\u{0651}", "<<<", "Ь"] {
            assert_eq!(standardise(name, Country::SANDBOX), Err(NameError::Empty), "{name}");
        }
        assert!(matches!(standardise(&"A".repeat(1_201), Country::SANDBOX), Err(NameError::TooLong { chars: 1_201 })));
    }

    #[test]
    fn long_names_are_cut_at_eighty() {
        assert_eq!(
            form(&"Ab ".repeat(40)),
            "AB<".repeat(27).trim_end_matches('<').get(..80).unwrap().trim_end_matches('<')
        );
        assert_eq!(form(&format!("{} Rest", "A".repeat(79))), "A".repeat(79));
        assert_eq!(form(&"Ü".repeat(60)).len(), 80);
    }

    proptest! {
        #[test]
        fn only_the_alphabet_of_the_zone_comes_out(text in "(\\PC|[A-Za-zÀ-ſЀ-џء-ۓΆ-ώ <'-]){0,120}", country in "[A-Z]{2}|UA|RS|BG") {
            if let Ok(name) = standardise(&text, country.parse().unwrap()) {
                prop_assert!((1..=80).contains(&name.len()));
                prop_assert!(name.bytes().all(|b| b.is_ascii_uppercase() || b == b'<'));
                prop_assert!(!name.starts_with('<') && !name.ends_with('<') && !name.contains("<<"));
                prop_assert_eq!(standardise(&name, country.parse().unwrap()).unwrap(), name);
            }
        }

        #[test]
        fn names_of_the_four_scripts_are_never_refused(text in "[A-Za-zÀ-ÖØ-öø-ſА-яЁёІіЇїЄєΑ-ΡΣ-Ωα-ωا-غف-ي]{1,60}") {
            prop_assert!(standardise(&text, Country::SANDBOX).is_ok_and(|name| !name.is_empty()) || text.chars().all(|c| "Ььـ".contains(c)));
        }

        #[test]
        fn case_and_composition_do_not_matter(text in "[A-Za-zÀ-ÖØ-öø-ſА-яα-ωΑ-ΡΣ-Ω '-]{1,40}") {
            let form = standardise(&text, Country::SANDBOX);
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(standardise(&decomposed, Country::SANDBOX), form.clone());
            prop_assert_eq!(standardise(&text.to_uppercase(), Country::SANDBOX), form);
        }
    }
}
