//! Files of every kind that a code comes in: PNG and JPEG in all their colours, PDF with pictures, lines and
//! passwords, and what is none of these. The codes are drawn here.

use proptest::prelude::*;
use vaccert::barcode::read::{FileKind, Found, PictureError, Symbology, codes_in_pdf, codes_in_picture};

use crate::distort::Grey;

const TEXT: &str = "HC1:NCFOXN%TS3DH3ZSUZK+.V0ETD%65NL-AH-R6IOOK.IR9B+9D6T0:/2 LH";

/// The code as a picture with modules of `scale` pixels and a quiet zone.
fn draw(content: &[u8], scale: usize) -> Grey {
    let qr = fast_qr::QRBuilder::new(content).ecl(fast_qr::ECL::M).build().unwrap();
    let side = (qr.size + 8) * scale;
    Grey::plain(side, side, 255).map(|x, y, light| {
        let (x, y) = ((x / scale).wrapping_sub(4), (y / scale).wrapping_sub(4));
        let dark = x < qr.size && y < qr.size && qr.data[y * qr.size + x].value();
        if dark { 0.0 } else { light }
    })
}

fn texts(found: &[Found]) -> Vec<&str> {
    found.iter().map(|code| code.text().unwrap()).collect()
}

fn png(
    picture: &Grey,
    color: png::ColorType,
    depth: png::BitDepth,
    mut pixel: impl FnMut(u8, &mut Vec<u8>),
) -> Vec<u8> {
    let mut samples = Vec::new();
    for row in picture.pixels.chunks(picture.width) {
        let mut line = Vec::new();
        row.iter().for_each(|shade| pixel(*shade, &mut line));
        if depth == png::BitDepth::One {
            let bits = |eight: &[u8]| eight.iter().enumerate().fold(0, |byte, (i, bit)| byte | (bit & 1) << (7 - i));
            line = line.chunks(8).map(bits).collect();
        }
        samples.extend(line);
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, picture.width as u32, picture.height as u32);
    encoder.set_color(color);
    encoder.set_depth(depth);
    if color == png::ColorType::Indexed {
        encoder.set_palette(vec![0, 0, 90, 250, 250, 210]);
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&samples).unwrap();
    writer.finish().unwrap();
    file
}

#[test]
fn png_of_every_colour_type_reads() {
    use png::{BitDepth as Depth, ColorType as Color};
    let code = draw(TEXT.as_bytes(), 4);
    let dark = |shade: u8| shade < 128;
    let files = [
        png(&code, Color::Grayscale, Depth::One, |s, out| out.push(u8::from(!dark(s)))),
        png(&code, Color::Indexed, Depth::One, |s, out| out.push(u8::from(!dark(s)))),
        png(&code, Color::Indexed, Depth::Eight, |s, out| out.push(u8::from(!dark(s)))),
        png(&code, Color::Grayscale, Depth::Sixteen, |s, out| out.extend([s, 7])),
        png(&code, Color::Rgb, Depth::Eight, |s, out| {
            out.extend(if dark(s) { [20, 40, 130] } else { [255, 240, 200] })
        }),
        // Dark and light ink on nothing.
        png(&code, Color::GrayscaleAlpha, Depth::Eight, |s, out| out.extend([0, 255 - s])),
        png(&code, Color::Rgba, Depth::Eight, |s, out| out.extend(if dark(s) { [255, 255, 255, 255] } else { [0; 4] })),
    ];
    for (number, file) in files.iter().enumerate() {
        assert_eq!(FileKind::of(file), Some(FileKind::Png));
        assert_eq!(texts(&codes_in_picture(file).unwrap()), [TEXT], "file {number}");
    }
}

