//! Changes to a request that the generated client cannot make.

use std::fmt;

use http::header;
use secrecy::SecretString;

use super::multipart::Form;

/// Changes to the request of a call, and the secrets in its body.
#[derive(Default)]
pub(crate) struct RequestPatch {
    query: Vec<(String, String)>,
    form: Option<Form>,
    secrets: Vec<SecretString>,
}

impl RequestPatch {
    /// Adds these names and values to the query. The patch encodes them.
    pub(crate) fn query(pairs: Vec<(String, String)>) -> Self {
        Self { query: pairs, ..Self::default() }
    }

    /// Replaces the body with this form.
    pub(crate) fn form(form: Form) -> Self {
        Self { form: Some(form), ..Self::default() }
    }

    /// Keeps these secrets of the body out of errors, in case the server repeats one.
    ///
    /// A secret that contains another one must come first.
    pub(crate) fn redacting<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let secrets = secrets.into_iter().filter(|secret| !secret.is_empty()).map(SecretString::from).collect();
        Self { secrets, ..Self::default() }
    }

    /// Also replaces the body with this form.
    #[cfg(feature = "composition")]
    pub(crate) fn with_form(self, form: Form) -> Self {
        Self { form: Some(form), ..self }
    }

    /// Returns the secrets in the body.
    pub(super) fn secrets(&self) -> &[SecretString] {
        &self.secrets
    }

    /// Changes a request that was just built.
    pub(super) fn apply(&self, request: &mut reqwest::Request) {
        if !self.query.is_empty() {
            request.url_mut().query_pairs_mut().extend_pairs(&self.query);
        }
        if let Some(form) = &self.form {
            request.headers_mut().insert(header::CONTENT_TYPE, form.content_type.clone());
            *request.body_mut() = Some(form.body.clone().into());
        }
    }
}

/// Prints neither the query nor the body, because they can hold secrets.
impl fmt::Debug for RequestPatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestPatch").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::multipart::Part, *};
    use crate::{config::Network, endpoint::Endpoint, transport::http::http_client};

    fn request() -> reqwest::Request {
        let http = http_client(&Endpoint::new("http://h").unwrap(), &Network::default(), None).unwrap();
        http.pool.post("http://h/recordings?status=active").json(&serde_json::json!({ "a": 1 })).build().unwrap()
    }

    fn body(request: &reqwest::Request) -> &[u8] {
        request.body().and_then(reqwest::Body::as_bytes).unwrap()
    }

    #[test]
    fn default_patch_changes_nothing() {
        let mut patched = request();
        RequestPatch::default().apply(&mut patched);
        assert_eq!(patched.url().as_str(), "http://h/recordings?status=active");
        assert_eq!(patched.headers(), request().headers());
        assert_eq!(body(&patched), body(&request()));
    }

    #[test]
    fn query_patch_adds_encoded_pairs() {
        let mut patched = request();
        let pairs = [("metadata[ż]", "a b&c"), ("metadata[a][b]", "100%+")];
        RequestPatch::query(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()).apply(&mut patched);
        let query = "status=active&metadata%5B%C5%BC%5D=a+b%26c&metadata%5Ba%5D%5Bb%5D=100%25%2B";
        assert_eq!(patched.url().query(), Some(query));
    }

    #[test]
    fn form_patch_replaces_the_body_of_each_request() {
        let mut patched = request();
        let part = Part { name: "a", file_name: None, content_type: "text/plain", content: b"b" };
        let form = Form::new(&[part]).unwrap();
        let content_type = form.content_type.clone();
        let patch = RequestPatch::form(form);
        patch.apply(&mut patched);
        assert_eq!(patched.headers().get_all(header::CONTENT_TYPE).iter().collect::<Vec<_>>(), [&content_type]);
        let mut again = request();
        patch.apply(&mut again);
        assert_eq!((again.headers(), body(&again)), (patched.headers(), body(&patched)));
        assert!(String::from_utf8_lossy(body(&patched)).contains("name=\"a\""));
    }

    #[test]
    fn debug_prints_no_values() {
        let patch = RequestPatch::query(vec![("sentinel".to_owned(), "sentinel".to_owned())]);
        assert_eq!(format!("{patch:?}"), "RequestPatch { .. }");
    }
}
