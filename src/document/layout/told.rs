//! What the ministry tells the holder and whoever checks, or the program where the ministry says nothing; and which of
//! the ministry's own texts have no place on a paper.

use std::collections::BTreeSet;

use super::{
    super::{DocumentError, Language, Look, Sheet},
    Content, Desk, Ink, Job, Page, Pen, Role, mm,
    parts::{footer, pieces, title},
    pen::{Align, Style},
};

/// Between two columns.
const COLUMNS_APART: f32 = 20.0;

/// Whom instructions are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Instructions {
    Holder,
    Verifier,
    /// How the page becomes a booklet.
    Folding,
}

/// The ministry's own instructions in a language.
fn own(look: &Look, language: Language) -> Option<&str> {
    look.instructions.iter().find(|(of, _)| *of == language).map(|(_, text)| text.as_str())
}

/// Each paragraph of a text, in pieces that can be shaped.
fn paragraphs(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter(|line| !line.trim().is_empty()).flat_map(pieces)
}

impl Instructions {
    fn words(self, look: &Look) -> (&'static str, Vec<&'static str>) {
        match self {
            Self::Holder => ("holder.title", vec!["holder.what", "holder.keep", "holder.again", "holder.wrong"]),
            Self::Verifier => {
                let mut lines = vec!["verifier.how"];
                lines.extend(look.address.as_ref().map(|_| "verifier.address"));
                lines.push("verifier.counts");
                ("verifier.title", lines)
            }
            Self::Folding => ("fold.title", vec!["fold.first", "fold.second"]),
        }
    }
}

impl Pen<'_> {
    /// Whether the ministry says in the language of the paper itself all that verifiers are told: its own words, and in
    /// them the address for checking if it names one.
    fn says_all(&self, look: &Look) -> bool {
        let named = |text: &str| look.address.as_deref().is_none_or(|address| text.contains(address));
        own(look, self.language).is_some_and(named)
    }

    /// What the ministry, or the program where it says nothing, tells holders or verifiers; a heading and lines.
    pub(super) fn instructions(
        &mut self,
        part: Instructions,
        look: &Look,
        size: f32,
        (x, top): (f32, f32),
        width: f32,
    ) -> Result<f32, DocumentError> {
        let heading = Style::bold(size + 0.5, size, Ink::Accent).with_role(Role::heading());
        let style = Style::new(size, size * 0.94, Ink::Black);
        let prose = style.clone().aligned(Align::Own);
        let gap = size * 0.35;
        if part == Instructions::Holder && own(look, self.language).is_some() {
            let y = self.say(|language| language.word("instructions").to_owned(), &heading, (x, top), width)?;
            // Two languages stand beside each other.
            let second = self.second.filter(|second| own(look, *second).is_some());
            let column = if second.is_some() { (width - COLUMNS_APART) / 2.0 } else { width };
            let (mut bottom, mut left) = (y, x);
            for language in std::iter::once(self.language).chain(second) {
                let prose = if language == self.language { prose.clone() } else { prose.second() };
                let mut y = y;
                for piece in paragraphs(own(look, language).unwrap_or_default()) {
                    y = self.put_in(language, "instructions", &piece, &prose, (left, y + gap), column)?;
                }
                (bottom, left) = (bottom.max(y), left + column + COLUMNS_APART);
            }
            return Ok(bottom);
        }
        if part == Instructions::Verifier && self.says_all(look) {
            return Ok(top);
        }
        let (title, lines) = part.words(look);
        let mut y = self.say(|language| language.word(title).to_owned(), &heading, (x, top), width)?;
        for key in lines {
            let words = |language: Language| {
                language.word(key).replace("{address}", look.address.as_deref().unwrap_or_default())
            };
            y = self.say(words, &prose, (x, y + gap), width)?;
        }
        Ok(y)
    }

    /// Both instructions beside each other; the ministry's own, which may be long, over the whole width, and below them
    /// what it does not say. Gives back their lower edge.
    fn told(&mut self, look: &Look, size: f32, (x, y): (f32, f32), width: f32) -> Result<f32, DocumentError> {
        let column = (width - COLUMNS_APART) / 2.0;
        if own(look, self.language).is_some() {
            let bottom = self.instructions(Instructions::Holder, look, size, (x, y), width)?;
            if self.says_all(look) {
                return Ok(bottom);
            }
            return self.instructions(Instructions::Verifier, look, size, (x, bottom + size), width);
        }
        let left = self.instructions(Instructions::Holder, look, size, (x, y), column)?;
        let x = x + column + COLUMNS_APART;
        Ok(left.max(self.instructions(Instructions::Verifier, look, size, (x, y), column)?))
    }

    /// Instructions between `top` and `limit`, at the foot of it or under what stands above, in the largest of these
    /// sizes that fits; where none does, the program's words in the first language alone. Tells whether they stand.
    pub(super) fn closing(
        &mut self,
        look: &Look,
        sizes: &[f32],
        (top, limit): (f32, f32),
        (x, width): (f32, f32),
        at_foot: bool,
    ) -> Result<bool, DocumentError> {
        let before = self.terse;
        let ways = [before, true].into_iter().take(if before || self.second.is_none() { 1 } else { 2 });
        for (terse, size) in ways.flat_map(|terse| sizes.iter().map(move |size| (terse, size))) {
            self.terse = terse;
            // Measured first, then set.
            let mut bottom = 0.0;
            self.if_it_fits(f32::NEG_INFINITY, |pen| {
                bottom = pen.told(look, *size, (x, top), width)?;
                Ok(bottom)
            })?;
            if bottom <= limit {
                let down = if at_foot { limit - bottom } else { 0.0 };
                self.told(look, *size, (x, top + down), width)?;
                self.terse = before;
                return Ok(true);
            }
        }
        self.terse = before;
        Ok(false)
    }
}

