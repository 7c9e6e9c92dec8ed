//! Scripted misbehaviour: what an operation's requests get instead of, or on top of, the normal answer.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::lock::lock;
use crate::routes;

type Patch = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// The faults that are still to come.
///
/// A fault belongs to one operation (named as in the [`Journal`](crate::Journal)) or, with `"*"`, to every request,
/// sockets included. Faults are considered in the order of their registration. One that has a status or cuts the
/// connection is the last that a request meets; the others add up.
///
/// ```
/// # async fn example() -> fishjam_emulator::Result<()> {
/// use std::time::Duration;
///
/// let emulator = fishjam_emulator::Emulator::start().await?;
/// emulator.faults().on("create_room").times(2).status(503).retry_after(Duration::ZERO);
/// emulator.faults().on("get_room").always().patch_json(|room| room["data"]["isNew"] = true.into());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Faults {
    scripts: Arc<Mutex<Vec<Arc<Mutex<Script>>>>>,
}

/// A fault, active from its registration on; each setter changes it at once.
///
/// It hits one request unless [`times`](Fault::times) or [`always`](Fault::always) says otherwise.
#[derive(Clone)]
pub struct Fault {
    script: Arc<Mutex<Script>>,
}

#[derive(Clone)]
struct Script {
    operation: String,
    /// `None` is "always".
    times: Option<u64>,
    skip: u64,
    hits: u64,
    status: Option<u16>,
    body: Option<Bytes>,
    content_type: Option<String>,
    headers: Vec<(String, String)>,
    delay: Duration,
    disconnect: bool,
    after_handling: bool,
    patch: Option<Patch>,
}

impl Faults {
    /// Registers a fault for the requests of an operation, or for all with `"*"`.
    pub fn on(&self, operation: &str) -> Fault {
        let script = Arc::new(Mutex::new(Script {
            operation: routes::operation(operation).to_owned(),
            times: Some(1),
            skip: 0,
            hits: 0,
            status: None,
            body: None,
            content_type: None,
            headers: Vec::new(),
            delay: Duration::ZERO,
            disconnect: false,
            after_handling: false,
            patch: None,
        }));
        lock(&self.scripts).push(Arc::clone(&script));
        Fault { script }
    }

    /// Forgets all faults.
    pub fn clear(&self) {
        lock(&self.scripts).clear();
    }

    /// What the faults do to the request that has just arrived; uses them up.
    pub(crate) fn strike(&self, operation: &str) -> Injection {
        let mut injection = Injection::default();
        for script in lock(&self.scripts).iter() {
            let mut script = lock(script);
            if script.fires(operation) {
                injection.add(&script);
                if injection.status.is_some() || injection.disconnect {
                    break;
                }
            }
        }
        injection
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(lock(&self.scripts).iter().map(|script| Fault { script: Arc::clone(script) })).finish()
    }
}

impl Script {
    fn fires(&mut self, operation: &str) -> bool {
        if (self.operation != "*" && self.operation != operation) || self.times == Some(0) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        self.times = self.times.map(|times| times - 1);
        self.hits += 1;
        true
    }
}

impl Fault {
    fn set(self, change: impl FnOnce(&mut Script)) -> Self {
        change(&mut lock(&self.script));
        self
    }

    /// How many requests it hits. The default is 1.
    pub fn times(self, times: u64) -> Self {
        self.set(|script| script.times = Some(times))
    }

    /// It hits every request until [`Faults::clear`].
    pub fn always(self) -> Self {
        self.set(|script| script.times = None)
    }

    /// It lets this many requests pass first.
    pub fn after(self, requests: u64) -> Self {
        self.set(|script| script.skip = requests)
    }

    /// Answers with this status instead of carrying the operation out.
    ///
    /// The body is an error body of the service unless [`body`](Fault::body) gives another one.
    pub fn status(self, status: u16) -> Self {
        self.set(|script| script.status = Some(status))
    }

    /// Answers with this body. Without [`status`](Fault::status) the operation is carried out and keeps its status.
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        let body = Bytes::from(body.into());
        self.set(|script| script.body = Some(body))
    }

    /// Answers with this `content-type`.
    pub fn content_type(self, content_type: impl Into<String>) -> Self {
        let content_type = content_type.into();
        self.set(|script| script.content_type = Some(content_type))
    }

    /// Adds a header to the answer, in place of one of the same name.
    ///
    /// A name or value that HTTP does not allow is left out.
    pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let header = (name.into(), value.into());
        self.set(|script| script.headers.push(header))
    }

    /// Adds the header `retry-after`, in whole seconds, rounded up.
    pub fn retry_after(self, after: Duration) -> Self {
        let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
        self.header("retry-after", seconds.to_string())
    }

    /// Waits before the operation is carried out, or before it is answered with
    /// [`after_handling`](Fault::after_handling).
    pub fn delay(self, delay: Duration) -> Self {
        self.set(|script| script.delay = delay)
    }

    /// Closes the TCP connection without an answer.
    pub fn disconnect(self) -> Self {
        self.set(|script| script.disconnect = true)
    }

    /// Carries the operation out in any case, and misbehaves only with its answer.
    pub fn after_handling(self) -> Self {
        self.set(|script| script.after_handling = true)
    }

    /// Edits the JSON of the answer before it is sent, to add members or values that no service has sent yet.
    pub fn patch_json(self, patch: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        self.set(|script| script.patch = Some(Arc::new(patch)))
    }

    /// How many requests it has hit so far.
    pub fn hits(&self) -> u64 {
        lock(&self.script).hits
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let script = lock(&self.script);
        f.debug_struct("Fault")
            .field("operation", &script.operation)
            .field("left", &script.times)
            .field("hits", &script.hits)
            .field("status", &script.status)
            .field("disconnect", &script.disconnect)
            .finish_non_exhaustive()
    }
}

