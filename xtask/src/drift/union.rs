//! Compares unions: pairs the variants of both documents, then compares each pair.

use std::collections::{BTreeSet, HashSet};

use anyhow::Result;
use serde_json::Value;

use super::{
    difference::{Findings, Position},
    rules::Change,
    schema::Walk,
    view::{Union, View},
};
use crate::document::Document;

/// A variant, with its name and discriminator values.
#[derive(Debug)]
struct Variant<'a> {
    schema: &'a Value,
    name: Option<&'a str>,
    /// The discriminator values that select it. Empty without a discriminator.
    tags: BTreeSet<String>,
    label: String,
}

impl<'a> Walk<'a, '_> {
    /// Compares the unions of two views. Both views have unions, or neither has one.
    pub(super) fn unions(&mut self, at: &Position, old: &View<'a>, new: &View<'a>) -> Result<()> {
        if old.unions.len() != new.unions.len() {
            let detail = format!("{} unions -> {} unions", old.unions.len(), new.unions.len());
            self.add(at, Change::UnionReplaced, &detail);
            return Ok(());
        }
        for (before, after) in old.unions.iter().zip(&new.unions) {
            self.keyword(at, before.keyword, after.keyword);
            self.discriminators(at, before, after);
            self.variants(at, before, after)?;
        }
        Ok(())
    }

    /// Compares a union with another schema.
    ///
    /// If the schema is one of the variants, the other variants were added or removed.
    pub(super) fn union_and_single(&mut self, at: &Position, old: &View<'a>, new: &View<'a>) -> Result<()> {
        let (union, change) = match (old.unions.as_slice(), new.unions.as_slice()) {
            ([union], []) => (variants(self.before, union)?, Change::VariantRemoved),
            ([], [union]) => (variants(self.after, union)?, Change::VariantAdded),
            _ => (Vec::new(), Change::UnionReplaced),
        };
        let mut kept = None;
        for (index, variant) in union.iter().enumerate() {
            let itself = [variant.schema];
            let equal = match change {
                Change::VariantAdded => self.equal(&old.roots, &itself)?,
                _ => self.equal(&itself, &new.roots)?,
            };
            if equal {
                kept = Some(index);
                break;
            }
        }
        let Some(kept) = kept else {
            let detail = format!("{} -> {}", old.summary()?, new.summary()?);
            self.add(at, Change::UnionReplaced, &detail);
            return Ok(());
        };
        for (index, variant) in union.iter().enumerate() {
            if index != kept {
                self.add(at, change, &variant.label);
            }
        }
        Ok(())
    }

    fn keyword(&mut self, at: &Position, before: &str, after: &str) {
        if before != after {
            // `oneOf` rejects a value that matches several variants.
            let change = if after == "oneOf" { Change::ConstraintTightened } else { Change::ConstraintLoosened };
            self.add(at, change, &format!("{before} -> {after}"));
        }
    }

    fn discriminators(&mut self, at: &Position, before: &Union<'a>, after: &Union<'a>) {
        match (property(before), property(after)) {
            (None, Some(name)) => self.add(at, Change::DiscriminatorAdded, name),
            (Some(name), None) => self.add(at, Change::DiscriminatorRemoved, name),
            (Some(old), Some(new)) if old != new => {
                self.add(at, Change::DiscriminatorChanged, &format!("{old} -> {new}"));
            }
            _ => {}
        }
    }

    fn variants(&mut self, at: &Position, before: &Union<'a>, after: &Union<'a>) -> Result<()> {
        let (mut old, mut new) = (variants(self.before, before)?, variants(self.after, after)?);
        let mut pairs = Vec::new();
        self.pair(&mut old, &mut new, &mut pairs, |_, old, new| Ok(!old.tags.is_disjoint(&new.tags)))?;
        self.pair(&mut old, &mut new, &mut pairs, |_, old, new| Ok(old.name.is_some() && old.name == new.name))?;
        self.pair(&mut old, &mut new, &mut pairs, |walk, old, new| walk.equal(&[old.schema], &[new.schema]))?;
        // Two named variants with different names and structures do not belong together. Unnamed variants pair in order.
        self.pair(&mut old, &mut new, &mut pairs, |_, old, new| Ok(old.name.is_none() || new.name.is_none()))?;
        for variant in &old {
            self.add(at, Change::VariantRemoved, &variant.label);
        }
        for variant in &new {
            self.add(at, Change::VariantAdded, &variant.label);
        }
        for (old, new) in pairs {
            let at = at.suffixed(&format!("[{}]", old.label));
            if old.tags != new.tags && !old.tags.is_empty() && !new.tags.is_empty() {
                let text = |tags: &BTreeSet<String>| tags.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                let detail = format!("{} -> {}", text(&old.tags), text(&new.tags));
                self.add(&at, Change::DiscriminatorValueChanged, &detail);
            }
            self.schemas(&at, &[old.schema], &[new.schema])?;
        }
        Ok(())
    }

    /// Moves matching variants from both lists to the pairs.
    fn pair(
        &mut self,
        old: &mut Vec<Variant<'a>>,
        new: &mut Vec<Variant<'a>>,
        pairs: &mut Vec<(Variant<'a>, Variant<'a>)>,
        mut belong: impl FnMut(&mut Self, &Variant<'a>, &Variant<'a>) -> Result<bool>,
    ) -> Result<()> {
        let mut left = Vec::new();
        for before in old.drain(..) {
            let mut partner = None;
            for (index, after) in new.iter().enumerate() {
                if belong(self, &before, after)? {
                    partner = Some(index);
                    break;
                }
            }
            match partner {
                Some(index) => pairs.push((before, new.remove(index))),
                None => left.push(before),
            }
        }
        *old = left;
        Ok(())
    }

    /// Returns `true` if there is no difference.
    fn equal(&mut self, before: &[&'a Value], after: &[&'a Value]) -> Result<bool> {
        let mut findings = Findings::default();
        let mut walk = Walk {
            before: self.before,
            after: self.after,
            operation: self.operation,
            direction: self.direction,
            findings: &mut findings,
            // A trial assumes that the pairs it is comparing are equal. It must not assume this of the walk's pairs.
            visited: if self.trial { HashSet::clone(&self.visited) } else { HashSet::new() },
            trial: true,
        };
        walk.schemas(&Position::operation("", ""), before, after)?;
        Ok(findings.is_empty())
    }
}

