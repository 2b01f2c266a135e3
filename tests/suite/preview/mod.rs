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
        for part in ["SPECIMEN", "ຕົວຢ່າງ", "ກະຊວງສາທາລະນະສຸກ", "ສຸວັນນະພູມາ", "SOUVANNAPHOUMA"]
        {
            assert!(
                words.contains(part) || layout == "yellow" && part == "SOUVANNAPHOUMA",
                "{layout}: {part}: {words}"
            );
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
        (&["--layout", "all", "--out", "one.pdf"], "name a folder with --out"),
    ] {
        let error = work.run(&[&["document", "preview"], arguments].concat()).refused(2);
        assert!(error.contains(part), "{arguments:?}: {error}");
    }
    let error = work.run(&["document", "preview", "--out", "vaccert.toml/x"]).refused(4);
    assert!(error.contains("choose another place with --out"), "{error}");
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
        for command in [&["document", "preview"][..], &["document", "fonts"], &["issue", "--input", "x.json"]] {
            let error = work.run(command).refused(2);
            assert!(error.contains(part), "{command:?}: {error}");
        }
        assert!(!work.path("preview").exists(), "{document}");
        let doctor = work.run(&["doctor", "--offline"]);
        assert!(doctor.out.contains(part), "{doctor:?}");
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
