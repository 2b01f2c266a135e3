//! `vaccert trust diff`: what changed between two states of knowledge.

use std::{
    collections::BTreeSet,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use serde::Serialize;

use super::{
    CliError, Common,
    pulled::{configured, version},
};
use crate::{
    cli::verify::{
        knowledge::{Pulled, Sources},
        memory::Memory,
    },
    clock::{Clock, System},
    gateway::lists::Version,
    trust::diff::{Diff, Named},
    verify::Knowledge,
};

/// Arguments of `vaccert trust diff`.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// Bundle, list or folder of lists; or the name of a pulled list, with @previous or @pending for another version
    #[arg(value_name = "BEFORE")]
    before: PathBuf,
    /// The same, for the state after
    #[arg(value_name = "AFTER")]
    after: PathBuf,
    /// Public key or certificate that signs the lists; may be repeated
    #[arg(long, value_name = "PATH")]
    list_key: Vec<PathBuf>,
    /// Accept a list whose own signature cannot be checked
    #[arg(long)]
    trust_unsigned: bool,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

impl DiffArgs {
    fn load(&self, what: &Path, common: &Common) -> Result<Knowledge, CliError> {
        let mut sources = Sources {
            trust: Vec::new(),
            trust_unsigned: self.trust_unsigned,
            list_key: self.list_key.clone(),
            rules: Vec::new(),
            revocations: Vec::new(),
            value_sets: Vec::new(),
            pulled: Vec::new(),
        };
        match named(what, common)? {
            Some(pulled) => sources.pulled.push(pulled),
            None => sources.trust.push(what.to_owned()),
        }
        Ok(sources.load(&mut Memory::default())?)
    }
}

/// A pulled list by its name. A folder may have the same name (that of the gateway's state has): with a path in front
/// of it, such as `./who`, it is the folder.
fn named(what: &Path, common: &Common) -> Result<Option<Pulled>, CliError> {
    let Some(text) = what.to_str().filter(|text| !text.contains(std::path::is_separator)) else { return Ok(None) };
    let (name, which) = text.split_once('@').unwrap_or((text, "current"));
    let which = match which {
        "current" => Version::Current,
        "previous" => Version::Previous,
        "pending" => Version::Pending,
        _ => return Ok(None),
    };
    match configured(common)?.into_iter().find(|source| source.source.name == name) {
        Some(source) => version(&source.source, which),
        None => Ok(None),
    }
}

/// Counts and sameness of what is no key.
#[derive(Debug, Serialize)]
struct Beside {
    before: usize,
    after: usize,
    same: bool,
}

#[derive(Debug, Serialize)]
struct Whole {
    same: bool,
    trust: Diff,
    revocations: Beside,
    filters: Beside,
    rules: Beside,
    codes: Beside,
}

fn beside<T: Ord>(before: &BTreeSet<T>, after: &BTreeSet<T>) -> Beside {
    Beside { before: before.len(), after: after.len(), same: before == after }
}

fn rules(of: &Knowledge) -> BTreeSet<(String, String)> {
    // A rule of the same number with another text is another rule.
    of.rules.rules().map(|rule| (rule.identifier.clone(), format!("{rule:?}"))).collect()
}

fn codes(of: &Knowledge) -> BTreeSet<(String, String)> {
    let sets = of.value_sets().codes_by_id();
    sets.flat_map(|(id, codes)| codes.map(move |code| (id.to_owned(), code.to_owned())).collect::<Vec<_>>()).collect()
}

impl Whole {
    fn between(before: &Knowledge, after: &Knowledge) -> Self {
        let (old, new) = (&before.revocations, &after.revocations);
        // What cannot be encoded is compared by its numbers.
        let same = match (old.encode(), new.encode()) {
            (Ok(old), Ok(new)) => old == new,
            _ => old.len() == new.len() && old.filter_count() == new.filter_count(),
        };
        let mut whole = Self {
            same: false,
            trust: Diff::between(&before.trust, &after.trust, System.now()),
            revocations: Beside { before: old.len(), after: new.len(), same },
            filters: Beside { before: old.filter_count(), after: new.filter_count(), same },
            rules: beside(&rules(before), &rules(after)),
            codes: beside(&codes(before), &codes(after)),
        };
        whole.same = whole.trust.is_empty() && same && whole.rules.same && whole.codes.same;
        whole
    }
}

/// Runs `trust diff`.
pub(super) fn run(args: &DiffArgs, common: &Common) -> Result<ExitCode, CliError> {
    let (before, after) = (args.load(&args.before, common)?, args.load(&args.after, common)?);
    let whole = Whole::between(&before, &after);
    let mut out = io::stdout().lock();
    // A reader that went away has read enough.
    if args.json {
        let _ = writeln!(out, "{}", serde_json::to_string_pretty(&whole).unwrap_or_default());
    } else {
        print(&whole.trust, &mut out);
        for (what, of) in [
            ("revocations", &whole.revocations),
            ("filters", &whole.filters),
            ("rules", &whole.rules),
            ("codes of value sets", &whole.codes),
        ] {
            let changed = match (of.same, of.before == of.after) {
                (true, _) => continue,
                (false, true) => format!("{} before and after, and not the same ones", of.before),
                (false, false) => format!("{} before, {} after", of.before, of.after),
            };
            let _ = writeln!(out, "{what}: {changed}");
        }
        if whole.same {
            let _ = writeln!(out, "nothing changed");
        }
    }
    Ok(ExitCode::from(u8::from(!whole.same)))
}

/// Signers and authorities, by country.
pub(super) fn print(diff: &Diff, out: &mut impl Write) {
    // A reader that went away has read enough.
    let _ = write(diff, out);
}

fn write(diff: &Diff, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{} signers before, {} after: {} added, {} removed, {} changed; authorities {} before, {} after",
        diff.before,
        diff.after,
        diff.added,
        diff.removed,
        diff.changed,
        diff.authorities_before,
        diff.authorities_after
    )?;
    if !diff.countries_gone.is_empty() {
        writeln!(out, "NO SIGNER LEFT of {}", diff.countries_gone.join(", "))?;
    }
    let until = |named: &Named| named.not_after.map_or_else(|| "no end".to_owned(), |end| format!("until {end}"));
    for (country, of) in &diff.countries {
        writeln!(out, "{country}: {} signers before, {} after", of.before, of.after)?;
        for (mark, what, list) in [
            ("+", "signer", &of.added),
            ("-", "signer", &of.removed),
            ("+", "authority", &of.authorities_added),
            ("-", "authority", &of.authorities_removed),
        ] {
            for named in list {
                writeln!(out, "  {mark} {what} {} {}", named.kid, until(named))?;
            }
        }
        for changed in &of.changed {
            writeln!(out, "  ~ signer {} {}", changed.signer.kid, changed.changes.join("; "))?;
        }
    }
    Ok(())
}
