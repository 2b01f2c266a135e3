//! A picture of a code in a mode of one's choice, as PNG. The program draws alphanumeric symbols alone.

use fast_qr::{ECL, Mode, QRBuilder};

/// Pixels a module, and light modules around the symbol.
const SCALE: usize = 4;
const QUIET: usize = 4;

/// A PNG (1 bit a pixel) of the text as a QR symbol in byte mode.
pub fn byte_mode(text: &str) -> Vec<u8> {
    let symbol = QRBuilder::new(text).mode(Mode::Byte).ecl(ECL::M).build().unwrap();
    let side = (symbol.size + 2 * QUIET) * SCALE;
    let mut rows = Vec::new();
    for y in 0..side {
        rows.push(0); // filter: none
        let mut row = vec![0xff_u8; side.div_ceil(8)];
        for x in 0..side {
            let module = |pixel: usize| (pixel / SCALE).checked_sub(QUIET).filter(|n| *n < symbol.size);
            let dark = module(x).zip(module(y)).is_some_and(|(column, line)| symbol[line][column].value());
            if dark {
                row[x / 8] &= !(0x80 >> (x % 8));
            }
        }
        rows.extend(row);
    }
    let size = (side as u32).to_be_bytes();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &[&size[..], &size, &[1, 0, 0, 0, 0]].concat());
    chunk(&mut png, b"IDAT", &vaccert::envelope::hcert::deflate(&rows));
    chunk(&mut png, b"IEND", &[]);
    png
}

fn chunk(png: &mut Vec<u8>, name: &[u8; 4], content: &[u8]) {
    png.extend((content.len() as u32).to_be_bytes());
    let body = [&name[..], content].concat();
    let mut crc = flate2::Crc::new();
    crc.update(&body);
    png.extend(body);
    png.extend(crc.sum().to_be_bytes());
}

/// The text of a picture of ours, read by an unrelated program, and whether the symbol is in byte mode.
pub fn read(png: &[u8]) -> String {
    // Our own pictures have one IDAT chunk after the 33 bytes of signature and header.
    let length = u32::from_be_bytes(png[33..37].try_into().unwrap()) as usize;
    let side = u32::from_be_bytes(png[16..20].try_into().unwrap()) as usize;
    let mut rows = Vec::new();
    use std::io::Read;
    flate2::read::ZlibDecoder::new(&png[41..41 + length]).read_to_end(&mut rows).unwrap();
    let stride = side.div_ceil(8) + 1;
    let grey = |x: usize, y: usize| {
        let light = rows[y * stride + 1 + x / 8] & (0x80 >> (x % 8)) != 0;
        if light { 255 } else { 0 }
    };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, grey);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "one code in the picture");
    grids[0].decode().unwrap().1
}
