//! RDF Dataset Canonicalization (W3C recommendation RDFC-1.0, sections 4.4 to 4.9): nodes without a name get
//! labels that depend on the graph alone, then the statements are written in one order.
//!
//! The algorithm is exponential for graphs that are made to be so (section 7.1 of the recommendation, "dataset
//! poisoning"); every step is paid from a purse, and an empty purse ends the run with an error.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Escaping, Quad};
use crate::{
    keys::signature,
    limits::{RDF_BLANK_NODES, RDF_DEPTH, RDF_QUADS, RDF_STEPS},
};

/// Hash inside the algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Digest {
    /// The one that every proof of the field uses.
    #[default]
    Sha256,
    /// The other one that the recommendation asks implementations to have.
    Sha384,
}

impl Digest {
    fn hex(self, data: &[u8]) -> String {
        let algorithm = match self {
            Self::Sha256 => signature::Digest::Sha256,
            Self::Sha384 => signature::Digest::Sha384,
        };
        let digest = algorithm.of(data);
        let halves = digest.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]);
        halves.filter_map(|half| char::from_digit(half.into(), 16)).collect()
    }
}

/// How to canonicalize. The default is what RDFC-1.0 says: SHA-256, all control characters escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Hash inside the algorithm.
    pub digest: Digest,
    /// Which characters are escaped.
    pub escaping: Escaping,
}

/// A graph in its canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canonical {
    /// Canonical N-Quads: each line ends in a line feed, sorted by code point, none twice.
    pub nquads: String,
    /// Canonical label by label of the input, both without `_:`.
    pub labels: BTreeMap<String, String>,
}

/// Why a graph is not canonicalized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CanonError {
    /// More statements than the bound.
    #[error("the signed graph has {found} statements, more than the {limit} that are read")]
    Quads {
        /// Statements found.
        found: usize,
        /// The bound.
        limit: usize,
    },
    /// More nodes without a name than the bound.
    #[error("the signed graph has more than {limit} nodes without a name; no document of this field has")]
    BlankNodes {
        /// The bound.
        limit: usize,
    },
    /// The work or the depth that an honest graph never needs.
    #[error("the signed graph is built so that checking it would take unbounded time; it is refused")]
    Poisoned,
}

/// Canonicalizes a graph.
///
/// # Errors
/// [`CanonError`] when the graph is larger than the bounds of [`crate::limits`], or poisoned.
pub fn canonicalize(quads: &[Quad<'_>], options: Options) -> Result<Canonical, CanonError> {
    if quads.len() > RDF_QUADS {
        return Err(CanonError::Quads { found: quads.len(), limit: RDF_QUADS });
    }
    let mut state = State::new(quads, options)?;
    state.label()?;
    let given: Vec<Option<String>> = (0..state.mentions.len()).map(|node| state.canonical.get(node)).collect();
    let mut lines: Vec<String> = quads
        .iter()
        .map(|quad| {
            quad.line(options.escaping, |name, out| {
                let label = state.index.get(name).and_then(|&node| given.get(node)?.as_deref());
                out.push_str(label.unwrap_or_default());
            })
        })
        .collect();
    lines.sort_unstable();
    lines.dedup();
    let labels =
        state.index.iter().filter_map(|(&name, &node)| Some((name.to_owned(), state.canonical.get(node)?))).collect();
    Ok(Canonical { nquads: lines.concat(), labels })
}

/// Gives out labels in the order in which they are asked for (section 4.5).
#[derive(Clone)]
struct Issuer {
    prefix: &'static str,
    order: Vec<usize>,
    numbers: HashMap<usize, usize>,
}

impl Issuer {
    fn new(prefix: &'static str) -> Self {
        Self { prefix, order: Vec::new(), numbers: HashMap::new() }
    }

    fn get(&self, node: usize) -> Option<String> {
        self.numbers.get(&node).map(|number| format!("{}{number}", self.prefix))
    }

    fn issue(&mut self, node: usize) -> String {
        let next = self.order.len();
        let number = *self.numbers.entry(node).or_insert(next);
        if number == next {
            self.order.push(node);
        }
        format!("{}{number}", self.prefix)
    }
}

/// Where in a statement a node stands (section 4.7): the letter goes into the hash.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Subject,
    Object,
    Graph,
}

