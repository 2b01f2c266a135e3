//! Every layout with everything that a certificate can say, before the one examiner.

use jiff::civil::date;
use proptest::prelude::*;

use super::{
    super::{
        FontPlaces, Fonts, Kind, Notice, Order, Press, Row, Value,
        look::{Picture, Signature},
        text::FONTS,
    },
    check::flawless,
    *,
};

/// Smallest type of a layout.
fn least(layout: Layout) -> f32 {
    if layout == Layout::Card { 5.0 } else { 6.0 }
}

fn png(width: u32, height: u32) -> Picture {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    let pixels = vec![0x40; usize::try_from(width * height).unwrap()];
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    Picture::read(&file).unwrap()
}

/// A ministry that uses everything.
fn rich() -> Look {
    Look {
        ministry: vec![
            (Language::ENGLISH, "Ministry of Public Health and Population of the Republic of Examplia".into()),
            (Language::FRENCH, "Ministère de la santé publique et de la population de la République d’Examplie".into()),
        ],
        emblem: Some(png(300, 240)),
        signature: Some(Signature {
            picture: png(400, 120),
            name: "Dr. Maria Exemplaria".into(),
            office: "Director of Public Health".into(),
        }),
        address: Some("verify.health.example".into()),
        ..Look::default()
    }
}

pub(super) fn sheet(kind: Kind, family: &str, given: &str, value: &str, id: &str, code: usize) -> Sheet {
    let row = |field, value: &str| Row { field, value: Value::Text(value.into()) };
    let rows = match kind {
        Kind::YellowCard => vec![
            row("condition", "Yellow fever"),
            row("annex-vaccine", value),
            row("maker", "Institut Pasteur de Dakar"),
            row("lot", "X2471"),
            row("date", "2026-01-15"),
            row("valid-from", "2026-01-25"),
            Row { field: "valid-until", value: Value::Word { word: "life", code: String::new() } },
            row("clinician", value),
            row("nationality", "Examplia (XXA)"),
            row("sex", "female"),
            row("document", "P1234567"),
            row("signed-until", "2027-01-15"),
        ],
        _ => vec![
            Row { field: "dose", value: Value::Dose { dose: 2, total: 2 } },
            row("date", "2021-06-15"),
            row("vaccine", value),
            row("prophylaxis", "SARS-CoV-2 mRNA vaccine (1119349007)"),
            row("holder", value),
            row("disease", "COVID-19 (840539006)"),
            row("country", "Examplia (XX)"),
            row("issuer", "Ministry of Health"),
            row("expires", "2027-11-21"),
        ],
    };
    let text = "This certificate is valid only if the vaccine has been approved. ".repeat(18).leak().trim_end();
    let notices = match kind {
        Kind::YellowCard => vec![Notice { language: Language::ENGLISH, text }],
        _ => Vec::new(),
    };
    Sheet {
        kind,
        subject: if kind == Kind::YellowCard { "Yellow fever".into() } else { "COVID-19".into() },
        issuer: "Ministry of Health".into(),
        country: "Examplia (XX)".into(),
        name: String::new(),
        family: family.into(),
        given: given.into(),
        family_std: "W".repeat(family.chars().count().min(80)),
        given_std: "M<".repeat(given.chars().count().min(80) / 2),
        birth_date: "1990-12-31".into(),
        rows,
        id: id.into(),
        notices,
        code: "A".repeat(code),
        archive: None,
        issued: date(2026, 11, 21),
        specimen: code.is_multiple_of(2),
    }
}

fn kinds(layout: Layout) -> Kind {
    if layout == Layout::Yellow { Kind::YellowCard } else { Kind::Vaccination }
}

fn print(
    look: &Look,
    layout: Layout,
    size: PageSize,
    second: bool,
    sheets: &[Sheet],
) -> Result<Vec<Page>, DocumentError> {
    let second = second.then_some(Language::FRENCH);
    let desk = Desk { fonts: &FONTS, look, size, language: Language::ENGLISH, second };
    arrange(&desk, |_| layout, sheets)
}

const ID: &str = "URN:UVCI:01:XX:5CWTU0C3YXDJ2TEK9HK6HXYMB#N";

