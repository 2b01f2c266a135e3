//! A ministry that names its own PDF in `vaccert.toml`: what a clerk sees of it, what citizens get, and what stops the
//! program before the first certificate is printed.

use std::{fs, path::Path};

use super::example;
use crate::{
    journey::export,
    support::{
        dhis2::people::Person,
        paper::{run, tool},
        program::{Ran, Workplace},
    },
};

const FILE: &str = "paper/template.toml";

/// A workplace with the example in a folder beside its configuration, in which `[document]` begins so.
fn ministry(document: &str) -> Workplace {
    let work = Workplace::new();
    work.run(&["init", "--quiet", "."]).good();
    work.write("paper/background.pdf", fs::read(example().with_file_name("background.pdf")).unwrap());
    // What is looked at here is the same in half as many dots.
    let template =
        fs::read_to_string(example()).unwrap().replace("drawn = \"picture\"", "drawn = \"picture\"\ndots = 150");
    work.write(FILE, template);
    set(&work, document);
    work
}

fn set(work: &Workplace, document: &str) {
    let text = fs::read_to_string(work.path("vaccert.toml")).unwrap();
    let (before, rest) = text.split_once("[document]\n").unwrap();
    let (_, behind) = rest.split_once("# The paper;").unwrap();
    work.write("vaccert.toml", format!("{before}[document]\n{document}\n# The paper;{behind}"));
}

/// Changes the template, which must have what is replaced.
fn change(work: &Workplace, from: &str, to: &str) {
    let text = fs::read_to_string(work.path(FILE)).unwrap();
    assert!(text.contains(from), "{from}");
    work.write(FILE, text.replacen(from, to, 1));
}

/// Line of the template on which this stands.
fn line(work: &Workplace, part: &str) -> usize {
    let text = fs::read_to_string(work.path(FILE)).unwrap();
    text.lines().position(|line| line == part).unwrap_or_else(|| panic!("{part}: {text}")) + 1
}

const DOSES: &str = "templates = { vaccination = \"paper/template.toml\" }";

fn words(pdf: &Path) -> Option<String> {
    Some(run(&tool("pdftotext", "poppler-utils")?, &["-raw", pdf.to_str().unwrap(), "-"]))
}

const ISSUE: [&str; 8] = ["issue", "--from", "export.json", "--out", "out", "--quiet", "--formats", "eu-dcc"];

#[test]
fn certificates_are_issued_on_the_paper_of_the_ministry_and_read_by_officers() {
    let work = ministry(DOSES);
    change(&work, "width = 100", "width = 40");
    let person = |uid, family: &str| {
        Person::new(uid, "Amaro", family, "1970-01-01").dosed("MODERNA", "DOSE1", "2021-03-01", "B1")
    };
    work.write("export.json", export(&[person("P0000000001", "Vastow"), person("P0000000002", &"W".repeat(80))]));
    work.run(&ISSUE).good();

    let out = work.out("out");
    let (printed, not): (Vec<_>, Vec<_>) =
        out.folders().into_iter().map(|folder| folder.join("certificate.pdf")).partition(|pdf| pdf.is_file());
    assert_eq!((printed.len(), not.len()), (1, 1), "eighty of the widest letters have no room in 40 mm");
    let report = out.report().to_string();
    assert!(report.contains("paper-not-drawn") && report.contains("family"), "{report}");
    assert!(report.contains("does not fit into its box of the template"), "{report}");

    let pdf = &printed[0];
    let code = pdf.with_file_name("eu-dcc.txt");
    let verified = work.verify(&out.trust(), &[pdf.clone(), code], &[]);
    assert_eq!(verified.words(), [("accepted", None), ("accepted", None)], "{verified:?}");
    for verdict in &verified.verdicts {
        assert_eq!(
            verdict["holder"]["name"], "Amaro Vastow",
            "the paper says what the code on the screen says: {verdict}"
        );
    }
    let id = verified.verdicts[0]["id"].as_str().unwrap();
    assert_eq!(verified.verdicts[1]["id"], id);
    if let Some(words) = words(pdf) {
        for part in ["Vastow", "Amaro", "VASTOW", "01.01.1970", "01.03.2021", "1 of 2", id] {
            assert!(words.contains(part), "{part}: {words}");
        }
    }
    // Another program than ours reads the code off the page.
    if let (Some(pdftoppm), Some(zbarimg)) = (tool("pdftoppm", "poppler-utils"), tool("zbarimg", "zbar-tools")) {
        let page = work.path("page");
        run(&pdftoppm, &["-gray", "-singlefile", "-r", "300", pdf.to_str().unwrap(), page.to_str().unwrap()]);
        let read = run(
            &zbarimg,
            &["-q", "--raw", "-Sdisable", "-Sqrcode.enable", page.with_extension("pgm").to_str().unwrap()],
        );
        let scanned = work.write("scanned.txt", read);
        assert_eq!(work.verify(&out.trust(), &[scanned], &[]).words(), [("accepted", None)]);
    }
}

