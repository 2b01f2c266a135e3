//! The canary (failure F20: a technically valid issuer that no list knew): a specimen certificate in every configured
//! format, signed with the configured signer and judged by the offline verifier against the issuer's own bundle.
//!
//! In production a specimen under the real key must never be mistaken for a certificate. It ends before it begins
//! ([`crate::issue::specimen`]), lives in memory alone, and is judged at several times: were any verdict green, that
//! would be a fault. The verifier is expected to find everything good but the end.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Area, Finding, finding::Notes};
use crate::{
    batch::{BUNDLE_FILE, Random, remember, write_bundle},
    clock::Clock,
    config::{Environment, Setup},
    issue::{Envelope, Format, Issuer, RecordError, specimen},
    keys::{Certificate, Purpose, SignerState},
    record::Uvci,
    registry::{Options as RegistryOptions, Registry},
    trust::{
        TrustStore,
        bundle::{self, Bundle},
    },
    verify::{Check, Decision, Knowledge, Reason, Verdict, Verifier},
};

/// A specimen and what is expected of it.
#[derive(Debug, Clone)]
pub(super) struct Specimen {
    pub(super) envelope: Envelope,
    /// Signed in production: it must be red for its end, and for nothing else.
    pub(super) ended: bool,
}

/// Signs and verifies specimens. Gives them for further checks.
pub(super) async fn check(
    setup: Option<&Setup>,
    downloaded: Option<&TrustStore>,
    clock: &dyn Clock,
    random: &Random,
) -> (Vec<Finding>, Vec<Specimen>) {
    let mut notes = Notes::of(Area::Canary);
    let Some(setup) = setup else {
        notes.not_checked("specimen", "the configuration cannot be used, see above");
        return (notes.into_list(), Vec::new());
    };
    let now = clock.now();
    let mut specimens = Vec::new();
    let issuers = issuers(&mut notes, setup, now);
    if issuers.is_empty() {
        notes.not_checked("specimen", "no signer signs now or will, see the keys");
    }
    let last = issuers.len().saturating_sub(1);
    for (place, (issuer, serves)) in issuers.iter().enumerate() {
        // The key for linked data is the same with every signer.
        let asked = |format: &Format| match format {
            Format::EuDcc => *serves,
            Format::Divoc => place == last,
            Format::Ddcc | Format::Icvp | Format::DivocCwt => true,
        };
        let formats: Vec<Format> = setup.formats.iter().copied().filter(asked).collect();
        specimens.extend(sign(&mut notes, setup, issuer, &formats, now, random));
    }
    if specimens.is_empty() {
        notes.not_checked("own-bundle", "no specimen could be signed");
        return (notes.into_list(), specimens);
    }
    match own_bundle(setup, &issuers, now).await {
        Ok(bundle) => judge(&mut notes, &bundle, &specimens, now),
        Err(problem) => notes.error("own-bundle", &problem, "look at list_key and list_certificate under [keys]"),
    }
    match downloaded {
        Some(list) => abroad(&mut notes, list, &specimens, now),
        None => notes.not_checked("downloaded-list", "no trust list was downloaded and checked, see the gateway"),
    }
    (notes.into_list(), specimens)
}

/// An issuer for each signer that signs or will sign, and whether it serves vaccinations, which specimens are of. Alone
/// in its set a signer signs at once: a specimen shows that the key works, before verifiers are told of it too.
fn issuers(notes: &mut Notes, setup: &Setup, now: Timestamp) -> Vec<(Issuer, bool)> {
    let mut issuers = Vec::new();
    let members = setup.signers.members();
    let nobody_serves = !members.iter().any(|member| member.serves(Purpose::Vaccination));
    for member in members {
        if matches!(setup.signers.state(member, now), SignerState::Retired { .. } | SignerState::Ended { .. }) {
            continue;
        }
        match Issuer::new(Arc::clone(member.signer()), setup.country.as_str(), setup.terms.clone()) {
            Ok(issuer) => {
                let serves = nobody_serves || member.serves(Purpose::Vaccination);
                issuers.push((issuer.with_linked_data(setup.linked_data.clone()), serves));
            }
            Err(error) => notes.error("specimen", &error, "put a signer certificate of your country in place"),
        }
    }
    if let Some((issuer, _)) = issuers.first()
        && let Err(error) = issuer.check(&setup.formats)
    {
        notes.error("specimen", &error, "correct formats under [issue]");
    }
    issuers
}

