//! English.

use super::{Check, CheckName, Decision, Kind, Label, Phrase, Reason, Warning};

pub(super) const fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Accepted => "ACCEPTED",
        Decision::Rejected => "REJECTED",
        Decision::Undecided => "UNDECIDED",
    }
}

pub(super) const fn reason(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::TextTooLong => ("The text is longer than any code", "Scan one code at a time"),
        Reason::FormatUnknown => (
            "This is not a certificate of any kind that this program knows",
            "Look for the certificate's own code, or check by other means",
        ),
        Reason::UnknownVersion => ("The code is of a version that this program does not know", "Update the program"),
        Reason::Base45Invalid | Reason::CompressionInvalid | Reason::CoseInvalid => {
            ("The code was not read completely, or is damaged", "Scan it again; if it stays so, ask for another copy")
        }
        Reason::NotCompressed => {
            ("The code is not built as certificates are", "Do not rely on it; ask for another document")
        }
        Reason::InflatesTooLarge => ("The code is built to overload the reader", "Do not rely on it; report it"),
        Reason::AlgorithmMissing | Reason::AlgorithmUnsupported => {
            ("The signature is of a kind that these certificates never have", "Do not rely on it")
        }
        Reason::AlgorithmKeyMismatch => {
            ("The signature is of another kind than the issuer's key", "Do not rely on it; follow your procedure")
        }
        Reason::KidMissing => ("The certificate does not say which key signed it", "Do not rely on it"),
        Reason::NoTrustList => {
            ("No trust list was given, so no signature can be checked", "Give a trust list and check again")
        }
        Reason::IssuerUnknown => (
            "No list has the key that signed this certificate",
            "Update the trust list and check again, or check by other means",
        ),
        Reason::SignatureInvalid => {
            ("The signature does not match: forged or altered", "Do not rely on it; follow your procedure")
        }
        Reason::ContentMissing => ("The signed message holds no health certificate", "Ask for the health certificate"),
        Reason::ContentInvalid => {
            ("The content is not a complete certificate", "Do not rely on it; ask for another copy")
        }
        Reason::SeveralEvents => (
            "The certificate states more than one event, which is not allowed",
            "Ask for one certificate for each event",
        ),
        Reason::EventInFuture => (
            "The vaccination, sample or positive test lies in the future",
            "Check the date of this device, then do not rely on the certificate",
        ),
        Reason::NotYetValid => {
            ("The certificate is not valid yet", "Check the date of this device, then the certificate's")
        }
        Reason::Expired => ("The certificate has expired", "The holder needs a renewed certificate"),
        Reason::IssueTimeMissing | Reason::ExpiryMissing => {
            ("The certificate does not say from when or until when it is valid", "Do not rely on it")
        }
        Reason::SignerNotYetValid => {
            ("The issuer's key is not valid yet", "Check the date of this device, then do not rely on the certificate")
        }
        Reason::SignerExpired => ("The issuer's key has expired", "The holder needs a renewed certificate"),
        Reason::KeyUsage => ("The issuer's key may not sign certificates of this kind", "Do not rely on it; report it"),
        Reason::Revoked => {
            ("The issuer has revoked this certificate", "The holder should ask the issuer for a new one")
        }
        Reason::RevocationUnknown => (
            "No revocation list speaks for this issuer",
            "Load the issuer's revocation list and check again, or check by other means",
        ),
        Reason::RulesFailed => (
            "The certificate is genuine, but does not meet the rules of the country of arrival",
            "Look at the rules that failed; the holder may have another certificate",
        ),
        Reason::RulesOpen => (
            "The certificate is genuine, but a rule of the country of arrival could not be decided",
            "Look at the open rules and decide by hand",
        ),
        Reason::NoRules => (
            "The certificate is genuine, but there are no rules for the country of arrival",
            "Load its rules, or decide by hand",
        ),
        Reason::ListStale => ("The trust list is older than its maker allows", "Update the trust list and check again"),
        Reason::ClockSetBack => (
            "The clock of this device is behind: it has seen a later time signed",
            "Set date and time of this device, then check again",
        ),
        Reason::ZipInvalid | Reason::JsonInvalid | Reason::JwsInvalid => {
            ("The code was not read completely, or is damaged", "Scan it again; if it stays so, ask for another copy")
        }
        Reason::CodeIncomplete => (
            "The certificate is spread over several codes, and not all of them are here",
            "Scan all its codes together",
        ),
        Reason::LinkNotCertificate => (
            "This is a link to documents, not a certificate",
            "Ask for the certificate itself; this program opens no link",
        ),
        Reason::ContentUnsupported => (
            "The signature matches, but the content is of a kind that this program does not know",
            "Update the program, or check by other means",
        ),
        Reason::UnsignedContent => (
            "The certificate holds parts that its signature does not cover",
            "Do not rely on it; follow your procedure",
        ),
        Reason::ContextUnknown => (
            "The certificate names a vocabulary that this program does not know",
            "Do not rely on it; ask for another document",
        ),
        Reason::ProofInvalid => ("The signature is not built as certificates of this kind are", "Do not rely on it"),
        Reason::HolderNotCovered => (
            "The signature does not cover the person: the name may have been changed",
            "Compare with other documents of the person, or ask for another certificate",
        ),
        Reason::HolderMissing => {
            ("The certificate names nobody: it may be anybody's", "Ask for a certificate that names the person")
        }
        Reason::ValuesImplausible => (
            "Values of the certificate cannot be true together: they may have been exchanged",
            "Do not rely on it; follow your procedure",
        ),
        Reason::DatesImplausible => (
            "The dates of the certificate cannot be true together: they may have been exchanged",
            "Do not rely on it; follow your procedure",
        ),
        Reason::DosesImplausible => (
            "The numbers of doses cannot be true together: they may have been exchanged",
            "Do not rely on it; follow your procedure",
        ),
        Reason::ValuesUnproven => (
            "The signature does not show which of the certificate's values stands where, and more than one order makes sense",
            "Compare with another document of the holder or ask the issuer",
        ),
        Reason::IdMismatch => (
            "The identifier of the certificate is not the one that was signed",
            "Do not rely on it; follow your procedure",
        ),
        Reason::IssuerMismatch => {
            ("The issuer that the certificate names did not sign it", "Do not rely on it; follow your procedure")
        }
        Reason::SignerChainInvalid => (
            "The signer's certificate was not issued by the authority that it names, or not for this use",
            "Do not rely on it; follow your procedure",
        ),
        Reason::ProductNotApproved => (
            "Not valid: the vaccine or prophylaxis product is not approved by WHO",
            "Update the catalogue of products and check again; then the holder needs a vaccination that counts",
        ),
        Reason::TooRecent => {
            ("Not valid: the vaccination occurred less than 10 days ago", "It counts from the day that is shown")
        }
        Reason::MedicalOpen => (
            "The certificate is genuine, but WHO's decision tables do not tell whether the vaccination counts",
            "Look at vaccine and disease, and decide by hand",
        ),
        Reason::CheckIncomplete => ("A check could not be made", "Check by other means"),
    }
}

