//! In which order a picture is looked at: the look that reads most pictures first, then those that help noisy,
//! blurred, dark, very large or very small codes.

use super::{
    Found,
    find::{self, Budget, Placed, Seen},
    grey::Grey,
    threshold::{Threshold, dark},
};
use crate::limits::{PICTURE_CLOSE_PIXELS, PICTURE_DOUBLED_PIXELS};

/// What is done to the picture before it is split into dark and light.
#[derive(Clone, Copy)]
enum Lens {
    /// Nothing.
    Plain,
    /// Smoothed over this radius: noise of dark photographs.
    Soft(usize),
    /// Sharpened over this radius, this many times: out of focus, moved.
    Sharp(usize, i32),
    /// This many times smaller: large modules with noise or moiré, folds.
    Small(usize),
    /// Twice as large, then sharpened: modules of two pixels and less.
    Large(usize, i32),
}

/// The looks, in the order in which they are taken. Measured on distorted pictures of real codes
/// (`benches/pictures.rs`): each one reads pictures that those before it do not.
const LOOKS: [(Lens, Threshold); 11] = [
    (Lens::Plain, Threshold::Blocks),
    (Lens::Soft(1), Threshold::Blocks),
    (Lens::Sharp(2, 2), Threshold::Blocks),
    (Lens::Small(2), Threshold::Blocks),
    (Lens::Sharp(3, 4), Threshold::Local(15)),
    (Lens::Plain, Threshold::Local(25)),
    (Lens::Large(4, 4), Threshold::Blocks),
    (Lens::Soft(2), Threshold::Local(15)),
    (Lens::Small(4), Threshold::Blocks),
    (Lens::Small(3), Threshold::Local(12)),
    (Lens::Plain, Threshold::Global),
];

/// Looks that are taken although some code was read, when the picture seems to hold one more.
const LOOKS_FOR_MORE: usize = 4;

/// Looks that are taken at every pixel even of a large picture.
const CLOSE_LOOKS: usize = 3;

/// Looks at a page that was drawn: it has no noise and no blur.
const LOOKS_AT_DRAWN: [(Lens, Threshold); 2] = [(Lens::Plain, Threshold::Blocks), (Lens::Plain, Threshold::Global)];

/// Least difference of the lightest and the darkest pixel of a picture that shows something.
const CONTRAST: u8 = 8;

/// Every code in `picture`, each content once, in reading order.
pub(super) fn codes(picture: &Grey) -> Vec<Found> {
    let factor = (1..).find(|factor| picture.pixels().len() / (factor * factor) <= PICTURE_CLOSE_PIXELS).unwrap_or(1);
    let small = if factor > 1 { picture.shrunk(factor) } else { None };
    let scale = u8::try_from(factor).map_or(1.0, f32::from);
    let looks = LOOKS.into_iter().enumerate().map(|(number, (lens, threshold))| match &small {
        Some(small) if number >= CLOSE_LOOKS => (small, scale, lens, threshold),
        _ => (picture, 1.0, lens, threshold),
    });
    look_through(picture, looks)
}

/// The same for a page that was drawn here, and not photographed.
pub(super) fn codes_in_drawn(page: &Grey) -> Vec<Found> {
    look_through(page, LOOKS_AT_DRAWN.into_iter().map(|(lens, threshold)| (page, 1.0, lens, threshold)))
}

/// The same for a frame of a camera, of which there is another one at once: the first look and one of the others,
/// which take turns, so that no frame takes long and a hard code is read within a few of them.
pub(super) fn codes_in_live(frame: &Grey, number: usize) -> Vec<Found> {
    let first = LOOKS.into_iter().take(1);
    let other = LOOKS.into_iter().skip(1).cycle().nth(number % (LOOKS.len() - 1));
    look_through(frame, first.chain(other).map(|(lens, threshold)| (frame, 1.0, lens, threshold)))
}

fn look_through<'a>(whole: &Grey, looks: impl Iterator<Item = (&'a Grey, f32, Lens, Threshold)>) -> Vec<Found> {
    let (dark, light) = whole.pixels().iter().fold((u8::MAX, 0), |(dark, light), p| (dark.min(*p), light.max(*p)));
    if light.saturating_sub(dark) < CONTRAST {
        return Vec::new();
    }
    let mut budget = Budget::new();
    let mut found = Vec::new();
    for (number, (picture, scale, lens, threshold)) in looks.enumerate() {
        let mut seen = look(picture, lens, threshold, &mut budget);
        found.extend(seen.codes.drain(..).map(|code| code.scaled(scale)));
        let done = !found.is_empty() && (!seen.more || number + 1 >= LOOKS_FOR_MORE);
        if done || budget.is_spent() {
            break;
        }
    }
    in_reading_order(found)
}

