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
    "the vaccine is not against COVID-19, which is all that the EU certificate can state",
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

/// All reasons of this room.
pub const REASONS: &[Reason] =
    &[NAME_WITHOUT_LETTERS, NAME_NOT_LATIN, NOT_IN_EU_LISTS, OTHER_DISEASE, CONTENT_NOT_ALLOWED, VERIFIER_WOULD_REFUSE];
