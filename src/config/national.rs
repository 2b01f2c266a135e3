//! `[document] template` and `[document.templates]`: the ministry's own PDFs, each loaded, checked and printed on dry when
//! the paper is set up, so that every fault is told before the first certificate is printed. What signs or revokes and
//! prints nothing does not wait for it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Deserialize;

use super::{ConfigError, PaperOptions};
use crate::document::{
    Fonts, Kind, Look,
    template::{Finding, Template, TemplateError},
};

/// One for each kind of certificate.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(super) struct TemplatesSection {
    vaccination: Option<PathBuf>,
    test: Option<PathBuf>,
    recovery: Option<PathBuf>,
    yellow_card: Option<PathBuf>,
}

impl TemplatesSection {
    /// What is named, `every` for the kinds that have none of their own.
    pub(super) fn named<'s>(&'s self, every: Option<&'s PathBuf>) -> Vec<NamedTemplate> {
        let all = [
            ("document.template", None, every),
            ("document.templates.vaccination", Some(Kind::Vaccination), self.vaccination.as_ref()),
            ("document.templates.test", Some(Kind::Test), self.test.as_ref()),
            ("document.templates.recovery", Some(Kind::Recovery), self.recovery.as_ref()),
            ("document.templates.yellow-card", Some(Kind::YellowCard), self.yellow_card.as_ref()),
        ];
        let named = all.into_iter().filter_map(|(setting, kind, path)| Some((setting, kind, path?.clone())));
        named.map(|(setting, kind, path)| NamedTemplate { setting, kind, path }).collect()
    }
}

/// A template that a setting names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedTemplate {
    /// The setting.
    pub setting: &'static str,
    /// The kind of certificates that it is for; `None`: those that have none of their own.
    pub kind: Option<Kind>,
    /// Its file.
    pub path: PathBuf,
}

/// What is wrong with a template, and which settings name it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{settings} cannot be used: {error}")]
pub struct TemplateFault {
    /// One setting, or several.
    pub settings: String,
    /// Its faults.
    pub error: TemplateError,
}

/// Something of a template that is no fault and worth a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateRemark {
    /// The settings that name the template.
    pub settings: String,
    /// Its file.
    pub path: PathBuf,
    /// What, with its line.
    pub finding: Finding,
}

impl std::fmt::Display for TemplateRemark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.settings, self.finding)
    }
}

impl PaperOptions {
    /// The look with its templates, each checked and printed on dry with these fonts, and what of them is worth a look.
    ///
    /// # Errors
    /// [`ConfigError::Templates`]: every fault of every template, with its setting and line.
    pub fn dressed(&self, fonts: &Fonts) -> Result<(Look, Vec<TemplateRemark>), ConfigError> {
        let mut look = self.look.clone();
        let (mut remarks, mut faults) = (Vec::new(), Vec::new());
        for (path, named) in self.files() {
            let settings = named.iter().map(|named| named.setting).collect::<Vec<_>>().join(" and ");
            match Template::checked(path, fonts) {
                Ok((template, findings)) => {
                    let template = Arc::new(template);
                    for named in named {
                        look.templates.add(named.kind, Arc::clone(&template));
                    }
                    let remark =
                        |finding| TemplateRemark { settings: settings.clone(), path: path.to_owned(), finding };
                    remarks.extend(findings.into_iter().map(remark));
                }
                Err(error) => faults.push(TemplateFault { settings, error }),
            }
        }
        if faults.is_empty() { Ok((look, remarks)) } else { Err(ConfigError::Templates(faults)) }
    }

    /// Each file once, with those that name it: a background is large, and painted once.
    fn files(&self) -> Vec<(&Path, Vec<&NamedTemplate>)> {
        let mut files: Vec<(&Path, Vec<&NamedTemplate>)> = Vec::new();
        for named in &self.templates {
            match files.iter_mut().find(|(path, _)| *path == named.path) {
                Some((_, of)) => of.push(named),
                None => files.push((&named.path, vec![named])),
            }
        }
        files
    }
}

/// All of them, a paragraph each.
pub(super) fn listed(faults: &[TemplateFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/template/template.toml")
    }

    fn paper(templates: &[(&'static str, Option<Kind>, &Path)]) -> PaperOptions {
        let named = |(setting, kind, path): &(&'static str, _, &Path)| NamedTemplate {
            setting,
            kind: *kind,
            path: path.to_path_buf(),
        };
        PaperOptions { templates: templates.iter().map(named).collect(), ..PaperOptions::default() }
    }

    #[test]
    fn a_file_that_several_settings_name_is_loaded_once() {
        let fonts = Fonts::embedded().unwrap();
        let file = example();
        let named = paper(&[
            ("document.templates.vaccination", Some(Kind::Vaccination), &file),
            ("document.templates.test", Some(Kind::Test), &file),
        ]);
        let (look, remarks) = named.dressed(&fonts).unwrap();
        let of = |kind| look.templates.of(kind);
        assert!(std::ptr::eq(of(Kind::Vaccination).unwrap(), of(Kind::Test).unwrap()));
        assert!(of(Kind::YellowCard).is_none() && of(Kind::Other).is_none());
        let both = "document.templates.vaccination and document.templates.test: ";
        assert!(remarks.iter().all(|remark| remark.to_string().starts_with(both)), "{remarks:?}");
        assert!(remarks.iter().any(|remark| remark.to_string().contains("footer")), "{remarks:?}");
        assert_eq!(PaperOptions::default().dressed(&fonts).unwrap(), (Look::default(), Vec::new()));
    }

    #[test]
    fn the_faults_of_all_templates_are_told_together() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let one = file("one.toml", "background = \"lost.pdf\"\n[[field]]\nname = \"lots\"\n");
        let lost = folder.path().join("lost.toml");
        let all = paper(&[
            ("document.template", None, &one),
            ("document.templates.yellow-card", Some(Kind::YellowCard), &lost),
        ]);
        let error = all.dressed(&Fonts::embedded().unwrap()).unwrap_err().to_string();
        for part in [
            "document.template cannot be used: the template ",
            "one.toml has 2 faults:\n  line 3: there is no field \"lots\"; write one of",
            "\n  the background lost.pdf: it cannot be read",
            "\ndocument.templates.yellow-card cannot be used: the template ",
            "lost.toml cannot be read (entity not found); give the path of its TOML file",
        ] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }
}
