//! A picture in shades of grey and what is done to it before a reader looks at it: shrinking, growing,
//! smoothing, sharpening. Between the decoders and the thresholds on the way up.

/// A picture: row by row from the top left, 0 is black, 255 is white. `pixels` has `width * height` entries and
/// neither side is 0. Pictures of codes hold personal data, so there is no `Debug` form.
#[derive(Clone)]
pub(super) struct Grey {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Grey {
    /// `None` unless there is at least one pixel and the sides say how many there are.
    pub(super) fn new(width: usize, height: usize, pixels: Vec<u8>) -> Option<Self> {
        (width.checked_mul(height)? == pixels.len() && !pixels.is_empty()).then_some(Self { width, height, pixels })
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.height
    }

    pub(super) fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    pub(super) fn rows(&self) -> std::slice::ChunksExact<'_, u8> {
        self.pixels.chunks_exact(self.width)
    }

    /// Each pixel is the mean of a square of `factor` pixels a side; what is left over at the right and at the
    /// bottom is dropped. `None` if nothing would remain.
    pub(super) fn shrunk(&self, factor: usize) -> Option<Self> {
        let (width, height) = (self.width.checked_div(factor)?, self.height.checked_div(factor)?);
        let area = u32::try_from(factor.checked_mul(factor)?).ok()?;
        let mut pixels = Vec::with_capacity(width.checked_mul(height)?);
        let mut sums = vec![0_u32; width];
        for band in self.pixels.chunks_exact(self.width.checked_mul(factor)?).take(height) {
            sums.fill(0);
            for row in band.chunks_exact(self.width) {
                for (sum, square) in sums.iter_mut().zip(row.chunks_exact(factor)) {
                    *sum += square.iter().map(|pixel| u32::from(*pixel)).sum::<u32>();
                }
            }
            pixels.extend(sums.iter().map(|sum| byte(sum / area)));
        }
        Self::new(width, height, pixels)
    }

    /// Twice as wide and high, straight lines between the pixels.
    pub(super) fn doubled(&self) -> Option<Self> {
        let mut pixels = Vec::with_capacity(self.pixels.len().checked_mul(4)?);
        // Twice the row, in quarters of a step: 3:1 from the nearer pixel.
        let widen = |row: &[u8]| -> Vec<u32> {
            let left = row.first().into_iter().chain(row);
            let right = row.iter().skip(1).chain(row.last());
            left.zip(row)
                .zip(right)
                .flat_map(|((left, here), right)| {
                    let (left, here, right) = (u32::from(*left), u32::from(*here), u32::from(*right));
                    [left + 3 * here, 3 * here + right]
                })
                .collect()
        };
        let mut above = widen(self.rows().next()?);
        let mut here = above.clone();
        for next in self.rows().skip(1).map(Some).chain([None]) {
            let below = next.map_or_else(|| here.clone(), widen);
            pixels.extend(above.iter().zip(&here).map(|(far, near)| byte((far + 3 * near + 8) / 16)));
            pixels.extend(below.iter().zip(&here).map(|(far, near)| byte((far + 3 * near + 8) / 16)));
            above = std::mem::replace(&mut here, below);
        }
        Self::new(self.width.checked_mul(2)?, self.height.checked_mul(2)?, pixels)
    }

    /// Each pixel is the mean of the square of `2 * radius + 1` pixels a side around it; beyond the border the
    /// last pixel goes on.
    pub(super) fn mean(&self, radius: usize) -> Self {
        // Multiplying by 2³² / side, rounded up, and dropping 32 bits divides exactly as long as the sum is below
        // 2³² / side, which it is for every side below 4,000; a division for each pixel takes ten times as long.
        let parts = (1_u64 << 32).div_ceil(u64::try_from(2 * radius + 1).unwrap_or(u64::MAX));
        let share = |sum: u32| u8::try_from((u64::from(sum) * parts) >> 32).unwrap_or(u8::MAX);
        // Along the rows.
        let mut across = Vec::with_capacity(self.pixels.len());
        for row in self.rows() {
            let (first, last) = (row.first().copied().unwrap_or(0), row.last().copied().unwrap_or(0));
            let entering = row.iter().copied().skip(radius).chain(std::iter::repeat(last));
            let leaving = std::iter::repeat_n(first, radius + 1).chain(row.iter().copied());
            // The window of the pixel before the first one.
            let mut sum = u32::from(first) * u32::try_from(radius + 1).unwrap_or(u32::MAX)
                + row.iter().copied().chain(std::iter::repeat(last)).take(radius).map(u32::from).sum::<u32>();
            for ((enters, leaves), _) in entering.zip(leaving).zip(row) {
                sum = sum + u32::from(enters) - u32::from(leaves);
                across.push(share(sum));
            }
        }
        // Down the columns, all at once.
        let mut pixels = Vec::with_capacity(across.len());
        let rows = || across.chunks_exact(self.width);
        let (Some(first), Some(last)) = (rows().next(), rows().next_back()) else { return self.clone() };
        let weight = u32::try_from(radius + 1).unwrap_or(u32::MAX);
        let mut sums: Vec<u32> = first.iter().map(|pixel| u32::from(*pixel) * weight).collect();
        for row in rows().chain(std::iter::repeat(last)).take(radius) {
            for (sum, pixel) in sums.iter_mut().zip(row) {
                *sum += u32::from(*pixel);
            }
        }
        let entering = rows().skip(radius).chain(std::iter::repeat(last));
        let leaving = std::iter::repeat_n(first, radius + 1).chain(rows());
        for ((enters, leaves), _) in entering.zip(leaving).zip(rows()) {
            for ((sum, enters), leaves) in sums.iter_mut().zip(enters).zip(leaves) {
                *sum = *sum + u32::from(*enters) - u32::from(*leaves);
                pixels.push(share(*sum));
            }
        }
        Self { pixels, ..*self }
    }

