//! `[document]`: how the paper looks. Pictures are read and checked with the configuration, so that a wrong one is told
//! before anything is printed.

use std::{
    collections::BTreeMap,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{ConfigError, NamedTemplate, national::TemplatesSection};
use crate::{
    document::{Colour, FontPlaces, Language, Layout, Look, PageSize, Picture, Signature},
    limits::{LOOK_PICTURE_BYTES, PAPER_ADDRESS_CHARS, PAPER_INSTRUCTIONS_CHARS, PAPER_NAME_CHARS},
};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DocumentSection {
    layout: Option<String>,
    size: Option<String>,
    /// One language alone: what there was before there could be two.
    language: Option<String>,
    languages: Option<Vec<String>>,
    ministry: BTreeMap<String, String>,
    emblem: Option<PathBuf>,
    colour: Option<String>,
    signature: Option<SignatureSection>,
    instructions: BTreeMap<String, String>,
    address: Option<String>,
    fonts: Option<PathBuf>,
    /// The document key, which seals the paper: a key file, or the name of a key in a token (`pkcs11:…`).
    key: Option<PathBuf>,
    /// Its certificate, with those that it comes from behind it.
    certificate: Option<PathBuf>,
    /// The ministry's own PDF with its file of places, for every kind of certificate.
    template: Option<PathBuf>,
    /// One for a kind of its own.
    templates: TemplatesSection,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureSection {
    image: PathBuf,
    name: String,
    #[serde(default)]
    office: String,
}

/// How an installation prints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaperOptions {
    /// How the paper looks.
    pub look: Look,
    /// Where its fonts are.
    pub fonts: FontPlaces,
    /// The ministry's own PDFs; [`PaperOptions::dressed`] loads them.
    pub templates: Vec<NamedTemplate>,
}

fn wrong<T>(setting: &'static str, problem: impl Into<String>) -> Result<T, ConfigError> {
    Err(ConfigError::Setting { setting, problem: problem.into() })
}

impl DocumentSection {
    /// The document key and the file of its certificates, if the paper is sealed.
    pub(super) fn sealing(&self) -> Result<Option<(&Path, &Path)>, ConfigError> {
        match (&self.key, &self.certificate) {
            (None, None) => Ok(None),
            (Some(key), Some(certificate)) => Ok(Some((key, certificate))),
            _ => wrong("document", "names only one of key and certificate; give both or none"),
        }
    }

    /// The pictures that it names, each with its setting.
    pub(super) fn pictures(&self) -> Vec<(&'static str, &PathBuf)> {
        let emblem = self.emblem.as_ref().map(|path| ("document.emblem", path));
        let signature = self.signature.as_ref().map(|section| ("document.signature.image", &section.image));
        emblem.into_iter().chain(signature).collect()
    }

    /// The templates that it names, as it names them.
    pub(super) fn templates(&self) -> Vec<NamedTemplate> {
        self.templates.named(self.template.as_ref())
    }

    /// Reads what it names, all but the templates; relative paths start at `base`. `address` is where the service is found, if that is told
    /// elsewhere.
    pub(super) fn build(self, base: &Path, address: Option<&str>) -> Result<PaperOptions, ConfigError> {
        let (language, second) = languages(self.language.as_deref(), self.languages.as_deref())?;
        let layout = match self.layout.as_deref() {
            Some(name) => chosen("document.layout", name, Layout::all().map(|layout| (layout.name(), layout)))?,
            None => Layout::default(),
        };
        if layout.name() == "yellow" {
            return wrong(
                "document.layout",
                "is \"yellow\", which is for yellow cards alone: leave plain, by which they get their page by themselves",
            );
        }
        let sizes = [("a4", PageSize::A4), ("letter", PageSize::Letter)];
        let size = match self.size.as_deref() {
            Some(name) => chosen("document.size", name, sizes.into_iter())?,
            None => PageSize::default(),
        };
        let emblem = match &self.emblem {
            Some(path) => Some(picture("document.emblem", &base.join(path))?),
            None => None,
        };
        let colour = match self.colour.as_deref().map(Colour::read) {
            Some(Ok(colour)) => colour,
            Some(Err(error)) => return wrong("document.colour", format!("cannot be used: {error}")),
            None => Colour::default(),
        };
        let signature = match self.signature {
            Some(section) => {
                let picture = picture("document.signature.image", &base.join(section.image))?;
                let name = line("document.signature.name", &section.name, PAPER_NAME_CHARS)?;
                let office = match section.office.trim() {
                    "" => String::new(),
                    office => line("document.signature.office", office, PAPER_NAME_CHARS)?,
                };
                Some(Signature { picture, name, office })
            }
            None => None,
        };
        let address = match (self.address, address) {
            (Some(own), _) => Some(place(&own)?),
            (None, Some(known)) => Some(format!("{}/verify", bare(known))),
            (None, None) => None,
        };
        let fonts = match self.fonts {
            Some(folder) => FontPlaces { folders: vec![folder_of_fonts(base.join(folder))?], system: true },
            None => FontPlaces::default(),
        };
        let mut templates = self.templates.named(self.template.as_ref());
        for named in &mut templates {
            named.path = base.join(&named.path);
        }
        let look = Look {
            layout,
            size,
            language,
            second,
            ministry: by_language("document.ministry", &self.ministry, PAPER_NAME_CHARS, false)?,
            emblem,
            colour,
            signature,
            instructions: by_language("document.instructions", &self.instructions, PAPER_INSTRUCTIONS_CHARS, true)?,
            address,
            ..Look::default()
        };
        Ok(PaperOptions { look, fonts, templates })
    }
}

/// The one of `all` that is named so.
fn chosen<T>(
    setting: &'static str,
    name: &str,
    all: impl Iterator<Item = (&'static str, T)>,
) -> Result<T, ConfigError> {
    let (mut names, mut found) = (Vec::new(), None);
    for (known, value) in all {
        names.push(known);
        if known == name {
            found = Some(value);
        }
    }
    match found {
        Some(found) => Ok(found),
        None => wrong(setting, format!("is {}, which there is not: choose one of {}", quoted(name), names.join(", "))),
    }
}

/// What stands in the file, short and on one line.
fn quoted(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).take(24).collect();
    format!("\"{text}\"")
}

fn language(setting: &'static str, tag: &str) -> Result<Language, ConfigError> {
    chosen(setting, tag, Language::all().map(|language| (language.tag(), language)))
}

fn languages(one: Option<&str>, several: Option<&[String]>) -> Result<(Language, Option<Language>), ConfigError> {
    let several = match (one, several) {
        (Some(_), Some(_)) => {
            return wrong("document.language", "stands beside document.languages: keep the latter alone");
        }
        (Some(one), None) => return Ok((language("document.language", one)?, None)),
        (None, None) => return Ok((Language::ENGLISH, None)),
        (None, Some(several)) => several,
    };
    let named = |tag: &String| language("document.languages", tag);
    match several {
        [one] => Ok((named(one)?, None)),
        [first, second] if first == second => {
            wrong("document.languages", "names the same language twice: name it once, or another beside it")
        }
        [first, second] => Ok((named(first)?, Some(named(second)?))),
        several => wrong(
            "document.languages",
            format!("names {} languages: name one, or two that stand side by side", several.len()),
        ),
    }
}

/// A text that fits on the paper; `lines` allows line ends.
fn text(setting: &'static str, text: &str, most: usize, lines: bool) -> Result<String, ConfigError> {
    let text = text.trim();
    let chars = text.chars().count();
    if text.is_empty() {
        return wrong(setting, "is empty: write it, or leave the setting out");
    }
    if chars > most {
        return wrong(setting, format!("has {chars} characters and may have {most}: shorten it"));
    }
    if text.chars().any(|c| c.is_control() && !(lines && c == '\n')) {
        return wrong(setting, "has control characters, such as tabs or line ends: write it in one line");
    }
    Ok(text.to_owned())
}

fn line(setting: &'static str, value: &str, most: usize) -> Result<String, ConfigError> {
    text(setting, value, most, false)
}

fn by_language(
    setting: &'static str,
    texts: &BTreeMap<String, String>,
    most: usize,
    lines: bool,
) -> Result<Vec<(Language, String)>, ConfigError> {
    texts.iter().map(|(tag, value)| Ok((language(setting, tag)?, text(setting, value, most, lines)?))).collect()
}

fn picture(setting: &'static str, path: &Path) -> Result<Picture, ConfigError> {
    let name = path.display();
    let cannot = |error: std::io::Error| ConfigError::Setting {
        setting,
        problem: format!("names {name}, which cannot be read ({}): put the picture there", error.kind()),
    };
    // One byte more than allowed, so that the check of the length sees it.
    let most = u64::try_from(LOOK_PICTURE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(cannot)?;
    match Picture::read(&bytes) {
        Ok(picture) => Ok(picture),
        Err(error) => wrong(setting, format!("names {name}, which cannot be used: {error}")),
    }
}

/// An address without its scheme and the slash at its end, as it is printed.
fn bare(address: &str) -> &str {
    let bare = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")).unwrap_or(address);
    bare.trim_end_matches('/')
}

/// An address that people can type.
fn place(address: &str) -> Result<String, ConfigError> {
    let bare = bare(address.trim());
    let host = bare.split('/').next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/:%".contains(c);
    if bare.len() > PAPER_ADDRESS_CHARS || !host.contains(['.', ':']) || !bare.chars().all(plain) {
        return wrong(
            "document.address",
            format!(
                "is no address that can be typed from paper: give one such as verify.example.org, of at most \
                 {PAPER_ADDRESS_CHARS} characters"
            ),
        );
    }
    Ok(bare.to_owned())
}

fn folder_of_fonts(folder: PathBuf) -> Result<PathBuf, ConfigError> {
    match fs::read_dir(&folder) {
        Ok(_) => Ok(folder),
        Err(error) => wrong(
            "document.fonts",
            format!("names {}, which cannot be read as a folder ({}): correct it", folder.display(), error.kind()),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Kind;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_color(png::ColorType::Grayscale);
        let pixels = vec![7; usize::try_from(width * height).unwrap()];
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        file
    }

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("emblem.png"), png(40, 40)).unwrap();
        fs::write(dir.path().join("emblem.gif"), b"GIF89a").unwrap();
        fs::create_dir(dir.path().join("fonts")).unwrap();
        dir
    }

    fn built(text: &str, dir: &Path) -> Result<PaperOptions, String> {
        let section: DocumentSection = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        section.build(dir, None).map_err(|e| e.to_string())
    }

    #[test]
    fn everything_that_can_be_set_is_read() {
        let dir = folder();
        let paper = built(
            "layout = \"plain\"\nsize = \"letter\"\nlanguages = [\"lo\", \"en\"]\ncolour = \"#103b6d\"\n\
             ministry = { lo = \"ກະຊວງສາທາລະນະສຸກ\", en = \"Ministry of Health\" }\nemblem = \"emblem.png\"\n\
             signature = { image = \"emblem.png\", name = \"A. B.\", office = \"Director\" }\n\
             instructions = { en = \"First.\\nSecond.\" }\naddress = \"https://verify.example.org/\"\nfonts = \"fonts\"\n",
            dir.path(),
        )
        .unwrap();
        let look = paper.look;
        assert_eq!((look.language.tag(), look.second.map(Language::tag)), ("lo", Some("en")));
        assert_eq!((look.size, look.ministry.len(), look.instructions.len()), (PageSize::Letter, 2, 1));
        assert_eq!(look.emblem.unwrap().size(), (40, 40));
        assert_eq!(look.signature.unwrap().office, "Director");
        assert_eq!(look.address.as_deref(), Some("verify.example.org"));
        assert_eq!(paper.fonts.folders, [dir.path().join("fonts")]);
        assert!(paper.fonts.system);
    }

    #[test]
    fn what_stood_before_is_still_read() {
        let dir = folder();
        let look = |text: &str| built(text, dir.path()).unwrap().look;
        assert_eq!(look(""), Look::default());
        assert_eq!((look("language = \"fr\"").language, look("language = \"fr\"").second), (Language::FRENCH, None));
        let named = built("template = \"all.toml\"\ntemplates = { yellow-card = \"/card.toml\" }", dir.path()).unwrap();
        let named: Vec<_> =
            named.templates.iter().map(|named| (named.setting, named.kind, named.path.clone())).collect();
        assert_eq!(
            named,
            [
                ("document.template", None, dir.path().join("all.toml")),
                ("document.templates.yellow-card", Some(Kind::YellowCard), PathBuf::from("/card.toml")),
            ]
        );
        let known = DocumentSection::default().build(dir.path(), Some("https://vaccert.example.org")).unwrap();
        assert_eq!(known.look.address.as_deref(), Some("vaccert.example.org/verify"));
    }

    #[test]
    fn every_error_names_the_setting_and_what_to_do() {
        let dir = folder();
        let long = "x".repeat(PAPER_NAME_CHARS + 1);
        for (text, setting, part) in [
            (
                "layout = \"poster\"".to_owned(),
                "document.layout",
                "\"poster\", which there is not: choose one of plain",
            ),
            ("layout = \"yellow\"".into(), "document.layout", "leave plain"),
            ("size = \"a5\"".into(), "document.size", "choose one of a4, letter"),
            ("language = \"xx\"".into(), "document.language", "choose one of en, fr, pt"),
            ("languages = [\"lo\", \"xx\"]".into(), "document.languages", "\"xx\""),
            ("languages = []".into(), "document.languages", "names 0 languages"),
            ("languages = [\"lo\", \"en\", \"fr\"]".into(), "document.languages", "names 3 languages"),
            ("languages = [\"lo\", \"lo\"]".into(), "document.languages", "twice"),
            ("language = \"en\"\nlanguages = [\"en\"]".into(), "document.language", "keep the latter"),
            ("ministry = { xx = \"A\" }".into(), "document.ministry", "choose one of"),
            ("ministry = { en = \" \" }".into(), "document.ministry", "is empty"),
            (format!("ministry = {{ en = \"{long}\" }}"), "document.ministry", "shorten it"),
            ("ministry = { en = \"a\\tb\" }".into(), "document.ministry", "control characters"),
            ("emblem = \"none.png\"".into(), "document.emblem", "put the picture there"),
            ("emblem = \"fonts\"".into(), "document.emblem", "cannot be"),
            ("emblem = \"emblem.gif\"".into(), "document.emblem", "PNG nor JPEG"),
            ("colour = \"yellow\"".into(), "document.colour", "such as #103b6d"),
            ("colour = \"#ffff00\"".into(), "document.colour", "choose a darker one"),
            ("signature = { image = \"none.png\", name = \"A\" }".into(), "document.signature.image", "none.png"),
            ("signature = { image = \"emblem.png\", name = \"\" }".into(), "document.signature.name", "empty"),
            ("address = \"here\"".into(), "document.address", "verify.example.org"),
            ("address = \"https://a.example/?q=1\"".into(), "document.address", "typed"),
            ("fonts = \"none\"".into(), "document.fonts", "folder"),
        ] {
            let error = built(&text, dir.path()).unwrap_err();
            assert!(error.starts_with(&format!("{setting} ")) && error.contains(part), "{text}: {error}");
        }
        for text in [
            "colour = 1",
            "frobnicate = true",
            "templates = { yellow_card = \"x\" }",
            "template = 3",
            "signature = { image = \"x\" }",
        ] {
            assert!(built(text, dir.path()).is_err(), "{text}");
        }
    }
}
