//! What a run has to say about a record beyond its content.

use crate::record::Reason;

/// The person cannot be read from the file.
pub const RECORD_MALFORMED: Reason =
    ("record-malformed", "a person of the file cannot be read", "export this person again");

/// Another run was quicker.
pub const TAKEN_OVER: Reason = (
    "taken-over",
    "another run took over this record, or the record changed, while it was being signed",
    "run again: it will then be issued or reported as unchanged",
);

/// An operator took the certificate of this record back for good.
pub const REVOKED: Reason = (
    "certificate-revoked",
    "the certificate of this record was revoked by an operator, so that it gets no other",
    "correct the record if its certificate was revoked for an error; take the revocation back if it was a mistake",
);

/// A certificate of other content stands, and was not to be superseded.
pub const DIFFERS: Reason = (
    "certificate-differs",
    "a certificate of other content stands for this record, which was corrected in DHIS2 since",
    "have the certificate corrected: the new one then takes its place",
);

/// Why no certificate was issued.
pub const REASONS: &[Reason] = &[RECORD_MALFORMED, TAKEN_OVER, REVOKED, DIFFERS];

/// A corrected record.
pub const SUPERSEDES: Reason = (
    "supersedes",
    "the record was corrected; the earlier certificate is listed for revocation",
    "hand out the new certificate",
);

/// A renewed certificate.
pub const RENEWS: Reason = (
    "renews",
    "the certificate was renewed; the earlier one says the same and is listed for revocation",
    "hand out the new certificate",
);

/// A certificate that got a further format.
pub const FORMAT_ADDED: Reason = (
    "format-added",
    "a certificate stood already; the format that it lacked was added under its identifier",
    "hand out the new files; what was handed out before stays valid",
);

/// A deleted record.
pub const WITHDRAWN: Reason = (
    "certificate-withdrawn",
    "a certificate had been issued for this record; it is now listed for revocation",
    "nothing to do: verifiers learn of it with the next trust bundle",
);

/// The code is too long for a picture.
pub const CODE_NOT_DRAWN: Reason = (
    "code-not-drawn",
    "the certificate is issued, but its picture could not be made",
    "use the text of the code, or shorten the value that makes it too long",
);

/// The profiles of the FHIR document require more than the record has.
pub const DOCUMENT_NOT_MADE: Reason = (
    "document-not-made",
    "the certificate is issued, but its FHIR document (ddcc.json) could not be made",
    "use the other files, or enter the missing value in DHIS2",
);

/// The paper cannot show the certificate.
pub const PAPER_NOT_DRAWN: Reason = (
    "paper-not-drawn",
    "the certificate is issued, but its paper could not be made",
    "install the fonts for this script (vaccert document fonts names the package) and print again, or correct the value",
);

/// The document key did not sign.
pub const PAPER_NOT_SEALED: Reason = (
    "paper-not-sealed",
    "the certificate is issued, but its paper could not be sealed with the document key, and is not handed out without",
    "look at the document key and its certificate, and run again; the other files can be used",
);

/// Issued under a national name.
pub const NATIONAL_NAME: Reason = (
    "vaccine-national-name",
    "the EU value sets lack the vaccine; the certificate names it as the ministry does",
    "nothing to do if that was meant; verifiers abroad will show the name as it stands",
);

/// The record is refused now, and a certificate of it stands.
pub const STANDS: Reason = (
    "certificate-stands",
    "a certificate was issued for this record before it was changed, and it still stands",
    "complete the record again, or delete the event in DHIS2: its certificate is then revoked",
);

/// What is worth knowing of a certificate.
pub const NOTES: &[Reason] = &[
    NATIONAL_NAME,
    STANDS,
    SUPERSEDES,
    RENEWS,
    FORMAT_ADDED,
    WITHDRAWN,
    CODE_NOT_DRAWN,
    DOCUMENT_NOT_MADE,
    PAPER_NOT_DRAWN,
    PAPER_NOT_SEALED,
];
