//! What all doors and the operator share: the book, the clock, the anchor's key, and the trouble that was ordered.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Asked, GatewayError, Network, Trouble, book::Book};
use crate::{
    batch::{Random, write_public},
    clock::Clock,
    keys::{Certificate, MemoryX509Signer},
    sandbox::pki::PkiError,
};

pub(super) struct Held {
    pub(super) book: Book,
    pub(super) troubles: Vec<(Trouble, usize)>,
    pub(super) asked: Vec<Asked>,
}

pub(super) struct Shared {
    pub(super) network: Network,
    pub(super) revocation: bool,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Random,
    /// The anchor, and its signature over itself.
    pub(super) anchor: (Certificate, String),
    pub(super) signer: MemoryX509Signer,
    pub(super) held: Mutex<Held>,
    pub(super) file: Option<PathBuf>,
}

impl Shared {
    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A version 4 UUID (RFC 9562 section 5.4).
    pub(super) fn uuid(&self) -> Result<String, PkiError> {
        let mut bytes = [0; 16];
        (self.random)(&mut bytes).map_err(|_| PkiError::Library { name: "an identifier".to_owned() })?;
        let number = u128::from_be_bytes(bytes);
        let number = (number & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
        let digits = format!("{number:032x}");
        let cut = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
        Ok(format!("{}-{}-{}-{}-{}", cut(0, 8), cut(8, 12), cut(12, 16), cut(16, 20), cut(20, 32)))
    }

    fn keep(&self, book: &Book) -> Result<(), GatewayError> {
        if let Some(path) = &self.file {
            let text = serde_json::to_vec(book).map_err(|_| GatewayError::Kept { path: path.clone() })?;
            write_public(path, &text)?;
        }
        Ok(())
    }

    /// Changes the book, and takes the change back when it cannot be kept.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Book) -> T) -> Result<T, GatewayError> {
        let mut held = self.held();
        let before = self.file.is_some().then(|| held.book.clone());
        let done = change(&mut held.book);
        if let Err(error) = self.keep(&held.book) {
            if let Some(before) = before {
                held.book = before;
            }
            return Err(error);
        }
        Ok(done)
    }

    /// The first trouble that concerns an answer, which then has one turn less.
    pub(super) fn trouble(&self, concerns: impl Fn(&Trouble) -> bool) -> Option<Trouble> {
        let mut held = self.held();
        let found = held.troubles.iter_mut().find(|(trouble, left)| *left > 0 && concerns(trouble));
        found.map(|(trouble, left)| {
            *left -= 1;
            trouble.clone()
        })
    }
}