pub(super) const fn warning(warning: Warning) -> &'static str {
    match warning {
        Warning::Sandbox => "SANDBOX: a specimen from a rehearsal, worth nothing at a border",
        Warning::TestPositive => "the test is POSITIVE: the disease was found",
        Warning::UnknownTestResult => "the test result has an unknown code: do not take it for negative",
        Warning::RecoveryPeriod => "today is outside the days that the recovery certificate names",
        Warning::IssuerNotSigner => "the country in the certificate is not the signer's",
        Warning::IssuedBeforeSigner => "issued before the signer's certificate began",
        Warning::ExpiresAfterSigner => "expires after the signer's certificate",
        Warning::WeakKey => "signed with a weak key (RSA below 2,048 bits)",
        Warning::UnrelatedKeyUsage => "the signer's certificate names other uses, none of them for health certificates",
        Warning::ListUnsigned => "the trust list's own signature was not checked",
        Warning::IssuerNotBound => {
            "the trust list does not say whose key it is: the issuer's address is the signer's own word"
        }
        Warning::RevocationProbabilistic => "the revocation comes from a filter that errs once in a while: look it up",
        Warning::UnknownDisease => "the disease has an unknown code",
        Warning::UnknownVaccine => "the vaccine type has an unknown code",
        Warning::UnknownProduct => "the vaccine product has an unknown code",
        Warning::UnknownHolder => "the manufacturer has an unknown code",
        Warning::UnknownTestType => "the type of test has an unknown code",
        Warning::UnknownTestDevice => "the test device has an unknown code",
        Warning::UnknownCountry => "the country has an unknown code",
        Warning::TestFieldsMixed => "the test has fields of another type of test",
        Warning::DoseBelowOne => "the number of doses is below one",
        Warning::OddBirthDate => "the date of birth is written in an unusual form",
        Warning::IdCheckCharacter => "the identifier's check character does not follow the common rule",
        Warning::MissingPrefix => "the code lacks its prefix HC1:",
        Warning::Untagged => "the signed message lacks its tag",
        Warning::CwtTag => "the signed message has a second tag",
        Warning::UnprotectedAlgorithm => "the algorithm stands outside the signed header",
        Warning::UnprotectedKid => "the key identifier stands outside the signed header",
        Warning::KidsDisagree => "two key identifiers differ; the signed one was used",
        Warning::FloatTime => "a time is written with a decimal point",
        Warning::DateWithTime => "a date is written with a time",
        Warning::FloatDose => "a number of doses is written with a decimal point",
        Warning::PaddedText => "a text has spaces around it",
        Warning::OverlongText => "a text is longer than the schema allows",
        Warning::NonStandardName => "the standardised name has unusual characters",
        Warning::ValuesUnordered => "the signature covers the values, but not which of them stands where",
        Warning::TemplateUnknown => "the certificate follows a version that this program does not know",
        Warning::OldGeneration => "the certificate has an older form",
        Warning::GuardianMissing => "the holder is a minor, and no parent or guardian is named",
        Warning::OtherDomain => "the trust list holds the key for another kind of certificates",
        Warning::ZipAsText => "the archive in the code is written as text",
        Warning::ChunkedCode => "the certificate is spread over several codes",
        Warning::TextKeys => "the claims are named by texts instead of numbers",
        Warning::TextKid => "the key identifier is a text instead of bytes",
        Warning::MillisecondTime => "a time is written in milliseconds",
        Warning::StandardBase64 => "base64 in another alphabet than the standard of the format demands",
        Warning::SealInList => "the seal stands in a list of one",
        Warning::LinkForm => "the link is not written as its standard says",
        Warning::LinkPlainHttp => "the link leads over an unencrypted connection",
        Warning::NonStandardContent => "the content has parts that its standard does not have",
        Warning::NoAuthority => "neither a clinician nor an issuing authority is named",
        Warning::NoExpiry => "the certificate does not say until when its signature holds",
        Warning::ExpiryForLife => "words in place of the end of the signature: for the life of the person vaccinated",
        Warning::BeforeAmendment => "issued before 19 September 2025, when digital yellow cards became valid",
        Warning::DatesContradict => "the days of validity in the certificate contradict WHO's rule; the rule counts",
        Warning::ElementMissing => "the certificate lacks elements that its format requires",
        Warning::SealBroken => {
            "the PDF was changed after it was signed: believe the code alone, not what is printed around it"
        }
    }
}

