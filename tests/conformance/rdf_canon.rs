//! The W3C suite of RDF Dataset Canonicalization 1.0: 64 canonical texts, 21 label maps, 1 poisoned graph; and the
//! canonical texts of DIVOC credentials, which were made with URDNA2015.

use std::{collections::BTreeMap, fs, path::Path, time::Instant};

use serde_json::Value;
use vaccert::envelope::linked_data::{CanonError, Digest, Escaping, LiteralKind, Options, Quad, Term, canonicalize};

use crate::vectors::vectors;

/// N-Quads (W3C recommendation RDF 1.1 N-Quads) as far as a suite of well-formed files needs it.
struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Text up to `end`, escapes resolved.
    fn until(&mut self, end: char) -> String {
        let mut out = String::new();
        let mut characters = self.rest.chars();
        loop {
            match characters.next().expect("the term ends") {
                c if c == end => break,
                '\\' => out.push(match characters.next().expect("the escape ends") {
                    't' => '\t',
                    'b' => '\u{8}',
                    'n' => '\n',
                    'r' => '\r',
                    'f' => '\u{c}',
                    kind @ ('u' | 'U') => {
                        let digits = if kind == 'u' { 4 } else { 8 };
                        let hex: String = characters.by_ref().take(digits).collect();
                        char::from_u32(u32::from_str_radix(&hex, 16).unwrap()).unwrap()
                    }
                    c => c,
                }),
                c => out.push(c),
            }
        }
        self.rest = characters.as_str();
        out
    }

    fn word(&mut self) -> String {
        let end = self.rest.find([' ', '\t']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn term(&mut self) -> Option<Term<'static>> {
        self.skip();
        let mut characters = self.rest.chars();
        let first = characters.next()?;
        Some(match first {
            '<' => {
                self.rest = characters.as_str();
                Term::iri(self.until('>'))
            }
            '_' => {
                let word = self.word();
                Term::Blank(word.strip_prefix("_:").unwrap().to_owned().into())
            }
            '"' => {
                self.rest = characters.as_str();
                let value = self.until('"');
                if let Some(rest) = self.rest.strip_prefix("^^<") {
                    self.rest = rest;
                    Term::typed(value, self.until('>'))
                } else if let Some(rest) = self.rest.strip_prefix('@') {
                    self.rest = rest;
                    let kind = LiteralKind::Language(self.word().into());
                    Term::Literal { value: value.into(), kind }
                } else {
                    Term::text(value)
                }
            }
            _ => return None,
        })
    }
}

fn read(text: &str) -> Vec<Quad<'static>> {
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut reader = Reader { rest: line };
            let subject = reader.term().expect("a subject");
            let Some(Term::Iri(predicate)) = reader.term() else { panic!("no predicate: {line}") };
            let object = reader.term().expect("an object");
            let graph = reader.term();
            assert_eq!(reader.rest.trim(), ".", "{line}");
            Quad { subject, predicate, object, graph }
        })
        .collect()
}

fn case(folder: &Path, entry: &Value) -> Result<(), String> {
    let file = |member: &str| fs::read_to_string(folder.join(entry[member].as_str().unwrap())).unwrap();
    let digest = match entry["hashAlgorithm"].as_str() {
        None => Digest::Sha256,
        Some("SHA384") => Digest::Sha384,
        Some(other) => return Err(format!("hash {other}")),
    };
    let outcome = canonicalize(&read(&file("action")), Options { digest, ..Options::default() });
    match entry["type"].as_str().unwrap() {
        "rdfc:RDFC10EvalTest" => {
            let found = outcome.map_err(|error| error.to_string())?.nquads;
            (found == file("result")).then_some(()).ok_or(found)
        }
        "rdfc:RDFC10MapTest" => {
            let found = outcome.map_err(|error| error.to_string())?.labels;
            let expected: BTreeMap<String, String> = serde_json::from_str(&file("result")).unwrap();
            (found == expected).then_some(()).ok_or(format!("{found:?}"))
        }
        "rdfc:RDFC10NegativeEvalTest" => match outcome {
            Err(CanonError::Poisoned) => Ok(()),
            other => Err(format!("{other:?}")),
        },
        other => Err(format!("unknown kind of test {other}")),
    }
}

#[test]
fn every_case_of_the_suite() {
    let Some(folder) = vectors("vectors/primitives/rdf-canon/tests") else { return };
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.jsonld")).unwrap()).unwrap();
    let entries = manifest["entries"].as_array().unwrap();
    let mut counts = BTreeMap::<&str, usize>::new();
    let mut failures = Vec::new();
    let mut slowest = (0, "");
    for entry in entries {
        let id = entry["id"].as_str().unwrap();
        let start = Instant::now();
        match case(&folder, entry) {
            Ok(()) => *counts.entry(entry["type"].as_str().unwrap()).or_default() += 1,
            Err(found) => failures.push(format!("{id} {}: {found}", entry["name"])),
        }
        slowest = slowest.max((start.elapsed().as_millis(), id));
    }
    println!("rdf-canon: {counts:?}, slowest {slowest:?} (ms)");
    assert!(failures.is_empty(), "{failures:#?}");
    assert_eq!(counts["rdfc:RDFC10EvalTest"], 64);
    assert_eq!(counts["rdfc:RDFC10MapTest"], 21);
    assert_eq!(counts["rdfc:RDFC10NegativeEvalTest"], 1);
}

/// The canonical text of a real credential stays what it is when its labels and the order of its lines are lost.
#[test]
fn the_canonical_texts_of_divoc_credentials() {
    let Some(folder) = vectors("vectors/divoc/canonical") else { return };
    let options = Options { escaping: Escaping::Urdna2015, ..Options::default() };
    let mut count = 0;
    for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_none_or(|extension| extension != "nq") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let mut quads = read(&text);
        quads.reverse();
        for quad in &mut quads {
            for term in [&mut quad.subject, &mut quad.object] {
                if let Term::Blank(label) = term {
                    let turned: String = label.chars().rev().collect();
                    *label = format!("n{turned}").into();
                }
            }
        }
        assert_eq!(canonicalize(&quads, options).unwrap().nquads, text, "{}", file.display());
        count += 1;
    }
    println!("rdf-canon: {count} canonical texts of DIVOC credentials and their proofs");
    assert!(count > 0);
}
