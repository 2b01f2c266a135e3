//! Each configured certificate against the profile that the trust networks ask for (EU DCC certificate governance
//! 4.3; facts on the trust framework, section 1), and against what it is configured to sign.

use jiff::{SignedDuration, Timestamp};

use super::{Area, Finding, finding::Notes};
use crate::{
    config::Setup,
    issue::Format,
    keys::{Algorithm, Certificate, Purpose},
    trust::{TrustStore, TrustedKey},
};

/// Days before an end at which somebody must begin to act: a new certificate takes weeks of other people's time
/// (failure F19).
const WARNING_DAYS: i64 = 90;
/// Days before an end at which nothing but acting is left.
const FAULT_DAYS: i64 = 7;
/// Longest recommended life of a document signer, two years with a leap day.
const SIGNER_DAYS: i64 = 731;

/// Key identifiers of the configured certificates, the signer's first.
pub(super) fn kids(setup: &Setup) -> Vec<String> {
    let mut kids = vec![setup.signer.kid().to_string()];
    let list = setup.list_key.signer.kid().to_string();
    if !kids.contains(&list) {
        kids.push(list);
    }
    kids
}

/// Checks the certificates.
pub(super) fn check(setup: Option<&Setup>, now: Timestamp) -> Vec<Finding> {
    let mut notes = Notes::of(Area::Keys);
    let Some(setup) = setup else {
        notes.not_checked("signer", "the configuration cannot be used, see above");
        return notes.into_list();
    };
    signer(&mut notes, setup, now);
    let (signer, list) = (setup.signer.certificate(), setup.list_key.signer.certificate());
    if list.kid() == signer.kid() {
        notes.advice(
            "list-key",
            "trust bundles are signed by the certificate signer itself",
            "give list_key and list_certificate under [keys]: devices that pin the list key then survive a new signer",
        );
    } else {
        lifetime(&mut notes, "list-key", "the list key", list, now);
    }
    if let Some(linked) = &setup.linked_data {
        match linked.key().not_after {
            Some(end) => end_of(&mut notes, "divoc-key", "the key for linked data", end, now),
            None => notes.ok("divoc-key", "the key for linked data has no certificate, and no end of its own"),
        }
    }
    notes.into_list()
}

fn signer(notes: &mut Notes, setup: &Setup, now: Timestamp) {
    let certificate = setup.signer.certificate();
    let key = certificate.public_key().map(|key| key.describe()).unwrap_or_default();
    notes.ok("signer", format!("{} signs with {} ({key})", certificate.kid(), setup.signer.algorithm()));
    lifetime(notes, "signer-lifetime", "the signer's certificate", certificate, now);
    if certificate.signs_until() < certificate.not_after() {
        end_of(
            notes,
            "signer-key-use",
            "the period in which the signer's key may sign",
            certificate.signs_until(),
            now,
        );
    }
    country(notes, setup, certificate);
    profile(notes, certificate);
    strength(notes, setup, certificate);
    purposes(notes, setup, certificate);
    let days = certificate.not_after().duration_since(certificate.not_before()).as_hours() / 24;
    if days > SIGNER_DAYS {
        notes.advice(
            "signer-life",
            format!("the signer's certificate lives {days} days"),
            "let the next one live two years and its key sign for six months, as the governance recommends",
        );
    }
    let wanted = now.saturating_add(setup.terms.validity).unwrap_or(now);
    if wanted > certificate.not_after() && now < certificate.not_after() {
        notes.note(
            "validity",
            format!(
                "certificates issued today end with the signer's on {}, before their {} days are over",
                certificate.not_after().strftime("%Y-%m-%d"),
                setup.terms.validity.as_hours() / 24
            ),
        );
    }
}

/// Begin and end of a certificate.
fn lifetime(notes: &mut Notes, name: &'static str, what: &str, certificate: &Certificate, now: Timestamp) {
    if now < certificate.not_before() {
        let from = certificate.not_before();
        let found = format!("{what} begins only at {from}");
        return notes.fault(name, found, "wait until then, put the earlier one back, or check this machine's clock");
    }
    end_of(notes, name, what, certificate.not_after(), now);
}

fn end_of(notes: &mut Notes, name: &'static str, what: &str, end: Timestamp, now: Timestamp) {
    let left = end.duration_since(now);
    let days = left.as_hours() / 24;
    let date = end.strftime("%Y-%m-%d");
    let remedy = "make a new one now and upload it before it signs (vaccert keys ceremony, vaccert gateway upload)";
    if left <= SignedDuration::ZERO {
        notes.fault(name, format!("{what} ended on {date}"), remedy);
    } else if days < FAULT_DAYS {
        notes.fault(name, format!("{what} ends on {date}, in {days} days"), remedy);
    } else if days < WARNING_DAYS {
        notes.warning(name, format!("{what} ends on {date}, in {days} days"), remedy);
    } else {
        notes.ok(name, format!("{what} ends on {date}, in {days} days"));
    }
}

