//! What lets people fetch their own certificates: an index of marks by which somebody who names an identifier and a
//! date of birth is found, one-time codes, links, sessions, what may be asked how often, notices, and cases.
//!
//! Nothing here is an identifier, a date of birth, a telephone number or a code: those are stored as marks
//! (HMAC-SHA-256 under a secret that every replica shares), made above this room. Everything that replicas must agree
//! on, a code that was used, an allowance that is spent, is decided in one transaction of the database.
//!
//! | table | column | meaning |
//! |---|---|---|
//! | `person` | `tracked_entity` | UID of a person of the source who has a certificate |
//! | | `birth` | mark of the date of birth, bound to `tracked_entity` |
//! | | `contact` | mark of the telephone number or e-mail address; empty when there is none |
//! | | `language` | language of messages, where the source says one |
//! | | `seen_at` | when the person was last read |
//! | `person_identifier` | `kind`, `mark`, `birth` | an identifier of the person, and the date of birth bound to it |
//! | `code_request` | `id` | mark of the token that the browser holds |
//! | | `kind`, `mark`, `births` | whom it is about: an identifier, and the marks of the date of birth as a day, a month and a year |
//! | | `language` | of the page on which it was asked |
//! | | `state` | `asked`; `taken` by a worker until `lease_until`; `sent`; `ended`: used, or nobody was found |
//! | | `code` | mark of the code, bound to `id`; empty until one is sent |
//! | | `contact` | to whom it goes |
//! | | `tries` | codes that were tried |
//! | `code_request_person` | | the people that the code opens |
//! | `allowance` | `full_at` | when the allowance of `mark` is whole again (generic cell rate algorithm, ITU-T I.371) |
//! | `citizen_session` | `token`, `contact` | mark of the cookie; the number that it was proved for |
//! | `citizen_session_person` | `place` | the people of the session, in their order |
//! | `person_link` | `token`, `tries` | mark of a link in a message; dates of birth that were tried |
//! | `notice` | `kind`, `certificate`, `state`, `next_at` | a message that is due once for a certificate: `unsure` when nobody knows whether it went out |
//! | `citizen_case` | `reference` | how the citizen calls it |
//! | | `kind`, `state`, `tracked_entity`, `certificate` | what it is about |
//! | | `text` | the words of the citizen: **personal data** |
//! | `citizen_case_step` | | what became of it, by whom: a log that only grows |

mod allowance;
mod cases;
mod codes;
mod index;
mod links;
mod notices;
mod sessions;

pub use allowance::Allowance;
pub use cases::{Case, CaseKind, CaseState, CaseStep, NewCase};
pub use codes::{AskedCode, CodeRequest};
pub use index::{IndexedPerson, PersonMarks};
pub use notices::{Notice, NoticeKind, NoticeOutcome};
pub use sessions::{CitizenSession, SessionTimes};

/// HMAC-SHA-256 of something that is not stored.
pub type Mark = [u8; 32];

/// A mark that may be missing, as the database has it.
fn bytes(mark: Option<&Mark>) -> &[u8] {
    mark.map_or(&[], |mark| mark.as_slice())
}

/// Whether two marks are the same, in a time that does not tell where they differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}
