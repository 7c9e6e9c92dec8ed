//! The effects of faults on one request.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use bytes::Bytes;
use serde_json::json;

use super::{Delivery, Handshake, Patch, script::Script};
use crate::http::response::HttpResponse;

/// The effects of faults on one request.
#[derive(Default)]
pub(crate) struct Injection {
    pub(super) status: Option<u16>,
    body: Option<Bytes>,
    content_type: Option<String>,
    pub(super) headers: Vec<(String, String)>,
    delay: Duration,
    after_handling: bool,
    truncate: Option<usize>,
    patches: Vec<Patch>,
    /// The delivery of the response.
    pub(crate) delivery: Delivery,
    /// The changes to a socket's handshake.
    pub(crate) handshake: Handshake,
}

impl Injection {
    pub(super) fn add(&mut self, script: &Script) {
        self.status = script.status.or(self.status);
        self.body = script.body.clone().or(self.body.take());
        self.content_type = script.content_type.clone().or(self.content_type.take());
        self.headers.extend(script.headers.iter().cloned());
        self.delay += script.delay;
        self.after_handling |= script.after_handling;
        self.patches.extend(script.patch.clone());
        self.truncate = script.truncate.or(self.truncate);
        self.handshake.add(&script.handshake);
        if script.delivery != Delivery::Whole {
            self.delivery = script.delivery.clone();
        }
    }

    /// Returns `true` if later faults cannot add effects.
    pub(super) fn is_final(&self) -> bool {
        self.status.is_some() || !self.delivery.has_response()
    }

    /// Returns `true` if the emulator executes the operation.
    pub(crate) fn allows_handling(&self) -> bool {
        self.after_handling || !self.is_final()
    }

    pub(crate) fn delay_before(&self) -> Option<Duration> {
        (!self.after_handling && !self.delay.is_zero()).then_some(self.delay)
    }

    pub(crate) fn delay_after(&self) -> Option<Duration> {
        (self.after_handling && !self.delay.is_zero()).then_some(self.delay)
    }

    /// Returns `true` if the faults replace the response, also that to the handshake of a socket.
    pub(crate) fn replaces_response(&self) -> bool {
        self.status.is_some()
    }

    /// Returns the added headers.
    pub(crate) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// Returns the changed response. `normal` is `None` if the operation was not executed.
    ///
    /// `error_member` is the member of the API's error bodies that contains the message.
    pub(crate) fn response(&self, normal: Option<HttpResponse>, error_member: &str) -> HttpResponse {
        let mut response = match (self.status, normal) {
            (Some(status), _) => HttpResponse::json(status, &json!({ error_member: "Injected fault" })),
            (None, Some(normal)) => normal,
            (None, None) => HttpResponse::empty(200),
        };
        if let Some(body) = &self.body {
            response.body = body.clone();
        }
        if !self.patches.is_empty()
            && let Some(mut value) = response.value()
        {
            // A panic would only end the connection, and the client would try again: the test could not see it.
            let patched = catch_unwind(AssertUnwindSafe(|| self.patches.iter().for_each(|patch| patch(&mut value))));
            if patched.is_err() {
                return HttpResponse::json(500, &json!({ error_member: "the closure of patch_json panicked" }));
            }
            response.body = value.to_string().into();
        }
        if let Some(bytes) = self.truncate {
            response.body.truncate(bytes);
        }
        if let Some(content_type) = &self.content_type {
            response.set_header("content-type", content_type);
        }
        for (name, value) in &self.headers {
            response.set_header(name, value);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::super::Faults;
    use super::*;

    #[test]
    fn faults_change_the_response() {
        let normal = || Some(HttpResponse::json(201, &json!({ "data": 1 })));
        let faults = Faults::default();
        faults.on("a").content_type("text/html").body("<p>");
        let injection = faults.injection("a");
        assert!(injection.allows_handling());
        let response = injection.response(normal(), "errors");
        assert_eq!((response.status, &response.body[..]), (201, &b"<p>"[..]));
        assert_eq!(response.headers, [("content-type".to_owned(), "text/html".to_owned())]);

        faults.on("b").patch_json(|value| value["more"] = json!(true));
        assert_eq!(faults.injection("b").response(normal(), "errors").body, r#"{"data":1,"more":true}"#);

        faults.on("b").patch_json(|value| value["data"][5]["x"] = json!(true));
        assert_eq!(
            faults.injection("b").response(Some(HttpResponse::json(200, &json!({ "data": [] }))), "errors").status,
            500
        );

        faults.on("c").status(503).after_handling();
        let injection = faults.injection("c");
        assert!(injection.allows_handling());
        assert_eq!(injection.response(normal(), "errors").status, 503);

        faults.on("d").truncate(5).status(503).body("{\"data\":1}");
        assert_eq!(faults.injection("d").response(None, "message").body, r#"{"dat"#);

        faults.on("f").status(503);
        assert_eq!(faults.injection("f").response(None, "message").body, r#"{"message":"Injected fault"}"#);

        faults.on("e").retry_after(Duration::from_millis(1200));
        assert_eq!(faults.injection("e").headers(), [("retry-after".to_owned(), "2".to_owned())]);
    }
}
