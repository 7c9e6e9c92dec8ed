//! Scripted faults: they replace or change the normal response to a request.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use serde_json::Value;

use crate::{lock::lock, operation};

mod delivery;
mod handshake;
mod injection;
mod script;

pub(crate) use delivery::Delivery;
pub(crate) use handshake::Handshake;
pub(crate) use injection::Injection;
use script::{Script, Scripts};

type Patch = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// The faults of future requests.
///
/// A fault belongs to one operation (named as in the [`Journal`](crate::Journal)) or, with `"*"`, to every request,
/// sockets included. The emulator checks faults in the order of their [`on`](Faults::on). The
/// effects of several faults on a request add up. After a fault with a status or without a response, the emulator checks
/// no other faults.
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
    scripts: Arc<Mutex<Scripts>>,
}

/// A fault: the requests that it hits, and its effect on them.
///
/// A fault acts as soon as its description is complete. The first method that changes a response completes it:
/// [`status`](Fault::status), [`delay`](Fault::delay) or [`disconnect`](Fault::disconnect), for example. The
/// fault ignores earlier requests.
///
/// A request that arrives between two setters gets only the effects that are already set. If requests arrive while you
/// describe a fault, call [`times`](Fault::times), [`after`](Fault::after) and [`every`](Fault::every) first, and then
/// set a single effect.
///
/// By default, a fault hits one request: see [`times`](Fault::times) and [`always`](Fault::always). The emulator drops a
/// fault after its last request. If you then change the fault, it acts again like a new one.
///
/// For an example, see [`Faults`].
#[derive(Clone)]
pub struct Fault {
    number: u64,
    script: Arc<Mutex<Script>>,
    scripts: Arc<Mutex<Scripts>>,
}

impl Faults {
    /// Starts the description of a fault for an operation, or for `"*"`, all operations.
    ///
    /// The fault acts once the description is complete; see [`Fault`]. A fault for an unknown name never acts; check
    /// [`Fault::hits`].
    ///
    /// # Names of operations
    ///
    /// - The operation ids of the three APIs, such as `create_room`, `add_peer` and `register_input`. The method names of
    ///   the Python SDK mean the same: `create_peer` and `create_agent` are both `add_peer`.
    /// - Sockets: `server_socket`, `peer_socket`, `agent_socket` and `composition_socket`.
    /// - Livestreams: `whip`, `whep`, `whep_public`, `whip_end` and `whep_end`.
    /// - WHIP inputs of compositions: `composition_whip` and `composition_whip_end`.
    /// - The download of a recording's file: `recording_file`.
    ///
    /// The [`Journal`](crate::Journal) has the same names.
    #[must_use = "a fault without an effect never acts"]
    pub fn on(&self, operation: &str) -> Fault {
        Fault {
            number: lock(&self.scripts).start(),
            script: Arc::new(Mutex::new(Script::new(operation::canonical(operation)))),
            scripts: Arc::clone(&self.scripts),
        }
    }

    /// Adds a complete fault, so that no request meets an incomplete one.
    pub(crate) fn add(&self, described: Fault) -> Fault {
        let number = lock(&self.scripts).start();
        let fault = Fault { number, script: described.script, scripts: Arc::clone(&self.scripts) };
        fault.set(|_| {})
    }

    /// Drops all active faults.
    pub fn clear(&self) {
        lock(&self.scripts).clear();
    }

    /// Returns the effects of the faults on a new request, and uses the faults up.
    pub(crate) fn injection(&self, operation: &str) -> Injection {
        let mut injection = Injection::default();
        lock(&self.scripts).apply(operation, |script| {
            injection.add(script);
            injection.is_final()
        });
        injection
    }
}

/// Lists the active faults.
impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(lock(&self.scripts).iter().map(|script| Described(script))).finish()
    }
}

impl Fault {
    /// Changes the description.
    fn set(self, change: impl FnOnce(&mut Script)) -> Self {
        lock(&self.scripts).change(self.number, &self.script, change);
        self
    }

    /// Changes the effect on a request, which completes the description.
    fn effect(self, change: impl FnOnce(&mut Script)) -> Self {
        self.set(|script| {
            change(script);
            script.is_complete = true;
        })
    }

    /// Sets the number of requests that the fault hits. Defaults to 1.
    pub fn times(self, times: u64) -> Self {
        self.set(|script| script.times = Some(times))
    }

    /// Makes the fault hit every request until [`Faults::clear`].
    pub fn always(self) -> Self {
        self.set(|script| script.times = None)
    }

    /// Sets the number of requests that pass before the fault hits. Defaults to 0.
    pub fn after(self, requests: u64) -> Self {
        self.set(|script| script.skip = requests)
    }

