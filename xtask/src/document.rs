//! An OpenAPI 3.0 document: reading it, its operations and its references.

use std::collections::BTreeSet;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Map, Value};

use crate::source;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// A chain of references longer than this is taken to be a circle.
const MAX_REFERENCES: usize = 32;

/// A parsed OpenAPI 3.0 document all of whose references lead somewhere.
#[derive(Debug)]
pub struct Document {
    root: Value,
}

/// An object of the document, after following its references.
#[derive(Debug, Clone, Copy)]
pub struct Resolved<'a> {
    /// The object itself.
    pub node: &'a Map<String, Value>,
    /// Its name, when it was reached through a reference to a component.
    pub name: Option<&'a str>,
}

/// One operation of the document.
#[derive(Debug, Clone)]
pub struct Operation<'a> {
    /// The `operationId`, or method and path where there is none.
    pub id: String,
    /// In capitals.
    pub method: String,
    /// The path template.
    pub path: &'a str,
    /// The path item that the operation is part of.
    pub item: &'a Map<String, Value>,
    /// The operation itself.
    pub node: &'a Map<String, Value>,
}

impl Document {
    /// Reads a document from a file or an http(s) URL, as JSON or YAML.
    ///
    /// # Errors
    ///
    /// When it cannot be read, is neither JSON nor YAML, or is not a sound OpenAPI 3.0 document.
    pub fn read(source: &str) -> Result<Self> {
        let text = source::read(source)?;
        Self::parse(&text).with_context(|| format!("{source} is not usable"))
    }

    /// Parses a document from JSON or YAML.
    ///
    /// # Errors
    ///
    /// When it is neither, is not OpenAPI 3.0, or a reference leads nowhere or in a circle.
    pub fn parse(text: &str) -> Result<Self> {
        let root: Value = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).context("not JSON")?
        } else {
            // The first reading refuses a key that is there twice, which the second would silently drop.
            serde_norway::from_str::<serde_norway::Value>(text).context("not YAML")?;
            serde_norway::from_str(text).context("not YAML")?
        };
        check_version(&root)?;
        if !root.get("paths").is_some_and(Value::is_object) {
            bail!("there is no object `paths`");
        }
        let document = Self { root };
        document.check_references(&document.root, false)?;
        document.operations()?;
        Ok(document)
    }

    /// The document's own object.
    #[must_use]
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// All operations, in the order of their paths.
    ///
    /// # Errors
    ///
    /// When a path item or operation is not an object, or an `operationId` occurs twice.
    pub fn operations(&self) -> Result<Vec<Operation<'_>>> {
        let mut operations = Vec::new();
        let mut ids = BTreeSet::new();
        let paths = self.root.get("paths").and_then(Value::as_object).into_iter().flatten();
        for (path, item) in paths.filter(|(path, _)| !path.starts_with("x-")) {
            let item = self.resolve(item).with_context(|| format!("path {path}"))?.node;
            for method in METHODS {
                let Some(node) = item.get(method) else { continue };
                let node = node.as_object().ok_or_else(|| anyhow!("{method} {path} is not an object"))?;
                let method = method.to_uppercase();
                let id = match node.get("operationId").and_then(Value::as_str) {
                    Some(id) => id.to_owned(),
                    None => format!("{method} {path}"),
                };
                if !ids.insert(id.clone()) {
                    bail!("two operations have the id {id}");
                }
                operations.push(Operation { id, method, path, item, node });
            }
        }
        Ok(operations)
    }

    /// Follows references until an object that is none.
    ///
    /// # Errors
    ///
    /// When a reference leads nowhere, out of the document or in a circle, or what is found is not an object.
    pub fn resolve<'a>(&'a self, node: &'a Value) -> Result<Resolved<'a>> {
        let mut node = node;
        let mut name = None;
        for _ in 0..MAX_REFERENCES {
            let object = node.as_object().ok_or_else(|| anyhow!("expected an object, found {node}"))?;
            let Some(reference) = object.get("$ref").and_then(Value::as_str) else {
                return Ok(Resolved { node: object, name });
            };
            let pointer = reference
                .strip_prefix('#')
                .ok_or_else(|| anyhow!("{reference} leads out of the document, which is not supported"))?;
            node = self.root.pointer(pointer).ok_or_else(|| anyhow!("{reference} leads nowhere"))?;
            name = name.or_else(|| component_name(pointer));
        }
        bail!("a reference leads in a circle")
    }

    /// Resolves every reference once, so that a dangling one is found even where nothing looks.
    fn check_references(&self, node: &Value, keys_are_names: bool) -> Result<()> {
        match node {
            Value::Array(elements) => elements.iter().try_for_each(|element| self.check_references(element, false)),
            Value::Object(members) => {
                if !keys_are_names && members.get("$ref").is_some_and(Value::is_string) {
                    self.resolve(node)?;
                    return Ok(());
                }
                for (key, member) in members {
                    let is_data = matches!(key.as_str(), "example" | "examples" | "default" | "enum" | "mapping")
                        || key.starts_with("x-");
                    if keys_are_names || !is_data {
                        self.check_references(
                            member,
                            !keys_are_names && matches!(key.as_str(), "properties" | "responses" | "schemas"),
                        )?;
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// The last part of a pointer to `/components/<kind>/<name>`.
fn component_name(pointer: &str) -> Option<&str> {
    let (_kind, name) = pointer.strip_prefix("/components/")?.split_once('/')?;
    (!name.contains('/')).then_some(name)
}

fn check_version(root: &Value) -> Result<()> {
    match root.get("openapi").and_then(Value::as_str) {
        Some(version) if version == "3.0" || version.starts_with("3.0.") => Ok(()),
        Some(version) if version.starts_with("3.1") => bail!(
            "it is OpenAPI {version}; only 3.0 is compared (3.1 states nullability and exclusive bounds differently): \
             convert it first"
        ),
        Some(version) => bail!("it is OpenAPI {version}; only 3.0 is supported"),
        None => bail!("it has no string `openapi`, so it is not an OpenAPI 3 document"),
    }
}
