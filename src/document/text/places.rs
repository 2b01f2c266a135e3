//! The fonts of the machine: looked for in the folders of the configuration, then in those of the system; read when
//! the first text needs them.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use unicode_script::Script;

use super::{
    super::DocumentError,
    Weight,
    face::{Bytes, Coverage, Face},
    scripts,
};
use crate::limits::{FONT_FILE_BYTES, FONT_FILES, FONT_FOLDER_DEPTH};

/// Where fonts are looked for. The default is the system's folders alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FontPlaces {
    /// Folders of the configuration, first and in this order; what is in them comes before what the system has.
    pub folders: Vec<PathBuf>,
    /// Whether the folders of the system are looked into after them: `/usr/share/fonts`, `/usr/local/share/fonts`,
    /// and `.local/share/fonts` and `.fonts` of the user.
    pub system: bool,
}

impl Default for FontPlaces {
    fn default() -> Self {
        Self { folders: Vec::new(), system: true }
    }
}

/// Families whose glyphs stand for no letter in particular: boxes with numbers in them.
const BOXES: [&str; 5] = ["lastresort", "last resort", "adobe blank", "adobe notdef", "fallback"];

/// A file of fonts.
struct File {
    path: PathBuf,
    bytes: OnceLock<Option<Bytes>>,
}

impl File {
    fn bytes(&self) -> Option<Bytes> {
        let read = || -> Option<Bytes> {
            let small = fs::metadata(&self.path).is_ok_and(|meta| meta.len() <= FONT_FILE_BYTES);
            let bytes: Bytes = Arc::new(small.then(|| fs::read(&self.path).ok()).flatten()?);
            Some(bytes)
        };
        self.bytes.get_or_init(read).clone()
    }
}

/// A face that was found; read on first need.
struct Found {
    id: fontdb::ID,
    file: usize,
    index: u32,
    family: String,
    weight: u16,
    upright: bool,
    /// Whether it is from a folder of the configuration.
    own: bool,
    coverage: OnceLock<Option<Coverage>>,
    regular: OnceLock<Option<Arc<Face>>>,
    bold: OnceLock<Option<Arc<Face>>>,
}

/// The files that were found. What is in them is looked at when the first text needs it: most need nothing.
#[derive(Default)]
pub(super) struct Places {
    /// Each with whether it is from a folder of the configuration.
    files: Vec<(PathBuf, bool)>,
    shelf: OnceLock<Shelf>,
}

/// The faces that were found.
#[derive(Default)]
struct Shelf {
    database: Option<fontdb::Database>,
    files: Vec<File>,
    faces: Vec<Found>,
    /// Places in `faces` by family, in lower case; those of the configuration first.
    families: BTreeMap<String, Vec<usize>>,
    /// The families that are known for a script and are here.
    known: HashMap<Script, Vec<Vec<usize>>>,
    /// Whether any is from a folder of the configuration.
    owned: bool,
}

/// A font that draws a script here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FontFound {
    /// Its family.
    pub family: String,
    /// Its file.
    pub path: PathBuf,
}

impl Places {
    /// Looks for fonts. Files that are no fonts are passed over.
    pub(super) fn find(places: &FontPlaces) -> Result<Self, DocumentError> {
        let mut files: Vec<(PathBuf, bool)> = Vec::new();
        for folder in &places.folders {
            let unreadable = |error: std::io::Error| DocumentError::FontFolder {
                folder: folder.clone(),
                reason: error.kind().to_string(),
            };
            fs::read_dir(folder).map_err(unreadable)?;
            walk(folder, 0, true, &mut files);
        }
        if places.system {
            for folder in system_folders() {
                walk(&folder, 0, false, &mut files);
            }
        }
        if files.len() > FONT_FILES {
            return Err(DocumentError::TooManyFonts { files: files.len(), limit: FONT_FILES });
        }
        Ok(Self { files, shelf: OnceLock::new() })
    }

    fn shelf(&self) -> &Shelf {
        self.shelf.get_or_init(|| Shelf::new(&self.files))
    }

    /// The first face that `attempt` takes, of those that cover `text`: what the configuration's folders have, then
    /// the families that are known for the script, then whatever else is there.
    pub(super) fn first<T>(
        &self,
        (script, language): (Script, Option<&str>),
        weight: Weight,
        text: &str,
        mut attempt: impl FnMut(&Arc<Face>) -> Option<T>,
    ) -> Option<T> {
        let shelf = self.shelf();
        shelf
            .candidates(script, language, weight)
            .filter(|found| shelf.coverage(found).is_some_and(|coverage| coverage.covers(text)))
            .find_map(|found| attempt(&shelf.face(found, weight)?))
    }

    /// The font that draws `text`, without reading it whole.
    pub(super) fn which(&self, script: Script, text: &str) -> Option<FontFound> {
        let shelf = self.shelf();
        let found = shelf
            .candidates(script, None, Weight::Regular)
            .find(|found| shelf.coverage(found).is_some_and(|coverage| coverage.covers(text)))?;
        Some(FontFound { family: found.family.clone(), path: shelf.files.get(found.file)?.path.clone() })
    }
}

