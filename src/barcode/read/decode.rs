//! PNG and JPEG files → shades of grey. Sizes are checked from the headers, before the memory is taken.

use std::io::Cursor;

use zune_jpeg::{
    JpegDecoder,
    zune_core::{colorspace::ColorSpace, options::DecoderOptions},
};

use super::{FileKind, PictureError, grey::Grey};
use crate::limits::{JPEG_SCANS, PICTURE_PIXELS, PICTURE_SIDE, PNG_INTERLACED_PIXELS, PNG_METADATA_BYTES};

/// Pixels of a picture of this size, or why it is not read.
pub(super) fn pixels(width: usize, height: usize, limit: usize) -> Result<usize, PictureError> {
    match width.checked_mul(height) {
        Some(pixels) if pixels <= limit && width.max(height) <= PICTURE_SIDE => Ok(pixels),
        _ => Err(PictureError::TooManyPixels {
            width: u64::try_from(width).unwrap_or(u64::MAX),
            height: u64::try_from(height).unwrap_or(u64::MAX),
            pixels: limit,
            side: PICTURE_SIDE,
        }),
    }
}

/// A PNG (ISO/IEC 15948); of an animated one the first picture.
pub(super) fn png(bytes: &[u8]) -> Result<Grey, PictureError> {
    let damaged = PictureError::Damaged { kind: FileKind::Png };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: PNG_METADATA_BYTES });
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    // Colour profiles and texts are nothing to a reader of codes; a wrong checksum of pixels is no reason to stop
    // either, since the codes have their own.
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.ignore_checksums(true);
    let header = decoder.read_header_info().map_err(|_| damaged.clone())?;
    let side = |pixels: u32| usize::try_from(pixels).unwrap_or(usize::MAX);
    let (width, height, interlaced) = (side(header.width), side(header.height), header.interlaced);
    let limit = if interlaced { PNG_INTERLACED_PIXELS } else { PICTURE_PIXELS };
    let count = pixels(width, height, limit)?;
    let mut reader = decoder.read_info().map_err(|_| damaged.clone())?;
    let channels = reader.output_color_type().0.samples();
    let mut samples = Vec::with_capacity(count.saturating_mul(channels.min(2)));
    let mut flatten = |row: &[u8]| match channels {
        1 => samples.extend_from_slice(row),
        2 => samples.extend_from_slice(row),
        3 => samples.extend(row.chunks_exact(3).map(luma)),
        _ => samples.extend(row.chunks_exact(4).flat_map(|pixel| [luma(pixel), pixel.last().copied().unwrap_or(255)])),
    };
    if interlaced {
        let mut picture = vec![0; reader.output_buffer_size().ok_or(damaged.clone())?];
        reader.next_frame(&mut picture).map_err(|_| damaged.clone())?;
        flatten(&picture);
    } else {
        // Row by row: the colours of a photograph take four times the memory of its greys.
        for _ in 0..height {
            let row = reader.next_row().map_err(|_| damaged.clone())?.ok_or(damaged.clone())?;
            flatten(row.data());
        }
    }
    let grey = if channels % 2 == 0 { over_paper(&samples) } else { samples };
    Grey::new(width, height, grey).ok_or(damaged)
}

/// A JPEG (ITU-T T.81), of any colour space.
pub(super) fn jpeg(bytes: &[u8]) -> Result<Grey, PictureError> {
    let damaged = PictureError::Damaged { kind: FileKind::Jpeg };
    let options = DecoderOptions::default()
        .set_max_width(PICTURE_SIDE)
        .set_max_height(PICTURE_SIDE)
        .jpeg_set_max_scans(JPEG_SCANS)
        // A photograph that breaks off may hold the whole code.
        .set_strict_mode(false);
    let mut decoder = JpegDecoder::new_with_options(Cursor::new(bytes), options);
    let headers = decoder.decode_headers();
    if let Some(info) = decoder.info() {
        pixels(usize::from(info.width), usize::from(info.height), PICTURE_PIXELS)?;
    }
    headers.map_err(|_| damaged.clone())?;
    let channels = match decoder.input_colorspace() {
        // The brightness is stored as such; the colours need not be unpacked.
        Some(ColorSpace::Luma | ColorSpace::YCbCr) => ColorSpace::Luma,
        _ => ColorSpace::RGB,
    };
    decoder.set_options(options.jpeg_set_out_colorspace(channels));
    let (width, height) =
        decoder.info().map(|info| (usize::from(info.width), usize::from(info.height))).ok_or(damaged.clone())?;
    let samples = decoder.decode().map_err(|_| damaged.clone())?;
    let grey = match channels {
        ColorSpace::Luma => samples,
        _ => samples.chunks_exact(3).map(luma).collect(),
    };
    Grey::new(width, height, grey).ok_or(damaged)
}

/// Brightness of red, green and blue in the weights of ITU-R BT.601, as JPEG has it.
pub(super) fn luma(pixel: &[u8]) -> u8 {
    let weighed = pixel.iter().zip([77_u32, 150, 29]).map(|(sample, weight)| u32::from(*sample) * weight).sum::<u32>();
    u8::try_from(weighed / 256).unwrap_or(u8::MAX)
}

/// Pairs of grey and opacity, laid over white, or over black if what is opaque is mostly light: a code drawn in
/// white on nothing is meant for a dark page.
fn over_paper(samples: &[u8]) -> Vec<u8> {
    let pairs = || samples.chunks_exact(2).filter_map(|pair| pair.first().copied().zip(pair.last().copied()));
    let (light, opaque) = pairs().fold((0_u64, 0_u64), |(light, opaque), (grey, alpha)| {
        (light + u64::from(grey) * u64::from(alpha), opaque + u64::from(alpha))
    });
    let paper = if light / 200 > opaque { 0 } else { 255_u32 };
    pairs()
        .map(|(grey, alpha)| {
            let alpha = u32::from(alpha);
            u8::try_from((u32::from(grey) * alpha + paper * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        })
        .collect()
}
