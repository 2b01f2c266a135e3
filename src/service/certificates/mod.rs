//! Certificates on request, for operators and facilities: issue, list, fetch in any form, correct, renew, revoke one or
//! many. The work itself is the desk's ([`crate::work::desk`]); this room reads requests and writes answers.
//!
//! | route | right | answer |
//! |---|---|---|
//! | `POST /v1/certificates` | issue | a result for each record; 201 when anything was issued, 200 when it stood already |
//! | `POST /v1/certificates/preview` | issue | what would be issued, and what would be in it |
//! | `GET /v1/certificates?person=` | read | what was issued for a person, page by page |
//! | `GET /v1/certificates/{id}` | read | JSON, PDF, PNG, SVG, text, FHIR, ZIP or a pass, by `Accept` or by `as` and `format` |
//! | `GET /v1/certificates/{id}/history` | read | what happened to it |
//! | `POST /v1/certificates/{id}/correct`, `/renew` | correct | the certificate that stands now |
//! | `POST /v1/certificates/{id}/revoke`, `/restore` | revoke | the certificate as it stands now |
//! | `POST /v1/revocations` | revoke | many at once: a list, or a selection whose number is confirmed |
//!
//! `{id}` is the identifier with or without its check character, or its random part alone. In an address the whole
//! identifier is percent-encoded: `#` is `%23`, and the check character may be `/`, which is `%2F`. A certificate of a facility that is not the caller's is not found.

mod bulk;
mod error;
mod fetch;
mod handlers;
mod keyed;
mod negotiate;
mod read;
mod wire;

use super::api::Endpoint;
use crate::access::Right;

const JSON: &str = "application/json";
const TAG: &str = "Certificates";
const ID: &str = "Identifier of the certificate, with or without its check character, or its random part";
const KEY: &str = "A key of the sender's choosing: the same request under the same key is done once and answered alike \
                   for 48 hours";

/// What operators and facilities may do with certificates.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut all = writing();
    all.extend(reading());
    all
}

fn writing() -> Vec<Endpoint> {
    vec![
        Endpoint::post("/v1/certificates", "issueCertificates")
            .tag(TAG)
            .summary("Issue what DHIS2 holds of a person or an event")
            .about(
                "Reads DHIS2 now, and issues what a pass over DHIS2 would. Asked again, it gives the same certificates. \
                 201: at least one was issued; 200: all that can be stood already; 409: only conflicts; 422: nothing \
                 can be issued.",
            )
            .needs(Right::Issue)
            .header("Idempotency-Key", KEY)
            .takes::<wire::IssueBody>(JSON)
            .gives::<wire::Results>(201, "What became of each record")
            .gives::<wire::Results>(200, "Every certificate stood already")
            .gives::<wire::Results>(409, "Certificates stand in the way, and nothing was issued")
            .gives::<wire::Results>(422, "Nothing can be issued, with the reasons")
            .run(handlers::issue),
        Endpoint::post("/v1/certificates/preview", "previewCertificates")
            .tag(TAG)
            .summary("What would be issued for a person or an event; nothing is signed")
            .needs(Right::Issue)
            .takes::<wire::PreviewBody>(JSON)
            .gives::<wire::Previews>(200, "Each record, with what would be in its certificate")
            .run(handlers::preview),
        Endpoint::post("/v1/certificates/{id}/correct", "correctCertificate")
            .tag(TAG)
            .summary("Read the record of a certificate again, and issue it anew where it was corrected")
            .needs(Right::Correct)
            .path_parameter("id", ID)
            .header("Idempotency-Key", KEY)
            .takes::<wire::ReasonBody>(JSON)
            .gives::<wire::Outcome>(201, "Corrected: the new certificate")
            .gives::<wire::Outcome>(200, "Nothing has changed, or the record is deleted and the certificate revoked")
            .gives::<wire::Outcome>(422, "The record cannot be certified now, with the reasons")
            .run(handlers::correct),
        Endpoint::post("/v1/certificates/{id}/renew", "renewCertificate")
            .tag(TAG)
            .summary("Issue a certificate anew with new dates, near its end or when its key is gone")
            .needs(Right::Correct)
            .path_parameter("id", ID)
            .header("Idempotency-Key", KEY)
            .takes::<wire::ReasonBody>(JSON)
            .gives::<wire::Outcome>(201, "Renewed: the new certificate")
            .gives::<wire::Outcome>(200, "It was renewed already: the newer one")
            .gives::<wire::Outcome>(409, "The record says something else now: correct it instead")
            .gives::<wire::Outcome>(422, "The record cannot be certified now, with the reasons")
            .run(handlers::renew),
        Endpoint::post("/v1/certificates/{id}/revoke", "revokeCertificate")
            .tag(TAG)
            .summary("Revoke a certificate in every format")
            .needs(Right::Revoke)
            .path_parameter("id", ID)
            .takes::<wire::RevokeBody>(JSON)
            .gives::<wire::Certificate>(200, "The certificate as it stands now")
            .run(handlers::revoke),
        Endpoint::post("/v1/certificates/{id}/restore", "restoreCertificate")
            .tag(TAG)
            .summary("Take a revocation back that was a mistake")
            .needs(Right::Revoke)
            .path_parameter("id", ID)
            .takes::<wire::ReasonBody>(JSON)
            .gives::<wire::Certificate>(200, "The certificate as it stands now")
            .run(handlers::restore),
        Endpoint::post("/v1/revocations", "revokeCertificates")
            .tag(TAG)
            .summary("Revoke many certificates at once")
            .about(
                "By a list of identifiers (JSON, or a CSV with one identifier a line or with the columns id and reason), \
                 each with a result of its own; or by where they came from. Of a selection nothing is done before \
                 \"confirm\" is the exact number of certificates, which \"dry_run\" tells.",
            )
            .needs(Right::Revoke)
            .query::<String>("reason", "Of a CSV: fraud, error, lot, key, holder or other")
            .query::<String>("note", "Of a CSV: more about it, without the name of a person")
            .query::<bool>("dry_run", "Of a CSV: show what would be done, and do nothing")
            .takes::<wire::BulkBody>(JSON)
            .takes_media("text/csv")
            .gives::<wire::BulkAnswer>(200, "What was done, and each line of a list")
            .run(bulk::revoke),
    ]
}

