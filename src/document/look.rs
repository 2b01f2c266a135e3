//! What a ministry chose for its paper, loaded and checked.

use super::{Language, Layout, PageSize};

/// How the paper looks. [`Look::default`] is decent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The layout that is printed where nobody asks for another.
    pub layout: Layout,
    /// The paper in the printer.
    pub size: PageSize,
    /// First language: of the document, and of the larger words.
    pub language: Language,
    /// Second language, beside the first.
    pub second: Option<Language>,
}

impl Default for Look {
    fn default() -> Self {
        Self { layout: Layout::Plain, size: PageSize::A4, language: Language::ENGLISH, second: None }
    }
}
