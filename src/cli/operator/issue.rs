//! `vaccert issue`: certificates for everything in a file or in DHIS2.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{CliError, Common, Dhis2Args, run};
use crate::{
    barcode::Level,
    batch::{
        Kind,
        feed::{Facilities, Feed},
    },
    config::{Dhis2Access, Setup},
    issue::UnknownFormat,
    source::file::{facilities_beside, read_facilities},
    work::{self, Out},
};

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FileKind {
    /// Text of the code
    Txt,
    /// Picture of the code
    Png,
    /// Drawing of the code
    Svg,
    /// The paper
    Pdf,
}

/// Error correction of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LevelName {
    /// 7 %
    L,
    /// 15 %
    M,
    /// 25 %
    Q,
    /// 30 %
    H,
}

/// Which files a run writes.
#[derive(Debug, Clone, Args)]
pub(super) struct OutArgs {
    /// Files to write for each certificate
    #[arg(long, value_enum, value_delimiter = ',', default_value = "txt,png,svg,pdf", value_name = "KINDS")]
    files: Vec<FileKind>,
    /// Error correction of the pictures
    #[arg(long, value_enum, ignore_case = true, default_value = "m", value_name = "LEVEL")]
    level: LevelName,
}

impl OutArgs {
    pub(super) fn into_out(self, dir: PathBuf) -> Out {
        let kinds = self.files.iter().map(|kind| match kind {
            FileKind::Txt => Kind::Text,
            FileKind::Png => Kind::Png,
            FileKind::Svg => Kind::Svg,
            FileKind::Pdf => Kind::Pdf,
        });
        let level = match self.level {
            LevelName::L => Level::L,
            LevelName::M => Level::M,
            LevelName::Q => Level::Q,
            LevelName::H => Level::H,
        };
        Out { dir, kinds: kinds.collect(), level }
    }
}

/// Arguments of `vaccert issue`.
#[derive(Debug, Args)]
pub(super) struct IssueArgs {
    /// An export of tracked entities (JSON of any DHIS2 version, or NDJSON; - is standard input), or the word dhis2
    #[arg(long, value_name = "FILE|dhis2")]
    from: String,
    /// Folder for certificates, report and trust bundle
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Built-in profile to read the records by, or a .toml file with a section [profile]; default: found by looking at the program or the data
    #[arg(long, value_name = "NAME|FILE")]
    profile: Option<String>,
    /// Formats to issue, each in which the record can be; default: those of the configuration, in the sandbox all
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    formats: Vec<String>,
    /// Exported list of org units, for the names of facilities; default: organisationUnits.json beside the export
    #[arg(long, value_name = "FILE")]
    org_units: Option<PathBuf>,
    #[command(flatten)]
    files: OutArgs,
    #[command(flatten)]
    dhis2: Dhis2Args,
}

/// Runs the command.
pub(super) async fn run(args: IssueArgs, common: &Common) -> Result<(), CliError> {
    let IssueArgs { from, out, profile, formats, org_units, files, dhis2 } = args;
    let _held = run::hold_out(&out)?;
    let mut setup: Setup = common.setup(&out.join(run::SANDBOX))?;
    if !formats.is_empty() {
        setup.formats = formats.iter().map(|name| name.parse()).collect::<Result<_, UnknownFormat>>()?;
    }
    let (feed, found) = if from == "dhis2" {
        let access = Dhis2Access::of(dhis2.over(setup.dhis2.clone()))?;
        let client = work::client(&access)?;
        let found = work::program(&client, &setup, profile.as_deref()).await?;
        let query = work::query(&client, &access, &found).await?;
        (Feed::from_dhis2(client, query), Some(found))
    } else {
        let path = PathBuf::from(&from);
        let facilities = match org_units.or_else(|| facilities_beside(&path)) {
            Some(list) => Facilities::new(read_facilities(&list)?),
            None => Facilities::default(),
        };
        (Feed::from_file(path, facilities), None)
    };
    let files = Some(files.into_out(out.clone()));
    let done = run::run(&setup, feed, profile.as_deref(), found, files, common.quiet).await?;
    if !common.quiet {
        run::tell(&done, &setup, Some(&out));
    }
    Ok(())
}
