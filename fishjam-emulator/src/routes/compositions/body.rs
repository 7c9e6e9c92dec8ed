//! The bodies of requests about compositions.

use serde_json::Value;

use super::CompositionRequest;
use crate::{
    http::multipart::{self, Part},
    refusal::Refusal,
};

/// The size of the largest JSON body and of the largest font in bytes, as in the engine.
pub(super) const LARGEST_BODY: usize = 2 * 1024 * 1024;

/// Returns the JSON body. Checks the content type, then the size, then the syntax. The operation checks the shape.
pub(super) fn json(request: &CompositionRequest) -> Result<Value, Refusal> {
    if !is_json(&request.content_type) {
        return Err(Refusal::no_json_content_type());
    }
    let payload = request.payload.clone()?;
    if payload.len() > LARGEST_BODY {
        return Err(Refusal::too_large());
    }
    parse(&payload)
}

pub(super) fn parse(json: &[u8]) -> Result<Value, Refusal> {
    // The message has only the position, because the body can contain secrets.
    serde_json::from_slice(json).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Refusal::malformed_request(format!("invalid JSON at line {line}, column {column}"))
    })
}

pub(super) fn is_json(content_type: &str) -> bool {
    let media_type = multipart::parameters(content_type).0.to_ascii_lowercase();
    media_type == "application/json" || media_type.starts_with("application/") && media_type.ends_with("+json")
}

/// Returns the parts of a multipart body. A body that is too large gets 400, as in the engine.
pub(super) fn parts(request: &CompositionRequest) -> Result<Vec<Part>, Refusal> {
    let payload = match &request.payload {
        Ok(payload) => payload,
        Err(refusal) if refusal.status == 413 => return Err(Refusal::malformed_request("the body is too large")),
        Err(refusal) => return Err(refusal.clone()),
    };
    multipart::parts(&request.content_type, payload)
        .ok_or_else(|| Refusal::malformed_request("expected a body of type multipart/form-data"))
}

pub(super) fn take(parts: &mut Vec<Part>, name: &str) -> Result<Part, Refusal> {
    match parts.iter().position(|part| part.name == name) {
        Some(position) => Ok(parts.swap_remove(position)),
        None => Err(Refusal::malformed_request(format!("part {name} is missing"))),
    }
}

/// Takes a part that is a file. Returns its name and its content.
pub(super) fn take_file(parts: &mut Vec<Part>, name: &str) -> Result<(String, Vec<u8>), Refusal> {
    let part = take(parts, name)?;
    match part.file_name.filter(|file_name| !file_name.is_empty()) {
        Some(file_name) => Ok((file_name, part.body)),
        None => Err(Refusal::malformed_request(format!("part {name}: expected a file with a name"))),
    }
}
