//! What a gateway says when it refuses: its error report read with care, and told in our words.
//!
//! The report is `{"code", "problem", "sendValue", "details"}`. `sendValue` repeats what was sent and is never read.
//! One code means different things at different endpoints, and the details tell the causes of one code apart, so
//! the table goes by all three (dgc-gateway: the controllers and `SignerInformationService`; facts on the trust
//! framework, section 2). Load balancers answer with pages of their own; those are told by their status.

use serde::Deserialize;

use super::{
    Endpoint,
    transport::{Answer, Request},
};
use crate::limits::{GATEWAY_CODE_CHARS, GATEWAY_DETAILS_CHARS};

/// Who wrote the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// The gateway: a report in its form.
    Gateway,
    /// Something in front of it, or another server.
    Other,
}

/// An answer other than success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What was asked for.
    pub endpoint: Endpoint,
    /// HTTP status.
    pub status: u16,
    /// Who answers.
    pub author: Author,
    /// The gateway's code, such as `0x004`.
    pub code: Option<String>,
    /// The gateway's details: printable, cut off. Not for people to read first; [`Problem::words`] are.
    pub details: Option<String>,
}

/// What a problem means and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// What is wrong.
    pub cause: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

#[derive(Deserialize)]
struct Report<'a> {
    #[serde(borrow, default)]
    code: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default)]
    problem: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default)]
    details: Option<std::borrow::Cow<'a, str>>,
}

impl Problem {
    /// Reads an answer other than success.
    #[must_use]
    pub fn read(endpoint: Endpoint, answer: &Answer) -> Self {
        let report: Option<Report<'_>> = serde_json::from_slice(&answer.body).ok();
        let report = report.filter(|report| report.code.is_some() || report.problem.is_some());
        let author = if report.is_some() { Author::Gateway } else { Author::Other };
        let code = report.as_ref().and_then(|report| report.code.as_deref());
        let code = code.map(|code| clean(code, GATEWAY_CODE_CHARS)).filter(|code| code != "n/a" && !code.is_empty());
        let about_people = endpoint.is_about_people();
        let details = report.as_ref().and_then(|report| report.details.as_deref()).filter(|_| !about_people);
        let details = details.map(|text| clean(text, GATEWAY_DETAILS_CHARS)).filter(|text| !text.is_empty());
        Self { endpoint, status: answer.status, author, code, details }
    }

    /// Whether an intermediary may have refused the verb DELETE itself, for which the interface has an alias by POST.
    #[must_use]
    pub fn is_against_the_verb(&self) -> bool {
        self.author == Author::Other && matches!(self.status, 400 | 403 | 405 | 411 | 413 | 415 | 501)
    }

    /// What it means at this endpoint.
    #[must_use]
    pub fn words(&self) -> Words {
        let code = self.code.as_deref().unwrap_or_default();
        let details = self.details.as_deref().unwrap_or_default();
        by_code(self.endpoint, self.status, code, details)
            .or_else(|| by_status(self.endpoint, self.status, self.author))
            .unwrap_or(words(
                "it gave no reason that is known here",
                "try again, and if that stays so, send status and code to the operator",
            ))
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Words { cause, remedy } = self.words();
        write!(f, "{} was refused (HTTP {}", self.endpoint, self.status)?;
        if let Some(code) = &self.code {
            write!(f, ", code {code}")?;
        }
        write!(f, "): {cause}; {remedy}")
    }
}

const fn words(cause: &'static str, remedy: &'static str) -> Words {
    Words { cause, remedy }
}

/// Only letters, digits and plain signs; a terminal is not theirs to write on.
fn clean(text: &str, most: usize) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.filter(|c| c.is_ascii() && !matches!(c, '<' | '>')).take(most).collect::<String>().trim().to_owned()
}

const UPLOADER: Words = words(
    "the upload certificate is not admitted for this country",
    "compare it by `vaccert gateway status`; a new one has to be sent to the operator before it signs",
);
const COUNTRY: Words = words(
    "the country in it is not the one of the TLS certificate",
    "use the certificates and keys of one country, and of this environment",
);
const CMS: Words = words(
    "the signed message around it was not understood",
    "report this: the message is made by this program, and nothing in your configuration changes its form",
);
const CMS_SIGNATURE: Words = words(
    "the signature of the upload key does not verify",
    "check that gateway.upload_key and gateway.upload_certificate belong together",
);
const INSIDE: Words = words(
    "the gateway failed by itself",
    "try again later, and if that stays so, tell the operator the time of this attempt",
);

