//! What is found: one difference per subject, path and change, with the operations that it concerns.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::rules::{Change, Direction, Verdict};

/// How many operations a line names per direction; the rest is counted.
const NAMED_OPERATIONS: usize = 2;

/// Where in the contract something is: an operation or a named component, and a path inside it.
#[derive(Debug, Clone)]
pub struct Position {
    subject: String,
    path: String,
    /// The subject is shared, so that a report has to say which operations use it.
    shared: bool,
}

impl Position {
    /// A place in an operation.
    #[must_use]
    pub fn operation(id: &str, path: &str) -> Self {
        Self { subject: id.to_owned(), path: path.to_owned(), shared: false }
    }

    /// A named component itself; `kind` is `schema`, `response` and so on.
    #[must_use]
    pub fn component(kind: &str, name: &str) -> Self {
        Self { subject: format!("{kind} {name}"), path: String::new(), shared: true }
    }

    /// A field of what is here.
    #[must_use]
    pub fn field(&self, name: &str) -> Self {
        let separator = if self.path.is_empty() { "" } else { "." };
        self.suffixed(&format!("{separator}{name}"))
    }

    /// Something inside of what is here, in a notation of its own such as `[]`.
    #[must_use]
    pub fn suffixed(&self, suffix: &str) -> Self {
        Self { path: format!("{}{suffix}", self.path), ..self.clone() }
    }
}

/// What makes a difference the same difference, in a report and in the allow-list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// An operation's id, or kind and name of a component.
    pub subject: String,
    /// Where in the subject; `.` is the subject itself.
    pub path: String,
    /// What changed, from what to what.
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
    /// The worst of what it means wherever the subject is used.
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

/// Collects differences, each once.
#[derive(Debug, Default)]
pub struct Findings {
    found: BTreeMap<Identity, Difference>,
}

impl Findings {
    /// Notes a change; `detail` says from what to what and may be empty.
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

    /// Whether nothing was noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The differences, sorted by subject, path and change.
    #[must_use]
    pub fn into_sorted(self) -> Vec<Difference> {
        self.found.into_values().collect()
    }
}