#[test]
fn f34_the_longest_names_in_three_scripts_fit_every_layout_in_both_forms() {
    let stacked = "A\u{30a}\u{302}\u{303}g\u{323}\u{331}\u{32e} ".repeat(10);
    let look = rich();
    for layout in Layout::all() {
        for size in PageSize::all() {
            for family in ["Ẫ".repeat(80), "W".repeat(80), stacked.clone(), "Ж".repeat(80), "Ώ ".repeat(40), "Ǻ".into()]
            {
                for (look, second) in [(&look, true), (&Look::default(), false)] {
                    let sheet = sheet(kinds(layout), &family, &family, "Comirnaty", ID, 540);
                    let pages =
                        print(look, layout, size, second, std::slice::from_ref(&sheet)).unwrap_or_else(|error| {
                            panic!("{} {}: {error}", layout.name(), size.name());
                        });
                    // Where such names leave no room for the instructions, these have a page of their own.
                    assert!(pages.len() == 1 || (layout == Layout::Plain && pages.len() == 2));
                    pages.iter().for_each(|page| flawless(page, least(layout)));
                    let parts = pages[0].marks.iter().filter(|mark| mark.role == Role::Paragraph).count();
                    assert!(parts >= 8, "both forms of both names: {parts}");
                }
            }
        }
    }
}

/// Every text of a page, as it was given.
fn texts(pages: &[Page]) -> Vec<(&str, &Placed)> {
    let placed = pages.iter().flat_map(|page| &page.marks).filter_map(|mark| {
        let Content::Text(text) = &mark.content else { return None };
        Some((text.lines.first()?.0.whole(), text))
    });
    placed.collect()
}

#[test]
fn every_text_of_the_ministry_is_on_the_paper_or_told_for_every_layout_size_and_language() {
    let sentence = |language: Language| format!("{} ", language.word("holder.keep"));
    let long = |language: Language, chars: usize| {
        let mut text = String::new();
        while text.chars().count() + sentence(language).chars().count() < chars {
            text.push_str(&sentence(language));
            text.push('\n');
        }
        text
    };
    for language in Language::all() {
        let second = if language == Language::ENGLISH { Language::FRENCH } else { Language::ENGLISH };
        for chars in [160, 700, 2_000] {
            let mut look = rich();
            look.ministry = vec![(language, "Ministry One".into()), (second, "Ministry Two".into())];
            look.instructions = vec![(language, long(language, chars)), (second, long(second, chars))];
            for layout in Layout::all() {
                for size in PageSize::all() {
                    let sheet = sheet(kinds(layout), "Müller", "Anna", "Comirnaty", ID, 541);
                    let sheets = std::slice::from_ref(&sheet);
                    let desk = Desk { fonts: &EVERYWHERE, look: &look, size, language, second: Some(second) };
                    let pages = match arrange(&desk, |_| layout, sheets) {
                        Ok(pages) => pages,
                        Err(error @ DocumentError::MissingGlyph { .. }) => {
                            without_font(&error);
                            continue;
                        }
                        // Two thousand characters in two languages on a quarter of a page.
                        Err(DocumentError::Instructions { excess_mm }) => {
                            assert!(layout == Layout::Fold && chars > 160 && excess_mm > 0);
                            continue;
                        }
                        Err(error) => panic!("{language:?} {} {}: {error}", layout.name(), size.name()),
                    };
                    pages.iter().for_each(|page| flawless(page, least(layout)));
                    let told = unsaid(&desk, &pages, sheets);
                    let there: Vec<&str> = texts(&pages).into_iter().map(|(text, _)| text).collect();
                    let whole = there.join("\n");
                    let mut silent: Vec<String> = Vec::new();
                    let mut look_for = |setting: String, text: &str| {
                        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                        let missing = lines.into_iter().any(|line| !whole.contains(line));
                        assert_eq!(missing, told.contains(&setting), "{language:?} {} {setting}", layout.name());
                        if missing {
                            silent.push(setting);
                        }
                    };
                    for (language, name) in &look.ministry {
                        look_for(format!("document.ministry.{}", language.tag()), name);
                    }
                    for (language, text) in &look.instructions {
                        look_for(format!("document.instructions.{}", language.tag()), text);
                    }
                    look_for("document.address".into(), "verify.health.example");
                    look_for("document.signature".into(), "Dr. Maria Exemplaria\nDirector of Public Health");
                    if matches!(layout, Layout::Plain | Layout::Fold) {
                        assert!(silent.is_empty() && told.is_empty(), "{language:?} {}: {told:?}", layout.name());
                    }
                    if layout == Layout::Card {
                        assert!(told.contains(&"document.signature".to_owned()), "a card has no room for a hand");
                    }
                }
            }
        }
    }
}

