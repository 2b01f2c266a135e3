//! `vaccert audit forget`: the end of a programme. Everything about people is removed; the log stays.

use std::process::ExitCode;

use super::{AuditRunError, Desk, ForgetArgs};
use crate::{
    audit::AuditError,
    cli::operator::{CliError, progress::say, run},
    clock::{Clock, System},
    registry::{AboutPeople, audit::By},
};

/// Exit status when everything was removed and its room was not given back.
const NOT_WHOLE: u8 = 5;

pub(super) async fn forget(desk: &Desk, args: ForgetArgs) -> Result<ExitCode, CliError> {
    let ForgetArgs { certificates, before_their_end, reason } = args;
    let now = System.now();
    let about = desk.registry.about_people(now).await.map_err(AuditError::from)?;
    let AboutPeople { certificates: held, people, valid, valid_until } = about;
    let until = valid_until.map_or_else(String::new, |at| at.to_string());
    let Some(meant) = certificates else {
        say!("The registry holds {held} certificates of {people} people; {valid} of them have not expired");
        if valid > 0 {
            say!("The last one expires at {until}");
        }
        say!("Nothing was removed. To remove them for good: vaccert audit forget --certificates {held} --reason TEXT");
        return Ok(ExitCode::SUCCESS);
    };
    if meant != held {
        return Err(AuditRunError::OtherNumber { meant, held }.into());
    }
    if valid > 0 && !before_their_end {
        return Err(AuditRunError::StillValid { valid, until }.into());
    }
    let reason = reason.ok_or(AuditRunError::NoReason)?;
    let by = By::operator(Some(&run::user()));
    let compact = desk.registry.forget_people(by, &reason, now).await.map_err(AuditError::from)?;
    if !desk.quiet {
        say!(
            "{held} certificates of {people} people are removed, with everything else about them; the log tells of it"
        );
        say!("Remove backups, exports, folders with certificates and logs as well: docs/operations.md names them");
    }
    if !compact {
        eprintln!(
            "vaccert: parts of what was removed are still in the files of the database: stop every other program that \
             has it open, then run the same command again with --certificates 0"
        );
        return Ok(ExitCode::from(NOT_WHOLE));
    }
    Ok(ExitCode::SUCCESS)
}
