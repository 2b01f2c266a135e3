//! The gateway of the trust network: reachable with the configured TLS certificate, and what it holds of this country:
//! uploaders, authorities and signers, each vouched for by the trust anchor. A country whose signer is missing or
//! refused there issues certificates that nobody abroad can check (failure F20).

use std::{future::Future, sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{
    Area, Finding, Options,
    clock::Reading,
    finding::{Notes, count},
    keys::end_of,
    server::within,
};
use crate::{
    clock::Clock,
    config::{ConfigError, GatewaySettings, Inspected},
    gateway::{
        Client, GatewayError, Http, HttpOptions, ItemType, ListEntry, Part, Patience, Placed, Sender, Stage, UploadKey,
        thumbprint, vouched_for,
    },
    keys::Certificate,
    limits::{DOCTOR_LIST_SECONDS, DOCTOR_QUESTION_SECONDS},
    trust::{
        TrustStore,
        lists::{Checks, ListKey, ListOptions, read_checked},
    },
};

/// Name of the downloaded list in verdicts.
pub(super) const LIST: &str = "gateway";

/// What the gateway told.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Its clock.
    pub(super) clock: Option<Reading>,
    /// Its trust list, checked entry by entry; `None` where there is none, or no anchor to check it by.
    pub(super) list: Option<TrustStore>,
}

/// The settings, where a trust network is configured and can be used.
pub(super) fn settings(inspected: Option<&Inspected>) -> Option<&GatewaySettings> {
    inspected.and_then(|inspected| inspected.gateway.as_ref().ok()).and_then(Option::as_ref)
}

/// Checks the gateway.
pub(super) async fn check(
    inspected: Option<&Inspected>,
    options: &Options,
    clock: &Arc<dyn Clock>,
) -> (Vec<Finding>, Asked) {
    let mut notes = Notes::of(Area::Gateway);
    let asked = match inspected.map(|inspected| &inspected.gateway) {
        None => {
            notes.not_checked("reachable", "there is no configuration that names a trust network");
            Asked::default()
        }
        Some(Err(error)) => {
            notes.error("settings", error, "correct the section [gateway]");
            Asked::default()
        }
        Some(Ok(None)) => {
            notes.advice(
                "settings",
                "no trust network is configured: abroad, only who was given your trust bundle can check certificates",
                "join a network (vaccert gateway onboard) and write the section [gateway]",
            );
            Asked::default()
        }
        Some(Ok(Some(settings))) => {
            certificates(&mut notes, settings, clock.now());
            if options.offline {
                notes.not_checked("reachable", "no server is asked (--offline)");
                Asked::default()
            } else {
                ask(&mut notes, settings, options, clock).await
            }
        }
    };
    (notes.into_list(), asked)
}

/// The dates and the country of the certificates that are shown to the gateway: they end together, and nobody outside
/// keeps account of them (failure F19).
fn certificates(notes: &mut Notes, settings: &GatewaySettings, now: Timestamp) {
    let each: [(&'static str, &str, Result<Certificate, ConfigError>); 4] = [
        ("tls", "the TLS certificate", settings.tls()),
        ("upload", "the upload certificate", settings.upload_certificate()),
        ("csca", "the national authority (CSCA)", settings.csca()),
        ("anchor", "the trust anchor", settings.anchor()),
    ];
    for (name, what, certificate) in each {
        match certificate {
            Ok(certificate) => {
                end_of(notes, name, what, certificate.not_after(), now);
                let own = certificate.country();
                if name != "anchor" && own != Some(settings.country.as_str()) {
                    notes.fault(
                        name,
                        format!("{what} is of {}, not of {}", own.unwrap_or("no country"), settings.country),
                        format!("put the one of {} in place, or correct gateway.country", settings.country),
                    );
                }
            }
            Err(error) => notes.error(name, &error, "complete the section [gateway]"),
        }
    }
}

fn client(settings: &GatewaySettings, clock: &Arc<dyn Clock>) -> Result<Client, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let identity = settings.tls_identity().map_err(|error| text(&error))?;
    let roots = settings.tls_roots().map_err(|error| text(&error))?;
    let mut options = HttpOptions::new(&settings.url, &identity, roots.as_deref());
    options.timeout = Duration::from_secs(DOCTOR_LIST_SECONDS);
    let http = Http::new(&options).map_err(|error| text(&error))?;
    // A system without randomness only loses the spread of waiting times.
    let seed = getrandom::u64().unwrap_or_default();
    let patience = Patience { tries: 2, ..Patience::default() };
    Ok(Client::new(Box::new(http), Arc::clone(clock), settings.network, patience, seed))
}

