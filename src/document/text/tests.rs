//! The text engine as its callers see it.

use std::sync::LazyLock;

use proptest::{prelude::*, string::string_regex};

use super::*;
use crate::limits::{COMBINING_MARKS, COMBINING_MARKS_OTHER, PAPER_FIELD_CHARS};

/// The fonts of the machine.
static MACHINE: LazyLock<Fonts> = LazyLock::new(|| Fonts::find(&FontPlaces::default()).unwrap());

/// Whether a font for `text` is here; where everything must be tested, its absence is a failure.
fn here(text: &str) -> bool {
    let missing = matches!(MACHINE.shape("given", text, Weight::Regular), Err(DocumentError::MissingGlyph { .. }));
    let must = ["CI", "VACCERT_FULL"].iter().any(|name| std::env::var_os(name).is_some());
    assert!(!missing || !must, "no font for {text}");
    !missing
}

fn refused(fonts: &Fonts, text: &str) -> DocumentError {
    fonts.shape("given", text, Weight::Regular).err().unwrap()
}

/// What a line shows, from left to right, cluster by cluster.
fn seen(line: &Line) -> String {
    let mut seen = String::new();
    for run in &line.runs {
        let mut last = None;
        for glyph in &run.glyphs {
            if last != Some(&glyph.text_range) {
                seen.push_str(&run.text[glyph.text_range.clone()]);
            }
            last = Some(&glyph.text_range);
        }
    }
    seen
}

#[test]
fn marks_are_told_one_by_one_where_each_has_its_glyph() {
    // Upper and lower vowels of Thai; the tone over a vowel stands higher, and is told alone as well.
    for text in ["กีบ", "กุบ", "กิ่ง"] {
        if here(text) {
            let line = MACHINE.shape("given", text, Weight::Regular).unwrap().lines(100.0).remove(0);
            let told: Vec<&str> = line.runs[0].glyphs.iter().map(|glyph| &text[glyph.text_range.clone()]).collect();
            let characters: Vec<String> = text.chars().map(String::from).collect();
            assert_eq!(told, characters, "{text}");
        }
    }
    // The vowel that is written before its consonant is told with it.
    let text = "कि";
    if here(text) {
        let line = MACHINE.shape("given", text, Weight::Regular).unwrap().lines(100.0).remove(0);
        assert!(line.runs[0].glyphs.iter().all(|glyph| glyph.text_range == (0..text.len())));
    }
}

/// Every letter stands for one cluster, and the clusters follow each other as the letters do.
fn complete(shaped: &Shaped) -> bool {
    let mut next = 0;
    for run in &shaped.runs {
        let mut ranges: Vec<_> = run.glyphs.iter().map(|glyph| glyph.text_range.clone()).collect();
        if run.level.is_rtl() {
            ranges.reverse();
        }
        ranges.dedup();
        for range in ranges {
            if range.start != next {
                return false;
            }
            next = range.end;
        }
    }
    next == shaped.text.len()
}

#[test]
fn what_is_built_in_covers_the_alphabets_in_full() {
    let vietnamese = "ĂÂĐÊÔƠƯăâđêôơư ẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ";
    let greek: String = ('Α'..='Ρ').chain('Σ'..='Ϋ').chain('ά'..='ώ').collect();
    let cyrillic: String = ('Ѐ'..='џ').chain('Ґ'..='ӿ').filter(|letter| letter.is_alphabetic()).collect();
    let latin: String = ('À'..='ʯ').filter(|letter| letter.is_alphabetic()).collect();
    for weight in [Weight::Regular, Weight::Bold] {
        for text in [vietnamese, &greek, &cyrillic, &latin] {
            for part in text.chars().collect::<Vec<_>>().chunks(100) {
                let part: String = part.iter().collect();
                assert!(FONTS.shape("family", &part, weight).is_ok(), "{part}");
            }
        }
    }
}

