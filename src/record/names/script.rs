//! Which script a character without a table belongs to, so that a refusal can name it.

/// English name of the script of a character that no table knows.
pub(super) fn name(c: char) -> &'static str {
    unsupported(c).unwrap_or(match c {
        '\u{0041}'..='\u{02FF}' | '\u{1D00}'..='\u{1EFF}' | '\u{2C60}'..='\u{2C7F}' | '\u{A720}'..='\u{AB6F}' => {
            "extended Latin"
        }
        '\u{0370}'..='\u{03FF}' | '\u{1F00}'..='\u{1FFF}' => "extended Greek",
        '\u{0400}'..='\u{052F}' | '\u{1C80}'..='\u{1C8F}' | '\u{2DE0}'..='\u{2DFF}' | '\u{A640}'..='\u{A69F}' => {
            "extended Cyrillic"
        }
        '\u{0600}'..='\u{06FF}' | '\u{0750}'..='\u{077F}' | '\u{0870}'..='\u{08FF}' | '\u{FB50}'..='\u{FEFC}' => {
            "extended Arabic"
        }
        _ => "unknown",
    })
}

/// Script of a character if the whole script has no table in Doc 9303, vowel signs and marks included.
pub(super) fn unsupported(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{0531}'..='\u{0587}' => "Armenian",
        '\u{0591}'..='\u{05F2}' | '\u{FB1D}'..='\u{FB4F}' => "Hebrew",
        '\u{0700}'..='\u{074F}' => "Syriac",
        '\u{0780}'..='\u{07BF}' => "Thaana",
        '\u{07C0}'..='\u{07FF}' => "N'Ko",
        '\u{0900}'..='\u{097F}' | '\u{A8E0}'..='\u{A8FF}' => "Devanagari",
        '\u{0980}'..='\u{09FF}' => "Bengali",
        '\u{0A00}'..='\u{0A7F}' => "Gurmukhi",
        '\u{0A80}'..='\u{0AFF}' => "Gujarati",
        '\u{0B00}'..='\u{0B7F}' => "Odia",
        '\u{0B80}'..='\u{0BFF}' => "Tamil",
        '\u{0C00}'..='\u{0C7F}' => "Telugu",
        '\u{0C80}'..='\u{0CFF}' => "Kannada",
        '\u{0D00}'..='\u{0D7F}' => "Malayalam",
        '\u{0D80}'..='\u{0DFF}' => "Sinhala",
        '\u{0E00}'..='\u{0E7F}' => "Thai",
        '\u{0E80}'..='\u{0EFF}' => "Lao",
        '\u{0F00}'..='\u{0FFF}' => "Tibetan",
        '\u{1000}'..='\u{109F}' | '\u{A9E0}'..='\u{A9FF}' | '\u{AA60}'..='\u{AA7F}' => "Burmese",
        '\u{10A0}'..='\u{10FF}' | '\u{1C90}'..='\u{1CBF}' | '\u{2D00}'..='\u{2D2F}' => "Georgian",
        '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}' => {
            "Hangul"
        }
        '\u{1200}'..='\u{139F}' | '\u{2D80}'..='\u{2DDF}' | '\u{AB00}'..='\u{AB2F}' => "Ethiopic",
        '\u{13A0}'..='\u{13FF}' | '\u{AB70}'..='\u{ABBF}' => "Cherokee",
        '\u{1400}'..='\u{167F}' | '\u{18B0}'..='\u{18FF}' => "Canadian Aboriginal",
        '\u{1780}'..='\u{17FF}' | '\u{19E0}'..='\u{19FF}' => "Khmer",
        '\u{1800}'..='\u{18AF}' => "Mongolian",
        '\u{1B00}'..='\u{1B7F}' => "Balinese",
        '\u{2D30}'..='\u{2D7F}' => "Tifinagh",
        '\u{3040}'..='\u{309F}' => "Hiragana",
        '\u{30A0}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9F}' => "Katakana",
        '\u{3105}'..='\u{312F}' => "Bopomofo",
        '\u{2E80}'..='\u{2FDF}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFD}' => "Han",
        '\u{A500}'..='\u{A63F}' => "Vai",
        '\u{A980}'..='\u{A9DF}' => "Javanese",
        '\u{1E900}'..='\u{1E95F}' => "Adlam",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_named() {
        for (letter, script) in [
            ('ລ', "Lao"),
            ('ท', "Thai"),
            ('ខ', "Khmer"),
            ('က', "Burmese"),
            ('አ', "Ethiopic"),
            ('ක', "Sinhala"),
            ('த', "Tamil"),
            ('क', "Devanagari"),
            ('ქ', "Georgian"),
            ('Ა', "Georgian"),
            ('Ա', "Armenian"),
            ('王', "Han"),
            ('ש', "Hebrew"),
            ('한', "Hangul"),
            ('Ɓ', "extended Latin"),
            ('Қ', "extended Cyrillic"),
            ('ە', "extended Arabic"),
            ('𐌰', "unknown"),
        ] {
            assert_eq!(name(letter), script);
        }
    }
}