fn reading() -> Vec<Endpoint> {
    let fetch = Endpoint::get("/v1/certificates/{id}", "readCertificate")
        .tag(TAG)
        .summary("A certificate, in the form that is asked for")
        .about(
            "JSON tells how it stands, and holds its signed texts while it counts. Of what is revoked or superseded \
             every other form is gone (410).",
        )
        .needs(Right::Read)
        .path_parameter("id", ID)
        .query::<negotiate::Form>("as", "The form, in place of the header Accept")
        .query::<negotiate::FormatName>("format", "The format of a text or a picture; the first that it has by default")
        .query::<negotiate::LayoutName>("layout", "Of the paper: how it is divided; by default as the ministry has it")
        .query::<negotiate::PaperSize>("size", "Of the paper: what is in the printer; likewise")
        .query::<negotiate::PaperLanguage>(
            "lang",
            "Of the paper: its language; English or French stands beside it, so that officers abroad can read it",
        )
        .header("If-None-Match", "The ETag of an earlier answer")
        .gives::<wire::Certificate>(200, "The certificate")
        .gives_nothing(304, "It has not changed");
    vec![
        Endpoint::get("/v1/certificates", "listCertificates")
            .tag(TAG)
            .summary("What was issued for a person, the oldest first")
            .needs(Right::Read)
            .query::<String>("person", "UID of the person in DHIS2")
            .query::<u16>("limit", "Certificates on a page: 1 to 500, by default 100")
            .query::<String>("after", "The value of \"next\" on the page before")
            .gives::<wire::List>(200, "The certificates, without their texts")
            .run(handlers::list),
        negotiate::Form::DRAWN
            .into_iter()
            .fold(fetch, |fetch, form| fetch.gives_media(200, form.media(), "The certificate"))
            .run(fetch::fetch),
        Endpoint::get("/v1/certificates/{id}/history", "readHistory")
            .tag(TAG)
            .summary("What happened to a certificate, in order")
            .needs(Right::Read)
            .path_parameter("id", ID)
            .gives::<wire::History>(200, "What happened")
            .run(handlers::history),
    ]
}
