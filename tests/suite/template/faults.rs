//! What is wrong with a template is said at once: the line, what, and what to do.

use vaccert::document::template::{Template, TemplateError};

use super::{Desk, SMALL, fonts, made::*};

fn a4() -> Vec<u8> {
    pdf(&[PageMade::plain(595.276, 841.89, "")], Index::Table)
}

/// The faults of a template, its lines counted from its own first one.
fn faults(template: &str) -> Vec<String> {
    // Painting a page for each of them would take long, and is not what is looked at here.
    let own = template.contains("drawn") || template.contains("dots");
    let first = if own { "" } else { "drawn = \"vector\"\n" };
    let desk = Desk::new(&a4(), &format!("{first}{template}"));
    match Template::checked(&desk.file(), fonts()) {
        Err(TemplateError::Faults { findings, .. }) => {
            findings.iter().map(|finding| if own { finding.to_string() } else { up(&finding.to_string()) }).collect()
        }
        Err(error) => panic!("{error}"),
        Ok((_, remarks)) => panic!("no fault; {remarks:?}"),
    }
}

/// The same with every line one higher up.
fn up(fault: &str) -> String {
    let mut parts = fault.split("line ");
    let mut moved = parts.next().unwrap().to_owned();
    for part in parts {
        let digits = part.chars().take_while(char::is_ascii_digit).count();
        match part[..digits].parse::<usize>() {
            Ok(line) => moved.push_str(&format!("line {}{}", line - 1, &part[digits..])),
            Err(_) => moved.push_str(&format!("line {part}")),
        }
    }
    moved
}

