//! Reads OpenAPI 3.0 documents, their operations and their references.

use std::collections::BTreeSet;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Map, Value};

use crate::source;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Longest chain of references. A longer chain counts as a cycle.
const MAX_REFERENCES: usize = 32;

/// A parsed OpenAPI 3.0 document without dangling references.
#[derive(Debug)]
pub struct Document {
    root: Value,
}

/// An object of the document, with resolved references.
#[derive(Debug, Clone, Copy)]
pub struct Resolved<'a> {
    /// The object itself.
    pub node: &'a Map<String, Value>,
    /// Name of the component, if a reference led to the object.
    pub name: Option<&'a str>,
}

/// One operation of the document.
#[derive(Debug, Clone)]
pub struct Operation<'a> {
    /// The `operationId`. An operation without one has its method and path instead.
    pub id: String,
    /// The method, in upper case.
    pub method: String,
    /// The path template.
    pub path: &'a str,
    /// The path item of the operation.
    pub item: &'a Map<String, Value>,
    /// The operation itself.
    pub node: &'a Map<String, Value>,
}

impl Document {
    /// Reads a JSON or YAML document from a file or an http(s) URL.
    ///
    /// # Errors
    ///
    /// Returns an error if the source cannot be read, or for the reasons of [`parse`](Self::parse).
    pub fn read(source: &str) -> Result<Self> {
        let text = source::read(source)?;
        Self::parse(&text).with_context(|| format!("invalid document {source}"))
    }

    /// Parses a document from JSON or YAML.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the text is neither JSON nor YAML
    /// - the document is not OpenAPI 3.0
    /// - a reference is dangling, external or part of a cycle
    pub fn parse(text: &str) -> Result<Self> {
        let root: Value = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).context("not JSON")?
        } else {
            // The first parser rejects duplicate keys. The second parser would silently drop one of them.
            serde_norway::from_str::<serde_norway::Value>(text).context("not YAML")?;
            serde_norway::from_str(text).context("not YAML")?
        };
        check_version(&root)?;
        if !root.get("paths").is_some_and(Value::is_object) {
            bail!("missing object `paths`");
        }
        let document = Self { root };
        document.check_references(&document.root, false)?;
        document.operations()?;
        Ok(document)
    }

    /// Returns the root object of the document.
    #[must_use]
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// Returns all operations, in the order of their paths.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - a path item or an operation is not an object
    /// - an `operationId` occurs twice
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

    /// Follows references to an object.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - a reference is dangling, external or part of a cycle
    /// - the target is not an object
    pub fn resolve<'a>(&'a self, node: &'a Value) -> Result<Resolved<'a>> {
        let mut node = node;
        let mut name = None;
        for _ in 0..MAX_REFERENCES {
            let object = node.as_object().ok_or_else(|| anyhow!("expected an object, found {node}"))?;
            let Some(reference) = object.get("$ref").and_then(Value::as_str) else {
                return Ok(Resolved { node: object, name });
            };
            let pointer = reference.strip_prefix('#').ok_or_else(|| {
                anyhow!("external reference {reference}; only references into the document are supported")
            })?;
            node = self.root.pointer(pointer).ok_or_else(|| anyhow!("dangling reference {reference}"))?;
            name = name.or_else(|| component_name(pointer));
        }
        bail!("cycle of references")
    }

    /// Resolves each reference once, so that no dangling reference stays undetected.
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

/// Returns the name in a pointer to `/components/<kind>/<name>`.
fn component_name(pointer: &str) -> Option<&str> {
    let (_kind, name) = pointer.strip_prefix("/components/")?.split_once('/')?;
    (!name.contains('/')).then_some(name)
}

fn check_version(root: &Value) -> Result<()> {
    match root.get("openapi").and_then(Value::as_str) {
        Some(version) if version == "3.0" || version.starts_with("3.0.") => Ok(()),
        Some(version) if version.starts_with("3.1") => {
            bail!("OpenAPI {version}: only 3.0 is supported; convert the document (3.1 has other keywords)")
        }
        Some(version) => bail!("OpenAPI {version}: only 3.0 is supported"),
        None => bail!("missing string `openapi`: not an OpenAPI 3 document"),
    }
}