/// Between the edges of a page of instructions and what stands on it.
const MARGIN: f32 = super::plain::MARGIN;
/// Sizes that are tried until the instructions fit on a page.
const SCALES: [f32; 6] = [1.0, 0.92, 0.84, 0.77, 0.7, 0.63];

/// A page with the instructions of a certificate whose own page has no room for them.
pub(super) fn page(desk: &Desk<'_>, job: &Job<'_>) -> Result<Page, DocumentError> {
    let mut pen = Pen::new(desk);
    pen.go_on(job);
    pen.tight = true;
    let (width, height) = desk.size.points();
    let width = width - 2.0 * MARGIN;
    let foot = height - mm(22.0);
    pen.fit(foot - 8.0, &SCALES, |pen| {
        let style = Style::new(11.0, 8.0, Ink::Grey);
        let y = pen.say(|language| title(job.sheet.kind, language), &style, (MARGIN, 40.0), width)?;
        let y = pen.identifier(job.sheet, (MARGIN, y + 4.0), width, Align::Start)?;
        let y = if job.sheet.specimen { pen.specimen(job.sheet, 10.0, (MARGIN, y + 8.0), width)? } else { y };
        pen.told(desk.look, (10.0 * pen.scale).max(6.0), (MARGIN, y + 16.0), width)
    })?;
    pen.scale = 1.0;
    pen.rule((MARGIN, foot), width, Ink::Rule);
    let style = Style::new(8.5, 7.0, Ink::Black);
    pen.say(|language| footer(desk.look, language), &style, (MARGIN, foot + 5.0), width)?;
    Ok(pen.finish())
}

/// What the ministry gave for the languages of the paper, or a law prescribes, and these pages do not say: the names of
/// the settings, each once. What is told is looked for on the pages themselves.
pub(in crate::document) fn unsaid(desk: &Desk<'_>, pages: &[Page], sheets: &[Sheet]) -> Vec<String> {
    let texts: BTreeSet<&str> = pages
        .iter()
        .flat_map(|page| &page.marks)
        .filter_map(|mark| match &mark.content {
            Content::Text(text) => text.lines.first().map(|(line, ..)| line.whole()),
            _ => None,
        })
        .collect();
    let said = |text: &str| texts.contains(text);
    let look = desk.look;
    let spoken = |language: Language| language == desk.language || Some(language) == desk.second;
    let mut unsaid = Vec::new();
    for (language, name) in look.ministry.iter().filter(|(language, _)| spoken(*language)) {
        if !name.trim().is_empty() && !said(name) {
            unsaid.push(format!("document.ministry.{}", language.tag()));
        }
    }
    if look.address.as_deref().is_some_and(|address| !texts.iter().any(|text| text.contains(address))) {
        unsaid.push("document.address".to_owned());
    }
    if let Some(signature) = &look.signature
        && ![&signature.name, &signature.office].iter().all(|text| text.trim().is_empty() || said(text))
    {
        unsaid.push("document.signature".to_owned());
    }
    for (language, text) in look.instructions.iter().filter(|(language, _)| spoken(*language)) {
        if !paragraphs(text).all(|piece| said(&piece)) {
            unsaid.push(format!("document.instructions.{}", language.tag()));
        }
    }
    let notices = sheets.iter().filter_map(|sheet| (!sheet.notices.is_empty()).then_some(&sheet.notices));
    if notices.into_iter().any(|notices| !notices.iter().any(|notice| pieces(notice.text).iter().all(|p| said(p)))) {
        unsaid.push("the text of Annex 6".to_owned());
    }
    unsaid
}
