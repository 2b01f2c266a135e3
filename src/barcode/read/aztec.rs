//! Aztec symbols (ISO/IEC 24778): from the middle of a bull's eye to the modules of the whole symbol. Ireland
//! printed its certificates so (HCERT's questions and answers allow it). `rxing` finds a symbol only in the
//! middle of an upright picture, so the sampling is done here; correcting and decoding is left to it.

use rxing::{
    Point,
    aztec::{decoder::decode, detector::Detector},
    common::{
        BitMatrix, PerspectiveTransform, Quadrilateral,
        cpp_essentials::{ConcentricPattern, FindConcentricPatternCorners},
        reedsolomon::{PredefinedGenericGF, ReedSolomonDecoder},
    },
};

/// Light modules that are drawn around a symbol; the detector needs some, the standard none.
const QUIET: i16 = 4;

/// Pixels a side of a module that is drawn anew.
const PIXELS: u32 = 4;

/// Places of modules, counted from the one in the middle of the bull's eye.
type Place = (i16, i16);

/// What the symbol around `eye` says, as text in UTF-8, and its four corners in the picture.
pub(super) fn read(image: &BitMatrix, eye: &ConcentricPattern) -> Option<(Vec<u8>, [Point; 4])> {
    // The middle lines of the third ring and, where the eye is large enough to have one, of the fifth: the wider
    // the base, the less it errs at the border of the symbol.
    let rings = [(5_i16, eye.size.checked_mul(5)? / 3), (3, eye.size)];
    for (ring, range) in rings {
        let Some(corners) = FindConcentricPatternCorners(image, eye.p, range, i32::from(ring)) else { continue };
        let Some(grid) = Grid::new(image, ring, corners) else { continue };
        for full in [true, false] {
            for turn in Turn::all() {
                if let Some(layers) = grid.layers(turn, full)
                    && let Some(found) = grid.decode(turn, layers, full)
                {
                    return Some(found);
                }
            }
        }
    }
    None
}

/// The picture with the grid of the modules laid over it.
#[derive(Clone)]
struct Grid<'a> {
    image: &'a BitMatrix,
    to_pixels: PerspectiveTransform,
}

/// One of the eight ways in which a symbol can lie: four turns, each as it is or mirrored.
#[derive(Clone, Copy)]
struct Turn {
    quarters: u8,
    mirrored: bool,
}

impl Turn {
    fn all() -> impl Iterator<Item = Self> {
        [false, true].into_iter().flat_map(|mirrored| (0..4).map(move |quarters| Self { quarters, mirrored }))
    }

    /// From a place in the upright symbol to the place on the grid.
    fn apply(self, (x, y): Place) -> Place {
        let (x, y) = if self.mirrored { (y, x) } else { (x, y) };
        match self.quarters {
            0 => (x, y),
            1 => (-y, x),
            2 => (-x, -y),
            _ => (y, -x),
        }
    }
}

impl<'a> Grid<'a> {
    fn new(image: &'a BitMatrix, ring: i16, corners: Quadrilateral) -> Option<Self> {
        let r = f32::from(ring);
        let square = Quadrilateral::from([(-r, -r), (r, -r), (r, r), (-r, r)].map(|(x, y)| Point { x, y }));
        Some(Self { image, to_pixels: PerspectiveTransform::quadrilateralToQuadrilateral(square, corners).ok()? })
    }

    fn pixel(&self, (x, y): Place) -> Point {
        self.to_pixels.transform_point(Point { x: f32::from(x), y: f32::from(y) })
    }

    /// Whether the module is dark; what lies outside the picture is light.
    fn is_dark(&self, place: Place) -> bool {
        let point = self.pixel(place);
        self.image.is_in(point) && self.image.get_point(point)
    }

    /// Layers of data, from the mode message around the bull's eye (ISO/IEC 24778, sections 7.3.2 and 7.3.3);
    /// `None` if the symbol does not lie this way.
    fn layers(&self, turn: Turn, full: bool) -> Option<u16> {
        let r = if full { 7 } else { 5 };
        // The twelve modules at the corners, clockwise from the upper left, three at each. Two may be wrong.
        let marks = [(-r, 1 - r), (-r, -r), (1 - r, -r), (r - 1, -r), (r, -r), (r, 1 - r)]
            .into_iter()
            .chain([(r, r - 1), (r, r), (r - 1, r), (1 - r, r), (-r, r), (-r, r - 1)])
            .zip([true, true, true, false, true, true, true, false, false, false, false, false]);
        if marks.filter(|(place, dark)| self.is_dark(turn.apply(*place)) != *dark).count() > 2 {
            return None;
        }
        // Between the corners, clockwise; the reference grid crosses the middles of the sides of a full symbol.
        let side = || (2 - r..=r - 2).filter(|at| !full || *at != 0);
        let message = side()
            .map(|at| (at, -r))
            .chain(side().map(|at| (r, at)))
            .chain(side().map(|at| (-at, r)))
            .chain(side().map(|at| (-r, -at)));
        let bits: Vec<bool> = message.map(|place| self.is_dark(turn.apply(place))).collect();
        let mut words: Vec<i32> =
            bits.chunks(4).map(|bits| bits.iter().fold(0, |word, bit| word * 2 + i32::from(*bit))).collect();
        let checks = if full { 6 } else { 5 };
        ReedSolomonDecoder::new(PredefinedGenericGF::AztecParam.into()).decode(&mut words, checks).ok()?;
        let data = words.iter().take(if full { 4 } else { 2 }).fold(0, |data, word| data * 16 + word);
        // The rest of the message is the number of words, which the decoder reads for itself.
        let layers = if full { data >> 11 } else { data >> 6 };
        u16::try_from(layers + 1).ok()
    }