#[test]
fn f37_scripts_without_a_font_are_refused_by_name_and_package() {
    for (text, script) in [
        ("Ali عَلِي", "Arabic"),
        ("ສົມສັກ", "Lao"),
        ("สมชาย", "Thai"),
        ("សុខា", "Khmer"),
        ("အောင်", "Myanmar"),
        ("አበበ", "Ethiopic"),
        ("සුනිල්", "Sinhala"),
        ("செல்வம்", "Tamil"),
        ("राम", "Devanagari"),
        ("রহিম", "Bengali"),
        ("გიორგი", "Georgian"),
        ("Արամ", "Armenian"),
        ("王小明", "Han"),
        ("משה", "Hebrew"),
        ("김", "Hangul"),
    ] {
        match refused(&FONTS, text) {
            DocumentError::MissingGlyph { field, script: found, package, character } => {
                assert_eq!((field, found), ("given", script));
                assert!(text.contains(character) && package.is_some());
            }
            other => panic!("{other}"),
        }
    }
    let error = refused(&FONTS, "A😀");
    assert_eq!(error, DocumentError::MissingGlyph { field: "given", script: "Common", package: None, character: '😀' });
    assert_eq!(
        error.to_string(),
        "the field given has the character U+1F600 (Common), for which no font is here; put a font that has it into \
         the folder of [document] fonts, or correct it at the source"
    );
    assert_eq!(
        refused(&FONTS, "ສົມ").to_string(),
        "the field given has the character U+0EAA (Lao), for which no font is here; install the package \
         fonts-noto-core, or put a font into the folder of [document] fonts"
    );
}

#[test]
fn what_could_mislead_is_refused() {
    for character in
        ['\n', '\0', '\u{202e}', '\u{2066}', '\u{200b}', '\u{200d}', '\u{200f}', '\u{2028}', '\u{ad}', '\u{feff}']
    {
        let text = format!("A{character}B");
        assert_eq!(refused(&FONTS, &text), DocumentError::Invisible { field: "given", character });
    }
    let text = "A\u{301}\u{302}\u{303}\u{304}";
    assert_eq!(refused(&FONTS, text), DocumentError::StackedMarks { field: "given", limit: COMBINING_MARKS });
    let text = format!("ب{}", "\u{651}".repeat(9));
    assert_eq!(refused(&FONTS, &text), DocumentError::StackedMarks { field: "given", limit: COMBINING_MARKS_OTHER });
    // A mark without a letter would stand on the label beside it.
    for (text, character) in [("\u{301}A", '\u{301}'), ("A \u{64e}", '\u{64e}'), ("\u{eb1}ກ", '\u{eb1}')] {
        let error = refused(&FONTS, text);
        assert_eq!(error, DocumentError::LoneMark { field: "given", character });
        assert_eq!(error.field().unwrap(), format!("given: U+{:04X}", u32::from(character)));
    }
    // What is nowhere a letter: private, unassigned, lost on the way.
    for character in ['\u{e000}', '\u{f0000}', '\u{378}', '\u{ffff}', '\u{fffd}', '\u{fffc}', '\u{1fae0}'] {
        for fonts in [&*FONTS, &*MACHINE] {
            let error = refused(fonts, &format!("Anna{character}"));
            let lost = matches!(error, DocumentError::MissingGlyph { character: found, .. } if found == character);
            assert!(lost, "{error}");
            assert_eq!(error.field().unwrap(), format!("given: U+{:04X}", u32::from(character)));
        }
    }
    let text = "A".repeat(PAPER_FIELD_CHARS + 1);
    assert_eq!(refused(&FONTS, &text), DocumentError::FieldTooLong { field: "given", chars: 401, limit: 400 });
}

#[test]
fn joiners_stand_where_an_orthography_has_them_and_nowhere_else() {
    let may = |text: &str| check::check("given", text).is_ok();
    // Persian, Sinhala, Bengali ya-phalaa, Malayalam chillu, Devanagari half form, Khmer words, a form of an ideograph.
    for text in [
        "می\u{200c}خواهم",
        "ශ\u{dca}\u{200d}රී",
        "র\u{200d}\u{9cd}যা",
        "ന\u{d4d}\u{200d}",
        "क\u{94d}\u{200d}ष",
        "क\u{94d}\u{200c}ष",
        "សុខ\u{200b}ភាព",
        "葛\u{e0100}城",
        "کار\u{200c}ها",
    ] {
        assert!(may(text), "{}", text.escape_unicode());
    }
    for text in [
        "\u{200c}می",
        "می\u{200c}",
        "A\u{200c}B",
        "می\u{200c}A",
        "ක\u{200d}ර",
        "A\u{200d}\u{94d}",
        "A\u{200b}B",
        "A\u{fe0f}",
        "☎\u{fe0f}",
        "می\u{200c}\u{200c}خ",
        "\u{200d}\u{94d}",
    ] {
        assert!(!may(text), "{}", text.escape_unicode());
    }
}

