//! The values that the server generates: ids and tokens.

/// Returns `true` if a string has the form of a generated value.
pub(crate) fn is_generated(name: &str, text: &str) -> bool {
    if name.starts_with("token") {
        let parts: Vec<_> = text.split('.').collect();
        let is_base64 = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        return matches!(parts[..], ["SFMyNTY", payload, signature]
            if is_base64(payload) && is_base64(signature) && signature.len() == 43);
    }
    let is_uuid = text.len() == 36 && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    is_uuid || (name.starts_with("track") && !text.is_empty())
}