    /// Makes the fault hit every n-th request. Defaults to 1.
    ///
    /// With 20, it hits the 20th request, the 40th and so on.
    pub fn every(self, requests: u64) -> Self {
        self.set(|script| script.every = requests.max(1))
    }

    /// Responds with this status. The emulator does not execute the operation.
    ///
    /// The response has an error body of the service unless you set a [`body`](Fault::body).
    pub fn status(self, status: u16) -> Self {
        self.effect(|script| script.status = Some(status))
    }

    /// Responds with this body.
    ///
    /// Without a [`status`](Fault::status), the emulator executes the operation and sends its status.
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        let body = Bytes::from(body.into());
        self.effect(|script| script.body = Some(body))
    }

    /// Responds with this `content-type`.
    pub fn content_type(self, content_type: impl Into<String>) -> Self {
        let content_type = content_type.into();
        self.effect(|script| script.content_type = Some(content_type))
    }

    /// Sets a header of the response, and replaces earlier values.
    ///
    /// The emulator ignores a name or value that HTTP does not allow.
    pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let header = (name.into(), value.into());
        self.effect(|script| script.headers.push(header))
    }

    /// Adds the header `retry-after`, in whole seconds, rounded up.
    pub fn retry_after(self, after: Duration) -> Self {
        let seconds = after.as_secs().saturating_add(u64::from(after.subsec_nanos() > 0));
        self.header("retry-after", seconds.to_string())
    }

    /// Responds with a redirect, such as 301 or 307, to this location.
    pub fn redirect(self, status: u16, location: impl Into<String>) -> Self {
        let header = ("location".to_owned(), location.into());
        self.effect(|script| {
            script.status = Some(status);
            script.headers.push(header);
        })
    }

    /// Truncates the body to its first bytes. The HTTP message stays complete.
    pub fn truncate(self, bytes: usize) -> Self {
        self.effect(|script| script.truncate = Some(bytes))
    }

    /// Waits before the emulator executes the operation.
    ///
    /// With [`after_handling`](Fault::after_handling), the emulator waits before the response.
    pub fn delay(self, delay: Duration) -> Self {
        self.effect(|script| script.delay = delay)
    }

    /// Closes the TCP connection without a response.
    pub fn disconnect(self) -> Self {
        self.deliver(Delivery::Nothing)
    }

    /// Closes the TCP connection after the status and the headers.
    ///
    /// The headers announce a body of at least one byte.
    ///
    /// A response that cannot have a body, such as one with status 204, arrives completely. This and the other setters
    /// for bodies have no effect on the successful handshake of a socket.
    pub fn disconnect_after_headers(self) -> Self {
        self.deliver(Delivery::Headers)
    }

    /// Closes the TCP connection after half of the body.
    pub fn disconnect_mid_body(self) -> Self {
        self.deliver(Delivery::HalfBody)
    }

    /// Sends these bytes instead of an HTTP response, and closes the TCP connection.
    pub fn garbage(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.deliver(Delivery::Garbage(Bytes::from(bytes.into())))
    }

    /// Never responds. The connection stays open until the client closes it or the emulator stops.
    pub fn stall(self) -> Self {
        self.deliver(Delivery::Never)
    }

    /// Sends this number of bytes of the body at a time, with pauses.
    pub fn drip(self, bytes: usize, pause: Duration) -> Self {
        self.deliver(Delivery::Drip { bytes: bytes.max(1), pause })
    }

    fn deliver(self, delivery: Delivery) -> Self {
        self.effect(|script| script.delivery = delivery)
    }

    /// Executes the operation in any case, and changes only its response.
    ///
    /// This alone does not complete a description.
    pub fn after_handling(self) -> Self {
        self.set(|script| script.after_handling = true)
    }

    /// Edits the JSON of the response, for example to add unknown members or values.
    ///
    /// The closure receives the whole body, such as `{"data": [...]}` for `get_all_rooms`. If it panics, the emulator
    /// responds with 500.
    pub fn patch_json(self, patch: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        self.effect(|script| script.patch = Some(Arc::new(patch)))
    }

    /// Returns the name of the operation.
    pub(crate) fn operation(&self) -> String {
        lock(&self.script).operation.clone()
    }

    /// Returns the number of requests that the fault will still hit, or `None` for all requests.
    pub(crate) fn left(&self) -> Option<u64> {
        lock(&self.script).left()
    }

    /// Returns the number of requests that the fault has hit.
    pub fn hits(&self) -> u64 {
        lock(&self.script).hits
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Described(&self.script).fmt(f)
    }
}

struct Described<'a>(&'a Mutex<Script>);

