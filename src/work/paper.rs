//! The paper of an installation: its press, what somebody may choose of it, and how it looks before anybody gets it.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;

use super::WorkError;
use crate::{
    batch::{BatchError, Invented, Mint, Random},
    config::{ConfigError, PaperOptions},
    document::{DocumentError, Fonts, Kind, Language, Layout, Look, Order, PageSize, Press, Sheet},
    issue::Format,
    record::Country,
};

/// The press of an installation, with its look, its templates and the fonts of this machine.
///
/// # Errors
/// What of the look, the templates or the fonts cannot be used.
pub fn press(paper: &PaperOptions) -> Result<Press, WorkError> {
    let fonts = Fonts::find(&paper.fonts).map_err(BatchError::from)?;
    let (look, _) = paper.dressed(&fonts)?;
    Ok(Press::new(look, fonts).map_err(BatchError::from)?)
}

/// A choice that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongChoice {
    /// What was chosen: `layout`, `size` or `lang`.
    pub name: &'static str,
    /// What it can be.
    pub form: &'static str,
}

/// Name and form of everything that can be chosen.
pub const CHOICES: [WrongChoice; 3] = [
    WrongChoice { name: "layout", form: "one of plain, fold, card and yellow, once" },
    WrongChoice { name: "size", form: "a4 or letter, once" },
    WrongChoice { name: "lang", form: "one of en, fr, pt, es, ar, sw, vi, lo, si, ta and am, once" },
];

/// Reads one part of a choice into `order`; gives whether it is one at all. What is empty is left as the ministry has
/// it.
///
/// # Errors
/// [`WrongChoice`] for what cannot be chosen, or was chosen before.
pub fn choose(order: &mut Order, look: &Look, name: &str, value: &str) -> Result<bool, WrongChoice> {
    let Some(wrong) = CHOICES.into_iter().find(|choice| choice.name == name) else { return Ok(false) };
    if value.is_empty() {
        return Ok(true);
    }
    let free = match wrong.name {
        "layout" => {
            let before = order.layout.is_none();
            order.layout = Some(layout(value).ok_or(wrong)?);
            before
        }
        "size" => {
            let before = order.size.is_none();
            order.size = Some(size(value).ok_or(wrong)?);
            before
        }
        _ => {
            let before = order.languages.is_none();
            let language = Language::of_tag(value).ok_or(wrong)?;
            order.languages = Some((language, beside(look, language)));
            before
        }
    };
    if free { Ok(true) } else { Err(wrong) }
}

/// The layout of this name.
#[must_use]
pub fn layout(name: &str) -> Option<Layout> {
    Layout::all().find(|layout| layout.name() == name)
}

/// The size of paper of this name.
#[must_use]
pub fn size(name: &str) -> Option<PageSize> {
    [("a4", PageSize::A4), ("letter", PageSize::Letter)].into_iter().find(|(known, _)| *known == name).map(|(_, it)| it)
}

/// The language that stands beside the one that somebody chose: English or French, so that officers abroad can read
/// the paper, and of the two the one that the ministry has. Beside English and French nothing needs to stand.
fn beside(look: &Look, chosen: Language) -> Option<Language> {
    let abroad = [Language::ENGLISH, Language::FRENCH];
    if abroad.contains(&chosen) {
        return None;
    }
    let own = [Some(look.language), look.second].into_iter().flatten().find(|own| abroad.contains(own));
    Some(own.unwrap_or(Language::ENGLISH))
}

/// Prints specimens: everything but the certificates is the installation's.
pub struct Preview {
    press: Arc<Press>,
    doses: Vec<Sheet>,
    cards: Vec<Sheet>,
}

impl std::fmt::Debug for Preview {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Preview({} people)", self.doses.len())
    }
}

impl Preview {
    /// Makes the certificates of these people.
    ///
    /// # Errors
    /// No random bytes, or no key.
    pub fn new(
        press: Arc<Press>,
        people: &[Invented],
        (country, issuer): (Country, &str),
        now: Timestamp,
        random: &Random,
    ) -> Result<Self, WorkError> {
        let mint = Mint::new(country, issuer, now, Arc::clone(random))?;
        let of = |format| people.iter().map(move |person| (format, person));
        let sheets =
            |format| of(format).map(|(format, person)| mint.sheet(format, person)).collect::<Result<Vec<_>, _>>();
        Ok(Self { press, doses: sheets(Format::EuDcc)?, cards: sheets(Format::Icvp)? })
    }

