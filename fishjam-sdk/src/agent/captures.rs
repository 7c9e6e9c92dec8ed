//! Who waits for an image of which track, and when it may be asked for: without a socket or a clock.
//!
//! The service takes one request a second and track, answers with an image that names nothing but the track, and does
//! not answer at all where it refuses. So requests are counted: images answer them in their order, and the image of a
//! request that nobody waits for any more answers nobody.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use tokio::time::Instant;

use crate::TrackId;

/// How often an image of one track is asked for, at most: once a second, and a little less, since the service measures
/// when requests arrive.
const EVERY: Duration = Duration::from_millis(1050);
/// A request that has not been answered for so long never will be.
const LOST: Duration = Duration::from_secs(10);

/// Somebody who waits for an image.
pub(super) trait Waiter {
    /// Whether it has gone away.
    fn is_gone(&self) -> bool;
}

/// All that is asked for.
#[derive(Debug)]
pub(super) struct Captures<W> {
    tracks: HashMap<TrackId, Capture<W>>,
}

/// What is asked of one track.
#[derive(Debug)]
struct Capture<W> {
    /// Requests without an answer, in the order in which they were sent.
    asked: VecDeque<Asked>,
    /// How many requests were sent: the number of the next one.
    sent: u64,
    waiting: Vec<Awaiting<W>>,
    /// Whether the session's stream is to get the image of the next request.
    wanted: bool,
    /// When a request was last sent.
    last: Option<Instant>,
}

/// One who waits.
#[derive(Debug)]
struct Awaiting<W> {
    waiter: W,
    /// The number of the oldest request that may answer it.
    from: u64,
}

/// A request that was sent.
#[derive(Debug)]
struct Asked {
    number: u64,
    /// Since when it has been unclear which request the next image answers.
    since: Instant,
    /// Whether its image is for the session's stream, too.
    wanted: bool,
}

/// For whom an image is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Delivery<W> {
    pub(super) waiters: Vec<W>,
    /// Whether it is for the session's stream.
    pub(super) stream: bool,
}

impl<W: Waiter> Captures<W> {
    pub(super) fn new() -> Self {
        Self { tracks: HashMap::new() }
    }

    /// The next image of this track is for the session's stream.
    pub(super) fn want(&mut self, track: TrackId, now: Instant) {
        self.capture(track, now).wanted = true;
    }

    /// The next image of this track that is asked for from now on, or was just now for others who still wait, is for
    /// this waiter.
    pub(super) fn wait(&mut self, track: TrackId, waiter: W, now: Instant) {
        let capture = self.capture(track, now);
        capture.is_awaited();
        // What was asked for earlier is an image of another time.
        let shared = capture.asked.iter().find(|asked| {
            let awaited = asked.wanted || capture.waiting.iter().any(|other| other.from <= asked.number);
            awaited && now < asked.since + EVERY
        });
        let from = shared.map_or(capture.sent, |asked| asked.number);
        capture.waiting.push(Awaiting { waiter, from });
    }

    /// An image of this track has come.
    pub(super) fn frame(&mut self, track: &TrackId, now: Instant) -> Delivery<W> {
        let unasked = Delivery { waiters: Vec::new(), stream: true };
        let Some(capture) = self.tracks.get_mut(track) else { return unasked };
        capture.expire(now);
        let Some(asked) = capture.asked.pop_front() else { return unasked };
        if let Some(next) = capture.asked.front_mut() {
            // If this image was the answer to that one, each of them is taken for the answer to the one before.
            next.since = next.since.min(asked.since);
        }
        capture.is_awaited();
        let (answered, waiting): (Vec<_>, _) =
            std::mem::take(&mut capture.waiting).into_iter().partition(|waiting| waiting.from <= asked.number);
        capture.waiting = waiting;
        if answered.is_empty() {
            return unasked;
        }
        Delivery { waiters: answered.into_iter().map(|answered| answered.waiter).collect(), stream: asked.wanted }
    }

    /// Which tracks an image is to be asked of now.
    pub(super) fn due(&mut self, now: Instant) -> Vec<TrackId> {
        let mut due = Vec::new();
        for (track, capture) in &mut self.tracks {
            if (capture.is_awaited() || capture.wanted) && capture.next().is_none_or(|next| next <= now) {
                let wanted = std::mem::take(&mut capture.wanted);
                capture.asked.push_back(Asked { number: capture.sent, since: now, wanted });
                capture.sent += 1;
                capture.last = Some(now);
                due.push(track.clone());
            }
        }
        due
    }

