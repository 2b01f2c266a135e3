//! Photographs that were never taken: what a camera, a scanner and a hand do to the picture of a code. The same
//! seed gives the same picture, so that a rate can be pinned.

/// Shades of grey, row by row.
#[derive(Clone)]
pub struct Grey {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

/// Xorshift: the same numbers on every machine.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        let mut dice = Self((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..8 {
            dice.word();
        }
        dice
    }

    pub fn word(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn unit(&mut self) -> f32 {
        (self.word() >> 40) as f32 / 16_777_216.0
    }

    pub fn range(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * self.unit()
    }

    /// Close to a normal distribution of variance 1.
    fn normal(&mut self) -> f32 {
        ((0..6).map(|_| self.unit()).sum::<f32>() - 3.0) * std::f32::consts::SQRT_2
    }
}

pub type Corners = [(f32, f32); 4];

impl Grey {
    pub fn plain(width: usize, height: usize, shade: u8) -> Self {
        Self { width, height, pixels: vec![shade; width * height] }
    }

    /// A PNG in 8-bit grey.
    pub fn to_png(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&self.pixels).unwrap();
        writer.finish().unwrap();
        file
    }

    pub fn to_jpeg(&self, quality: u8) -> Vec<u8> {
        let mut file = Vec::new();
        jpeg_encoder::Encoder::new(&mut file, quality)
            .encode(&self.pixels, self.width as u16, self.height as u16, jpeg_encoder::ColorType::Luma)
            .unwrap();
        file
    }

    /// Grey on white of any PNG.
    pub fn from_png(file: &[u8]) -> Self {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().unwrap();
        let mut samples = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut samples).unwrap();
        let channels = info.color_type.samples();
        let pixels = samples
            .chunks(channels)
            .map(|p| {
                let alpha = if channels.is_multiple_of(2) { u32::from(p[channels - 1]) } else { 255 };
                ((u32::from(p[0]) * alpha + 255 * (255 - alpha)) / 255) as u8
            })
            .collect();
        Self { width: info.width as usize, height: info.height as usize, pixels }
    }

    /// Cut to what is dark, and the width of a module: a finder pattern in the upper left corner has seven.
    pub fn cut(&self) -> (Self, f32) {
        let dark = |x: usize, y: usize| self.pixels[y * self.width + x] < 128;
        let columns: Vec<usize> = (0..self.width).filter(|x| (0..self.height).any(|y| dark(*x, y))).collect();
        let rows: Vec<usize> = (0..self.height).filter(|y| (0..self.width).any(|x| dark(x, *y))).collect();
        let (left, top) = (columns[0], rows[0]);
        let (width, height) = (columns[columns.len() - 1] - left + 1, rows[rows.len() - 1] - top + 1);
        let mut cut = Self::plain(width, height, 255);
        for y in 0..height {
            let from = (y + top) * self.width + left;
            cut.pixels[y * width..][..width].copy_from_slice(&self.pixels[from..][..width]);
        }
        let run = (left..self.width).take_while(|x| dark(*x, top)).count();
        (cut, run as f32 / 7.0)
    }

    /// With this many light pixels around.
    pub fn framed(&self, margin: usize) -> Self {
        let mut framed = Self::plain(self.width + 2 * margin, self.height + 2 * margin, 255);
        for y in 0..self.height {
            let to = (y + margin) * framed.width + margin;
            framed.pixels[to..][..self.width].copy_from_slice(&self.pixels[y * self.width..][..self.width]);
        }
        framed
    }

    pub fn map(mut self, mut shade: impl FnMut(usize, usize, f32) -> f32) -> Self {
        for (i, pixel) in self.pixels.iter_mut().enumerate() {
            *pixel = shade(i % self.width, i / self.width, f32::from(*pixel)) as u8;
        }
        self
    }

    /// Out of focus: a bell of this width in pixels.
    pub fn blurred(&self, sigma: f32) -> Self {
        let reach = (sigma * 3.0).ceil() as usize;
        let bell: Vec<f32> =
            (0..=2 * reach).map(|i| (-(i as f32 - reach as f32).powi(2) / (2.0 * sigma * sigma)).exp()).collect();
        let sum: f32 = bell.iter().sum();
        let at = |i: usize, step: usize, end: usize| (i + step).saturating_sub(reach).min(end - 1);
        let mut across = vec![0.0; self.pixels.len()];
        for y in 0..self.height {
            let row = &self.pixels[y * self.width..][..self.width];
            for x in 0..self.width {
                across[y * self.width + x] =
                    bell.iter().enumerate().map(|(i, w)| w * f32::from(row[at(x, i, self.width)])).sum::<f32>() / sum;
            }
        }
        let mut out = self.clone();
        for y in 0..self.height {
            for x in 0..self.width {
                let shade = bell.iter().enumerate().map(|(i, w)| w * across[at(y, i, self.height) * self.width + x]);
                out.pixels[y * self.width + x] = (shade.sum::<f32>() / sum).round() as u8;
            }
        }
        out
    }

    /// Moved while the shutter was open.
    pub fn moved(&self, pixels: f32, degrees: f32) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        self.clone().map(|x, y, _| {
            (0..11)
                .map(|i| (i as f32 / 10.0 - 0.5) * pixels)
                .map(|t| self.between(x as f32 + 0.5 + t * cos, y as f32 + 0.5 + t * sin))
                .sum::<f32>()
                / 11.0
        })
    }

    /// Shades from `dark` to `light` only.
    pub fn lit(self, dark: f32, light: f32) -> Self {
        self.map(|_, _, shade| dark + shade / 255.0 * (light - dark))
    }

    /// Lit from one side, with the edge of a shadow across.
    pub fn half_in_shadow(self, dice: &mut Dice) -> Self {
        let (width, height) = (self.width as f32, self.height as f32);
        let (sin, cos) = dice.range(0.0, std::f32::consts::TAU).sin_cos();
        let edge = dice.range(-0.15, 0.15);
        self.map(|x, y, shade| {
            let t = ((x as f32 / width - 0.5) * cos + (y as f32 / height - 0.5) * sin) / 0.7;
            12.0 + shade * (0.6 + 0.4 * t).clamp(0.12, 1.0) * if t > edge { 1.0 } else { 0.55 }
        })
    }

    pub fn noisy(self, sigma: f32, dice: &mut Dice) -> Self {
        self.map(|_, _, shade| shade + sigma * dice.normal())
    }

    /// Between the pixels, by straight lines.
    fn between(&self, x: f32, y: f32) -> f32 {
        let (x, y) = ((x - 0.5).max(0.0), (y - 0.5).max(0.0));
        let (left, top) = ((x as usize).min(self.width - 1), (y as usize).min(self.height - 1));
        let (right, bottom) = ((left + 1).min(self.width - 1), (top + 1).min(self.height - 1));
        let (fx, fy) = (x - left as f32, y - top as f32);
        let at = |x: usize, y: usize| f32::from(self.pixels[y * self.width + x]);
        (at(left, top) * (1.0 - fx) + at(right, top) * fx) * (1.0 - fy)
            + (at(left, bottom) * (1.0 - fx) + at(right, bottom) * fx) * fy
    }

    /// Lays `code` onto this picture with its corners here, bent like a page by this share of its height.
    pub fn lay(&mut self, code: &Self, corners: Corners, bend: f32) {
        let (width, height) = (code.width as f32, code.height as f32);
        let back = to_code(corners, width, height);
        let spare = bend.abs() * height;
        let span = |values: [f32; 4], end: usize| {
            let from = values.into_iter().fold(f32::MAX, f32::min) - spare;
            let to = values.into_iter().fold(0.0, f32::max) + spare;
            (from.max(0.0) as usize, (to.ceil() as usize + 1).min(end))
        };
        let (left, right) = span(corners.map(|c| c.0), self.width);
        let (top, bottom) = span(corners.map(|c| c.1), self.height);
        const SAMPLES: usize = 3;
        let all = (SAMPLES * SAMPLES) as f32;
        for y in top..bottom {
            for x in left..right {
                let (mut sum, mut hits) = (0.0, 0.0);
                for sample in 0..SAMPLES * SAMPLES {
                    let px = x as f32 + ((sample % SAMPLES) as f32 + 0.5) / SAMPLES as f32;
                    let py = y as f32 + ((sample / SAMPLES) as f32 + 0.5) / SAMPLES as f32;
                    let w = back[6] * px + back[7] * py + back[8];
                    let u = (back[0] * px + back[1] * py + back[2]) / w;
                    let t = u / width * 2.0 - 1.0;
                    let v = (back[3] * px + back[4] * py + back[5]) / w + bend * height * (1.0 - t * t);
                    if u >= 0.0 && v >= 0.0 && u < width && v < height {
                        sum += code.between(u, v);
                        hits += 1.0;
                    }
                }
                if hits > 0.0 {
                    let pixel = &mut self.pixels[y * self.width + x];
                    *pixel = ((sum + f32::from(*pixel) * (all - hits)) / all) as u8;
                }
            }
        }
    }
}

