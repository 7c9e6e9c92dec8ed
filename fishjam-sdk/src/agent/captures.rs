//! Requests for images of tracks, and the callers that wait for them. There is no socket and no clock here.
//!
//! The server accepts one request per second and track. Its responses name only the track, and it ignores requests that
//! it rejects. So the session counts its requests: it assigns each image to the oldest request without a response. If
//! no caller waits for that request any more, the image goes to no caller.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use tokio::time::Instant;

use crate::id::TrackId;

/// The interval between requests for images of one track. The server accepts one per second, measured at their arrival,
/// so this interval is a little longer.
const REQUEST_INTERVAL: Duration = Duration::from_millis(1050);
/// After this time, a request without a response counts as rejected.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);

/// A caller that waits for an image.
pub(super) trait ImageWaiter {
    /// Returns `true` if the caller no longer waits.
    fn is_gone(&self) -> bool;
}

/// All requests for images of a session.
#[derive(Debug)]
pub(super) struct Captures<W> {
    tracks: HashMap<TrackId, TrackCaptures<W>>,
}

/// The requests for images of one track.
#[derive(Debug)]
struct TrackCaptures<W> {
    /// The requests without a response, in the order of sending.
    pending: VecDeque<SentRequest>,
    /// The number of requests that were sent, which is the number of the next request.
    sent: u64,
    waiters: Vec<PendingWaiter<W>>,
    /// Whether the session's stream receives the image of the next request.
    for_stream: bool,
    /// The time of the last request.
    last: Option<Instant>,
}

/// A waiter, and the requests that can respond to it.
#[derive(Debug)]
struct PendingWaiter<W> {
    waiter: W,
    /// The number of the oldest request whose image the waiter accepts.
    from: u64,
}

/// A request that was sent.
#[derive(Debug)]
struct SentRequest {
    number: u64,
    /// The earliest sending time of the requests to which the next image can respond.
    since: Instant,
    /// Whether the session's stream receives the image.
    for_stream: bool,
}

/// The recipients of an image.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Delivery<W> {
    pub(super) waiters: Vec<W>,
    /// Whether the session's stream receives the image.
    pub(super) stream: bool,
}

impl<W: ImageWaiter> Captures<W> {
    pub(super) fn new() -> Self {
        Self { tracks: HashMap::new() }
    }

    /// Requests an image of this track for the session's stream.
    pub(super) fn request_for_stream(&mut self, track_id: TrackId, now: Instant) {
        self.track(track_id, now).for_stream = true;
    }

    /// Requests an image of this track for a waiter.
    ///
    /// The waiter shares a recent request if its other recipients still wait. Otherwise, it receives the image of the
    /// next request.
    pub(super) fn add_waiter(&mut self, track_id: TrackId, waiter: W, now: Instant) {
        let track = self.track(track_id, now);
        track.has_waiters();
        // The image of an older request would show the track before this call.
        let shared = track.pending.iter().find(|request| {
            let awaited = request.for_stream || track.waiters.iter().any(|other| other.from <= request.number);
            awaited && now < request.since + REQUEST_INTERVAL
        });
        let from = shared.map_or(track.sent, |request| request.number);
        track.waiters.push(PendingWaiter { waiter, from });
    }

    /// Records an image of this track. Returns its recipients.
    pub(super) fn image(&mut self, track_id: &TrackId, now: Instant) -> Delivery<W> {
        let unrequested = Delivery { waiters: Vec::new(), stream: true };
        let Some(track) = self.tracks.get_mut(track_id) else { return unrequested };
        track.expire(now);
        let Some(request) = track.pending.pop_front() else { return unrequested };
        if let Some(next) = track.pending.front_mut() {
            // The server can have rejected `request`. Then this image belongs to `next`, and each later image is
            // assigned to the previous request.
            next.since = next.since.min(request.since);
        }
        track.has_waiters();
        let (served, waiters): (Vec<_>, _) =
            std::mem::take(&mut track.waiters).into_iter().partition(|waiter| waiter.from <= request.number);
        track.waiters = waiters;
        if served.is_empty() {
            return unrequested;
        }
        Delivery { waiters: served.into_iter().map(|served| served.waiter).collect(), stream: request.for_stream }
    }