fn sign(
    notes: &mut Notes,
    setup: &Setup,
    issuer: &Issuer,
    formats: &[Format],
    now: Timestamp,
    random: &Random,
) -> Vec<Specimen> {
    let mut signed = Vec::new();
    for &format in formats {
        let mut bits = [0; 16];
        if let Err(error) = random(&mut bits) {
            notes.error("specimen", &error, "check /dev/urandom");
            return signed;
        }
        let id = Uvci::from_random(setup.country, bits);
        match one(issuer, setup, format, &id, now) {
            Ok(Some(specimen)) => signed.push(specimen),
            Ok(None) => linked_data_key(notes, setup),
            Err(RecordError::Issuer(error)) => notes.error("specimen", &error, "look at the signer under [keys]"),
            Err(RecordError::Refused(refused)) => {
                for refused in refused {
                    let refusal = refused.refusal;
                    notes.fault("specimen", format!("{format}: {}: {}", refusal.code, refusal.message), refusal.remedy);
                }
            }
        }
    }
    if !signed.is_empty() {
        let formats: Vec<&str> = signed.iter().map(|specimen: &Specimen| specimen.envelope.format.name()).collect();
        let kid = issuer.certificate().kid();
        notes.ok("specimen", format!("signed in memory for nobody with {kid}: {}", formats.join(", ")));
    }
    signed
}

/// One specimen; `None` where none may be signed.
fn one(
    issuer: &Issuer,
    setup: &Setup,
    format: Format,
    id: &Uvci,
    now: Timestamp,
) -> Result<Option<Specimen>, RecordError> {
    if setup.environment == Environment::Production {
        if format == Format::Divoc {
            return Ok(None);
        }
        let envelope = issuer.specimen(format, setup.country, &setup.issuer_name, id, now)?;
        return Ok(Some(Specimen { envelope, ended: true }));
    }
    // The sandbox's key marks everything, so the way of every certificate is tried as it is.
    let Some(record) = specimen::record(format, setup.country, &setup.issuer_name, now) else { return Ok(None) };
    let prepared = issuer.prepare(&record, id, &[format], now)?;
    let issued = issuer.seal(prepared)?;
    Ok(issued.envelopes.into_iter().next().map(|envelope| Specimen { envelope, ended: false }))
}

/// Linked data has no end, so in production no specimen of it is signed; the key proves itself on plain bytes, which
/// are no document.
fn linked_data_key(notes: &mut Notes, setup: &Setup) {
    const BYTES: &[u8] = b"vaccert doctor: these bytes are no document";
    let Some(linked) = &setup.linked_data else { return };
    if linked.signs(BYTES) {
        notes.note("linked-data", "the key signs; no specimen is made, for linked data has no end of validity");
    } else {
        notes.fault("linked-data", "the key for linked data does not sign", "restore [divoc] key from a backup");
    }
}

/// The bundle as a first run would write it, read back with the list key. It is made from a registry of its own, that
/// knows the keys in use: the real one learns them only when something is issued, and an examination changes nothing.
async fn own_bundle(setup: &Setup, issuers: &[(Issuer, bool)], now: Timestamp) -> Result<Bundle, String> {
    // Only its owner may enter the folder, and it goes when this function ends.
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder can be made ({})", error.kind()))?;
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let place = folder.path().join("registry.sqlite");
    let registry = Registry::open(&place.to_string_lossy(), RegistryOptions::default()).await;
    let registry = registry.map_err(|error| text(&error))?;
    for (issuer, _) in issuers {
        remember(issuer, &registry, now).await.map_err(|error| text(&error))?;
    }
    let signers: Vec<Certificate> = issuers.iter().map(|(issuer, _)| issuer.certificate().clone()).collect();
    let path = write_bundle(folder.path(), &signers, &setup.list_key, &registry, now).await.map_err(|e| text(&e))?;
    registry.close().await;
    let bytes =
        std::fs::read(&path).map_err(|error| format!("{BUNDLE_FILE} cannot be read back ({})", error.kind()))?;
    let key = setup.list_key.signer.certificate().public_key().map_err(|error| text(&error))?;
    bundle::read(bytes, &[key]).map_err(|error| text(&error))
}

