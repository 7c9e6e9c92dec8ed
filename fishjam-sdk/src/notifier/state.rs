//! The life of a connection without a socket or a clock: what happened goes in, what to do comes out.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    backoff::Backoff,
    error::{Error, ErrorKind},
};

/// Where a connection stands: a notifier's, or an agent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionState {
    /// There is no connection, and nobody who wants one.
    Idle,
    /// A connection is being opened.
    Connecting,
    /// The token was sent and is not accepted yet.
    Authenticating,
    /// The notifications were asked for and are not promised yet. An agent asks for nothing.
    Subscribing,
    /// Notifications arrive, or audio flows.
    Ready,
    /// The connection was lost; the next attempt waits.
    BackingOff,
    /// It ended: it was closed, or trying again cannot help.
    Closed,
}

/// The longest wait that a server may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(5 * 60);

/// What the machine goes by; its defaults are a notifier's.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// From opening a connection to being ready.
    pub(crate) handshake: Duration,
    /// How long nothing at all may arrive.
    pub(crate) idle: Duration,
    /// How long a connection must last before the waits begin anew.
    pub(crate) healthy: Duration,
    /// The waits between attempts.
    pub(crate) backoff: Backoff,
    /// Whether a lost connection is replaced.
    pub(crate) reconnect: bool,
    /// What has not happened when the handshake takes too long.
    pub(crate) handshake_goal: &'static str,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(15),
            idle: Duration::from_secs(75),
            healthy: Duration::from_secs(30),
            backoff: Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(30) },
            reconnect: true,
            handshake_goal: "the notifier was not subscribed",
        }
    }
}

/// What happened.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// The connection is open and the token on its way.
    Opened,
    /// The server accepted the token.
    Authenticated,
    /// The server promises notifications.
    Subscribed,
    /// Something arrived.
    Heard,
    /// What arrived was not read for a while, so silence says nothing.
    Unread,
    /// The connection could not be made, or it is gone.
    Lost(Error),
    /// The [deadline](Lifecycle::deadline) has passed.
    Late,
    /// Nobody listens any more.
    Deserted,
}

/// What to do next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Open a connection and send the token.
    Open,
    /// Ask for notifications.
    Subscribe,
    /// Notifications flow from here on; if this is not the first time, what came before is a gap.
    Flow(Option<Lost>),
    /// Wait for what arrives.
    Listen,
    /// Drop the connection and wait for the deadline.
    Rest,
    /// Give up, because of this.
    Fail(Error),
    /// Say goodbye.
    Leave,
}

/// A loss that subscribers do not know of yet.
#[derive(Clone, Debug)]
pub(crate) struct Lost {
    /// When the connection was last known to work.
    pub(crate) since: Instant,
    /// Why it was lost.
    pub(crate) reason: Error,
}

/// One notifier's connection from its first attempt to its end.
#[derive(Debug)]
pub(crate) struct Lifecycle {
    rules: Rules,
    state: ConnectionState,
    deadline: Instant,
    /// When notifications began to flow, this time.
    ready: Option<Instant>,
    heard: Instant,
    /// Since when silence counts.
    listening: Instant,
    /// Attempts since the last healthy connection.
    failures: u32,
    lost: Option<Lost>,
    ever_ready: bool,
}

impl Lifecycle {
    /// A connection that is about to be opened for the first time.
    pub(crate) fn new(rules: Rules, now: Instant) -> Self {
        Self {
            deadline: now + rules.handshake,
            rules,
            state: ConnectionState::Connecting,
            ready: None,
            heard: now,
            listening: now,
            failures: 0,
            lost: None,
            ever_ready: false,
        }
    }

    pub(crate) fn state(&self) -> ConnectionState {
        self.state
    }

    /// When the present state has lasted too long.
    pub(crate) fn deadline(&self) -> Instant {
        match self.state {
            ConnectionState::Ready => self.listening + self.rules.idle,
            _ => self.deadline,
        }
    }

    /// When something last arrived.
    pub(crate) fn heard(&self) -> Instant {
        self.heard
    }

