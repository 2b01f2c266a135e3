//! Each configured certificate against the profile that the trust networks ask for (EU DCC certificate governance
//! 4.3; facts on the trust framework, section 1), and against what it is configured to sign.

use jiff::{SignedDuration, Timestamp};

use super::{Area, Finding, finding::Notes};
use crate::{
    ceremony::{
        Role,
        profile::{self, Rule},
    },
    config::Setup,
    issue::Format,
    keys::{Certificate, KeyUse, Member, Purpose, SignerState},
};

/// Days before an end at which somebody must begin to act: a new certificate takes weeks of other people's time
/// (failure F19).
const WARNING_DAYS: i64 = 90;
/// Days before an end at which nothing but acting is left.
const FAULT_DAYS: i64 = 7;

/// Key identifiers of the configured certificates, the signers' first.
pub(super) fn kids(setup: &Setup) -> Vec<String> {
    let mut kids: Vec<String> =
        setup.signers.members().iter().map(|member| member.signer().kid().to_string()).collect();
    let list = setup.list_key.signer.kid().to_string();
    if !kids.contains(&list) {
        kids.push(list);
    }
    kids
}

/// Checks the certificates.
pub(super) fn check(setup: Option<&Setup>, csca: Option<&Certificate>, now: Timestamp) -> Vec<Finding> {
    let mut notes = Notes::of(Area::Keys);
    let Some(setup) = setup else {
        notes.not_checked("signer", "the configuration cannot be used, see above");
        return notes.into_list();
    };
    for member in setup.signers.members() {
        signer(&mut notes, setup, member, csca, now);
    }
    if let Err(nobody) = setup.signers.select(Purpose::Vaccination, now) {
        notes.error("signer-state", &nobody, "publish the key (vaccert keys publish), or put a current one in place");
    }
    purposes(&mut notes, setup);
    let list = setup.list_key.signer.certificate();
    if setup.signers.members().iter().any(|member| member.certificate().kid() == list.kid()) {
        notes.advice(
            "list-key",
            "trust bundles are signed by the certificate signer itself",
            "give list_key and list_certificate under [keys]: devices that pin the list key then survive a new signer",
        );
    } else {
        lifetime(&mut notes, "list-key", "the list key", list, now);
        if let Err(error) = list.refuse(KeyUse::Other) {
            notes.error("list-key", &error, "make a new key (vaccert keys ceremony)");
        }
    }
    if let Some(linked) = &setup.linked_data {
        match linked.key().not_after {
            Some(end) => end_of(&mut notes, "divoc-key", "the key for linked data", end, now),
            None => notes.ok("divoc-key", "the key for linked data has no certificate, and no end of its own"),
        }
    }
    if let Some(key) = &setup.document_key {
        let (what, end) = ("the certificate of the document key", key.certificate().signs_until());
        let remedy = "have a new one issued for document.certificate: no paper is handed out without its seal";
        if let Err(error) = key.may_seal(now) {
            notes.error("document-key", &error, remedy);
        } else {
            end_with(&mut notes, "document-key", what, end, now, remedy);
        }
    }
    if let Some(passes) = &setup.wallet.apple {
        let (what, end) = ("the pass certificate of wallet.apple", passes.certificate().not_after());
        let remedy = "renew it on Apple's developer pages and put it in place: until then no passes are made";
        end_with(&mut notes, "pass-certificate", what, end, now, remedy);
    }
    notes.into_list()
}

