//! In which order a picture is looked at: the look that reads most pictures first, then those that help noisy,
//! blurred, dark, very large or very small codes.

use super::{
    Found,
    find::{self, Budget, Placed},
    grey::Grey,
    threshold::{Threshold, dark},
};
use crate::limits::PICTURE_DOUBLED_PIXELS;

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

/// Every code in `picture`, each content once, in reading order.
pub(super) fn codes(picture: &Grey) -> Vec<Found> {
    let mut budget = Budget::new();
    let mut found = Vec::new();
    for (number, (lens, threshold)) in LOOKS.into_iter().enumerate() {
        let more = look(picture, lens, threshold, &mut budget, &mut found);
        let done = !found.is_empty() && (!more || number + 1 >= LOOKS_FOR_MORE);
        if done || budget.is_spent() {
            break;
        }
    }
    in_reading_order(found)
}

/// Adds what this look shows, dark on light and light on dark; whether there seems to be more.
fn look(picture: &Grey, lens: Lens, threshold: Threshold, budget: &mut Budget, found: &mut Vec<Placed>) -> bool {
    let (changed, scale) = match lens {
        Lens::Plain => (None, 1.0),
        Lens::Soft(radius) => (Some(picture.mean(radius)), 1.0),
        Lens::Sharp(radius, strength) => (Some(picture.sharpened(radius, strength)), 1.0),
        Lens::Small(factor) => match picture.shrunk(factor) {
            Some(small) => (Some(small), u8::try_from(factor).map_or(1.0, f32::from)),
            None => return false,
        },
        Lens::Large(radius, strength) => {
            let small = picture.pixels().len() <= PICTURE_DOUBLED_PIXELS;
            match small.then(|| picture.doubled()).flatten() {
                Some(large) => (Some(large.sharpened(radius, strength)), 0.5),
                None => return false,
            }
        }
    };
    let Some(mut image) = dark(changed.as_ref().unwrap_or(picture), threshold) else { return false };
    drop(changed);
    let upright = find::codes(&image, budget);
    image.flip_self();
    let inverted = find::codes(&image, budget);
    let more = upright.more || inverted.more;
    found.extend(upright.codes.into_iter().chain(inverted.codes).map(|code| code.scaled(scale)));
    more
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
