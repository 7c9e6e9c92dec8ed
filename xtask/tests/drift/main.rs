//! What `drift` finds between two small documents, and what it says of it.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it is made of")]

mod fixture;
mod operation;
mod place;
mod refusal;
mod sameness;
mod schema;

use xtask::drift::rules::Change;

#[test]
fn every_kind_of_change_occurs_in_these_tests() {
    let source = concat!(include_str!("operation.rs"), include_str!("schema.rs"));
    for change in Change::ALL {
        let phrase = change.phrase();
        assert!(source.contains(&format!("  {phrase}")) || source.contains(&format!("\"{phrase}")), "{phrase}");
    }
}