/// What this look shows, dark on light and light on dark.
fn look(picture: &Grey, lens: Lens, threshold: Threshold, budget: &mut Budget) -> Seen {
    let (changed, scale) = match lens {
        Lens::Plain => (None, 1.0),
        Lens::Soft(radius) => (Some(picture.mean(radius)), 1.0),
        Lens::Sharp(radius, strength) => (Some(picture.sharpened(radius, strength)), 1.0),
        Lens::Small(factor) => match picture.shrunk(factor) {
            Some(small) => (Some(small), u8::try_from(factor).map_or(1.0, f32::from)),
            None => return Seen::default(),
        },
        Lens::Large(radius, strength) => {
            let small = picture.pixels().len() <= PICTURE_DOUBLED_PIXELS;
            match small.then(|| picture.doubled()).flatten() {
                Some(large) => (Some(large.sharpened(radius, strength)), 0.5),
                None => return Seen::default(),
            }
        }
    };
    let Some(mut image) = dark(changed.as_ref().unwrap_or(picture), threshold) else { return Seen::default() };
    drop(changed);
    let mut seen = find::codes(&image, budget);
    image.flip_self();
    let inverted = find::codes(&image, budget);
    seen.more |= inverted.more;
    seen.codes.extend(inverted.codes);
    seen.codes = seen.codes.into_iter().map(|code| code.scaled(scale)).collect();
    seen
}

/// Top to bottom, then left to right: codes whose heights overlap by half stand in one row. Codes that were
/// found twice are kept once.
fn in_reading_order(mut found: Vec<Placed>) -> Vec<Found> {
    found.sort_by(|a, b| a.top.total_cmp(&b.top));
    let mut rows: Vec<(f32, Vec<Placed>)> = Vec::new();
    for code in found {
        let middle = f32::midpoint(code.top, code.bottom);
        match rows.last_mut() {
            Some((bottom, row)) if code.top < *bottom && middle < *bottom => row.push(code),
            _ => rows.push((code.bottom, vec![code])),
        }
    }
    let mut codes: Vec<Found> = Vec::new();
    for (_, mut row) in rows {
        row.sort_by(|a, b| a.left.total_cmp(&b.left));
        for Placed { symbology, bytes, .. } in row {
            let code = Found { symbology, bytes };
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::barcode::read::Symbology;

    fn placed(name: u8, left: f32, top: f32, side: f32) -> Placed {
        Placed { symbology: Symbology::Qr, bytes: vec![name], top, bottom: top + side, left }
    }

    fn order(found: Vec<Placed>) -> String {
        in_reading_order(found).into_iter().map(|code| char::from(code.bytes[0])).collect()
    }

    #[test]
    fn codes_come_row_by_row_even_if_the_page_lies_askew() {
        // Two rows of two, the right column a little higher; one large code below.
        let found = vec![
            placed(b'd', 300.0, 280.0, 100.0),
            placed(b'e', 0.0, 500.0, 300.0),
            placed(b'a', 0.0, 20.0, 100.0),
            placed(b'b', 300.0, 0.0, 100.0),
            placed(b'c', 0.0, 300.0, 100.0),
        ];
        assert_eq!(order(found), "abcde");
        assert_eq!(order(vec![]), "");
    }

    #[test]
    fn the_same_code_twice_is_one_code() {
        assert_eq!(
            order(vec![placed(b'x', 0.0, 0.0, 9.0), placed(b'y', 20.0, 0.0, 9.0), placed(b'x', 0.2, 0.1, 9.0)]),
            "xy"
        );
    }

    #[test]
    fn a_picture_without_codes_has_none() {
        for side in [1, 2, 3, 20, 41, 200] {
            let pixels = (0..side * side).map(|i| u8::try_from(i * 7919 % 251).unwrap()).collect();
            assert!(codes(&Grey::new(side, side, pixels).unwrap()).is_empty());
        }
    }
}
