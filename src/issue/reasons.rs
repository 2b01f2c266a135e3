//! Why a complete record still cannot become a certificate, with its meaning and its remedy.

use crate::record::Reason;

/// The name vanishes in the passport's form.
pub const NAME_WITHOUT_LETTERS: Reason =
    ("name-without-letters", "the name has no letters that a travel document could carry", "correct the name in DHIS2");

/// The name's script has no table in ICAO Doc 9303.
pub const NAME_NOT_LATIN: Reason = (
    "name-not-latin",
    "the name cannot be written in Latin letters by ICAO Doc 9303",
    "map attributes that hold the name in Latin letters (family_latin, given_latin under [profile.attributes])",
);

/// The EU value sets lack the vaccine.
pub const NOT_IN_EU_LISTS: Reason = (
    "vaccine-not-in-eu-lists",
    "the vaccine is not in the EU value sets",
    "set national_vaccines = \"national-name\" to issue with the national name, or map the code to a listed product",
);

/// Not against COVID-19.
pub const OTHER_DISEASE: Reason = (
    "disease-not-covid",
    "the vaccine is not against COVID-19, which is all that this format can state",
    "issue this vaccination in another format",
);

/// The schema forbids the content.
pub const CONTENT_NOT_ALLOWED: Reason = (
    "content-not-allowed",
    "the certificate would break a rule of its schema",
    "correct the value in DHIS2 or the setting that it comes from",
);

/// The verifier would refuse what would be signed.
pub const VERIFIER_WOULD_REFUSE: Reason = (
    "verifier-would-refuse",
    "a verifier would refuse this certificate",
    "report this with the record's UID: the program should have refused it earlier",
);

/// The WHO core data set has no recoveries.
pub const NO_DDCC_RECOVERY: Reason = (
    "recovery-not-in-format",
    "the WHO core data set documents vaccinations and tests, and no recoveries",
    "issue this recovery as EU certificate",
);

/// Tests and recoveries.
pub const ONLY_VACCINATIONS: Reason =
    ("vaccinations-only", "this format states vaccinations only", "issue this record in another format");

/// DDCC demands the lot.
pub const LOT_MISSING: Reason = (
    "lot-missing",
    "the batch number of the dose is missing, which the WHO core data set must state",
    "enter the batch number in DHIS2, or map the data element that holds it",
);

/// The product lacks what the WHO core data set needs.
pub const PRODUCT_INCOMPLETE: Reason = (
    "product-incomplete",
    "the vaccine lacks a code or a holder that the WHO core data set must state",
    "complete the product under [vaccines]",
);

/// No alpha-3 code.
pub const COUNTRY_WITHOUT_CODE: Reason =
    ("country-without-code", "the country of the dose has no alpha-3 code", "correct the country of the facility");

/// The yellow card demands more than the record has.
pub const CARD_INCOMPLETE: Reason = (
    "card-incomplete",
    "the record lacks what a yellow card must state",
    "enter the value in DHIS2, or map the attribute or data element that holds it",
);

/// No product of WHO's catalogue.
pub const NO_WHO_PRODUCT: Reason = (
    "who-product-missing",
    "the vaccine is no product of WHO's catalogue that could be stated on the day of the dose",
    "record the exact product in DHIS2 and map it, or set who_product for the code under [vaccines]",
);

/// Against something else than yellow fever and polio.
pub const NO_CARD_FOR_DISEASE: Reason = (
    "disease-without-card",
    "yellow cards are issued against yellow fever and poliomyelitis",
    "issue this vaccination in another format",
);

/// No section for DIVOC.
pub const NO_DIVOC_SETTINGS: Reason = (
    "divoc-not-configured",
    "DIVOC credentials need names of the issuer that are not set",
    "set did and base_url under [divoc]",
);

/// All reasons of this room.
pub const REASONS: &[Reason] = &[
    NAME_WITHOUT_LETTERS,
    NAME_NOT_LATIN,
    NOT_IN_EU_LISTS,
    OTHER_DISEASE,
    NO_DDCC_RECOVERY,
    ONLY_VACCINATIONS,
    LOT_MISSING,
    PRODUCT_INCOMPLETE,
    COUNTRY_WITHOUT_CODE,
    CARD_INCOMPLETE,
    NO_WHO_PRODUCT,
    NO_CARD_FOR_DISEASE,
    NO_DIVOC_SETTINGS,
    CONTENT_NOT_ALLOWED,
    VERIFIER_WOULD_REFUSE,
];
