//! Every deviation from the specifications that reading forgives: which warning tells it, where it is
//! forgiven, who makes it, and the evidence. What is not in this table is refused; a test holds the table
//! against the codes that the layers can give.
//!
//! Evidence: "EU test data" is the published dgc-testdata, "EU quality assurance" the curated acceptance
//! certificates of the member states and third countries, "F.." the list of real failures.

use super::reason::Warning;
use crate::{
    envelope::{divoc, hcert::Deviation, health_link, shc, vdsnc},
    payload::{
        dcc::Remark, ddcc::Remark as DdccRemark, divoc::Remark as CredentialRemark, shc::Remark as CardRemark,
        vdsnc::Remark as SealRemark,
    },
};

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgiven {
    /// The code that tells it.
    pub warning: Warning,
    /// Layer that forgives it.
    pub layer: &'static str,
    /// What is forgiven.
    pub what: &'static str,
    /// Who makes it.
    pub who: &'static str,
    /// Where that was seen, or what demands it.
    pub evidence: &'static str,
}

const fn row(
    warning: Warning,
    layer: &'static str,
    what: &'static str,
    who: &'static str,
    evidence: &'static str,
) -> Forgiven {
    Forgiven { warning, layer, what, who, evidence }
}

/// What is forgiven with a warning.
pub const FORGIVEN: &[Forgiven] = &[
    row(Warning::MissingPrefix, "text", "no HC1: before the base45", "some issuers, unnamed", "F30; a reader added it"),
    row(
        Warning::Untagged,
        "COSE",
        "no tag 18",
        "ES",
        "EU test data ES/1501 to 1503; sign-pass-03 of the COSE examples",
    ),
    row(Warning::CwtTag, "COSE", "tag 61 around tag 18", "hand-made", "EU test data common/CO28 must be valid"),
    row(
        Warning::UnprotectedAlgorithm,
        "COSE",
        "the algorithm in the unprotected header",
        "hand-made",
        "EU test data common/CO20 must be valid",
    ),
    row(
        Warning::UnprotectedKid,
        "COSE",
        "the key identifier in the unprotected header alone",
        "CZ, SM, BG, LV",
        "specification 3.3.3 demands both; 50 of 412 EU quality assurance codes",
    ),
    row(
        Warning::KidsDisagree,
        "COSE",
        "two key identifiers that differ; the protected one counts",
        "hand-made",
        "EU test data common/CO21 valid, CO22 not; F16",
    ),
    row(
        Warning::FloatTime,
        "CWT",
        "times as floating-point numbers",
        "ES, HU, LI",
        "EU test data; EU quality assurance",
    ),
    row(
        Warning::DateWithTime,
        "DCC",
        "a date with a time, which is cut",
        "BG, CO, DE, JO, LB, PL, SG",
        "14 EU quality assurance codes",
    ),
    row(Warning::FloatDose, "DCC", "whole doses as floating-point numbers", "IE", "EU special-case list"),
    row(
        Warning::PaddedText,
        "DCC, SHC",
        "spaces around a text, which are cut",
        "GR, CO, RO, FR; files of health cards",
        "EU quality assurance; trailing_chars of the health cards developer tools",
    ),
    row(Warning::OverlongText, "DCC", "a text beyond 80 characters", "HU", "EU test data HU/3"),
    row(
        Warning::NonStandardName,
        "DCC",
        "other characters than A-Z and < in a standardised name",
        "NO, CZ",
        "EU special-case list",
    ),
    row(
        Warning::OddBirthDate,
        "DCC",
        "a date of birth in another form, shown raw",
        "MA",
        "one EU quality assurance code",
    ),
    row(Warning::DoseBelowOne, "DCC", "a number of doses below 1", "LV, NL", "EU test data"),
    row(
        Warning::IssuedBeforeSigner,
        "validity",
        "issued before the signer's certificate began",
        "FJ, IL, BG",
        "4 of 378 verified EU quality assurance codes",
    ),
    row(
        Warning::ExpiresAfterSigner,
        "validity",
        "expires after the signer's certificate",
        "many",
        "35 of 378 verified EU quality assurance codes",
    ),
    row(
        Warning::IssuerNotSigner,
        "trust",
        "the token's issuer is not the signer's country",
        "dependent territories of GB, NL, NZ",
        "EU quality assurance; F02 is why it is shown",
    ),
    row(Warning::WeakKey, "trust", "RSA of 1,024 bits", "MK", "3 EU quality assurance codes"),
    row(
        Warning::UnrelatedKeyUsage,
        "trust",
        "extended key usages, none of them for health certificates",
        "ES, IS and 40 more certificates",
        "German production list; EU test data IS/3 under specification A.4; F14",
    ),
    row(
        Warning::TemplateUnknown,
        "ICVP",
        "a template version other than the known one",
        "later issuers",
        "ICVP requirements of 2026: ambiguous, not rejected",
    ),
    row(
        Warning::OldGeneration,
        "ICVP, DDCC",
        "the forms before the current one",
        "connectathon issuers, Singapore",
        "facts on WHO formats, sections 3.4 and 4",
    ),
    row(
        Warning::NoAuthority,
        "ICVP",
        "neither clinician nor issuing authority, in the generations before the third",
        "connectathon issuers",
        "facts on WHO formats, section 4: the one real card of the second generation",
    ),
    row(
        Warning::NoExpiry,
        "ICVP",
        "no end of the signature, in the generations before the third",
        "connectathon issuers",
        "cards of 2024 and 2025 in the tests of WHO's validator",
    ),
    row(
        Warning::ExpiryForLife,
        "CWT",
        "the words of the regulations in place of the end, on a card against yellow fever",
        "issuers who follow the requirements of 2026 to the letter",
        "ICVP requirements REQ-DE-21 and REQ-DE-22: carried in the claim of the end",
    ),
    row(
        Warning::ZipAsText,
        "DIVOC",
        "the archive as Latin-1 text in UTF-8, or in base64",
        "the reference issuer, Jamaica",
        "facts on DIVOC, section 4",
    ),
    row(Warning::ChunkedCode, "SHC", "one card in several codes", "issuers before 1.3.0", "framework example 02"),
    row(
        Warning::TextKeys,
        "CWT",
        "all claims named by digits in texts instead of numbers",
        "RACSEL",
        "facts on WHO formats, section 5: its one real QR",
    ),
    row(
        Warning::TextKid,
        "COSE",
        "the eight bytes of the key identifier as a text in base64",
        "RACSEL",
        "facts on WHO formats, section 5: its one real QR",
    ),
    row(
        Warning::MillisecondTime,
        "CWT, health link",
        "times in milliseconds, where the claims are named by texts, and ends of links",
        "RACSEL, the pilgrimage guide",
        "facts on WHO formats, section 5",
    ),
    row(
        Warning::StandardBase64,
        "VDS-NC, health link",
        "the alphabet of base64 that is not for addresses",
        "hand-made, RACSEL",
        "facts on WHO formats, sections 5 and 6",
    ),
    row(
        Warning::SealInList,
        "VDS-NC",
        "the seal as the only entry of a list",
        "unnamed",
        "other verifiers read it; a list of several is refused",
    ),
    row(
        Warning::LinkForm,
        "health link",
        "two slashes, a key of another length, unknown or contradicting flags",
        "RACSEL, the pilgrimage guide",
        "facts on WHO formats, section 5",
    ),
    row(
        Warning::LinkPlainHttp,
        "health link",
        "an address that is not encrypted on the way",
        "RACSEL; developer tools of the framework",
        "facts on WHO formats, section 5",
    ),
    row(
        Warning::NonStandardContent,
        "SHC, VDS-NC, DDCC, DIVOC",
        "content beside what the profile allows: in DDCC codes without a system, one event in a list, dates without a \
         day; in DIVOC a space in an id, and numbers as texts or texts as numbers",
        "several; India's codes and DIVOC's samples",
        "developer tools of the framework; examples of the DDCC guide; facts on DIVOC, sections 1 and 3",
    ),
    row(
        Warning::ElementMissing,
        "DDCC",
        "no brand, lot, manufacturer, dose or country",
        "certificates made from EU DCC, which has no lot; WHO's first issuer",
        "facts on WHO formats, sections 3.2 and 3.4",
    ),
];

