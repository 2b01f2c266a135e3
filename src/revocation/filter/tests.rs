//! Writers of both forms as the facts describe them, and what reading makes of them.
#![allow(clippy::as_conversions, reason = "tests count in small numbers")]

use proptest::prelude::*;

use super::*;

/// A Bloom slice as the EU's service writes it, by the formulas of the facts.
pub(in crate::revocation) fn bloom(hashes: &[Hash], p: f32) -> Vec<u8> {
    let n = hashes.len() as f64;
    let bits = (n * f64::from(p).ln() / (1.0 / 2f64.powf(2f64.ln())).ln()).ceil() as usize;
    let bytes = bits / 8 + 1;
    let words = bytes / 4 + bytes % 4;
    let rounds = (((words * 32) as f64 / n * 2f64.ln()).round() as u8).clamp(1, 127);
    let mut out = vec![0, 1, rounds, 0];
    out.extend(p.to_be_bytes());
    out.extend((hashes.len() as i32).to_be_bytes());
    out.extend((hashes.len() as i32).to_be_bytes());
    out.extend((words as i32).to_be_bytes());
    out.extend(vec![0; words * 4]);
    let empty = Bloom::read(&out).unwrap();
    for hash in hashes {
        for round in 0..rounds {
            let at = empty.position(hash, round) as usize;
            out[BLOOM_HEAD + at / 8] |= 0x80 >> (at % 8);
        }
    }
    out
}

/// A hash list, honestly written, or with the defect of the reference.
pub(in crate::revocation) fn prefixes(hashes: &[Hash], size: u8, legacy: bool) -> Vec<u8> {
    let mut out = vec![0, 1];
    out.extend(1e-12_f32.to_be_bytes());
    out.extend((hashes.len() as i32).to_be_bytes());
    out.push(size);
    for hash in hashes {
        let mut prefix = &hash[..usize::from(size)];
        // The fewest bytes of a signed number.
        while legacy && prefix.len() > 1 && prefix[0] == 0xff && prefix[1] >= 0x80 {
            prefix = &prefix[1..];
        }
        out.extend(vec![0; usize::from(size) - prefix.len()]);
        out.extend(prefix);
    }
    out
}

fn read(bytes: &[u8]) -> Result<Slice, SliceFault> {
    Slice::read(bytes, Region::EVERYTHING)
}

