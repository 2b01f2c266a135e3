//! Templates: files with `{{names}}`, filled once. A text is always escaped; only what a template made is not.

/// HTML that is safe to send: every text in it was escaped.
#[derive(Debug, Clone, Default)]
pub(super) struct Html(String);

impl Html {
    pub(super) fn into_string(self) -> String {
        self.0
    }

    pub(super) fn push(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }
}

impl FromIterator<Html> for Html {
    fn from_iter<I: IntoIterator<Item = Self>>(pieces: I) -> Self {
        let mut all = Self::default();
        pieces.into_iter().for_each(|piece| all.push(&piece));
        all
    }
}

/// What comes in place of a name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slot<'a> {
    /// A text from anywhere; it is escaped.
    Text(&'a str),
    /// What another template made.
    Html(&'a Html),
}

/// Appends a text so that neither an element nor a quoted attribute can end in it. Control characters, which
/// HTML does not allow, are replaced.
fn escape_into(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

/// Fills a template. What is filled in is not looked at for names again. A name without a slot stays as it is,
/// and the tests of the pages fail on it.
pub(super) fn fill(template: &str, slots: &[(&str, Slot<'_>)]) -> Html {
    fill_said(template, slots, &|_| "")
}

/// The same, with `{{=key}}` in place of which comes what `say` says to the key, escaped.
pub(super) fn fill_said<'a>(template: &str, slots: &[(&str, Slot<'_>)], say: &dyn Fn(&str) -> &'a str) -> Html {
    let mut out = String::with_capacity(template.len() + 256);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once("}}") else {
            rest = after;
            break;
        };
        if let Some(key) = name.strip_prefix('=') {
            escape_into(say(key), &mut out);
            rest = tail;
            continue;
        }
        match slots.iter().find(|(known, _)| *known == name) {
            Some((_, Slot::Text(text))) => escape_into(text, &mut out),
            Some((_, Slot::Html(html))) => out.push_str(&html.0),
            None => out.extend(["{{", name, "}}"]),
        }
        rest = tail;
    }
    out.push_str(rest);
    Html(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(value: &str) -> String {
        fill("{{a}}", &[("a", Slot::Text(value))]).into_string()
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_place(value in "[\\PC<>&\"'{}\\x00-\\x1f]{0,60}") {
            let html = text(&value);
            prop_assert!(!html.contains(['<', '>', '"', '\'']));
            // Escaping loses nothing but control characters.
            let back = html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
            let back = back.replace("&amp;", "&");
            let expected: String =
                value.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect();
            prop_assert_eq!(back, expected);
        }
    }

    #[test]
    fn what_is_filled_in_is_not_filled_again() {
        let inner = fill("<b>{{x}}</b>", &[("x", Slot::Text("{{y}}"))]);
        let html = fill("{{x}} {{z}} {{", &[("x", Slot::Html(&inner)), ("y", Slot::Text("no"))]);
        assert_eq!(html.into_string(), "<b>{{y}}</b> {{z}} ");
    }
}
