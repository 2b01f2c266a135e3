//! Every check that WHO's published tests apply to a submission, with their numbers (tng-participant-template,
//! `scripts/tests`; facts on the trust framework, section 1 "Automatic QA"), and a few of ours: no private key, no key
//! that others know, no key twice.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::{
    Certificates, Stage, alpha3,
    folder::{Submission, Submitted},
    issuer,
    source::pem_of,
};
use crate::keys::{Certificate, Details, KeyKind, KeyUse, UnfitKey, known_key};

/// Domains that the published tests accept.
const DOMAINS: [&str; 4] = ["DCC", "IPS-PILGRIMAGE", "dICVP", "PH4H"];
/// Groups that hold certificates.
const GROUPS: [&str; 3] = ["UP", "SCA", "TLS"];
/// Groups of the layout that the published tests leave alone.
const OTHER_GROUPS: [&str; 3] = ["DECA", "ISSUER", "REFERENCES"];
/// Signature algorithms that the published tests accept: ecdsa-with-SHA256, RSASSA-PSS, dsa-with-SHA256,
/// sha256WithRSAEncryption. The guide allows ecdsa-with-SHA384 as well, and the tests refuse it.
const SIGNATURES: [&str; 4] =
    ["1.2.840.10045.4.3.2", "1.2.840.113549.1.1.10", "2.16.840.1.101.3.4.3.2", "1.2.840.113549.1.1.11"];
const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Good.
    Passed,
    /// Allowed, and worth a word.
    Note(String),
    /// The network will refuse it: what is wrong, and what to do.
    Failed(String),
}

/// One check of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Name of the check, which does not change.
    pub name: &'static str,
    /// File or folder under `onboarding/`.
    pub file: String,
    /// How it ended.
    pub outcome: Outcome,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, said) = match &self.outcome {
            Outcome::Passed => ("passed", ""),
            Outcome::Note(text) => ("note", text.as_str()),
            Outcome::Failed(text) => ("FAILED", text.as_str()),
        };
        write!(f, "{word:<7} {:<20} {:<20} {said}", self.file, self.name)?;
        Ok(())
    }
}

/// Applies every check to a submission.
#[must_use]
pub fn check(submission: &Submission, stage: Stage, now: Timestamp) -> Vec<Check> {
    let mut checks = Checks { submission, now, done: Vec::new() };
    checks.folders();
    checks.private_keys();
    for file in submission.files.iter().filter(|file| file.is_pem()) {
        checks.pem_file(file, stage);
    }
    checks.tls_chain();
    checks.countries();
    checks.separate_keys();
    for file in submission.files.iter().filter(|file| file.begins("TRUSTED_ISSUER")) {
        checks.add("trusted-issuer", &file.path, issuer::problem(&file.bytes));
    }
    checks.done
}

/// The same for certificates that go to the EU's operator: as if they were a submission in the domain DCC.
#[must_use]
pub fn check_certificates(certificates: &Certificates, stage: Stage, now: Timestamp) -> Vec<Check> {
    let file = |group: &str, name: &str, certificates: &[Certificate]| Submitted {
        path: name.to_owned(),
        domain: "DCC".to_owned(),
        group: group.to_owned(),
        // The published tests know files by these names.
        name: name.trim_start_matches("NB_").to_owned(),
        bytes: pem_of(certificates).into_bytes(),
        certificates: Some(certificates.to_vec()),
    };
    let one = std::slice::from_ref;
    let mut files = vec![
        file("SCA", "NB_CSCA.pem", one(&certificates.csca)),
        file("TLS", "NB_TLS.pem", one(&certificates.tls)),
        file("UP", "NB_UP.pem", one(&certificates.upload)),
    ];
    let mut authorities = file("TLS", "NB_TLS_CA.pem", &certificates.tls_authorities);
    authorities.name = "CA.pem".to_owned();
    files.push(authorities);
    let submission = Submission { name: String::new(), files, private: Vec::new() };
    let mut checks = Checks { submission: &submission, now, done: Vec::new() };
    for file in &submission.files {
        checks.pem_file(file, stage);
    }
    checks.tls_chain();
    checks.countries();
    checks.separate_keys();
    checks.done
}