#[test]
fn a_full_page_leaves_the_instructions_to_a_second_one() {
    let mut sheet = sheet(Kind::Vaccination, "Müller", "Anna", "Comirnaty", ID, 541);
    let rows = sheet.rows.clone();
    let mut counts = Vec::new();
    for count in [9, 12, 15, 18, 21, 24, 27, 30] {
        sheet.rows = rows.iter().cycle().take(count).cloned().collect();
        let pages = match print(&rich(), Layout::Plain, PageSize::A4, false, std::slice::from_ref(&sheet)) {
            Err(DocumentError::DoesNotFit { .. }) => break,
            pages => pages.unwrap(),
        };
        pages.iter().for_each(|page| flawless(page, 6.0));
        counts.push(pages.len());
        let texts = texts(&pages);
        for key in ["holder.what", "holder.wrong", "verifier.how", "verifier.counts"] {
            assert!(texts.iter().any(|(text, _)| *text == Language::ENGLISH.word(key)), "{count}: {key}");
        }
        assert_eq!(pages.iter().map(|page| page.starts.len()).collect::<Vec<_>>()[0], 1);
        assert!(pages.iter().skip(1).all(|page| page.starts.is_empty()));
    }
    assert!(counts.first() == Some(&1) && counts.last() == Some(&2) && counts.is_sorted(), "{counts:?}");
}

#[test]
fn in_a_form_that_is_read_from_the_right_values_stand_at_the_right_on_every_line() {
    let arabic = Language::of_tag("ar").unwrap();
    let family = "Hohenlohe-Waldenburg-Schillingsfürst und zu Neuenstein-Langenburg-Kirchberg-Oehr";
    let look = Look::default();
    for layout in Layout::all() {
        let mut sheet = sheet(kinds(layout), family, "Anna", "Comirnaty", ID, 541);
        if layout == Layout::Yellow {
            (sheet.name, sheet.family) = (family.into(), String::new());
        }
        let second = Some(Language::ENGLISH);
        let desk = Desk { fonts: &EVERYWHERE, look: &look, size: PageSize::A4, language: arabic, second };
        let pages = match arrange(&desk, |_| layout, std::slice::from_ref(&sheet)) {
            Err(error @ DocumentError::MissingGlyph { .. }) => return without_font(&error),
            pages => pages.unwrap(),
        };
        let texts = texts(&pages);
        let (_, placed) = texts.iter().find(|(text, _)| *text == family).unwrap();
        assert!(placed.lines.len() > 1, "{}: it is looked at on several lines", layout.name());
        let right = |(line, x, _): &(crate::document::text::Line, f32, f32)| x + line.width * placed.size;
        let edge = right(&placed.lines[0]);
        assert!(placed.lines.iter().all(|line| (right(line) - edge).abs() < 0.1), "{}", layout.name());
        if layout == Layout::Yellow {
            // Prose in another language is read from its own side.
            let notice = texts.iter().find(|(text, _)| text.starts_with("This certificate is valid only")).unwrap().1;
            let left = notice.lines[0].1;
            assert!(notice.lines.len() > 1 && notice.lines.iter().all(|(_, x, _)| (x - left).abs() < 0.1));
        }
    }
}

#[test]
fn one_card_leaves_its_page_to_the_instructions() {
    let one = sheet(Kind::Vaccination, "Müller", "Anna", "Comirnaty", ID, 541);
    for (size, count) in [(PageSize::A4, 1), (PageSize::A4, 3), (PageSize::Letter, 1)] {
        let pages = print(&rich(), Layout::Card, size, true, &vec![one.clone(); count]).unwrap();
        flawless(&pages[0], 5.0);
        let texts = texts(&pages);
        for key in ["holder.what", "verifier.how"] {
            assert!(texts.iter().any(|(text, _)| *text == Language::ENGLISH.word(key)), "{count}: {key}");
        }
        assert!(texts.iter().any(|(text, _)| text.contains("verify.health.example")));
    }
}