/// What is forgiven without a word, because it changes nothing: layer, what, evidence.
pub const SILENT: &[(&str, &str, &str)] = &[
    ("text", "line ends and a byte-order mark around the text", "keyboard-wedge scanners, editors"),
    ("text", "blanks before HC1:", "keyboard-wedge scanners, copied texts"),
    ("text", "spaces after the base45 that cannot belong to it", "keyboard-wedge scanners"),
    ("COSE", "unknown headers, such as content type \"61\"", "HR, GR, SK"),
    ("COSE", "kids of any length", "CH list"),
    ("CBOR", "indefinite lengths and integers that are not shortest", "RFC 8949; accepted by every reader"),
    ("CWT", "unknown claims, such as 2 and 7", "TG"),
    ("VDS-NC", "base64url with and without padding", "AU, JP"),
    ("VDS-NC", "the number of a dose as a number or as its digits in a text", "AU; the technical report"),
    ("VDS-NC", "dates of birth without day or month", "the software of the Australian issuer"),
    ("VDS-NC", "NULL as parameters of an ECDSA signature on the certificate", "JP"),
    ("DIVOC", "a credential as a file of its own, without its archive", "the form in which it is kept"),
    ("DIVOC", "null or an empty text for an absent member", "nearly every sample"),
    ("DIVOC", "dates as YYYYMMDD, and `-` for what is not known", "DIVOC's samples, Indonesia"),
    ("DCC", "null for an absent member", "BG, LV, IE"),
    ("DCC", "tag 0 on date-times", "AD, EE, HU, RO, SI, TH"),
    ("DCC", "extra members: meta, ic, pn, pid, rd, dr", "SG, MY, BJ, TW, NL, HU"),
    ("DCC", "any version text in ver", "IE 1.0.4"),
    ("DCC", "partial and empty dates of birth", "LU, BE, NL; schema 1.3.0"),
    ("DCC", "any doses from 1 on, also more than the series has", "boosters 3/3, 2/1, 6/6"),
    ("DCC", "sample times with any offset, fraction, or none", "several"),
];