fn signer(notes: &mut Notes, setup: &Setup, member: &Member, csca: Option<&Certificate>, now: Timestamp) {
    let certificate = member.certificate();
    let key = certificate.public_key().map(|key| key.describe()).unwrap_or_default();
    let who = format!("{} ({}, {key})", certificate.kid(), member.signer().algorithm());
    match setup.signers.state(member, now) {
        SignerState::Active { until, .. } => {
            notes.ok("signer", format!("{who} signs, until {}", until.strftime("%Y-%m-%d")));
        }
        SignerState::Pending { from } => {
            notes.note("signer", format!("{who} is published, and signs from {from} on"));
        }
        SignerState::Unpublished => notes.advice(
            "signer",
            format!("{who} was never published, and verifiers do not know it"),
            "run vaccert keys publish, and vaccert gateway upload --signer",
        ),
        // What it signed still verifies; nothing of it is to be mended.
        SignerState::Retired { until } => {
            let until = until.strftime("%Y-%m-%d");
            return notes.note("signer", format!("{who} signs no more; what it signed counts until {until}"));
        }
        SignerState::Ended { since } => {
            return notes.advice(
                "signer",
                format!("{who} ended on {}", since.strftime("%Y-%m-%d")),
                "take it out of [keys]: nothing that it signed counts any more",
            );
        }
    }
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
    keeps_profile(notes, certificate, csca, now);
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

pub(super) fn end_of(notes: &mut Notes, name: &'static str, what: &str, end: Timestamp, now: Timestamp) {
    let remedy = "make a new one now and upload it before it signs (vaccert keys ceremony, vaccert gateway upload)";
    end_with(notes, name, what, end, now, remedy);
}

fn end_with(notes: &mut Notes, name: &'static str, what: &str, end: Timestamp, now: Timestamp, remedy: &'static str) {
    let left = end.duration_since(now);
    let days = left.as_hours() / 24;
    let date = end.strftime("%Y-%m-%d");
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

/// The profile of document signers, and the key itself: weak, published or of a kind that readers do not know.
fn keeps_profile(notes: &mut Notes, certificate: &Certificate, csca: Option<&Certificate>, now: Timestamp) {
    let breaches = profile::breaches(certificate, Role::Signer, csca, now);
    // The dates are told with their thresholds.
    let (keys, others): (Vec<_>, Vec<_>) =
        breaches.iter().filter(|breach| breach.rule != Rule::Expired).partition(|breach| breach.rule == Rule::Key);
    if keys.is_empty() {
        notes.ok("signer-strength", "strong, and no key that is published");
    }
    if others.is_empty() {
        let by = if csca.is_some() { "issued by the configured CSCA" } else { "its CSCA is not configured" };
        notes.ok("signer-profile", format!("keeps every rule of the profile of document signers; {by}"));
    }
    let remedy = "make a new one by the profile of document signers (vaccert keys ceremony); gateways refuse this one";
    for breach in others {
        notes.error("signer-profile", breach, remedy);
    }
    for breach in keys {
        notes.error("signer-strength", breach, remedy);
    }
}

/// The extended key usages of all signers against what is issued (failures F10 and F14).
fn purposes(notes: &mut Notes, setup: &Setup) {
    let members = setup.signers.members();
    if let Some(member) = members.iter().find(|member| member.certificate().has_only_unrelated_usages()) {
        return notes.warning(
            "signer-purposes",
            format!("{} names usages, none of them for health certificates", member.signer().kid()),
            "make the next certificate with the three usages 1.3.6.1.4.1.1847.2021.1.1 to .3, or with none",
        );
    }
    let word = |purpose: &Purpose| match purpose {
        Purpose::Test => "tests",
        Purpose::Vaccination => "vaccinations",
        Purpose::Recovery => "recoveries",
    };
    let all = [Purpose::Vaccination, Purpose::Test, Purpose::Recovery];
    let (served, lacking): (Vec<Purpose>, Vec<Purpose>) =
        all.into_iter().partition(|purpose| members.iter().any(|member| member.serves(*purpose)));
    let names = |purposes: &[Purpose]| purposes.iter().map(word).collect::<Vec<_>>().join(" and ");
    if lacking.is_empty() {
        notes.ok("signer-purposes", "vaccinations, tests and recoveries may be signed");
    } else if !setup.formats.contains(&Format::EuDcc) {
        notes.ok("signer-purposes", "no EU certificates are issued, whose kinds usages restrict");
    } else if served.contains(&Purpose::Vaccination) {
        let found = format!("{} may be signed; {} are refused", names(&served), names(&lacking));
        notes.note("signer-purposes", found);
    } else {
        notes.warning(
            "signer-purposes",
            format!("only {} may be signed: EU certificates of vaccinations are refused", names(&served)),
            "use this signer for a program of tests alone, or add one with the usage for vaccinations",
        );
    }
}