    /// Undoes some of a blur: what a pixel differs from its surroundings counts `strength` times more.
    pub(super) fn sharpened(&self, radius: usize, strength: i32) -> Self {
        // Two means after each other are close to the bell-shaped blur of a lens.
        let soft = self.mean(radius).mean(radius);
        let pixels = self
            .pixels
            .iter()
            .zip(&soft.pixels)
            .map(|(sharp, soft)| {
                let (sharp, soft) = (i32::from(*sharp), i32::from(*soft));
                u8::try_from((sharp + strength * (sharp - soft)).clamp(0, 255)).unwrap_or(u8::MAX)
            })
            .collect();
        Self { pixels, ..*self }
    }
}

/// The value as a byte; callers pass means of bytes, which always fit.
fn byte(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grey(width: usize, pixels: &[u8]) -> Grey {
        Grey::new(width, pixels.len() / width, pixels.to_vec()).unwrap()
    }

    #[test]
    fn sides_must_say_how_many_pixels_there_are() {
        assert!(Grey::new(0, 0, vec![]).is_none());
        assert!(Grey::new(2, 2, vec![0; 3]).is_none());
        assert!(Grey::new(usize::MAX, 2, vec![0; 3]).is_none());
        assert!(Grey::new(3, 1, vec![0; 3]).is_some());
    }

    #[test]
    fn shrinking_takes_means_of_squares() {
        let small = grey(5, &[0, 4, 10, 10, 99, 4, 8, 20, 20, 99]).shrunk(2).unwrap();
        assert_eq!((small.width, small.height, small.pixels), (2, 1, vec![4, 15]));
        assert!(grey(5, &[0; 10]).shrunk(3).is_none());
        assert!(grey(5, &[0; 10]).shrunk(0).is_none());
    }

    #[test]
    fn doubling_keeps_flat_parts_and_the_range() {
        let big = grey(2, &[0, 200]).doubled().unwrap();
        assert_eq!((big.width, big.height), (4, 2));
        assert_eq!(big.pixels, [0, 50, 150, 200, 0, 50, 150, 200]);
    }

    #[test]
    fn sharpening_makes_an_edge_steeper_and_leaves_a_plain_alone() {
        assert_eq!(grey(4, &[70; 16]).sharpened(2, 3).pixels, [70; 16]);
        let edge = grey(6, &[50, 50, 50, 100, 100, 100].repeat(4)).sharpened(1, 2);
        assert!(edge.pixels[2] < 50 && edge.pixels[3] > 100);
    }

    proptest! {
        #[test]
        fn the_fast_mean_is_the_plain_mean(width in 1usize..9, height in 1usize..9, radius in 0usize..12, seed: u8) {
            let pixels: Vec<u8> =
                (0..width * height).map(|i| u8::try_from((i * 37 + usize::from(seed)) % 256).unwrap()).collect();
            let fast = grey(width, &pixels).mean(radius);
            let side = 2 * radius + 1;
            // The same by its definition: first along the rows, then along the columns, each rounded down.
            let clamp = |i: usize, step: usize, length: usize| (i + step).saturating_sub(radius).min(length - 1);
            let mut across = vec![0; pixels.len()];
            for y in 0..height {
                for x in 0..width {
                    across[y * width + x] =
                        (0..side).map(|s| usize::from(pixels[y * width + clamp(x, s, width)])).sum::<usize>() / side;
                }
            }
            for y in 0..height {
                for x in 0..width {
                    let mean = (0..side).map(|s| across[clamp(y, s, height) * width + x]).sum::<usize>() / side;
                    prop_assert_eq!(usize::from(fast.pixels[y * width + x]), mean);
                }
            }
        }

        #[test]
        fn doubling_then_shrinking_stays_close(pixels in proptest::collection::vec(any::<u8>(), 12)) {
            let before = grey(4, &pixels);
            let after = before.doubled().unwrap().shrunk(2).unwrap();
            prop_assert_eq!((after.width, after.height), (4, 3));
            let flat = grey(4, &[pixels[0]; 12]);
            prop_assert_eq!(flat.doubled().unwrap().pixels, vec![pixels[0]; 48]);
        }
    }
}