/// What the faults do to one request.
#[derive(Default)]
pub(crate) struct Injection {
    status: Option<u16>,
    body: Option<Bytes>,
    content_type: Option<String>,
    headers: Vec<(String, String)>,
    delay: Duration,
    after_handling: bool,
    patches: Vec<Patch>,
    /// The connection is cut instead of an answer.
    pub(crate) disconnect: bool,
}

impl Injection {
    fn add(&mut self, script: &Script) {
        self.status = script.status.or(self.status);
        self.body = script.body.clone().or(self.body.take());
        self.content_type = script.content_type.clone().or(self.content_type.take());
        self.headers.extend(script.headers.iter().cloned());
        self.delay += script.delay;
        self.after_handling |= script.after_handling;
        self.patches.extend(script.patch.clone());
        self.disconnect |= script.disconnect;
    }

    /// Whether the operation is carried out at all.
    pub(crate) fn lets_handle(&self) -> bool {
        self.after_handling || !(self.status.is_some() || self.disconnect)
    }

    pub(crate) fn delay_before(&self) -> Option<Duration> {
        (!self.after_handling && !self.delay.is_zero()).then_some(self.delay)
    }

    pub(crate) fn delay_after(&self) -> Option<Duration> {
        (self.after_handling && !self.delay.is_zero()).then_some(self.delay)
    }

    /// Whether a socket's handshake is answered otherwise.
    pub(crate) fn refuses(&self) -> bool {
        self.status.is_some()
    }

    /// The headers that it adds.
    pub(crate) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// What becomes of the answer; `None` when the operation was not carried out.
    pub(crate) fn answer(&self, normal: Option<Answer>) -> Answer {
        let mut answer = match (self.status, normal) {
            (Some(status), _) => Answer::json(status, &json!({ "errors": "Injected fault" })),
            (None, Some(normal)) => normal,
            (None, None) => Answer::empty(200),
        };
        if let Some(body) = &self.body {
            answer.body = body.clone();
        }
        if !self.patches.is_empty()
            && let Ok(mut value) = serde_json::from_slice::<Value>(&answer.body)
        {
            for patch in &self.patches {
                patch(&mut value);
            }
            answer.body = value.to_string().into();
        }
        if let Some(content_type) = &self.content_type {
            answer.set_header("content-type", content_type);
        }
        for (name, value) in &self.headers {
            answer.set_header(name, value);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_used_up_in_order() {
        let faults = Faults::default();
        let first = faults.on("get_room").times(2).status(503);
        faults.on("*").after(2).status(500);
        let header = faults.on("get_room").always().header("x-a", "1");
        let statuses: Vec<_> = (0..5).map(|_| faults.strike("get_room").status).collect();
        // The first fault hides the second one twice; the second one then skips two.
        assert_eq!(statuses, [Some(503), Some(503), None, None, Some(500)]);
        assert_eq!((first.hits(), header.hits()), (2, 2));
        assert_eq!(faults.strike("create_room").status, None);
        faults.clear();
        assert!(faults.strike("get_room").headers.is_empty());
    }

    #[test]
    fn names_of_the_python_sdk_mean_the_operation() {
        let faults = Faults::default();
        faults.on("create_peer").status(402);
        assert_eq!(faults.strike("add_peer").status, Some(402));
    }

    #[test]
    fn what_becomes_of_the_answer() {
        let normal = || Some(Answer::json(201, &json!({ "data": 1 })));
        let faults = Faults::default();
        faults.on("a").content_type("text/html").body("<p>");
        let injection = faults.strike("a");
        assert!(injection.lets_handle());
        let answer = injection.answer(normal());
        assert_eq!((answer.status, &answer.body[..]), (201, &b"<p>"[..]));
        assert_eq!(answer.headers, [("content-type".to_owned(), "text/html".to_owned())]);

        faults.on("b").patch_json(|value| value["more"] = json!(true));
        assert_eq!(faults.strike("b").answer(normal()).body, r#"{"data":1,"more":true}"#);

        faults.on("c").status(503).after_handling();
        let injection = faults.strike("c");
        assert!(injection.lets_handle());
        assert_eq!(injection.answer(normal()).status, 503);

        faults.on("d").disconnect();
        assert!(!faults.strike("d").lets_handle());

        faults.on("e").retry_after(Duration::from_millis(1200));
        assert_eq!(faults.strike("e").headers, [("retry-after".to_owned(), "2".to_owned())]);
    }
}