/// Waits for the trust list of all countries, which is large, and no longer than its bound.
async fn listed<T>(question: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(Duration::from_secs(DOCTOR_LIST_SECONDS), question).await.ok()
}

async fn ask(notes: &mut Notes, settings: &GatewaySettings, options: &Options, clock: &Arc<dyn Clock>) -> Asked {
    let client = match client(settings, clock) {
        Ok(client) => client,
        Err(problem) => {
            notes.error("reachable", &problem, "correct the section [gateway]");
            return Asked::default();
        }
    };
    let entries = match listed(client.trust_list(Part::Whole, None)).await {
        Some(Ok(snapshot)) => snapshot.entries,
        Some(Err(error)) => {
            notes.error("reachable", &error, "send the words of the gateway to its operator");
            return Asked { clock: reading(&client, clock), list: None };
        }
        None => {
            let found = format!("no trust list within {DOCTOR_LIST_SECONDS} s");
            notes.fault(
                "reachable",
                found,
                "look at the network and at proxies between, then run vaccert doctor again",
            );
            return Asked::default();
        }
    };
    notes.ok(
        "reachable",
        format!(
            "{} ({}) knows this installation as {}; its list has {}",
            settings.network.name(),
            settings.stage.name(),
            settings.country,
            count(entries.len(), "entry", "entries")
        ),
    );
    let now = clock.now();
    let anchor = settings.anchor().ok();
    admitted(notes, settings, &entries, anchor.as_ref(), now);
    roles(notes, &client).await;
    let mut list = anchor.as_ref().and_then(|anchor| checked(notes, &entries, anchor, now));
    if let Some(fresh) = upload(notes, settings, options, &client, &entries).await {
        list = anchor.as_ref().and_then(|anchor| checked(&mut Notes::of(Area::Gateway), &fresh, anchor, now)).or(list);
        signer(notes, settings, &fresh, list.as_ref(), now);
    } else {
        signer(notes, settings, &entries, list.as_ref(), now);
    }
    Asked { clock: reading(&client, clock), list }
}

fn reading(client: &Client, clock: &Arc<dyn Clock>) -> Option<Reading> {
    let now = clock.now();
    let server = now.checked_add(client.skew()?).ok()?;
    Some(Reading { before: now, server, after: now })
}

fn own<'l>(
    settings: &GatewaySettings,
    entries: &'l [ListEntry],
    kind: ItemType,
) -> impl Iterator<Item = &'l ListEntry> {
    let country = settings.country.clone();
    entries.iter().filter(move |entry| entry.is(kind) && entry.country.as_deref() == Some(country.as_str()))
}

fn is(entry: &ListEntry, certificate: &Certificate) -> bool {
    entry.thumbprint.as_deref().is_some_and(|hex| hex.eq_ignore_ascii_case(&thumbprint(certificate)))
}