/// The projective map of the square to `corners` (Heckbert, 1989), backwards.
fn to_code([(x0, y0), (x1, y1), (x2, y2), (x3, y3)]: Corners, width: f32, height: f32) -> [f32; 9] {
    let (dx1, dx2, sx) = (x1 - x2, x3 - x2, x0 - x1 + x2 - x3);
    let (dy1, dy2, sy) = (y1 - y2, y3 - y2, y0 - y1 + y2 - y3);
    let det = dx1 * dy2 - dx2 * dy1;
    let (g, h) = ((sx * dy2 - dx2 * sy) / det, (dx1 * sy - sx * dy1) / det);
    let (a, b, c) = (x1 - x0 + g * x1, x3 - x0 + h * x3, x0);
    let (d, e, f) = (y1 - y0 + g * y1, y3 - y0 + h * y3, y0);
    [
        (e - f * h) * width,
        (c * h - b) * width,
        (b * f - c * e) * width,
        (f * g - d) * height,
        (a - c * g) * height,
        (c * d - a * f) * height,
        d * h - e * g,
        b * g - a * h,
        a * e - b * d,
    ]
}

/// The corners of a square, turned, each drawn towards the middle by up to `slant` of half the side.
pub fn square(x: f32, y: f32, side: f32, degrees: f32, slant: f32, dice: &mut Dice) -> Corners {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let half = side / 2.0;
    [(-half, -half), (half, -half), (half, half), (-half, half)].map(|(dx, dy)| {
        let (dx, dy) = (dx * (1.0 - slant * dice.unit()), dy * (1.0 - slant * dice.unit()));
        (x + dx * cos - dy * sin, y + dx * sin + dy * cos)
    })
}

