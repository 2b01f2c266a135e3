//! Arabic letters: ICAO Doc 9303 part 3 section 6, table C.
//!
//! The table writes consonants so that they can be read back; forms of several letters begin with X. Short
//! vowels, sukun and tatweel are not written; shadda repeats the whole form of its letter (فضّة FXDZXDZXAH);
//! teh marbuta is XAH at the end of a name component and XTA elsewhere. The result is seldom what stands in
//! the passport's visual zone: a mapped Latin form is better where the registry has one.

/// Doubles the form of the letter before it.
pub(super) const SHADDA: char = '\u{0651}';

/// Written differently at the end of a name component.
pub(super) const TEH_MARBUTA: char = 'ة';

/// Form of teh marbuta at the end of a name component.
pub(super) const TEH_MARBUTA_FINAL: &str = "XAH";

/// Whether the character is a vowel sign, another mark or tatweel, none of which is written. Shadda is not.
pub(super) fn is_unwritten(c: char) -> bool {
    matches!(c,
        '\u{0610}'..='\u{061A}' | '\u{0640}' | '\u{064B}'..='\u{0650}' | '\u{0652}'..='\u{065F}' | '\u{0670}'
        | '\u{06D6}'..='\u{06DC}' | '\u{06DF}'..='\u{06E8}' | '\u{06EA}'..='\u{06ED}' | '\u{08D3}'..='\u{08FF}')
}

/// The Latin form of a letter; `None` when the table has no row for it, empty for the four Maghrebi letters
/// that the table lists as not encoded.
pub(super) fn form(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ء' => "XE",
        'آ' => "XAA",
        'أ' => "XAE",
        'ؤ' => "U",
        'إ' => "I",
        'ئ' => "XI",
        'ا' => "A",
        'ب' => "B",
        'ة' => "XTA",
        'ت' => "T",
        'ث' => "XTH",
        'ج' => "J",
        'ح' => "XH",
        'خ' => "XKH",
        'د' => "D",
        'ذ' => "XDH",
        'ر' => "R",
        'ز' => "Z",
        'س' => "S",
        'ش' => "XSH",
        'ص' => "XSS",
        'ض' => "XDZ",
        'ط' => "XTT",
        'ظ' => "XZZ",
        'ع' => "E",
        'غ' => "G",
        'ف' => "F",
        'ق' => "Q",
        'ك' => "K",
        'ل' => "L",
        'م' => "M",
        'ن' => "N",
        'ه' => "H",
        'و' => "W",
        'ى' => "XAY",
        'ي' => "Y",
        'ٱ' => "XXA",
        'ٹ' => "XXT",
        'ټ' => "XRT",
        'پ' => "P",
        'ځ' => "XKE",
        'څ' => "XXH",
        'چ' => "XC",
        'ڈ' => "XXD",
        'ډ' => "XDR",
        'ڑ' => "XXR",
        'ړ' => "XRR",
        'ږ' => "XRX",
        'ژ' => "XJ",
        'ښ' => "XXS",
        'ڜ' | 'ڢ' | 'ڧ' | 'ڨ' => "",
        // Doc 9303 part 3, appendix B: for foreign names.
        'ڤ' => "V",
        'ک' => "XKK",
        'ګ' => "XXK",
        'ڭ' => "XNG",
        'گ' => "XGG",
        'ں' => "XNN",
        'ڼ' => "XXN",
        'ھ' => "XDO",
        'ۀ' => "XYH",
        'ہ' => "XXG",
        'ۂ' => "XGE",
        'ۃ' => "XTG",
        'ی' => "XYA",
        'ۍ' => "XXY",
        'ې' => "Y",
        'ے' => "XYB",
        'ۓ' => "XBE",
        _ => return None,
    })
}