    /// Returns the tracks of which the session must request an image now, and counts these requests as sent.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<TrackId> {
        let mut due = Vec::new();
        for (track_id, track) in &mut self.tracks {
            if (track.has_waiters() || track.for_stream) && track.next().is_none_or(|next| next <= now) {
                let for_stream = std::mem::take(&mut track.for_stream);
                track.pending.push_back(SentRequest { number: track.sent, since: now, for_stream });
                track.sent += 1;
                track.last = Some(now);
                due.push(track_id.clone());
            }
        }
        due
    }

    /// Returns the time of the next [due](Self::take_due) request, or `None` if no request waits.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        let waiting = self.tracks.values().filter(|track| track.for_stream || !track.waiters.is_empty());
        waiting.map(|track| track.next().unwrap_or(now)).min()
    }

    /// Forgets the requests on the previous connection. The server does not send their images any more.
    pub(super) fn reconnected(&mut self) {
        for track in self.tracks.values_mut() {
            let for_stream = track.pending.iter().any(|request| request.for_stream);
            track.pending.clear();
            track.for_stream |= for_stream;
        }
    }

    fn track(&mut self, track_id: TrackId, now: Instant) -> &mut TrackCaptures<W> {
        self.tracks.retain(|_, track| track.is_active(now));
        self.tracks.entry(track_id).or_insert_with(|| TrackCaptures {
            pending: VecDeque::new(),
            sent: 0,
            waiters: Vec::new(),
            for_stream: false,
            last: None,
        })
    }
}

impl<W: ImageWaiter> TrackCaptures<W> {
    /// Drops the waiters that no longer wait. Returns `true` if others still wait.
    fn has_waiters(&mut self) -> bool {
        self.waiters.retain(|pending| !pending.waiter.is_gone());
        !self.waiters.is_empty()
    }

    /// Returns `true` if the entry affects later requests or images.
    fn is_active(&mut self, now: Instant) -> bool {
        self.expire(now);
        self.has_waiters() || self.for_stream || !self.pending.is_empty() || self.next().is_some_and(|next| next > now)
    }

    /// Returns the earliest time of the next request, or `None` before the first request.
    fn next(&self) -> Option<Instant> {
        self.last.map(|last| last + REQUEST_INTERVAL)
    }