/// A desk with print on it: neither white nor even.
pub fn desk(width: usize, height: usize, dice: &mut Dice) -> Grey {
    let (a, b, base) = (dice.range(0.005, 0.03), dice.range(0.005, 0.03), dice.range(90.0, 150.0));
    let mut desk = Grey::plain(width, height, 0).map(|x, y, _| {
        let (x, y) = (x as f32, y as f32);
        base + 25.0 * (x * a + (y * b).sin() * 3.0).sin() + 15.0 * ((x + 2.0 * y) * 0.11).sin()
    });
    for _ in 0..(width * height / 20_000).min(400) {
        let (x, y) = (dice.range(0.0, width as f32 * 0.9) as usize, dice.range(0.0, height as f32 * 0.95) as usize);
        let (long, thick) = (dice.range(3.0, 60.0) as usize, dice.range(1.0, 8.0) as usize);
        let shade = dice.range(0.0, 255.0) as u8;
        for row in y..(y + thick).min(height) {
            desk.pixels[row * width + x..row * width + (x + long).min(width)].fill(shade);
        }
    }
    desk
}

/// A code as published: its modules and how many there are a side.
pub struct Code {
    pub text: String,
    pub picture: Grey,
    pub modules: f32,
}

impl Code {
    /// `None` unless the picture is of a QR symbol with square modules.
    pub fn new(text: &str, png: &[u8]) -> Option<Self> {
        let (picture, module) = Grey::from_png(png).cut();
        let modules = (picture.width as f32 / module).round();
        let qr = picture.width == picture.height && (modules as usize) % 4 == 1 && modules >= 21.0;
        qr.then(|| Self { text: text.to_owned(), picture, modules })
    }