impl fmt::Debug for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let script = lock(self.0);
        f.debug_struct("Fault")
            .field("operation", &script.operation)
            .field("left", &script.left())
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
    fn faults_are_used_up_in_order() {
        let faults = Faults::default();
        let first = faults.on("get_room").times(2).status(503);
        faults.on("*").after(2).status(500);
        let header = faults.on("get_room").always().header("x-a", "1");
        let statuses: Vec<_> = (0..5).map(|_| faults.injection("get_room").status).collect();
        // Two requests get the first fault. The second fault then skips two requests.
        assert_eq!(statuses, [Some(503), Some(503), None, None, Some(500)]);
        assert_eq!((first.hits(), header.hits()), (2, 2));
        assert_eq!(faults.injection("create_room").status, None);
        faults.clear();
        assert!(faults.injection("get_room").headers.is_empty());
    }

    #[test]
    fn fault_without_an_effect_never_acts() {
        let faults = Faults::default();
        let fault = faults.on("get_room");
        assert!(!faults.injection("get_room").is_final());
        let fault = fault.after(1).times(2).after_handling();
        assert!(!faults.injection("get_room").is_final());
        assert_eq!(fault.hits(), 0);
        let fault = fault.status(503);
        let statuses: Vec<_> = (0..4).map(|_| faults.injection("get_room").status).collect();
        assert_eq!((statuses, fault.hits()), (vec![None, Some(503), Some(503), None], 2));
    }

    #[test]
    fn fault_acts_after_any_order_of_setters() {
        type Setter = fn(Fault) -> Fault;
        let setters: [Setter; 4] = [
            |fault| fault.status(503),
            |fault| fault.times(2),
            |fault| fault.retry_after(Duration::ZERO),
            |fault| fault.after(1),
        ];
        for order in 0..24_usize {
            let mut left = setters.to_vec();
            let faults = Faults::default();
            let mut fault = faults.on("get_room");
            let mut rest = order;
            while !left.is_empty() {
                let setter = left.remove(rest % left.len());
                rest /= left.len() + 1;
                faults.injection("get_room");
                faults.injection("get_room");
                fault = setter(fault);
            }
            let before = fault.hits();
            let hit = (0..4).map(|_| faults.injection("get_room"));
            let hit: Vec<_> = hit.map(|injection| (injection.status, injection.headers().len())).collect();
            let whole = (Some(503), 1);
            assert_eq!(hit, [(None, 0), whole, whole, (None, 0)], "{order}");
            assert_eq!(fault.hits() - before, 2, "{order}");
        }
    }

    #[test]
    fn used_up_faults_are_dropped() {
        let faults = Faults::default();
        for _ in 0..1000 {
            faults.on("get_room").status(503);
            faults.injection("get_room");
        }
        faults.on("get_room").times(0).status(503);
        drop(faults.on("get_room"));
        assert_eq!(lock(&faults.scripts).iter().count(), 0);
        assert_eq!(format!("{faults:?}"), "[]");
        let fault = faults.on("get_room").always().status(503);
        faults.injection("get_room");
        drop(fault.times(0));
        assert_eq!(lock(&faults.scripts).iter().count(), 0);
    }

    #[test]
    fn faults_keep_the_order_of_their_creation() {
        let faults = Faults::default();
        let first = faults.on("get_room");
        let second = faults.on("get_room").status(500);
        let first = first.status(503);
        let statuses: Vec<_> = (0..3).map(|_| faults.injection("get_room").status).collect();
        assert_eq!(statuses, [Some(503), Some(500), None]);
        drop(second.times(1));
        drop(first.times(1));
        assert_eq!(faults.injection("get_room").status, Some(503));
    }

    #[test]
    fn added_fault_acts_as_a_whole() {
        let faults = Faults::default();
        let earlier = faults.on("get_room").header("x-a", "1").times(2);
        let described = Faults::default().on("get_room").times(1).status(503).header("x-b", "2");
        assert_eq!(faults.injection("get_room").status, None);
        let added = faults.add(described);
        let injection = faults.injection("get_room");
        assert_eq!((injection.status, injection.headers().len()), (Some(503), 2));
        assert_eq!((earlier.hits(), added.hits(), added.left()), (2, 1, Some(0)));
        assert_eq!(lock(&faults.scripts).iter().count(), 0);
    }

    #[test]
    fn python_method_names_mean_the_operation() {
        let faults = Faults::default();
        faults.on("create_peer").status(402);
        assert_eq!(faults.injection("add_peer").status, Some(402));
    }

    #[test]
    fn fault_hits_every_nth_request() {
        let faults = Faults::default();
        let fault = faults.on("*").always().after(1).every(3).status(503);
        let hit: Vec<_> = (0..8).filter(|_| faults.injection("get_room").is_final()).collect();
        assert_eq!((hit, fault.hits()), (vec![3, 6], 2));
    }

    #[test]
    fn fault_without_a_response_is_the_last() {
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
            assert!(!faults.injection("get_room").allows_handling(), "{number}");
            assert_eq!(later.hits(), 0, "{number}");
        }
    }
}