    fn expire(&mut self, now: Instant) {
        while self.pending.front().is_some_and(|request| request.since + RESPONSE_TIMEOUT <= now) {
            self.pending.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, rc::Rc};

    use super::*;

    #[derive(Clone, Debug)]
    struct Caller(&'static str, Rc<Cell<bool>>);

    impl ImageWaiter for Caller {
        fn is_gone(&self) -> bool {
            self.1.get()
        }
    }

    /// A step of a test, at a time in milliseconds.
    #[derive(Debug)]
    enum TestStep {
        /// A caller starts waiting.
        Wait(&'static str),
        /// A caller no longer waits.
        Leave(&'static str),
        /// The stream requests an image.
        Stream,
        /// Whether a request is due.
        Due(bool),
        /// An image arrives. Lists the callers that receive it, and whether the stream does.
        Image(&'static [&'static str], bool),
        Reconnect,
    }

    fn play(case: &str, steps: &[(u64, TestStep)]) {
        let (mut captures, start, track) = (Captures::new(), Instant::now(), TrackId::from("t"));
        let mut callers: Vec<Caller> = Vec::new();
        for (at, step) in steps {
            let now = start + Duration::from_millis(*at);
            match step {
                TestStep::Wait(name) => {
                    let caller = Caller(name, Rc::default());
                    callers.push(caller.clone());
                    captures.add_waiter(track.clone(), caller, now);
                }
                TestStep::Leave(name) => callers.iter().filter(|c| c.0 == *name).for_each(|c| c.1.set(true)),
                TestStep::Stream => captures.request_for_stream(track.clone(), now),
                TestStep::Due(due) => assert_eq!(captures.take_due(now).len(), usize::from(*due), "{case} at {at}"),
                TestStep::Image(names, stream) => {
                    let delivery = captures.image(&track, now);
                    let waiters: Vec<_> = delivery.waiters.iter().map(|c| c.0).collect();
                    assert_eq!((waiters.as_slice(), delivery.stream), (*names, *stream), "{case} at {at}");
                }
                TestStep::Reconnect => captures.reconnected(),
            }
        }
    }

    // Defect X32 of the official SDKs.
    #[test]
    fn images_respond_to_their_requests_one_per_second() {
        use TestStep::{Due, Image, Leave, Reconnect, Stream, Wait};
        for (case, steps) in [
            ("one caller", vec![(0, Wait("a")), (0, Due(true)), (50, Image(&["a"], false)), (50, Due(false))]),
            (
                "simultaneous callers share one request and its image",
                vec![
                    (0, Wait("a")),
                    (0, Wait("b")),
                    (0, Due(true)),
                    (20, Wait("c")),
                    (20, Due(false)),
                    (50, Image(&["a", "b", "c"], false)),
                    (60, Image(&[], true)),
                ],
            ),
            (
                "the next request waits for its interval",
                vec![
                    (0, Wait("a")),
                    (0, Due(true)),
                    (50, Image(&["a"], false)),
                    (100, Wait("b")),
                    (100, Due(false)),
                    (1049, Due(false)),
                    (1050, Due(true)),
                    (1100, Image(&["b"], false)),
                ],
            ),
            (
                "a late image goes to no caller",
                vec![
                    (0, Wait("a")),
                    (0, Due(true)),
                    (500, Leave("a")),
                    (600, Wait("b")),
                    (600, Due(false)),
                    (1050, Due(true)),
                    (1060, Image(&[], true)),
                    (1100, Image(&["b"], false)),
                ],
            ),
            (
                "an image before the request of a caller goes to no caller",
                vec![
                    (0, Wait("a")),
                    (0, Due(true)),
                    (500, Leave("a")),
                    (600, Wait("b")),
                    (700, Image(&[], true)),
                    (1050, Due(true)),
                    (1100, Image(&["b"], false)),
                ],
            ),
            (
                "a request without a response costs the next caller one more request",
                vec![
                    (0, Wait("a")),
                    (0, Due(true)),
                    (900, Leave("a")),
                    (2000, Wait("b")),
                    (2000, Due(true)),
                    (2050, Image(&[], true)),
                    (3050, Due(true)),
                    (3100, Image(&["b"], false)),
                    (3110, Due(false)),
                    // The request counts as rejected now, so it costs no other request.
                    (10_100, Wait("c")),
                    (10_100, Due(true)),
                    (10_150, Image(&["c"], false)),
                ],
            ),
            (
                "without an image, the request is repeated once per second",
                vec![
                    (0, Wait("a")),
                    (0, Due(true)),
                    (500, Due(false)),
                    (1050, Due(true)),
                    (1500, Due(false)),
                    (2100, Due(true)),
                    (2150, Image(&["a"], false)),
                    (3150, Due(false)),
                ],
            ),
            (
                "later callers do not receive a late image",
                vec![
                    (0, Wait("a")),
                    (0, Due(true)),
                    (4000, Due(true)),
                    (5000, Wait("b")),
                    (5100, Image(&["a"], false)),
                    (5200, Due(true)),
                    (5300, Image(&["b"], false)),
                    // The third image goes to no caller.
                    (5400, Image(&[], true)),
                ],
            ),
            (
                "a caller long after a request receives the image of the next one",
                vec![
                    (0, Wait("a")),
                    (0, Due(true)),
                    (2000, Wait("b")),
                    (2000, Due(true)),
                    (2050, Image(&["a"], false)),
                    (2100, Image(&["b"], false)),
                ],
            ),
            (
                "callers that no longer wait cause no request",
                vec![(0, Wait("a")), (0, Leave("a")), (0, Due(false)), (10, Wait("b")), (10, Due(true))],
            ),
            (
                "the stream receives one image per request",
                vec![
                    (0, Stream),
                    (0, Stream),
                    (0, Due(true)),
                    (50, Image(&[], true)),
                    (60, Stream),
                    (60, Due(false)),
                    (1050, Due(true)),
                    (2100, Due(false)),
                ],
            ),
            (
                "the stream and a caller share a request",
                vec![(0, Stream), (0, Due(true)), (10, Wait("a")), (10, Due(false)), (50, Image(&["a"], true))],
            ),
            (
                "a new connection repeats the request",
                vec![(0, Wait("a")), (0, Due(true)), (10, Reconnect), (2000, Due(true)), (2050, Image(&["a"], false))],
            ),
        ] {
            play(case, &steps);
        }
    }

    #[test]
    fn deadline_is_set_only_while_a_request_waits() {
        let (mut captures, now) = (Captures::new(), Instant::now());
        assert_eq!(captures.deadline(now), None);
        let caller = Caller("a", Rc::default());
        captures.add_waiter("t".into(), caller, now);
        assert_eq!(captures.deadline(now), Some(now));
        assert_eq!(captures.take_due(now), [TrackId::from("t")]);
        assert_eq!(captures.deadline(now), Some(now + REQUEST_INTERVAL));
        captures.image(&"t".into(), now);
        assert_eq!(captures.deadline(now), None);
    }

    #[test]
    fn unused_tracks_are_forgotten() {
        let (mut captures, start) = (Captures::<Caller>::new(), Instant::now());
        for second in 0..100 {
            let now = start + Duration::from_secs(second);
            captures.request_for_stream(format!("t{second}").into(), now);
            captures.take_due(now);
        }
        assert!(captures.tracks.len() <= 11, "{}", captures.tracks.len());
    }
}