    fn side(&self, module: f32) -> f32 {
        (self.modules + 8.0) * module
    }

    fn with_quiet_zone(&self) -> Grey {
        self.picture.framed((4.0 * self.picture.width as f32 / self.modules).round() as usize)
    }

    /// Lying on `ground`, with modules of so many pixels.
    #[expect(clippy::too_many_arguments, reason = "one argument a distortion")]
    fn on(
        &self,
        mut ground: Grey,
        module: f32,
        degrees: f32,
        slant: f32,
        bend: f32,
        at: (f32, f32),
        dice: &mut Dice,
    ) -> Grey {
        let corners = square(at.0, at.1, self.side(module), degrees, slant, dice);
        ground.lay(&self.with_quiet_zone(), corners, bend);
        ground
    }

    fn paper(&self, module: f32, degrees: f32, slant: f32, dice: &mut Dice) -> Grey {
        let side = (self.side(module) * 1.5) as usize;
        self.on(Grey::plain(side, side, 255), module, degrees, slant, 0.0, (side as f32 / 2.0, side as f32 / 2.0), dice)
    }

    fn photo(&self, module: f32, degrees: f32, slant: f32, bend: f32, dice: &mut Dice) -> Grey {
        let side = (self.side(module) * 1.5) as usize;
        let ground = desk(side, side, dice);
        self.on(ground, module, degrees, slant, bend, (side as f32 / 2.0 + dice.unit(), side as f32 / 2.0), dice)
    }
}

