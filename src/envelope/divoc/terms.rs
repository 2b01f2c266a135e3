//! Which name of a DIVOC credential becomes which property of the signed graph: the npm package
//! `vaccination-context` 1.1.0, of which the field has no other version, as a table. Nothing is ever fetched: the
//! addresses in `@context` are names of this table and nothing more.
//!
//! The prefix `vac` of those contexts names an address that does not end in a separator, so that JSON-LD 1.1 does
//! not expand it (section 5.2 of its algorithms): the signed graph really has IRIs such as `vac:Facility`.

/// First context of every credential (W3C Verifiable Credentials Data Model 1.0, section 4.1).
pub const W3C_CONTEXT: &str = "https://www.w3.org/2018/credentials/v1";

/// The sets of terms of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Terms {
    /// Vaccination, first version.
    V1,
    /// Vaccination, second version ("DDCC" in DIVOC's code): date of birth, ICD-11 code and prophylaxis as well.
    V2,
    /// Test, the only version.
    Test,
}

/// Every second context of the field with its terms. Two that call themselves v1 have the terms of v2 in both
/// published readers.
const CONTEXTS: &[(&str, Terms)] = &[
    ("https://cowin.gov.in/credentials/vaccination/v1", Terms::V1),
    ("https://divoc.dev/credentials/vaccination/v1", Terms::V1),
    ("https://cowin.mofw.gov.in/credentials/vaccination/v1", Terms::V1),
    ("https://www.who.int/2020/credentials/vaccination/v1", Terms::V1),
    ("https://cowin.gov.in/credentials/vaccination/v2", Terms::V2),
    ("https://divoc.dev/credentials/vaccination/v2", Terms::V2),
    ("https://www.pedulilindungi.id/credentials/vaccination/v2", Terms::V2),
    ("https://divoc.prod/vaccine/credentials/vaccination/v1", Terms::V2),
    ("https://divoc.lgcc.gov.lk/credentials/vaccination/v1", Terms::V2),
    ("https://cowin.gov.in/credentials/testCertificate/v1", Terms::Test),
    ("https://cvstatus.icmr.gov.in/credentials/testCertificate/v1", Terms::Test),
    ("https://divoc.dev/credentials/testCertificate/v1", Terms::Test),
];

/// The known context of this exact address, and its terms.
#[must_use]
pub fn context(address: &str) -> Option<(&'static str, Terms)> {
    CONTEXTS.iter().find(|(known, _)| *known == address).copied()
}

pub(super) const RDF_TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
pub(super) const XSD_INTEGER: &str = "http://www.w3.org/2001/XMLSchema#integer";
pub(super) const XSD_DOUBLE: &str = "http://www.w3.org/2001/XMLSchema#double";
pub(super) const XSD_DATE_TIME: &str = "http://www.w3.org/2001/XMLSchema#dateTime";
pub(super) const VERIFIABLE_CREDENTIAL: &str = "https://www.w3.org/2018/credentials#VerifiableCredential";
pub(super) const CREDENTIAL_SUBJECT: &str = "https://www.w3.org/2018/credentials#credentialSubject";
pub(super) const EVIDENCE: &str = "https://www.w3.org/2018/credentials#evidence";
pub(super) const ISSUANCE_DATE: &str = "https://www.w3.org/2018/credentials#issuanceDate";
pub(super) const ISSUER: &str = "https://www.w3.org/2018/credentials#issuer";
pub(super) const NON_TRANSFERABLE: &str = "vac:nonTransferable";
pub(super) const PERSON: &str = "https://schema.org/Person";

