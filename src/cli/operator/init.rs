//! `vaccert init`: a configuration to start from.

use std::path::PathBuf;

use clap::Args;

use super::{CliError, Common, Dhis2Args, progress::say};
use crate::{
    batch::system_random,
    clock::{Clock, System},
    config::{Dhis2Access, Dhis2Section, template},
    source::profile::{Detected, Unmapped},
    work,
};

/// Arguments of `vaccert init`.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Folder for vaccert.toml and keys/
    #[arg(default_value = ".", value_name = "DIR")]
    dir: PathBuf,
    /// Look at the program of this DHIS2 and write its profile into the configuration
    #[arg(long, value_name = "URL")]
    from_dhis2: Option<String>,
    /// UID of the program to look at; default: the first that a built-in profile knows
    #[arg(long, value_name = "UID", requires = "from_dhis2")]
    program: Option<String>,
    #[command(flatten)]
    dhis2: Dhis2Args,
}

/// Runs the command.
pub(super) async fn run(args: InitArgs, common: &Common) -> Result<(), CliError> {
    let InitArgs { dir, from_dhis2, program, dhis2 } = args;
    let detected = match &from_dhis2 {
        None => None,
        Some(url) => {
            let section = Dhis2Section { url: url.clone(), ..Dhis2Section::default() };
            let access = Dhis2Access::of(dhis2.over(Some(section)))?;
            let client = work::client(&access)?;
            Some(work::look(&client, program.as_deref()).await?)
        }
    };
    let text = template::text(from_dhis2.as_deref(), detected.as_ref());
    let written = template::write(&dir, &text, System.now(), &system_random())?;
    if common.quiet {
        return Ok(());
    }
    say!("Wrote {} (sandbox: country XX, throw-away keys in {})", written.config.display(), written.keys.display());
    if let Some(detected) = &detected {
        tell(detected);
    }
    say!("Next:");
    say!("  1. Read the file; set [issuer] and, if the registry is DHIS2, [dhis2].");
    say!("  2. Rehearse: vaccert sync --out out   (or: vaccert issue --from EXPORT.json --out out)");
    say!("  3. Look at out/report.json: every record that was refused says why and what to do.");
    say!("  4. For production, put your own signer key and certificate in place and set environment = \"production\".");
    Ok(())
}

fn tell(detected: &Detected) {
    say!(
        "The program {} is read by the profile {} ({}).",
        detected.profile.program,
        detected.profile.name,
        detected.profile.title
    );
    for note in &detected.notes {
        say!("  note: {note}");
    }
    for unmapped in &detected.unmapped {
        match unmapped {
            Unmapped::Role { section, role, needed } => {
                let weight = if *needed { "NEEDED: " } else { "" };
                say!("  not mapped: {weight}{section}.{role}");
            }
            Unmapped::DoseOption(code) => say!("  not mapped: the dose option {code}"),
            Unmapped::SexOption(code) => say!("  not mapped: the sex option {code}"),
            Unmapped::Given { name } => say!("  not in this program: {name}"),
            Unmapped::TestKindOption(code) => say!("  not mapped: the type of test {code}"),
            Unmapped::TestResultOption(code) => say!("  not mapped: the test result {code}"),
        }
    }
}