fn judge(notes: &mut Notes, bundle: &Bundle, specimens: &[Specimen], now: Timestamp) {
    let knowledge = match Knowledge::of_bundle(bundle, "own bundle") {
        Ok(knowledge) => knowledge,
        Err(error) => return notes.error("own-bundle", &error, "report this"),
    };
    let mut good = Vec::new();
    for specimen in specimens {
        let format = specimen.envelope.format;
        match verdict_of(&knowledge.verifier(now), specimen) {
            Ok(()) => good.push(format.name()),
            Err(problem) => notes.fault(
                "own-bundle",
                format!("{format}: the offline verifier does not know the specimen ({problem})"),
                "check that signer_certificate and list_certificate under [keys] are those of the keys in use",
            ),
        }
        if specimen.ended {
            never_green(notes, &knowledge, specimen, now);
        }
    }
    if !good.is_empty() {
        let expected =
            if specimens.iter().any(|specimen| specimen.ended) { "good but for its end" } else { "accepted" };
        notes.ok("own-bundle", format!("the offline verifier finds each {expected}: {}", good.join(", ")));
    }
}

/// The same specimens as a verifier abroad sees them: with the gateway's list and nothing else.
fn abroad(notes: &mut Notes, list: &TrustStore, specimens: &[Specimen], now: Timestamp) {
    let verifier = Verifier::new(list, now);
    // Gateways list certificates; keys for linked data are known by their DID alone.
    let listed = specimens.iter().filter(|specimen| specimen.envelope.format != Format::Divoc);
    let mut good = Vec::new();
    for specimen in listed {
        match verdict_of(&verifier, specimen) {
            Ok(()) => good.push(specimen.envelope.format.name()),
            Err(problem) => notes.fault(
                "downloaded-list",
                format!("{}: abroad nobody knows the signer ({problem})", specimen.envelope.format),
                "run vaccert gateway upload --signer, then vaccert doctor again",
            ),
        }
    }
    if !good.is_empty() {
        notes.ok("downloaded-list", format!("verifiers with the gateway's list know the signer: {}", good.join(", ")));
    }
}

/// Whether a verdict on a specimen is what it should be; otherwise the reason that decided.
pub(super) fn verdict_of(verifier: &Verifier<'_>, specimen: &Specimen) -> Result<(), String> {
    let verdict = look(verifier, specimen);
    let reason = verdict.reason.map_or("accepted", Reason::code);
    let checks = &verdict.checks;
    let sound = [checks.decode, checks.signature, checks.trust, checks.key_usage, checks.content]
        .iter()
        .all(|check| *check == Check::Passed);
    let expected = match (specimen.ended, verdict.verdict) {
        (true, Decision::Rejected) => verdict.reason == Some(Reason::Expired),
        (false, Decision::Accepted) => true,
        _ => false,
    };
    if sound && expected { Ok(()) } else { Err(reason.to_owned()) }
}

fn look(verifier: &Verifier<'_>, specimen: &Specimen) -> Verdict {
    match specimen.envelope.code() {
        Some(code) => verifier.judge_bytes(&code),
        None => verifier.judge(""),
    }
}

/// Times at which a specimen of production is judged besides now: about its end, about the begin of its signer, and
/// about its own begin.
fn never_green(notes: &mut Notes, knowledge: &Knowledge, specimen: &Specimen, now: Timestamp) {
    let second = SignedDuration::from_secs(1);
    let around = |time: Timestamp| {
        [time.saturating_sub(second).unwrap_or(time), time, time.saturating_add(second).unwrap_or(time)]
    };
    let begins = knowledge.trust.keys().filter_map(|key| key.not_before).flat_map(around);
    let issued = specimen.envelope.issued_at;
    let times = around(specimen::EXPIRY).into_iter().chain(around(issued)).chain(begins).chain([now]);
    let mut times: Vec<Timestamp> = times.collect();
    times.sort_unstable();
    times.dedup();
    if times.into_iter().any(|at| look(&knowledge.verifier(at), specimen).verdict == Decision::Accepted) {
        let format = specimen.envelope.format;
        notes.fault(
            "specimen-green",
            format!("{format}: a specimen of production was accepted"),
            "report this at once",
        );
    }
}
