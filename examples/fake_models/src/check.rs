//! Checks that both protocols share.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Decodes a message into its documented shape. Returns the reason if it has another shape.
pub(crate) fn shape<T: DeserializeOwned>(message: &Value) -> Result<T, String> {
    serde_json::from_value(message.clone()).map_err(|error| error.to_string())
}

/// Decodes audio: valid base64, not empty, whole samples.
pub(crate) fn audio(data: &str) -> Result<Vec<u8>, String> {
    let pcm = bytes(data)?;
    if pcm.len() % 2 == 0 { Ok(pcm) } else { Err(format!("{} bytes of audio end within a sample", pcm.len())) }
}

/// Decodes data: valid base64, not empty.
pub(crate) fn bytes(data: &str) -> Result<Vec<u8>, String> {
    let bytes = BASE64.decode(data).map_err(|error| format!("invalid base64: {error}"))?;
    if bytes.is_empty() { Err("the data is empty".to_owned()) } else { Ok(bytes) }
}

/// Decodes an image, and checks that it has the stated type.
pub(crate) fn image(mime_type: &str, data: &str) -> Result<Vec<u8>, String> {
    let image = bytes(data)?;
    let start: &[u8] = match mime_type {
        "image/jpeg" => &[0xff, 0xd8, 0xff],
        "image/png" => b"\x89PNG",
        other => return Err(format!("unsupported image type {other}")),
    };
    if image.starts_with(start) { Ok(image) } else { Err(format!("the data is not of the type {mime_type}")) }
}

/// Encodes data.
pub(crate) fn base64(data: &[u8]) -> String {
    BASE64.encode(data)
}
