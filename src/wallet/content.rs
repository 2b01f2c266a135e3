//! What stands on a pass, and where: the same for every wallet.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;

use super::WalletError;
use crate::{
    document::{Language, Sheet, Value},
    keys::sha256,
    limits::WALLET_FRONT_ROWS,
};

/// A certificate for a pass. Personal data.
#[derive(Clone, Copy)]
pub struct Content<'a> {
    /// What the certificate says.
    pub sheet: &'a Sheet,
    /// Text of the code, as it is on the paper, character for character.
    pub code: &'a str,
    /// The language that stands on the pass itself.
    pub language: Language,
    /// The other languages in which a telephone may show it.
    pub others: &'a [Language],
    /// When the certificate ends, if it does.
    pub expires: Option<Timestamp>,
    /// Whether it was revoked or another one took its place.
    pub voided: bool,
}

impl std::fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Content({:?}, {:?}, voided: {})", self.sheet, self.language, self.voided)
    }
}

/// A line of a pass in one language.
pub(super) struct Line {
    /// Name of the field, unique on a pass.
    pub(super) key: String,
    pub(super) label: Option<String>,
    pub(super) value: String,
    /// Whether the value stands in words of ours, which other languages say otherwise.
    pub(super) in_words: bool,
}

impl Content<'_> {
    /// Name of the pass for the wallet: opaque, and always the same for a certificate, so that a pass which is saved
    /// again takes the place of the old one.
    pub(super) fn serial(&self) -> String {
        let hash = sha256(format!("vaccert wallet pass\n{}", self.sheet.id).as_bytes());
        URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or_default())
    }

    /// The text of the code, if wallets can show it: their codes hold text, and that of the certificates is ASCII.
    pub(super) fn text(&self) -> Result<&str, WalletError> {
        Some(self.code).filter(|code| !code.is_empty() && code.is_ascii()).ok_or(WalletError::NoText)
    }

    /// The heading: what the certificate certifies, or that it does not count.
    pub(super) fn heading(&self, language: Language) -> String {
        if self.sheet.specimen { language.word("specimen").to_owned() } else { self.title(language) }
    }

    fn title(&self, language: Language) -> String {
        language.entry("title", self.sheet.kind.name()).unwrap_or_default().to_owned()
    }

    /// One line for whoever does not see the pass: what it is, against what, and whether it counts.
    pub(super) fn description(&self, language: Language) -> String {
        let mut parts = vec![self.title(language)];
        parts.push(self.sheet.subject.in_words(language));
        if self.sheet.specimen {
            parts.push(language.word("specimen").to_owned());
        }
        parts.retain(|part| !part.is_empty());
        parts.join(", ")
    }

    /// The holder's name on one line, given names first, in the holder's own writing where it is known.
    pub(super) fn name(&self) -> String {
        let sheet = self.sheet;
        let joined = |given: &str, family: &str| format!("{} {}", given.trim(), family.trim()).trim().to_owned();
        let filler = |text: &str| text.replace('<', " ");
        [
            sheet.name.trim().to_owned(),
            joined(&sheet.given, &sheet.family),
            joined(&filler(&sheet.given_std), &filler(&sheet.family_std)),
        ]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_default()
    }

    fn line(key: &str, label: &str, value: impl Into<String>) -> Line {
        Line { key: key.to_owned(), label: Some(label.to_owned()), value: value.into(), in_words: false }
    }

    pub(super) fn holder(&self, language: Language) -> Line {
        Self::line("holder", language.word("name"), self.name())
    }

    /// The first rows of the table, which say what happened and when.
    pub(super) fn front(&self, language: Language) -> Vec<Line> {
        self.rows(language).into_iter().take(WALLET_FRONT_ROWS).collect()
    }

    pub(super) fn birth(&self, language: Language) -> Line {
        let known = !self.sheet.birth_date.is_empty();
        let value = if known { self.sheet.birth_date.as_str() } else { language.word("not_recorded") };
        Line { in_words: !known, ..Self::line("birth", language.word("birth_date"), value) }
    }

    /// The whole table.
    pub(super) fn rows(&self, language: Language) -> Vec<Line> {
        let line = |(at, row): (usize, &crate::document::Row)| Line {
            // A table may have a field twice.
            key: format!("{}-{at}", row.field),
            label: language.entry("label", row.field).map(str::to_owned),
            value: row.value.in_words(language),
            in_words: !matches!(row.value, Value::Text(_)),
        };
        self.sheet.rows.iter().enumerate().map(line).collect()
    }

    /// Everything that is not on the front: names by their parts, the table, identifier, issuer, what the law prescribes
    /// and what every reader should know.
    pub(super) fn back(&self, language: Language) -> Vec<Line> {
        let sheet = self.sheet;
        let mut lines = Vec::new();
        for (key, word, value) in
            [("family", "family", &sheet.family), ("given", "given", &sheet.given), ("name", "name", &sheet.name)]
        {
            if !value.is_empty() {
                lines.push(Self::line(key, language.word(word), value.as_str()));
            }
        }
        let standard = [sheet.family_std.as_str(), sheet.given_std.as_str()];
        if standard.iter().any(|part| !part.is_empty()) {
            lines.push(Self::line("standard", language.word("standardised"), standard.join("<<")));
        }
        lines.extend(self.rows(language).into_iter().map(|line| Line { key: format!("back-{}", line.key), ..line }));
        lines.push(Self::line("id", language.word("id"), sheet.id.as_str()));
        let bare =
            |key: &str, value: &str| Line { key: key.to_owned(), label: None, value: value.into(), in_words: true };
        if let Some(notice) = sheet.notice(language) {
            lines.push(bare("notice", notice.text));
        }
        lines.push(bare("footer", language.word("footer")));
        lines
    }

    /// Every text of ours on the pass with what it is in another language, for texts that differ. A text that is also a
    /// value of this certificate, such as a name, is left out: nobody's name is translated.
    pub(super) fn translations(&self, other: Language) -> Vec<(String, String)> {
        let mut own = Vec::new();
        let mut pairs = vec![
            (self.heading(self.language), self.heading(other)),
            (self.description(self.language), self.description(other)),
        ];
        let sides = |language| {
            let mut lines = vec![self.holder(language), self.birth(language)];
            lines.extend(self.back(language));
            lines
        };
        let others = sides(other);
        for here in sides(self.language) {
            if !here.in_words {
                own.push(here.value.clone());
            }
            // By its name: a law may prescribe a text in one language alone.
            let Some(there) = others.iter().find(|line| line.key == here.key) else { continue };
            pairs.extend(here.label.zip(there.label.clone()));
            if here.in_words {
                pairs.push((here.value, there.value.clone()));
            }
        }
        pairs.sort();
        pairs.dedup_by(|later, earlier| later.0 == earlier.0);
        pairs.retain(|(here, there)| here != there && !here.is_empty() && !own.contains(here));
        pairs
    }
}