    /// When to look for what is [due](Self::due); `None` if nothing will be.
    pub(super) fn deadline(&self, now: Instant) -> Option<Instant> {
        let waiting = self.tracks.values().filter(|capture| capture.wanted || !capture.waiting.is_empty());
        waiting.map(|capture| capture.next().unwrap_or(now)).min()
    }

    /// The connection is another one: what was asked for on the one before is not answered any more.
    pub(super) fn reconnected(&mut self) {
        for capture in self.tracks.values_mut() {
            let wanted = capture.asked.iter().any(|asked| asked.wanted);
            capture.asked.clear();
            capture.wanted |= wanted;
        }
    }

    fn capture(&mut self, track: TrackId, now: Instant) -> &mut Capture<W> {
        self.tracks.retain(|_, capture| capture.is_of_use(now));
        self.tracks.entry(track).or_insert_with(|| Capture {
            asked: VecDeque::new(),
            sent: 0,
            waiting: Vec::new(),
            wanted: false,
            last: None,
        })
    }
}

impl<W: Waiter> Capture<W> {
    /// Lets go of those who have gone away; whether there is anybody else.
    fn is_awaited(&mut self) -> bool {
        self.waiting.retain(|waiting| !waiting.waiter.is_gone());
        !self.waiting.is_empty()
    }

    fn is_of_use(&mut self, now: Instant) -> bool {
        self.expire(now);
        self.is_awaited() || self.wanted || !self.asked.is_empty() || self.next().is_some_and(|next| next > now)
    }

    /// When the next request may be sent; `None` if none was yet.
    fn next(&self) -> Option<Instant> {
        self.last.map(|last| last + EVERY)
    }