#[test]
fn the_disease_of_a_yellow_card_is_said_in_the_languages_of_the_paper() {
    let mut sheet = sheet(Kind::YellowCard, "Müller", "Anna", "Stamaril", ID, 541);
    sheet.subject = Value::Word { word: "yellow-fever", code: String::new() };
    let pages = print(&Look::default(), Layout::Plain, PageSize::A4, true, std::slice::from_ref(&sheet)).unwrap();
    let texts: Vec<&str> = texts(&pages).into_iter().map(|(text, _)| text).collect();
    assert!(texts.contains(&"Yellow fever") && texts.contains(&"Fièvre jaune"), "{texts:?}");
    assert!(!sheet.subject.is_empty() && Value::from(" ").is_empty());
}

#[test]
fn every_layout_passes_the_profiles_of_archives_and_screen_readers() {
    let press = Press::new(rich(), Fonts::embedded().unwrap()).unwrap();
    for layout in Layout::all() {
        for second in [None, Some(Language::FRENCH)] {
            let sheet = sheet(kinds(layout), "Müller-Lüdenscheidt", "Anna Zoë Françoise", "Comirnaty", ID, 541);
            let order = Order { layout: Some(layout), size: None, languages: Some((Language::ENGLISH, second)) };
            let file = press.print_as(&[sheet], &order).unwrap_or_else(|error| panic!("{}: {error}", layout.name()));
            assert!(file.starts_with(b"%PDF-1.7"));
            if let Some(folder) = std::env::var_os("VACCERT_LOOK") {
                let name = format!("{}-{}.pdf", layout.name(), second.map_or("en", Language::tag));
                std::fs::write(std::path::Path::new(&folder).join(name), file).unwrap();
            }
        }
    }
}

#[test]
fn codes_of_every_length_have_their_place_in_every_layout() {
    for layout in Layout::all() {
        for size in PageSize::all() {
            for code in [5, 20, 60, 130, 352, 541, 1_038, 1_600, 3_391] {
                let sheet = sheet(kinds(layout), "Müller", "Anna", "Comirnaty", ID, code);
                match print(&rich(), layout, size, true, std::slice::from_ref(&sheet)) {
                    Ok(pages) => flawless(&pages[0], least(layout)),
                    // A card has no room for more than 150 modules.
                    Err(DocumentError::CodeTooFine { modules }) => {
                        assert!(layout == Layout::Card && code > 1_600 && modules > 149, "{code}: {modules}");
                    }
                    Err(error) => panic!("{} {code}: {error}", layout.name()),
                }
            }
        }
    }
}

#[test]
fn cards_stand_four_on_a_page_and_keep_their_order_among_other_pages() {
    let look = rich();
    let sheets: Vec<Sheet> =
        (0..9).map(|n| sheet(Kind::Vaccination, &format!("Name{n}"), "Anna", "Comirnaty", ID, 540)).collect();
    let pages = print(&look, Layout::Card, PageSize::Letter, true, &sheets).unwrap();
    assert_eq!(pages.iter().map(|page| page.starts.len()).collect::<Vec<_>>(), [4, 4, 1]);
    for page in &pages {
        flawless(page, 5.0);
        for panel in &page.panels[1..] {
            let (width, height) = (panel.frame.width / 72.0 * 25.4, panel.frame.height / 72.0 * 25.4);
            assert!((width - 85.6).abs() < 0.05 && (height - 53.98).abs() < 0.05, "ISO/IEC 7810 ID-1");
        }
    }
    let mut mixed = sheets[..3].to_vec();
    mixed[1].kind = Kind::Test;
    let desk = Desk { fonts: &FONTS, look: &look, size: PageSize::A4, language: Language::ENGLISH, second: None };
    let layout = |sheet: &Sheet| if sheet.kind == Kind::Test { Layout::Plain } else { Layout::Card };
    let order: Vec<usize> = arrange(&desk, layout, &mixed)
        .unwrap()
        .iter()
        .flat_map(|page| page.starts.iter().map(|start| start.0))
        .collect();
    assert_eq!(order, [0, 1, 2]);
}

