//! `vaccert audit push`: counts into an aggregate data set.

use std::process::ExitCode;

use super::{AuditRunError, Desk, PushArgs, show};
use crate::{
    cli::operator::{CliError, progress::say, run},
    clock::{Clock, System},
    config::Dhis2Access,
    registry::audit::By,
    returns, work,
};

pub(super) async fn push(desk: &Desk, args: PushArgs) -> Result<ExitCode, CliError> {
    let PushArgs { dry_run, dhis2 } = args;
    let options = desk.setup.push.as_ref().ok_or(AuditRunError::NoPush)?;
    let now = System.now();
    if dry_run {
        let values = returns::payload(&desk.registry, options, now).await?;
        let payload = serde_json::json!({"dataSet": options.data_set, "dataValues": values});
        // Every type in it can be written as JSON.
        say!("{}", serde_json::to_string_pretty(&payload).unwrap_or_default());
        return Ok(ExitCode::SUCCESS);
    }
    let access = Dhis2Access::of(dhis2.over(desk.setup.dhis2.clone()))?;
    let client = work::client(&access)?;
    let by = By::operator(Some(&run::user()));
    let pushed = returns::push(&client, &desk.registry, options, by, now).await?;
    if !desk.quiet {
        say!("{}", pushed.summary());
        for conflict in &pushed.summary.conflicts {
            say!("  {conflict}");
        }
    }
    Ok(show::exit(pushed.summary.ignored == 0 && pushed.summary.conflicts.is_empty()))
}
