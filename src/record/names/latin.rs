//! Latin letters: ICAO Doc 9303 part 3 section 6, table A.
//!
//! Where the table leaves a choice we take the long form, as nearly all EU issuers do: Ä AE, Å AA, Ö OE,
//! Ü UE; Ñ is N (the forms NXX and UXX are never used). Letters that are a plain letter with marks
//! (À, Č, Ő, Ș, Vietnamese Ế …) are not listed: they lose their marks by decomposition, with the same
//! result as the table.

/// The Latin form of a capital letter that decomposition cannot give, or that the table gives otherwise.
pub(super) fn form(letter: char) -> Option<&'static str> {
    Some(match letter {
        'Ä' | 'Æ' => "AE",
        'Å' => "AA",
        'Ð' | 'Đ' => "D",
        'Ħ' => "H",
        'ı' | 'İ' => "I",
        'Ĳ' => "IJ",
        // Not in Doc 9303; the last two letters of older Greenlandic and of Sámi are written so in passports.
        'ĸ' => "Q",
        'Ŋ' => "N",
        'Ŀ' | 'Ł' => "L",
        'Ö' | 'Ø' | 'Œ' => "OE",
        'ß' | 'ẞ' => "SS",
        'Þ' => "TH",
        'Ŧ' => "T",
        'Ü' => "UE",
        _ => return None,
    })
}
