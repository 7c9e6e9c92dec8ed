//! Valid and invalid documents.

use serde_json::json;
use xtask::{document::Document, drift::operation::compare};

use crate::fixture::operation;

#[test]
fn documents_that_cannot_be_compared_are_rejected() {
    let refused = |text: &str| format!("{:#}", Document::parse(text).unwrap_err());
    assert!(refused("openapi: 3.1.0\npaths: {}").contains("only 3.0"));
    assert!(refused("swagger: '2.0'\npaths: {}").contains("not an OpenAPI 3 document"));
    assert!(refused("openapi: 3.0.3").contains("`paths`"));
    assert!(refused("a: [").contains("not YAML"));
    assert!(refused("{").contains("not JSON"));
    assert!(refused("openapi: 3.0.3\npaths: {}\npaths: {}").contains("duplicate"));
    let with = |schema: &str| format!("openapi: 3.0.3\npaths: {{}}\ncomponents: {{schemas: {{A: {schema}}}}}");
    assert!(refused(&with("{$ref: '#/components/schemas/B'}")).contains("dangling reference"));
    assert!(refused(&with("{$ref: '#/components/schemas/A'}")).contains("cycle of references"));
    assert!(refused(&with("{$ref: 'other.yaml#/A'}")).contains("external reference"));
    let twice = "openapi: 3.0.3\npaths: {/a: {get: {operationId: x}, put: {operationId: x}}}";
    assert!(refused(twice).contains("two operations"));
}

#[test]
fn yaml_and_json_give_equal_documents() {
    let json = operation(json!({}));
    let yaml = Document::parse(&serde_norway::to_string(&json).unwrap()).unwrap();
    assert!(compare(&Document::parse(&json.to_string()).unwrap(), &yaml).unwrap().is_empty());
    // A status is a number to YAML.
    let unquoted = "openapi: 3.0.3\npaths:\n  /a:\n    get:\n      operationId: a\n      responses:\n        200: {description: x}\n";
    let quoted = unquoted.replace("200:", "'200':");
    assert!(compare(&Document::parse(unquoted).unwrap(), &Document::parse(&quoted).unwrap()).unwrap().is_empty());
}
