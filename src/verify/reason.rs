//! Why a certificate was not accepted, and what should be looked at: closed sets of stable codes. Every code
//! has words in every language of [`super::words`]; a test goes through `ALL`.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($(#[$head:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$head])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Stable machine code, as it stands in the JSON.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }

            /// The one with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.code())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.code() == *other
            }
        }
    };
}

codes! {
    /// The decisive reason why a certificate is not accepted.
    Reason {
        /// Longer than any code.
        TextTooLong = "text-too-long",
        /// Nothing that any known format looks like.
        FormatUnknown = "format-unknown",
        /// The container has another version (`HC2:`).
        UnknownVersion = "unknown-version",
        /// The base45 layer.
        Base45Invalid = "base45-invalid",
        /// A message that is not compressed (EU test case Z2).
        NotCompressed = "not-compressed",
        /// The zlib layer.
        CompressionInvalid = "compression-invalid",
        /// A bomb.
        InflatesTooLarge = "inflates-too-large",
        /// The COSE layer.
        CoseInvalid = "cose-invalid",
        /// No header names an algorithm.
        AlgorithmMissing = "algorithm-missing",
        /// An algorithm that the format does not allow.
        AlgorithmUnsupported = "algorithm-unsupported",
        /// The key is of another kind than the algorithm.
        AlgorithmKeyMismatch = "algorithm-key-mismatch",
        /// No header names a key.
        KidMissing = "kid-missing",
        /// No trust list was given at all.
        NoTrustList = "no-trust-list",
        /// No list has the key.
        IssuerUnknown = "issuer-unknown",
        /// The signature does not match.
        SignatureInvalid = "signature-invalid",
        /// No health certificate in the token.
        ContentMissing = "content-missing",
        /// Not a certificate of its schema.
        ContentInvalid = "content-invalid",
        /// More than one event in one certificate.
        SeveralEvents = "several-events",
        /// The vaccination, sample or first positive test lies in the future.
        EventInFuture = "event-in-future",
        /// Issued after the time of verification.
        NotYetValid = "not-yet-valid",
        /// Past its end.
        Expired = "expired",
        /// No time of issue.
        IssueTimeMissing = "issue-time-missing",
        /// No end.
        ExpiryMissing = "expiry-missing",
        /// The signer's certificate has not begun.
        SignerNotYetValid = "signer-not-yet-valid",
        /// The signer's certificate has ended.
        SignerExpired = "signer-expired",
        /// The key may not sign this kind.
        KeyUsage = "key-usage",
        /// Taken back by the issuer.
        Revoked = "revoked",
        /// No revocation list speaks for this signer, and the officer's policy demands one.
        RevocationUnknown = "revocation-unknown",
        /// A rule of the country of arrival is not met.
        RulesFailed = "rules-failed",
        /// A rule could not be evaluated.
        RulesOpen = "rules-open",
        /// There are no rules for the country of arrival.
        NoRules = "no-rules",
        /// The list that vouches is past its limit.
        ListStale = "list-stale",
        /// The clock shows a time before one that was seen signed.
        ClockSetBack = "clock-set-back",
        /// A zip archive that is none, or not one of the format's.
        ZipInvalid = "zip-invalid",
        /// A JSON text that is none, or has a name twice.
        JsonInvalid = "json-invalid",
        /// A JSON web signature that is none.
        JwsInvalid = "jws-invalid",
        /// A card in several codes, of which one or more are lacking.
        CodeIncomplete = "code-incomplete",
        /// A link to documents, which is no certificate.
        LinkNotCertificate = "link-not-certificate",
        /// Authentic, but with a content that this program does not know.
        ContentUnsupported = "content-unsupported",
        /// Parts that the signature does not cover.
        UnsignedContent = "unsigned-content",
        /// A JSON-LD context that is none of those known: its terms might mean anything.
        ContextUnknown = "context-unknown",
        /// A linked-data proof that is not built as the format demands.
        ProofInvalid = "proof-invalid",
        /// The signature does not cover the holder.
        HolderNotCovered = "holder-not-covered",
        /// The certificate names nobody.
        HolderMissing = "holder-missing",
        /// Values that cannot be true together: perhaps exchanged where the signature does not see it.
        ValuesImplausible = "values-implausible",
        /// Dates in an order or a form that no event has: perhaps exchanged.
        DatesImplausible = "dates-implausible",
        /// Numbers of doses that contradict each other: perhaps exchanged.
        DosesImplausible = "doses-implausible",
        /// Values that would make as much sense at each other's places, where the signature does not see which is
        /// which.
        ValuesUnproven = "values-unproven",
        /// The identifier is not the one that is signed.
        IdMismatch = "id-mismatch",
        /// The issuer that the certificate names is not the signer.
        IssuerMismatch = "issuer-mismatch",
        /// The signer's certificate is not of the authority that it names, or may not sign these documents.
        SignerChainInvalid = "signer-chain-invalid",
        /// The vaccine is not in WHO's catalogue (decision tables ICVP.DT.1 and ICVP.DT.2).
        ProductNotApproved = "product-not-approved",
        /// The vaccination does not count yet (decision table ICVP.DT.1).
        TooRecent = "too-recent",
        /// WHO's decision tables do not tell whether the vaccination counts: no product is named, or it is against
        /// a disease without a table.
        MedicalOpen = "medical-open",
        /// A check that must run did not.
        CheckIncomplete = "check-incomplete",
    }
}