#[test]
fn jpeg_of_every_colour_space_reads() {
    use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
    let code = draw(TEXT.as_bytes(), 4);
    let (width, height) = (code.width as u16, code.height as u16);
    for (color, channels) in
        [(ColorType::Luma, 1), (ColorType::Rgb, 3), (ColorType::Cmyk, 4), (ColorType::CmykAsYcck, 4)]
    {
        let samples: Vec<u8> = code
            .pixels
            .iter()
            .flat_map(|shade| match channels {
                4 => vec![0, 0, 0, 255 - shade],
                _ => vec![*shade; channels],
            })
            .collect();
        // zune-jpeg reads no progressive JPEG of four inks, which is made for print and not for screens.
        for progressive in [false, true].into_iter().filter(|progressive| !progressive || channels < 4) {
            let mut file = Vec::new();
            let mut encoder = Encoder::new(&mut file, 80);
            encoder.set_progressive(progressive);
            encoder.set_sampling_factor(SamplingFactor::F_2_2);
            encoder.encode(&samples, width, height, color).unwrap();
            assert_eq!(FileKind::of(&file), Some(FileKind::Jpeg));
            let found = codes_in_picture(&file).unwrap_or_else(|error| panic!("{color:?} {progressive}: {error}"));
            assert_eq!(texts(&found), [TEXT], "{color:?} {progressive}");
        }
    }
}

#[test]
fn binary_content_stays_as_it_is() {
    let content: Vec<u8> = b"PK\x03\x04".iter().copied().chain(0..=255).collect();
    let found = codes_in_picture(&draw(&content, 4).to_png()).unwrap();
    assert_eq!(found, [Found { symbology: Symbology::Qr, bytes: content }]);
    assert_eq!(found[0].text(), None);
    assert_eq!(format!("{found:?}"), "[Found(Qr, 260 bytes)]");
}

#[test]
fn aztec_reads_upright_turned_mirrored_inverted_and_off_the_middle() {
    let upright = Grey::from_png(include_bytes!("../../fixtures/pictures/aztec.png"));
    let text = include_str!("../../fixtures/pictures/aztec.txt");
    let side = upright.width;
    let at = |x: usize, y: usize| f32::from(upright.pixels[y * side + x]);
    let turned = Grey::plain(side, side, 0).map(|x, y, _| at(y, side - 1 - x));
    let mirrored = Grey::plain(side, side, 0).map(|x, y, _| at(side - 1 - x, y));
    let inverted = upright.framed(20).map(|_, _, shade| 255.0 - shade);
    let mut askew = Grey::plain(900, 700, 200);
    let corners = [(420.0, 330.0), (800.0, 300.0), (830.0, 660.0), (400.0, 680.0)];
    askew.lay(&upright.framed(9), corners, 0.0);
    for (name, picture) in [
        ("upright", &upright),
        ("turned", &turned),
        ("mirrored", &mirrored),
        ("inverted", &inverted),
        ("askew", &askew),
    ] {
        let found = codes_in_picture(&picture.to_png()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(texts(&found), [text], "{name}");
        assert_eq!(found[0].symbology, Symbology::Aztec);
    }
}

#[test]
fn two_codes_of_different_colours_on_one_page_both_read() {
    let (left, right) = (draw(b"HC1:LEFT", 4).framed(8), draw(b"HC1:RIGHT", 4).framed(8));
    let mut page = Grey::plain(left.width + right.width, left.height, 255);
    for y in 0..left.height {
        let row = &mut page.pixels[y * (left.width + right.width)..][..left.width + right.width];
        row[..left.width].copy_from_slice(&left.pixels[y * left.width..][..left.width]);
        let inverted: Vec<u8> = right.pixels[y * right.width..][..right.width].iter().map(|shade| !shade).collect();
        row[left.width..].copy_from_slice(&inverted);
    }
    assert_eq!(texts(&codes_in_picture(&page.to_png()).unwrap()), ["HC1:LEFT", "HC1:RIGHT"]);
}

#[test]
fn files_that_hold_no_code_are_refused_by_name() {
    let empty = Grey::plain(300, 200, 255);
    let kind = FileKind::Png;
    assert_eq!(codes_in_picture(&empty.to_png()).unwrap_err(), PictureError::NoCode { kind });
    for bytes in [&b""[..], b"HC1:6BF", b"GIF89a", b"\x89PNG", b"%PDF-1.4"] {
        assert_eq!(codes_in_picture(bytes).unwrap_err(), PictureError::NotAPicture);
    }
    assert_eq!(codes_in_pdf(b"hello").unwrap_err(), PictureError::NotAPicture);
    assert_eq!(codes_in_pdf(b"%PDF-1.4 and then nothing").unwrap_err(), PictureError::Damaged { kind: FileKind::Pdf });
    let file = draw(TEXT.as_bytes(), 3).to_png();
    assert_eq!(codes_in_picture(&file[..60]).unwrap_err(), PictureError::Damaged { kind });
    let limit = vaccert::limits::PICTURE_BYTES;
    let long = vec![0xff; usize::try_from(limit).unwrap() + 1];
    assert_eq!(codes_in_picture(&long).unwrap_err(), PictureError::TooManyBytes { bytes: limit + 1, limit });
}

/// A PNG that says it is this large, of some bytes.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgba);
    drop(encoder.write_header().unwrap());
    file
}