/// By the gateway's own code. `0x402` says two things: an unknown client (401) and an unreadable message (400).
fn by_code(endpoint: Endpoint, status: u16, code: &str, details: &str) -> Option<Words> {
    use Endpoint as E;
    let says = |fragment: &str| details.to_ascii_lowercase().contains(fragment);
    Some(match (code, status, endpoint) {
        ("0x400", ..) => words(
            "it saw no client certificate",
            "check gateway.tls_certificate; if it is right, tell the operator that the load balancer passes none on",
        ),
        ("0x401", ..) => words(
            "the TLS certificate names no country",
            "make a TLS certificate whose subject has the country (C), and send it to the operator",
        ),
        ("0x402", 401, _) => words(
            "it does not know the TLS certificate of this country",
            "check that gateway.url is the environment that the certificate was sent to, and ask the operator whether \
             it is admitted",
        ),
        ("0x402", ..) => CMS,
        ("0x403", ..) => words(
            "the TLS certificate lacks the role that this needs",
            "ask the operator for the roles RevocationListReader, RevocationUploader and RevocationDeleter",
        ),
        ("0x001", ..) => words(
            "a value of the request has a form that it does not take",
            "check country codes, identifiers and dates on the command line",
        ),
        ("0x008", ..) => INSIDE,
        ("0x002", _, E::SignerUpload | E::TrustedUpload) => {
            words("this very certificate is there already", "nothing is left to do")
        }
        ("0x003", _, E::SignerUpload | E::TrustedUpload) | ("0x006", _, E::SignerDelete | E::TrustedDelete) => INSIDE,
        ("0x009", ..) => CMS_SIGNATURE,
        (
            "0x004" | "0x007",
            _,
            E::SignerUpload | E::SignerDelete | E::TrustedUpload | E::TrustedDelete | E::MigrationUpdate,
        ) => match () {
            () if says("upload certificate") => UPLOADER,
            () if says("csca list") || says("no csca") => words(
                "it has no national authority (CSCA) of this country",
                "ask the operator whether the CSCA that was sent is admitted",
            ),
            () if says("csca") || says("signed by valid ca") => words(
                "no admitted authority (CSCA) of this country issued the certificate",
                "issue it from the CSCA that was sent to the operator",
            ),
            () if says("kid") || says("key identifier") => words(
                "another certificate with the same key identifier is there",
                "issue a new certificate: its identifier is the start of its own hash and changes with it",
            ),
            () if says("country") => COUNTRY,
            () => words(
                "it takes neither uploader, country nor issuer for granted and one of them is wrong",
                "run `vaccert gateway status`, which compares all three",
            ),
        },
        ("0x005", _, E::SignerDelete | E::TrustedDelete) => {
            words("this certificate is not there", "nothing is left to do")
        }
        ("0x010", _, E::MigrationUpdate) | ("0x020", _, E::MigrationUpdate) | ("0x030", _, E::MigrationUpdate) => {
            words("the package is no longer there", "run `vaccert gateway migrate` again")
        }
        ("0x011", _, E::MigrationUpdate) => INSIDE,
        ("0x021" | "0x031", _, E::MigrationUpdate) => COUNTRY,
        ("0x022" | "0x032", _, E::MigrationUpdate) => words(
            "the content of the package is not the one that is there",
            "run `vaccert gateway migrate` again, and report this if it stays so",
        ),
        ("0x100", ..) => words("it has no value set of this name", "list them with `vaccert gateway valuesets`"),
        ("0x200", _, E::RuleUpload) => {
            words("the rule is no JSON by its schema", "check it with `vaccert gateway rules upload --show`")
        }
        ("0x210", ..) => words(
            "the rule belongs to another country",
            "write the country of your TLS certificate in Country and in the Identifier",
        ),
        ("0x220", ..) => words("the version is not newer than the one that is there", "raise Version in the rule"),
        ("0x230", ..) => UPLOADER,
        ("0x240", ..) => words(
            "its times are outside the window that gateways take",
            "ValidFrom must be 48 hours to 2 weeks ahead (an invalidation rule: ahead of now), ValidTo at least 3 days \
             after it, and ValidFrom not before that of the version before",
        ),
        ("0x250", ..) => words(
            "the identifier of the rule is wrong",
            "write it as VR-PT-0001: GR, VR, TR, RR by the type of certificate, IR for an invalidation",
        ),
        ("0x260", ..) => CMS_SIGNATURE,
        ("0x270", ..) => words("no rule of this identifier is there", "nothing is left to do"),
        ("0x299", ..) => INSIDE,
        ("0x000", _, E::RevocationUpload | E::RevocationDelete | E::RevocationList | E::RevocationBatch) => {
            match status {
                403 => COUNTRY,
                404 => words("no batch of this identifier is there", "nothing is left to do"),
                410 => words("the batch was removed", "nothing is left to do"),
                _ => words(
                    "the batch is not by its schema, or the uploader is not admitted",
                    "check the batch with `vaccert gateway revocations push --show`, and the uploader with `vaccert \
                     gateway status`",
                ),
            }
        }
        _ => return None,
    })
}

