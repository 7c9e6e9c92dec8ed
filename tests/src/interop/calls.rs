//! Compares the requests of two runs of the same calls.

use anyhow::{Result, bail, ensure};
use fishjam_emulator::RecordedRequest;

use crate::{
    difference::{Tolerances, between},
    report::Section,
    request::{NormalizedRequest, normalized_requests},
};

/// Adds a check for each pair of requests.
pub(crate) fn compare(
    python: &[RecordedRequest],
    rust: &[RecordedRequest],
    tolerances: &mut Tolerances,
    section: &mut Section<'_>,
) {
    let (python, rust) = (normalized_requests(python), normalized_requests(rust));
    section.check("both made the same number of requests", || {
        ensure!(!python.is_empty(), "the official SDK sent nothing");
        ensure!(python.len() == rust.len(), "Python: {}\nRust:   {}", operations(&python), operations(&rust));
        Ok(())
    });
    for (index, (theirs, ours)) in python.iter().zip(&rust).enumerate() {
        let name = format!("request {:2}: {}", index + 1, theirs.operation);
        section.check(&name, || same(theirs, ours, tolerances));
    }
}

fn same(python: &NormalizedRequest, rust: &NormalizedRequest, tolerances: &mut Tolerances) -> Result<()> {
    let mut untold = Vec::new();
    for difference in between(&python.description, &rust.description) {
        if !tolerances.cover(&python.operation, &difference) {
            untold.push(difference.to_string());
        }
    }
    if untold.is_empty() {
        return Ok(());
    }
    bail!("{}\nPython sent {}\nRust sent   {}", untold.join("\n"), python.description, rust.description)
}

fn operations(normalized_requests: &[NormalizedRequest]) -> String {
    normalized_requests.iter().map(|normalized| normalized.operation.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{difference::Tolerated, report::Report};

    const TOLERATED: [Tolerated; 1] = [Tolerated {
        operation: "create_room",
        place: "/body/maxPeers",
        python: Some("null"),
        rust: None,
        reason: "test",
    }];

    fn tolerances() -> Tolerances {
        let mut tolerances = Tolerances::default();
        tolerances.add("rooms", &TOLERATED);
        tolerances
    }

    fn create_room(body: Value) -> NormalizedRequest {
        NormalizedRequest { operation: "create_room".to_owned(), description: json!({ "body": body }) }
    }

    #[test]
    fn comparison_passes_with_a_used_tolerance() {
        let (mut tolerances, mut report) = (tolerances(), Report::default());
        same(&create_room(json!({ "maxPeers": null })), &create_room(json!({})), &mut tolerances).unwrap();
        tolerances.judge("rooms", &mut report);
        assert_eq!(report.finish().unwrap(), 0);
    }

    #[test]
    fn comparison_fails_with_an_unused_tolerance() {
        let (mut tolerances, mut report) = (tolerances(), Report::default());
        same(&create_room(json!({})), &create_room(json!({})), &mut tolerances).unwrap();
        tolerances.judge("rooms", &mut report);
        assert_eq!(report.finish().unwrap(), 1);
    }

    #[test]
    fn comparison_shows_both_requests_of_a_difference() {
        let (python, rust) = (create_room(json!({ "maxPeers": null })), create_room(json!({ "maxPeers": 1 })));
        let error = same(&python, &rust, &mut tolerances()).unwrap_err().to_string();
        assert!(error.contains("/body/maxPeers: Python null, Rust 1"), "{error}");
        assert!(error.contains(r#"Python sent {"body":{"maxPeers":null}}"#), "{error}");
        assert!(error.contains(r#"Rust sent   {"body":{"maxPeers":1}}"#), "{error}");
    }
}
