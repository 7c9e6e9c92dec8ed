//! Compares two schemas by structure.

use std::collections::{BTreeSet, HashSet};

use anyhow::Result;
use serde_json::Value;

use super::{
    constraint,
    difference::{Findings, Position},
    rules::{Change, Direction},
    view::{Additional, View, canonical},
};
use crate::document::Document;

/// A walk through one body or parameter of an operation, in both documents at the same time.
#[derive(Debug)]
pub struct Walk<'a, 'f> {
    /// Our contract.
    pub before: &'a Document,
    /// The other document.
    pub after: &'a Document,
    /// The operation.
    pub operation: &'a str,
    /// Direction of the message.
    pub direction: Direction,
    /// Collects the differences.
    pub findings: &'f mut Findings,
    /// Pairs of schemas that were compared. Ends the walk through a recursive schema.
    pub(super) visited: HashSet<(Vec<usize>, Vec<usize>)>,
    /// Whether the walk only detects differences.
    pub(super) trial: bool,
}

impl<'a, 'f> Walk<'a, 'f> {
    /// Starts a walk.
    pub fn new(
        before: &'a Document,
        after: &'a Document,
        operation: &'a str,
        direction: Direction,
        findings: &'f mut Findings,
    ) -> Self {
        Self { before, after, operation, direction, findings, visited: HashSet::new(), trial: false }
    }

    pub(super) fn add(&mut self, at: &Position, change: Change, detail: &str) {
        self.findings.add(at, change, detail, self.direction, self.operation);
    }

    /// Compares the schemas of both documents at one position. No schema means that any value is valid.
    ///
    /// # Errors
    ///
    /// Returns an error if a value is not an OpenAPI 3.0 schema.
    pub fn schemas(&mut self, at: &Position, before: &[&'a Value], after: &[&'a Value]) -> Result<()> {
        let (old, new) = (View::new(self.before, before)?, View::new(self.after, after)?);
        let scope = self.scope(&old, &new);
        let inner = scope.clone().unwrap_or_else(|| at.clone());
        let same_name = old.name == new.name;
        // Annotations next to a reference belong to the member, and so does a different reference.
        self.annotations(if same_name && !old.annotated && !new.annotated { &inner } else { at }, &old, &new);
        let both_unions = old.unions.is_empty() == new.unions.is_empty();
        if both_unions && !self.same_type(if same_name { &inner } else { at }, &old, &new)? {
            return Ok(());
        }
        let pair = (old.key(), new.key());
        if !self.visited.insert(pair.clone()) {
            return Ok(());
        }
        if both_unions {
            self.structure(&inner, &old, &new)?;
        } else {
            self.union_and_single(if same_name { &inner } else { at }, &old, &new)?;
        }
        // A component needs one comparison for all its uses. An unnamed schema has only this use.
        if scope.is_none() {
            self.visited.remove(&pair);
        }
        Ok(())
    }

    /// Returns the component that owns the differences in these schemas, under our name.
    fn scope(&self, old: &View<'a>, new: &View<'a>) -> Option<Position> {
        let name = old.name?;
        let schemas = self.after.root().pointer("/components/schemas");
        // The other document has the component, but uses another schema here. This is not a change of the component.
        let replaced = new.name != Some(name) && schemas.is_some_and(|schemas| schemas.get(name).is_some());
        (!replaced).then(|| Position::component("schema", name))
    }

    fn structure(&mut self, at: &Position, old: &View<'a>, new: &View<'a>) -> Result<()> {
        self.enumerations(at, old, new);
        for (change, detail) in constraint::compare(old, new)? {
            self.add(at, change, &detail);
        }
        self.properties(at, old, new)?;
        self.additional(at, old, new)?;
        let (before, after): (Vec<_>, Vec<_>) = (old.stated("items").collect(), new.stated("items").collect());
        if !(before.is_empty() && after.is_empty()) {
            self.schemas(&at.suffixed("[]"), &before, &after)?;
        }
        self.unions(at, old, new)
    }

    fn annotations(&mut self, at: &Position, old: &View<'a>, new: &View<'a>) {
        match (old.flag("nullable"), new.flag("nullable")) {
            (false, true) => self.add(at, Change::BecameNullable, ""),
            (true, false) => self.add(at, Change::BecameNonNullable, ""),
            _ => {}
        }
        self.deprecation(at, old.flag("deprecated"), new.flag("deprecated"));
        let (before, after) = (old.stated("default").next(), new.stated("default").next());
        match (before.map(canonical), after.map(canonical)) {
            (None, Some(after)) => self.add(at, Change::DefaultAdded, &after),
            (Some(before), None) => self.add(at, Change::DefaultRemoved, &before),
            (Some(before), Some(after)) if before != after => {
                self.add(at, Change::DefaultChanged, &format!("{before} -> {after}"));
            }
            _ => {}
        }
    }