impl From<Deviation> for Warning {
    fn from(deviation: Deviation) -> Self {
        match deviation {
            Deviation::MissingPrefix => Self::MissingPrefix,
            Deviation::Untagged => Self::Untagged,
            Deviation::CwtTag => Self::CwtTag,
            Deviation::UnprotectedAlgorithm => Self::UnprotectedAlgorithm,
            Deviation::UnprotectedKid => Self::UnprotectedKid,
            Deviation::KidsDisagree => Self::KidsDisagree,
            Deviation::FloatTime => Self::FloatTime,
            Deviation::ExpiryForLife => Self::ExpiryForLife,
            Deviation::TextKeys => Self::TextKeys,
            Deviation::TextKid => Self::TextKid,
            Deviation::MillisecondTime => Self::MillisecondTime,
        }
    }
}

/// What tells a deviation of a DIVOC code, if anything does.
pub(super) fn of_divoc(deviation: divoc::Deviation) -> Option<Warning> {
    match deviation {
        divoc::Deviation::ZipAsText | divoc::Deviation::ZipAsBase64 => Some(Warning::ZipAsText),
        divoc::Deviation::SpaceInIri => Some(Warning::NonStandardContent),
        // A file of its own is how a credential is kept; only in a code it has an archive around it.
        divoc::Deviation::BareJson => None,
    }
}

impl From<CredentialRemark> for Warning {
    fn from(remark: CredentialRemark) -> Self {
        match remark {
            CredentialRemark::DoseAsText | CredentialRemark::NumberAsText => Self::NonStandardContent,
        }
    }
}

impl From<shc::Deviation> for Warning {
    fn from(deviation: shc::Deviation) -> Self {
        match deviation {
            shc::Deviation::Blanks => Self::PaddedText,
            shc::Deviation::Pieces => Self::ChunkedCode,
        }
    }
}

impl From<CardRemark> for Warning {
    fn from(remark: CardRemark) -> Self {
        match remark {
            CardRemark::NotMinimal
            | CardRemark::OddForm
            | CardRemark::Reference
            | CardRemark::NotGiven
            | CardRemark::OtherResources => Self::NonStandardContent,
        }
    }
}

