use super::*;
use crate::{config::Proxy, transport::proxy::Proxies};

fn closed(code: u16) -> Error {
    Error::new(ErrorKind::Closed).with_close_code(Some(code))
}

fn refused() -> Error {
    Error::new(ErrorKind::Unauthorized)
}

fn broken() -> Error {
    Error::new(ErrorKind::Connection)
}

/// A lifecycle with fixed waits, and its current time.
struct Life(Lifecycle, Instant);

impl Life {
    fn new() -> Self {
        let now = Instant::now();
        Self(Lifecycle::new(ConnectionPolicy::default(), None, now), now)
    }

    fn ready() -> Self {
        let mut life = Self::new();
        life.connect();
        life
    }

    fn connect(&mut self) -> Action {
        self.feed(Input::Opened);
        self.feed(Input::Authenticated);
        self.feed(Input::Subscribed)
    }

    fn feed(&mut self, input: Input) -> Action {
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
fn handshake_leads_to_ready() {
    use ConnectionState as S;
    let mut life = Life::new();
    for (input, state, step) in [
        (Input::Opened, S::Authenticating, "Exchange"),
        (Input::Arrived, S::Authenticating, "Exchange"),
        (Input::Authenticated, S::Subscribing, "Subscribe"),
        (Input::Authenticated, S::Subscribing, "Exchange"),
        (Input::Subscribed, S::Ready, "Resume(None)"),
        (Input::Subscribed, S::Ready, "Exchange"),
        (Input::Arrived, S::Ready, "Exchange"),
        (Input::Unused, S::Closed, "Close"),
        (Input::Arrived, S::Closed, "Close"),
    ] {
        let action = format!("{:?}", life.feed(input.clone()));
        assert_eq!((action.as_str(), life.0.state()), (step, state), "{input:?}");
    }
}

#[test]
fn handshake_with_the_token_needs_no_authentication() {
    let mut life = Life::new();
    let action = life.feed(Input::OpenedAndAuthenticated);
    assert!(matches!(action, Action::Subscribe), "{action:?}");
    assert!(matches!(life.feed(Input::Subscribed), Action::Resume(None)));
    let again = life.feed(Input::OpenedAndAuthenticated);
    assert!(matches!(&again, Action::Wait(error) if error.kind() == ErrorKind::WebSocket), "{again:?}");
}

#[test]
fn timeouts_name_the_proxy() {
    let proxies = Proxies::new(&Proxy::Url("http://user:sentinel@p:1".to_owned()), |_| None).unwrap();
    let proxy = proxies.of(&reqwest::Url::parse("http://h").unwrap()).unwrap();
    let now = Instant::now();
    let policy = ConnectionPolicy { reconnect: false, ..ConnectionPolicy::default() };
    for inputs in [&[][..], &[Input::Opened], &[Input::Opened, Input::Authenticated, Input::Subscribed]] {
        let mut life = Lifecycle::new(policy.clone(), proxy, now);
        for input in inputs {
            life.step(input.clone(), now, 0.0);
        }
        let Action::Fail(error) = life.step(Input::TimedOut, now, 0.0) else { panic!("{inputs:?}") };
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.to_string().starts_with("timed out through the proxy p:1: "), "{error}");
    }
}

fn status(kind: ErrorKind, status: u16) -> Error {
    Error::new(kind).status_code(status)
}

#[test]
fn first_connection_is_repeated_if_its_failure_is_temporary() {
    use ErrorKind as K;
    let lost = |reason: Error| vec![Input::Opened, Input::Lost(reason)];
    for (inputs, temporary) in [
        (vec![Input::Lost(broken())], true),
        (vec![Input::TimedOut], true),
        (vec![Input::Opened, Input::TimedOut], true),
        (vec![Input::Opened, Input::Authenticated, Input::TimedOut], true),
        (lost(Error::new(K::Closed)), true),
        (lost(closed(1001)), true),
        (lost(closed(1011)), true),
        (lost(closed(1012)), true),
        (lost(status(K::RateLimited, 429)), true),
        (lost(status(K::Server, 502)), true),
        (lost(status(K::ServiceUnavailable, 503)), true),
        // The id, the URL or the token is wrong.
        (lost(refused()), false),
        (lost(status(K::Unauthorized, 401)), false),
        (lost(status(K::UnexpectedStatus, 200)), false),
        (lost(status(K::UnexpectedStatus, 301)), false),
        (lost(status(K::UnexpectedStatus, 403)), false),
        (lost(status(K::NotFound, 404)), false),
        (lost(closed(1000)), false),
        (lost(closed(1002)), false),
        (lost(Error::new(K::WebSocket)), false),
        (lost(Error::new(K::Decode)), false),
        (lost(Error::new(K::InvalidInput)), false),
        (vec![Input::Opened, Input::Subscribed], false),
    ] {
        for (retry_first, reconnect) in [(true, true), (true, false), (false, true)] {
            let mut life = Life::new();
            (life.0.policy.retry_first, life.0.policy.reconnect) = (retry_first, reconnect);
            let last = inputs.iter().cloned().map(|input| life.feed(input)).last();
            let again = temporary && retry_first && reconnect;
            assert_eq!(matches!(last, Some(Action::Wait(_))), again, "{inputs:?}: {last:?}");
            assert_eq!(matches!(last, Some(Action::Fail(_))), !again, "{inputs:?}: {last:?}");
        }
    }
}

#[test]
fn repeated_first_connection_waits_longer_and_reports_no_gap() {
    let mut life = Life::new();
    let mut waits = Vec::new();
    for _ in 0..8 {
        life.feed(Input::Lost(broken()));
        assert_eq!(life.0.state(), ConnectionState::BackingOff);
        waits.push(life.wait().as_millis());
        life.pass(life.wait());
        assert!(matches!(life.feed(Input::TimedOut), Action::Connect));
    }
    assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    assert!(matches!(life.connect(), Action::Resume(None)));
}

#[test]
fn requested_delay_is_kept_up_to_its_limit() {
    for (asked, wait) in [(None, 0), (Some(0), 0), (Some(7), 7), (Some(300), 300), (Some(86_400), 300)] {
        let mut life = Life::ready();
        let busy = Error::new(ErrorKind::ServiceUnavailable).status_code(503);
        life.feed(Input::Lost(busy.retry_in(asked.map(Duration::from_secs))));
        assert_eq!(life.wait().as_secs(), wait, "{asked:?}");
    }
}

#[test]
fn reason_of_a_loss_decides_whether_to_reconnect() {
    for (reason, again) in [
        (broken(), true),
        (refused(), false),
        (Error::new(ErrorKind::Setup), false),
        (Error::new(ErrorKind::Timeout), true),
        (Error::new(ErrorKind::TooLarge), true),
        (Error::new(ErrorKind::Closed), true),
        (Error::new(ErrorKind::NotFound).status_code(404), true),
        (Error::new(ErrorKind::UnexpectedStatus).status_code(403), false),
        (Error::new(ErrorKind::RateLimited).status_code(429), true),
        (Error::new(ErrorKind::Server).status_code(502), true),
        (Error::new(ErrorKind::UnexpectedStatus).status_code(200), true),
    ] {
        let step = Life::ready().feed(Input::Lost(reason.clone()));
        assert_eq!(matches!(step, Action::Wait(_)), again, "{reason:?}");
        assert_eq!(matches!(step, Action::Fail(_)), !again, "{reason:?}");
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
            assert_eq!(matches!(step, Action::Wait(_)), again, "{code}: {step:?}");
            assert_eq!(matches!(step, Action::Fail(_)), !again, "{code}: {step:?}");
        }
    }
}