#[test]
fn the_booklet_has_its_panels_where_folding_takes_them() {
    let sheet = sheet(Kind::Vaccination, "Müller", "Anna", "Comirnaty", ID, 541);
    let pages = print(&rich(), Layout::Fold, PageSize::A4, true, std::slice::from_ref(&sheet)).unwrap();
    let (width, height) = PageSize::A4.points();
    let code = pages[0].marks.iter().find(|mark| matches!(mark.content, Content::Code { .. })).unwrap();
    // The lower half goes behind the upper one, so what stands there is upside down on the flat page.
    for panel in &pages[0].panels[1..] {
        assert_eq!(panel.turned, panel.frame.y > 0.0);
        assert!((panel.frame.width * 2.0 - width).abs() < 0.01 && (panel.frame.height * 2.0 - height).abs() < 0.01);
    }
    // The front is what is seen when the left half is behind the right one; the code is the page behind the front.
    let title = pages[0].marks.iter().find(|mark| mark.role == Role::Title).unwrap();
    assert_eq!(pages[0].panels[title.panel].frame.x, width / 2.0);
    assert_eq!(pages[0].panels[title.panel].frame.y, 0.0);
    assert_eq!(pages[0].panels[code.panel].frame.x, width / 2.0);
    // No fold within 8 mm of the symbol.
    let Content::Code { frame, .. } = code.content else { panic!() };
    let frame = pages[0].panels[code.panel].on_page(frame);
    for fold in [frame.x - width / 2.0, frame.y - height / 2.0] {
        assert!(fold > mm(8.0), "{fold} points from the fold");
    }
}

#[test]
fn the_page_of_annex_6_is_for_yellow_cards_alone_and_has_english_or_french() {
    let plain = sheet(Kind::Vaccination, "Müller", "Anna", "Comirnaty", ID, 541);
    let error = print(&rich(), Layout::Yellow, PageSize::A4, false, std::slice::from_ref(&plain)).err().unwrap();
    assert_eq!(error, DocumentError::WrongLayout { layout: "yellow", kind: "vaccination" });
    assert!(error.to_string().contains("plain, fold or card"));
    let card = sheet(Kind::YellowCard, "Müller", "Anna", "Stamaril", ID, 541);
    for layout in Layout::all() {
        let pages = print(&rich(), layout, PageSize::A4, true, std::slice::from_ref(&card))
            .unwrap_or_else(|error| panic!("{}: {error}", layout.name()));
        flawless(&pages[0], least(layout));
        // The prescribed text is readable wherever it stands; a card has no room for it, its code has none either.
        let small = pages[0].marks.iter().filter_map(|mark| match &mark.content {
            Content::Text(text) if layout != Layout::Card => Some(text.size),
            _ => None,
        });
        assert!(small.fold(f32::MAX, f32::min) >= 6.0);
    }
}

#[test]
fn a_full_sheet_shrinks_before_it_is_refused() {
    let size = |rows: usize| {
        let mut sheet = sheet(Kind::Vaccination, "Müller", "Anna", "Comirnaty", "ID", 2);
        sheet.rows = std::iter::repeat_n(sheet.rows[2].clone(), rows).collect();
        print(&Look::default(), Layout::Plain, PageSize::A4, false, &[sheet]).map(|pages| {
            flawless(&pages[0], 6.0);
            let value = |mark: &Mark| matches!(mark.role, Role::Cell { column: 1, .. });
            let text = pages[0].marks.iter().find(|mark| value(mark)).unwrap();
            let Content::Text(text) = &text.content else { panic!() };
            text.size
        })
    };
    assert!((size(10).unwrap() - 10.5).abs() < 1e-3);
    assert!(size(24).unwrap() < 10.0);
    assert!(
        size(32).is_ok_and(|size| size < 8.5) || matches!(size(32), Err(DocumentError::DoesNotFit { excess_mm: 1.. }))
    );
    assert!(matches!(size(33), Err(DocumentError::TooManyRows { rows: 33, limit: 32 })));
}

/// The fonts of this machine; where everything must be tested they must draw everything.
static EVERYWHERE: std::sync::LazyLock<Fonts> =
    std::sync::LazyLock::new(|| Fonts::find(&FontPlaces::default()).unwrap());

