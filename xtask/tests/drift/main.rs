//! The differences that `drift` reports for small documents.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;
mod operation;
mod place;
mod refusal;
mod sameness;
mod schema;

use xtask::drift::rules::Change;

#[test]
fn tests_cover_each_kind_of_change() {
    let source = concat!(include_str!("operation.rs"), include_str!("schema.rs"));
    for change in Change::ALL {
        let phrase = change.phrase();
        assert!(source.contains(&format!("  {phrase}")) || source.contains(&format!("\"{phrase}")), "{phrase}");
    }
}