#[test]
fn marks_stand_on_their_letters_in_both_spellings() {
    // Where the font has the composed letter, both spellings are the same glyphs; where not, the mark takes no room.
    let composed = FONTS.shape("given", "Nguyễn", Weight::Bold).unwrap();
    let decomposed = FONTS.shape("given", "Nguye\u{302}\u{303}n", Weight::Bold).unwrap();
    assert!((composed.width() - decomposed.width()).abs() < 1e-6);
    assert_eq!(&decomposed.text[decomposed.runs[0].glyphs[4].text_range.clone()], "e\u{302}\u{303}");
    let marked = FONTS.shape("given", "q\u{304}", Weight::Bold).unwrap();
    assert!((marked.width() - FONTS.shape("given", "q", Weight::Bold).unwrap().width()).abs() < 1e-6);
}

#[test]
fn direction_is_that_of_the_first_letter_and_lines_are_in_the_order_in_which_they_are_seen() {
    // The letters that are read first stand at the right.
    for (text, shown, rtl) in [
        ("אבג", "גבא", true),
        ("אבג 123 דה", "הד 123 גבא", true),
        ("אבג (Ab) ד", "ד )Ab( גבא", true),
        ("Ab אבג cd", "Ab גבא cd", false),
        ("12 אב", "בא 12", true),
        ("12-34", "12-34", false),
    ] {
        if here(text) {
            let lines = MACHINE.shape("given", text, Weight::Regular).unwrap().lines(100.0);
            assert_eq!((seen(&lines[0]).as_str(), lines[0].rtl), (shown, rtl), "{text}");
        }
    }
}

#[test]
fn lines_from_right_to_left_are_broken_before_they_are_ordered() {
    let text = "אבג דהו Zoe זחט";
    if !here(text) {
        return;
    }
    let shaped = MACHINE.shape("given", text, Weight::Regular).unwrap();
    let width = |text: &str| MACHINE.shape("given", text, Weight::Regular).unwrap().width();
    let lines = shaped.lines(width("Zoe זחט") + 0.1);
    // The space at the end of a line hangs over its left edge.
    assert_eq!(lines.iter().map(seen).collect::<Vec<_>>(), [" והד גבא", "טחז Zoe"]);
    assert!((lines[0].width - width("אבג דהו")).abs() < 1e-3 && lines[0].runs[0].x < 0.0);
}

#[test]
fn arabic_letters_join() {
    if here("ببب") {
        let alone = MACHINE.shape("given", "ب", Weight::Regular).unwrap();
        let three = MACHINE.shape("given", "ببب", Weight::Regular).unwrap();
        let shapes: Vec<u32> = three.runs[0].glyphs.iter().map(|glyph| glyph.glyph_id.to_u32()).collect();
        assert!(shapes.iter().all(|shape| *shape != alone.runs[0].glyphs[0].glyph_id.to_u32()), "{shapes:?}");
        // A joiner is not seen: the letter before it is final, and no room is taken.
        let apart = MACHINE.shape("given", "بی\u{200c}ب", Weight::Regular).unwrap();
        assert!(complete(&apart));
    }
}

#[test]
fn what_programs_read_off_the_page_changes_nothing_that_is_seen() {
    // Marks, ligatures, vowels over their letters; from both sides.
    for text in ["محمّد الأحمد", "שָׂרָה", "މުޙައްމަދު", "कृष्ण कर्ता", "བསྟན་འཛིན", "র‍্যাচেল", "ခြင်္သေ့", "ន្ត្រី", "می\u{200c}خواهم"]
    {
        if !here(text) {
            continue;
        }
        let shaped = MACHINE.shape("given", text, Weight::Regular).unwrap();
        let places = |face: &Face, glyphs: &[KrillaGlyph], from: f32, out: &mut Vec<(u32, f32, f32)>| {
            let mut x = from;
            for glyph in glyphs {
                if face.ink(glyph) != (0.0, 0.0) {
                    out.push((glyph.glyph_id.to_u32(), x + glyph.x_offset, glyph.y_offset));
                }
                x += glyph.x_advance;
            }
        };
        let lines = shaped.lines(100.0);
        assert_eq!(lines.len(), 1, "{text}");
        let (mut before, mut after, mut x) = (Vec::new(), Vec::new(), 0.0);
        for run in &shaped.runs {
            places(&run.face, &run.glyphs, x, &mut before);
            x += run.glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>();
        }
        lines[0].runs.iter().for_each(|run| places(&run.face, &run.glyphs, run.x, &mut after));
        assert_eq!(shaped.runs.len(), 1, "{text}");
        let order = |a: &(u32, f32, f32), b: &(u32, f32, f32)| {
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2))
        };
        before.sort_unstable_by(order);
        after.sort_unstable_by(order);
        // A hundredth of an em is seen by no eye.
        let same = |(a, b): (&(u32, f32, f32), &(u32, f32, f32))| {
            a.0 == b.0 && (a.1 - b.1).abs() < 0.0105 && (a.2 - b.2).abs() < 0.0105
        };
        assert!(before.len() == after.len() && before.iter().zip(&after).all(same), "{text}: {before:?} {after:?}");
        assert!((lines[0].width - shaped.width()).abs() < 1e-3, "{text}");
        // From the right, one character a glyph.
        if lines[0].rtl {
            let one = |glyph: &KrillaGlyph| text[glyph.text_range.clone()].chars().count() == 1;
            assert!(lines[0].runs[0].glyphs.iter().all(one), "{text}");
        }
    }
}

