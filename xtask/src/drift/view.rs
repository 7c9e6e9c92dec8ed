//! Normalized schemas: references are resolved, `allOf` is merged, and a union of one variant is that variant.

use std::{
    collections::{BTreeMap, BTreeSet},
    ptr,
};

use anyhow::{Result, bail};
use serde_json::{Map, Value};

use super::rules::Direction;
use crate::document::Document;

/// Keywords without an effect on messages.
const PROSE: [&str; 6] = ["title", "description", "example", "examples", "externalDocs", "xml"];

/// Keywords that can stand next to a reference.
const ANNOTATIONS: [&str; 5] = ["nullable", "default", "deprecated", "readOnly", "writeOnly"];

/// One or more schemas that apply together, as one schema.
#[derive(Debug)]
pub struct View<'a> {
    /// The schemas of the view.
    pub roots: Vec<&'a Value>,
    /// Name of the component. `None` for an inline schema.
    pub name: Option<&'a str>,
    /// Whether annotations stand next to the reference to the component.
    pub annotated: bool,
    /// The unions of two or more variants.
    pub unions: Vec<Union<'a>>,
    layers: Vec<&'a Map<String, Value>>,
}

/// A `oneOf` or `anyOf`.
#[derive(Debug)]
pub struct Union<'a> {
    /// `oneOf` or `anyOf`.
    pub keyword: &'static str,
    /// The schemas of the variants.
    pub variants: &'a [Value],
    /// The discriminator, if there is one.
    pub discriminator: Option<&'a Value>,
}

/// A property of an object.
#[derive(Debug)]
pub struct Property<'a> {
    /// The schemas of the property. Empty if it is only listed as required.
    pub schemas: Vec<&'a Value>,
    /// Whether the property is required.
    pub required: bool,
}

/// Additional properties of an object.
#[derive(Debug)]
pub enum Additional<'a> {
    /// No additional properties.
    Forbidden,
    /// Any additional properties.
    Allowed,
    /// Additional properties with these schemas.
    Typed(Vec<&'a Value>),
}

