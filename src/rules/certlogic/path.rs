//! Data access paths of `var`: `payload.v.0.dn`, split once when the rule is read (CertLogic 1.3.3, "Data
//! access").

/// One step into the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fragment {
    /// Key that is looked up in an object. Where the fragment begins with an integer, as JavaScript's `parseInt`
    /// reads it, that integer alone is the key: `01` and `1abc` are `1`.
    pub(super) key: Box<str>,
    /// Position in an array or text; `None` for names and negative integers.
    pub(super) position: Option<usize>,
}

/// A path as written and its steps; the empty path is the whole data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    /// As the rule writes it.
    pub(super) text: Box<str>,
    /// Its steps, in order.
    pub(super) fragments: Box<[Fragment]>,
}

impl Path {
    pub(super) fn parse(text: &str) -> Self {
        let fragments = if text.is_empty() { Vec::new() } else { text.split('.').map(Fragment::parse).collect() };
        Self { text: text.into(), fragments: fragments.into() }
    }

    /// Whether the path has the form that rules should have: empty, or fragments that are not empty.
    pub(super) fn is_well_formed(text: &str) -> bool {
        text.is_empty() || text.split('.').all(|fragment| !fragment.is_empty())
    }
}

impl Fragment {
    fn parse(text: &str) -> Self {
        let trimmed = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let (negative, unsigned) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let end = unsigned.find(|c: char| !c.is_ascii_digit()).unwrap_or(unsigned.len());
        let digits = unsigned.get(..end).unwrap_or_default();
        if digits.is_empty() {
            return Self { key: text.into(), position: None };
        }
        let significant = digits.trim_start_matches('0');
        match (significant, negative) {
            ("", _) => Self { key: "0".into(), position: Some(0) },
            (number, true) => Self { key: format!("-{number}").into(), position: None },
            (number, false) => Self { key: number.into(), position: number.parse().ok() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_that_begins_with_an_integer_is_that_integer() {
        for (text, key, position) in [
            ("v", "v", None),
            ("0", "0", Some(0)),
            ("01", "1", Some(1)),
            ("1abc", "1", Some(1)),
            (" +2x", "2", Some(2)),
            ("-1", "-1", None),
            ("-0", "0", Some(0)),
            ("-", "-", None),
            ("", "", None),
            ("99999999999999999999999", "99999999999999999999999", None),
        ] {
            assert_eq!(Fragment::parse(text), Fragment { key: key.into(), position }, "{text:?}");
        }
    }
}