/// The classes, each a PNG or JPEG file of one code.
pub type Class = (&'static str, fn(&Code, &mut Dice) -> Vec<u8>);

pub const CLASSES: &[Class] = &[
    ("screenshot", |c, _| c.picture.framed(20).to_png()),
    ("2.3 pixels a module", |c, d| c.paper(2.3, 0.0, 0.0, d).to_png()),
    ("turned 5 degrees", |c, d| c.paper(3.5, 5.0, 0.0, d).blurred(0.6).to_png()),
    ("turned 17 degrees", |c, d| c.paper(3.5, 17.0, 0.0, d).blurred(0.6).to_png()),
    ("turned 45 degrees", |c, d| c.paper(3.5, 45.0, 0.0, d).blurred(0.6).to_png()),
    ("turned 90 degrees", |c, d| c.paper(3.5, 90.0, 0.0, d).blurred(0.6).to_png()),
    ("blur 1, module 4", |c, d| c.paper(4.0, 0.0, 0.0, d).blurred(1.0).to_png()),
    ("blur 2, module 4", |c, d| c.paper(4.0, 0.0, 0.0, d).blurred(2.0).to_png()),
    ("blur 3, module 6", |c, d| c.paper(6.0, 0.0, 0.0, d).blurred(3.0).to_png()),
    ("moved 5 pixels", |c, d| {
        let way = d.range(0.0, 180.0);
        c.photo(5.0, 8.0, 0.0, 0.0, d).moved(5.0, way).to_png()
    }),
    ("slanted 25 %", |c, d| c.photo(4.5, 0.0, 0.25, 0.0, d).blurred(0.7).to_png()),
    ("slanted 45 %", |c, d| c.photo(6.0, 10.0, 0.45, 0.0, d).blurred(0.7).to_png()),
    ("bent 5 %", |c, d| c.photo(5.0, 5.0, 0.1, 0.05, d).blurred(0.7).to_png()),
    ("low light", |c, d| c.photo(4.5, 3.0, 0.05, 0.0, d).blurred(0.8).lit(18.0, 62.0).noisy(6.0, d).to_png()),
    ("low light, noise", |c, d| c.photo(4.5, 3.0, 0.05, 0.0, d).blurred(0.8).lit(15.0, 55.0).noisy(11.0, d).to_png()),
    ("half in shadow", |c, d| c.photo(4.0, 2.0, 0.05, 0.0, d).blurred(0.7).half_in_shadow(d).noisy(3.0, d).to_png()),
    ("JPEG 30, module 3", |c, d| c.paper(3.0, 2.0, 0.0, d).to_jpeg(30)),
    ("inverted", |c, d| c.paper(4.0, 7.0, 0.05, d).blurred(0.7).map(|_, _, shade| 255.0 - shade).to_png()),
    ("stained", |c, d| {
        let mut photo = c.photo(4.0, 4.0, 0.05, 0.0, d);
        let (side, middle) = (c.side(4.0), photo.width as f32 / 2.0);
        for _ in 0..3 {
            let (x, y) = (middle + d.range(-0.35, 0.35) * side, middle + d.range(-0.35, 0.35) * side);
            let colour = d.range(0.0, 255.0);
            let spot = |px: usize, py: usize| (px as f32 - x).hypot(py as f32 - y) < 0.045 * side;
            photo = photo.map(|px, py, shade| if spot(px, py) { colour } else { shade });
        }
        photo.blurred(0.7).to_png()
    }),
    ("14 pixels a module, noise", |c, d| c.photo(14.0, 12.0, 0.1, 0.0, d).noisy(8.0, d).to_png()),
    ("all together", |c, d| {
        let turn = d.range(-40.0, 40.0);
        let photo = c.photo(5.0, turn, 0.15, 0.0, d).blurred(1.2).half_in_shadow(d);
        photo.lit(10.0, 170.0).noisy(5.0, d).to_jpeg(60)
    }),
    ("all together, worse", |c, d| {
        let turn = d.range(-60.0, 60.0);
        let photo = c.photo(5.0, turn, 0.25, 0.03, d).blurred(1.5).half_in_shadow(d);
        photo.lit(10.0, 120.0).noisy(6.0, d).to_jpeg(45)
    }),
];

/// The code small in a photograph of 12 million pixels.
pub fn in_a_large_photo(code: &Code, dice: &mut Dice) -> Vec<u8> {
    let ground = desk(4000, 3000, dice);
    let at = (dice.range(700.0, 3300.0), dice.range(700.0, 2300.0));
    let turn = dice.range(-15.0, 15.0);
    code.on(ground, 4.0, turn, 0.08, 0.0, at, dice).blurred(0.8).noisy(4.0, dice).to_jpeg(85)
}

/// Four codes on one desk, in two rows.
pub fn four(codes: [&Code; 4], dice: &mut Dice) -> Vec<u8> {
    let cell = codes.iter().map(|code| code.side(3.5)).fold(0.0, f32::max) * 1.15;
    let mut page = desk((cell * 2.0) as usize, (cell * 2.0) as usize, dice);
    for (i, code) in codes.into_iter().enumerate() {
        let at = (cell * ((i % 2) as f32 + 0.5), cell * ((i / 2) as f32 + 0.5));
        let turn = dice.range(-6.0, 6.0);
        page = code.on(page, 3.5, turn, 0.03, 0.0, at, dice);
    }
    page.blurred(0.6).to_png()
}