#[test]
fn each_fault_has_its_line_and_says_what_to_do() {
    let table: &[(&str, &str, &str)] = &[
        // What is put before the small template (its lines move down), what is said, and where.
        ("drawn = \"svg\"", "line 1: drawn = \"svg\" is not known; write \"picture\" or \"vector\"", ""),
        ("drawn = 3", "line 1: drawn is a text; write it in quotation marks", ""),
        ("dots = 600", "line 1: dots are those an inch of the picture; write a number between 150 and 300", ""),
        ("dots = \"fine\"", "line 1: dots are those an inch", ""),
        ("pages = 2", "line 1: the file has no setting \"pages\"; it has background, drawn, dots, title", ""),
        ("languages = \"en\"", "line 1: languages is a list", ""),
        ("languages = [\n\"en\",\n\"xx\"]", "line 3: this is no language of the paper; it has en, fr", ""),
        ("field = 3", "line 1: field is written as [[field]] on a line of its own", "no tables"),
        ("background = \"lost.pdf\"", "the background lost.pdf: it cannot be read (entity not found)", ""),
        ("[[field]]\nname = \"lots\"", "line 2: there is no field \"lots\"; write one of name, family, given", ""),
        ("[[field]]\nx = 1", "line 1: [[field]] lacks name; write one of name, family", ""),
        (
            "[[field]]\nname = \"lot\"\nx = 20\ny = 200\nwidth = 30",
            "line 1: [[field]] lacks height; write it in mill",
            "",
        ),
        ("[[field]]\nname = \"lot\"\nx = \"20\"\ny = 200\nwidth = 30\nheight = 9", "line 3: x is a number", ""),
        (
            "[[field]]\nname = \"lot\"\nx = -2\ny = 200\nwidth = 30\nheight = 9",
            "line 3: x = -2 is outside any page",
            "",
        ),
        ("[[field]]\nname = \"lot\"\nx = nan\ny = 200\nwidth = 30\nheight = 9", "line 3: x is a number", ""),
        (
            "[[field]]\nname = \"lot\"\nx = 190\ny = 200\nwidth = 30\nheight = 9",
            "line 1: the field lot reaches to 220.0 mm across and 209.0 mm down, outside the page of 210.0 by 297.0 mm",
            "",
        ),
        (
            "[[field]]\nname = \"lot\"\nx = 20\ny = 295\nwidth = 30\nheight = 9",
            "outside the page of 210.0 by 297.0 mm; move it",
            "",
        ),
        (
            "[[field]]\nname = \"lot\"\npage = 2\nx = 20\ny = 200\nwidth = 30\nheight = 9",
            "line 1: the field lot stands on page 2, and the background has 1",
            "",
        ),
        (
            "[[field]]\nname = \"lot\"\npage = 0\nx = 20\ny = 200\nwidth = 30\nheight = 9",
            "line 3: page is the number of a page of the background; the first is 1",
            "",
        ),
        (
            "[[field]]\nname = \"lot\"\nx = 100\ny = 32\nwidth = 40\nheight = 9",
            "the field family lies over the field lot (line 1)",
            "the code lies over the field lot (line 1)",
        ),
        (
            "[[field]]\nname = \"lot\"\nx = 20\ny = 200\nwidth = 0.5\nheight = 9",
            "line 1: the field lot has a box of 0.5 by 9 mm; make it larger",
            "",
        ),
        (
            "[[field]]\nname = \"lot\"\nsize = 3\nx = 20\ny = 200\nwidth = 30\nheight = 9",
            "line 3: size = 3 is no size of readable type; write points between 5 and 96",
            "",
        ),
        (
            "[[field]]\nname = \"lot\"\nsize = 8\nsmallest = 9\nx = 20\ny = 200\nwidth = 30\nheight = 9",
            "line 4: smallest = 9 is larger than size = 8",
            "",
        ),
        (
            "[[field]]\nname = \"lot\"\nalign = \"middle\"\nx = 20\ny = 200\nwidth = 30\nheight = 9",
            "line 3: align = \"middle\" is not known; write \"start\" or \"left\"",
            "",
        ),
        (
            "[[field]]\nname = \"lot\"\ncolour = \"red\"\nx = 20\ny = 200\nwidth = 30\nheight = 9",
            "line 3: colour = \"red\" is no colour; write it as \"#103b6d\"",
            "",
        ),
        (
            "[[field]]\nname = \"lot\"\nlanguage = \"tlh\"\nx = 20\ny = 200\nwidth = 30\nheight = 9",
            "line 3: \"tlh\" is no language of the paper",
            "",
        ),
        (
            "[[field]]\nname = \"lot\"\noptional = \"yes\"\nx = 20\ny = 200\nwidth = 30\nheight = 9",
            "line 3: optional is true or false",
            "",
        ),
        (
            "[[field]]\nname = \"date\"\ndate = \"DD.MM.YY\"\nx = 20\ny = 200\nwidth = 30\nheight = 9",
            "line 3: date = \"DD.MM.YY\" is no form of a day",
            "",
        ),
        (
            "[[field]]\nname = \"lot\"\nfont = \"Arial\"\nx = 20\ny = 200\nwidth = 30\nheight = 9",
            "line 3: [[field]] has no setting \"font\"; it has page, x, y",
            "",
        ),
        ("[[label]]\nx = 20\ny = 200\nwidth = 30\nheight = 9", "line 1: [[label]] lacks word", ""),
        (
            "[[label]]\nword = \"label.nothing\"\nx = 20\ny = 200\nwidth = 30\nheight = 9",
            "line 2: there is no word \"label.nothing\"",
            "",
        ),
        (
            "[[label]]\nword = \"value.dose\"\nx = 20\ny = 200\nwidth = 30\nheight = 9",
            "line 2: there is no word \"value.dose\"",
            "",
        ),
        (
            "[[code]]\nx = 20\ny = 200\nsize = 30",
            "line 1: the code has size = 30, and cameras and folds ask for 46 to 72 mm",
            "",
        ),
        ("[[code]]\nx = 20\ny = 200\nsize = 90", "line 1: the code has size = 90", ""),
        (
            "[[code]]\nx = 1\ny = 200\nsize = 52",
            "line 1: the code is 1.0 mm from the border of the page, where printers clip; leave 3 mm",
            "",
        ),
        ("[[code]]\nx = 20\ny = 200", "line 1: [[code]] lacks size", ""),
        ("[[text]]\npage = 4\ntext = \"Words\"", "line 1: [[text]] stands for page 4, and the background has 1", ""),
        ("[[text]]\npage = 1", "line 1: [[text]] lacks text", ""),
        ("[[field]\nname = \"lot\"", "line 1: this is no TOML (", ""),
        (
            "[[field]]\nname = \"vaccine\"\nx = 20\ny = 200\nwidth = 12\nheight = 4",
            "line 1: the field vaccine does not fit into its box of the template, even in type of 7 points",
            "",
        ),
        (
            "[[label]]\nword = \"footer\"\nx = 20\ny = 200\nwidth = 20\nheight = 4",
            "line 1: the field label does not fit into its box",
            "",
        ),
    ];
    for (before, expected, also) in table {
        let rest = if *also == "no tables" { "" } else { SMALL };
        let found = faults(&format!("{before}\n{rest}"));
        assert!(
            found.iter().any(|fault| fault.contains(expected)),
            "{before}\nexpected: {expected}\nfound: {found:#?}"
        );
        if !also.is_empty() && !rest.is_empty() {
            assert!(found.iter().any(|fault| fault.contains(also)), "{before}\nexpected: {also}\nfound: {found:#?}");
        }
        for fault in &found {
            assert!(!fault.ends_with('.') && !fault.contains("/tmp"), "{fault}");
        }
    }
}