    pub(super) fn deprecation(&mut self, at: &Position, before: bool, after: bool) {
        match (before, after) {
            (false, true) => self.add(at, Change::Deprecated, ""),
            (true, false) => self.add(at, Change::Undeprecated, ""),
            _ => {}
        }
    }

    /// Compares type and format. Returns `false` if the types differ, because the rest is not comparable.
    fn same_type(&mut self, at: &Position, old: &View<'a>, new: &View<'a>) -> Result<bool> {
        let (before, after) = (old.kind()?, new.kind()?);
        // The type next to a union is optional and has no effect.
        let redundant = !old.unions.is_empty() && (before.is_none() || after.is_none());
        if before != after && !redundant {
            let detail = format!("{} -> {}", before.unwrap_or("any"), after.unwrap_or("any"));
            self.add(at, Change::TypeChanged, &detail);
            return Ok(false);
        }
        let format = |view: &View<'a>| view.stated("format").next().and_then(Value::as_str).unwrap_or("none");
        if format(old) != format(new) {
            self.add(at, Change::FormatChanged, &format!("{} -> {}", format(old), format(new)));
        }
        Ok(true)
    }

    fn enumerations(&mut self, at: &Position, old: &View<'a>, new: &View<'a>) {
        let texts = |view: &View<'a>| -> Option<BTreeSet<String>> {
            view.enumeration().map(|values| values.into_iter().map(canonical).collect())
        };
        let joined = |values: BTreeSet<String>| values.into_iter().collect::<Vec<_>>().join(", ");
        match (texts(old), texts(new)) {
            (Some(before), Some(after)) => {
                for value in after.difference(&before) {
                    self.add(at, Change::EnumValueAdded, value);
                }
                for value in before.difference(&after) {
                    self.add(at, Change::EnumValueRemoved, value);
                }
            }
            (None, Some(after)) => self.add(at, Change::EnumIntroduced, &joined(after)),
            (Some(before), None) => self.add(at, Change::EnumDropped, &joined(before)),
            (None, None) => {}
        }
    }

    fn properties(&mut self, at: &Position, old: &View<'a>, new: &View<'a>) -> Result<()> {
        let before = old.properties(self.before, self.direction)?;
        let after = new.properties(self.after, self.direction)?;
        let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
        for name in names {
            let at = at.field(name);
            match (before.get(name), after.get(name)) {
                (None, Some(property)) => self.added(&at, property.required),
                (Some(_), None) => self.add(&at, Change::Removed, ""),
                (Some(old), Some(new)) => {
                    self.necessity(&at, old.required, new.required);
                    self.schemas(&at, &old.schemas, &new.schemas)?;
                }
                (None, None) => {}
            }
        }
        Ok(())
    }

    /// Records an added item, required or optional.
    pub(super) fn added(&mut self, at: &Position, required: bool) {
        self.add(at, if required { Change::AddedRequired } else { Change::AddedOptional }, "");
    }

    /// Records an item that became required or optional.
    pub(super) fn necessity(&mut self, at: &Position, before: bool, after: bool) {
        match (before, after) {
            (false, true) => self.add(at, Change::BecameRequired, ""),
            (true, false) => self.add(at, Change::BecameOptional, ""),
            _ => {}
        }
    }

    fn additional(&mut self, at: &Position, old: &View<'a>, new: &View<'a>) -> Result<()> {
        match (old.additional(), new.additional()) {
            (Additional::Typed(before), Additional::Typed(after)) => {
                self.schemas(&at.suffixed(".*"), &before, &after)?;
            }
            (Additional::Allowed | Additional::Typed(_), Additional::Forbidden) => {
                self.add(at, Change::AdditionalForbidden, "");
            }
            (Additional::Forbidden, Additional::Allowed | Additional::Typed(_)) => {
                self.add(at, Change::AdditionalAllowed, "");
            }
            (Additional::Allowed, Additional::Typed(_)) => self.add(at, Change::AdditionalTyped, ""),
            (Additional::Typed(_), Additional::Allowed) => self.add(at, Change::AdditionalUntyped, ""),
            (Additional::Allowed, Additional::Allowed) | (Additional::Forbidden, Additional::Forbidden) => {}
        }
        Ok(())
    }
}
