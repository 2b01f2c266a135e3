//! Rows and heads of the log, to be kept elsewhere.

use std::{path::Path, process::ExitCode};

use jiff::Timestamp;

use super::{AuditRunError, Desk, moment};
use crate::{
    audit::{self, ExportForm},
    batch::write_public,
    cli::operator::{CliError, progress::say, run},
    clock::{Clock, System},
    publication::SignedHead,
    registry::audit::{By, Deed, Entry, Export, ObjectKind},
};

pub(super) async fn export(
    desk: &Desk,
    out: &Path,
    from: Option<&str>,
    to: Option<&str>,
    form: ExportForm,
) -> Result<ExitCode, CliError> {
    let now = System.now();
    let from = from.map_or(Ok(Timestamp::UNIX_EPOCH), |text| moment("--from", text, 0))?;
    // Rows of this very moment belong to the next export.
    let until = to.map_or(Ok(now), |text| moment("--to", text, 1))?;
    let span = Export { from, until };
    // Before the rows leave the house, not after.
    let entry = Entry::new(By::operator(Some(&run::user())), Deed::Export)
        .to(ObjectKind::List, "audit log")
        .with("from", from.to_string())
        .with("until", until.to_string());
    desk.registry.audit(&entry, now).await.map_err(audit::AuditError::from)?;
    let done = audit::export(&desk.registry, span, form, out, &desk.setup.list_key, now).await?;
    if !desk.quiet {
        say!("{}: {} rows; manifest beside it, signed by the list key", out.display(), done.rows);
        say!("Check both with: vaccert audit verify --export {}", out.display());
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn head(desk: &Desk, out: Option<&Path>, json: bool) -> Result<ExitCode, CliError> {
    let head = desk.registry.audit_head().await.map_err(audit::AuditError::from)?;
    let signer = desk.setup.list_key.signer.as_ref();
    let own = signer.certificate();
    let signed = SignedHead {
        head,
        at: System.now(),
        country: own.country().unwrap_or_default().to_owned(),
        sandbox: own.is_sandbox(),
    };
    if let Some(path) = out {
        let bytes = signed.write(signer).map_err(|error| AuditRunError::Head { path: path.to_owned(), error })?;
        write_public(path, &bytes)?;
    }
    if json {
        let told = serde_json::json!({
            "number": head.number, "hash": head.hex(), "at": signed.at, "country": signed.country,
            "sandbox": signed.sandbox,
        });
        say!("{told}");
    } else if !desk.quiet || out.is_none() {
        say!("{} {}", head.number, head.hex());
    }
    Ok(ExitCode::SUCCESS)
}