#[test]
fn ideographs_have_the_form_of_the_region_whose_letters_stand_beside_them() {
    let face = |text: &str| {
        let shaped = MACHINE.shape("given", text, Weight::Regular).unwrap();
        shaped.runs.iter().find(|run| text[run.range.clone()].contains('直')).map(|run| Arc::as_ptr(&run.face)).unwrap()
    };
    if here("直ケ김") {
        assert_eq!(face("直子"), face("王直"));
        assert_ne!(face("直子ケ"), face("直子"));
        assert_ne!(face("직直"), face("直子"));
    }
}

#[test]
fn the_direction_of_words_of_ours_is_that_of_their_language() {
    let arabic = Language::of_tag("ar");
    for language in [None, Some(Language::ENGLISH), arabic] {
        let line = FONTS.shape_in("label", "(COVID-19)", Weight::Regular, language).unwrap().lines(100.0).remove(0);
        assert_eq!(line.rtl, language.is_some_and(Language::rtl));
    }
}

#[test]
fn many_threads_share_the_fonts() {
    let fonts = Fonts::find(&FontPlaces::default()).unwrap();
    let alone = |text: &str| MACHINE.shape("given", text, Weight::Bold).map(|shaped| shaped.width()).ok();
    let texts = ["ສົມສັກ", "محمد", "Müller", "שרה", "राम"];
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for text in texts {
                    let width = fonts.shape("given", text, Weight::Bold).map(|shaped| shaped.width()).ok();
                    assert_eq!(width, alone(text), "{text}");
                }
            });
        }
    });
}

#[test]
fn scripts_without_spaces_are_broken_between_words() {
    for (text, words) in [
        ("ໃບຢັ້ງຢືນການສັກຢາ", &["ໃບຢັ້ງຢືນ", "ການສັກຢາ"][..]),
        ("กระทรวงสาธารณสุข", &["กระทรวง", "สาธารณสุข"]),
        ("វិញ្ញាបនបត្រនៃការចាក់", &["វិញ្ញាបនបត្រ", "នៃការចាក់"]),
        ("ကျန်းမာရေးဝန်ကြီးဌာန", &["ကျန်းမာရေး", "ဝန်ကြီးဌာန"]),
        // No word of the dictionary: the end of a syllable stays with it.
        ("ဦး သင်္ဃန်း", &["ဦး ", "သင်္ဃန်း"]),
    ] {
        if here(text) {
            let shaped = MACHINE.shape("given", text, Weight::Regular).unwrap();
            let longest = words.iter().map(|word| MACHINE.shape("given", word, Weight::Regular).unwrap().width());
            let lines = shaped.lines(longest.fold(0.0, f32::max) + 0.05);
            assert_eq!(lines.iter().map(seen).collect::<Vec<_>>(), words, "{text}");
        }
    }
}

#[test]
fn a_word_that_is_too_wide_keeps_its_vowels() {
    let text = "ກະຊວງສາທາລະນະສຸກ";
    if here(text) {
        let shaped = MACHINE.shape("given", text, Weight::Regular).unwrap();
        for most in [1.5_f32, 2.0, 3.0, 4.0, 6.5] {
            let lines: Vec<String> = shaped.lines(most).iter().map(seen).collect();
            assert_eq!(lines.concat(), text);
            assert!(lines.iter().all(|line| !line.starts_with(['ະ', 'າ'])), "{lines:?}");
        }
    }
}

