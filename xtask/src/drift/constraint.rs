//! Compares the constraints of a schema, except its type.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::Value;

use super::{
    rules::Change,
    view::{View, canonical},
};

/// Side of a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Lower,
    Upper,
}

/// Bounds: the keyword, the keyword that makes it exclusive, the side, and the default.
const BOUNDS: [(&str, &str, Side, f64); 8] = [
    ("minimum", "exclusiveMinimum", Side::Lower, f64::NEG_INFINITY),
    ("maximum", "exclusiveMaximum", Side::Upper, f64::INFINITY),
    ("minLength", "", Side::Lower, 0.0),
    ("maxLength", "", Side::Upper, f64::INFINITY),
    ("minItems", "", Side::Lower, 0.0),
    ("maxItems", "", Side::Upper, f64::INFINITY),
    ("minProperties", "", Side::Lower, 0.0),
    ("maxProperties", "", Side::Upper, f64::INFINITY),
];

/// Keywords that add a constraint each. More constraints are tighter.
const DEMANDS: [&str; 3] = ["pattern", "multipleOf", "not"];

/// Returns the bounds and demands that differ: the change and its details.
///
/// # Errors
///
/// Returns an error if a type is not a string.
pub(super) fn compare(old: &View<'_>, new: &View<'_>) -> Result<Vec<(Change, String)>> {
    let mut changes = Vec::new();
    for (keyword, exclusive, side, absent) in BOUNDS {
        let read = |view: &View<'_>| Bound::read(view, keyword, exclusive, side, absent);
        let (before, after) = (read(old)?, read(new)?);
        if before.room(side) != after.room(side) {
            let tighter = after.room(side) < before.room(side);
            let change = if tighter { Change::ConstraintTightened } else { Change::ConstraintLoosened };
            changes.push((change, format!("{keyword} {} -> {}", before.text(), after.text())));
        }
    }
    let unique = |view: &View<'_>| -> BTreeSet<String> {
        view.flag("uniqueItems").then(|| "true".to_owned()).into_iter().collect()
    };
    changes.extend(
        DEMANDS.into_iter().filter_map(|keyword| demands(keyword, &stated(old, keyword), &stated(new, keyword))),
    );
    changes.extend(demands("uniqueItems", &unique(old), &unique(new)));
    Ok(changes)
}

fn stated(view: &View<'_>, keyword: &str) -> BTreeSet<String> {
    view.stated(keyword).map(canonical).collect()
}

fn demands(keyword: &str, before: &BTreeSet<String>, after: &BTreeSet<String>) -> Option<(Change, String)> {
    if before == after {
        return None;
    }
    let change = if after.is_superset(before) {
        Change::ConstraintTightened
    } else if after.is_subset(before) {
        Change::ConstraintLoosened
    } else {
        Change::ConstraintChanged
    };
    let text = |values: &BTreeSet<String>| -> String {
        if values.is_empty() {
            return "none".to_owned();
        }
        values.iter().map(String::as_str).collect::<Vec<_>>().join(" and ")
    };
    Some((change, format!("{keyword} {} -> {}", text(before), text(after))))
}

/// A bound, inclusive or exclusive.
#[derive(Debug, Clone, Copy)]
struct Bound {
    value: f64,
    inclusive: bool,
}

impl Bound {
    /// Returns the tightest bound of a view.
    fn read(view: &View<'_>, keyword: &str, exclusive: &str, side: Side, absent: f64) -> Result<Self> {
        let integral = view.kind()? == Some("integer");
        let excluded = !exclusive.is_empty() && view.flag(exclusive);
        let mut tightest = Self { value: absent, inclusive: true };
        for value in view.stated(keyword).filter_map(Value::as_f64) {
            let bound = match (excluded, integral, side) {
                // For integers, an exclusive bound equals the adjacent inclusive bound.
                (true, true, Side::Lower) => Self { value: value.floor() + 1.0, inclusive: true },
                (true, true, Side::Upper) => Self { value: value.ceil() - 1.0, inclusive: true },
                _ => Self { value, inclusive: !excluded },
            };
            if bound.room(side) < tightest.room(side) {
                tightest = bound;
            }
        }
        Ok(tightest)
    }

    /// Returns a value that grows with the number of valid values.
    fn room(self, side: Side) -> (f64, bool) {
        match side {
            Side::Lower => (-self.value, self.inclusive),
            Side::Upper => (self.value, self.inclusive),
        }
    }

    fn text(self) -> String {
        match (self.value.is_finite(), self.inclusive) {
            (false, _) => "none".to_owned(),
            (true, true) => self.value.to_string(),
            (true, false) => format!("{} (exclusive)", self.value),
        }
    }
}
