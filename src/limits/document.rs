//! Paper and files of certificates.

/// Longest text of one field of a printed sheet in characters. Five times what the DCC schema allows a name;
/// whatever is longer cannot be laid out on one page anyway.
pub const PAPER_FIELD_CHARS: usize = 400;

/// Most rows in the table of a printed sheet. The EU and WHO forms have at most 14.
pub const PAPER_ROWS: usize = 32;

/// Most combining marks on one letter that are drawn. Vietnamese has two; unbounded stacks climb over the
/// field above.
pub const COMBINING_MARKS: usize = 3;
