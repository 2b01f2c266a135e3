//! Places → PDF: archivable and accessible (PDF/A-2a, ISO 19005-2; PDF/UA-1, ISO 14289-1). The library checks both
//! profiles while it writes and refuses a file that breaks them.

use krilla::{
    Document, SerializeSettings,
    configure::{Accessibility, Archival, Configuration, ConfigurationBuilder},
    destination::XyzDestination,
    geom::Point,
    metadata::{DateTime, Metadata},
    outline::{Outline, OutlineNode},
    page::PageSettings,
    tagging::TagTree,
};

use super::{
    DocumentError, Fonts, Kind, Language, Layout, Look, PageSize, Sheet,
    layout::{self, Desk, Page},
    paint::{self, defect},
};
use crate::limits::PAPER_SHEETS;

/// What somebody chose for one printing; what is `None` is as the [`Look`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Order {
    /// The layout of every certificate.
    pub layout: Option<Layout>,
    /// The paper in the printer.
    pub size: Option<PageSize>,
    /// First and second language.
    pub languages: Option<(Language, Option<Language>)>,
}

/// Prints sheets. Holds the parsed fonts: make one and share it between threads.
pub struct Press {
    look: Look,
    fonts: Fonts,
    configuration: Configuration,
}

impl std::fmt::Debug for Press {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Press")
    }
}

impl Press {
    /// A press that prints in this look, with these fonts.
    ///
    /// # Errors
    /// [`DocumentError::Pdf`] when the library has no such profile.
    pub fn new(look: Look, fonts: Fonts) -> Result<Self, DocumentError> {
        let configuration = ConfigurationBuilder::new()
            .with_archival_validator(Archival::A2_A)
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(|error| DocumentError::Pdf { reason: format!("{error:?}") })?;
        Ok(Self { look, fonts, configuration })
    }

    /// A press with the look of nobody in particular and the fonts of the program.
    ///
    /// # Errors
    /// [`DocumentError::Font`] when the program is damaged.
    pub fn standard() -> Result<Self, DocumentError> {
        Self::new(Look::default(), Fonts::embedded()?)
    }

    /// What it prints where nobody chooses.
    #[must_use]
    pub fn look(&self) -> &Look {
        &self.look
    }

    /// Which scripts can be printed here, and by which font.
    #[must_use]
    pub fn coverage(&self) -> Vec<super::ScriptFont> {
        self.fonts.coverage()
    }

    /// Whether everything that the ministry's template shows of the sheet has its room there, without printing it;
    /// `None` where the sheet has no template.
    #[must_use]
    pub fn fits(&self, sheet: &Sheet) -> Option<Result<(), DocumentError>> {
        self.look.templates.fits(&self.fonts, sheet)
    }

    /// Prints `sheets` as one PDF, as the look says. The same sheets always give the same bytes.
    ///
    /// # Errors
    /// Says which field cannot be printed and why; see [`DocumentError`].
    pub fn print(&self, sheets: &[Sheet]) -> Result<Vec<u8>, DocumentError> {
        self.print_as(sheets, &Order::default())
    }

    /// Prints `sheets` as one PDF, as somebody chose. Each certificate is a section with its entry in the outline; a
    /// yellow card is printed on its own page where nobody orders a layout and the look has the plain one. National
    /// templates have their own size and languages, and give way to a layout that somebody orders.
    ///
    /// # Errors
    /// Says which field cannot be printed and why; see [`DocumentError`].
    pub fn print_as(&self, sheets: &[Sheet], order: &Order) -> Result<Vec<u8>, DocumentError> {
        let [first, ..] = sheets else { return Err(DocumentError::Sheets { sheets: 0, limit: PAPER_SHEETS }) };
        if sheets.len() > PAPER_SHEETS {
            return Err(DocumentError::Sheets { sheets: sheets.len(), limit: PAPER_SHEETS });
        }
        if order.layout.is_none()
            && let Some(printed) = self.look.templates.print(&self.fonts, sheets)
        {
            return printed;
        }
        let desk = self.desk(order);
        let (language, pages) = (desk.language, self.arrange(&desk, sheets, order)?);

        let mut document =
            Document::new_with(SerializeSettings { configuration: self.configuration, ..SerializeSettings::default() });
        let mut tree = TagTree::new();
        for (number, page) in pages.iter().enumerate() {
            let size = PageSettings::from_wh(page.size.0, page.size.1).ok_or_else(|| defect("page size"))?;
            let mut leaf = document.start_page_with(size);
            let mut surface = leaf.surface();
            let leaves = paint::page(&mut surface, page, number, self.look.colour)?;
            surface.finish();
            leaf.finish();
            paint::tag(&leaves, sheets, language, &mut tree);
        }
        document.set_tag_tree(tree);
        document.set_metadata(metadata(sheets, first, language));
        document.set_outline(outline(&pages, sheets, language));
        document.finish().map_err(|error| DocumentError::Pdf { reason: error.to_string() })
    }
}

