//! From paths to what the verifier knows: trust, revocations, rules, value sets. A verifier does not go on
//! without a file that it was told to use.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;

use super::memory::{Memory, Replayed};
use crate::{
    keys::PublicKey,
    limits::{FOLDER_FILES, REVOCATION_INDEX_BYTES, TRUST_LIST_BYTES},
    revocation::{INDEX_FILE, Index, IndexError, RevocationError},
    rules::{RuleSet, RuleSetError},
    trust::{
        bundle::{self, Bundle, BundleError, Environment},
        lists::{self, Binding, Checks, ListError, ListKey, ListKeyError, ListOptions},
    },
    verify::{Assembly, Knowledge, KnowledgeError},
};

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum LoadError {
    #[error("{} cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is larger than any list ({TRUST_LIST_BYTES} bytes)", path.display())]
    TooLarge { path: PathBuf },
    #[error("{} has more than {FOLDER_FILES} files; name the folder of the list itself", path.display())]
    TooMany { path: PathBuf },
    #[error("{} has no file with rules; give a rule, a list of rules, or a folder of them", path.display())]
    NoRules { path: PathBuf },
    #[cfg(feature = "issue")]
    #[error("{} is not a text in UTF-8", path.display())]
    NotText { path: PathBuf },
    #[error("{}: {source}", path.display())]
    Bundle { path: PathBuf, source: BundleError },
    #[error("{}: {source}", path.display())]
    Replayed { path: PathBuf, source: Replayed },
    #[error("{}: {source}", path.display())]
    Content { path: PathBuf, source: KnowledgeError },
    #[error("{}: {source}", path.display())]
    List { path: PathBuf, source: ListError },
    #[error("the list {name} that was pulled: {source}")]
    Pulled { name: String, source: ListError },
    #[error("{}: {source}", path.display())]
    ListKey { path: PathBuf, source: ListKeyError },
    #[error("{}: {source}", path.display())]
    Rules { path: PathBuf, source: RuleSetError },
    #[error(transparent)]
    Revocation(#[from] RevocationError),
    #[error("{}: {source}", path.display())]
    Published { path: PathBuf, source: IndexError },
    #[error(transparent)]
    Together(#[from] KnowledgeError),
}

/// The files that a verifier goes by.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Sources {
    /// Trust list, key or certificate, or a folder of them; did:NAME=PATH and kid:BASE64=PATH bind a bare key,
    /// https://ISSUER=PATH the keys of a health card issuer; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) trust: Vec<PathBuf>,
    /// Accept a list whose own signature cannot be checked
    #[arg(long)]
    pub(in crate::cli) trust_unsigned: bool,
    /// Public key or certificate that signs the lists; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) list_key: Vec<PathBuf>,
    /// File or folder with business rules; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) rules: Vec<PathBuf>,
    /// Revocation list, filter, a folder of them, or the folder that an issuer publishes; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) revocations: Vec<PathBuf>,
    /// Value sets newer than the built-in ones: file or folder; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) value_sets: Vec<PathBuf>,
    /// Lists that were pulled, where the call names none.
    #[arg(skip)]
    pub(in crate::cli) pulled: Vec<Pulled>,
}

/// A list that was pulled before: believed under its own list keys, and judged as it was then.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Pulled {
    pub(in crate::cli) name: String,
    pub(in crate::cli) bytes: Vec<u8>,
    pub(in crate::cli) list_keys: Vec<ListKey>,
    pub(in crate::cli) unsigned: bool,
    pub(in crate::cli) checks: Checks,
}

impl Pulled {
    fn read(&self, assembly: &mut Assembly) -> Result<(), LoadError> {
        let options = ListOptions { name: &self.name, list_keys: &self.list_keys, unsigned: self.unsigned };
        let read = lists::read_checked(&self.bytes, &options, &self.checks, &mut assembly.trust);
        read.map_err(|source| LoadError::Pulled { name: self.name.clone(), source })
    }
}

impl Sources {
    /// Reads everything that the call names.
    pub(in crate::cli) fn load(&self, memory: &mut Memory) -> Result<Knowledge, LoadError> {
        let mut list_keys = Vec::new();
        for path in &self.list_key {
            let keys = ListKey::read(&read(path)?);
            list_keys.extend(keys.map_err(|source| LoadError::ListKey { path: path.clone(), source })?);
        }
        let mut assembly = Assembly::default();
        for argument in &self.trust {
            let bound = argument.to_str().and_then(Binding::split).filter(|_| !argument.exists());
            match bound {
                Some((name, path)) => bare_key(name, Path::new(path), &mut assembly)?,
                None => {
                    for file in files(argument, false)? {
                        self.add_list(&file, &list_keys, memory, &mut assembly)?;
                    }
                }
            }
        }
        for list in &self.pulled {
            list.read(&mut assembly)?;
        }
        for path in &self.revocations {
            if let Some(index) = published_index(path) {
                self.add_published(&index, &list_keys, memory, &mut assembly)?;
                continue;
            }
            for file in files(path, true)? {
                // The path tells which part of the whole a filter is.
                let opened = fs::File::open(&file).map_err(|source| LoadError::Read { path: file.clone(), source })?;
                assembly.revocations.add_reader(&file.display().to_string(), opened)?;
            }
        }
        for file in self.rule_files()? {
            let set = RuleSet::parse(&read(&file)?).and_then(|set| assembly.rules.merge(set));
            set.map_err(|source| LoadError::Rules { path: file, source })?;
        }
        for file in self.value_set_files()? {
            assembly.value_sets.push((file.display().to_string(), read(&file)?));
        }
        let knowledge = assembly.finish()?;
        for list in knowledge.trust.lists() {
            if list.authenticity.is_proven() {
                list.made_at.into_iter().for_each(|made| memory.saw(made));
            }
            if list.keys + list.authorities + list.repeated == 0 && list.entries > 0 {
                eprintln!("{}: none of its {} entries can be used; --show-lists tells why", list.name, list.entries);
            }
        }
        Ok(knowledge)
    }