    /// People with the letters of these languages, and one with the longest names.
    #[must_use]
    pub fn people(languages: &[Language]) -> Vec<Invented> {
        let mut people: Vec<Invented> = languages.iter().map(|language| Invented::of(*language)).collect();
        people.push(Invented::long());
        people
    }

    /// The sheets that a layout shows: a vaccination of everybody and one yellow card, or the yellow cards alone where
    /// the layout is for them.
    #[must_use]
    pub fn sheets(&self, layout: Option<Layout>) -> Vec<Sheet> {
        match layout.map(Layout::name) {
            Some("yellow") => self.cards.clone(),
            _ => self.doses.iter().chain(self.cards.first()).cloned().collect(),
        }
    }

    /// The sheets that the installation prints on templates of its own, of the formats that it issues; each stands for a
    /// certificate by itself.
    #[must_use]
    pub fn on_templates(&self, formats: &[Format]) -> Vec<&Sheet> {
        let templates = &self.press.look().templates;
        self.issued(formats).into_iter().filter(|sheet| templates.of(sheet.kind).is_some()).collect()
    }

    /// Specimens on the ministry's own PDFs, as the installation prints them. People whose names have no room there are
    /// left out, with what does not fit, unless nobody is left then.
    #[must_use]
    pub fn national(&self, formats: &[Format]) -> (Vec<&Sheet>, Vec<DocumentError>) {
        let (mut sheets, mut left_out) = (Vec::new(), Vec::new());
        for sheet in self.on_templates(formats) {
            match self.fits(sheet) {
                Some(Err(error)) => left_out.push((sheet, error)),
                _ => sheets.push(sheet),
            }
        }
        let mut told = Vec::new();
        for (sheet, error) in left_out {
            // Names are what this is about; another field is wrong for everybody.
            if !matches!(error, DocumentError::Box { .. }) || sheets.is_empty() {
                sheets.insert(0, sheet);
                break;
            }
            told.push(error);
        }
        (sheets, told)
    }

    /// The sheets that the installation prints in a layout where nobody orders one: without templates all of
    /// [`Preview::sheets`].
    #[must_use]
    pub fn in_layout(&self) -> Vec<&Sheet> {
        let templates = &self.press.look().templates;
        self.doses.iter().chain(self.cards.first()).filter(|sheet| templates.of(sheet.kind).is_none()).collect()
    }

    /// The sheets of these formats: vaccinations of everybody, and one yellow card.
    fn issued(&self, formats: &[Format]) -> Vec<&Sheet> {
        let doses = if formats.iter().any(|format| *format != Format::Icvp) { &*self.doses } else { &[] };
        let cards = if formats.contains(&Format::Icvp) { &*self.cards } else { &[] };
        doses.iter().chain(cards.first()).collect()
    }

    /// Prints sheets as somebody orders them.
    ///
    /// # Errors
    /// What cannot be printed, by its field.
    pub fn print_these(&self, sheets: &[&Sheet], order: &Order) -> Result<Vec<u8>, DocumentError> {
        self.press.print_as(&sheets.iter().map(|sheet| (*sheet).clone()).collect::<Vec<_>>(), order)
    }

    /// Whether a sheet has its room on its template; `None` where it has none.
    #[must_use]
    pub fn fits(&self, sheet: &Sheet) -> Option<Result<(), DocumentError>> {
        self.press.fits(sheet)
    }

    /// Prints a layout, or the one that the installation has.
    ///
    /// # Errors
    /// What cannot be printed, by its field.
    pub fn print(&self, order: &Order) -> Result<Vec<u8>, DocumentError> {
        self.press.print_as(&self.sheets(order.layout), order)
    }

    /// What the ministry gave, or a law prescribes, and a layout has no room for, by the names of the settings: first what
    /// is never on it, then what is not on it beside long names or on a full page.
    ///
    /// # Errors
    /// As [`Preview::print`].
    pub fn unsaid(&self, sheets: &[&Sheet], order: &Order) -> Result<(Vec<String>, Vec<String>), DocumentError> {
        let (mut never, mut seldom): (Option<Vec<String>>, Vec<String>) = (None, Vec::new());
        let together: Vec<Sheet> = sheets.iter().map(|sheet| (*sheet).clone()).collect();
        let alone = together.chunks(1).chain(std::iter::once(&*together));
        for sheets in alone.filter(|sheets| !sheets.is_empty()) {
            let unsaid = self.press.unsaid(sheets, order)?;
            never =
                Some(never.unwrap_or_else(|| unsaid.clone()).into_iter().filter(|one| unsaid.contains(one)).collect());
            seldom.extend(unsaid);
        }
        let never = never.unwrap_or_default();
        seldom.retain(|one| !never.contains(one));
        seldom.sort_unstable();
        seldom.dedup();
        Ok((never, seldom))
    }