/// By the status alone: bodies of load balancers, and statuses that need no code.
fn by_status(endpoint: Endpoint, status: u16, author: Author) -> Option<Words> {
    use Endpoint as E;
    Some(match (status, endpoint) {
        (300..=399, _) => words(
            "the address leads elsewhere, and this client never follows with its certificate",
            "set gateway.url to the address itself",
        ),
        (409, E::SignerUpload | E::TrustedUpload) => {
            words("this very certificate is there already", "nothing is left to do")
        }
        (404, E::RevocationBatch | E::RevocationDelete) => {
            words("no batch of this identifier is there", "nothing is left to do")
        }
        (410, E::RevocationBatch | E::RevocationDelete) => words("the batch was removed", "nothing is left to do"),
        (400, E::RevocationList) => words(
            "it takes the time since when for one in the future",
            "set this computer's clock, then pull with --resync",
        ),
        (404, E::RevocationList | E::MigrationList | E::MigrationUpdate | E::RevocationUpload) => {
            words("this gateway does not offer that", "ask the operator whether the service is switched on")
        }
        (401, _) => words(
            "it does not know who asks",
            "check gateway.tls_certificate, and ask the operator whether it is admitted",
        ),
        (403, _) if author == Author::Other => words(
            "something in front of the gateway does not let this client through",
            "ask the operator whether the TLS certificate, and the address that you call from, are admitted",
        ),
        (403, _) => words("it does not allow that to this country", "ask the operator for the role that this needs"),
        (404, _) => words(
            "there is nothing at this address",
            "check gateway.url, with the path before the endpoints if there is one",
        ),
        (405, _) => words("it does not take this kind of request", "check gateway.url"),
        (406 | 415, _) => words("it does not take this form of request", "check that gateway.url is a gateway's"),
        (413, _) => words("what was sent is too large for it", "send fewer entries in one batch"),
        (429, _) => words("it is asked too often", "try again later"),
        (502..=504, _) => words("the gateway behind its load balancer does not answer", "try again later"),
        (500..=599, _) => INSIDE,
        (400, _) if author == Author::Other => words(
            "something in front of the gateway did not understand the request",
            "check that gateway.url begins with https and that no certificate is missing",
        ),
        _ => return None,
    })
}