impl Shelf {
    fn new(files: &[(PathBuf, bool)]) -> Self {
        let mut database = fontdb::Database::new();
        let mut found = Self::default();
        let mut owned: HashMap<PathBuf, (usize, bool)> = HashMap::new();
        for (path, own) in files.iter().cloned() {
            // The same file by two ways counts once, as the first.
            let known = owned.len();
            if let std::collections::hash_map::Entry::Vacant(place) = owned.entry(path.clone()) {
                place.insert((known, own));
                // Whatever cannot be read as a font is none.
                let _ = database.load_font_file(&path);
                found.files.push(File { path, bytes: OnceLock::new() });
            }
        }
        for face in database.faces() {
            let fontdb::Source::File(path) = &face.source else { continue };
            let Some(&(file, own)) = owned.get(path) else { continue };
            let english =
                face.families.iter().find(|(_, language)| *language == fontdb::Language::English_UnitedStates);
            let Some((family, _)) = english.or(face.families.first()) else { continue };
            if BOXES.iter().any(|boxes| family.to_lowercase().contains(boxes)) {
                continue;
            }
            found.faces.push(Found {
                id: face.id,
                file,
                index: face.index,
                family: family.clone(),
                weight: face.weight.0,
                upright: face.style == fontdb::Style::Normal && face.stretch == fontdb::Stretch::Normal,
                own,
                coverage: OnceLock::new(),
                regular: OnceLock::new(),
                bold: OnceLock::new(),
            });
        }
        // By place, then by name: never by the order in which a folder lists its files.
        found.faces.sort_by_key(|face| (face.file, face.index));
        found.owned = found.faces.iter().any(|face| face.own);
        for (place, face) in found.faces.iter().enumerate() {
            found.families.entry(face.family.to_lowercase()).or_default().push(place);
        }
        for known in scripts::TABLE {
            found.known.insert(known.script, found.of_families(&scripts::families(known.script, None)));
        }
        found.database = Some(database);
        found
    }

    fn candidates(&self, script: Script, language: Option<&str>, weight: Weight) -> impl Iterator<Item = &Found> {
        let known: Cow<'_, [Vec<usize>]> = match (self.known.get(&script), language) {
            (Some(known), None) => Cow::Borrowed(known),
            _ => Cow::Owned(self.of_families(&scripts::families(script, language))),
        };
        let picked = |own: bool| known.iter().filter_map(|faces| self.pick(faces, weight, own)).collect::<Vec<_>>();
        let (own_known, known) = (if self.owned { picked(true) } else { Vec::new() }, picked(false));
        let pick = move |faces: &Vec<usize>, own: bool| self.pick(faces, weight, own);
        let own = self.families.values().filter(|_| self.owned).filter_map(move |faces| pick(faces, true));
        let others = self.families.values().filter_map(move |faces| pick(faces, false));
        own_known.into_iter().chain(own).chain(known).chain(others)
    }

    fn of_families(&self, families: &[Cow<'_, str>]) -> Vec<Vec<usize>> {
        families.iter().filter_map(|family| self.families.get(family.to_lowercase().as_str()).cloned()).collect()
    }

    /// Of the faces of a family the upright one whose weight is nearest.
    fn pick(&self, faces: &[usize], weight: Weight, own: bool) -> Option<&Found> {
        let wanted = match weight {
            Weight::Regular => 400,
            Weight::Bold => 700_u16,
        };
        let faces = faces.iter().filter_map(|place| self.faces.get(*place)).filter(|face| !own || face.own);
        faces.min_by_key(|face| (!face.own, !face.upright, face.weight.abs_diff(wanted)))
    }

    fn coverage<'a>(&self, found: &'a Found) -> Option<&'a Coverage> {
        let read = || {
            let (database, file) = (self.database.as_ref()?, self.files.get(found.file)?);
            let small = fs::metadata(&file.path).is_ok_and(|meta| meta.len() <= FONT_FILE_BYTES);
            small.then(|| database.with_face_data(found.id, Coverage::read)).flatten().flatten()
        };
        found.coverage.get_or_init(read).as_ref()
    }

    fn face(&self, found: &Found, weight: Weight) -> Option<Arc<Face>> {
        let place = match weight {
            Weight::Regular => &found.regular,
            Weight::Bold => &found.bold,
        };
        let read = || Face::new(self.files.get(found.file)?.bytes()?, found.index, weight).map(Arc::new);
        place.get_or_init(read).clone()
    }
}

/// Where Linux and its relatives keep fonts (XDG base directories).
fn system_folders() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let mut folders = vec![PathBuf::from("/usr/share/fonts"), PathBuf::from("/usr/local/share/fonts")];
    if home.is_absolute() {
        folders.extend([home.join(".local/share/fonts"), home.join(".fonts")]);
    }
    folders
}

/// Every file of fonts below `folder`, in the order of their names. Folders behind links are not entered, so that there
/// is no way in a circle.
fn walk(folder: &Path, depth: usize, own: bool, files: &mut Vec<(PathBuf, bool)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let entries = entries.filter_map(Result::ok).take(FONT_FILES);
    let mut entries: Vec<(PathBuf, bool)> =
        entries.map(|entry| (entry.path(), entry.file_type().is_ok_and(|kind| kind.is_dir()))).collect();
    entries.sort();
    for (path, is_folder) in entries {
        if files.len() > FONT_FILES {
            return;
        }
        let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default().to_ascii_lowercase();
        if is_folder {
            if depth < FONT_FOLDER_DEPTH {
                walk(&path, depth + 1, own, files);
            }
        } else if matches!(kind.as_str(), "ttf" | "otf" | "ttc" | "otc") {
            files.push((path, own));
        }
    }
}
