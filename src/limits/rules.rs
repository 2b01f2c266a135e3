//! Business rules and the work that judging by them may cost.

/// Largest file of business rules, in bytes. All 271 rules of the European production list have 0.5 MB.
pub const RULES_BYTES: usize = 16 * 1024 * 1024;

/// Most rules in one set. The largest list published has 292.
pub const RULES_COUNT: usize = 5_000;

/// Deepest nesting of JSON levels in the logic of a rule. The deepest national rule has 19 levels; the JSON
/// reader itself stops at 128.
pub const RULE_DEPTH: usize = 128;

/// Most expressions in the logic of one rule. The largest national rule has 198; 20,000 leave room for long
/// lists of codes.
pub const RULE_EXPRESSIONS: usize = 20_000;

/// Most steps of one evaluation. A national rule has at most 198 expressions and folds over a handful
/// of entries; 100,000 steps end within a few milliseconds.
pub const RULE_STEPS: u32 = 100_000;

/// Most values inside one array that a rule builds while it runs, and the deepest nesting of it. No published
/// rule builds more than a list of literals.
pub const RULE_VALUES: u32 = 10_000;

/// Deepest nesting of an array that a rule builds while it runs.
pub const RULE_VALUE_DEPTH: u32 = 64;

/// Most format errors of one rule that are listed.
pub const RULE_FINDINGS: usize = 200;

/// Levels of folders below the one given in which rules with their tests are looked for. The published layout
/// has two: country, rule.
pub const RULE_FOLDER_DEPTH: usize = 8;