impl Press {
    fn desk(&self, order: &Order) -> Desk<'_> {
        let (language, second) = order.languages.unwrap_or((self.look.language, self.look.second));
        let size = order.size.unwrap_or(self.look.size);
        Desk { fonts: &self.fonts, look: &self.look, size, language, second }
    }

    fn arrange(&self, desk: &Desk<'_>, sheets: &[Sheet], order: &Order) -> Result<Vec<Page>, DocumentError> {
        let layout = |sheet: &Sheet| match (order.layout, self.look.layout, sheet.kind) {
            (Some(layout), ..) => layout,
            (None, Layout::Plain, Kind::YellowCard) => Layout::Yellow,
            (None, layout, _) => layout,
        };
        layout::arrange(desk, layout, sheets)
    }

    /// What the ministry gave for the languages of this printing, or a law prescribes, and the layout has no room for: the
    /// names of the settings, such as `document.instructions.en`. Templates are not looked at: they say what they say.
    ///
    /// # Errors
    /// As [`Press::print_as`].
    pub fn unsaid(&self, sheets: &[Sheet], order: &Order) -> Result<Vec<String>, DocumentError> {
        let desk = self.desk(order);
        let pages = self.arrange(&desk, sheets, order)?;
        Ok(layout::unsaid(&desk, &pages, sheets))
    }
}

/// What it is, without whose: it shows in file lists and search indexes.
fn heading(sheet: &Sheet, language: Language) -> String {
    let title = layout::title(sheet.kind, language);
    if sheet.subject.is_empty() { title } else { format!("{title}, {}", sheet.subject.in_words(language)) }
}

fn outline(pages: &[Page], sheets: &[Sheet], language: Language) -> Outline {
    let mut outline = Outline::new();
    for (page, (certificate, down)) in
        pages.iter().enumerate().flat_map(|(number, page)| page.starts.iter().map(move |start| (number, start)))
    {
        let Some(sheet) = sheets.get(*certificate) else { continue };
        let mut entry = heading(sheet, language);
        if sheets.len() > 1 {
            entry = format!("{}. {entry}", certificate + 1);
        }
        outline.push_child(OutlineNode::new(entry, XyzDestination::new(page, Point::from_xy(0.0, *down))));
    }
    outline
}

fn metadata(sheets: &[Sheet], first: &Sheet, language: Language) -> Metadata {
    let mut title = heading(first, language);
    if sheets.len() > 1 {
        title = format!("{title} (1/{})", sheets.len());
    }
    let mut authors: Vec<String> = Vec::new();
    for sheet in sheets {
        if !authors.contains(&sheet.issuer) {
            authors.push(sheet.issuer.clone());
        }
    }
    let issued = sheets.iter().map(|sheet| sheet.issued).max().unwrap_or(first.issued);
    let date = DateTime::new(u16::try_from(issued.year()).unwrap_or_default())
        .month(issued.month().unsigned_abs())
        .day(issued.day().unsigned_abs())
        .hour(0)
        .minute(0)
        .second(0)
        .utc_offset_hour(0);
    let ids: Vec<&str> = sheets.iter().map(|sheet| sheet.id.as_str()).collect();
    // No direction of reading (`ViewerPreferences`): it is about two pages side by side, and where it says from right to
    // left Chrome's reader turns round every Latin name and identifier that somebody copies or searches.
    Metadata::new()
        .title(title)
        .language(language.tag().to_owned())
        .authors(authors)
        .creator("vaccert".to_owned())
        .document_id(ids.join(" "))
        .creation_date(date)
}