struct Checks<'a> {
    submission: &'a Submission,
    now: Timestamp,
    done: Vec<Check>,
}

impl<'a> Checks<'a> {
    fn add(&mut self, name: &'static str, file: &str, problem: Option<String>) {
        let outcome = problem.map_or(Outcome::Passed, Outcome::Failed);
        self.done.push(Check { name, file: file.to_owned(), outcome });
    }

    fn demand(&mut self, holds: bool, name: &'static str, file: &str, problem: impl Into<String>) {
        self.add(name, file, (!holds).then(|| problem.into()));
    }

    fn folders(&mut self) {
        let domains: Vec<String> = self.submission.domains().into_iter().map(str::to_owned).collect();
        let some = !domains.is_empty();
        self.demand(
            some,
            "mandatory-files",
            "onboarding",
            "there is no domain: add the folder DCC with its certificates",
        );
        let has = |domain: &str, group: &str, name: &str| {
            let mut files = self.submission.files.iter();
            files.any(|file| file.domain == domain && file.group == group && file.name == name)
        };
        let anywhere = |group: &str, name: &str| domains.iter().any(|domain| has(domain, group, name));
        let mut found = Vec::new();
        for (group, name) in [("TLS", "TLS.pem"), ("TLS", "CA.pem"), ("UP", "UP.pem")] {
            let problem = format!("no domain has {group}/{name}: one must");
            found.push((format!("{group}/{name}"), (!anywhere(group, name)).then_some(problem)));
        }
        for domain in &domains {
            let problem = "has no SCA/SCA.pem: copy the national authority's certificate there".to_owned();
            found.push((domain.clone(), (!has(domain, "SCA", "SCA.pem")).then_some(problem)));
        }
        for (file, problem) in found {
            self.add("mandatory-files", &file, problem);
        }
        for domain in &domains {
            let known = DOMAINS.contains(&domain.as_str());
            if domain == "dICVP" {
                let text = "the published test compares 'DICVP' with 'dICVP' and always fails: ask gdhcn-support@who.int first";
                let outcome = Outcome::Note(text.to_owned());
                self.done.push(Check { name: "domain-name", file: domain.clone(), outcome });
            } else {
                let problem = format!("is no domain of the network, which has {}", DOMAINS.join(", "));
                self.demand(known, "domain-name", domain, problem);
            }
        }
    }

    fn private_keys(&mut self) {
        if self.submission.private.is_empty() {
            self.add("no-private-key", "all files", None);
        }
        for file in &self.submission.private {
            let problem = "holds a private key: remove it, destroy every copy that was sent, and make a new key";
            self.add("no-private-key", file, Some(problem.to_owned()));
        }
    }

    fn pem_file(&mut self, file: &Submitted, stage: Stage) {
        let group = file.group();
        if OTHER_GROUPS.contains(&group.as_str()) {
            return;
        }
        let known = GROUPS.contains(&group.as_str());
        self.demand(
            known,
            "group-name",
            &file.path,
            format!("'{}' is no group: use {}", file.group, GROUPS.join(", ")),
        );
        let Some(certificates) = &file.certificates else {
            let problem = "is no PEM of certificates that can be read: export the certificate again";
            return self.add("valid-pem", &file.path, Some(problem.to_owned()));
        };
        self.add("valid-pem", &file.path, None);
        if group == "TLS" && file.begins("TLS") {
            let count = file.blocks();
            let problem = format!("holds {count} certificates: exactly one belongs there, the others into CA.pem");
            self.demand(count == 1, "tls-without-chain", &file.path, problem);
        }
        for certificate in certificates {
            match certificate.details() {
                Ok(details) => self.certificate(file, &group, certificate, &details, stage),
                Err(_) => {
                    let problem = "holds a certificate with a malformed part: issue it again";
                    self.add("valid-pem", &file.path, Some(problem.to_owned()));
                }
            }
        }
    }

