//! The rules that a certificate of quality keeps: those of the EU's quality assurance of submitted certificates
//! (dcc-quality-assurance 02f7da9, `tests/test_qrqualitycheck.py`, as the facts on trusted systems list them), and what
//! the specification and the failures of real issuers add.

use serde::Serialize;

/// How much a broken rule weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Worth a look.
    Remark,
    /// Verifiers abroad will refuse it, or the EU's quality assurance would.
    Fault,
}

/// A rule.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Stable code.
    pub code: &'static str,
    /// What is wrong where it is broken.
    pub meaning: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// How much it weighs.
    pub weight: Weight,
}

macro_rules! rules {
    ($($name:ident $weight:ident $code:literal $meaning:literal $remedy:literal;)*) => {
        $(#[doc = $meaning] pub const $name: Rule =
            Rule { code: $code, meaning: $meaning, remedy: $remedy, weight: Weight::$weight };)*

        /// Every rule.
        pub const RULES: &[Rule] = &[$($name),*];
    };
}

rules! {
    ENCODING Fault "encoding"
        "the text is no HCERT: prefix, base45, zlib or COSE is broken"
        "issue it again; if it happens again, report it";
    PREFIX Fault "prefix"
        "the text does not begin with HC1:"
        "print the text exactly as it was issued";
    COSE_TAG Fault "cose-tag"
        "the message does not carry the CBOR tag 18, which the EU's checks ask for"
        "issue it with this program, which writes it";
    ALGORITHM_PROTECTED Fault "algorithm-protected"
        "the algorithm does not stand in the protected header"
        "issue it with this program, which writes it there";
    ALGORITHM Fault "algorithm"
        "the algorithm is neither ES256 nor PS256"
        "sign with a P-256 key or an RSA key";
    KID_PROTECTED Fault "kid-protected"
        "the key identifier does not stand in the protected header as bytes"
        "issue it with this program, which writes it there";
    SIGNER_KNOWN Fault "signer-known"
        "no configured or remembered signer certificate has its key identifier"
        "publish the signer certificate (vaccert gateway upload), and keep the registry that remembers it";
    SIGNATURE Fault "signature"
        "the signature does not match the signer certificate"
        "look at the key, the token and the disk; issue it again";
    CLAIMS Fault "claims"
        "issuer, time of issue or end is missing or of the wrong kind"
        "issue it with this program, which writes all three";
    ISSUER Fault "issuer"
        "the issuer, the signer certificate and the configuration do not name the same country"
        "set issuer.country to the country (C) of the signer certificate";
    ONE_EVENT Fault "one-event"
        "it does not hold exactly one vaccination, test or recovery"
        "issue one certificate for each event";
    SCHEMA_VERSION Fault "schema-version"
        "the version of the schema is none that was published"
        "issue it with this program, which writes 1.3.0";
    SCHEMA Fault "schema"
        "a field breaks the EU schema 1.3.x"
        "correct the record in DHIS2, or the profile";
    USAGE Fault "usage"
        "the signer certificate does not allow certificates of this kind"
        "sign this kind with a certificate that has its extended key usage";
    EVENT_BEFORE_ISSUE Fault "event-before-issue"
        "the event lies after the day of issue"
        "correct the date in DHIS2";
    ENDS_AFTER_ISSUE Fault "ends-after-issue"
        "it ends before it begins, or begins before 2021"
        "check this machine's clock, and issue it again";
    SPECIMEN_END Fault "specimen-end"
        "it ends at second 42 of 1970, which readers take for a specimen's mark"
        "never hand it out";
    SIGNER_BEGAN Fault "signer-began"
        "it was issued before the signer certificate began"
        "check this machine's clock";
    SIGNER_LASTS Fault "signer-lasts"
        "it outlives the signer certificate"
        "lower validity_days under [issuer], or take a signer certificate that lives longer";
    YEAR Remark "over-a-year"
        "it is valid for more than a year, which the governance recommends as the most"
        "set validity_days = 365 under [issuer]";
    VALUE_SETS Fault "value-sets"
        "a code is not in the EU value sets"
        "map the code to a listed product, or expect verifiers abroad to show it raw";
    NAMES Remark "names"
        "the standardised name is not what ICAO Doc 9303 makes of the name"
        "nothing, if an attribute with the passport's spelling is mapped; otherwise report it";
    IDENTIFIER Fault "identifier"
        "the identifier is no UVCI of this country with a right check character"
        "issue it with this program, which makes such identifiers";
    SIZE Fault "size"
        "the symbol is larger than paper can carry well, or too long for any symbol"
        "shorten long texts: the issuer's name, the testing centre";
}
