//! From paths to what the verifier knows: trust, revocations, rules, value sets. A verifier does not go on
//! without a file that it was told to use.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    VerifyArgs,
    memory::{Memory, Replayed},
};
use crate::{
    keys::PublicKey,
    limits::{FOLDER_FILES, TRUST_LIST_BYTES},
    revocation::RevocationError,
    rules::{RuleSet, RuleSetError},
    trust::{
        bundle::{self, Bundle, BundleError, Environment},
        lists::{self, Binding, ListError, ListKey, ListKeyError, ListOptions},
    },
    verify::{Assembly, Knowledge, KnowledgeError},
};

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadError {
    #[error("{} cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is larger than any list ({TRUST_LIST_BYTES} bytes)", path.display())]
    TooLarge { path: PathBuf },
    #[error("{} has more than {FOLDER_FILES} files; name the folder of the list itself", path.display())]
    TooMany { path: PathBuf },
    #[error("{} has no file with rules; give a rule, a list of rules, or a folder of them", path.display())]
    NoRules { path: PathBuf },
    #[error("{}: {source}", path.display())]
    Bundle { path: PathBuf, source: BundleError },
    #[error("{}: {source}", path.display())]
    Replayed { path: PathBuf, source: Replayed },
    #[error("{}: {source}", path.display())]
    Content { path: PathBuf, source: KnowledgeError },
    #[error("{}: {source}", path.display())]
    List { path: PathBuf, source: ListError },
    #[error("{}: {source}", path.display())]
    ListKey { path: PathBuf, source: ListKeyError },
    #[error("{}: {source}", path.display())]
    Rules { path: PathBuf, source: RuleSetError },
    #[error(transparent)]
    Revocation(#[from] RevocationError),
    #[error(transparent)]
    Together(#[from] KnowledgeError),
    #[error("--country needs rules: give them with --rules, or a bundle that holds them with --trust")]
    CountryWithoutRules,
    #[error("--rules needs the country of arrival: give it with --country")]
    RulesWithoutCountry,
}

impl LoadError {
    /// Whether the call is at fault, not a file.
    pub(super) fn is_usage(&self) -> bool {
        matches!(self, Self::CountryWithoutRules | Self::RulesWithoutCountry)
    }
}

/// Reads everything that the call names.
pub(super) fn load(args: &VerifyArgs, memory: &mut Memory) -> Result<Knowledge, LoadError> {
    if args.country.is_none() && !args.rules.is_empty() {
        return Err(LoadError::RulesWithoutCountry);
    }
    let mut list_keys = Vec::new();
    for path in &args.list_key {
        let keys = ListKey::read(&read(path)?);
        list_keys.extend(keys.map_err(|source| LoadError::ListKey { path: path.clone(), source })?);
    }
    let mut assembly = Assembly::default();
    for argument in &args.trust {
        let bound = argument.to_str().and_then(Binding::split).filter(|_| !argument.exists());
        match bound {
            Some((name, path)) => bare_key(name, Path::new(path), &mut assembly)?,
            None => {
                for file in files(argument, false)? {
                    add_list(&file, &list_keys, args, memory, &mut assembly)?;
                }
            }
        }
    }
    for path in &args.revocations {
        for file in files(path, true)? {
            // The path tells which part of the whole a filter is.
            let opened = fs::File::open(&file).map_err(|source| LoadError::Read { path: file.clone(), source })?;
            assembly.revocations.add_reader(&file.display().to_string(), opened)?;
        }
    }
    for path in &args.rules {
        add_rules(path, &mut assembly)?;
    }
    for path in &args.value_sets {
        for file in files(path, false)? {
            assembly.value_sets.push((file.display().to_string(), read(&file)?));
        }
    }
    let knowledge = assembly.finish()?;
    if args.country.is_some() && knowledge.rules.is_empty() {
        return Err(LoadError::CountryWithoutRules);
    }
    for list in knowledge.trust.lists().iter().filter(|list| list.authenticity.is_proven()) {
        list.made_at.into_iter().for_each(|made| memory.saw(made));
    }
    Ok(knowledge)
}

/// The file itself, or the files of a folder in the order of their names.
fn files(path: &Path, deep: bool) -> Result<Vec<PathBuf>, LoadError> {
    fn walk(folder: &Path, deep: bool, found: &mut Vec<PathBuf>) -> io::Result<()> {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
        entries.sort();
        for entry in entries {
            let hidden = entry.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            if found.len() > FOLDER_FILES {
                return Ok(());
            } else if entry.is_file() && !hidden {
                found.push(entry);
            } else if deep && entry.is_dir() && !hidden && !entry.is_symlink() {
                walk(&entry, deep, found)?;
            }
        }
        Ok(())
    }
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    walk(path, deep, &mut found).map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
    if found.len() > FOLDER_FILES { Err(LoadError::TooMany { path: path.to_owned() }) } else { Ok(found) }
}

fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    let wrong = |source| LoadError::Read { path: path.to_owned(), source };
    if fs::metadata(path).map_err(wrong)?.len() > TRUST_LIST_BYTES {
        return Err(LoadError::TooLarge { path: path.to_owned() });
    }
    fs::read(path).map_err(wrong)
}

/// `did:NAME=PATH` or `kid:BASE64=PATH`.
fn bare_key(name: &str, path: &Path, assembly: &mut Assembly) -> Result<(), LoadError> {
    let wrong = |source| LoadError::List { path: path.to_owned(), source };
    let binding = Binding::read(name).map_err(wrong)?;
    let shown = path.display().to_string();
    let options = ListOptions { name: &shown, list_keys: &[], unsigned: false };
    lists::bare_key(&binding, &read(path)?, &options, &mut assembly.trust).map_err(wrong)
}

/// A bundle of ours, or a list of any other form.
fn add_list(
    path: &Path,
    list_keys: &[ListKey],
    args: &VerifyArgs,
    memory: &mut Memory,
    assembly: &mut Assembly,
) -> Result<(), LoadError> {
    let bytes = read(path)?;
    let name = path.display().to_string();
    if !bundle::looks_like(&bytes) {
        let options = ListOptions { name: &name, list_keys, unsigned: args.trust_unsigned };
        let added = lists::read(&bytes, &options, &mut assembly.trust);
        return added.map_err(|source| LoadError::List { path: path.to_owned(), source });
    }
    let bundle = open_bundle(path, bytes, list_keys, args.trust_unsigned)?;
    if bundle.signed && bundle.contents.environment == Environment::Production {
        let used = memory.use_bundle(&bundle.maker, bundle.contents.sequence);
        used.map_err(|source| LoadError::Replayed { path: path.to_owned(), source })?;
    }
    let added = assembly.add_bundle(&bundle, &name);
    added.map_err(|source| LoadError::Content { path: path.to_owned(), source })
}

fn open_bundle(path: &Path, bytes: Vec<u8>, list_keys: &[ListKey], unsigned: bool) -> Result<Bundle, LoadError> {
    let keys: Vec<PublicKey> = list_keys.iter().filter_map(|key| key.public_key().ok()).collect();
    let opened = match bundle::read(bytes, &keys) {
        // The file is read again, because reading lets it go early.
        Err(BundleError::NoListKey) if unsigned => bundle::read_unsigned(read(path)?),
        other => other,
    };
    opened.map_err(|source| LoadError::Bundle { path: path.to_owned(), source })
}

/// A file with rules, or every JSON file below a folder but the tests of rules.
fn add_rules(path: &Path, assembly: &mut Assembly) -> Result<(), LoadError> {
    let found: Vec<PathBuf> = if path.is_dir() {
        let json = |file: &PathBuf| file.extension().is_some_and(|end| end == "json");
        let test = |file: &PathBuf| file.strip_prefix(path).is_ok_and(|rest| rest.iter().any(|part| part == "tests"));
        files(path, true)?.into_iter().filter(|file| json(file) && !test(file)).collect()
    } else {
        vec![path.to_owned()]
    };
    if found.is_empty() {
        return Err(LoadError::NoRules { path: path.to_owned() });
    }
    for file in found {
        let set = RuleSet::parse(&read(&file)?).and_then(|set| assembly.rules.merge(set));
        set.map_err(|source| LoadError::Rules { path: file, source })?;
    }
    Ok(())
}