    fn certificate(
        &mut self,
        file: &Submitted,
        group: &str,
        certificate: &Certificate,
        details: &Details,
        stage: Stage,
    ) {
        let path = file.path.as_str();
        let authority_of_tls = group == "TLS" && file.begins("CA");
        let signature = SIGNATURES.contains(&details.signature.oid.as_str());
        let problem = format!(
            "is signed with {}: the network takes SHA-256 with ECDSA, RSA, RSASSA-PSS or DSA",
            details.signature.name()
        );
        self.demand(signature, "signature-algorithm", path, problem);
        self.add("key-length", path, key_length(&details.key));
        let rest = details.not_after.duration_since(self.now);
        let month = SignedDuration::from_hours(30 * 24);
        self.demand(rest >= month, "validity", path, "ends within 30 days: make a new one before you submit");
        if !authority_of_tls {
            self.lifetime(path, group, details);
        }
        self.key_usage(file, group, details);
        if group == "SCA" {
            let constraints = details.extensions.basic_constraints;
            let good = constraints.is_some_and(|found| found.authority && found.path_length.is_none_or(|n| n == 0));
            self.demand(
                good,
                "basic-constraints",
                path,
                "must have CA:TRUE with a path length of 0 or none: issue it again",
            );
        }
        self.own_checks(path, group, certificate, stage, authority_of_tls);
    }

    fn lifetime(&mut self, path: &str, group: &str, details: &Details) {
        let (least, most) = if group == "SCA" { (2, 4) } else { (1, 2) };
        let lifetime = details.not_after.duration_since(details.not_before);
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        let good = lifetime > days(least * 365 - 1) && lifetime < days(most * 366);
        let found = lifetime.as_hours() / 24;
        self.demand(
            good,
            "validity-range",
            path,
            format!("is valid for {found} days: {least} to {most} years are asked for"),
        );
    }

    fn key_usage(&mut self, file: &Submitted, group: &str, details: &Details) {
        let path = file.path.as_str();
        let Some(usage) = details.extensions.key_usage else {
            return self.add("key-usage", path, Some("has no key usage: issue it again with one".to_owned()));
        };
        let problem = match group {
            "TLS" if file.begins("CA") => None,
            "TLS" | "UP" if !usage.digital_signature() => Some("needs the key usage digitalSignature"),
            "TLS" | "UP" if usage.crl_sign() => Some("must not have the key usage cRLSign"),
            "SCA" if !usage.key_cert_sign() => Some("needs the key usage keyCertSign"),
            _ => None,
        };
        self.add("key-usage", path, problem.map(|problem| format!("{problem}: issue it again")));
        if group == "TLS" && file.begins("TLS") {
            let client = details.extensions.usages.iter().any(|usage| usage == CLIENT_AUTH);
            self.demand(client, "extended-key-usage", path, "needs the extended key usage clientAuth: issue it again");
            let alone = details.subject != details.issuer || usage.key_cert_sign();
            let problem = "is self-signed without keyCertSign, which the gateway's TLS refuses: issue it again";
            self.demand(alone, "self-signed-tls", path, problem);
        }
    }

    fn own_checks(&mut self, path: &str, group: &str, certificate: &Certificate, stage: Stage, authority_of_tls: bool) {
        if !authority_of_tls {
            let key_use = match group {
                "SCA" => KeyUse::Authority,
                "UP" => KeyUse::Upload,
                _ => KeyUse::Tls,
            };
            // Lengths are the published test's to judge.
            let unfit = certificate.refuse(key_use).err();
            let unfit = unfit.filter(|unfit| !matches!(unfit, UnfitKey::Short { .. } | UnfitKey::OldHash { .. }));
            self.add("sound-key", path, unfit.map(|unfit| unfit.to_string()));
        } else if let Some(known) = known_key(certificate.spki()) {
            self.add("sound-key", path, Some(format!("holds a published key ({}): make a new one", known.place)));
        }
        if certificate.is_sandbox() {
            let text = "is a sandbox certificate: hold the ceremony with environment = \"production\"".to_owned();
            let outcome = if matches!(stage, Stage::Dev | Stage::Test | Stage::Sandbox) {
                Outcome::Note(text)
            } else {
                Outcome::Failed(text)
            };
            self.done.push(Check { name: "no-sandbox", file: path.to_owned(), outcome });
        }
    }

