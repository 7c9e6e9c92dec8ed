//! Scripted misbehaviour: what an operation's requests get instead of, or on top of, the normal answer.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::lock::lock;
use crate::routes;

mod delivery;
mod handshake;
mod injection;

pub(crate) use delivery::Delivery;
pub(crate) use handshake::Handshake;
pub(crate) use injection::Injection;

type Patch = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// The faults that are still to come.
///
/// A fault belongs to one operation (named as in the [`Journal`](crate::Journal)) or, with `"*"`, to every request,
/// sockets included. Faults are considered in the order of their registration. One that has a status or leaves the
/// request without an answer is the last that it meets; the others add up.
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
    /// It hits one in this many.
    every: u64,
    passed: u64,
    hits: u64,
    status: Option<u16>,
    body: Option<Bytes>,
    content_type: Option<String>,
    headers: Vec<(String, String)>,
    delay: Duration,
    truncate: Option<usize>,
    delivery: Delivery,
    after_handling: bool,
    patch: Option<Patch>,
    handshake: Handshake,
}

impl Faults {
    /// Registers a fault for the requests of an operation, or for all with `"*"`.
    pub fn on(&self, operation: &str) -> Fault {
        let script = Arc::new(Mutex::new(Script {
            operation: routes::operation(operation).to_owned(),
            times: Some(1),
            skip: 0,
            every: 1,
            passed: 0,
            hits: 0,
            status: None,
            body: None,
            content_type: None,
            headers: Vec::new(),
            delay: Duration::ZERO,
            truncate: None,
            delivery: Delivery::Whole,
            after_handling: false,
            patch: None,
            handshake: Handshake::default(),
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
                if injection.is_final() {
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
        self.passed += 1;
        if !self.passed.is_multiple_of(self.every) {
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

    /// Of the requests that it may hit, it hits only each one whose number this divides: with 20, the 20th, the 40th
    /// and so on. The default is 1.
    pub fn every(self, requests: u64) -> Self {
        self.set(|script| script.every = requests.max(1))
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

    /// Answers with this redirect, 301 or 307 say, to this location.
    pub fn redirect(self, status: u16, location: impl Into<String>) -> Self {
        self.status(status).header("location", location)
    }

    /// Cuts the body to its first bytes; as an HTTP message the answer stays complete.
    pub fn truncate(self, bytes: usize) -> Self {
        self.set(|script| script.truncate = Some(bytes))
    }

    /// Waits before the operation is carried out, or before it is answered with
    /// [`after_handling`](Fault::after_handling).
    pub fn delay(self, delay: Duration) -> Self {
        self.set(|script| script.delay = delay)
    }

    /// Closes the TCP connection without an answer.
    pub fn disconnect(self) -> Self {
        self.deliver(Delivery::Nothing)
    }

    /// Closes the TCP connection after the status and the headers, which announce a body of at least one byte.
    ///
    /// An answer that cannot have a body, one with the status 204 say, arrives whole. This and the other setters that
    /// break up a body have no effect on the successful handshake of a socket.
    pub fn disconnect_after_headers(self) -> Self {
        self.deliver(Delivery::Headers)
    }

    /// Closes the TCP connection after half of the body.
    pub fn disconnect_mid_body(self) -> Self {
        self.deliver(Delivery::HalfBody)
    }

    /// Sends these bytes instead of an HTTP answer, and closes the TCP connection.
    pub fn garbage(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.deliver(Delivery::Garbage(Bytes::from(bytes.into())))
    }

    /// Never answers; the connection stays open until the client closes it or the emulator stops.
    pub fn stall(self) -> Self {
        self.deliver(Delivery::Never)
    }

    /// Sends so many bytes of the body at a time, with this pause after each time.
    pub fn drip(self, bytes: usize, pause: Duration) -> Self {
        self.deliver(Delivery::Drip { bytes: bytes.max(1), pause })
    }

    fn deliver(self, delivery: Delivery) -> Self {
        self.set(|script| script.delivery = delivery)
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
            .field("delivery", &script.delivery)
            .finish_non_exhaustive()
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
    fn one_in_so_many() {
        let faults = Faults::default();
        let fault = faults.on("*").always().after(1).every(3).status(503);
        let hit: Vec<_> = (0..8).filter(|_| faults.strike("get_room").is_final()).collect();
        assert_eq!((hit, fault.hits()), (vec![3, 6], 2));
    }

    #[test]
    fn what_has_no_answer_is_the_last() {
        for (number, set) in [
            Fault::disconnect as fn(Fault) -> Fault,
            Fault::stall,
            |fault| fault.garbage("x"),
            |fault| fault.redirect(307, "http://other/"),
        ]
        .into_iter()
        .enumerate()
        {
            let faults = Faults::default();
            set(faults.on("get_room"));
            let later = faults.on("get_room").header("x-a", "1");
            assert!(!faults.strike("get_room").lets_handle(), "{number}");
            assert_eq!(later.hits(), 0, "{number}");
        }
    }
}