    fn expire(&mut self, now: Instant) {
        while self.asked.front().is_some_and(|asked| asked.since + LOST <= now) {
            self.asked.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, rc::Rc};

    use super::*;

    #[derive(Clone, Debug)]
    struct Caller(&'static str, Rc<Cell<bool>>);

    impl Waiter for Caller {
        fn is_gone(&self) -> bool {
            self.1.get()
        }
    }

    /// What happens to one track, and when in milliseconds.
    #[derive(Debug)]
    enum Act {
        /// Somebody begins to wait.
        Wait(&'static str),
        /// Somebody no longer waits.
        Leave(&'static str),
        /// The stream wants an image.
        Want,
        /// The machine is asked; whether it asks the service.
        Asks(bool),
        /// An image comes; who gets it, and whether the stream does.
        Image(&'static [&'static str], bool),
        Reconnect,
    }

    fn play(case: &str, acts: &[(u64, Act)]) {
        let (mut captures, start, track) = (Captures::new(), Instant::now(), TrackId::from("t"));
        let mut callers: Vec<Caller> = Vec::new();
        for (at, act) in acts {
            let now = start + Duration::from_millis(*at);
            match act {
                Act::Wait(name) => {
                    let caller = Caller(name, Rc::default());
                    callers.push(caller.clone());
                    captures.wait(track.clone(), caller, now);
                }
                Act::Leave(name) => callers.iter().filter(|c| c.0 == *name).for_each(|c| c.1.set(true)),
                Act::Want => captures.want(track.clone(), now),
                Act::Asks(asks) => assert_eq!(captures.due(now).len(), usize::from(*asks), "{case} at {at}"),
                Act::Image(names, stream) => {
                    let delivery = captures.frame(&track, now);
                    let waiters: Vec<_> = delivery.waiters.iter().map(|c| c.0).collect();
                    assert_eq!((waiters.as_slice(), delivery.stream), (*names, *stream), "{case} at {at}");
                }
                Act::Reconnect => captures.reconnected(),
            }
        }
    }

    #[test]
    fn x32_every_image_answers_its_own_request_and_requests_are_a_second_apart() {
        use Act::{Asks, Image, Leave, Reconnect, Wait, Want};
        for (case, acts) in [
            ("one", vec![(0, Wait("a")), (0, Asks(true)), (50, Image(&["a"], false)), (50, Asks(false))]),
            (
                "many at once share one request and its image",
                vec![
                    (0, Wait("a")),
                    (0, Wait("b")),
                    (0, Asks(true)),
                    (20, Wait("c")),
                    (20, Asks(false)),
                    (50, Image(&["a", "b", "c"], false)),
                    (60, Image(&[], true)),
                ],
            ),
            (
                "the next waits for its turn",
                vec![
                    (0, Wait("a")),
                    (0, Asks(true)),
                    (50, Image(&["a"], false)),
                    (100, Wait("b")),
                    (100, Asks(false)),
                    (1049, Asks(false)),
                    (1050, Asks(true)),
                    (1100, Image(&["b"], false)),
                ],
            ),
            (
                "a late image answers nobody",
                vec![
                    (0, Wait("a")),
                    (0, Asks(true)),
                    (500, Leave("a")),
                    (600, Wait("b")),
                    (600, Asks(false)),
                    (1050, Asks(true)),
                    (1060, Image(&[], true)),
                    (1100, Image(&["b"], false)),
                ],
            ),
            (
                "an image that comes before one's request was sent is not one's own",
                vec![
                    (0, Wait("a")),
                    (0, Asks(true)),
                    (500, Leave("a")),
                    (600, Wait("b")),
                    (700, Image(&[], true)),
                    (1050, Asks(true)),
                    (1100, Image(&["b"], false)),
                ],
            ),
            (
                "a request without an answer costs the next caller one more request",
                vec![
                    (0, Wait("a")),
                    (0, Asks(true)),
                    (900, Leave("a")),
                    (2000, Wait("b")),
                    (2000, Asks(true)),
                    (2050, Image(&[], true)),
                    (3050, Asks(true)),
                    (3100, Image(&["b"], false)),
                    (3110, Asks(false)),
                    // And once it counts as lost, no more.
                    (10_100, Wait("c")),
                    (10_100, Asks(true)),
                    (10_150, Image(&["c"], false)),
                ],
            ),
            (
                "while nothing comes it is asked again, once a second",
                vec![
                    (0, Wait("a")),
                    (0, Asks(true)),
                    (500, Asks(false)),
                    (1050, Asks(true)),
                    (1500, Asks(false)),
                    (2100, Asks(true)),
                    (2150, Image(&["a"], false)),
                    (3150, Asks(false)),
                ],
            ),
            (
                "a late image is not of the time of those who came later",
                vec![
                    (0, Wait("a")),
                    (0, Asks(true)),
                    (4000, Asks(true)),
                    (5000, Wait("b")),
                    (5100, Image(&["a"], false)),
                    (5200, Asks(true)),
                    (5300, Image(&["b"], false)),
                    // The third answers nobody any more.
                    (5400, Image(&[], true)),
                ],
            ),
            (
                "whoever comes long after a request gets the image of the next one",
                vec![
                    (0, Wait("a")),
                    (0, Asks(true)),
                    (2000, Wait("b")),
                    (2000, Asks(true)),
                    (2050, Image(&["a"], false)),
                    (2100, Image(&["b"], false)),
                ],
            ),
            (
                "nothing is asked for those who have gone",
                vec![(0, Wait("a")), (0, Leave("a")), (0, Asks(false)), (10, Wait("b")), (10, Asks(true))],
            ),
            (
                "what the stream wants it gets, once",
                vec![
                    (0, Want),
                    (0, Want),
                    (0, Asks(true)),
                    (50, Image(&[], true)),
                    (60, Want),
                    (60, Asks(false)),
                    (1050, Asks(true)),
                    (2100, Asks(false)),
                ],
            ),
            (
                "the stream and a caller share",
                vec![(0, Want), (0, Asks(true)), (10, Wait("a")), (10, Asks(false)), (50, Image(&["a"], true))],
            ),
            (
                "a new connection owes nothing of the old one's",
                vec![
                    (0, Wait("a")),
                    (0, Asks(true)),
                    (10, Reconnect),
                    (2000, Asks(true)),
                    (2050, Image(&["a"], false)),
                ],
            ),
        ] {
            play(case, &acts);
        }
    }

    #[test]
    fn there_is_a_deadline_only_while_something_is_to_be_asked() {
        let (mut captures, now) = (Captures::new(), Instant::now());
        assert_eq!(captures.deadline(now), None);
        let caller = Caller("a", Rc::default());
        captures.wait("t".into(), caller, now);
        assert_eq!(captures.deadline(now), Some(now));
        assert_eq!(captures.due(now), [TrackId::from("t")]);
        assert_eq!(captures.deadline(now), Some(now + EVERY));
        captures.frame(&"t".into(), now);
        assert_eq!(captures.deadline(now), None);
    }

    #[test]
    fn a_track_that_nobody_asks_about_any_more_is_forgotten() {
        let (mut captures, start) = (Captures::<Caller>::new(), Instant::now());
        for second in 0..100 {
            let now = start + Duration::from_secs(second);
            captures.want(format!("t{second}").into(), now);
            captures.due(now);
        }
        assert!(captures.tracks.len() <= 11, "{}", captures.tracks.len());
    }
}
