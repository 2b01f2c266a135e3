//! `vaccert document`: specimens with the look of a ministry, read back by a PDF reader that is not ours, and the errors
//! that a clerk gets who sets up the paper.

use std::{fs, path::Path};

use crate::support::{
    paper::{run, tool},
    program::Workplace,
};

/// A workplace with a configuration, and an emblem beside it.
fn ministry(document: &str) -> Workplace {
    let work = Workplace::new();
    work.run(&["init", "."]).good();
    let text = fs::read_to_string(work.path("vaccert.toml")).unwrap();
    let (before, behind) = text.split_once("[document]\n").unwrap();
    work.write("vaccert.toml", format!("{before}[document]\n{document}\n{behind}"));
    let emblem = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/emblem.png");
    work.write("emblem.png", fs::read(emblem).unwrap());
    work
}

const LAO: &str = "languages = [\"lo\", \"en\"]\nemblem = \"emblem.png\"\ncolour = \"#5a2d0c\"\n\
                   ministry = { lo = \"ກະຊວງສາທາລະນະສຸກ\", en = \"Ministry of Health of Examplia\" }\n\
                   signature = { image = \"emblem.png\", name = \"Dr A. Example\", office = \"Director\" }\n\
                   address = \"verify.example.org\"";

/// Words of a PDF, in the order in which they stand there.
fn words(pdf: &Path) -> Option<String> {
    let text = run(&tool("pdftotext", "poppler-utils")?, &["-layout", pdf.to_str().unwrap(), "-"]);
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn every_layout_is_printed_with_the_look_of_the_ministry_and_counts_for_nothing() {
    let work = ministry(LAO);
    let said = work.run(&["document", "preview", "--layout", "all", "--out", "sheets", "--png"]).good().out;
    for part in ["no code on them counts", "ລາວ and English", "Lao", "built into the program"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("not printed") && !said.contains("Not set"), "{said}");
    for layout in ["plain", "fold", "card", "yellow"] {
        let pdf = work.path(&format!("sheets/{layout}.pdf"));
        assert!(fs::read(work.path(&format!("sheets/{layout}-1.png"))).unwrap().starts_with(b"\x89PNG"), "{layout}");
        let Some(words) = words(&pdf) else { continue };
        // The yellow card is in Latin letters, as WHO has it.
        let name = if layout == "yellow" {
            ["Somchit", "Souvannaphouma"]
        } else {
            ["ສຸວັນນະພູມາ", "SOUVANNAPHOUMA"]
        };
        for part in ["SPECIMEN", "ຕົວຢ່າງ", "ກະຊວງສາທາລະນະສຸກ"].into_iter().chain(name)
        {
            assert!(words.contains(part), "{layout}: {part}: {words}");
        }
    }
    // F01: whoever scans it is told that nobody known signed it.
    let verified = work.run(&["verify", "sheets/plain.pdf"]);
    assert_ne!(verified.code, Some(0), "{verified:?}");
    assert!(!verified.out.to_lowercase().contains("accepted"), "{verified:?}");
}

#[test]
fn a_clerk_tries_other_names_paper_and_languages() {
    let work = ministry("");
    let call = |more: &[&'static str]| [&["document", "preview", "--out", "try.pdf"], more].concat();
    let said =
        work.run(&call(&["--names", "Nguyễn, Thị Minh; Müller,", "--size", "letter", "--language", "fr"])).good();
    assert!(
        said.out.contains("US Letter, Français") && said.out.contains("Not set in [document]: ministry"),
        "{said:?}"
    );
    if let Some(words) = words(&work.path("try.pdf")) {
        for part in ["Nguyễn", "Thị Minh", "Müller", "Certificat de vaccination", "SPÉCIMEN"] {
            assert!(words.contains(part), "{part}: {words}");
        }
    }
    if let Some(pdfinfo) = tool("pdfinfo", "poppler-utils") {
        let info = run(&pdfinfo, &[work.path("try.pdf").to_str().unwrap()]);
        assert!(info.contains("612 x 792 pts (letter)"), "{info}");
    }
    assert!(work.run(&call(&["--quiet"])).good().out.is_empty());
}

#[test]
fn what_is_asked_for_wrongly_is_told_with_what_to_do() {
    let work = ministry("");
    for (arguments, part) in [
        (&["--layout", "poster"][..], "possible values: plain"),
        (&["--language", "xx"], "possible values: en, fr"),
        (&["--size", "a5"], "possible values: a4, letter"),
        (&["--names", ";"], "Surname, Forename"),
        (&["--names", "Adjei, Ama; Nguyen, 🫠"], "the forename of person 2 holds no letter"),
        (&["--layout", "all", "--out", "one.pdf"], "name a folder with --out"),
    ] {
        let ran = work.run(&[&["document", "preview"], arguments].concat());
        assert!(ran.code == Some(2) && ran.err.contains(part), "{ran:?}");
    }
    let error = work.run(&["document", "preview", "--out", "vaccert.toml/x"]).refused(4);
    assert!(error.contains("choose another place with --out"), "{error}");
}

/// F37: what no font has is told with the field and the character, and nothing is printed without it.
#[test]
fn f37_a_sign_in_a_name_is_told_and_never_dropped() {
    let work = ministry("");
    for (names, part) in [
        ("Nguyen🫠, Anna", "the field family has the character U+1FAE0"),
        ("Nguyen, Anna\u{e000}", "the field given has the character U+E000"),
        ("Nguyen, \u{301}Anna", "the field given has the mark U+0301 where there is no letter to bear it"),
        ("Nguyen, An\u{202e}na", "the field given has the invisible character U+202E"),
    ] {
        let ran = work.run(&["document", "preview", "--layout", "plain", "--out", "sheets", "--names", names]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.out.contains("plain: not printed") && ran.out.contains(part), "{part}: {ran:?}");
        assert!(!work.path("sheets/plain.pdf").exists());
    }
    // A digit is drawn like any letter, and a dash for "none" is none.
    work.run(&["document", "preview", "--layout", "plain", "--out", "try.pdf", "--names", "Nguyen 2, -"]).good();
    if let Some(words) = words(&work.path("try.pdf")) {
        assert!(words.contains("Nguyen 2") && !words.contains("Forename(s)"), "{words}");
    }
}

#[test]
fn preview_and_doctor_say_which_texts_a_layout_has_no_room_for() {
    let text = "Show this sheet with your passport. ".repeat(20);
    let work =
        ministry(&format!("{LAO}\nlayout = \"card\"\n[document.instructions]\nen = \"{text}\"\nlo = \"{text}\""));
    let said = work.run(&["document", "preview", "--layout", "all", "--out", "sheets"]).good().out;
    let card = said.split_once("card.pdf").unwrap().1.split_once("yellow.pdf").unwrap().0;
    assert!(card.contains("document.signature") && card.contains("has no room"), "{said}");
    let before = said.split_once("card.pdf").unwrap().0;
    assert!(!before.contains("has no room"), "plain and fold have room for everything: {said}");
    let doctor = work.run(&["doctor", "--offline", "--sample", "0"]).out;
    let doctor = doctor.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(doctor.contains("the layout card has no room for") && doctor.contains("document.signature"), "{doctor}");
}

#[test]
fn every_wrong_setting_of_the_paper_is_told_before_anything_is_printed() {
    for (document, part) in [
        ("layout = \"poster\"", "document.layout is \"poster\", which there is not: choose one of plain"),
        ("languages = [\"lo\", \"en\", \"fr\"]", "document.languages names 3 languages"),
        ("emblem = \"none.png\"", "document.emblem names"),
        ("emblem = \"vaccert.toml\"", "neither PNG nor JPEG"),
        ("colour = \"#ffd100\"", "choose a darker one"),
        ("ministry = { xx = \"A\" }", "document.ministry is \"xx\""),
        ("fonts = \"none\"", "document.fonts names"),
        ("poster = true", "unknown field"),
    ] {
        let work = ministry(document);
        for command in
            [&["document", "preview"][..], &["document", "fonts"], &["issue", "--from", "x.json", "--out", "x"]]
        {
            let error = work.run(command).refused(2);
            assert!(error.contains(part), "{command:?}: {error}");
        }
        assert!(!work.path("preview").exists(), "{document}");
        let doctor = work.run(&["doctor", "--offline"]);
        let told = doctor.out.split_whitespace().collect::<Vec<_>>().join(" ");
        // It tells what to do apart.
        assert!(told.contains(part.split(':').next().unwrap()), "{doctor:?}");
    }
}

#[test]
fn the_fonts_that_are_here_are_listed_and_doctor_prints_a_specimen() {
    let work = ministry(LAO);
    let said = work.run(&["document", "fonts"]).good().out;
    for part in ["Latin", "built into the program", "Lao", "Arabic", "Ethiopic"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let doctor = work.run(&["doctor", "--offline"]).out;
    for part in ["there are fonts for the words of the paper (lo, en)", "specimens print in the layout plain"] {
        assert!(doctor.contains(part), "{part}: {doctor}");
    }
    let bare = ministry("");
    let doctor = bare.run(&["doctor", "--offline"]).out;
    assert!(doctor.contains("has no ministry and no emblem"), "{doctor}");
}
