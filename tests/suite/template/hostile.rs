//! Backgrounds of enemies and of broken programs: an error or a sound paper, never a panic, never long.

use std::time::Duration;

use vaccert::document::template::{Template, TemplateError};

use super::{Desk, SMALL, fonts, made::*};
use crate::support::cost::worked;

/// What becomes of a background in both modes: the faults, or `None` where paper came out.
fn tried(name: &str, background: &[u8]) -> [Option<String>; 2] {
    ["picture", "vector"].map(|drawn| {
        // The same in as few dots as a template may ask for, which are faster painted.
        let desk = Desk::new(background, &format!("drawn = \"{drawn}\"\ndots = 150\n{SMALL}"));
        let (outcome, took) = worked(|| match Template::checked(&desk.file(), fonts()) {
            Ok((template, _)) => {
                assert!(template.specimen(fonts()).unwrap().starts_with(b"%PDF-1.7"), "{name}");
                None
            }
            Err(error @ (TemplateError::Faults { .. } | TemplateError::Document(_))) => Some(error.to_string()),
            Err(error) => panic!("{name}: {error}"),
        });
        assert!(took < Duration::from_secs(30), "{name} took {took:?}");
        outcome
    })
}

fn refused(name: &str, background: &[u8], why: &str) {
    for outcome in tried(name, background) {
        let error = outcome.unwrap_or_else(|| panic!("{name} was printed on"));
        assert!(error.contains(why), "{name}: {error} does not say: {why}");
    }
}

fn a4(content: &str) -> PageMade {
    PageMade::plain(595.276, 841.89, content)
}

#[test]
fn what_is_no_background_is_refused_with_the_reason() {
    refused("empty", b"", "it cannot be read as PDF; export it again");
    refused("text", b"Dear Sir or Madam", "it cannot be read as PDF");
    refused("head alone", b"%PDF-1.7\n", "it cannot be read as PDF");
    refused("large", &vec![b' '; 9 * 1024 * 1024], "it has more than 8 megabytes");
    refused(
        "no page",
        &table(&[b"<</Type/Catalog/Pages 2 0 R>>".to_vec(), b"<</Type/Pages/Count 0/Kids[]>>".to_vec()], ""),
        "it",
    );
    refused("many pages", &pdf(&vec![a4(""); 17], Index::Table), "it has 17 pages and at most 16 are used");
    refused(
        "A2",
        &pdf(&[PageMade::plain(1190.0, 1684.0, "")], Index::Table),
        "page 1 is 420 by 594 mm, and A3 (297 by 420 mm) is the largest",
    );
    refused(
        "stamp",
        &pdf(&[a4(""), PageMade::plain(90.0, 60.0, "")], Index::Table),
        "page 2 is 21 by 32 mm, and a certificate needs 50 mm",
    );
    refused("no area", &pdf(&[PageMade { crop: Some([9.0, 9.0, 9.0, 9.0]), ..a4("") }], Index::Table), "page 1 is");
    let sides = [0.0, 0.0, f32::MAX, f32::MAX];
    refused("endless", &pdf(&[PageMade { media: sides, ..a4("") }], Index::Table), "A3");

    // A password: what the file says of its keys fits no empty one.
    let lock = format!("<</Filter/Standard/V 1/R 2/P -4/O<{}>/U<{}>>>", "41".repeat(32), "42".repeat(32));
    let page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>".to_vec();
    let objects = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>".to_vec(),
        page,
        lock.into_bytes(),
    ];
    let locked =
        table(&objects, "/Encrypt 4 0 R/ID[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]");
    refused("locked", &locked, "it is protected by a password; save it without one");

    // Three hundred megabytes of spaces in some hundred kilobytes.
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..300 {
        std::io::Write::write_all(&mut packed, &vec![b' '; 1024 * 1024]).unwrap();
    }
    let packed = packed.finish().unwrap();
    let mut stream = format!("<</Filter/FlateDecode/Length {}>>stream\n", packed.len()).into_bytes();
    stream.extend(packed);
    stream.extend(b"\nendstream");
    let bomb = table(
        &[
            b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>".to_vec(),
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>".to_vec(),
            stream,
        ],
        "",
    );
    refused("bomb", &bomb, "it unpacks to more than 256 megabytes");
    let wide = "/XObject<</A 9 0 R>>";
    let picture = PageMade { resources: wide.into(), ..a4("/A Do") };
    let mut file = pdf(&[picture], Index::Table);
    file.extend(b"9 0 obj\n<</Type/XObject/Subtype/Image/Width 900000/Height 900000/BitsPerComponent 8/ColorSpace/DeviceGray/Length 1>>stream\n \nendstream\nendobj\n");
    // Not in the table: the library does not find it, and the page prints without.
    let _ = tried("picture that is not there", &file);
}