    /// Scripts of everything on the sheets, the words of these languages among it.
    #[must_use]
    pub fn scripts(&self, languages: &[Language]) -> BTreeSet<&'static str> {
        let mut scripts: BTreeSet<&'static str> = languages.iter().flat_map(|language| language.scripts()).collect();
        for sheet in self.doses.iter().chain(&self.cards) {
            for text in [&sheet.family, &sheet.given, &sheet.name] {
                scripts.extend(Language::scripts_of(text));
            }
        }
        scripts
    }
}

/// Prints a specimen with the look of an installation, so that a letter that no font here has, or a name of the ministry
/// that does not fit, is told before the first certificate is printed. `formats` are those that are issued.
///
/// # Errors
/// The setting, what cannot be printed, and what to do.
pub fn check_paper(
    paper: &PaperOptions,
    press: &Arc<Press>,
    formats: &[Format],
    whose: (Country, &str),
    now: Timestamp,
    random: &Random,
) -> Result<(), WorkError> {
    let people = [Invented::of(paper.look.language)];
    let preview = Preview::new(Arc::clone(press), &people, whose, now, random)?;
    let wrong = |setting, error: DocumentError| ConfigError::Setting {
        setting,
        problem: format!("asks for paper that cannot be printed here: {error}"),
    };
    // The layout is there beside templates too: citizens may choose it.
    let layout = (!press.look().templates.is_empty()).then_some(press.look().layout);
    let order = Order { layout, ..Order::default() };
    preview.print(&order).map_err(|error| wrong("document", error))?;
    // One by one, as they are issued: of several, one that has no template takes them all to the layout.
    for sheet in preview.on_templates(formats) {
        preview
            .print_these(&[sheet], &Order::default())
            .map_err(|error| wrong(setting_of(paper, sheet.kind), error))?;
    }
    Ok(())
}

/// The setting that names the template of this kind of certificate.
#[must_use]
pub fn setting_of(paper: &PaperOptions, kind: Kind) -> &'static str {
    let of = |kind| paper.templates.iter().find(|named| named.kind == kind);
    of(Some(kind)).or_else(|| of(None)).map_or("document", |named| named.setting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_chosen_is_what_is_told() {
        let look = Look::default();
        for choice in CHOICES {
            let names: Vec<String> = match choice.name {
                "layout" => Layout::all().map(|layout| layout.name().to_owned()).collect(),
                "size" => vec!["a4".to_owned(), "letter".to_owned()],
                _ => Language::all().map(|language| language.tag().to_owned()).collect(),
            };
            for name in names {
                let told = choice.form.split([' ', ',']).any(|word| word == name);
                assert!(told || name == "national", "{}: {name} is not told", choice.name);
                assert_eq!(choose(&mut Order::default(), &look, choice.name, &name), Ok(true));
            }
            assert_eq!(choose(&mut Order::default(), &look, choice.name, "poster"), Err(choice));
            assert_eq!(choose(&mut Order::default(), &look, choice.name, ""), Ok(true));
        }
        assert_eq!(choose(&mut Order::default(), &look, "other", "x"), Ok(false));
        let mut twice = Order::default();
        assert!(choose(&mut twice, &look, "size", "a4").is_ok() && choose(&mut twice, &look, "size", "a4").is_err());
    }

    #[test]
    fn an_officer_abroad_can_read_whatever_a_citizen_chooses() {
        let of = |tag| Language::of_tag(tag).unwrap();
        let french = Look { language: of("ar"), second: Some(Language::FRENCH), ..Look::default() };
        assert_eq!(beside(&french, of("lo")), Some(Language::FRENCH));
        assert_eq!(beside(&french, Language::ENGLISH), None);
        assert_eq!(beside(&Look { language: of("lo"), ..Look::default() }, of("lo")), Some(Language::ENGLISH));
    }
}
