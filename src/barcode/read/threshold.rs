//! Grey picture → dark and light. Which threshold reads depends on the light, so there are several; the search
//! tries them in turn.

use rxing::{
    Binarizer, Luma8Source,
    common::{BitMatrix, HybridBinarizer},
};

use super::grey::Grey;

/// How dark is told from light.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Threshold {
    /// Blocks of 8 pixels against the blocks around them (ZXing's): best for most pictures.
    Blocks,
    /// Each pixel against the mean of the square of this radius around it: blurred and unevenly lit pictures.
    Local(usize),
    /// One level for the whole picture, between its two kinds of pixels (Otsu's method): clean screenshots with
    /// coloured codes, noise.
    Global,
}

/// The dark pixels of `picture`; `None` if it is too large for the reader to address.
pub(super) fn dark(picture: &Grey, threshold: Threshold) -> Option<BitMatrix> {
    let (width, height) = (u32::try_from(picture.width()).ok()?, u32::try_from(picture.height()).ok()?);
    match threshold {
        Threshold::Blocks => {
            let source = Luma8Source::new_with_slice(picture.pixels(), width, height).ok()?;
            HybridBinarizer::new(source).get_black_matrix().ok().cloned()
        }
        Threshold::Local(radius) => {
            let around = picture.mean(radius);
            matrix(width, height, picture.pixels().iter().zip(around.pixels()).map(|(pixel, mean)| pixel < mean))
        }
        Threshold::Global => {
            let level = otsu(picture);
            matrix(width, height, picture.pixels().iter().map(|pixel| *pixel <= level))
        }
    }
}

fn matrix(width: u32, height: u32, dark: impl Iterator<Item = bool>) -> Option<BitMatrix> {
    let mut matrix = BitMatrix::new(width, height).ok()?;
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    for ((x, y), _) in places.zip(dark).filter(|(_, dark)| *dark) {
        matrix.set(x, y);
    }
    Some(matrix)
}

/// The last level that counts as dark: the one that leaves the least variance within the dark and within the
/// light pixels (Otsu, 1979).
fn otsu(picture: &Grey) -> u8 {
    let mut counts = [0_u64; 256];
    for pixel in picture.pixels() {
        if let Some(count) = counts.get_mut(usize::from(*pixel)) {
            *count += 1;
        }
    }
    let levels = || (0..=u8::MAX).zip(counts);
    let all: u64 = counts.iter().sum();
    let weight: u64 = levels().map(|(level, count)| u64::from(level) * count).sum();
    let (mut dark, mut dark_weight, mut best, mut best_spread) = (0_u64, 0_u64, u8::MAX / 2, 0_u128);
    for (level, count) in levels() {
        dark += count;
        dark_weight += u64::from(level) * count;
        let light = all.saturating_sub(dark);
        if dark == 0 || light == 0 {
            continue;
        }
        // Variance between the two kinds, times all²: (weight·dark − all·dark_weight)² / (dark·light).
        let apart = (u128::from(weight) * u128::from(dark)).abs_diff(u128::from(all) * u128::from(dark_weight));
        let spread = apart.saturating_mul(apart) / (u128::from(dark) * u128::from(light));
        if spread > best_spread {
            (best, best_spread) = (level, spread);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn otsu_stands_between_two_kinds_of_pixels() {
        let pixels: Vec<u8> = [40, 180, 44, 182, 41, 184, 181, 186, 180, 183].repeat(100);
        let level = otsu(&Grey::new(100, 10, pixels).unwrap());
        assert!((44..180).contains(&level), "{level}");
        // One shade: any level, no panic.
        otsu(&Grey::new(3, 1, vec![9; 3]).unwrap());
    }

    #[test]
    fn every_threshold_finds_the_dark_half() {
        let (width, height) = (80, 60);
        let pixels = (0..width * height).map(|i| if i % width < width / 2 { 30 } else { 200 }).collect();
        let picture = Grey::new(width, height, pixels).unwrap();
        for threshold in [Threshold::Blocks, Threshold::Local(20), Threshold::Global] {
            let dark = dark(&picture, threshold).unwrap();
            assert!(dark.get(38, 30) && !dark.get(41, 30), "{threshold:?}");
        }
    }

    #[test]
    fn the_smallest_pictures_pass() {
        for (width, height) in [(1, 1), (1, 50), (50, 1), (39, 39), (40, 40), (41, 7)] {
            let picture = Grey::new(width, height, vec![7; width * height]).unwrap();
            for threshold in [Threshold::Blocks, Threshold::Local(500), Threshold::Local(0), Threshold::Global] {
                // Blocks finds no two kinds of pixels in a picture of one shade that is smaller than its blocks.
                assert!(dark(&picture, threshold).is_some() || threshold == Threshold::Blocks);
            }
        }
    }
}