#[test]
fn delays_grow_until_a_connection_was_healthy() {
    let mut life = Life::ready();
    let mut waits = Vec::new();
    for _ in 0..8 {
        // Accepted, and closed immediately: the next delay is not shorter.
        life.feed(Input::Lost(closed(1000)));
        waits.push(life.wait().as_millis());
        life.pass(life.wait());
        assert!(matches!(life.feed(Input::TimedOut), Action::Connect));
        assert!(matches!(life.connect(), Action::Resume(Some(_))));
    }
    assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    life.pass(ConnectionPolicy::default().healthy);
    life.feed(Input::Lost(closed(1000)));
    assert_eq!(life.wait(), Duration::from_millis(500));
}

#[test]
fn silence_times_out_and_any_arrival_postpones_it() {
    let mut life = Life::ready();
    assert_eq!(life.wait(), Duration::from_secs(75));
    life.pass(Duration::from_secs(70));
    life.feed(Input::Arrived);
    assert_eq!(life.wait(), Duration::from_secs(75));
    life.pass(Duration::from_secs(75));
    assert!(matches!(life.feed(Input::TimedOut), Action::Wait(_)));
    assert_eq!(life.0.state(), ConnectionState::BackingOff);
}

#[test]
fn paused_reads_do_not_count_as_silence() {
    let mut life = Life::ready();
    let heard = life.1;
    life.pass(Duration::from_secs(600));
    life.feed(Input::ReadsPaused);
    assert_eq!(life.wait(), Duration::from_secs(75));
    assert_eq!(life.0.heard(), heard);
}

#[test]
fn outage_is_one_gap_with_its_first_reason() {
    let mut life = Life::ready();
    life.pass(Duration::from_secs(5));
    life.feed(Input::Arrived);
    let heard = life.1;
    life.pass(Duration::from_secs(5));
    life.feed(Input::Lost(closed(1012)));
    for _ in 0..3 {
        life.pass(life.wait());
        life.feed(Input::TimedOut);
        life.feed(Input::Lost(broken()));
    }
    life.pass(life.wait());
    life.feed(Input::TimedOut);
    let Action::Resume(Some(lost)) = life.connect() else { panic!("no gap") };
    assert_eq!((lost.noticed, lost.attempts), (heard + Duration::from_secs(5), 4));
    assert_eq!((lost.since, lost.reason.close_code()), (heard, Some(1012)));
    // Reported once.
    assert!(matches!(life.feed(Input::Lost(broken())), Action::Wait(_)));
}

#[test]
fn refused_token_is_final_after_a_reconnect() {
    let mut life = Life::ready();
    life.feed(Input::Lost(broken()));
    life.pass(life.wait());
    life.feed(Input::TimedOut);
    life.feed(Input::Opened);
    assert!(matches!(life.feed(Input::Lost(refused())), Action::Fail(_)));
}

#[test]
fn loss_is_final_without_reconnect() {
    let mut life = Life::ready();
    life.0.policy.reconnect = false;
    assert!(matches!(life.feed(Input::Lost(closed(1001))), Action::Fail(_)));
}

#[test]
fn unused_connection_ends_in_every_state() {
    for inputs in [vec![], vec![Input::Opened], vec![Input::Opened, Input::Authenticated]] {
        let mut life = Life::new();
        inputs.into_iter().for_each(|input| drop(life.feed(input)));
        assert!(matches!(life.feed(Input::Unused), Action::Close));
    }
    let mut life = Life::ready();
    life.feed(Input::Lost(broken()));
    assert!(matches!(life.feed(Input::Unused), Action::Close));
}
