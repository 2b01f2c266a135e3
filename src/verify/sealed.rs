//! What the seal of an uploaded PDF says of the page around the code: whether the file was changed since it was
//! signed (failure F36). The code alone decides; the seal tells an officer that what is printed around it is not what
//! was handed out.
//!
//! Only what is certain counts. Whose seal it is is not asked: that the bytes are not those which were signed is true
//! whoever signed them. A file without a seal, or with one that this program cannot read (other algorithms, other
//! kinds of signatures), says nothing, and neither does one to which a signature that allows it was followed by more.

use crate::{
    keys::Certificate,
    limits::PDF_SEALS,
    trust::cms::{Believed, CmsError, SignedData},
};

/// What the seal of a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Seal {
    /// Nothing: there is none, or none that can be read.
    #[default]
    Unknown,
    /// The file is the one that was signed, whoever signed it.
    Whole,
    /// The file was changed after it was signed.
    Broken,
}

impl Seal {
    /// Looks at the signatures of a PDF (ISO 32000-1 section 12.8.1): whether what they cover is what was signed, and
    /// whether anything stands behind one that allows no change (DocMDP, P = 1; section 12.8.2.2).
    #[must_use]
    pub fn of_pdf(pdf: &[u8]) -> Self {
        let mut seal = Self::Unknown;
        for at in places(pdf, b"/ByteRange").take(PDF_SEALS) {
            match Signed::read(pdf, at).and_then(|signed| signed.holds()) {
                Some(true) => seal = Self::Whole,
                Some(false) => return Self::Broken,
                None => {}
            }
        }
        seal
    }
}

/// Where `needle` stands.
fn places<'p>(pdf: &'p [u8], needle: &'p [u8]) -> impl Iterator<Item = usize> + 'p {
    pdf.windows(needle.len()).enumerate().filter(move |(_, bytes)| *bytes == needle).map(|(at, _)| at)
}

/// A signature with what it covers.
struct Signed<'p> {
    before: &'p [u8],
    behind: &'p [u8],
    /// What stands behind all that it covers.
    more: &'p [u8],
    message: Vec<u8>,
}

impl<'p> Signed<'p> {
    /// The signature whose range is written at `at`; `None` for anything that is none.
    fn read(pdf: &'p [u8], at: usize) -> Option<Self> {
        let rest = pdf.get(at..)?;
        let open = rest.iter().take(64).position(|byte| *byte == b'[')?;
        let close = rest.iter().take(160).position(|byte| *byte == b']')?;
        let numbers = std::str::from_utf8(rest.get(open.checked_add(1)?..close)?).ok()?;
        let numbers: Vec<usize> =
            numbers.split_ascii_whitespace().map(|number| number.parse().ok()).collect::<Option<_>>()?;
        let [0, hole, from, length] = numbers[..] else { return None };
        let before = pdf.get(..hole)?;
        let (behind, more) = pdf.get(from..)?.split_at_checked(length)?;
        let digits = pdf.get(hole..from)?.trim_ascii().strip_prefix(b"<")?.strip_suffix(b">")?;
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let message = digits.chunks(2).map(|pair| match pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        });
        Some(Self { before, behind, more, message: message.collect::<Option<_>>()? })
    }

    /// Whether the file is as it was signed; `None` where that cannot be told.
    fn holds(&self) -> Option<bool> {
        let read = SignedData::read(der(&self.message)?).ok()?;
        let mut certificates = read.certificates().filter_map(|der| Certificate::from_der(der).ok());
        let signer = certificates.find(|certificate| read.names(certificate))?;
        let covered = [self.before, self.behind].concat();
        match read.verify(Believed::Certificate(&signer), Some(&covered)) {
            Ok(()) => {}
            Err(CmsError::OtherContent) => return Some(false),
            // Signatures of kinds that are not known here, and those that are wrong, are not told apart.
            Err(_) => return None,
        }
        // Behind a signature that allows no change there may be nothing but the blanks that mail adds.
        let closed = [self.before, self.behind].into_iter().any(allows_nothing);
        Some(!closed || self.more.trim_ascii().is_empty())
    }
}

/// Whether a signature in it says that no change is allowed (`/TransformParams`, ISO 32000-1 table 254: `/P 1`).
fn allows_nothing(part: &[u8]) -> bool {
    places(part, b"/TransformParams").any(|at| {
        let parameters = part.get(at..).unwrap_or_default();
        let parameters = parameters.get(..parameters.len().min(120)).unwrap_or_default();
        let end = places(parameters, b">>").next().unwrap_or_default();
        let parameters = parameters.get(..end).unwrap_or_default();
        let level = places(parameters, b"/P").filter_map(|at| parameters.get(at.checked_add(2)?..));
        level
            .map(<[u8]>::trim_ascii_start)
            .any(|level| level.first() == Some(&b'1') && !matches!(level.get(1), Some(b'0'..=b'9')))
    })
}

/// A message without the zeros that fill its place: as long as its outer length says (X.690 section 8.1.3).
fn der(message: &[u8]) -> Option<&[u8]> {
    let [0x30, first, rest @ ..] = message else { return None };
    let (head, length) = match first {
        0x81..=0x84 => {
            let count = usize::from(first & 0x7f);
            let length = rest.get(..count)?.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
            (2_usize.checked_add(count)?, length)
        }
        0..=0x7f => (2, usize::from(*first)),
        _ => return None,
    };
    message.get(..head.checked_add(length)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_signature_says_nothing() {
        for text in [
            &b""[..],
            b"/ByteRange",
            b"/ByteRange[0 1 2 3]",
            b"/ByteRange[0 10 18446744073709551615 1]/Contents<00>",
            b"/ByteRange [ 0 0 0 0 ]",
            b"/ByteRange[0 4 12 99999]<3080ff>",
            b"/ByteRange[0 21 31 1]<308400000000>x",
            b"<30>/ByteRange[0 0 4 25]",
        ] {
            assert_eq!(Seal::of_pdf(text), Seal::Unknown);
        }
    }

    #[test]
    fn only_signatures_that_allow_no_change_are_closed() {
        for (text, closed) in [
            (&b"/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P 1/V/1.2>>"[..], true),
            (b"/TransformParams << /P 1 /V /1.2 >>", true),
            (b"/TransformParams<</P 2/V/1.2>> /P 1", false),
            (b"/TransformParams<</P 12>>", false),
            (b"/TransformParams<</V/1.2>> 5 0 obj<</P 1 0 R>>", false),
            (b"/P 1", false),
        ] {
            assert_eq!(allows_nothing(text), closed, "{}", String::from_utf8_lossy(text));
        }
    }
}
