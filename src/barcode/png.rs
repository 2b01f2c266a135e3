//! Matrix → PNG: one bit a pixel, so that no viewer has greys to smooth.

use png::{BitDepth, ColorType, Compression, Encoder, Filter};

use super::{BarcodeError, QUIET_ZONE, Qr};
use crate::limits::PICTURE_SCALE;

impl Qr {
    /// The symbol with its quiet zone as a PNG of one bit a pixel, `scale` pixels a module.
    ///
    /// # Errors
    /// [`BarcodeError::Scale`] outside 1 to [`PICTURE_SCALE`].
    pub fn to_png(&self, scale: u32) -> Result<Vec<u8>, BarcodeError> {
        if scale == 0 || scale > PICTURE_SCALE {
            return Err(BarcodeError::Scale { scale, limit: PICTURE_SCALE });
        }
        let defect = |reason: &dyn std::fmt::Display| BarcodeError::Png { reason: reason.to_string() };
        let side = u32::try_from(self.size() + 2 * QUIET_ZONE).map_err(|error| defect(&error))? * scale;
        let pixels = self.packed(scale).map_err(|error| defect(&error))?;

        let mut file = Vec::with_capacity(8 * 1024);
        let mut encoder = Encoder::new(&mut file, side, side);
        encoder.set_color(ColorType::Grayscale);
        encoder.set_depth(BitDepth::One);
        // A row of modules is `scale` equal rows of pixels: against the row above, all but one of them are zeros.
        encoder.set_compression(Compression::Fast);
        encoder.set_filter(Filter::Up);
        let mut writer = encoder.write_header().map_err(|error| defect(&error))?;
        writer.write_image_data(&pixels).map_err(|error| defect(&error))?;
        writer.finish().map_err(|error| defect(&error))?;
        Ok(file)
    }

    /// Rows of pixels from the top, eight pixels a byte from the high bit, 1 for light; rows start on a byte.
    fn packed(&self, scale: u32) -> Result<Vec<u8>, std::num::TryFromIntError> {
        let scale = usize::try_from(scale)?;
        let width = (self.size() + 2 * QUIET_ZONE) * scale;
        let light = vec![0xff_u8; width.div_ceil(8)];
        let mut pixels = Vec::with_capacity(light.len() * width);
        let margin = QUIET_ZONE * scale;
        pixels.extend(std::iter::repeat_n(light.as_slice(), margin).flatten());
        let mut line = light.clone();
        for y in 0..self.size() {
            line.copy_from_slice(&light);
            for (x, _) in self.row(y).iter().enumerate().filter(|(_, dark)| **dark) {
                let from = margin + x * scale;
                for pixel in from..from + scale {
                    if let Some(byte) = line.get_mut(pixel / 8) {
                        *byte &= !(0x80 >> (pixel % 8));
                    }
                }
            }
            pixels.extend(std::iter::repeat_n(line.as_slice(), scale).flatten());
        }
        pixels.extend(std::iter::repeat_n(light.as_slice(), margin).flatten());
        Ok(pixels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::barcode::Level;

    #[test]
    fn every_pixel_is_its_module_and_the_quiet_zone_is_light() {
        for (text, scale) in [("HC1:ABC", 1), ("HC1:ABC", 3), ("hello", 8), ("HC1:ABC", PICTURE_SCALE)] {
            let qr = Qr::encode(text, Level::M).unwrap();
            let file = qr.to_png(scale).unwrap();
            let mut decoder = png::Decoder::new(std::io::Cursor::new(&file));
            decoder.set_transformations(png::Transformations::IDENTITY);
            let mut reader = decoder.read_info().unwrap();
            assert_eq!(reader.output_color_type(), (ColorType::Grayscale, BitDepth::One));
            let side = (qr.size() + 8) * usize::try_from(scale).unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            let info = reader.next_frame(&mut pixels).unwrap();
            assert_eq!((info.width, info.height), (side.try_into().unwrap(), side.try_into().unwrap()));
            let scale = usize::try_from(scale).unwrap();
            for y in 0..side {
                for x in 0..side {
                    let light = pixels[y * info.line_size + x / 8] & (0x80 >> (x % 8)) != 0;
                    let dark = qr.module((x / scale).wrapping_sub(4), (y / scale).wrapping_sub(4));
                    assert_eq!(light, !dark, "{x} {y}");
                }
            }
        }
    }

    #[test]
    fn a_senseless_scale_is_refused() {
        let qr = Qr::encode("A", Level::M).unwrap();
        for scale in [0, PICTURE_SCALE + 1, u32::MAX] {
            assert_eq!(qr.to_png(scale).unwrap_err(), BarcodeError::Scale { scale, limit: PICTURE_SCALE });
        }
    }
}
