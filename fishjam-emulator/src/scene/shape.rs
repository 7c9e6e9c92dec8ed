//! Descriptions of JSON types, and the check of a value against one.

use super::node::Node;
use crate::refusal::Refusal;

/// A JSON type.
#[derive(Debug)]
pub(super) enum Shape {
    Any,
    Text,
    Boolean,
    /// A number with or without a fraction.
    Number,
    /// An integer from 0 to a limit. A number with a fraction such as `1.0` is another type.
    Natural(u64),
    /// One of these strings.
    OneOf(&'static [&'static str]),
    List(&'static Shape),
    /// An array of exactly this number of numbers.
    Numbers(usize),
    Object(&'static Object),
    /// One of several objects. The member with this name decides which one.
    Tagged(&'static str, &'static [(&'static str, &'static Object)]),
}

/// The members of an object.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) members: &'static [Member],
    /// Whether unknown members are ignored. A closed object rejects them.
    pub(super) is_open: bool,
}

#[derive(Debug)]
pub(super) struct Member {
    name: &'static str,
    shape: &'static Shape,
    presence: Presence,
}

#[derive(Debug, PartialEq, Eq)]
enum Presence {
    Required,
    /// The member can be absent, but not `null`.
    Optional,
    /// The member can be absent or `null`.
    Nullable,
}

impl Object {
    pub(super) const fn closed(members: &'static [Member]) -> Self {
        Object { members, is_open: false }
    }

    pub(super) const fn open(members: &'static [Member]) -> Self {
        Object { members, is_open: true }
    }

    fn check(&self, node: &Node<'_>, tag: Option<&str>) -> Result<(), Refusal> {
        let Some(members) = node.object() else {
            return Err(node.wrong_shape("expected an object"));
        };
        for name in members.keys() {
            let Some(member) = node.nullable_member(name) else { continue };
            match self.members.iter().find(|known| known.name == name) {
                Some(known) if known.presence == Presence::Nullable && member.value().is_null() => {}
                Some(known) => known.shape.check(&member)?,
                None if self.is_open || tag == Some(name) => {}
                None => return Err(member.wrong_shape("unknown member")),
            }
        }
        let is_missing = |known: &&Member| known.presence == Presence::Required && !members.contains_key(known.name);
        match self.members.iter().find(is_missing) {
            Some(missing) => Err(node.wrong_shape(format_args!("missing member {}", missing.name))),
            None => Ok(()),
        }
    }
}

pub(super) const fn required(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, shape, presence: Presence::Required }
}

pub(super) const fn optional(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, shape, presence: Presence::Optional }
}

pub(super) const fn nullable(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, shape, presence: Presence::Nullable }
}

impl Shape {
    /// Returns an error for the first part of a value that does not fit.
    pub(super) fn check(&self, node: &Node<'_>) -> Result<(), Refusal> {
        let value = node.value();
        match self {
            Shape::Any => Ok(()),
            Shape::Text => fits(value.is_string(), node, "expected a string"),
            Shape::Boolean => fits(value.is_boolean(), node, "expected a boolean"),
            Shape::Number => fits(value.is_number(), node, "expected a number"),
            Shape::Natural(max) => {
                let is_natural = value.as_u64().is_some_and(|number| number <= *max);
                fits(is_natural, node, format_args!("expected an integer from 0 to {max}"))
            }
            Shape::OneOf(names) => {
                let is_one = value.as_str().is_some_and(|name| names.contains(&name));
                fits(is_one, node, format_args!("expected one of {}", names.join(", ")))
            }
            Shape::List(shape) => {
                fits(value.is_array(), node, "expected an array")?;
                node.items().try_for_each(|item| shape.check(&item))
            }
            Shape::Numbers(count) => {
                let numbers = value.as_array().filter(|items| items.len() == *count);
                let all = numbers.is_some_and(|items| items.iter().all(serde_json::Value::is_number));
                fits(all, node, format_args!("expected {count} numbers"))
            }
            Shape::Object(object) => object.check(node, None),
            Shape::Tagged(tag, variants) => {
                fits(value.is_object(), node, "expected an object")?;
                let Some(name) = node.nullable_member(tag) else {
                    return Err(node.wrong_shape(format_args!("missing member {tag}")));
                };
                let variant = name.value().as_str().and_then(|name| variants.iter().find(|(known, _)| *known == name));
                match variant {
                    Some((_, object)) => object.check(node, Some(tag)),
                    None => {
                        let names: Vec<_> = variants.iter().map(|(known, _)| *known).collect();
                        Err(name.wrong_shape(format_args!("expected one of {}", names.join(", "))))
                    }
                }
            }
        }
    }
}

fn fits(does_fit: bool, node: &Node<'_>, problem: impl std::fmt::Display) -> Result<(), Refusal> {
    if does_fit { Ok(()) } else { Err(node.wrong_shape(problem)) }
}
