//! Published data is the judge: every case of the suites that the field goes by. Needs the feature `verify`
//! alone, so that it also shows what the verifier does without the rest.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::indexing_slicing,
    unreachable_pub,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod authorities;
mod business_rules;
mod cases;
mod certlogic;
mod chains;
mod ddcc;
mod divoc;
mod eu_testdata;
mod findings;
mod fixtures_pki;
mod gateway_checks;
mod gateway_lists;
mod gdhcn;
mod health_links;
mod icvp;
mod key_lists;
mod lists;
mod mutations;
mod primitives;
mod program;
mod rdf_canon;
mod revocation;
mod shc;
mod valuesets;
mod vdsnc;
mod workshop;

#[path = "../support/cost.rs"]
mod cost;
#[path = "../support/made.rs"]
mod made;
#[path = "../support/vectors.rs"]
mod vectors;

#[path = "../support/distort.rs"]
#[expect(dead_code, reason = "the bench uses the rest")]
mod distort;
mod picture_files;
mod pictures;

/// The data is there, or every test that needs it says that it ran without.
#[test]
fn published_data_is_found_where_it_should_be() {
    if let Some(path) = vectors::vectors("vectors/eu-testdata") {
        assert!(path.is_dir());
    }
}
