//! What one process keeps for logins: connections, and what it was told a moment ago. Everything that replicas must
//! agree on is in the registry.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use aws_lc_rs::hmac;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::OnceCell;

use super::{error::AccessError, oidc::Provider};
use crate::{
    limits::{LOGIN_CACHE_ENTRIES, LOGIN_CACHE_SECONDS},
    service::House,
    source::dhis2::Login,
};

/// Of one installation in one process.
#[derive(Default)]
pub(in crate::service) struct AccessState {
    secret: OnceCell<hmac::Key>,
    /// Logins that DHIS2 took a moment ago: keyed hash of the credentials, name of the account, end.
    taken: Mutex<HashMap<[u8; 32], (String, Timestamp)>>,
    pub(super) dhis2: OnceCell<Login>,
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