    /// Lists as an issuer publishes them: by their signed index, which says what belongs to them.
    fn add_published(
        &self,
        path: &Path,
        list_keys: &[ListKey],
        memory: &mut Memory,
        assembly: &mut Assembly,
    ) -> Result<(), LoadError> {
        let wrong = |source| LoadError::Published { path: path.to_owned(), source };
        let keys: Vec<PublicKey> = list_keys.iter().filter_map(|key| key.public_key().ok()).collect();
        let signed = Index::read(&read(path)?, &keys, self.trust_unsigned).map_err(wrong)?;
        if signed.signed && !signed.index.sandbox {
            // The lists have numbers of their own beside those of the bundles.
            let used = memory.use_bundle(&format!("{} revocations", signed.maker), signed.index.sequence);
            used.map_err(|source| LoadError::Replayed { path: path.to_owned(), source })?;
            memory.saw(signed.index.made_at);
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let added = signed.index.add_to(&mut assembly.revocations, |file| {
            let path = folder.join(&file.name);
            // One byte more than the index says is enough to see that it is another file.
            let whole = fs::metadata(&path).is_ok_and(|found| found.len() <= file.bytes);
            if path.is_file() && !whole { Some(Vec::new()) } else { fs::read(path).ok() }
        });
        added.map(|_| ()).map_err(wrong)
    }

    /// Every file with rules: those named, and every JSON file below a folder but the tests of rules.
    pub(in crate::cli) fn rule_files(&self) -> Result<Vec<PathBuf>, LoadError> {
        let mut found = Vec::new();
        for path in &self.rules {
            if !path.is_dir() {
                found.push(path.clone());
                continue;
            }
            let json = |file: &PathBuf| file.extension().is_some_and(|end| end == "json");
            let test =
                |file: &PathBuf| file.strip_prefix(path).is_ok_and(|rest| rest.iter().any(|part| part == "tests"));
            let inside: Vec<_> = files(path, true)?.into_iter().filter(|file| json(file) && !test(file)).collect();
            if inside.is_empty() {
                return Err(LoadError::NoRules { path: path.clone() });
            }
            found.extend(inside);
        }
        Ok(found)
    }

    /// Every file with value sets.
    pub(in crate::cli) fn value_set_files(&self) -> Result<Vec<PathBuf>, LoadError> {
        self.value_sets.iter().map(|path| files(path, false)).collect::<Result<Vec<_>, _>>().map(|all| all.concat())
    }

    /// A bundle of ours, or a list of any other form.
    fn add_list(
        &self,
        path: &Path,
        list_keys: &[ListKey],
        memory: &mut Memory,
        assembly: &mut Assembly,
    ) -> Result<(), LoadError> {
        let bytes = read(path)?;
        let name = path.display().to_string();
        if !bundle::looks_like(&bytes) {
            let options = ListOptions { name: &name, list_keys, unsigned: self.trust_unsigned };
            let added = lists::read(&bytes, &options, &mut assembly.trust);
            return added.map_err(|source| LoadError::List { path: path.to_owned(), source });
        }
        let bundle = open_bundle(path, bytes, list_keys, self.trust_unsigned)?;
        if bundle.signed && bundle.contents.environment == Environment::Production {
            let used = memory.use_bundle(&bundle.maker, bundle.contents.sequence);
            used.map_err(|source| LoadError::Replayed { path: path.to_owned(), source })?;
        }
        let added = assembly.add_bundle(&bundle, &name);
        added.map_err(|source| LoadError::Content { path: path.to_owned(), source })
    }
}

/// The signed index of what an issuer publishes, if this is it, its folder, or the folder above.
fn published_index(path: &Path) -> Option<PathBuf> {
    let candidates = [path.to_owned(), path.join(INDEX_FILE), path.join("revocations").join(INDEX_FILE)];
    candidates.into_iter().find(|path| {
        let small = fs::metadata(path)
            .is_ok_and(|found| found.is_file() && found.len() <= u64::try_from(REVOCATION_INDEX_BYTES).unwrap_or(0));
        small && fs::read(path).is_ok_and(|bytes| Index::looks_like(&bytes))
    })
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

pub(in crate::cli) fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    let wrong = |source| LoadError::Read { path: path.to_owned(), source };
    if fs::metadata(path).map_err(wrong)?.len() > TRUST_LIST_BYTES {
        return Err(LoadError::TooLarge { path: path.to_owned() });
    }
    fs::read(path).map_err(wrong)
}

/// `did:NAME=PATH`, `kid:BASE64=PATH` or `https://ISSUER=PATH`.
fn bare_key(name: &str, path: &Path, assembly: &mut Assembly) -> Result<(), LoadError> {
    let wrong = |source| LoadError::List { path: path.to_owned(), source };
    let binding = Binding::read(name).map_err(wrong)?;
    let shown = path.display().to_string();
    let options = ListOptions { name: &shown, list_keys: &[], unsigned: false };
    lists::bare_key(&binding, &read(path)?, &options, &mut assembly.trust).map_err(wrong)
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