    /// TLS*.pem of a domain are each signed by a certificate of some CA*.pem there.
    fn tls_chain(&mut self) {
        let files: Vec<&'a Submitted> =
            self.submission.files.iter().filter(|f| f.is_pem() && f.group() == "TLS").collect();
        for file in files.iter().filter(|file| file.begins("TLS")) {
            let authorities = files.iter().filter(|other| other.domain == file.domain && other.begins("CA"));
            let authorities: Vec<&Certificate> =
                authorities.filter_map(|file| file.certificates.as_deref()).flatten().collect();
            for certificate in file.certificates.iter().flatten() {
                let signed = authorities.iter().any(|authority| certificate.is_issued_by(authority).is_ok());
                let problem =
                    "no certificate of CA.pem signed it: put its issuer there, or a copy when it is self-signed";
                self.demand(signed, "tls-chain", &file.path, problem);
            }
        }
    }

    fn countries(&mut self) {
        let folder = Some(self.submission.name.as_str()).filter(|name| is_alpha3(name));
        let mut wanted = folder.map(str::to_owned);
        let mut results = Vec::new();
        for file in self.submission.files.iter().filter(|file| GROUPS.contains(&file.group().as_str())) {
            // Who vouches for a TLS client may be anywhere.
            if file.group() == "TLS" && file.begins("CA") {
                continue;
            }
            for details in file.certificates.iter().flatten().filter_map(|certificate| certificate.details().ok()) {
                let found: Vec<&str> = details.subject.all("C").collect();
                let problem = match found.as_slice() {
                    [one] => match (alpha3(one), &wanted) {
                        (None, _) => Some(format!("names the country '{one}', which no list has")),
                        (Some(code), Some(wanted)) if code != *wanted => {
                            Some(format!("is of {one} ({code}), but the submission is of {wanted}"))
                        }
                        (Some(code), _) => {
                            wanted = Some(code);
                            None
                        }
                    },
                    _ => Some(format!("names {} countries: exactly one C belongs into the subject", found.len())),
                };
                results.push((file.path.clone(), problem));
            }
        }
        for (path, problem) in results {
            self.add("country", &path, problem);
        }
    }

    /// The upload key must be no other's; one certificate in several domains is one key.
    fn separate_keys(&mut self) {
        let mut uses: Vec<(String, String, Vec<u8>)> = Vec::new();
        for file in self.submission.files.iter().filter(|file| GROUPS.contains(&file.group().as_str())) {
            if file.group() == "TLS" && file.begins("CA") {
                continue;
            }
            for certificate in file.certificates.iter().flatten() {
                uses.push((file.path.clone(), file.group(), certificate.spki().to_vec()));
            }
        }
        for (path, group, spki) in uses.iter().filter(|(_, group, _)| group == "UP") {
            let other = uses.iter().find(|(_, other, key)| other != group && key == spki);
            let problem =
                other.map(|(other, ..)| format!("has the key of {other}: the upload key must differ from all others"));
            self.add("separate-keys", path, problem);
        }
    }
}

fn is_alpha3(name: &str) -> bool {
    name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn key_length(key: &KeyKind) -> Option<String> {
    match key {
        KeyKind::Rsa { bits, .. } | KeyKind::Dsa { bits } if *bits < 3_072 => {
            Some(format!("has a key of {bits} bits: RSA and DSA need 3072, or take EC P-256"))
        }
        KeyKind::Rsa { .. } | KeyKind::Dsa { .. } | KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => None,
        other => Some(format!("has {other}: take EC P-256 or RSA with 3072 bits")),
    }
}