codes! {
    /// Something that was forgiven, or that an officer should look at. Never decides alone.
    Warning {
        /// From a rehearsal: worth nothing at a border.
        Sandbox = "sandbox",
        /// The result is positive: the disease was found.
        TestPositive = "test-positive",
        /// A result that is neither of the two known codes; never to be taken for negative.
        UnknownTestResult = "unknown-test-result",
        /// A recovery certificate before or after the days that it names itself.
        RecoveryPeriod = "recovery-period",
        /// The country in the token is not the signer's.
        IssuerNotSigner = "issuer-not-signer",
        /// Issued before the signer's certificate began.
        IssuedBeforeSigner = "issued-before-signer",
        /// Expires after the signer's certificate.
        ExpiresAfterSigner = "expires-after-signer",
        /// Signed with RSA below 2,048 bits.
        WeakKey = "weak-key",
        /// The signer's certificate names usages, none of them for health certificates.
        UnrelatedKeyUsage = "unrelated-key-usage",
        /// The vouching list's own signature was not checked.
        ListUnsigned = "list-unsigned",
        /// The revocation rests on a filter that errs once in a while.
        RevocationProbabilistic = "revocation-probabilistic",
        /// A disease code that the value set lacks.
        UnknownDisease = "unknown-disease",
        /// A vaccine code that the value set lacks.
        UnknownVaccine = "unknown-vaccine",
        /// A product code that the value set lacks.
        UnknownProduct = "unknown-product",
        /// A manufacturer code that the value set lacks.
        UnknownHolder = "unknown-holder",
        /// A kind of test that the value set lacks.
        UnknownTestType = "unknown-test-type",
        /// A test device that the value set lacks.
        UnknownTestDevice = "unknown-test-device",
        /// A country code that ISO 3166-1 lacks.
        UnknownCountry = "unknown-country",
        /// Fields of one kind of test in another.
        TestFieldsMixed = "test-fields-mixed",
        /// A number of doses below 1.
        DoseBelowOne = "dose-below-one",
        /// A date of birth in another form.
        OddBirthDate = "odd-birth-date",
        /// The check character of the identifier does not match the EU rule; half of the issuers use another.
        IdCheckCharacter = "id-check-character",
        /// No `HC1:`.
        MissingPrefix = "missing-prefix",
        /// No tag 18.
        Untagged = "cose-untagged",
        /// Tag 61 around tag 18.
        CwtTag = "cose-tag-61",
        /// The algorithm stands in the unprotected header.
        UnprotectedAlgorithm = "alg-unprotected",
        /// The key identifier stands in the unprotected header.
        UnprotectedKid = "kid-unprotected",
        /// Two key identifiers that differ.
        KidsDisagree = "kids-disagree",
        /// A time as a floating-point number.
        FloatTime = "float-time",
        /// A date with a time.
        DateWithTime = "date-with-time",
        /// A number of doses as a floating-point number.
        FloatDose = "float-dose",
        /// Spaces around a text.
        PaddedText = "padded-text",
        /// A text beyond the schema's length.
        OverlongText = "overlong-text",
        /// A standardised name with other characters.
        NonStandardName = "non-standard-name",
        /// Signed values of one kind are not bound to their places: the caveat of DIVOC's linked-data proof.
        ValuesUnordered = "values-unordered",
        /// A template version that this program does not know.
        TemplateUnknown = "template-unknown",
        /// An older form of the format.
        OldGeneration = "old-generation",
        /// A minor without a parent or guardian.
        GuardianMissing = "guardian-missing",
        /// The list holds the key for another trust domain than the certificate's.
        OtherDomain = "other-domain",
        /// A zip archive written as text.
        ZipAsText = "zip-as-text",
        /// The list does not say whose key it is: the issuer's address is the signer's own word.
        IssuerNotBound = "issuer-not-bound",
        /// A card in several codes, a form that is given up.
        ChunkedCode = "chunked-code",
        /// Claims named by texts instead of numbers.
        TextKeys = "cwt-text-keys",
        /// The key identifier as a text.
        TextKid = "kid-text",
        /// A time in milliseconds.
        MillisecondTime = "millisecond-time",
        /// Base64 in the other alphabet.
        StandardBase64 = "standard-base64",
        /// A seal in a list of one.
        SealInList = "seal-in-list",
        /// A link that is not written as its standard says.
        LinkForm = "link-form",
        /// A link over an unencrypted connection.
        LinkPlainHttp = "link-plain-http",
        /// Content beside what the format's profile allows.
        NonStandardContent = "non-standard-content",
        /// Neither clinician nor issuing authority is named.
        NoAuthority = "no-authority",
        /// Nothing says until when the signature holds.
        NoExpiry = "no-expiry",
        /// Words in place of the end: for the life of the person vaccinated.
        ExpiryForLife = "expiry-for-life",
        /// A digital yellow card from before the day on which these became valid.
        BeforeAmendment = "before-amendment",
        /// Days of validity on the card that WHO's rule contradicts.
        DatesContradict = "dates-contradict",
        /// Elements are missing that the format requires.
        ElementMissing = "element-missing",
        /// The PDF around the code was changed after it was signed.
        SealBroken = "seal-broken",
    }
}