    /// Takes in what happened at `now`; `random`, from 0 to 1, spreads the waits.
    pub(crate) fn step(&mut self, input: Input, now: Instant, random: f64) -> Step {
        use ConnectionState::{Authenticating, BackingOff, Closed, Connecting, Idle, Ready, Subscribing};
        match (self.state, input) {
            (Idle | Closed, _) => Step::Leave,
            (_, Input::Deserted) => {
                self.state = Closed;
                Step::Leave
            }
            (_, Input::Lost(reason)) => self.lose(reason, now, random),
            (BackingOff, Input::Late) => {
                self.state = Connecting;
                self.deadline = now + self.rules.handshake;
                Step::Open
            }
            (Ready, Input::Late) => {
                let silence = format!("nothing arrived for {:?}", self.rules.idle);
                self.lose(Error::new(ErrorKind::Timeout).message_text(silence), now, random)
            }
            (_, Input::Late) => {
                let late = format!("{} within {:?}", self.rules.handshake_goal, self.rules.handshake);
                self.lose(Error::new(ErrorKind::Timeout).message_text(late), now, random)
            }
            (Connecting, Input::Opened) => {
                self.state = Authenticating;
                Step::Listen
            }
            (Authenticating, Input::Authenticated) => {
                self.state = Subscribing;
                Step::Subscribe
            }
            (Subscribing, Input::Subscribed) => {
                self.state = Ready;
                self.ever_ready = true;
                self.ready = Some(now);
                self.hear(now);
                Step::Flow(self.lost.take())
            }
            (_, Input::Heard) => {
                self.hear(now);
                Step::Listen
            }
            (_, Input::Unread) => {
                self.listening = now;
                Step::Listen
            }
            // An answer said twice changes nothing.
            (Ready, Input::Authenticated | Input::Subscribed) | (Subscribing, Input::Authenticated) => {
                self.hear(now);
                Step::Listen
            }
            (_, Input::Opened | Input::Authenticated | Input::Subscribed) => {
                let early = Error::new(ErrorKind::WebSocket).message_text("the server answered what was not asked yet");
                self.lose(early, now, random)
            }
        }
    }

    fn hear(&mut self, now: Instant) {
        (self.heard, self.listening) = (now, now);
    }

    fn lose(&mut self, reason: Error, now: Instant, random: f64) -> Step {
        if let Some(ready) = self.ready.take() {
            if now.duration_since(ready) >= self.rules.healthy {
                self.failures = 0;
            }
            self.lost.get_or_insert(Lost { since: self.heard, reason: reason.clone() });
        }
        self.failures = self.failures.saturating_add(1);
        if !self.rules.reconnect || !self.ever_ready || !can_help(&reason) {
            self.state = ConnectionState::Closed;
            return Step::Fail(reason);
        }
        self.state = ConnectionState::BackingOff;
        // The server's own word on when to come back counts, unless it is out of all proportion.
        let asked = reason.retry_after().unwrap_or_default().min(LONGEST_ASKED);
        self.deadline = now + self.rules.backoff.wait(self.failures, random).max(asked);
        Step::Rest
    }
}

