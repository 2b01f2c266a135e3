//! How the EU's distribution service divides the revocations of one kid, and how files say which part they are
//! (dgca-revocation-distribution-service; facts on the EU trust framework, section 3).
//!
//! The revocations of one kid are cut by the first hexadecimal digits of the hash: in mode POINT by one
//! (chunk), in VECTOR by two (partition, chunk), in COORDINATE by three (partition of two, chunk). Its archive
//! holds a file for each chunk and time of expiry, named `KID/PARTITION/CHUNK/SLICE`: PARTITION is `null` in
//! mode POINT, SLICE is the SHA-256 of the file in hexadecimal. A folder unpacked from it, wherever it lies, is
//! read by the same names. KID is base64 of either alphabet, so that it may hold a `/`.

use std::collections::BTreeMap;

use base64::{Engine, engine::DecodePaddingMode, engine::general_purpose::GeneralPurpose};
use jiff::Timestamp;

use super::{Until, error::SliceFault, hash::Hash};
use crate::{keys::Kid, limits};

/// What the gateway writes in place of a kid when the issuer named none.
const UNKNOWN_KID: &str = "UNKNOWN_KID";

const LENIENT: base64::engine::GeneralPurposeConfig = base64::engine::GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
/// Both alphabets, with or without padding: lists of different services differ in it.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
pub(super) const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

/// The hashes that begin with some hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Region {
    /// The digits in the highest bits.
    value: u16,
    digits: u8,
}

impl Region {
    /// Every hash.
    pub(super) const EVERYTHING: Self = Self { value: 0, digits: 0 };

    /// The region of a chunk. Names that are not those of the scheme say nothing of the hashes, so that the
    /// slice is asked about all of them: asking too often is harmless, asking too seldom is not.
    pub(super) fn of(partition: &str, chunk: &str) -> Self {
        let partition = if partition.eq_ignore_ascii_case("null") { "" } else { partition };
        let mut region = Self::EVERYTHING;
        for digit in partition.chars().chain(chunk.chars()) {
            match digit.to_digit(16).and_then(|digit| u16::try_from(digit).ok()) {
                Some(digit) if region.digits < 3 && partition.len() < 3 && chunk.len() == 1 => {
                    region.value |= digit << (12 - 4 * region.digits);
                    region.digits += 1;
                }
                _ => return Self::EVERYTHING,
            }
        }
        region
    }

    /// Every region that the hash lies in, from the widest.
    pub(super) fn around(hash: &Hash) -> [Self; 4] {
        let first = hash.first_chunk().copied().map_or(0, u16::from_be_bytes);
        [0, 1, 2, 3].map(|digits| {
            let region = Self { value: 0, digits };
            Self { value: first & region.mask(), digits }
        })
    }

    /// Number of digits, 0 to 3.
    pub(super) fn digits(self) -> u8 {
        self.digits
    }

    fn mask(self) -> u16 {
        u16::MAX.checked_shl(16 - 4 * u32::from(self.digits)).unwrap_or(0)
    }

    /// Whether the hash lies in it.
    pub(super) fn holds(self, hash: &Hash) -> bool {
        hash.first_chunk().copied().map_or(0, u16::from_be_bytes) & self.mask() == self.value
    }

    /// Whether every hash of `other` lies in it.
    pub(super) fn includes(self, other: Self) -> bool {
        self.digits <= other.digits && other.value & self.mask() == self.value
    }
}

/// A part that an index names and that is not there: nothing can be said of the certificates in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) region: Region,
    /// When the missing part ends, and the gap with it.
    pub(super) until: Until,
}

/// Which part a file is, told by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The kid; none for lists that hold for any.
    pub(super) kid: Option<Kid>,
    pub(super) region: Region,
    /// SHA-256 that the name promises.
    pub(super) digest: Option<[u8; 32]>,
}

impl Place {
    /// Reads the last parts of a path, whatever folder they lie in.
    pub(super) fn of(path: &str) -> Result<Self, SliceFault> {
        // Empty parts stay: they are the doubled slashes of a kid.
        let parts: Vec<&str> = path.split(['/', '\\']).collect();
        let [folders @ .., partition, chunk, slice] = parts.as_slice() else { return Err(SliceFault::Place) };
        let kid = kid_of_folders(folders).ok_or(SliceFault::Place)?;
        let digest = slice.split('.').next().and_then(digest);
        Ok(Self { kid, region: Region::of(partition, chunk), digest })
    }
}

/// The kid that ends a path: the shortest end of it that is base64 of eight bytes, which a kid cut by a `/`
/// inside of it never is. A single folder may hold a kid of another length.
fn kid_of_folders(folders: &[&str]) -> Option<Option<Kid>> {
    if *folders.last()? == UNKNOWN_KID {
        return Some(None);
    }
    let ends = (1..=folders.len().min(12)).filter_map(|count| folders.get(folders.len() - count..));
    let whole = ends.filter_map(|end| kid(&end.join("/"))).find(|kid| kid.as_bytes().len() == 8);
    whole.or_else(|| kid(folders.last()?)).map(Some)
}