#[test]
fn a_picture_that_is_too_large_is_refused_before_its_memory_is_taken() {
    for (width, height) in [(100_000, 100_000), (20_001, 1), (1, 20_001), (8_000, 8_000)] {
        let error = codes_in_picture(&bomb(width, height)).unwrap_err();
        assert!(matches!(error, PictureError::TooManyPixels { width: w, .. } if w == u64::from(width)), "{error}");
    }
    // A JPEG whose header says 60,000 by 60,000.
    let mut jpeg = draw(TEXT.as_bytes(), 3).to_jpeg(80);
    let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    assert!(codes_in_picture(&jpeg).is_err());
}

/// A PDF of these objects, the first one the catalogue.
fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.5\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n", number + 1).bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        file.extend(format!("{place:010} 00000 n \n").bytes());
    }
    file.extend(format!("trailer<</Size {}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1).bytes());
    file
}

fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
    let mut object = format!("<<{dictionary}/Length {}>>stream\n", data.len()).into_bytes();
    object.extend(data);
    object.extend(b"\nendstream");
    object
}

/// A page of 300 points a side for each of these contents; `/I` is the image.
fn pages(contents: &[&str], image: Vec<u8>) -> Vec<u8> {
    let kids: String = (0..contents.len()).map(|i| format!("{} 0 R ", 4 + 2 * i)).collect();
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        format!("<</Type/Pages/Count {}/Kids[{kids}]>>", contents.len()).into_bytes(),
        image,
    ];
    for (i, content) in contents.iter().enumerate() {
        objects.push(
            format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents {} 0 R\
                 /Resources<</XObject<</I 3 0 R>>>>>>",
                5 + 2 * i
            )
            .into_bytes(),
        );
        objects.push(stream("", content.as_bytes()));
    }
    pdf(&objects)
}

