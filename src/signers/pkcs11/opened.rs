//! The tokens of a program that are open: each once, however many of its keys are used.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    key::{CALL, TokenKey},
    token::Token,
};
use crate::signers::{NewKey, TokenError, TokenHealth, TokenOptions, TokenUri};

/// Open tokens, by library and by what names the token.
pub(in crate::signers) struct Opened {
    options: TokenOptions,
    tokens: Mutex<HashMap<(PathBuf, String), Arc<Token>>>,
}

impl Opened {
    pub(in crate::signers) fn new(options: TokenOptions) -> Self {
        Self { options, tokens: Mutex::new(HashMap::new()) }
    }

    /// The key of this name.
    pub(in crate::signers) fn key(&self, uri: &TokenUri) -> Result<TokenKey, TokenError> {
        TokenKey::find(self.token(uri)?, uri)
    }

    /// A new key of this name.
    pub(in crate::signers) fn make(&self, uri: &TokenUri, kind: NewKey) -> Result<TokenKey, TokenError> {
        let bits = match kind {
            NewKey::P256 => None,
            NewKey::Rsa(bits) if (2_048..=4_096).contains(&bits) && bits % 8 == 0 => Some(bits),
            NewKey::Rsa(bits) => {
                let what = format!("to have {bits} bits");
                return Err(TokenError::Kind { token: uri.token_name(), key: uri.key_name(), what });
            }
        };
        TokenKey::make(self.token(uri)?, uri, bits)
    }

    /// How each open token is.
    pub(in crate::signers) fn health(&self) -> Vec<TokenHealth> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> =
            tokens.values().map(|token| TokenHealth { token: token.name(), health: token.health() }).collect();
        all.sort_by(|a, b| a.token.cmp(&b.token));
        all
    }

    fn token(&self, uri: &TokenUri) -> Result<Arc<Token>, TokenError> {
        let module = uri.module_path.clone().or_else(|| self.options.module.clone());
        let module = module.ok_or_else(|| TokenError::NoModule { token: uri.token_name() })?;
        // The token alone: its keys share it.
        let place = TokenUri { object: None, id: None, module_path: None, pin_source: None, ..uri.clone() };
        let place = (module.clone(), place.to_string());
        // Held while it is opened: two at once would try a wrong PIN twice.
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = tokens.get(&place) {
            return Ok(Arc::clone(token));
        }
        let pin =
            (self.options.pin)(uri).map_err(|reason| TokenError::PinMissing { token: uri.token_name(), reason })?;
        let token = Arc::new(Token::new(module, uri, pin, self.options.sessions, &self.options.clock)?);
        // One session to begin with, so that a wrong name or PIN shows at once. A token that refused is kept, so that
        // nobody tries the same PIN again.
        let opened = token.call(CALL, "be opened", |_| Ok(()));
        if matches!(opened, Ok(()) | Err(TokenError::Refused { .. })) {
            tokens.insert(place, Arc::clone(&token));
        }
        opened.map(|()| token)
    }
}
