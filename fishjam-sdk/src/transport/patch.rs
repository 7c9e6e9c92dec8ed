//! What a call changes in the request that the generated client built, where its generator stops.

use std::fmt;

use http::header;
use secrecy::SecretString;

use super::multipart::Form;

/// The changes to one call's request, made each time that it is built, and what the server is not quoted on.
#[derive(Default)]
pub(crate) struct RequestPatch {
    query: Vec<(String, String)>,
    form: Option<Form>,
    hidden: Vec<SecretString>,
}

impl RequestPatch {
    /// Adds these names and values, not encoded yet, to the query.
    pub(crate) fn query(pairs: Vec<(String, String)>) -> Self {
        Self { query: pairs, ..Self::default() }
    }

    /// Sends this form in place of the body.
    pub(crate) fn form(form: Form) -> Self {
        Self { form: Some(form), ..Self::default() }
    }

    /// Changes nothing, and keeps these secrets of the body out of errors, should the server repeat one. What contains
    /// another stands before it.
    pub(crate) fn hiding<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let hidden = secrets.into_iter().filter(|secret| !secret.is_empty()).map(SecretString::from).collect();
        Self { hidden, ..Self::default() }
    }

    /// The secrets that the body holds.
    pub(super) fn hidden(&self) -> &[SecretString] {
        &self.hidden
    }

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

/// Queries and bodies are nobody's to print.
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
    fn nothing_is_changed_by_default() {
        let mut amended = request();
        RequestPatch::default().apply(&mut amended);
        assert_eq!(amended.url().as_str(), "http://h/recordings?status=active");
        assert_eq!(amended.headers(), request().headers());
        assert_eq!(body(&amended), body(&request()));
    }

    #[test]
    fn the_query_grows_and_is_encoded() {
        let mut amended = request();
        let pairs = [("metadata[ż]", "a b&c"), ("metadata[a][b]", "100%+")];
        RequestPatch::query(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()).apply(&mut amended);
        let query = "status=active&metadata%5B%C5%BC%5D=a+b%26c&metadata%5Ba%5D%5Bb%5D=100%25%2B";
        assert_eq!(amended.url().query(), Some(query));
    }

    #[test]
    fn a_form_takes_the_bodys_place_as_often_as_it_is_applied() {
        let mut amended = request();
        let part = Part { name: "a", file_name: None, content_type: "text/plain", content: b"b" };
        let form = Form::new(&[part]).unwrap();
        let content_type = form.content_type.clone();
        let amendment = RequestPatch::form(form);
        amendment.apply(&mut amended);
        assert_eq!(amended.headers().get_all(header::CONTENT_TYPE).iter().collect::<Vec<_>>(), [&content_type]);
        let mut again = request();
        amendment.apply(&mut again);
        assert_eq!((again.headers(), body(&again)), (amended.headers(), body(&amended)));
        assert!(String::from_utf8_lossy(body(&amended)).contains("name=\"a\""));
    }

    #[test]
    fn nothing_of_it_is_printed() {
        let amendment = RequestPatch::query(vec![("sentinel".to_owned(), "sentinel".to_owned())]);
        assert_eq!(format!("{amendment:?}"), "RequestPatch { .. }");
    }
}