fn property<'a>(union: &Union<'a>) -> Option<&'a str> {
    union.discriminator?.get("propertyName")?.as_str()
}

fn variants<'a>(document: &'a Document, union: &Union<'a>) -> Result<Vec<Variant<'a>>> {
    let mut variants = Vec::new();
    for (index, schema) in union.variants.iter().enumerate() {
        let name = document.resolve(schema)?.name;
        let tags = if property(union).is_some() { tags(union, name) } else { BTreeSet::new() };
        let label = name.map(str::to_owned).or_else(|| tags.first().cloned()).unwrap_or_else(|| index.to_string());
        variants.push(Variant { schema, name, tags, label });
    }
    Ok(variants)
}

/// Returns the discriminator values of a named variant: the mapped values, or its name.
fn tags(union: &Union<'_>, name: Option<&str>) -> BTreeSet<String> {
    let Some(name) = name else { return BTreeSet::new() };
    let mapping = union.discriminator.and_then(|discriminator| discriminator.get("mapping")).and_then(Value::as_object);
    let mapped: BTreeSet<String> = mapping
        .into_iter()
        .flatten()
        .filter(|(_, target)| target.as_str().and_then(|target| target.rsplit('/').next()) == Some(name))
        .map(|(tag, _)| tag.clone())
        .collect();
    if mapped.is_empty() { BTreeSet::from([name.to_owned()]) } else { mapped }
}
