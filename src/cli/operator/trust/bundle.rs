//! `vaccert trust bundle`: lists, rules, value sets and revocations in one signed file, for devices without a network.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::{SignedDuration, Timestamp};

use super::{super::run::SANDBOX, CliError, Common};
use crate::{
    batch::{BatchError, write_public},
    cli::verify::{
        knowledge::{LoadError, Sources, read},
        memory::Memory,
    },
    config,
    trust::bundle::{self, BundledList, Contents, Environment},
    verify::{Assembly, Knowledge},
};

/// Arguments of `vaccert trust bundle`.
#[derive(Debug, Args)]
pub(super) struct BundleArgs {
    #[command(flatten)]
    pub(super) sources: Sources,
    /// Catalogue of vaccine products (JSON) to carry along
    #[arg(long, value_name = "FILE")]
    products: Option<PathBuf>,
    /// How many days devices may use it; default: as the configuration says
    #[arg(long, value_name = "DAYS")]
    days: Option<u16>,
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = "bundle.json")]
    out: PathBuf,
}

/// Writes the bundle.
pub(super) fn bundle(args: &BundleArgs, common: &Common, now: Timestamp) -> Result<(), CliError> {
    let beside = args.out.parent().unwrap_or(Path::new(""));
    let setup = common.setup(&beside.join(SANDBOX))?;
    let environment = match setup.environment {
        config::Environment::Sandbox => Environment::Sandbox,
        config::Environment::Production => Environment::Production,
    };
    let knowledge = args.sources.load(&mut Memory::default())?;
    let validity = args.days.map_or(setup.list_key.validity, |days| SignedDuration::from_hours(24 * i64::from(days)));
    let valid_until = now.checked_add(validity).unwrap_or(now);
    let sequence = u64::try_from(now.as_second()).unwrap_or(0);
    let mut contents = Contents::new(environment, sequence, now, valid_until);
    contents.lists = lists(&knowledge);
    contents.revocations = knowledge.revocations.encode().map_err(BatchError::from)?;
    contents.rules = texts(args.sources.rule_files()?)?;
    contents.value_sets = texts(args.sources.value_set_files()?)?;
    contents.products = args.products.as_deref().map(products).transpose()?;
    let bytes = bundle::write(&contents, setup.list_key.signer.as_ref()).map_err(BatchError::from)?;
    write_public(&args.out, &bytes)?;
    if !common.quiet {
        println!(
            "{}: {} keys of {} lists, {} authorities, {} revocations, {} files of rules, {} of value sets; to be used until {}",
            args.out.display(),
            knowledge.trust.len(),
            contents.lists.len(),
            knowledge.trust.authorities().count(),
            knowledge.revocations.len(),
            contents.rules.len(),
            contents.value_sets.len(),
            contents.valid_until,
        );
    }
    Ok(())
}

/// The keys and authorities of each list that was read.
fn lists(knowledge: &Knowledge) -> Vec<BundledList> {
    let short = |name: &str| name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned();
    let of = |list: &crate::trust::ListInfo| BundledList {
        name: short(&list.name),
        made_at: list.made_at.or(list.newest_entry),
        keys: knowledge.trust.keys().filter(|key| key.list == list.name).cloned().collect(),
        authorities: knowledge.trust.authorities().filter(|one| one.list == list.name).cloned().collect(),
    };
    knowledge
        .trust
        .lists()
        .iter()
        .map(of)
        .filter(|list| !list.keys.is_empty() || !list.authorities.is_empty())
        .collect()
}

/// A catalogue of products that devices will be able to read: one that they cannot use would make them refuse the
/// whole bundle.
fn products(path: &Path) -> Result<String, CliError> {
    let text = texts(vec![path.to_owned()])?.concat();
    let mut assembly = Assembly::default();
    let read = assembly.add_products(&path.display().to_string(), &text).and_then(|()| assembly.finish());
    read.map_err(|source| LoadError::Content { path: path.to_owned(), source })?;
    Ok(text)
}

fn texts(files: Vec<PathBuf>) -> Result<Vec<String>, CliError> {
    let text = |path: PathBuf| {
        let bytes = read(&path)?;
        String::from_utf8(bytes).map_err(|_| LoadError::NotText { path }).map_err(CliError::from)
    };
    files.into_iter().map(text).collect()
}