/// What a member of an object is in the graph.
#[derive(Debug, Clone, Copy)]
pub(super) enum Member {
    /// A text or number: the property that holds it.
    Value(&'static str),
    /// An object: the property that leads to it, the label of its node, its place for errors, and its members.
    Node(&'static str, &'static str, &'static str, &'static [(&'static str, Member)]),
}

use Member::{Node, Value};

type Members = &'static [(&'static str, Member)];

const ID: Member = Value("https://schema.org/id");
const NAME: Member = Value("https://schema.org/name");
const DATE: Member = Value("https://schema.org/date");
const DATE_TIME: Member = Value("https://schema.org/dateTime");
const URL: Member = Value("https://schema.org/url");
const IMAGE: Member = Value("https://schema.org/image");
const GENDER: Member = Value("https://schema.org/gender");
const NATIONALITY: Member = Value("https://schema.org/nationality");
const DOSE: Member = Value("https://schema.org/doseValue");
const POSTAL_ADDRESS: &str = "https://schema.org/PostalAddress";

const ADDRESS: Members = &[
    ("streetAddress", Value("https://schema.org/streetAddress")),
    ("streetAddress2", Value("vac:addressLine2")),
    ("district", Value("vac:district")),
    ("city", Value("vac:city")),
    ("addressRegion", Value("https://schema.org/addressRegion")),
    ("addressCountry", Value("https://schema.org/addressCountry")),
    ("postalCode", Value("https://schema.org/postalCode")),
];

const HOME: Member = Node(POSTAL_ADDRESS, "home", "credentialSubject.address", ADDRESS);

const VERIFIER: Member =
    Node("vac:verifier", "verifier", "evidence[0].verifier", &[("id", ID), ("name", NAME), ("sign-image", IMAGE)]);

const FACILITY: Member = Node(
    "vac:Facility",
    "facility",
    "evidence[0].facility",
    &[
        ("name", NAME),
        ("address", Node(POSTAL_ADDRESS, "site", "evidence[0].facility.address", ADDRESS)),
        ("seal-image", IMAGE),
    ],
);

const PERSON_V1: Members = &[
    ("refId", ID),
    ("uhid", ID),
    ("name", NAME),
    ("gender", GENDER),
    ("age", Value("https://schema.org/Number")),
    ("nationality", NATIONALITY),
    ("address", HOME),
];

const PERSON_V2: Members = &[
    ("refId", ID),
    ("uhid", ID),
    ("name", NAME),
    ("gender", GENDER),
    ("age", Value("https://schema.org/Number")),
    ("nationality", NATIONALITY),
    ("address", HOME),
    ("dob", DATE),
];

const PERSON_TEST: Members = &[
    ("refId", ID),
    ("uhid", ID),
    ("name", NAME),
    ("gender", GENDER),
    ("nationality", NATIONALITY),
    ("address", HOME),
    ("dob", DATE),
];

const VACCINATION_V1: Members = &[
    ("feedbackUrl", URL),
    ("infoUrl", URL),
    ("certificateId", ID),
    ("batch", ID),
    ("vaccine", ID),
    ("manufacturer", ID),
    ("date", DATE),
    ("effectiveStart", DATE),
    ("effectiveUntil", DATE),
    ("dose", DOSE),
    ("totalDoses", DOSE),
    ("verifier", VERIFIER),
    ("facility", FACILITY),
];

const VACCINATION_V2: Members = &[
    ("feedbackUrl", URL),
    ("infoUrl", URL),
    ("certificateId", ID),
    ("batch", ID),
    ("vaccine", ID),
    ("manufacturer", ID),
    ("icd11Code", ID),
    ("prophylaxis", NAME),
    ("date", DATE),
    ("effectiveStart", DATE),
    ("effectiveUntil", DATE),
    ("dose", DOSE),
    ("totalDoses", DOSE),
    ("verifier", VERIFIER),
    ("facility", FACILITY),
];

const TEST_DETAILS: Members = &[
    ("feedbackUrl", URL),
    ("infoUrl", URL),
    ("certificateId", ID),
    ("batch", ID),
    ("testName", NAME),
    ("testType", ID),
    ("manufacturer", ID),
    ("disease", ID),
    ("sampleOrigin", ID),
    ("sampleCollectionTimestamp", DATE_TIME),
    ("resultTimestamp", DATE_TIME),
    ("result", ID),
    ("verifier", VERIFIER),
    ("facility", FACILITY),
];

impl Terms {
    /// Second type of the credential in JSON.
    #[must_use]
    pub fn credential_type(self) -> &'static str {
        match self {
            Self::V1 | Self::V2 => "ProofOfVaccinationCredential",
            Self::Test => "ProofOfTestCertificateCredential",
        }
    }

    /// The same in the graph. The one of tests has another name there.
    pub(super) fn credential_class(self) -> &'static str {
        match self {
            Self::V1 | Self::V2 => "https://schema.org/ProofOfVaccinationCredential",
            Self::Test => "https://schema.org/ProofOfTestCredential",
        }
    }

    /// Type of the evidence in JSON.
    #[must_use]
    pub fn evidence_type(self) -> &'static str {
        match self {
            Self::V1 | Self::V2 => "Vaccination",
            Self::Test => "TestDetails",
        }
    }

    /// The same in the graph.
    pub(super) fn evidence_class(self) -> &'static str {
        match self {
            Self::V1 | Self::V2 => "vac:Vaccination",
            Self::Test => "vac:TestDetails",
        }
    }

    /// Members of the subject beside its type and id.
    pub(super) fn person(self) -> Members {
        match self {
            Self::V1 => PERSON_V1,
            Self::V2 => PERSON_V2,
            Self::Test => PERSON_TEST,
        }
    }

    /// Members of the evidence beside its type and id.
    pub(super) fn evidence(self) -> Members {
        match self {
            Self::V1 => VACCINATION_V1,
            Self::V2 => VACCINATION_V2,
            Self::Test => TEST_DETAILS,
        }
    }
}