fn without_font(error: &DocumentError) {
    let must = ["CI", "VACCERT_FULL"].iter().any(|name| std::env::var_os(name).is_some());
    assert!(!must, "{error}");
    eprintln!("not looked at: {error}");
}

#[test]
fn documents_in_every_language_keep_the_same_rules() {
    let look = rich();
    for language in Language::all() {
        for layout in Layout::all() {
            for size in PageSize::all() {
                let sheet = sheet(kinds(layout), "Müller-Lüdenscheidt", "Anna Zoë", "Comirnaty", ID, 541);
                let second = Some(if language == Language::ENGLISH { Language::FRENCH } else { Language::ENGLISH });
                let desk = Desk { fonts: &EVERYWHERE, look: &look, size, language, second };
                match arrange(&desk, |_| layout, std::slice::from_ref(&sheet)) {
                    Ok(pages) => pages.iter().for_each(|page| flawless(page, least(layout))),
                    Err(error @ DocumentError::MissingGlyph { .. }) => without_font(&error),
                    Err(error) => panic!("{language:?} {} {}: {error}", layout.name(), size.name()),
                }
            }
        }
    }
}

/// Names of one to eight words in seventeen scripts, at most 80 characters.
fn names() -> impl Strategy<Value = String> {
    const WORDS: [&str; 19] = [
        "Nguyễn",
        "O’Brien-Wójcik",
        "Иванова",
        "Παπαδοπούλου",
        "عبدالرحمن",
        "نورة",
        "משה",
        "ສຸວັນນະພູມາ",
        "สมชาย",
        "សុខា",
        "အောင်",
        "ተስፋዬ",
        "සුනිල්",
        "செல்வம்",
        "लक्ष्मी",
        "রহিম",
        "გიორგი",
        "Արամ",
        "王小明",
    ];
    prop::collection::vec(prop::sample::select(&WORDS), 1..9).prop_map(|words| {
        let mut name = String::new();
        for word in words {
            if name.chars().count() + word.chars().count() < 80 {
                name.push_str(if name.is_empty() { "" } else { " " });
                name.push_str(word);
            }
        }
        name
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn names_in_any_scripts_keep_their_distance(
        family in names(),
        given in names(),
        layout in prop::sample::select(Layout::all().collect::<Vec<_>>()),
        language in prop::sample::select(Language::all().collect::<Vec<_>>()),
        letter in any::<bool>(),
        dressed in any::<bool>(),
    ) {
        let sheet = sheet(kinds(layout), &family, &given, "Comirnaty", ID, 541);
        let look = if dressed { rich() } else { Look::default() };
        let size = if letter { PageSize::Letter } else { PageSize::A4 };
        let desk = Desk { fonts: &EVERYWHERE, look: &look, size, language, second: Some(Language::FRENCH) };
        match arrange(&desk, |_| layout, std::slice::from_ref(&sheet)) {
            Ok(pages) => pages.iter().for_each(|page| flawless(page, least(layout))),
            Err(error @ DocumentError::MissingGlyph { .. }) => without_font(&error),
            Err(error) => prop_assert!(false, "{}: {}", layout.name(), error),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_ever_overlaps(
        family in "[A-Za-zÀ-ỹΑ-ωА-я'’. \u{301}\u{323}-]{1,80}",
        given in "[A-Za-zÀ-ỹ -]{0,80}|[А-я ]{0,80}",
        value in "[A-Za-z0-9 ]{1,120}",
        id in "[A-Z0-9:/#]{1,72}",
        code in 1usize..1_500,
        layout in prop::sample::select(Layout::all().collect::<Vec<_>>()),
        letter in any::<bool>(),
        second in any::<bool>(),
        dressed in any::<bool>(),
    ) {
        let sheet = sheet(kinds(layout), &family, &given, &value, &id, code);
        let look = if dressed { rich() } else { Look::default() };
        let size = if letter { PageSize::Letter } else { PageSize::A4 };
        match print(&look, layout, size, second, &[sheet]) {
            Ok(pages) => pages.iter().for_each(|page| flawless(page, least(layout))),
            Err(DocumentError::DoesNotFit { .. }) => prop_assert!(false, "{}: legal names fit", layout.name()),
            Err(_) => {}
        }
    }
}