/// What the operator lists for this country: the configured certificates, each vouched for by the anchor.
fn admitted(
    notes: &mut Notes,
    settings: &GatewaySettings,
    entries: &[ListEntry],
    anchor: Option<&Certificate>,
    now: Timestamp,
) {
    for (name, what, kind, configured) in [
        ("upload-listed", "upload certificate", ItemType::Upload, settings.upload_certificate().ok()),
        ("csca-listed", "national authority (CSCA)", ItemType::Csca, settings.csca().ok()),
    ] {
        let Some(configured) = configured else {
            notes.not_checked(name, format!("no {what} is configured"));
            continue;
        };
        let listed: Vec<&ListEntry> = own(settings, entries, kind).collect();
        if listed.iter().any(|entry| is(entry, &configured)) {
            notes.ok(name, format!("the {what} is on the gateway's list"));
        } else {
            notes.fault(
                name,
                format!("the list has {} of {}, and not the configured {what}", listed.len(), settings.country),
                "send it to the operator, or configure the one that was admitted",
            );
        }
    }
    let Some(anchor) = anchor else {
        return notes.not_checked("anchored", "there is no trust anchor to check the list by");
    };
    let kinds = [ItemType::Authentication, ItemType::Upload, ItemType::Csca];
    let all: Vec<&ListEntry> = kinds.into_iter().flat_map(|kind| own(settings, entries, kind)).collect();
    let refused = all.iter().find_map(|entry| Some((*entry, vouched_for(entry, anchor, now).err()?)));
    match refused {
        _ if all.is_empty() => notes.fault(
            "anchored",
            format!("the list has nothing of {}", settings.country),
            "ask the operator whether the onboarding is complete",
        ),
        Some((entry, reason)) => notes.fault(
            "anchored",
            format!(
                "the anchor does not vouch for the {} certificate of {}: {reason}",
                entry.certificate_type.as_deref().unwrap_or("listed"),
                settings.country
            ),
            "ask the operator for the trust anchor of this very environment",
        ),
        None => notes.ok(
            "anchored",
            format!("the anchor vouches for {} of {}", count(all.len(), "entry", "entries"), settings.country),
        ),
    }
}

/// The list as a verifier takes it over: every entry checked down from the anchor.
fn checked(notes: &mut Notes, entries: &[ListEntry], anchor: &Certificate, now: Timestamp) -> Option<TrustStore> {
    let keys = match ListKey::read(anchor.der()) {
        Ok(keys) => keys,
        Err(error) => {
            notes.error("list", &error, "ask the operator for the trust anchor");
            return None;
        }
    };
    // Texts only: this cannot fail.
    let bytes = serde_json::to_vec(entries).unwrap_or_default();
    let options = ListOptions { name: LIST, list_keys: &keys, unsigned: false };
    let mut store = TrustStore::new();
    match read_checked(&bytes, &options, &Checks::of_gateway(now), &mut store) {
        Ok(()) => {
            let skipped = store.list(LIST).map_or(0, |list| list.skipped.len());
            let found = format!("{} can be used, {skipped} are left out", count(store.len(), "signer", "signers"));
            if skipped > 0 {
                let remedy = "see why in the report of vaccert trust pull; others' faults are not yours to mend";
                notes.advice("list", found, remedy);
            } else {
                notes.ok("list", found);
            }
            Some(store)
        }
        Err(error) => {
            notes.error("list", &error, "ask the operator for the trust anchor of this environment");
            None
        }
    }
}

