//! A page of a PDF of ours as a picture, for whoever looks before printing.

use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings, hayro_syntax::Pdf, render,
    vello_cpu::color::palette::css::WHITE,
};
use png::{BitDepth, ColorType, Compression, Encoder};

use crate::limits::{PAPER_PICTURE_DPI, PAPER_PICTURES};

/// The first pages of a PDF that a [`super::Press`] printed, each as a PNG with `dpi` dots an inch (at most
/// [`PAPER_PICTURE_DPI`]); at most [`PAPER_PICTURES`] pages. Empty for anything that is no such PDF.
#[must_use]
pub fn pictures(pdf: &[u8], dpi: u16, most: usize) -> Vec<Vec<u8>> {
    let Ok(pdf) = Pdf::new(pdf.to_vec()) else { return Vec::new() };
    let scale = f32::from(dpi.clamp(1, PAPER_PICTURE_DPI)) / 72.0;
    let cache = RenderCache::new();
    let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let pages = pdf.pages();
    let draw = |page| {
        let drawn = render(page, &cache, &InterpreterSettings::default(), &RenderSettings::default(), &settings);
        let colours: Vec<u8> = drawn.data().iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
        packed(u32::from(drawn.width()), u32::from(drawn.height()), &colours)
    };
    pages.iter().take(most.min(PAPER_PICTURES)).filter_map(draw).collect()
}

fn packed(width: u32, height: u32, colours: &[u8]) -> Option<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(colours).ok()?;
    writer.finish().ok()?;
    Some(file)
}
