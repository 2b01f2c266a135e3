//! Small graphs, hostile graphs, and graphs that are one under other labels. The W3C suite is in
//! `tests/conformance/rdf_canon.rs`.

use proptest::prelude::*;

use super::{super::Term, *};

fn blank(name: &str) -> Term<'_> {
    Term::Blank(name.into())
}

#[test]
fn all_orders_are_tried_once() {
    let mut items = vec![1, 2, 2, 3];
    let mut seen = BTreeSet::from([items.clone()]);
    while next_permutation(&mut items) {
        assert!(seen.insert(items.clone()));
    }
    assert_eq!(seen.len(), 12);
    assert!(!next_permutation(&mut []));
}

#[test]
fn the_order_and_the_labels_of_the_input_do_not_matter() {
    let graph = |a: &'static str, b: &'static str, c: &'static str| {
        vec![
            Quad::new(blank(a), "p:p", blank(b)),
            Quad::new(blank(b), "p:p", blank(c)),
            Quad::new(blank(c), "p:p", blank(a)),
            Quad::new(blank(a), "p:name", Term::text("x")),
        ]
    };
    let one = canonicalize(&graph("a", "b", "c"), Options::default()).unwrap();
    let mut other = graph("z", "a", "b");
    other.reverse();
    assert_eq!(one.nquads, canonicalize(&other, Options::default()).unwrap().nquads);
    assert_eq!(one.labels.len(), 3);
}

#[test]
fn a_statement_twice_is_one() {
    let quad = Quad::new(blank("a"), "p:p", Term::text("x"));
    let once = canonicalize(std::slice::from_ref(&quad), Options::default()).unwrap();
    assert_eq!(once.nquads, "_:c14n0 <p:p> \"x\" .\n");
    assert_eq!(canonicalize(&[quad.clone(), quad], Options::default()).unwrap(), once);
}

fn clique(names: &[String]) -> Vec<Quad<'_>> {
    let pairs = names.iter().flat_map(|a| names.iter().map(move |b| (a, b)));
    pairs.filter(|(a, b)| a != b).map(|(a, b)| Quad::new(blank(a), "p:p", blank(b))).collect()
}

#[test]
fn poisoned_graphs_are_refused_and_small_ones_are_not() {
    let names: Vec<String> = (0..40).map(|n| format!("n{n}")).collect();
    assert!(canonicalize(&clique(&names[..4]), Options::default()).is_ok());
    assert_eq!(canonicalize(&clique(&names[..10]), Options::default()), Err(CanonError::Poisoned));
    assert_eq!(canonicalize(&clique(&names), Options::default()), Err(CanonError::Poisoned));
}

#[test]
fn a_long_chain_does_not_exhaust_the_stack() {
    // Two equal rings: every node looks like every other, so the walk goes all the way round.
    let names: Vec<String> = (0..2_000).map(|n| format!("n{n}")).collect();
    let (left, right) = names.split_at(1_000);
    let ring = |half: &'static str, names: &[String]| -> Vec<Quad<'static>> {
        let next = names.iter().cycle().skip(1);
        names
            .iter()
            .zip(next)
            .map(|(a, b)| Quad::new(Term::Blank(a.clone().into()), half, Term::Blank(b.clone().into())))
            .collect()
    };
    let quads: Vec<_> = ring("p:p", left).into_iter().chain(ring("p:p", right)).collect();
    assert_eq!(canonicalize(&quads, Options::default()), Err(CanonError::Poisoned));
}

#[test]
fn more_nodes_than_the_bound_are_refused() {
    let names: Vec<String> = (0..=RDF_BLANK_NODES).map(|n| format!("n{n}")).collect();
    let quads: Vec<_> = names.iter().map(|name| Quad::new(blank(name), "p:p", Term::text("x"))).collect();
    assert_eq!(canonicalize(&quads, Options::default()), Err(CanonError::BlankNodes { limit: RDF_BLANK_NODES }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn isomorphic_graphs_have_one_form(
        edges in prop::collection::vec((0usize..6, 0u8..2, 0usize..6), 0..10),
        order in Just((0usize..6).collect::<Vec<_>>()).prop_shuffle(),
        start in 0usize..10,
    ) {
        let names: Vec<String> = (0..6).map(|n| format!("e{n}")).collect();
        let renamed: Vec<String> = order.iter().map(|n| format!("x{n}")).collect();
        let build = |names: &[String]| -> Vec<Quad<'static>> {
            edges.iter().map(|&(a, p, b)| Quad::new(
                Term::Blank(names[a].clone().into()),
                format!("p:{p}"),
                Term::Blank(names[b].clone().into()),
            )).collect()
        };
        let one = canonicalize(&build(&names), Options::default());
        let mut other = build(&renamed);
        if !other.is_empty() {
            let middle = start % other.len();
            other.rotate_left(middle);
        }
        let other = canonicalize(&other, Options::default());
        prop_assert_eq!(one.map(|c| c.nquads), other.map(|c| c.nquads));
    }
}
