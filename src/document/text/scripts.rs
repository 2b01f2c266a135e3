//! Script → families of fonts that draw it, in the order in which they are preferred, and the Debian package that has
//! them. Order is fixed, so that the same machine prints the same letters whatever the order of its folders.

use std::borrow::Cow;

use unicode_script::Script;

/// What is known of a script.
pub(super) struct Known {
    pub(super) script: Script,
    /// Families, best first.
    families: &'static [&'static str],
    /// Debian package that has the first of them.
    package: &'static str,
    /// Letters without which no name is written.
    pub(super) sample: &'static str,
}

const CORE: &str = "fonts-noto-core";
const CJK: &str = "fonts-noto-cjk";

/// What stands behind the family of one region where it lacks a character.
const HAN: [&str; 6] = [
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "AR PL UMing CN",
    "Droid Sans Fallback",
    "Noto Serif CJK SC",
];

const fn known(
    script: Script,
    families: &'static [&'static str],
    package: &'static str,
    sample: &'static str,
) -> Known {
    Known { script, families, package, sample }
}

/// Scripts of living languages. Those of others are looked for as `Noto Sans …` and `Noto Serif …`.
pub(super) const TABLE: &[Known] = &[
    known(Script::Latin, &["Noto Sans", "DejaVu Sans", "FreeSans"], CORE, "AZazÄ"),
    known(Script::Greek, &["Noto Sans", "DejaVu Sans", "FreeSans"], CORE, "ΑΩαω"),
    known(Script::Cyrillic, &["Noto Sans", "DejaVu Sans", "FreeSans"], CORE, "АЯая"),
    known(
        Script::Arabic,
        &["Noto Sans Arabic", "Noto Naskh Arabic", "Noto Kufi Arabic", "Amiri", "KacstOne", "DejaVu Sans"],
        CORE,
        "ابجدھیپک",
    ),
    known(
        Script::Hebrew,
        &["Noto Sans Hebrew", "Noto Serif Hebrew", "David CLM", "DejaVu Sans", "FreeSans"],
        CORE,
        "אבגדשת",
    ),
    known(
        Script::Lao,
        &["Noto Sans Lao", "Noto Serif Lao", "Noto Looped Lao", "Phetsarath OT", "Phetsarath", "DejaVu Sans"],
        CORE,
        "ກຂຄສຽໝ່້",
    ),
    known(
        Script::Thai,
        &["Noto Sans Thai", "Noto Serif Thai", "Noto Looped Thai", "Loma", "Garuda", "Waree", "FreeSerif"],
        CORE,
        "กขคสชายิ่",
    ),
    known(Script::Khmer, &["Noto Sans Khmer", "Noto Serif Khmer", "Khmer OS", "Khmer OS System"], CORE, "កខគស្រុ"),
    known(
        Script::Myanmar,
        &["Noto Sans Myanmar", "Noto Serif Myanmar", "Padauk", "Pyidaungsu", "Myanmar Text"],
        CORE,
        "ကခဂအောင်",
    ),
    known(
        Script::Ethiopic,
        &["Noto Sans Ethiopic", "Noto Serif Ethiopic", "Abyssinica SIL", "Nyala", "Washra", "FreeSerif"],
        CORE,
        "አበገደፐ",
    ),
    known(
        Script::Sinhala,
        &["Noto Sans Sinhala", "Noto Serif Sinhala", "LKLUG", "Iskoola Pota", "FreeSerif"],
        CORE,
        "කඛගශ්රී",
    ),
    known(
        Script::Tamil,
        &["Noto Sans Tamil", "Noto Serif Tamil", "Lohit Tamil", "Meera Inimai", "Latha", "FreeSerif"],
        CORE,
        "கஙசஞட்டி",
    ),
    known(
        Script::Devanagari,
        &["Noto Sans Devanagari", "Noto Serif Devanagari", "Lohit Devanagari", "Gargi", "Mangal", "FreeSans"],
        CORE,
        "कखगश्री",
    ),
    known(
        Script::Bengali,
        &["Noto Sans Bengali", "Noto Serif Bengali", "Lohit Bengali", "Mukti", "Vrinda", "FreeSans"],
        CORE,
        "কখগশ্রী",
    ),
    known(
        Script::Gujarati,
        &["Noto Sans Gujarati", "Noto Serif Gujarati", "Lohit Gujarati", "Rekha", "FreeSans"],
        CORE,
        "કખગશ્રી",
    ),
    known(
        Script::Gurmukhi,
        &["Noto Sans Gurmukhi", "Noto Serif Gurmukhi", "Lohit Gurmukhi", "Saab", "FreeSans"],
        CORE,
        "ਕਖਗਸਿ",
    ),
    known(Script::Oriya, &["Noto Sans Oriya", "Noto Serif Oriya", "Lohit Odia", "Utkal", "FreeSans"], CORE, "କଖଗଶ୍ରୀ"),
    known(
        Script::Telugu,
        &["Noto Sans Telugu", "Noto Serif Telugu", "Lohit Telugu", "Pothana2000", "Vemana2000"],
        CORE,
        "కఖగశ్రీ",
    ),
    known(
        Script::Kannada,
        &["Noto Sans Kannada", "Noto Serif Kannada", "Lohit Kannada", "Navilu", "Gubbi"],
        CORE,
        "ಕಖಗಶ್ರೀ",
    ),
    known(
        Script::Malayalam,
        &["Noto Sans Malayalam", "Noto Serif Malayalam", "Lohit Malayalam", "Meera", "Rachana", "FreeSerif"],
        CORE,
        "കഖഗശ്രീ",
    ),
    known(
        Script::Tibetan,
        &["Noto Serif Tibetan", "Noto Sans Tibetan", "Jomolhari", "DDC Uchen", "Tibetan Machine Uni"],
        CORE,
        "ཀཁགསྒྲུབ",
    ),
    known(Script::Georgian, &["Noto Sans Georgian", "Noto Serif Georgian", "DejaVu Sans", "FreeSans"], CORE, "აბგჰ"),
    known(Script::Armenian, &["Noto Sans Armenian", "Noto Serif Armenian", "DejaVu Sans", "FreeSans"], CORE, "ԱՖաֆ"),
    known(Script::Thaana, &["Noto Sans Thaana", "MV Boli", "FreeSerif"], CORE, "ހށނރަ"),
    known(Script::Syriac, &["Noto Sans Syriac", "Estrangelo Edessa", "FreeSans"], CORE, "ܐܒܓܕ"),
    known(Script::Tifinagh, &["Noto Sans Tifinagh", "DejaVu Sans", "Ebrima"], CORE, "ⴰⴱⴳⵣ"),
    known(Script::Nko, &["Noto Sans NKo", "Noto Sans N'Ko", "DejaVu Sans", "Conakry", "Ebrima"], CORE, "ߊߓߕߞ"),
    known(Script::Adlam, &["Noto Sans Adlam", "Noto Sans Adlam Unjoined", "Ebrima"], CORE, "𞤀𞤁𞤢𞤣"),
    known(Script::Vai, &["Noto Sans Vai", "DejaVu Sans", "Ebrima"], CORE, "ꔀꔁꕙ"),
    known(Script::Osmanya, &["Noto Sans Osmanya", "Ebrima"], CORE, "𐒀𐒁𐒂"),
    known(Script::Canadian_Aboriginal, &["Noto Sans Canadian Aboriginal", "DejaVu Sans", "Euphemia"], CORE, "ᐃᓄᒃ"),
    known(Script::Cherokee, &["Noto Sans Cherokee", "Plantagenet Cherokee", "FreeSans"], CORE, "ᎠᎡᏣ"),
    known(Script::Mongolian, &["Noto Sans Mongolian", "Mongolian Baiti"], CORE, "ᠮᠣᠩ"),
    known(Script::Javanese, &["Noto Sans Javanese", "Javanese Text"], CORE, "ꦗꦮ"),
    known(Script::Balinese, &["Noto Sans Balinese", "Noto Serif Balinese"], CORE, "ᬩᬮᬶ"),
    known(Script::Sundanese, &["Noto Sans Sundanese"], CORE, "ᮞᮥᮔ᮪"),
    known(Script::Ol_Chiki, &["Noto Sans Ol Chiki"], CORE, "ᱚᱛᱜ"),
    known(Script::Meetei_Mayek, &["Noto Sans Meetei Mayek"], CORE, "ꯀꯁꯂ"),
    known(Script::Chakma, &["Noto Sans Chakma"], CORE, "𑄌𑄋𑄴"),
    known(Script::Hanifi_Rohingya, &["Noto Sans Hanifi Rohingya"], CORE, "𐴀𐴁𐴂"),
    known(Script::Tai_Le, &["Noto Sans Tai Le"], CORE, "ᥐᥑᥖ"),
    known(Script::New_Tai_Lue, &["Noto Sans New Tai Lue"], CORE, "ᦀᦁᦂ"),
    known(Script::Tai_Tham, &["Noto Sans Tai Tham"], CORE, "ᨠᨡᨣ"),
    known(Script::Tai_Viet, &["Noto Sans Tai Viet"], CORE, "ꪀꪁꪂ"),
    known(Script::Cham, &["Noto Sans Cham"], CORE, "ꨌꩌ"),
    known(Script::Kayah_Li, &["Noto Sans Kayah Li"], CORE, "ꤊꤋꤌ"),
    known(Script::Lisu, &["Noto Sans Lisu"], CORE, "ꓐꓑꓒ"),
    known(Script::Yi, &["Noto Sans Yi", "Nuosu SIL"], CORE, "ꀀꀁꒌ"),
    known(Script::Han, &["Noto Sans CJK SC", "Noto Sans SC"], CJK, "王小明陳国"),
    known(Script::Bopomofo, &["Noto Sans CJK TC", "Noto Sans TC"], CJK, "ㄅㄆㄇ"),
    known(Script::Hiragana, &["Noto Sans CJK JP", "Noto Sans JP", "IPAGothic", "TakaoGothic"], CJK, "あいうん"),
    known(Script::Katakana, &["Noto Sans CJK JP", "Noto Sans JP", "IPAGothic", "TakaoGothic"], CJK, "アイウン"),
    known(Script::Hangul, &["Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "Baekmuk Gulim"], CJK, "김이박한"),
];

/// Families that draw `script`, best first. Han is drawn as the region of `language` writes it (Unicode unifies the
/// forms): a language tag, otherwise simplified Chinese.
pub(super) fn families(script: Script, language: Option<&str>) -> Vec<Cow<'static, str>> {
    if script == Script::Han {
        let own: [&str; 2] = match language {
            Some("ja") => ["Noto Sans CJK JP", "Noto Sans JP"],
            Some("ko") => ["Noto Sans CJK KR", "Noto Sans KR"],
            Some("zh-Hant" | "zh-TW") => ["Noto Sans CJK TC", "Noto Sans TC"],
            Some("zh-HK" | "yue") => ["Noto Sans CJK HK", "Noto Sans HK"],
            _ => ["Noto Sans CJK SC", "Noto Sans SC"],
        };
        return own.into_iter().chain(["Noto Sans CJK SC", "Noto Sans SC"]).chain(HAN).map(Cow::Borrowed).collect();
    }
    match of(script) {
        Some(known) => known.families.iter().copied().map(Cow::Borrowed).collect(),
        None => {
            let name = script.full_name().replace('_', " ");
            vec![format!("Noto Sans {name}").into(), format!("Noto Serif {name}").into()]
        }
    }
}

/// The Debian package that has a font for `script`, if one is known.
pub(super) fn package(script: Script) -> Option<&'static str> {
    of(script).map(|known| known.package)
}

fn of(script: Script) -> Option<&'static Known> {
    TABLE.iter().find(|known| known.script == script)
}
