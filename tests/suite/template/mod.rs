//! National templates, looked at with other programs: a ministry's PDF, a file of places, and what comes out.

mod command;
mod faults;
mod hostile;
mod installation;
mod made;
mod paper;

use std::path::{Path, PathBuf};

use vaccert::document::{
    Fonts,
    template::{Finding, Template},
};

/// Fonts that all these tests share.
fn fonts() -> &'static Fonts {
    static FONTS: std::sync::LazyLock<Fonts> = std::sync::LazyLock::new(|| Fonts::embedded().unwrap());
    &FONTS
}

/// The example of the repository.
fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/template/template.toml")
}

/// A folder with a background and a template.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new(background: &[u8], template: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("background.pdf"), background).unwrap();
        std::fs::write(folder.path().join("template.toml"), template).unwrap();
        Self { folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("template.toml")
    }

    fn load(&self) -> Template {
        Template::load(&self.file()).unwrap_or_else(|error| panic!("{error}"))
    }

    fn checked(&self) -> (Template, Vec<Finding>) {
        Template::checked(&self.file(), fonts()).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// A template with name, birth date, identifier and code on an A4 page.
const SMALL: &str = r#"
[[field]]
name = "family"
x = 20
y = 30
width = 90
height = 12
size = 14

[[field]]
name = "given"
x = 20
y = 45
width = 90
height = 12
size = 14

[[field]]
name = "birth_date"
x = 20
y = 60
width = 60
height = 8

[[field]]
name = "id"
x = 20
y = 70
width = 90
height = 8
size = 9

[[code]]
x = 130
y = 30
size = 54
"#;
