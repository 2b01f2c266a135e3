//! Why an item of DIVOC's issuing API is refused beyond what every source may refuse
//! ([`crate::source::reasons`]), with its meaning and its remedy. None of the sentences holds a value of the item.

use crate::record::Reason;

/// The item is no object.
pub const ITEM_MALFORMED: Reason =
    ("item-malformed", "the item is no object of the API", "send one object a dose, as the API describes it");

/// A member that the API demands is missing.
pub const MEMBER_MISSING: Reason =
    ("member-missing", "a member that this version of the API demands is missing", "add the member to the item");

/// A member is of another type.
pub const MEMBER_TYPE: Reason =
    ("member-type", "the member is of another type than the API describes", "send a text where the API says text");

/// A member is empty.
pub const MEMBER_EMPTY: Reason =
    ("member-empty", "the member is empty, and no certificate goes without it", "fill it in");

/// No registration code.
pub const CODE_UNUSABLE: Reason = (
    "pre-enrollment-code-unusable",
    "the registration code is empty or longer than 128 characters, so that the dose could not be told from another",
    "send the code under which the person was registered",
);

/// Dose or total is no number from 1 to 9.
pub const NUMBER_UNUSABLE: Reason = (
    "dose-number-unusable",
    "the number of doses is no whole number from 1 to 9, which is all that a certificate can show",
    "send the number of the dose itself; a booster has the number that follows the doses before it",
);

/// A date is none.
pub const DATE_UNUSABLE: Reason =
    ("date-unreadable", "the date is not a date of the calendar", "send it as YYYY-MM-DD, or as a time by RFC 3339");

/// No date of birth, with or without an age.
pub const AGE_ALONE: Reason = (
    "birth-date-missing",
    "the item has no date of birth, and an age does not tell the year of it",
    "send recipient.dob; the year alone, as YYYY, is enough where the day is not known",
);

/// The vaccine cannot be told.
pub const VACCINE_UNKNOWN: Reason = (
    "vaccine-unknown",
    "the name of the vaccine is none that is known",
    "send the name, the EU code, the ICD-11 code of the product or its id in WHO's catalogue, or have the name mapped in the configuration",
);

/// The vaccine may be several products.
pub const VACCINE_AMBIGUOUS: Reason = (
    "vaccine-ambiguous",
    "the vaccine may be one of several products",
    "send the name or the code of the one that was given",
);

/// An ICD-11 code of a kind of vaccine.
pub const VACCINE_FAMILY: Reason =
    ("vaccine-family", "the code names a kind of vaccine that several products are of", "send the name of the product");

/// The configuration does not know the placeholder.
pub const VACCINE_PLACEHOLDER: Reason = (
    "vaccine-placeholder",
    "the name is a placeholder for a vaccine that the country was to choose",
    "send the name of the product, or have the placeholder mapped in the configuration",
);

/// The manufacturer cannot be told.
pub const MANUFACTURER_UNKNOWN: Reason = (
    "manufacturer-unknown",
    "the name of the manufacturer is none that is known",
    "send the company's name or its EU code, or have the name mapped in the configuration",
);

/// The manufacturer does not make the vaccine.
pub const MANUFACTURER_CONTRADICTS: Reason = (
    "manufacturer-contradicts",
    "the manufacturer does not make this vaccine",
    "correct the name of the vaccine or of the manufacturer",
);

/// The country cannot be told.
pub const COUNTRY_UNKNOWN: Reason = (
    "country-unknown",
    "the country of the facility is no country of ISO 3166-1",
    "send its code of two or three letters, or leave it out where the doses are given in the issuing country",
);

/// The certificate would end before it begins.
pub const EFFECTIVE_ORDER: Reason =
    ("effective-dates-order", "effectiveUntil lies before effectiveStart", "correct one of the two dates");

/// The same dose twice in one request.
pub const ITEM_REPEATED: Reason = (
    "item-repeated",
    "an earlier item of this request has the same registration code and dose",
    "send each dose once; send a correction with PUT, in a request of its own",
);

/// The line of a sheet has another number of cells than its header.
pub const LINE_CELLS: Reason = (
    "line-cells",
    "the line has another number of cells than the header of the sheet",
    "put cells that hold a comma, a quotation mark or a line end between quotation marks",
);

/// Every reason of this folder that no other source has.
pub const REASONS: &[Reason] = &[
    ITEM_MALFORMED,
    MEMBER_MISSING,
    MEMBER_TYPE,
    MEMBER_EMPTY,
    CODE_UNUSABLE,
    NUMBER_UNUSABLE,
    VACCINE_FAMILY,
    COUNTRY_UNKNOWN,
    EFFECTIVE_ORDER,
    ITEM_REPEATED,
    LINE_CELLS,
];

/// Members that the API does not have.
pub const MEMBERS_IGNORED: Reason = (
    "members-ignored",
    "members that this API does not have were ignored",
    "nothing to do if they were meant for another program; correct the spelling otherwise",
);

/// The facility is abroad.
pub const COUNTRY_DIFFERS: Reason = (
    "country-differs",
    "the country of the facility is not the issuing country, and the certificate says that the dose was given there",
    "correct the address of the facility if it was filled in by a form",
);

/// Every note of this folder that no other source has.
pub const NOTES: &[Reason] = &[MEMBERS_IGNORED, COUNTRY_DIFFERS];