pub(super) const fn check(name: CheckName, outcome: Check) -> &'static str {
    match (name, outcome) {
        (CheckName::Decode, Check::Passed) => "The code was read completely",
        (CheckName::Decode, Check::Failed) => "The code could not be read",
        (CheckName::Signature, Check::Passed) => "The signature matches: nothing was altered",
        (CheckName::Signature, Check::Failed) => "The signature does not match",
        (CheckName::Trust, Check::Passed) => "A trust list vouches for the issuer's key",
        (CheckName::Trust, Check::Failed) => "The issuer's key is not valid at this time",
        (CheckName::KeyUsage, Check::Passed) => "The key may sign certificates of this kind",
        (CheckName::KeyUsage, Check::Failed) => "The key may not sign certificates of this kind",
        (CheckName::Validity, Check::Passed) => "The certificate is valid at this time",
        (CheckName::Validity, Check::Failed) => "The certificate is not valid at this time",
        (CheckName::Content, Check::Passed) => "The content is complete",
        (CheckName::Content, Check::Failed) => "The content is not a certificate",
        (CheckName::Revocation, Check::Passed) => "The issuer has not revoked it, by the list at hand",
        (CheckName::Revocation, Check::Failed) => "The issuer has revoked it",
        (CheckName::Revocation, _) => "No revocation list speaks for this issuer",
        (CheckName::Rules, Check::Passed) => "Every rule of the country of arrival is met",
        (CheckName::Rules, Check::Failed) => "A rule of the country of arrival is not met",
        (CheckName::Rules, Check::Open) => "A rule of the country of arrival could not be decided",
        (CheckName::Rules, Check::NoRules) => "There are no rules for the country of arrival",
        (CheckName::Rules, Check::Unchecked) => "No country of arrival was named",
        (_, Check::Unchecked | Check::Open | Check::NoRules) => "Not checked",
    }
}

