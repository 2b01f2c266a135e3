//! Dark and light → codes. The finder patterns of both symbologies are looked for here, with bounds on the
//! work, because a hostile picture may hold 100,000 of them; what lies between them is sampled and decoded by
//! `rxing`, the Rust form of ZXing.

use rxing::{
    Point,
    common::{
        BitMatrix, DetectorRXingResult,
        cpp_essentials::{ConcentricPattern, LocateConcentricPattern},
    },
    qrcode::cpp_port::{
        decoder::Decode as decode_qr,
        detector::{GenerateFinderPatternSets, SampleQR},
    },
};

use super::{Symbology, aztec};
use crate::limits::{
    PICTURE_BULLS_EYE_WORK, PICTURE_BULLS_EYES, PICTURE_FINDER_WORK, PICTURE_FINDERS, PICTURE_SAMPLES,
};

/// A code and where it stands in the picture.
pub(super) struct Placed {
    pub(super) symbology: Symbology,
    pub(super) bytes: Vec<u8>,
    /// Upper, lower and left border in pixels of the picture that was looked at.
    pub(super) top: f32,
    pub(super) bottom: f32,
    pub(super) left: f32,
}

impl Placed {
    fn new(symbology: Symbology, bytes: Vec<u8>, corners: impl Iterator<Item = (f32, f32)> + Clone) -> Self {
        let ys = || corners.clone().map(|(_, y)| y);
        Self {
            symbology,
            bytes,
            top: ys().reduce(f32::min).unwrap_or(0.0),
            bottom: ys().reduce(f32::max).unwrap_or(0.0),
            left: corners.map(|(x, _)| x).reduce(f32::min).unwrap_or(0.0),
        }
    }
}

impl Placed {
    /// The same where a pixel of the picture that was looked at is `scale` pixels.
    pub(super) fn scaled(self, scale: f32) -> Self {
        Self { top: self.top * scale, bottom: self.bottom * scale, left: self.left * scale, ..self }
    }
}

/// How often symbols may still be sampled in one picture, over all thresholds and scales.
pub(super) struct Budget(u32);

impl Budget {
    pub(super) fn new() -> Self {
        Self(PICTURE_SAMPLES)
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0 == 0
    }

    fn take(&mut self) -> bool {
        let left = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        left
    }
}

/// What one look at a picture found.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) codes: Vec<Placed>,
    /// There are three or more finder patterns that belong to none of the codes: perhaps one more code that this
    /// look could not read.
    pub(super) more: bool,
}

/// Every QR and Aztec symbol in `image`, where dark is `true`.
pub(super) fn codes(image: &BitMatrix, budget: &mut Budget) -> Seen {
    let (mut finders, eyes) = centres(image);
    let mut seen = Seen::default();
    let mut used: Vec<ConcentricPattern> = Vec::new();
    let mut areas = Vec::new();
    for three in GenerateFinderPatternSets(&mut finders) {
        let corners = [three.tl, three.tr, three.bl];
        if corners.iter().any(|corner| used.contains(corner)) {
            continue;
        }
        if !budget.take() {
            break;
        }
        let Ok(sampled) = SampleQR(image, &three) else { continue };
        // The content is taken as bytes: a symbol may hold a zip archive, and what text it would be is a guess.
        let Ok(decoded) = decode_qr(sampled.getBits()) else { continue };
        let bytes = decoded.content().bytes();
        if decoded.isValid() && !bytes.is_empty() {
            let middle = |of: fn(&Point) -> f32| f32::midpoint(of(&three.tr.p), of(&three.bl.p));
            areas.push((Point { x: middle(|p| p.x), y: middle(|p| p.y) }, three.tr.distance(three.bl)));
            used.extend(corners);
            let places = corners.iter().map(|corner| (corner.p.x, corner.p.y));
            seen.codes.push(Placed::new(Symbology::Qr, bytes.to_vec(), places));
        }
    }
    for eye in eyes {
        if !budget.take() {
            break;
        }
        if let Some((bytes, corners)) = aztec::read(image, &eye) {
            seen.codes.push(Placed::new(Symbology::Aztec, bytes, corners.iter().map(|corner| (corner.x, corner.y))));
        }
    }
    // The circle through the corners of a code holds what its modules happen to look like.
    let outside = |finder: &&ConcentricPattern| {
        areas.iter().all(|(middle, diagonal)| Point::distance(finder.p, *middle) > diagonal * 0.6)
    };
    seen.more = finders.iter().filter(outside).count() >= 3;
    seen
}