/// Whether another connection can be better than one that was lost for this reason.
fn can_help(reason: &Error) -> bool {
    match (reason.kind(), reason.close_code(), reason.status()) {
        (ErrorKind::Unauthorized | ErrorKind::InvalidInput, ..) => false,
        // The server refuses our messages: the next ones would be the same. Every other code is temporary, the reserved
        // and the invalid ones included.
        (_, Some(1002 | 1003 | 1007..=1010), _) => false,
        // A proxy whose server is being replaced answers 404 for a while.
        (_, _, Some(404 | 408 | 425 | 429)) => true,
        (_, _, Some(status)) => !(400..500).contains(&status),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(code: u16) -> Error {
        Error::new(ErrorKind::Closed).with_close_code(Some(code))
    }

    fn refused() -> Error {
        Error::new(ErrorKind::Unauthorized)
    }

    fn broken() -> Error {
        Error::new(ErrorKind::Connection)
    }

    /// A machine whose waits are not random, and the time that it lives in.
    struct Life(Lifecycle, Instant);

    impl Life {
        fn new() -> Self {
            let now = Instant::now();
            Self(Lifecycle::new(Rules::default(), now), now)
        }

        fn ready() -> Self {
            let mut life = Self::new();
            life.connect();
            life
        }

        fn connect(&mut self) -> Step {
            self.feed(Input::Opened);
            self.feed(Input::Authenticated);
            self.feed(Input::Subscribed)
        }

        fn feed(&mut self, input: Input) -> Step {
            self.0.step(input, self.1, 1.0)
        }

        fn pass(&mut self, time: Duration) {
            self.1 += time;
        }

        /// How long until the deadline.
        fn wait(&self) -> Duration {
            self.0.deadline() - self.1
        }
    }

    #[test]
    fn the_way_to_the_first_notification() {
        use ConnectionState as S;
        let mut life = Life::new();
        for (input, state, step) in [
            (Input::Opened, S::Authenticating, "Listen"),
            (Input::Heard, S::Authenticating, "Listen"),
            (Input::Authenticated, S::Subscribing, "Subscribe"),
            (Input::Authenticated, S::Subscribing, "Listen"),
            (Input::Subscribed, S::Ready, "Flow(None)"),
            (Input::Subscribed, S::Ready, "Listen"),
            (Input::Heard, S::Ready, "Listen"),
            (Input::Deserted, S::Closed, "Leave"),
            (Input::Heard, S::Closed, "Leave"),
        ] {
            let said = format!("{:?}", life.feed(input.clone()));
            assert_eq!((said.as_str(), life.0.state()), (step, state), "{input:?}");
        }
    }

    #[test]
    fn a_first_connection_that_fails_is_the_end() {
        for inputs in [
            vec![Input::Lost(broken())],
            vec![Input::Late],
            vec![Input::Opened, Input::Lost(closed(1011))],
            vec![Input::Opened, Input::Late],
            vec![Input::Opened, Input::Subscribed],
            vec![Input::Opened, Input::Authenticated, Input::Late],
        ] {
            let mut life = Life::new();
            let last = inputs.iter().cloned().map(|input| life.feed(input)).last();
            assert!(matches!(last, Some(Step::Fail(_))), "{inputs:?}: {last:?}");
        }
    }

    #[test]
    fn a_server_that_says_when_to_come_back_is_not_asked_earlier() {
        for (asked, wait) in [(None, 0), (Some(0), 0), (Some(7), 7), (Some(300), 300), (Some(86_400), 300)] {
            let mut life = Life::ready();
            let busy = Error::new(ErrorKind::ServiceUnavailable).status_code(503);
            life.feed(Input::Lost(busy.retry_in(asked.map(Duration::from_secs))));
            assert_eq!(life.wait().as_secs(), wait, "{asked:?}");
        }
    }

    #[test]
    fn what_ends_a_connection_decides_whether_there_is_another() {
        for (reason, again) in [
            (broken(), true),
            (refused(), false),
            (Error::new(ErrorKind::Timeout), true),
            (Error::new(ErrorKind::Closed), true),
            (Error::new(ErrorKind::NotFound).status_code(404), true),
            (Error::new(ErrorKind::UnexpectedStatus).status_code(403), false),
            (Error::new(ErrorKind::RateLimited).status_code(429), true),
            (Error::new(ErrorKind::Server).status_code(502), true),
            (Error::new(ErrorKind::UnexpectedStatus).status_code(200), true),
        ] {
            let step = Life::ready().feed(Input::Lost(reason.clone()));
            assert_eq!(matches!(step, Step::Rest), again, "{reason:?}");
            assert_eq!(matches!(step, Step::Fail(_)), !again, "{reason:?}");
        }
    }

    #[test]
    fn every_class_of_close_code_has_its_outcome() {
        for (codes, again) in [
            (0..=999, true),
            (1000..=1001, true),
            (1002..=1003, false),
            (1004..=1006, true),
            (1007..=1010, false),
            (1011..=1014, true),
            (1015..=2999, true),
            (3000..=3999, true),
            (4000..=4999, true),
            (5000..=u16::MAX, true),
        ] {
            for code in codes {
                let step = Life::ready().feed(Input::Lost(closed(code)));
                assert_eq!(matches!(step, Step::Rest), again, "{code}: {step:?}");
                assert_eq!(matches!(step, Step::Fail(_)), !again, "{code}: {step:?}");
            }
        }
    }

    #[test]
    fn waits_grow_until_a_connection_was_healthy() {
        let mut life = Life::ready();
        let mut waits = Vec::new();
        for _ in 0..8 {
            // Accepted, and closed at once: no reason to come back sooner.
            life.feed(Input::Lost(closed(1000)));
            waits.push(life.wait().as_millis());
            life.pass(life.wait());
            assert!(matches!(life.feed(Input::Late), Step::Open));
            assert!(matches!(life.connect(), Step::Flow(Some(_))));
        }
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
        life.pass(Rules::default().healthy);
        life.feed(Input::Lost(closed(1000)));
        assert_eq!(life.wait(), Duration::from_millis(500));
    }

    #[test]
    fn silence_is_noticed_and_any_arrival_puts_it_off() {
        let mut life = Life::ready();
        assert_eq!(life.wait(), Duration::from_secs(75));
        life.pass(Duration::from_secs(70));
        life.feed(Input::Heard);
        assert_eq!(life.wait(), Duration::from_secs(75));
        life.pass(Duration::from_secs(75));
        assert!(matches!(life.feed(Input::Late), Step::Rest));
        assert_eq!(life.0.state(), ConnectionState::BackingOff);
    }

    #[test]
    fn a_consumer_that_held_reading_up_makes_no_silence() {
        let mut life = Life::ready();
        let heard = life.1;
        life.pass(Duration::from_secs(600));
        life.feed(Input::Unread);
        assert_eq!(life.wait(), Duration::from_secs(75));
        assert_eq!(life.0.heard(), heard);
    }

    #[test]
    fn an_outage_of_many_attempts_is_one_gap_with_its_first_reason() {
        let mut life = Life::ready();
        life.pass(Duration::from_secs(5));
        life.feed(Input::Heard);
        let heard = life.1;
        life.pass(Duration::from_secs(5));
        life.feed(Input::Lost(closed(1012)));
        for _ in 0..3 {
            life.pass(life.wait());
            life.feed(Input::Late);
            life.feed(Input::Lost(broken()));
        }
        life.pass(life.wait());
        life.feed(Input::Late);
        let Step::Flow(Some(lost)) = life.connect() else { panic!("no gap") };
        assert_eq!((lost.since, lost.reason.close_code()), (heard, Some(1012)));
        // Reported once.
        assert!(matches!(life.feed(Input::Lost(broken())), Step::Rest));
    }

    #[test]
    fn a_token_that_is_refused_later_is_final_too() {
        let mut life = Life::ready();
        life.feed(Input::Lost(broken()));
        life.pass(life.wait());
        life.feed(Input::Late);
        life.feed(Input::Opened);
        assert!(matches!(life.feed(Input::Lost(refused())), Step::Fail(_)));
    }

    #[test]
    fn without_reconnecting_the_first_loss_is_the_last() {
        let mut life = Life::ready();
        life.0.rules.reconnect = false;
        assert!(matches!(life.feed(Input::Lost(closed(1001))), Step::Fail(_)));
    }

    #[test]
    fn nobody_wanting_it_ends_it_in_every_state() {
        for inputs in [vec![], vec![Input::Opened], vec![Input::Opened, Input::Authenticated]] {
            let mut life = Life::new();
            inputs.into_iter().for_each(|input| drop(life.feed(input)));
            assert!(matches!(life.feed(Input::Deserted), Step::Leave));
        }
        let mut life = Life::ready();
        life.feed(Input::Lost(broken()));
        assert!(matches!(life.feed(Input::Deserted), Step::Leave));
    }
}