    /// The grid laid anew over the crossings of the reference grid (ISO/IEC 24778, section 7.3.4), ring by ring
    /// outwards: what is exact at the bull's eye may be modules off at the border.
    fn refined(&self, reach: i16) -> Self {
        let mut grid = self.clone();
        for ring in (16..=reach).step_by(16) {
            let corners = [(-ring, -ring), (ring, -ring), (ring, ring), (-ring, ring)]
                .map(|crossing| grid.crossing(crossing, reach).unwrap_or_else(|| grid.pixel(crossing)));
            match Self::new(self.image, ring, Quadrilateral::from(corners)) {
                Some(better) => grid = better,
                None => break,
            }
        }
        grid
    }

    /// Where the lines of the reference grid that cross at `place` cross in the picture, if that can be seen.
    fn crossing(&self, (x, y): Place, reach: i16) -> Option<Point> {
        // Both lines have dark and light modules in turn, dark at the crossing.
        let arm: Vec<(Place, bool)> = (-7..=7_i16)
            .flat_map(|step| [((x + step, y), step % 2 == 0), ((x, y + step), step % 2 == 0)])
            .filter(|((x, y), _)| x.abs() <= reach && y.abs() <= reach)
            .collect();
        let shifts = || (-8..=8_i16).map(|quarters| f32::from(quarters) / 4.0);
        let fits = |dx: f32, dy: f32| {
            let fit = |((x, y), dark): &&(Place, bool)| {
                let point = self.to_pixels.transform_point(Point { x: f32::from(*x) + dx, y: f32::from(*y) + dy });
                (self.image.is_in(point) && self.image.get_point(point)) == *dark
            };
            arm.iter().filter(fit).count()
        };
        let tried: Vec<(usize, f32, f32)> =
            shifts().flat_map(|dx| shifts().map(move |dy| (dx, dy))).map(|(dx, dy)| (fits(dx, dy), dx, dy)).collect();
        let best = tried.iter().map(|(fit, ..)| *fit).max()?;
        if best * 5 < arm.len() * 4 {
            return None;
        }
        // The middle of the places that fit best.
        let (count, dx, dy) = tried
            .iter()
            .filter(|(fit, ..)| *fit == best)
            .fold((0.0, 0.0, 0.0), |(n, sx, sy), (_, dx, dy)| (n + 1.0, sx + dx, sy + dy));
        let (dx, dy) = (dx / count, dy / count);
        Some(self.to_pixels.transform_point(Point { x: f32::from(x) + dx, y: f32::from(y) + dy }))
    }

    /// Draws the symbol anew, upright and without distortion, and has that decoded.
    fn decode(&self, turn: Turn, layers: u16, full: bool) -> Option<(Vec<u8>, [Point; 4])> {
        let layers = i16::try_from(layers).ok()?;
        // From the middle to the border: in a full symbol, every sixteenth line belongs to the reference grid.
        let reach = if full { 7 + 2 * layers + (2 * layers + 6) / 15 } else { 5 + 2 * layers };
        let straight = self.refined(reach);
        let corners = [(-reach, -reach), (reach, -reach), (reach, reach), (-reach, reach)]
            .map(|corner| straight.pixel(turn.apply(corner)));
        let side = u32::try_from(2 * reach + 1 + 2 * QUIET).ok()?.checked_mul(PIXELS)?;
        let mut drawn = BitMatrix::new(side, side).ok()?;
        for (y, row) in (-reach..=reach).zip(u32::try_from(QUIET).ok()?..) {
            for (x, column) in (-reach..=reach).zip(u32::try_from(QUIET).ok()?..) {
                if straight.is_dark(turn.apply((x, y))) {
                    drawn.setRegion(column * PIXELS, row * PIXELS, PIXELS, PIXELS).ok()?;
                }
            }
        }
        let sampled = Detector::new(&drawn).detect(false).ok()?;
        let text = decode(&sampled).ok()?;
        (!text.getText().is_empty()).then(|| (text.getText().as_bytes().to_vec(), corners))
    }
}