fn deflated(data: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn image(code: &Grey, more: &str, data: &[u8]) -> Vec<u8> {
    let sides = format!("/Type/XObject/Subtype/Image/Width {}/Height {}", code.width, code.height);
    stream(&format!("{sides}{more}"), data)
}

const PLACED: &str = "q 110 0 0 110 130 40 cm /I Do Q";

#[test]
fn pdf_with_the_code_as_a_picture_under_each_filter_reads() {
    let code = draw(TEXT.as_bytes(), 2);
    let grey = "/ColorSpace/DeviceGray/BitsPerComponent 8";
    let bits: Vec<u8> = code
        .pixels
        .chunks(code.width)
        .flat_map(|row| row.chunks(8).map(|e| e.iter().enumerate().fold(0, |b, (i, s)| b | (s & 1) << (7 - i))))
        .collect();
    let hex: String = code.pixels.iter().map(|shade| format!("{shade:02x}")).collect::<String>() + ">";
    let files = [
        ("plain", image(&code, grey, &code.pixels)),
        ("Flate", image(&code, &format!("{grey}/Filter/FlateDecode"), &deflated(&code.pixels))),
        ("hexadecimal", image(&code, &format!("{grey}/Filter/ASCIIHexDecode"), hex.as_bytes())),
        ("JPEG", image(&code, &format!("{grey}/Filter/DCTDecode"), &code.to_jpeg(80))),
        ("mask", image(&code, "/ImageMask true/BitsPerComponent 1/Filter/FlateDecode", &deflated(&bits))),
        ("inverted", image(&code, &format!("{grey}/Decode[1 0]"), &code.pixels)),
    ];
    for (name, image) in files {
        let found = codes_in_pdf(&pages(&[PLACED], image)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(texts(&found), [TEXT], "{name}");
    }
}

/// The code as rectangles of `module` points with its lower left corner here.
fn lines(content: &str, module: f32, (x, y): (f32, f32)) -> String {
    let code = draw(content.as_bytes(), 1);
    let mut drawn = String::from("0 g ");
    for (i, shade) in code.pixels.iter().enumerate() {
        if *shade == 0 {
            let (column, row) = ((i % code.width) as f32, (code.height - 1 - i / code.width) as f32);
            drawn += &format!("{} {} {module} {module} re ", x + column * module, y + row * module);
        }
    }
    drawn + "f"
}

#[test]
fn pdf_with_the_code_as_lines_reads_in_the_order_of_pages_and_places() {
    let none = || image(&Grey::plain(1, 1, 0), "/ColorSpace/DeviceGray/BitsPerComponent 8", &[0]);
    let first = format!("{} {}", lines("HC1:BELOW", 2.0, (20.0, 20.0)), lines("HC1:ABOVE", 2.0, (150.0, 200.0)));
    // Modules of 0.17 mm read at the second resolution only; the page is turned.
    let second = format!("q 0 1 -1 0 300 0 cm {} Q", lines("HC1:SMALL PRINT", 0.5, (60.0, 60.0)));
    let third = lines("HC1:BELOW", 3.0, (50.0, 50.0));
    let file = pages(&[&first, &second, "", &third], none());
    assert_eq!(FileKind::of(&file), Some(FileKind::Pdf));
    assert_eq!(texts(&codes_in_pdf(&file).unwrap()), ["HC1:ABOVE", "HC1:BELOW", "HC1:SMALL PRINT"]);
    let empty = pages(&["", ""], none());
    assert_eq!(codes_in_pdf(&empty).unwrap_err(), PictureError::NoCode { kind: FileKind::Pdf });
}

#[test]
fn pdf_behind_a_password_is_refused_and_one_that_only_forbids_changes_is_read() {
    let closed = include_bytes!("../../fixtures/pictures/needs-password.pdf");
    assert_eq!(codes_in_pdf(closed).unwrap_err(), PictureError::Encrypted);
    let open = include_bytes!("../../fixtures/pictures/owner-password.pdf");
    assert_eq!(texts(&codes_in_pdf(open).unwrap()), ["HC1:THIS PAGE OPENS WITHOUT A PASSWORD"]);
}

#[test]
fn pdf_that_unpacks_to_too_much_is_refused() {
    let nothing = vec![0; 64 * 1024 * 1024];
    let bomb = deflated(&nothing);
    let one = image(&Grey::plain(8192, 8192, 0), "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode", &bomb);
    // The picture alone says it is too large.
    assert!(matches!(codes_in_pdf(&pages(&[PLACED], one)).unwrap_err(), PictureError::TooManyPixels { .. }));
    let many: Vec<Vec<u8>> = (0..5).map(|_| stream("/Filter/FlateDecode", &bomb)).collect();
    let limit = vaccert::limits::PDF_INFLATED_BYTES;
    assert_eq!(codes_in_pdf(&pdf(&many)).unwrap_err(), PictureError::Bomb { limit });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_bytes_give_an_error_and_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for start in [&b""[..], b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF-1.7\n"] {
            let file: Vec<u8> = start.iter().chain(&bytes).copied().collect();
            prop_assert!(codes_in_picture(&file).is_err());
            prop_assert!(codes_in_pdf(&file).is_err());
        }
    }

    #[test]
    fn broken_and_cut_files_never_panic(at in 0usize..4000, byte: u8, cut in 0usize..4000) {
        let code = draw(b"HC1:BROKEN", 2);
        let drawn = lines("HC1:BROKEN", 2.0, (80.0, 80.0));
        let in_pdf = image(&code, "/ColorSpace/DeviceGray/BitsPerComponent 8", &code.pixels);
        for mut file in [code.to_png(), code.to_jpeg(60), pages(&[&drawn], in_pdf)] {
            let place = at % file.len();
            file[place] = byte;
            let short = &file[..cut % file.len()];
            for bytes in [&file[..], short] {
                let _ = codes_in_picture(bytes);
                let _ = codes_in_pdf(bytes);
            }
        }
    }

    #[test]
    fn what_is_drawn_is_what_is_read(text in "[0-9A-Z $%*+./:-]{1,300}", scale in 2usize..6) {
        let found = codes_in_picture(&draw(text.as_bytes(), scale).to_png()).unwrap();
        prop_assert_eq!(texts(&found), [text.as_str()]);
    }

    #[test]
    fn noise_holds_no_code(seed: u64, width in 1usize..300, height in 1usize..300) {
        let mut dice = crate::distort::Dice::new(seed % 1_000_000);
        let noise = Grey::plain(width, height, 0).map(|_, _, _| dice.range(0.0, 255.9));
        prop_assert!(codes_in_picture(&noise.to_png()).is_err());
    }
}

#[test]
fn pdf_that_is_nested_without_end_ends() {
    let none = image(&Grey::plain(1, 1, 0), "/ColorSpace/DeviceGray/BitsPerComponent 8", &[0]);
    let deep = |open: &str| open.repeat(200_000);
    for content in [
        deep("["),
        deep("<<"),
        deep("<</A "),
        deep("("),
        deep("q "),
        deep("{"),
        deep("/P BMC "),
        deep("BT "),
        "/I Do ".repeat(500),
    ] {
        assert!(codes_in_pdf(&pages(&[&content], none.clone())).is_err());
    }
    for object in [deep("["), deep("<</A"), deep("<</Kids["), deep("(")] {
        assert!(codes_in_pdf(&pdf(&[object.clone().into_bytes()])).is_err());
        let catalogue = b"<</Type/Catalog/Pages 2 0 R>>".to_vec();
        assert!(codes_in_pdf(&pdf(&[catalogue, object.into_bytes()])).is_err());
    }
    // A tree of pages that is its own child, and a form that draws itself.
    let circle =
        [&b"<</Type/Catalog/Pages 2 0 R>>"[..], b"<</Type/Pages/Count 1/Kids[2 0 R 2 0 R]>>"].map(<[u8]>::to_vec);
    assert!(codes_in_pdf(&pdf(&circle)).is_err());
    let form = stream("/Type/XObject/Subtype/Form/BBox[0 0 300 300]/Resources<</XObject<</I 3 0 R>>>>", b"/I Do /I Do");
    assert!(codes_in_pdf(&pages(&[PLACED], form)).is_err());
    let chain: Vec<Vec<u8>> = std::iter::once(b"<</Type/Catalog/Pages 2 0 R>>".to_vec())
        .chain((3..5_000).map(|next| format!("<</Type/Pages/Count 1/Kids[{next} 0 R]>>").into_bytes()))
        .collect();
    assert!(codes_in_pdf(&pdf(&chain)).is_err());
}