#[test]
fn lines_break_at_spaces_and_hyphens_before_they_break_words() {
    let broken = |text: &str, most: f32| -> Vec<String> {
        FONTS.shape("family", text, Weight::Regular).unwrap().lines(most).iter().map(seen).collect()
    };
    assert_eq!(broken("Anna Maria", 100.0), ["Anna Maria"]);
    assert_eq!(broken("Anna Maria Luise", 6.0), ["Anna Maria ", "Luise"]);
    assert_eq!(broken("Schmidt-Rottluff", 6.0), ["Schmidt-", "Rottluff"]);
    assert_eq!(broken("URN:UVCI:01:XX", 5.0), ["URN:UVCI:", "01:XX"]);
    assert_eq!(broken("a-WWW", 3.0), ["a-", "WWW"]);
    assert_eq!(broken("a-WWWW", 3.0), ["a-", "WWW", "W"]);
    assert_eq!(broken("", 6.0), Vec::<String>::new());
    assert!(broken(&"W".repeat(80), 10.0).len() > 7);
}

/// Letters of many scripts, with what makes each of them hard.
const LETTERS: &str = "[A-Za-zÀ-ỹΑ-ωА-яء-ي٠-٩א-ת\u{5b0}-\u{5bc}ກ-ຮະ-ຽ່-ໍก-ฮะ-ฺเ-๎ក-អា-៌្က-အါ-်ျ-ှአ-ፐක-ෆ්-ෟக-ஹா-்क-हा-्ক-হা-্\
                       ა-ჰԱ-ֆ王-璋가-힣あ-んア-ン 0-9'’().,\u{200b}-\u{200d}\u{301}\u{64b}-\u{652}-]";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn the_glyphs_stand_for_every_letter_once_and_in_order(text in string_regex(&format!("{LETTERS}{{0,60}}")).unwrap()) {
        match MACHINE.shape("family", &text, Weight::Regular) {
            Ok(shaped) => prop_assert!(complete(&shaped), "{}", text.escape_unicode()),
            Err(
                DocumentError::StackedMarks { .. }
                | DocumentError::LoneMark { .. }
                | DocumentError::MissingGlyph { .. }
                | DocumentError::Invisible { .. },
            ) => {}
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn no_letter_is_lost_in_lines_and_no_line_is_too_wide(
        text in string_regex(&format!("({LETTERS}|[ -~]|[؀-ۿ ]){{0,80}}")).unwrap(),
        most in 4.0f32..20.0,
    ) {
        let Ok(shaped) = MACHINE.shape("family", &text, Weight::Regular) else { return Ok(()) };
        let widest = shaped.runs.iter().flat_map(|run| &run.glyphs).map(|glyph| glyph.x_advance).fold(0.0, f32::max);
        let lines = shaped.lines(most);
        let mut letters = 0;
        for line in &lines {
            prop_assert!(line.runs.iter().any(|run| !run.glyphs.is_empty()));
            prop_assert!(line.width <= most + 1e-3 || widest > 1.0, "{} > {most}", line.width);
            prop_assert!(line.above.is_finite() && line.below.is_finite() && line.above >= 0.0 && line.below >= 0.0);
            letters += seen(line).len();
        }
        prop_assert_eq!(letters, text.len());
    }

    #[test]
    fn whatever_a_name_holds_is_drawn_whole_or_refused(
        text in "\\PC{0,80}|.{0,80}|[\\p{L}\\p{M}\\p{Zs}\\p{Cf}]{0,40}|[a-zà-ỹא-ת\\p{So}\\p{Sk}\\p{Co}\\p{Cf}\\p{Mn}]{0,12}"
    ) {
        for fonts in [&*FONTS, &*MACHINE] {
            let Ok(shaped) = fonts.shape("family", &text, Weight::Bold) else { continue };
            prop_assert!(complete(&shaped), "{}", text.escape_unicode());
            prop_assert!(shaped.width().is_finite());
            let letters: usize = shaped.lines(3.0).iter().map(|line| seen(line).len()).sum();
            prop_assert_eq!(letters, text.len());
            // Every character that can be seen has a glyph with ink among those of its cluster.
            for run in &shaped.runs {
                for group in run.glyphs.chunk_by(|a, b| a.text_range == b.text_range) {
                    let told = &text[group[0].text_range.clone()];
                    let blank = told.chars().all(|c| c.is_whitespace() || check::ignorable(c));
                    prop_assert!(blank || group.iter().any(|glyph| run.face.ink(glyph) != (0.0, 0.0)));
                }
            }
        }
    }
}