#[test]
fn all_faults_come_at_once_and_in_the_order_of_the_lines() {
    let template = format!("drawn = \"x\"\n[[field]]\nname = \"lots\"\n{}\n[[code]]\nx = 1\ny = 150\nsize = 20", SMALL);
    let found = faults(&template);
    assert_eq!(found.len(), 4, "{found:#?}");
    for (fault, part) in found.iter().zip([
        "line 1: drawn",
        "line 3: there is no field",
        "line 41: the code has size",
        "line 41: the code is 1.0 mm",
    ]) {
        assert!(fault.starts_with(part), "{fault} does not start with {part}");
    }
}

#[test]
fn what_a_certificate_needs_must_be_there() {
    let found = faults("[[field]]\nname = \"lot\"\nx = 20\ny = 200\nwidth = 30\nheight = 9");
    assert!(found.iter().any(|fault| fault.contains("there is no [[code]], and only the code counts")), "{found:?}");
    assert!(found.iter().any(|fault| fault.contains("there is no field for the name")), "{found:?}");
    let found = faults(&SMALL.replace("name = \"given\"", "name = \"lot\""));
    assert!(found.iter().any(|fault| fault.contains("family and given stand for a person together")), "{found:?}");
}

#[test]
fn remarks_tell_what_is_worth_a_look() {
    // A dark band under the birth date, and words where the code will stand; nothing else said.
    let mm = 72.0 / 25.4;
    let band = format!("0.1 0.1 0.1 rg {} {} {} {} re f\n", 15.0 * mm, 841.89 - 69.0 * mm, 70.0 * mm, 10.0 * mm);
    let words = format!("0 g {} {} {} {} re f", 140.0 * mm, 841.89 - 60.0 * mm, 20.0 * mm, 20.0 * mm);
    let background = pdf(&[PageMade::plain(595.276, 841.89, &(band + &words))], Index::Table);
    let template = SMALL.replace("name = \"id\"\nx = 20", "name = \"lot\"\noptional = true\nx = 2");
    let (_, remarks) = Desk::new(&background, &template).checked();
    let remarks: Vec<String> = remarks.iter().map(ToString::to_string).collect();
    for expected in [
        "line 18: the field birth_date has a contrast of 1.",
        "the code covers something that the background prints there",
        "the field lot is 2.0 mm from the border",
        "there is no field id: whoever asks",
        "there is no [[label]] with word = \"footer\"",
        "there is no [[text]]",
    ] {
        assert!(remarks.iter().any(|remark| remark.contains(expected)), "{expected} is not in {remarks:#?}");
    }
    // Long names have room here, in a smaller box they have not.
    assert!(!remarks.iter().any(|remark| remark.contains("no room")), "{remarks:#?}");
    let template = SMALL.replace("width = 90\nheight = 12\nsize = 14", "width = 40\nheight = 7\nsize = 14");
    let (_, remarks) = Desk::new(&a4(), &format!("drawn = \"vector\"\n{template}")).checked();
    let tight: Vec<_> = remarks.iter().filter(|remark| remark.text.contains("has no room for the longest")).collect();
    assert_eq!(tight.iter().map(|remark| remark.line).collect::<Vec<_>>(), [Some(3), Some(11)], "{remarks:#?}");
}

#[test]
fn files_that_are_none() {
    let desk = Desk::new(&a4(), "");
    let lost = desk.folder.path().join("lost.toml");
    let error = Template::load(&lost).unwrap_err().to_string();
    assert!(error.contains("lost.toml cannot be read (entity not found); give the path of its TOML file"), "{error}");
    std::fs::write(desk.file(), [0xff, 0xfe, 0x00]).unwrap();
    assert!(Template::load(&desk.file()).unwrap_err().to_string().contains("is no text in UTF-8"));
    std::fs::write(desk.file(), vec![b'#'; 300_000]).unwrap();
    assert!(matches!(Template::load(&desk.file()), Err(TemplateError::TooLarge { .. })));
    let many = "[[field]]\nname = \"lot\"\nx = 20\ny = 200\nwidth = 30\nheight = 9\n".repeat(500);
    std::fs::write(desk.file(), many).unwrap();
    let error = Template::load(&desk.file()).unwrap_err().to_string();
    assert!(error.contains("and more: mend these first") && error.len() < 20_000, "{}", error.len());
}
