//! A clerk at a desk: from the designers' PDF to a template that works, by the commands alone.

use super::made::*;
use crate::support::{
    paper::{run, tool},
    program::Workplace,
};

#[test]
fn from_a_pdf_to_a_template_that_works() {
    let mm = 72.0 / 25.4;
    for (name, width, height) in [
        ("a4", 210.0, 297.0),
        ("letter", 215.9, 279.4),
        ("a3", 420.0, 297.0),
        ("a5", 148.0, 210.0),
        ("card", 85.6, 54.0),
    ] {
        let place = Workplace::new();
        let page = PageMade::plain(width * mm, height * mm, &busy(width * mm, height * mm));
        place.write("national paper.pdf", pdf(&[page], Index::Table));
        let ran = place.run(&["document", "template", "new", "national paper.pdf"]);
        assert_eq!(ran.code, Some(0), "{name}: {}", ran.err);
        assert!(ran.out.contains("Wrote template.toml"), "{}", ran.out);
        // As it is written where most begin; larger pages in fewer dots, which are faster painted.
        if !matches!(name, "a4" | "card") {
            let text = std::fs::read_to_string(place.path("template.toml")).unwrap();
            assert!(text.contains("# dots = 200 "), "{text}");
            place.write("template.toml", text.replace("# dots = 200 ", "dots = 150 # "));
        }
        let ran = place.run(&["document", "template", "check", "template.toml", "--specimen", "specimen.pdf"]);
        assert_eq!(ran.code, Some(0), "{name}: {}", ran.err);
        let entries = if name == "card" { 8 } else { 11 };
        let good = format!("template.toml is good: {entries} entries on 1 page, archivable");
        assert!(ran.out.contains(&good), "{}", ran.out);
        assert!(ran.out.contains("there is no [[text]]"), "{}", ran.out);
        // Every field that waits as a remark is known and complete.
        let text = std::fs::read_to_string(place.path("template.toml")).unwrap();
        assert!(text.contains("drawn = \"picture\"\n"), "{text}");
        let text = text.replace("drawn = \"picture\"", "drawn = \"vector\"");
        let (usual, others) = text.split_once("# Every other field.").unwrap();
        let others: String = others
            .lines()
            .skip(1)
            .filter_map(|line| line.strip_prefix("# ").filter(|rest| rest.starts_with('[') || rest.contains(" = ")))
            .map(|line| format!("{line}\n"))
            .collect();
        assert!(others.contains("name = \"lot\""), "{others}");
        place.write("all.toml", format!("{usual}\n{others}"));
        let ran = place.run(&["document", "template", "check", "all.toml"]);
        assert_eq!(ran.code, Some(2));
        assert!(!ran.err.contains("there is no field") && !ran.err.contains("no setting"), "{name}: {}", ran.err);
        assert!(ran.err.contains("lies over"), "{}", ran.err);
        // The grid, of the template and of the bare PDF.
        for file in ["national paper.pdf", "all.toml"] {
            let ran = place.run(&["document", "template", "grid", file, "--out", "grid.pdf"]);
            assert_eq!(ran.code, Some(0), "{name}: {}", ran.err);
            let Some(pdftotext) = tool("pdftotext", "poppler-utils") else { continue };
            let words = run(&pdftotext, &[place.path("grid.pdf").to_str().unwrap(), "-"]);
            assert!(words.contains("50"), "{words}");
            assert_eq!(words.contains("family_std"), file.ends_with("toml"), "{words}");
        }
        // What somebody measured is not replaced.
        let ran = place.run(&["document", "template", "new", "national paper.pdf"]);
        assert_eq!(ran.code, Some(2));
        assert!(ran.err.contains("template.toml is there already and is left as it is"), "{}", ran.err);
    }
}

#[test]
fn what_goes_wrong_at_the_desk_is_said() {
    let place = Workplace::new();
    let ran = place.run(&["document", "template", "check", "lost.toml"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(4), ""));
    assert!(ran.err.contains("the template lost.toml cannot be read (entity not found)"), "{}", ran.err);
    let ran = place.run(&["document", "template", "new", "lost.pdf"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("the background lost.pdf: it cannot be read"), "{}", ran.err);
    place.write("letter.pdf", "Dear Sir or Madam");
    let ran = place.run(&["document", "template", "grid", "letter.pdf"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("the background letter.pdf: it cannot be read as PDF; export it again"), "{}", ran.err);
    place.write("template.toml", "background = \"letter.pdf\"\ndrawn = \"blind\"\n[[field]]\nname = \"lots\"\n");
    let ran = place.run(&["document", "template", "check", "template.toml"]);
    assert_eq!(ran.code, Some(2));
    for part in [
        "the template template.toml has 3 faults:",
        "\n  line 2: drawn",
        "\n  line 4: there is no field",
        "\n  the background letter.pdf: it cannot",
    ] {
        assert!(ran.err.contains(part), "{part:?} is not in {}", ran.err);
    }
}