struct State<'q> {
    quads: &'q [Quad<'q>],
    options: Options,
    index: HashMap<&'q str, usize>,
    /// Statements that mention a node, none twice.
    mentions: Vec<Vec<&'q Quad<'q>>>,
    /// First-degree hash of each node.
    first: Vec<String>,
    canonical: Issuer,
    purse: usize,
}

impl<'q> State<'q> {
    fn new(quads: &'q [Quad<'q>], options: Options) -> Result<Self, CanonError> {
        let mut state = Self {
            quads,
            options,
            index: HashMap::new(),
            mentions: Vec::new(),
            first: Vec::new(),
            canonical: Issuer::new("c14n"),
            purse: RDF_STEPS,
        };
        let mut seen = BTreeSet::new();
        for quad in state.quads {
            let nodes: BTreeSet<&str> = blanks(quad).map(|(_, name)| name).collect();
            // A dataset is a set: the same statement twice is one.
            if nodes.is_empty() || !seen.insert(quad.line(options.escaping, |name, out| out.push_str(name))) {
                continue;
            }
            for name in nodes {
                let next = state.mentions.len();
                let node = *state.index.entry(name).or_insert(next);
                if node == next {
                    if next >= RDF_BLANK_NODES {
                        return Err(CanonError::BlankNodes { limit: RDF_BLANK_NODES });
                    }
                    state.mentions.push(Vec::new());
                }
                if let Some(mentions) = state.mentions.get_mut(node) {
                    mentions.push(quad);
                }
            }
        }
        Ok(state)
    }

    fn pay(&mut self, steps: usize) -> Result<(), CanonError> {
        self.purse = self.purse.checked_sub(steps).ok_or(CanonError::Poisoned)?;
        Ok(())
    }

    fn node(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// Section 4.4.3: labels for all nodes, first where the first-degree hash is unique, then the rest.
    fn label(&mut self) -> Result<(), CanonError> {
        self.first = (0..self.mentions.len()).map(|node| self.first_degree(node)).collect();
        let mut by_hash: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (node, hash) in self.first.iter().enumerate() {
            by_hash.entry(hash.clone()).or_default().push(node);
        }
        by_hash.retain(|_, nodes| match nodes.as_slice() {
            &[node] => {
                self.canonical.issue(node);
                false
            }
            _ => true,
        });
        for nodes in by_hash.into_values() {
            let mut paths = Vec::new();
            for node in nodes {
                if self.canonical.get(node).is_none() {
                    let mut issuer = Issuer::new("b");
                    issuer.issue(node);
                    paths.push(self.n_degree(node, issuer, RDF_DEPTH)?);
                }
            }
            paths.sort_by(|(a, _), (b, _)| a.cmp(b));
            for (_, issuer) in paths {
                for node in issuer.order {
                    self.canonical.issue(node);
                }
            }
        }
        Ok(())
    }

    /// Section 4.6: a hash of the statements about a node, all other nodes being alike.
    fn first_degree(&self, node: usize) -> String {
        let mentions = self.mentions.get(node).map_or(&[][..], Vec::as_slice);
        let mut lines: Vec<String> = mentions
            .iter()
            .map(|quad| {
                quad.line(self.options.escaping, |name, out| {
                    out.push(if self.node(name) == Some(node) { 'a' } else { 'z' });
                })
            })
            .collect();
        lines.sort_unstable();
        self.options.digest.hex(lines.concat().as_bytes())
    }

    /// Section 4.7: a hash of how another node stands to the one that is looked at.
    fn related(&self, related: usize, predicate: &str, issuer: &Issuer, position: Position) -> String {
        let mut input = String::new();
        match position {
            Position::Subject => input.push('s'),
            Position::Object => input.push('o'),
            Position::Graph => input.push('g'),
        }
        if position != Position::Graph {
            input.push('<');
            input.push_str(predicate);
            input.push('>');
        }
        match self.canonical.get(related).or_else(|| issuer.get(related)) {
            Some(label) => {
                input.push_str("_:");
                input.push_str(&label);
            }
            None => input.push_str(self.first.get(related).map_or("", String::as_str)),
        }
        self.options.digest.hex(input.as_bytes())
    }

    /// Section 4.8: a hash of a node by everything that it is connected to, and the labels found on the way.
    fn n_degree(&mut self, node: usize, mut issuer: Issuer, depth: usize) -> Result<(String, Issuer), CanonError> {
        let depth = depth.checked_sub(1).ok_or(CanonError::Poisoned)?;
        let mentions = self.mentions.get(node).cloned().unwrap_or_default();
        self.pay(1 + mentions.len())?;
        let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for quad in mentions {
            for (position, name) in blanks(quad) {
                let Some(other) = self.node(name).filter(|&other| other != node) else { continue };
                let hash = self.related(other, &quad.predicate, &issuer, position);
                groups.entry(hash).or_default().push(other);
            }
        }
        let mut data = String::new();
        for (hash, mut nodes) in groups {
            data.push_str(&hash);
            nodes.sort_unstable();
            let mut chosen: Option<(String, Issuer)> = None;
            loop {
                self.pay(1 + nodes.len() + issuer.order.len())?;
                if let Some(found) = self.path(&nodes, issuer.clone(), chosen.as_ref().map(|(path, _)| path), depth)? {
                    chosen = Some(found);
                }
                if !next_permutation(&mut nodes) {
                    break;
                }
            }
            if let Some((path, labels)) = chosen {
                data.push_str(&path);
                issuer = labels;
            }
        }
        Ok((self.options.digest.hex(data.as_bytes()), issuer))
    }

    /// Section 4.8.3, step 5.4: the path of one order of related nodes, or nothing when a shorter or lesser one
    /// is known already.
    fn path(
        &mut self,
        nodes: &[usize],
        mut issuer: Issuer,
        best: Option<&String>,
        depth: usize,
    ) -> Result<Option<(String, Issuer)>, CanonError> {
        let worse = |path: &String| best.is_some_and(|best| path.len() >= best.len() && path > best);
        let mut path = String::new();
        let mut unlabelled = Vec::new();
        for &node in nodes {
            path.push_str("_:");
            if let Some(label) = self.canonical.get(node) {
                path.push_str(&label);
            } else {
                if issuer.get(node).is_none() {
                    unlabelled.push(node);
                }
                path.push_str(&issuer.issue(node));
            }
            if worse(&path) {
                return Ok(None);
            }
        }
        for node in unlabelled {
            self.pay(1 + issuer.order.len())?;
            let (hash, labels) = self.n_degree(node, issuer.clone(), depth)?;
            path.push_str("_:");
            path.push_str(&issuer.issue(node));
            path.push('<');
            path.push_str(&hash);
            path.push('>');
            issuer = labels;
            if worse(&path) {
                return Ok(None);
            }
        }
        Ok(best.is_none_or(|best| path < *best).then_some((path, issuer)))
    }
}

/// Nodes without a name in a statement, each with where it stands.
fn blanks<'q>(quad: &'q Quad<'q>) -> impl Iterator<Item = (Position, &'q str)> {
    let graph = quad.graph.as_ref().and_then(|graph| graph.blank());
    [(Position::Subject, quad.subject.blank()), (Position::Object, quad.object.blank()), (Position::Graph, graph)]
        .into_iter()
        .filter_map(|(position, name)| Some((position, name?)))
}

/// The next order in the lexicographic sequence of orders; `false` after the last. Equal items are not told apart.
fn next_permutation(items: &mut [usize]) -> bool {
    let Some(pivot) = items.windows(2).rposition(|pair| matches!(pair, [a, b] if a < b)) else { return false };
    let Some(&value) = items.get(pivot) else { return false };
    let Some(larger) = items.iter().rposition(|&item| item > value) else { return false };
    items.swap(pivot, larger);
    if let Some(tail) = items.get_mut(pivot + 1..) {
        tail.reverse();
    }
    true
}

#[cfg(test)]
mod tests;
