//! What several layouts have in common: ministry, title, holder, table, code with its identifier, prescribed texts,
//! signature.

use super::{
    super::{DocumentError, Kind, Language, Look, Notice, Row, Sheet, Value, look::Signature},
    Desk, Frame, Ink, Job, Pen, Role, Scope, Stroke,
    pen::{Align, Style},
};
use crate::limits::PAPER_FIELD_CHARS;

/// Sizes of the holder's names and date of birth.
pub(super) struct HolderSizes {
    pub(super) label: f32,
    pub(super) name: f32,
    /// Size down to which a name shrinks before it wraps.
    pub(super) smallest: f32,
    pub(super) standardised: f32,
    pub(super) birth: f32,
    /// Between the parts.
    pub(super) gap: f32,
}

/// Sizes of a table of labels and values.
pub(super) struct TableSizes {
    pub(super) label: f32,
    pub(super) value: f32,
    pub(super) pad: f32,
    /// Width of the labels' column.
    pub(super) column: f32,
}

/// The heading of a kind of certificate.
pub(in crate::document) fn title(kind: Kind, language: Language) -> String {
    language.entry("title", kind.name()).unwrap_or_default().to_owned()
}

/// Name of the ministry in a language; in the first language the issuer of the certificate stands in for it.
pub(super) fn ministry(look: &Look, sheet: &Sheet, language: Language, first: bool) -> String {
    let own = look.ministry.iter().find(|(of, name)| *of == language && !name.trim().is_empty());
    match own {
        Some((_, name)) => name.clone(),
        None if first => sheet.issuer.clone(),
        None => String::new(),
    }
}

/// The line that every sheet ends with: what counts, and who signed the file.
pub(super) fn footer(look: &Look, language: Language) -> String {
    match &look.seal {
        Some(signer) => language.word("sealed").replace("{signer}", signer),
        None => language.word("footer").to_owned(),
    }
}