impl From<DdccRemark> for Warning {
    fn from(remark: DdccRemark) -> Self {
        match remark {
            DdccRemark::FlatForm => Self::OldGeneration,
            DdccRemark::OneInList | DdccRemark::PlainCode | DdccRemark::PartialDate => Self::NonStandardContent,
            DdccRemark::ElementMissing => Self::ElementMissing,
            DdccRemark::DateWithTime => Self::DateWithTime,
            DdccRemark::FloatDose => Self::FloatDose,
            DdccRemark::DoseBelowOne => Self::DoseBelowOne,
            DdccRemark::PaddedText => Self::PaddedText,
            DdccRemark::OddBirthDate => Self::OddBirthDate,
        }
    }
}

impl From<Remark> for Warning {
    fn from(remark: Remark) -> Self {
        match remark {
            Remark::DateWithTime => Self::DateWithTime,
            Remark::FloatDose => Self::FloatDose,
            Remark::PaddedText => Self::PaddedText,
            Remark::DoseBelowOne => Self::DoseBelowOne,
            Remark::OverlongText => Self::OverlongText,
            Remark::NonStandardName => Self::NonStandardName,
            Remark::OddBirthDate => Self::OddBirthDate,
        }
    }
}

impl From<vdsnc::Deviation> for Warning {
    fn from(deviation: vdsnc::Deviation) -> Self {
        match deviation {
            vdsnc::Deviation::Wrapped => Self::SealInList,
            vdsnc::Deviation::StandardBase64 => Self::StandardBase64,
        }
    }
}

impl From<SealRemark> for Warning {
    fn from(remark: SealRemark) -> Self {
        match remark {
            SealRemark::DateWithTime => Self::DateWithTime,
            SealRemark::PaddedText => Self::PaddedText,
            SealRemark::OverlongText => Self::OverlongText,
            SealRemark::DoseBelowOne => Self::DoseBelowOne,
            SealRemark::OddBirthDate => Self::OddBirthDate,
            SealRemark::UnknownMember => Self::NonStandardContent,
            SealRemark::UnknownCountry => Self::UnknownCountry,
        }
    }
}

impl From<health_link::Deviation> for Warning {
    fn from(deviation: health_link::Deviation) -> Self {
        use health_link::Deviation;
        match deviation {
            Deviation::StandardBase64 => Self::StandardBase64,
            Deviation::MillisecondTime => Self::MillisecondTime,
            Deviation::PlainHttp => Self::LinkPlainHttp,
            Deviation::Overlong => Self::OverlongText,
            Deviation::TwoSlashes | Deviation::OddKey | Deviation::OddFlags => Self::LinkForm,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Warnings that are no forgiven deviation: they tell what an officer should know of a good certificate.
    const NO_DEVIATION: &[Warning] = &[
        Warning::Sandbox,
        Warning::TestPositive,
        Warning::UnknownTestResult,
        Warning::RecoveryPeriod,
        Warning::ListUnsigned,
        Warning::IssuerNotBound,
        Warning::RevocationProbabilistic,
        Warning::UnknownDisease,
        Warning::UnknownVaccine,
        Warning::UnknownProduct,
        Warning::UnknownHolder,
        Warning::UnknownTestType,
        Warning::UnknownTestDevice,
        Warning::UnknownCountry,
        Warning::TestFieldsMixed,
        Warning::IdCheckCharacter,
        Warning::ValuesUnordered,
        Warning::GuardianMissing,
        Warning::OtherDomain,
        Warning::BeforeAmendment,
        Warning::DatesContradict,
        Warning::SealBroken,
    ];

    #[test]
    fn every_deviation_has_its_row_and_its_evidence() {
        for warning in Warning::ALL {
            let rows = FORGIVEN.iter().filter(|row| row.warning == *warning).count();
            let expected = usize::from(!NO_DEVIATION.contains(warning));
            assert_eq!(rows, expected, "{warning}");
        }
        for row in FORGIVEN {
            assert!(!row.who.is_empty() && !row.evidence.is_empty() && !row.what.is_empty(), "{}", row.warning);
        }
        assert!(SILENT.iter().all(|(layer, what, who)| !layer.is_empty() && !what.is_empty() && !who.is_empty()));
    }
}