impl Warning {
    /// Whether an officer must see it. The others are the untidiness of real issuers: noted in the JSON and
    /// with `--explain`, because a screen full of notes hides the one that counts.
    #[must_use]
    pub const fn is_for_officers(self) -> bool {
        matches!(
            self,
            Self::Sandbox
                | Self::TestPositive
                | Self::UnknownTestResult
                | Self::RecoveryPeriod
                | Self::IssuerNotSigner
                | Self::WeakKey
                | Self::ListUnsigned
                | Self::IssuerNotBound
                | Self::RevocationProbabilistic
                | Self::UnknownDisease
                | Self::UnknownVaccine
                | Self::UnknownProduct
                | Self::UnknownCountry
                | Self::DoseBelowOne
                | Self::OddBirthDate
                | Self::TemplateUnknown
                | Self::NoAuthority
                | Self::BeforeAmendment
                | Self::ElementMissing
                | Self::SealBroken
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_found_again() {
        let reasons: BTreeSet<&str> = Reason::ALL.iter().map(|r| r.code()).collect();
        assert_eq!(reasons.len(), Reason::ALL.len());
        let warnings: BTreeSet<&str> = Warning::ALL.iter().map(|w| w.code()).collect();
        assert_eq!(warnings.len(), Warning::ALL.len());
        for reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(*reason));
        }
        assert_eq!(Warning::from_code("no such code"), None);
    }
}
