//! Statements and how one of them is written as a line of canonical N-Quads.

use std::borrow::Cow;

/// Datatype that every literal without another has (RDF 1.1 Concepts, section 3.3); never written.
const XSD_STRING: &str = "http://www.w3.org/2001/XMLSchema#string";

/// What kind of literal it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiteralKind<'a> {
    /// Plain text (`xsd:string`).
    Plain,
    /// Text of a datatype, by its IRI.
    Typed(Cow<'a, str>),
    /// Text in a language, by its tag.
    Language(Cow<'a, str>),
}

/// A node of the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term<'a> {
    /// A name, written as it is: whoever makes statements checks its characters.
    Iri(Cow<'a, str>),
    /// A node without a name, by a label that counts only inside this graph (without `_:`).
    Blank(Cow<'a, str>),
    /// A value.
    Literal {
        /// The text.
        value: Cow<'a, str>,
        /// What the text is.
        kind: LiteralKind<'a>,
    },
}

impl<'a> Term<'a> {
    /// A name.
    pub fn iri(iri: impl Into<Cow<'a, str>>) -> Self {
        Self::Iri(iri.into())
    }

    /// Plain text.
    pub fn text(value: impl Into<Cow<'a, str>>) -> Self {
        Self::Literal { value: value.into(), kind: LiteralKind::Plain }
    }

    /// Text of a datatype.
    pub fn typed(value: impl Into<Cow<'a, str>>, datatype: impl Into<Cow<'a, str>>) -> Self {
        Self::Literal { value: value.into(), kind: LiteralKind::Typed(datatype.into()) }
    }

    /// The label, if it is a node without a name.
    #[must_use]
    pub fn blank(&self) -> Option<&str> {
        match self {
            Self::Blank(label) => Some(label),
            _ => None,
        }
    }

    fn write<'s>(&'s self, escaping: Escaping, label: &mut impl FnMut(&'s str, &mut String), out: &mut String) {
        match self {
            Self::Iri(iri) => {
                out.push('<');
                out.push_str(iri);
                out.push('>');
            }
            Self::Blank(name) => {
                out.push_str("_:");
                label(name, out);
            }
            Self::Literal { value, kind } => {
                out.push('"');
                escaping.write(value, out);
                out.push('"');
                match kind {
                    LiteralKind::Typed(datatype) if datatype != XSD_STRING => {
                        out.push_str("^^<");
                        out.push_str(datatype);
                        out.push('>');
                    }
                    LiteralKind::Language(tag) => {
                        out.push('@');
                        out.push_str(tag);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// One statement, in the default graph or a named one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quad<'a> {
    /// What is spoken of: a name or a node without one.
    pub subject: Term<'a>,
    /// The IRI of the property.
    pub predicate: Cow<'a, str>,
    /// The value.
    pub object: Term<'a>,
    /// The graph, if not the default one.
    pub graph: Option<Term<'a>>,
}

impl<'a> Quad<'a> {
    /// A statement in the default graph.
    pub fn new(subject: Term<'a>, predicate: impl Into<Cow<'a, str>>, object: Term<'a>) -> Self {
        Self { subject, predicate: predicate.into(), object, graph: None }
    }

    /// The line of N-Quads with its line feed; `label` writes the label of each node without a name.
    pub(super) fn line<'s>(&'s self, escaping: Escaping, mut label: impl FnMut(&'s str, &mut String)) -> String {
        let mut out = String::with_capacity(128);
        self.subject.write(escaping, &mut label, &mut out);
        out.push_str(" <");
        out.push_str(&self.predicate);
        out.push_str("> ");
        self.object.write(escaping, &mut label, &mut out);
        if let Some(graph) = &self.graph {
            out.push(' ');
            graph.write(escaping, &mut label, &mut out);
        }
        out.push_str(" .\n");
        out
    }
}

/// Which characters of a literal are written as escapes: the one difference between the two canonical forms that
/// reaches the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Escaping {
    /// RDFC-1.0: all control characters, quote and backslash (RDF 1.1 N-Quads canonical form, section 5 of the
    /// RDFC-1.0 recommendation).
    #[default]
    Rdfc10,
    /// URDNA2015 as deployed: line feed, carriage return, quote and backslash only.
    Urdna2015,
}

impl Escaping {
    /// Whether the character of this byte is escaped; none beyond ASCII is.
    fn escapes(self, byte: u8) -> bool {
        match byte {
            b'"' | b'\\' | b'\n' | b'\r' => true,
            0..=0x1f | 0x7f => self == Self::Rdfc10,
            _ => false,
        }
    }

    fn write(self, text: &str, out: &mut String) {
        let mut rest = text;
        while let Some(position) = rest.bytes().position(|byte| self.escapes(byte)) {
            let (plain, from) = rest.split_at_checked(position).unwrap_or((rest, ""));
            out.push_str(plain);
            let mut characters = from.chars();
            match characters.next() {
                Some('"') => out.push_str("\\\""),
                Some('\\') => out.push_str("\\\\"),
                Some('\n') => out.push_str("\\n"),
                Some('\r') => out.push_str("\\r"),
                Some('\t') => out.push_str("\\t"),
                Some('\u{8}') => out.push_str("\\b"),
                Some('\u{c}') => out.push_str("\\f"),
                Some(control) => out.push_str(&format!("\\u{:04X}", u32::from(control))),
                None => {}
            }
            rest = characters.as_str();
        }
        out.push_str(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(value: &str, escaping: Escaping) -> String {
        Quad::new(Term::iri("s:s"), "p:p", Term::text(value)).line(escaping, |_, _| {})
    }

    #[test]
    fn control_characters_are_escaped_as_each_form_says() {
        let text = "a\"b\\c\nd\re\tf\u{8}g\u{c}h\u{7f}i\u{1}é";
        assert_eq!(line(text, Escaping::Rdfc10), "<s:s> <p:p> \"a\\\"b\\\\c\\nd\\re\\tf\\bg\\fh\\u007Fi\\u0001é\" .\n");
        assert_eq!(
            line(text, Escaping::Urdna2015),
            "<s:s> <p:p> \"a\\\"b\\\\c\\nd\\re\tf\u{8}g\u{c}h\u{7f}i\u{1}é\" .\n"
        );
    }

    #[test]
    fn the_datatype_of_plain_text_is_never_written() {
        let typed = Quad::new(Term::iri("s:s"), "p:p", Term::typed("x", XSD_STRING));
        assert_eq!(typed.line(Escaping::Rdfc10, |_, _| {}), "<s:s> <p:p> \"x\" .\n");
        let typed = Quad::new(Term::Blank("n".into()), "p:p", Term::typed("1", "d:int"));
        assert_eq!(typed.line(Escaping::Rdfc10, |l, out| out.push_str(l)), "_:n <p:p> \"1\"^^<d:int> .\n");
    }
}