#[test]
fn positions_are_those_of_signed_numbers() {
    // A slow, plain remainder of the signed number, bit by bit.
    let slow = |digest: [u8; 32], size: u64| {
        let bit = |rest: u64, bit: u64| (rest * 2 + bit) % size;
        let bits = |bytes: [u8; 32]| bytes.into_iter().flat_map(|b| (0..8).rev().map(move |i| u64::from(b >> i & 1)));
        if digest[0] < 0x80 {
            return bits(digest).fold(0, bit);
        }
        // −(2²⁵⁶ − digest) = −(¬digest + 1)
        let magnitude = (bits(digest.map(|b| !b)).fold(0, bit) + 1) % size;
        (size - magnitude) % size
    };
    for words in [1_u32, 2, 7, 57, 1798] {
        let mut bytes = vec![0, 1, 40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend(words.to_be_bytes());
        bytes.resize(BLOOM_HEAD + words as usize * 4, 0);
        let filter = Bloom::read(&bytes).unwrap();
        for round in 0..40 {
            let digest = sha256(&[b"element".as_slice(), &[round]].concat());
            assert_eq!(filter.position(b"element", round), slow(digest, u64::from(words) * 32));
        }
    }
}

#[test]
fn the_sizes_that_the_reference_was_seen_to_make() {
    for (n, m, k) in [(1, 64, 44), (10, 608, 42), (1000, 57536, 40)] {
        let hashes: Vec<Hash> = (0..n).map(|i: u32| sha256(&i.to_be_bytes())[..16].try_into().unwrap()).collect();
        let bytes = bloom(&hashes, 1e-12);
        assert_eq!((bytes[2], (bytes.len() - BLOOM_HEAD) * 8), (k, m));
    }
}

#[test]
fn prefixes_that_the_reference_damaged_are_found() {
    for (start, stored) in [("ffffffff", "000000ff"), ("ffffff80", "00000080"), ("ff801234", "00801234")] {
        let byte = |text: &str, i: usize| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap();
        let mut hash = [7; 16];
        (0..4).for_each(|i| hash[i] = byte(start, i));
        let slice = prefixes(&[hash], 4, true);
        assert_eq!(slice[PREFIXES_HEAD..], [0, 1, 2, 3].map(|i| byte(stored, i)));
        assert!(read(&slice).unwrap().contains(&hash));
        assert!(read(&prefixes(&[hash], 4, false)).unwrap().contains(&hash));
        let mut other = hash;
        other[3] ^= 1;
        assert!(!read(&slice).unwrap().contains(&other));
    }
}

#[test]
fn a_filter_that_names_everything_is_refused() {
    let mut full = bloom(&[[1; 16]], 1e-12);
    full[BLOOM_HEAD..].fill(0xff);
    assert!(matches!(read(&full), Err(SliceFault::Useless { .. })));
    let all: Vec<Hash> = (0..=255).map(|i| [i; 16]).collect();
    assert!(matches!(read(&prefixes(&all, 1, false)), Err(SliceFault::Useless { .. })));
    assert!(read(&prefixes(&[], 4, false)).unwrap().false_hits <= 0.0);
}

#[test]
fn what_is_no_slice_is_refused() {
    let good = bloom(&[[1; 16]], 1e-12);
    assert!(read(&good).is_ok());
    assert_eq!(read(&good[..good.len() - 1]), Err(SliceFault::Length { found: good.len() - 1 }));
    assert_eq!(read(&[good.clone(), vec![0]].concat()), Err(SliceFault::Length { found: good.len() + 1 }));
    assert_eq!(read(b""), Err(SliceFault::Version));
    assert_eq!(read(&[0, 2, 3]), Err(SliceFault::Version));
    for rounds in [0, 128, 255] {
        let mut bad = good.clone();
        bad[2] = rounds;
        assert_eq!(read(&bad), Err(SliceFault::Parameters));
    }
    let mut other_function = good.clone();
    other_function[3] = 1;
    assert!(read(&other_function).is_err());
    // No words at all; a count beyond the bytes; a negative count; prefixes longer than a hash.
    let head = |words: i32| [&[0, 1, 9, 0][..], &[0; 12], &words.to_be_bytes()].concat();
    assert_eq!(read(&head(0)), Err(SliceFault::Parameters));
    assert!(read(&head(i32::MAX)).is_err());
    assert!(read(&head(-1)).is_err());
    assert_eq!(read(&[&[0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 17][..], &[0; 17]].concat()), Err(SliceFault::Parameters));
    assert_eq!(read(&[0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]), Err(SliceFault::Parameters));
}

#[test]
fn what_a_filter_keeps_of_an_older_one_is_told() {
    let (one, two) = ([1; 16], [2; 16]);
    let [a, b] = [&[one][..], &[one, two]].map(|all| read(&prefixes(all, 6, false)).unwrap());
    assert!(b.includes(&a) && !a.includes(&b) && a.includes(&a));
    let mut more = bloom(&[one], 1e-12);
    let old = read(&more).unwrap();
    let at = Bloom::read(&more).unwrap().position(&two, 0) as usize;
    more[BLOOM_HEAD + at / 8] |= 0x80 >> (at % 8);
    assert!(read(&more).unwrap().includes(&old));
    assert!(!old.includes(&a) && !a.includes(&old));
}

proptest! {
    #[test]
    fn a_bloom_filter_misses_nothing(hashes in prop::collection::vec(any::<Hash>(), 1..40)) {
        let slice = read(&bloom(&hashes, 1e-6)).unwrap();
        prop_assert!(hashes.iter().all(|hash| slice.contains(hash)));
        prop_assert!(slice.false_hits > 0.0 && slice.false_hits < 1e-3);
    }

    #[test]
    fn a_hash_list_misses_nothing(
        tails in prop::collection::vec((any::<Hash>(), 0..6_usize), 0..80),
        size in 4..=16_u8,
        legacy in any::<bool>(),
    ) {
        let hashes: Vec<Hash> = tails.into_iter().map(|(mut hash, ones)| { hash[..ones].fill(0xff); hash }).collect();
        let slice = read(&prefixes(&hashes, size, legacy)).unwrap();
        prop_assert!(hashes.iter().all(|hash| slice.contains(hash)));
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        head in prop::sample::select(vec![vec![], vec![0, 1], vec![0, 1, 9, 0]]),
        bytes in prop::collection::vec(any::<u8>(), 0..80),
        hash in any::<Hash>(),
    ) {
        if let Ok(slice) = read(&[head, bytes].concat()) {
            slice.contains(&hash);
        }
    }
}