/// The text of a kid in an index or a batch; `Ok(None)` for any kid.
pub(super) fn kid_or_any(text: &str) -> Option<Option<Kid>> {
    if text == UNKNOWN_KID { Some(None) } else { kid(text).map(Some) }
}

fn kid(text: &str) -> Option<Kid> {
    let bytes = BASE64.decode(text).or_else(|_| BASE64_URL.decode(text)).ok()?;
    (1..=limits::REVOCATION_KID_BYTES).contains(&bytes.len()).then(|| Kid::new(bytes))
}

/// A SHA-256 in hexadecimal.
pub(super) fn digest(text: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return None;
    }
    for (slot, pair) in out.iter_mut().zip(pairs) {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let [high, low] = *pair;
        *slot = digit(high)? * 16 + digit(low)?;
    }
    Some(out)
}

/// A slice that an index names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) region: Region,
    pub(super) digest: [u8; 32],
    pub(super) until: Until,
}

/// What the service's index (`GET /lists`) says of one kid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListedKid {
    /// Kinds of hash that its slices hold; empty when not said.
    pub(super) kinds: Vec<super::HashKind>,
    pub(super) until: Until,
}

/// What the indexes among the files say, by kid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Index {
    /// The service's index of kids was there: it speaks for every kid.
    pub(super) whole: bool,
    pub(super) kids: BTreeMap<Option<Kid>, ListedKid>,
    /// The slices of every partition whose own index (`GET /lists/{kid}/partitions`) was there.
    pub(super) partitions: BTreeMap<Option<Kid>, Vec<Listed>>,
}

/// A time as these files write it: RFC 3339, or without an offset, which then is UTC.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let exact: Option<Timestamp> = text.parse().ok();
    let exact = exact.or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        jiff::tz::Offset::UTC.to_timestamp(civil).ok()
    })?;
    // Whole seconds, as our own form keeps them.
    Timestamp::from_second(exact.as_second()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(first: u16) -> Hash {
        let mut hash = [0x55; 16];
        hash[..2].copy_from_slice(&first.to_be_bytes());
        hash
    }

    #[test]
    fn regions_are_the_first_digits() {
        let cases = [("null", "a", 0xa123, 0xb123), ("a", "b", 0xabff, 0xaaff), ("ab", "C", 0xabc0, 0xabd0)];
        for (partition, chunk, inside, outside) in cases {
            let region = Region::of(partition, chunk);
            assert!(region.holds(&hash(inside)) && !region.holds(&hash(outside)), "{partition}/{chunk}");
            assert!(Region::EVERYTHING.includes(region) && !region.includes(Region::EVERYTHING));
        }
        assert!(Region::of("null", "a").includes(Region::of("a", "0")));
        for (partition, chunk) in [("abc", "d"), ("a", "bc"), ("x", "1"), ("null", ""), ("a", ""), ("5f0e-uuid", "1")] {
            assert_eq!(Region::of(partition, chunk), Region::EVERYTHING, "{partition}/{chunk}");
        }
        assert!(Region::EVERYTHING.holds(&hash(0xffff)));
    }

    #[test]
    fn places_are_told_by_the_last_parts_of_a_path() {
        let name = "ab".repeat(32);
        let eight = Kid::new([0xff; 8]);
        for kid in ["//////////8=", "__________8", "__________8=", "//////////8"] {
            // The service writes the kid as it stands, and a kid of base64 may hold slashes.
            let place = Place::of(&format!("./lists/{kid}/null/a/{name}"));
            let place = place.unwrap();
            assert_eq!((place.kid.as_ref(), place.digest), (Some(&eight), Some([0xab; 32])), "{kid}");
            assert_eq!(place.region, Region::of("null", "a"));
        }
        let with_slash = BASE64.decode("ab/d+fghijk=").unwrap();
        let place = Place::of(&format!("somewhere/ab/d+fghijk=/4/a/{name}")).unwrap();
        assert_eq!(place.kid.unwrap().as_bytes(), with_slash);
        assert_eq!(Place::of("UNKNOWN_KID/null/a/x").unwrap().kid, None);
        assert_eq!(Place::of("C:\\x\\HBDru8SfeDE=\\null\\a\\x").unwrap().kid.unwrap().to_string(), "HBDru8SfeDE=");
        assert_eq!(Place::of("S2V5MVBS/null/a/x").unwrap().kid.unwrap().as_bytes(), b"Key1PR");
        for bad in ["", "slice.bin", "null/a/x", "not base64!/null/a/x"] {
            assert_eq!(Place::of(bad), Err(SliceFault::Place), "{bad}");
        }
    }

    #[test]
    fn times_are_read_as_these_files_write_them() {
        let at: Timestamp = "2022-12-31T22:00:00Z".parse().unwrap();
        for text in
            ["2022-12-31T22:00:00Z", "2022-12-31T23:00:00+01:00", "2022-12-31T22:00:00.123456Z", "2022-12-31T22:00:00"]
        {
            assert_eq!(time(text), Some(at), "{text}");
        }
        assert_eq!(time("tomorrow"), None);
    }
}
