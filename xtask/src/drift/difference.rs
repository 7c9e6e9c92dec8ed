//! Differences: one per subject, path and change, with the affected operations.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::rules::{Change, Direction, Verdict};

/// Number of operations that a line names per direction. It counts the other ones.
const NAMED_OPERATIONS: usize = 2;

/// A position in the contract: an operation or a named component, and a path inside it.
#[derive(Debug, Clone)]
pub struct Position {
    subject: String,
    path: String,
    /// Whether several operations can use the subject. If so, the report lists them.
    shared: bool,
}

impl Position {
    /// Creates a position in an operation.
    #[must_use]
    pub fn operation(id: &str, path: &str) -> Self {
        Self { subject: id.to_owned(), path: path.to_owned(), shared: false }
    }

    /// Creates the position of a named component. `kind` is for example `schema` or `response`.
    #[must_use]
    pub fn component(kind: &str, name: &str) -> Self {
        Self { subject: format!("{kind} {name}"), path: String::new(), shared: true }
    }

    /// Returns the position of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Self {
        let separator = if self.path.is_empty() { "" } else { "." };
        self.suffixed(&format!("{separator}{name}"))
    }

    /// Returns a position inside this one, with a notation such as `[]`.
    #[must_use]
    pub fn suffixed(&self, suffix: &str) -> Self {
        Self { path: format!("{}{suffix}", self.path), ..self.clone() }
    }
}

/// Identity of a difference, in reports and in the allow-list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// Id of an operation, or kind and name of a component.
    pub subject: String,
    /// Path in the subject. `.` is the subject itself.
    pub path: String,
    /// The change, with old and new value.
    pub change: String,
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}  {}  {}", self.subject, self.path, self.change)
    }
}

/// A difference between the two documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Subject, path and change.
    pub identity: Identity,
    /// The worst effect on a client, over all uses of the subject.
    pub verdict: Verdict,
    shared: bool,
    uses: BTreeSet<(Direction, String)>,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}  {}", self.verdict, self.identity)?;
        if !self.shared {
            return Ok(());
        }
        let mut parts = Vec::new();
        for direction in [Direction::Request, Direction::Response] {
            let operations: Vec<&str> =
                self.uses.iter().filter(|(used, _)| *used == direction).map(|(_, id)| id.as_str()).collect();
            if operations.is_empty() {
                continue;
            }
            let mut part =
                format!("{direction} of {}", operations[..operations.len().min(NAMED_OPERATIONS)].join(", "));
            if operations.len() > NAMED_OPERATIONS {
                part.push_str(&format!(", +{}", operations.len() - NAMED_OPERATIONS));
            }
            parts.push(part);
        }
        write!(formatter, "  ({})", parts.join("; "))
    }
}

/// Collects differences without duplicates.
#[derive(Debug, Default)]
pub struct Findings {
    found: BTreeMap<Identity, Difference>,
}

impl Findings {
    /// Records a change. `detail` has the old and the new value, or is empty.
    pub fn add(&mut self, at: &Position, change: Change, detail: &str, direction: Direction, operation: &str) {
        let phrase = change.phrase();
        let identity = Identity {
            subject: at.subject.clone(),
            path: if at.path.is_empty() { ".".to_owned() } else { at.path.clone() },
            change: if detail.is_empty() { phrase.to_owned() } else { format!("{phrase}: {detail}") },
        };
        let verdict = change.verdict(direction);
        let difference = self.found.entry(identity.clone()).or_insert_with(|| Difference {
            identity,
            verdict,
            shared: at.shared,
            uses: BTreeSet::new(),
        });
        difference.verdict = difference.verdict.max(verdict);
        difference.uses.insert((direction, operation.to_owned()));
    }

    /// Returns `true` if there are no differences.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Returns the differences, sorted by subject, path and change.
    #[must_use]
    pub fn into_sorted(self) -> Vec<Difference> {
        self.found.into_values().collect()
    }
}