#[test]
fn files_that_go_round_or_deep_end_no_program() {
    let catalogue = b"<</Type/Catalog/Pages 2 0 R>>".to_vec();
    // A page tree in a circle: a library that follows it never comes back.
    let round = table(
        &[
            catalogue.clone(),
            b"<</Type/Pages/Count 1/MediaBox[0 0 595 842]/Kids[2 0 R 3 0 R]>>".to_vec(),
            b"<</Type/Page/Parent 2 0 R>>".to_vec(),
        ],
        "",
    );
    assert_eq!(tried("round", &round), [None, None], "the one page is printed on");
    // A form that draws itself, and a pattern in a pattern.
    let form = table(
        &[
            catalogue.clone(),
            b"<</Type/Pages/Count 1/MediaBox[0 0 595 842]/Kids[3 0 R]>>".to_vec(),
            b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</XObject<</A 5 0 R>>>>>>".to_vec(),
            b"<</Length 5>>stream\n/A Do\nendstream".to_vec(),
            b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</A 5 0 R>>>>/Length 5>>stream\n/A Do\nendstream".to_vec(),
        ],
        "",
    );
    let _ = tried("form that draws itself", &form);
    for depth in [60, 600, 200_000] {
        for (open, close) in [("[", "]"), ("<</A ", ">>")] {
            let nested = format!("/Properties<</A {}{}{}>>", open.repeat(depth), "1", close.repeat(depth));
            let page = PageMade { resources: nested, ..a4("") };
            for index in [Index::Table, Index::Stream] {
                let outcome = tried(&format!("{depth} of {open}"), &pdf(std::slice::from_ref(&page), index));
                // Sixty are printed, whatever they are for; what is deeper may be refused, with the reason.
                if depth == 60 {
                    assert_eq!(outcome, [None, None], "{depth} of {open}, {index:?}");
                }
            }
        }
        let deep = format!("{}{} 0 R", "[".repeat(depth), 3);
        let trailer = format!("/Deep {}", "[".repeat(depth));
        let page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>".to_vec();
        let kids = format!("<</Type/Pages/Count 1/Kids{deep}]>>").into_bytes();
        let _ = tried("deep kids", &table(&[catalogue.clone(), kids.clone(), page.clone()], ""));
        let good = b"<</Type/Pages/Count 1/Kids[3 0 R]>>".to_vec();
        let _ = tried("deep trailer", &table(&[catalogue.clone(), good, page], &trailer));
    }
    // Objects that are each other.
    let references = (1..=2_000).map(|number| format!("{} 0 R", number % 2_000 + 1).into_bytes()).collect::<Vec<_>>();
    let _ = tried("references", &table(&references, ""));
}

#[test]
fn a_file_that_is_cut_or_damaged_anywhere_is_an_error_or_a_sound_paper() {
    let whole = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/template/background.pdf")).unwrap();
    let mut state = 11_u64;
    let mut dice = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for turn in 0..6 {
        let cut = &whole[..dice(whole.len())];
        let _ = tried(&format!("cut {turn}"), cut);
        let mut damaged = whole.clone();
        for _ in 0..40 {
            let at = dice(damaged.len());
            damaged[at] = dice(256) as u8;
        }
        let _ = tried(&format!("damaged {turn}"), &damaged);
    }
}

#[test]
fn fonts_that_a_background_lacks_are_said() {
    let page =
        PageMade { resources: "/Font<</F 9 0 R>>".into(), ..a4("BT /F 24 Tf 80 700 Td (Ministry of Health) Tj ET") };
    let font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec();
    let content = &page.content;
    let stream = format!("<</Length {}>>stream\n{content}\nendstream", content.len()).into_bytes();
    let objects = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.276 841.89]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
            .to_vec(),
        stream,
        font,
    ];
    let background = table(&objects, "");
    let [picture, vector] = tried("Helvetica", &background);
    let picture = picture.unwrap();
    assert!(
        picture.contains("does not bring the font Helvetica") && picture.contains("drawn = \"vector\""),
        "{picture}"
    );
    assert_eq!(vector, None);
    let (_, remarks) = Desk::new(&background, &format!("drawn = \"vector\"\n{SMALL}")).checked();
    assert!(remarks.iter().any(|remark| remark.text.contains("does not bring the font Helvetica")), "{remarks:?}");
}