fn country(notes: &mut Notes, setup: &Setup, certificate: &Certificate) {
    let configured = setup.country.as_str();
    match certificate.country() {
        Some(own) if own == configured => {
            notes.ok("signer-country", format!("the certificate and the configuration say {own}"));
        }
        Some(own) => notes.fault(
            "signer-country",
            format!("the certificate is of {own} and issuer.country is {configured}"),
            "set issuer.country to the certificate's, or put your own certificate in place",
        ),
        None => notes.fault(
            "signer-country",
            "the certificate names no country (C)",
            "make a new certificate with exactly one C in its subject (vaccert keys ceremony)",
        ),
    }
}

/// What the certificate says of itself.
fn profile(notes: &mut Notes, certificate: &Certificate) {
    let profile = match certificate.profile() {
        Ok(profile) => profile,
        Err(error) => return notes.error("signer-profile", &error, "make a new certificate (vaccert keys ceremony)"),
    };
    let mut lacks = Vec::new();
    if profile.is_authority {
        lacks.push("it is an authority (CA:TRUE)");
    }
    if !profile.may_sign_documents() {
        lacks.push("its key usage lacks digitalSignature");
    }
    if profile.key_usage_names_certificates() {
        lacks.push("its key usage has keyCertSign");
    }
    if profile.authority_key_id.is_none() && !profile.is_self_issued {
        lacks.push("it does not name its authority's key (AKI)");
    }
    if profile.is_self_issued {
        lacks.push("it is self-issued, not by a CSCA");
    }
    if profile.demands_unknown {
        lacks.push("it has a critical extension that verifiers do not know");
    }
    if lacks.is_empty() {
        let should =
            if profile.subject_key_id.is_none() { "; a subject key identifier (SKI) is recommended" } else { "" };
        notes.ok("signer-profile", format!("a document signer issued by an authority{should}"));
    } else {
        notes.fault(
            "signer-profile",
            lacks.join(", "),
            "make a new certificate by the profile of document signers (vaccert keys ceremony); gateways refuse this one",
        );
    }
}

/// Weak and publicly known keys.
fn strength(notes: &mut Notes, setup: &Setup, certificate: &Certificate) {
    let Ok(key) = TrustedKey::from_certificate(certificate, "own signer") else {
        return notes.fault("signer-strength", "its key cannot be used", "make a new key (vaccert keys ceremony)");
    };
    let weak = key.key.is_weak();
    let p256 = key.key.is_p256();
    let kid = key.kid.clone();
    let mut store = TrustStore::new();
    store.add(key);
    let demonstration = !certificate.is_sandbox() && store.candidates(&kid).iter().any(|key| key.sandbox);
    let remedy = "make a new key (vaccert keys ceremony): P-256 is recommended";
    if demonstration {
        notes.fault("signer-strength", "this key is published for demonstrations: anybody can sign with it", remedy);
    } else if weak {
        notes.fault("signer-strength", "the key is too short", remedy);
    } else if setup.signer.algorithm() == Algorithm::Es256 && !p256 {
        notes.fault(
            "signer-strength",
            "the key is of another curve than P-256, which verifiers do not support",
            remedy,
        );
    } else {
        notes.ok("signer-strength", "as strong as the networks ask, and none that is published");
    }
}

/// The extended key usages against what is issued (failures F10 and F14).
fn purposes(notes: &mut Notes, setup: &Setup, certificate: &Certificate) {
    if certificate.has_only_unrelated_usages() {
        return notes.warning(
            "signer-purposes",
            "the certificate names usages, none of them for health certificates",
            "make the next certificate with the three usages 1.3.6.1.4.1.1847.2021.1.1 to .3, or with none",
        );
    }
    let issues_eu = setup.formats.contains(&Format::EuDcc);
    let word = |purpose: &Purpose| match purpose {
        Purpose::Test => "tests",
        Purpose::Vaccination => "vaccinations",
        Purpose::Recovery => "recoveries",
    };
    if certificate.purposes().is_empty() {
        return notes.ok("signer-purposes", "no usage is named, so every kind is allowed");
    }
    let all = [Purpose::Vaccination, Purpose::Test, Purpose::Recovery];
    let lacking: Vec<&str> = all.iter().filter(|purpose| !certificate.allows(**purpose)).map(word).collect();
    let named: Vec<&str> = certificate.purposes().iter().map(word).collect();
    if !issues_eu || lacking.is_empty() {
        notes.ok("signer-purposes", format!("allows {}", named.join(", ")));
    } else if certificate.allows(Purpose::Vaccination) {
        notes.note("signer-purposes", format!("allows {}; {} are refused", named.join(", "), lacking.join(" and ")));
    } else {
        notes.warning(
            "signer-purposes",
            format!("allows only {}: EU certificates of vaccinations are refused", named.join(", ")),
            "use this signer for a program of tests alone, or make one with the usage for vaccinations",
        );
    }
}
