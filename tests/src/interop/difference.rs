//! The differences of two requests, and the list of tolerated differences.

use std::fmt;

use anyhow::ensure;
use serde_json::Value;

use crate::report::Report;

/// One place at which the official SDK's request and ours differ.
#[derive(Debug, PartialEq)]
pub(crate) struct Difference {
    /// The place in a request's description, such as `/body/maxPeers`.
    pub(crate) place: String,
    /// Value that the official SDK sent; `None` if it omitted the place.
    pub(crate) python: Option<Value>,
    pub(crate) rust: Option<Value>,
}

/// A difference without an effect on the service.
pub(crate) struct Tolerated {
    /// The operation, as the contract names it.
    pub(crate) operation: &'static str,
    pub(crate) place: &'static str,
    /// Value that the official SDK sends, as JSON; `None` if it omits the place.
    pub(crate) python: Option<&'static str>,
    pub(crate) rust: Option<&'static str>,
    /// The reason why both values have the same meaning.
    pub(crate) reason: &'static str,
}

/// The lists of all scenarios, and how often each line was needed.
#[derive(Default)]
pub(crate) struct Tolerances {
    rows: Vec<(&'static str, &'static Tolerated, usize)>,
}

impl Tolerances {
    pub(crate) fn add(&mut self, scenario: &'static str, tolerated: &'static [Tolerated]) {
        self.rows.extend(tolerated.iter().map(|row| (scenario, row, 0)));
    }

    /// Whether a difference is listed; if it is, the line counts as needed.
    pub(crate) fn cover(&mut self, operation: &str, difference: &Difference) -> bool {
        let mut covered = false;
        for (_, row, needed) in &mut self.rows {
            if row.covers(operation, difference) {
                *needed += 1;
                covered = true;
            }
        }
        covered
    }

    /// Adds a check for each line of a scenario's list: a request must have needed the line.
    pub(crate) fn judge(&self, scenario: &str, report: &mut Report) {
        let rows: Vec<_> = self.rows.iter().filter(|(of, ..)| *of == scenario).collect();
        if rows.is_empty() {
            return;
        }
        let mut section = report.section(scenario, "tolerated differences");
        for (_, row, needed) in rows {
            section.check(&format!("{} {} (seen {needed} times)", row.operation, row.place), || {
                ensure!(*needed > 0, "never seen, so to be removed from the list: {}", row.reason);
                Ok(())
            });
        }
    }
}

impl Tolerated {
    fn covers(&self, operation: &str, difference: &Difference) -> bool {
        self.operation == operation
            && self.place == difference.place
            && is(self.python, difference.python.as_ref())
            && is(self.rust, difference.rust.as_ref())
    }
}

fn is(text: Option<&str>, value: Option<&Value>) -> bool {
    match (text, value) {
        (None, None) => true,
        // Invalid JSON matches no value. Then the tolerance counts as never used.
        (Some(text), Some(value)) => serde_json::from_str::<Value>(text).is_ok_and(|text| text == *value),
        _ => false,
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: Python {}, Rust {}",
            self.place,
            display_value(self.python.as_ref()),
            display_value(self.rust.as_ref())
        )
    }
}

fn display_value(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

/// Returns the differences of two values, also inside of objects and of lists with the same length.
pub(crate) fn between(python: &Value, rust: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    collect("", Some(python), Some(rust), &mut differences);
    differences
}

fn collect(place: &str, python: Option<&Value>, rust: Option<&Value>, differences: &mut Vec<Difference>) {
    match (python, rust) {
        (Some(Value::Object(theirs)), Some(Value::Object(ours))) => {
            let only_ours = ours.keys().filter(|key| !theirs.contains_key(*key));
            for key in theirs.keys().chain(only_ours) {
                collect(&format!("{place}/{key}"), theirs.get(key), ours.get(key), differences);
            }
        }
        (Some(Value::Array(theirs)), Some(Value::Array(ours))) if theirs.len() == ours.len() => {
            for (index, (their, our)) in theirs.iter().zip(ours).enumerate() {
                collect(&format!("{place}/{index}"), Some(their), Some(our), differences);
            }
        }
        _ if python == rust => {}
        _ => {
            differences.push(Difference { place: place.to_owned(), python: python.cloned(), rust: rust.cloned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_have_a_path_and_both_values() {
        let python = json!({ "path": "/room", "body": { "maxPeers": null, "same": [1, { "a": 1 }], "list": [1] } });
        let rust = json!({ "path": "/room", "body": { "same": [1, { "a": 2 }], "list": [], "more": true } });
        let found: Vec<_> = between(&python, &rust).iter().map(Difference::to_string).collect();
        assert_eq!(
            found,
            [
                "/body/list: Python [1], Rust []",
                "/body/maxPeers: Python null, Rust nothing",
                "/body/same/1/a: Python 1, Rust 2",
                "/body/more: Python nothing, Rust true",
            ]
        );
        assert_eq!(between(&python, &python), []);
    }

    #[test]
    fn tolerance_covers_only_its_own_difference() {
        let found = &between(&json!({ "maxPeers": null }), &json!({}))[0];
        let place =
            Tolerated { operation: "create_room", place: "/maxPeers", python: Some("null"), rust: None, reason: "" };
        assert!(place.covers("create_room", found));
        assert!(!place.covers("add_peer", found));
        for other in [
            Tolerated { place: "/other", ..place },
            Tolerated { python: Some("0"), ..place },
            Tolerated { python: None, ..place },
            Tolerated { rust: Some("null"), ..place },
            Tolerated { python: Some("no JSON"), ..place },
        ] {
            assert!(!other.covers("create_room", found));
        }
    }
}
