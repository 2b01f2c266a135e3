//! The pages on which people find their own certificates, without an account: an identifier and a date of birth, a code
//! to the telephone on record, and everything that was issued to them in plain words. Everything works without script.
//!
//! Whoever asks learns nothing by asking: a question is stored and answered in the same way whether somebody is found
//! or not (`find`, `code`), what a session may see has names that mean nothing to another session (`mine`), and nothing
//! of a person is kept by the browser (`no-store` on every answer, set by `guard`).
//!
//! | file | what it does |
//! |---|---|
//! | `find`, `code`, `link` | the three ways in |
//! | `caller`, `session` | who asks: a block of addresses, a cookie |
//! | `mine`, `shown` | the certificates, in words |
//! | `files` | PDF, pictures, texts, all at once |
//! | `wrong`, `report` | what becomes a case |
//! | `cases` | cases for the console |

mod caller;
mod cases;
mod code;
mod error;
mod files;
mod find;
mod link;
mod mine;
mod report;
mod session;
mod shown;
mod wrong;

pub(super) use error::CitizenError;

use super::{
    api::Endpoint,
    frame::{Asset, Words, words},
};

/// The words of these pages.
pub(super) static WORDS: Words = words!("citizen");
/// Their style.
pub(super) static STYLE: Asset = Asset::new("citizen", "css", include_bytes!("../pages/citizen/citizen.css"));

/// The routes for everybody.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let parts = [
        find::endpoints(),
        code::endpoints(),
        link::endpoints(),
        mine::endpoints(),
        files::endpoints(),
        wrong::endpoints(),
        report::endpoints(),
    ];
    parts.into_iter().flatten().collect()
}

/// The routes for operators.
pub(super) fn operator_endpoints() -> Vec<Endpoint> {
    cases::endpoints()
}
