//! What one process keeps for logins: connections, and what it was told a moment ago. Everything that replicas must
//! agree on is in the registry.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use aws_lc_rs::hmac;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::OnceCell;

use super::{error::AccessError, groups::Standing, oidc::Provider};
use crate::{
    limits::{LOGIN_CACHE_ENTRIES, LOGIN_CACHE_SECONDS},
    service::House,
    source::dhis2::{Client, Login},
};

/// Of one installation in one process.
#[derive(Default)]
pub(in crate::service) struct AccessState {
    secret: OnceCell<hmac::Key>,
    /// Logins that DHIS2 took a moment ago: keyed hash of the credentials, name of the account, end.
    taken: Mutex<HashMap<[u8; 32], (String, Timestamp)>>,
    /// How accounts stand in DHIS2, by their names.
    standing: Mutex<HashMap<String, Standing>>,
    pub(super) dhis2: OnceCell<Login>,
    /// The service's own connection, with which users are looked up.
    pub(super) client: OnceCell<Client>,
    pub(super) provider: Provider,
}

impl AccessState {
    /// The secret of this installation for logins.
    pub(super) async fn key(&self, house: &House) -> Result<&hmac::Key, AccessError> {
        let make = async || {
            let secret = house.secret("login").await.map_err(AccessError::Secret)?;
            Ok(hmac::Key::new(hmac::HMAC_SHA256, &secret))
        };
        self.secret.get_or_try_init(make).await
    }

    /// How an account stands in DHIS2, where that was learned lately enough.
    pub(super) fn standing(&self, account: &str, now: Timestamp) -> Option<Standing> {
        let standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        standing.get(account).filter(|standing| now < standing.until).copied()
    }

    /// Remembers how an account stands.
    pub(super) fn stands(&self, account: &str, standing: Standing, now: Timestamp) {
        let mut all = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= LOGIN_CACHE_ENTRIES {
            all.retain(|_, standing| now < standing.until);
        }
        if all.len() < LOGIN_CACHE_ENTRIES || all.contains_key(account) {
            all.insert(account.to_owned(), standing);
        }
    }

    /// The account of a login that DHIS2 took a moment ago.
    pub(super) fn remembered(&self, login: &[u8; 32], now: Timestamp) -> Option<String> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.get(login).filter(|(_, end)| now < *end).map(|(account, _)| account.clone())
    }

    /// Remembers a login that DHIS2 took.
    pub(super) fn remember(&self, login: [u8; 32], account: &str, now: Timestamp) {
        let Ok(end) = now.checked_add(SignedDuration::from_secs(LOGIN_CACHE_SECONDS)) else { return };
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.len() >= LOGIN_CACHE_ENTRIES {
            taken.retain(|_, (_, end)| now < *end);
        }
        if taken.len() < LOGIN_CACHE_ENTRIES {
            taken.insert(login, (account.to_owned(), end));
        }
    }
}

/// A keyed hash, with a word for what it is of.
pub(super) fn tag(key: &hmac::Key, of: &str, text: &str) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    context.update(of.as_bytes());
    context.update(&[0]);
    context.update(text.as_bytes());
    let mut out = [0; 32];
    for (byte, made) in out.iter_mut().zip(context.sign().as_ref()) {
        *byte = *made;
    }
    out
}

/// Marks of a person: keyed hashes of what an origin tells of them, by which their accounts elsewhere are known. What is
/// told in another spelling (spaces around it, capital letters) has the same mark; what is empty has none.
pub(super) fn marks<'a>(key: &hmac::Key, told: impl IntoIterator<Item = &'a str>) -> Vec<[u8; 32]> {
    let told = told.into_iter().map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
    let mut marks: Vec<[u8; 32]> = told.map(|text| tag(key, "person", &text)).collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// Random bytes of the house.
pub(super) fn random<const N: usize>(house: &House) -> Result<[u8; N], AccessError> {
    let mut bytes = [0; N];
    (house.random)(&mut bytes).map_err(|_| AccessError::Random)?;
    Ok(bytes)
}

/// As hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
