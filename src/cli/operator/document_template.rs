//! `vaccert document template`: from a ministry's own PDF to the paper of its certificates.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};

use super::{CliError, Common, progress::say};
use crate::document::{
    Fonts,
    template::{Template, TemplateError, grid, scaffold},
};

/// Arguments of `vaccert document template`.
#[derive(Debug, Args)]
pub(super) struct TemplateArgs {
    #[command(subcommand)]
    command: TemplateCommand,
}

#[derive(Debug, Subcommand)]
enum TemplateCommand {
    /// Write a commented template for a background, with every field, to start from
    New {
        /// The ministry's own PDF
        background: PathBuf,
        /// File to write; default: template.toml beside the background
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Print the background with a grid of millimetres and the boxes named, to find places
    Grid {
        /// A template, or a PDF that shall become its background
        file: PathBuf,
        /// File to write; default: grid.pdf here
        #[arg(long, value_name = "FILE", default_value = "grid.pdf")]
        out: PathBuf,
    },
    /// Say everything that is wrong with a template, and print invented certificates on it dry
    Check {
        /// The template
        file: PathBuf,
        /// Write the printed specimen here too
        #[arg(long, value_name = "FILE")]
        specimen: Option<PathBuf>,
    },
}

/// Runs the command, with the fonts of the program, of this machine and of the configuration.
pub(super) fn run(args: TemplateArgs, fonts: &Fonts, common: &Common) -> Result<(), CliError> {
    let told = match args.command {
        TemplateCommand::New { background, out } => new(&background, out)?,
        TemplateCommand::Grid { file, out } => {
            write(&out, &grid(&file, fonts)?)?;
            format!("Wrote {}: lines each 5 mm, numbers each 10 mm, counted from the top left corner.", out.display())
        }
        TemplateCommand::Check { file, specimen } => check(&file, specimen.as_deref(), fonts)?,
    };
    if !common.quiet {
        say!("{told}");
    }
    Ok(())
}

/// Never replaces a file: places that somebody measured are in it.
fn new(background: &Path, out: Option<PathBuf>) -> Result<String, TemplateError> {
    let out = out.unwrap_or_else(|| background.with_file_name("template.toml"));
    let text = scaffold(background)?;
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => TemplateError::Exists { path: out.clone() },
        kind => TemplateError::Unwritable { path: out.clone(), kind },
    };
    let mut file = std::fs::File::create_new(&out).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    let shown = out.display();
    Ok(format!(
        "Wrote {shown}.\nNext:\n  1. vaccert document template grid {shown}    and read the places off grid.pdf\n  2. Set \
         x, y, width and height of each field in {shown}.\n  3. vaccert document template check {shown}"
    ))
}

fn check(file: &Path, specimen: Option<&Path>, fonts: &Fonts) -> Result<String, TemplateError> {
    let (template, remarks) = Template::checked(file, fonts)?;
    let (pages, entries) = (template.pages(), template.entries());
    let promise = if template.archivable() {
        "archivable and accessible (PDF/A-2a, PDF/UA-1)"
    } else {
        "the background as it is (tagged, without the claim of PDF/A)"
    };
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let mut told = format!(
        "{} is good: {} on {}, {promise}.",
        file.display(),
        if entries == 1 { "1 entry".to_owned() } else { format!("{entries} entries") },
        plural(pages, "page"),
    );
    if !remarks.is_empty() {
        told.push_str("\nWorth a look:");
        for remark in &remarks {
            told.push_str(&format!("\n  {remark}"));
        }
    }
    if let Some(path) = specimen {
        write(path, &template.specimen(fonts)?)?;
        told.push_str(&format!("\nWrote {}, a specimen of nobody.", path.display()));
    }
    Ok(told)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), TemplateError> {
    std::fs::write(path, bytes).map_err(|error| TemplateError::Unwritable { path: path.to_owned(), kind: error.kind() })
}