pub(super) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Vaccination => "vaccination",
        Kind::Test => "test",
        Kind::Recovery => "recovery",
    }
}

pub(super) const fn label(label: Label) -> &'static str {
    match label {
        Label::Dose => "dose",
        Label::DateOfVaccination => "date of vaccination",
        Label::Vaccine => "vaccine",
        Label::VaccineType => "vaccine type",
        Label::Manufacturer => "manufacturer",
        Label::Disease => "disease",
        Label::Result => "test result",
        Label::SampleTaken => "sample taken",
        Label::TestType => "type of test",
        Label::TestingCentre => "testing centre",
        Label::FirstPositive => "first positive test",
        Label::RecoveryPeriod => "recovery counts",
        Label::Country => "country",
        Label::IssuedBy => "issued by",
        Label::Lot => "batch",
        Label::Centre => "administering centre",
        Label::Practitioner => "clinician",
        Label::NextDose => "next dose",
        Label::Counts => "counts",
        Label::Nationality => "nationality",
        Label::Document => "document number",
        Label::Guardian => "parent or guardian",
        Label::Link => "link to",
        Label::LinkExpires => "link works until",
        Label::LinkPasscode => "to open it",
        Label::LinkLabel => "label of the link",
        Label::Annex6 => "Annex 6 of the IHR",
    }
}

pub(super) const fn phrase(phrase: Phrase) -> &'static str {
    match phrase {
        Phrase::Born => "born",
        Phrase::Unverified => "unverified",
        Phrase::Certificate => "certificate",
        Phrase::Valid => "valid",
        Phrase::List => "list",
        Phrase::Age => "age",
        Phrase::AgeUnknown => "unknown",
        Phrase::AgeFuture => "from the future: check the clock",
        Phrase::Days => "d",
        Phrase::Hours => "h",
        Phrase::Minutes => "min",
        Phrase::NoList => "no list: give one with --trust",
        Phrase::Lists => "lists",
        Phrase::Keys => "keys",
        Phrase::RulePassed => "rule met",
        Phrase::RuleFailed => "rule NOT met",
        Phrase::RuleOpen => "rule open",
        Phrase::BestOfPerson => "the best certificate of this person counts:",
        Phrase::Warnings => "also noted",
        Phrase::Passcode => "a passcode is needed",
        Phrase::NotCovered => "NAME AND BIRTH NOT COVERED BY THE SIGNATURE",
        Phrase::VaccinationCounts => "By WHO's decision table the vaccination counts",
        Phrase::VaccinationCountsNot => "By WHO's decision table the vaccination does not count",
        Phrase::VaccinationOpen => "WHO's decision tables do not tell whether the vaccination counts",
        Phrase::Next => "next",
        Phrase::Converted => "in the format",
        Phrase::NotConverted => "cannot be said in the format",
        Phrase::Lost => "lost or not known",
        Phrase::LostNoPlace => "the format has no place for it",
        Phrase::LostUnknown => "the format asks for it, and the certificate does not say it",
        Phrase::LostCoarser => "said less exactly",
        Phrase::LostCut => "cut to the format's length",
    }
}