/// The middles of finder patterns of QR symbols (ISO/IEC 18004, section 6.3.3) and of bull's eyes of Aztec symbols
/// (ISO/IEC 24778, section 7.3.1).
fn centres(image: &BitMatrix) -> (Vec<ConcentricPattern>, Vec<ConcentricPattern>) {
    // A finder is dark 1, light 1, dark 3, light 1, dark 1. The inner rings of both sizes of bull's eyes are one
    // module each, dark in the middle.
    const FINDER: [u16; 5] = [1, 1, 3, 1, 1];
    const EYE: [u16; 7] = [1; 7];
    let (mut finders, mut eyes) = (Vec::new(), Vec::new());
    let mut runs = Vec::new();
    let (mut finder_work, mut eye_work) = (Work::new(PICTURE_FINDER_WORK), Work::new(PICTURE_BULLS_EYE_WORK));
    // Every second row meets each module, since one needs two pixels to be told from its neighbours.
    for y in (1..image.height()).step_by(2) {
        split(image, y, &mut runs);
        let first = |dark: bool| usize::from(runs.first().is_some_and(|run| run.dark != dark));
        for five in runs.windows(5).skip(first(true)).step_by(2) {
            if let Some((p, range)) = candidate(five, &FINDER, y)
                && is_new(&finders, p, PICTURE_FINDERS)
                && finder_work.take(range, y, image.height())
            {
                add(&mut finders, LocateConcentricPattern::<true, 5, 7>(image, &FINDER, p, range));
            }
        }
        for seven in runs.windows(7).skip(first(false)).step_by(2) {
            if let Some((p, range)) = candidate(seven, &EYE, y)
                && is_new(&eyes, p, PICTURE_BULLS_EYES)
                && eye_work.take(range, y, image.height())
            {
                add(&mut eyes, LocateConcentricPattern::<true, 7, 7>(image, &EYE, p, range));
            }
        }
    }
    (finders, eyes)
}

/// How many pixels of outlines may be followed in one look. The allowance grows row by row, so that a pattern of
/// stripes at the top of a photograph does not use up what the code below needs.
struct Work {
    most: u64,
    done: u64,
}

impl Work {
    fn new(most: u64) -> Self {
        Self { most, done: 0 }
    }

    fn take(&mut self, range: i32, y: u32, height: u32) -> bool {
        let allowed = self.most.saturating_mul(u64::from(y) + u64::from(height) / 8) / u64::from(height.max(1));
        let take = self.done <= allowed;
        if take {
            self.done = self.done.saturating_add(u64::from(range.unsigned_abs()));
        }
        take
    }
}

/// The middle of runs that have these widths in modules, and how far the pattern may reach: three times what
/// was seen, for very skewed symbols.
fn candidate<const N: usize>(runs: &[Run], widths: &[u16; N], y: u32) -> Option<(Point, i32)> {
    if !is_pattern(runs, widths) {
        return None;
    }
    let middle = runs.get(N / 2)?;
    // A large pattern is met by many rows, of which eight are enough; to follow its outlines in each of them takes
    // seconds in a photograph of large shapes.
    if !(y / 2).is_multiple_of((u32::from(middle.length) / 16).max(1)) {
        return None;
    }
    let y = f32::from(u16::try_from(y).ok()?);
    let p = Point { x: f32::from(middle.start) + f32::from(middle.length) / 2.0, y: y + 0.5 };
    Some((p, runs.iter().map(|run| i32::from(run.length)).sum::<i32>() * 3))
}

/// Whether there is room for one more, and `p` is not inside one that is known.
fn is_new(known: &[ConcentricPattern], p: Point, most: usize) -> bool {
    let half = |size: i32| i16::try_from(size).map_or(0.0, f32::from) / 2.0;
    known.len() < most && !known.iter().any(|old| Point::distance(old.p, p) < half(old.size))
}

fn add(known: &mut Vec<ConcentricPattern>, located: Option<ConcentricPattern>) {
    if let Some(centre) = located
        && centre.p.x.is_finite()
        && centre.p.y.is_finite()
        && !known.contains(&centre)
    {
        known.push(centre);
    }
}

/// Pixels of one kind in a row.
struct Run {
    dark: bool,
    start: u16,
    length: u16,
}

/// The runs of row `y`, into `runs`.
fn split(image: &BitMatrix, y: u32, runs: &mut Vec<Run>) {
    runs.clear();
    let row = image.getRow(y);
    let width = usize::try_from(image.width()).unwrap_or(usize::MAX);
    let (mut dark, mut start) = (image.get(0, y), 0);
    while start < width {
        let end = if dark { row.getNextUnset(start) } else { row.getNextSet(start) };
        // Limits keep the sides of a picture far below 65,535.
        let (Ok(from), Ok(length)) = (u16::try_from(start), u16::try_from(end.saturating_sub(start))) else { break };
        runs.push(Run { dark, start: from, length });
        (dark, start) = (!dark, end);
    }
}

/// Whether runs have these widths, up to a constant, within what blur and slant do to them. Dark and light are
/// measured on their own, since ink spreads and light blooms.
fn is_pattern<const N: usize>(runs: &[Run], widths: &[u16; N]) -> bool {
    // Nearly all runs of a photograph fail here, at the cost of some comparisons: a module of three pixels may look
    // as one of two or of four, not as one of ten.
    let (mut least, mut most) = (u16::MAX, 0);
    for (run, width) in runs.iter().zip(widths) {
        let module = if *width == 1 { run.length } else { run.length / width };
        least = least.min(module);
        most = most.max(module);
        if most / 4 > least {
            return false;
        }
    }
    let module = |parity: usize| {
        let pick = runs.iter().zip(widths).skip(parity).step_by(2);
        let (pixels, modules) =
            pick.fold((0.0, 0.0), |(p, m), (run, width)| (p + f32::from(run.length), m + f32::from(*width)));
        pixels / modules
    };
    let (first, second) = (module(0), module(1));
    if first.max(second) > 4.0 * first.min(second) {
        return false;
    }
    runs.iter().zip(widths).enumerate().all(|(i, (run, width))| {
        let (module, slack) = if i % 2 == 0 { (first, first * 0.75) } else { (second, second / 3.0) };
        (f32::from(run.length) - f32::from(*width) * module).abs() <= slack + 0.5
    })
}