#[test]
fn a_preview_shows_each_kind_on_its_own_paper_and_says_what_is_worth_a_look() {
    let work = ministry(DOSES);
    let preview = ["document", "preview", "--out", "sheets", "--names", "Nguyễn, Thị Minh; Müller, Anna"];
    let said = work.run(&preview).good().out;
    for part in [
        "sheets/national.pdf: on the ministry's own PDF (document.templates.vaccination)",
        "sheets/yellow.pdf: A4, English",
        "Worth a look:\n  document.templates.vaccination: there is no [[label]] with word = \"footer\"",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    if let Some(words) = words(&work.path("sheets/national.pdf")) {
        for part in ["Nguyễn", "Thị Minh", "Müller", "Anna", "14.02.1985"] {
            assert!(words.contains(part), "{part}: {words}");
        }
        let squeezed: String = words.split_whitespace().collect();
        assert_eq!(squeezed.matches("SPECIMEN").count(), 2, "{words}");
    }
    // F01: whoever scans it is told that nobody known signed it.
    let verified = work.run(&["verify", "sheets/national.pdf"]);
    assert_eq!(verified.code, Some(3), "{verified:?}");
    assert_eq!(verified.out.matches("\"verdict\":\"undecided\"").count(), 2, "both codes are read: {verified:?}");
    let doctor = work.run(&["doctor", "--offline", "--sample", "0"]).out;
    for part in ["the templates of [document] have no fault", "word = \"footer\"", "specimens print on the templates"] {
        assert!(doctor.contains(part), "{part}: {doctor}");
    }

    // For every kind: this one has no room for what a yellow card says, which matters to those who issue them.
    set(&work, "template = \"paper/template.toml\"");
    let ran = work.run(&preview);
    let lacks =
        "the certificate says nothing in the field vaccine, which the template needs; write optional = true there";
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("national: not printed") && ran.out.contains(lacks), "{ran:?}");
    work.write("export.json", export(&[]));
    let error = work.run(&ISSUE[..6]).refused(2);
    assert!(
        error.contains("document.template asks for paper that cannot be printed here") && error.contains(lacks),
        "{error}"
    );
    let text = fs::read_to_string(work.path("vaccert.toml")).unwrap();
    work.write("vaccert.toml", text.replace("[issue]\n", "[issue]\nformats = [\"eu-dcc\"]\n"));
    let said = work.run(&preview).good().out;
    assert!(said.contains("(document.template)") && !said.contains("yellow.pdf"), "{said}");
    work.run(&ISSUE[..6]).good();
    // A layout that somebody names is printed in any case.
    let said = work.run(&["document", "preview", "--layout", "card", "--out", "card.pdf"]).good().out;
    assert!(said.contains("card.pdf: A4") && !said.contains("national"), "{said}");

    // Kinds of which no specimen can be signed: something in every field.
    set(&work, "templates = { test = \"paper/template.toml\", recovery = \"paper/template.toml\" }");
    let said = work.run(&preview).good().out;
    for part in ["sheets/national-test.pdf", "sheets/national-recovery.pdf", "sheets/plain.pdf"] {
        assert!(said.contains(part) && work.path(part).is_file(), "{part}: {said}");
    }
}

#[test]
fn every_fault_of_a_template_is_told_with_setting_line_and_remedy_before_anything_starts() {
    let work = ministry(DOSES);
    change(&work, "name = \"given\"", "name = \"lots\"");
    change(&work, "size = 54", "size = 30");
    let (name, code) = (line(&work, "name = \"lots\""), line(&work, "[[code]]"));
    let told = |ran: &Ran, text: &str| {
        for part in [
            "document.templates.vaccination".to_owned(),
            format!("line {name}: there is no field \"lots\""),
            "write one of name, family, given".to_owned(),
            format!("line {code}: the code has size = 30"),
        ] {
            assert!(text.contains(&part), "{part}: {ran:?}");
        }
    };
    work.write("export.json", export(&[]));
    for command in [&["document", "preview"][..], &ISSUE] {
        let ran = work.run(command);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(
            ran.err.starts_with("vaccert: document.templates.vaccination cannot be used: the template "),
            "{ran:?}"
        );
        told(&ran, &ran.err);
    }
    assert!(!work.path("preview").exists() && !work.path("out/report.json").exists());
    #[cfg(feature = "service")]
    {
        let ran = serve(&work);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        told(&ran, &ran.err);
    }
    let doctor = work.run(&["doctor", "--offline", "--sample", "0"]);
    let text = doctor.out.split_whitespace().collect::<Vec<_>>().join(" ");
    told(&doctor, &text);

    // What prints nothing is not held up, and the template can be mended where it is.
    work.run(&["document", "fonts"]).good();
    let ran = work.run(&["document", "template", "check", FILE]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains(&format!("line {name}:")), "{ran:?}");

    set(&work, "template = \"lost.toml\"");
    let error = work.run(&["document", "preview"]).refused(2);
    assert!(
        error.contains("document.template cannot be used: the template ") && error.contains("lost.toml"),
        "{error}"
    );
    set(&work, "templates = { certificate = \"paper/template.toml\" }");
    let error = work.run(&["document", "preview"]);
    assert!(error.code == Some(2) && error.err.contains("vaccination"), "{error:?}");
}

/// `vaccert serve`, which must end by itself.
#[cfg(feature = "service")]
fn serve(work: &Workplace) -> Ran {
    use std::{process::Stdio, time::Duration};

    let arguments = ["serve", "--no-sync"];
    let mut child = work.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    for _ in 0..600 {
        if child.try_wait().unwrap().is_some() {
            return Ran::of(&arguments, &child.wait_with_output().unwrap());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    child.kill().unwrap();
    panic!("it serves: {:?}", Ran::of(&arguments, &child.wait_with_output().unwrap()));
}

#[test]
fn the_commands_for_templates_take_the_fonts_of_the_configuration() {
    let work = ministry("fonts = \"fonts\"");
    let check = ["document", "template", "check", FILE];
    for command in [&check[..], &["document", "template", "grid", FILE]] {
        let error = work.run(command).refused(2);
        assert!(error.contains("document.fonts names") && error.contains("correct it"), "{command:?}: {error}");
    }
    work.write("fonts/README", "Fonts go here.");
    work.run(&check).good();
}