impl Pen<'_> {
    /// Name of the ministry in both languages.
    pub(super) fn ministry(
        &mut self,
        desk: &Desk<'_>,
        sheet: &Sheet,
        style: &Style,
        (x, y): (f32, f32),
        width: f32,
    ) -> Result<f32, DocumentError> {
        let first = ministry(desk.look, sheet, self.language, true);
        let mut bottom = self.put("issuer", &first, style, (x, y), width)?;
        if let Some(second) = self.second.filter(|_| !self.terse) {
            let name = ministry(desk.look, sheet, second, false);
            if name != first {
                bottom = self.put_in(second, "issuer", &name, &style.second(), (x, bottom), width)?;
            }
        }
        Ok(bottom)
    }

    /// The emblem, with the name of the ministry for those who do not see it. Gives back its size; nothing where there
    /// is none.
    pub(super) fn emblem(&mut self, desk: &Desk<'_>, sheet: &Sheet, within: Frame, align: Align) -> (f32, f32) {
        let Some(emblem) = &desk.look.emblem else { return (0.0, 0.0) };
        let name = ministry(desk.look, sheet, self.language, true);
        self.picture(emblem, self.language.word("emblem").replace("{issuer}", &name), within, align)
    }

    /// That a specimen is none, on a band of its own.
    pub(super) fn specimen(
        &mut self,
        sheet: &Sheet,
        size: f32,
        (x, y): (f32, f32),
        width: f32,
    ) -> Result<f32, DocumentError> {
        if !sheet.specimen {
            return Ok(y);
        }
        let pad = size / 4.0;
        let style = Style::bold(size, size * 0.6, Ink::Warning).aligned(Align::Centre);
        let words = |language: Language| language.word("specimen").to_owned();
        let bottom = self.say(words, &style, (x + pad, y + pad), width - 2.0 * pad)? + pad;
        self.shape(Frame { x, y, width, height: bottom - y }, Ink::WarningTint, Stroke::Band);
        Ok(bottom)
    }

    /// Against what it is, in both languages where it is a word of ours.
    pub(super) fn subject(
        &mut self,
        sheet: &Sheet,
        style: &Style,
        (x, y): (f32, f32),
        width: f32,
    ) -> Result<f32, DocumentError> {
        match &sheet.subject {
            Value::Text(text) => self.put("subject", text, style, (x, y), width),
            subject => self.say(|language| subject.in_words(language), style, (x, y), width),
        }
    }

    /// Names in both forms and the date of birth (the fields of the EU's and of WHO's forms).
    pub(super) fn holder(
        &mut self,
        sheet: &Sheet,
        sizes: &HolderSizes,
        (x, top): (f32, f32),
        width: f32,
    ) -> Result<f32, DocumentError> {
        let scale = self.scale;
        let label = Style::new(sizes.label * scale.max(0.8), sizes.label * scale.max(0.8), Ink::Grey);
        let large = Style::bold(sizes.name * scale, sizes.smallest * scale, Ink::Black);
        let small = Style::new(sizes.standardised * scale.max(0.8), sizes.standardised * scale * 0.85, Ink::Black);
        let mut y = top;
        for (name, native, standardised, std_field) in [
            ("name", &sheet.name, "", "name"),
            ("family", &sheet.family, &*sheet.family_std, "family_std"),
            ("given", &sheet.given, &*sheet.given_std, "given_std"),
        ] {
            if native.trim().is_empty() && standardised.trim().is_empty() {
                continue;
            }
            y = self.label(|language| language.word(name).to_owned(), &label, (x, y), width)?;
            y = self.put(name, native, &large, (x, y), width)?;
            if !standardised.trim().is_empty() {
                y = self.standardised(std_field, standardised, &label, &small, (x, y), width)?;
            }
            y += sizes.gap * scale;
        }
        y = self.label(|language| language.word("birth_date").to_owned(), &label, (x, y), width)?;
        let style = Style::bold(sizes.birth * scale, sizes.birth * scale * 0.8, Ink::Black);
        if sheet.birth_date.trim().is_empty() {
            return self.say(|language| language.word("not_recorded").to_owned(), &style, (x, y), width);
        }
        self.put("birth_date", &sheet.birth_date, &style, (x, y), width)
    }

    /// The form of a passport's machine-readable zone: behind its label where it fits on the line, otherwise below.
    fn standardised(
        &mut self,
        field: &'static str,
        text: &str,
        label: &Style,
        style: &Style,
        (x, y): (f32, f32),
        width: f32,
    ) -> Result<f32, DocumentError> {
        let own = self.language;
        let words = own.word("standardised");
        let after = self.width_of(words, label, Some(own))? + 0.8 * label.size.max(self.least);
        let drop = self.drop_between(style, label);
        if after + self.width_of(text, style, None)? <= width {
            let bottom = self.put_in(own, "words", words, label, (x, y + drop), after)?;
            return Ok(self.put(field, text, style, (x + after, y), width - after)?.max(bottom));
        }
        let bottom = self.put_in(own, "words", words, label, (x, y), width)?;
        self.put(field, text, style, (x, bottom), width)
    }

    /// Labels and values beside each other, a rule above each row.
    pub(super) fn rows<'r>(
        &mut self,
        rows: impl IntoIterator<Item = &'r Row>,
        sizes: &TableSizes,
        (x, top): (f32, f32),
        width: f32,
    ) -> Result<f32, DocumentError> {
        let scale = self.scale;
        let label = Style::new(sizes.label * scale, sizes.label * scale * 0.9, Ink::Grey);
        let value = Style::new(sizes.value * scale, sizes.value * scale * 0.9, Ink::Black);
        let (pad, table) = (sizes.pad * scale, self.table());
        // The value stands on the line of its label.
        let drop = self.drop_between(&value, &label);
        let mut y = top;
        let mut number = 0;
        for row in rows {
            number += 1;
            self.rule((x, y), width, Ink::Rule);
            let cell = |column, header| Role::Cell { table, row: number, column, header };
            let gap = 6.0 * scale;
            let words = |language: Language| language.entry("label", row.field).unwrap_or(row.field).to_owned();
            let head = label.clone().with_role(cell(0, Some(Scope::Row)));
            let left = self.say(words, &head, (x, y + pad + drop), sizes.column - gap)?;
            let body = value.clone().with_role(cell(1, None));
            let right = self.value(row, &body, (x + sizes.column, y + pad), width - sizes.column)?;
            y = left.max(right) + pad;
        }
        if number > 0 {
            self.rule((x, y), width, Ink::Rule);
        }
        Ok(y + 0.6)
    }

    /// What a row says; words of ours in both languages.
    pub(super) fn value(
        &mut self,
        row: &Row,
        style: &Style,
        (x, y): (f32, f32),
        width: f32,
    ) -> Result<f32, DocumentError> {
        let said = row.value.in_words(self.language);
        if said.trim().is_empty() {
            return Err(DocumentError::Empty { field: row.field });
        }
        let ours = !matches!(row.value, Value::Text(_));
        let spoken = ours.then_some(self.language);
        let bottom = self.place(row.field, &said, style, (x, y), width, spoken)?;
        let Some(second) = self.second.filter(|_| !self.terse && ours) else {
            return Ok(bottom);
        };
        let again = row.value.in_words(second);
        if again == said {
            return Ok(bottom);
        }
        let bottom = self.put_in(second, row.field, &again, &style.second(), (x, bottom), width)?;
        self.join();
        Ok(bottom)
    }

    /// The code, and under it what identifies the certificate. Gives back the frame of the code and the lower edge.
    pub(super) fn code_and_id(
        &mut self,
        job: &Job<'_>,
        at: (f32, f32),
        least_width: f32,
    ) -> Result<(Frame, f32), DocumentError> {
        let frame = self.code(job, at);
        let (side, quiet) = (job.symbol.side(), job.symbol.quiet_zone());
        // As wide as the symbol, or wider for a small one.
        let width = side.max(least_width);
        let place = (frame.x + quiet + (side - width) / 2.0, frame.y + frame.height);
        let bottom = self.identifier(job.sheet, place, width, Align::Start)?;
        Ok((frame, bottom))
    }

    /// The identifier with its label.
    pub(super) fn identifier(
        &mut self,
        sheet: &Sheet,
        (x, y): (f32, f32),
        width: f32,
        align: Align,
    ) -> Result<f32, DocumentError> {
        let label = Style::new(6.5, 6.0, Ink::Grey).aligned(align);
        let y = self.label(|language| language.word("id").to_owned(), &label, (x, y), width)?;
        let style = Style::new(7.5, 6.5, Ink::Black).aligned(align);
        self.put("id", &sheet.id, &style, (x, y), width)
    }

    /// What a law prescribes, in the first of the paper's languages that it has, otherwise in English.
    pub(super) fn notice(
        &mut self,
        sheet: &Sheet,
        size: f32,
        (x, top): (f32, f32),
        width: f32,
    ) -> Result<f32, DocumentError> {
        let of = |language: Option<Language>| {
            language.and_then(|language| sheet.notices.iter().find(|notice| notice.language == language))
        };
        let Some(notice) = of(Some(self.language)).or_else(|| of(self.second)).or_else(|| sheet.notice(self.language))
        else {
            return Ok(top);
        };
        let Notice { language, text } = notice;
        let style = Style::new(size, size, Ink::Black).aligned(Align::Own);
        let mut y = top;
        for piece in pieces(text) {
            y = self.put_in(*language, "notice", &piece, &style, (x, y + size / 3.0), width)?;
        }
        Ok(y)
    }

    /// The printed signature with whose it is.
    pub(super) fn signature(
        &mut self,
        signature: &Signature,
        within: Frame,
        align: Align,
    ) -> Result<f32, DocumentError> {
        let words = self.language.word("signature").replace("{name}", &signature.name);
        let (_, height) = self.picture(&signature.picture, words, within, align);
        let y = within.y + height + 2.0;
        let name = Style::bold(7.5, 6.0, Ink::Black).aligned(align);
        let y = self.put("signature.name", &signature.name, &name, (within.x, y), within.width)?;
        let office = Style::new(7.0, 6.0, Ink::Grey).aligned(align);
        self.put("signature.office", &signature.office, &office, (within.x, y), within.width)
    }
}

/// A text in pieces that can be shaped, cut between its sentences and nowhere else.
pub(super) fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for sentence in text.split_inclusive(". ") {
        match pieces.last_mut() {
            Some(last) if last.chars().count() + sentence.chars().count() <= PAPER_FIELD_CHARS => {
                last.push_str(sentence);
            }
            _ => pieces.push(sentence.to_owned()),
        }
    }
    pieces.iter().map(|piece| piece.trim_end().to_owned()).collect()
}