impl<'a> View<'a> {
    /// Creates a view of schemas that apply together. No schema means that any value is valid.
    ///
    /// # Errors
    ///
    /// Returns an error if a value is not a schema.
    pub fn new(document: &'a Document, roots: &[&'a Value]) -> Result<Self> {
        let mut view =
            Self { roots: roots.to_vec(), name: None, annotated: false, unions: Vec::new(), layers: Vec::new() };
        for root in roots {
            view.add(document, root)?;
        }
        if let [root] = roots {
            (view.name, view.annotated) = naming(document, root)?;
        }
        Ok(view)
    }

    fn add(&mut self, document: &'a Document, schema: &'a Value) -> Result<()> {
        let layer = document.resolve(schema)?.node;
        if self.layers.iter().any(|known| ptr::eq(*known, layer)) {
            return Ok(());
        }
        self.layers.push(layer);
        for part in array(layer, "allOf") {
            self.add(document, part)?;
        }
        for keyword in ["oneOf", "anyOf"] {
            match array(layer, keyword) {
                [] => {}
                [only] => self.add(document, only)?,
                variants => {
                    self.unions.push(Union { keyword, variants, discriminator: layer.get("discriminator") });
                }
            }
        }
        Ok(())
    }

    /// Returns the identity of this view in its document.
    #[must_use]
    pub fn key(&self) -> Vec<usize> {
        self.layers.iter().map(|layer| ptr::from_ref::<Map<_, _>>(layer).addr()).collect()
    }

    /// Returns all values of a keyword.
    pub fn stated(&self, keyword: &str) -> impl Iterator<Item = &'a Value> {
        self.layers.iter().filter_map(move |layer| layer.get(keyword))
    }

    /// Returns `true` if a flag is set in one of the schemas.
    #[must_use]
    pub fn flag(&self, keyword: &str) -> bool {
        self.stated(keyword).any(|value| value == &Value::Bool(true))
    }

    /// Returns the type. Infers a missing type from other keywords. `None` means any type.
    ///
    /// # Errors
    ///
    /// Returns an error if the type is not a string, as in OpenAPI 3.1.
    pub fn kind(&self) -> Result<Option<&'a str>> {
        if let Some(stated) = self.stated("type").next() {
            let Some(name) = stated.as_str() else { bail!("a type in OpenAPI 3.0 is a string, found {stated}") };
            return Ok(Some(name));
        }
        let of_values: BTreeSet<&str> = self.enumeration().into_iter().flatten().map(kind_of).collect();
        Ok(match of_values.first() {
            Some(kind) => (of_values.len() == 1).then_some(*kind),
            None if self.stated("properties").chain(self.stated("additionalProperties")).next().is_some() => {
                Some("object")
            }
            None if self.stated("items").next().is_some() => Some("array"),
            None => None,
        })
    }

    /// Returns the values of the enum without `null`, which `nullable` covers.
    #[must_use]
    pub fn enumeration(&self) -> Option<Vec<&'a Value>> {
        let mut lists = self.stated("enum").filter_map(Value::as_array);
        let mut values: Vec<&Value> = lists.next()?.iter().filter(|value| !value.is_null()).collect();
        for list in lists {
            values.retain(|value| list.iter().any(|other| canonical(other) == canonical(value)));
        }
        Some(values)
    }

    /// Returns the properties of messages in a direction, by name.
    ///
    /// # Errors
    ///
    /// Returns an error if a property is not a schema.
    pub fn properties(&self, document: &'a Document, direction: Direction) -> Result<BTreeMap<&'a str, Property<'a>>> {
        let mut properties: BTreeMap<&str, Property<'_>> = BTreeMap::new();
        for (name, schema) in self.stated("properties").filter_map(Value::as_object).flatten() {
            let property = properties.entry(name).or_insert(Property { schemas: Vec::new(), required: false });
            property.schemas.push(schema);
        }
        for name in self.stated("required").filter_map(Value::as_array).flatten().filter_map(Value::as_str) {
            properties.entry(name).or_insert(Property { schemas: Vec::new(), required: true }).required = true;
        }
        let one_way = match direction {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
        };
        let mut excluded = Vec::new();
        for (name, property) in &properties {
            if View::new(document, &property.schemas)?.flag(one_way) {
                excluded.push(*name);
            }
        }
        properties.retain(|name, _| !excluded.contains(name));
        Ok(properties)
    }

    /// Returns the additional properties.
    #[must_use]
    pub fn additional(&self) -> Additional<'a> {
        let mut schemas = Vec::new();
        for stated in self.stated("additionalProperties") {
            match stated {
                Value::Bool(false) => return Additional::Forbidden,
                Value::Object(schema) if schema.keys().any(|key| !is_prose(key)) => schemas.push(stated),
                _ => {}
            }
        }
        if schemas.is_empty() { Additional::Allowed } else { Additional::Typed(schemas) }
    }

    /// Returns a short description for a report.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`View::kind`].
    pub fn summary(&self) -> Result<String> {
        Ok(match self.unions.as_slice() {
            [union] => format!("union of {}", union.variants.len()),
            _ => self.kind()?.unwrap_or("any").to_owned(),
        })
    }
}

/// Returns the component that a schema refers to, and whether the schema adds annotations.
fn naming<'a>(document: &'a Document, schema: &'a Value) -> Result<(Option<&'a str>, bool)> {
    let mut schema = schema;
    let mut annotated = false;
    loop {
        let resolved = document.resolve(schema)?;
        if resolved.name.is_some() || schema.get("$ref").is_some() {
            return Ok((resolved.name, annotated));
        }
        // An inline schema that only wraps another schema: `allOf: [other]`, possibly with annotations.
        let mut wrapped = None;
        for (keyword, value) in resolved.node {
            match (keyword.as_str(), value.as_array().map(Vec::as_slice)) {
                ("allOf" | "oneOf" | "anyOf", Some([only])) if wrapped.is_none() => wrapped = Some(only),
                (annotation, _) if ANNOTATIONS.contains(&annotation) => annotated = true,
                (prose, _) if is_prose(prose) => {}
                _ => return Ok((None, false)),
            }
        }
        match wrapped {
            Some(only) => schema = only,
            None => return Ok((None, false)),
        }
    }
}

fn is_prose(keyword: &str) -> bool {
    PROSE.contains(&keyword) || keyword.starts_with("x-")
}

fn array<'a>(layer: &'a Map<String, Value>, keyword: &str) -> &'a [Value] {
    layer.get(keyword).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Formats a value so that equal values have equal strings: sorted keys, `1` instead of `1.0`.
#[must_use]
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
        Value::Array(elements) => format!("[{}]", elements.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Object(members) => {
            let sorted: BTreeMap<&String, String> =
                members.iter().map(|(key, value)| (key, canonical(value))).collect();
            let members: Vec<String> =
                sorted.iter().map(|(key, value)| format!("{}:{value}", Value::from(key.as_str()))).collect();
            format!("{{{}}}", members.join(","))
        }
        other => other.to_string(),
    }
}