/// The signer of this installation on the list.
fn signer(
    notes: &mut Notes,
    settings: &GatewaySettings,
    entries: &[ListEntry],
    list: Option<&TrustStore>,
    now: Timestamp,
) {
    let Ok(signer) = settings.signer() else {
        return notes.not_checked("signer-listed", "the signer certificate cannot be read, see above");
    };
    let kid = signer.kid().to_string();
    if own(settings, entries, ItemType::Dsc).any(|entry| is(entry, &signer)) {
        let Some(list) = list else {
            return notes.note("signer-listed", format!("{kid} is on the list; without an anchor nobody knows more"));
        };
        let same = |key: &crate::trust::TrustedKey| signer.public_key().is_ok_and(|own| own == key.key);
        let usable = list.candidates(signer.kid()).iter().any(same);
        if usable {
            return notes.ok("signer-listed", format!("{kid} is on the list, and everybody who checks can use it"));
        }
        let label = |entry: &str| entry.contains(&kid);
        let skipped = list.list(LIST).map(|list| &list.skipped);
        let reason = skipped.and_then(|all| all.iter().find(|skipped| label(&skipped.entry)));
        let reason = reason.map(|skipped| skipped.reason.to_string()).unwrap_or_default();
        return notes.fault(
            "signer-listed",
            format!("{kid} is on the list, and everybody who checks refuses it: {reason}"),
            "sign it anew with vaccert gateway migrate, or upload it again with vaccert gateway upload --signer",
        );
    }
    notes.fault(
        "signer-listed",
        format!("{kid} is not on the list: nobody abroad can check what it signs"),
        "run vaccert gateway upload --signer, then vaccert doctor again",
    );
    let Ok(upload) = settings.upload_certificate() else { return };
    let sender = Sender { country: &settings.country, upload: &upload, now, list: Some(entries) };
    let csca = settings.csca().ok();
    for finding in sender.signer(&signer, csca.as_ref()).into_iter().filter(|finding| finding.blocks) {
        notes.error("upload-refused", &finding.message, "mend this before the upload: the gateway would refuse it");
    }
}

/// The roles for revocation are given one by one, and missed only on the day when they are needed.
async fn roles(notes: &mut Notes, client: &Client) {
    match within(client.may_read_revocations()).await {
        None => notes.not_checked("revocation-role", format!("no answer within {DOCTOR_QUESTION_SECONDS} s")),
        Some(Ok(())) => notes.ok("revocation-role", "the revocation batches of all countries may be read"),
        Some(Err(GatewayError::Refused(problem))) if problem.status == 404 => {
            notes.note("revocation-role", "this gateway offers no revocation batches");
        }
        Some(Err(GatewayError::Refused(problem))) if problem.status == 403 => {
            let words = problem.words();
            notes.warning("revocation-role", words.cause, words.remedy);
        }
        Some(Err(error)) => notes.error("revocation-role", &error, "send the words of the gateway to its operator"),
    }
}

/// Uploads the signer certificate where that is asked for and nothing real is at stake, and gives the list after it.
async fn upload(
    notes: &mut Notes,
    settings: &GatewaySettings,
    options: &Options,
    client: &Client,
    entries: &[ListEntry],
) -> Option<Vec<ListEntry>> {
    if !options.upload {
        return None;
    }
    if settings.stage == Stage::Prod {
        notes.not_checked(
            "upload-tried",
            "--upload is for test environments; in production upload by hand: vaccert gateway upload --signer",
        );
        return None;
    }
    let signer = settings.signer().ok()?;
    let key = match settings.upload() {
        Ok((certificate, signer)) => UploadKey::new(certificate, signer),
        Err(error) => {
            notes.error("upload-tried", &error, "complete upload_certificate and upload_key under [gateway]");
            return None;
        }
    };
    if own(settings, entries, ItemType::Dsc).any(|entry| is(entry, &signer)) {
        notes.ok("upload-tried", "the signer is on the list already");
        return None;
    }
    match within(client.upload_signer(&signer, &key, settings.domain.as_deref())).await {
        None => notes.fault(
            "upload-tried",
            "the upload was not answered",
            "run vaccert doctor --upload again; a repeat does no harm",
        ),
        Some(Err(error)) => {
            notes.error("upload-tried", &error, "run vaccert gateway upload --signer for the whole story")
        }
        Some(Ok(Placed::Created | Placed::WasThere)) => match listed(client.trust_list(Part::Whole, None)).await {
            Some(Ok(snapshot)) => {
                notes.ok("upload-tried", format!("{} was uploaded, and the list downloaded again", signer.kid()));
                return Some(snapshot.entries);
            }
            _ => notes.fault(
                "upload-tried",
                "uploaded, but the list could not be downloaded again",
                "run vaccert doctor again",
            ),
        },
    }
    None
}
