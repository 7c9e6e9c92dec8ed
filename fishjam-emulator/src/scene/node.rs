//! A JSON value and its place in the body.

use std::fmt;

use serde_json::{Map, Value};

use crate::refusal::Refusal;

/// A JSON value that is part of a request body. It displays its path, such as `video.root.children[2]`.
///
/// A node borrows the node above it, so that a path is written only for an error.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    value: &'a Value,
    above: Option<(&'a Node<'a>, Step<'a>)>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Member(&'a str),
    Item(usize),
}

impl<'a> Node<'a> {
    pub(super) fn body(value: &'a Value) -> Self {
        Node { value, above: None }
    }

    pub(super) fn value(&self) -> &'a Value {
        self.value
    }

    pub(super) fn object(&self) -> Option<&'a Map<String, Value>> {
        self.value.as_object()
    }

    /// Returns a member of an object, with `null` as a value.
    pub(super) fn nullable_member<'b>(&'b self, name: &'b str) -> Option<Node<'b>> {
        let value = self.object()?.get(name)?;
        Some(Node { value, above: Some((self, Step::Member(name))) })
    }

    /// Returns a member of an object. The result is `None` for `null`, too.
    pub(super) fn member<'b>(&'b self, name: &'b str) -> Option<Node<'b>> {
        self.nullable_member(name).filter(|member| !member.value.is_null())
    }

    /// Returns the items of an array, or none for another value.
    pub(super) fn items<'b>(&'b self) -> impl Iterator<Item = Node<'b>> {
        let items = self.value.as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().enumerate().map(|(index, value)| Node { value, above: Some((self, Step::Item(index))) })
    }

    /// Returns a string member.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.object()?.get(name)?.as_str()
    }

    /// Returns a boolean member.
    pub(super) fn boolean(&self, name: &str) -> Option<bool> {
        self.object()?.get(name)?.as_bool()
    }

    /// Returns a member that the server stores as a 64-bit float.
    pub(super) fn double(&self, name: &str) -> Option<f64> {
        self.object()?.get(name)?.as_f64()
    }

    /// Returns a member that the server stores as a 32-bit float.
    ///
    /// A number beyond the range becomes infinite and a tiny number becomes 0, as in the server. Rules see the result.
    #[expect(clippy::cast_possible_truncation, reason = "the server rounds in the same way")]
    pub(super) fn float(&self, name: &str) -> Option<f32> {
        self.double(name).map(|number| number as f32)
    }

    /// Creates the error of a value that breaks a rule.
    pub(super) fn malformed(&self, problem: impl fmt::Display) -> Refusal {
        Refusal::malformed_request(self.message(problem))
    }

    /// Creates the error of a value that does not fit its type.
    pub(super) fn wrong_shape(&self, problem: impl fmt::Display) -> Refusal {
        Refusal::wrong_shape(self.message(problem))
    }

    /// Returns an error message that begins with the path.
    pub(super) fn message(&self, problem: impl fmt::Display) -> String {
        format!("{self}: {problem}")
    }
}

/// Shows the path only: values can be secrets.
impl fmt::Display for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.above {
            None => f.write_str("body"),
            Some((above, Step::Item(index))) => write!(f, "{above}[{index}]"),
            Some((Node { above: None, .. }, Step::Member(name))) => f.write_str(name),
            Some((above, Step::Member(name))) => write!(f, "{above}.{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn node_displays_its_path() {
        let value = json!({ "video": { "root": { "children": [{}, { "width": 1 }] } } });
        let body = Node::body(&value);
        assert_eq!(body.to_string(), "body");
        let video = body.member("video").unwrap();
        assert_eq!(video.to_string(), "video");
        let root = video.member("root").unwrap();
        let children = root.member("children").unwrap();
        let child = children.items().nth(1).unwrap();
        assert_eq!(child.member("width").unwrap().to_string(), "video.root.children[1].width");
        let list = json!([[true]]);
        let list = Node::body(&list);
        assert_eq!(list.items().next().unwrap().to_string(), "body[0]");
    }

    #[test]
    fn float_has_32_bits() {
        let value = json!({ "huge": 1e39, "tiny": 1e-50, "whole": 7, "null": null });
        let body = Node::body(&value);
        assert_eq!(body.float("huge"), Some(f32::INFINITY));
        assert_eq!(body.float("tiny"), Some(0.0));
        assert_eq!(body.float("whole"), Some(7.0));
        assert_eq!(body.float("null"), None);
        assert_eq!(body.float("absent"), None);
        assert_eq!(body.double("huge"), Some(1e39));
    }
}