/// Whether a status may pass when the request is sent again.
pub(super) fn may_pass(request: &Request, status: u16) -> bool {
    request.method.may_repeat() && matches!(status, 429 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn problem(endpoint: Endpoint, status: u16, body: &str) -> Problem {
        Problem::read(endpoint, &Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() })
    }

    fn report(code: &str, details: &str) -> String {
        serde_json::json!({"code": code, "problem": "p", "sendValue": "SECRET", "details": details}).to_string()
    }

    #[test]
    fn every_code_has_words_of_its_own_at_its_endpoint() {
        use Endpoint as E;
        let mut seen = std::collections::BTreeSet::new();
        for (endpoint, status, code, details, wanted) in [
            (E::TrustList, 401, "0x400", "", "no client certificate"),
            (E::TrustList, 400, "0x401", "", "names no country"),
            (E::TrustList, 401, "0x402", "", "does not know the TLS certificate"),
            (E::SignerUpload, 400, "0x402", "", "not understood"),
            (E::RevocationList, 403, "0x403", "", "lacks the role"),
            (E::TrustList, 400, "0x001", "", "form that it does not take"),
            (E::TrustList, 500, "0x008", "", "failed by itself"),
            (E::SignerUpload, 409, "0x002", "", "there already"),
            (E::SignerUpload, 500, "0x003", "", "failed by itself"),
            (E::SignerUpload, 400, "0x009", "", "does not verify"),
            (
                E::SignerUpload,
                400,
                "0x004",
                "Could not find upload certificate with hash ab",
                "upload certificate is not",
            ),
            (
                E::SignerUpload,
                400,
                "0x004",
                "Uploaded certificate is not issued for uploader country.",
                "not the one of",
            ),
            (E::SignerUpload, 400, "0x004", "CSCA list for country XX is empty", "has no national authority"),
            (E::SignerUpload, 400, "0x004", "was signed by valid CSCA.", "no admitted authority"),
            (E::TrustedUpload, 400, "0x004", "A certificate with KID of uploaded", "same key identifier"),
            (E::SignerDelete, 404, "0x005", "", "is not there"),
            (E::SignerDelete, 500, "0x006", "", "failed by itself"),
            (E::SignerDelete, 400, "0x007", "", "one of them is wrong"),
            (E::MigrationUpdate, 409, "0x010", "", "no longer there"),
            (E::MigrationUpdate, 409, "0x020", "", "no longer there"),
            (E::MigrationUpdate, 409, "0x030", "", "no longer there"),
            (E::MigrationUpdate, 400, "0x022", "", "not the one that is there"),
            (E::ValueSet, 404, "0x100", "", "no value set"),
            (E::RuleUpload, 400, "0x200", "", "no JSON by its schema"),
            (E::RuleUpload, 403, "0x210", "", "another country"),
            (E::RuleUpload, 400, "0x220", "", "not newer"),
            (E::RuleUpload, 400, "0x230", "", "upload certificate is not"),
            (E::RuleUpload, 400, "0x240", "", "window"),
            (E::RuleUpload, 400, "0x250", "", "identifier of the rule"),
            (E::RuleUpload, 400, "0x260", "", "does not verify"),
            (E::RuleDelete, 404, "0x270", "", "no rule of this identifier"),
            (E::RuleUpload, 500, "0x299", "", "failed by itself"),
            (E::RevocationUpload, 403, "0x000", "", "not the one of the TLS"),
            (E::RevocationUpload, 400, "0x000", "", "not by its schema"),
            (E::RevocationDelete, 410, "0x000", "", "was removed"),
        ] {
            let found = problem(endpoint, status, &report(code, details));
            assert_eq!((found.author, found.code.as_deref()), (Author::Gateway, Some(code)));
            let text = found.to_string();
            assert!(text.contains(wanted), "{endpoint:?} {code}: {text}");
            assert!(text.contains(code) && !text.contains("SECRET") && !text.ends_with('.'), "{text}");
            seen.insert(code);
        }
        assert_eq!(seen.len(), 28);
    }

    #[test]
    fn pages_of_load_balancers_are_told_by_their_status() {
        for (status, wanted) in [
            (302, "leads elsewhere"),
            (400, "in front of the gateway"),
            (401, "who asks"),
            (403, "in front of the gateway"),
            (404, "nothing at this address"),
            (429, "too often"),
            (500, "failed by itself"),
            (502, "behind its load balancer"),
            (503, "behind its load balancer"),
        ] {
            let found = problem(Endpoint::TrustList, status, "<html><title>Blocked: SECRET</title></html>");
            assert_eq!((found.author, &found.code, &found.details), (Author::Other, &None, &None));
            let text = found.to_string();
            assert!(text.contains(wanted) && !text.contains("SECRET"), "{text}");
        }
    }

    #[test]
    fn the_new_gateways_code_n_a_is_no_code_and_hashes_of_people_stay_out() {
        let found = problem(Endpoint::TrustedUpload, 400, &report("n/a", "Property x is not allowed"));
        assert_eq!((found.code.as_deref(), found.details.as_deref()), (None, Some("Property x is not allowed")));
        let found = problem(Endpoint::RevocationUpload, 400, &report("0x000", "entries[0].hash 6WSb8R== bad"));
        assert_eq!(found.details, None);
        let found = problem(Endpoint::RuleUpload, 400, &report("0x200", "a\u{1b}[31m\nb<script>é"));
        assert_eq!(found.details.as_deref(), Some("a [31m bscript"));
    }

    proptest! {
        #[test]
        fn whatever_comes_has_words(status in 100u16..=999, body in prop::collection::vec(any::<u8>(), 0..200)) {
            for endpoint in Endpoint::ALL {
                let found = Problem::read(endpoint, &Answer { status, headers: Vec::new(), body: body.clone() });
                let text = found.to_string();
                prop_assert!(text.len() > 40 && !text.contains('\n') && text.len() < 500);
            }
        }
    }
}
