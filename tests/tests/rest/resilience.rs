//! Faults of the network and the server, for each class of operation: the outcome of the call and the number of
//! requests.

use std::time::Duration;

use fishjam_emulator::{Emulator, Fault};
use fishjam_sdk::{ErrorKind, FishjamClient, PeerOptions, Room, RoomOptions};
use fishjam_tests::{
    clock::{leap, settle},
    support::{until, unused_url, within},
};
use futures_util::{StreamExt, stream};

/// A class of operations. Each class has one operation here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Read,
    Update,
    Delete,
    Create,
}

const CLASSES: [Class; 4] = [Class::Read, Class::Update, Class::Delete, Class::Create];

impl Class {
    fn operation(self) -> &'static str {
        match self {
            Self::Read => "get_room",
            Self::Update => "subscribe_peer",
            Self::Delete => "delete_peer",
            Self::Create => "create_room",
        }
    }
}

/// An emulator with a room of two peers, and a client.
struct Bench {
    emulator: Emulator,
    fishjam: FishjamClient,
    room: Room,
}

impl Bench {
    async fn new() -> anyhow::Result<Self> {
        let emulator = Emulator::start().await?;
        let fishjam = FishjamClient::builder(emulator.url(), emulator.token())
            .retry_backoff(Duration::ZERO, Duration::ZERO)
            .build()?;
        let room = fishjam.create_room(RoomOptions::new()).await?;
        for _ in 0..2 {
            fishjam.create_peer(&room.id, PeerOptions::new()).await?;
        }
        let room = fishjam.get_room(&room.id).await?;
        emulator.journal().clear();
        Ok(Self { emulator, fishjam, room })
    }

    async fn call(&self, class: Class) -> fishjam_sdk::Result<()> {
        let (room, first, second) = (&self.room.id, &self.room.peers[0].id, &self.room.peers[1].id);
        match class {
            Class::Read => self.fishjam.get_room(room).await.map(drop),
            Class::Update => self.fishjam.subscribe_peer(room, first, second).await,
            Class::Delete => self.fishjam.delete_peer(room, first).await,
            Class::Create => self.fishjam.create_room(RoomOptions::new()).await.map(drop),
        }
    }
}

/// A fault of one request, the kind of the error without a retry, the classes that retry, and whether the call may have
/// taken effect.
type Row = (&'static str, fn(Fault) -> Fault, ErrorKind, [bool; 4], bool);

const ALL: [bool; 4] = [true, true, true, true];
const NOT_CREATE: [bool; 4] = [true, true, true, false];
const NONE: [bool; 4] = [false, false, false, false];

const FAULTS: [Row; 12] = [
    ("429", |f| f.status(429), ErrorKind::RateLimited, ALL, false),
    ("429 with Retry-After", |f| f.status(429).retry_after(Duration::ZERO), ErrorKind::RateLimited, ALL, false),
    ("503 with Retry-After", |f| f.status(503).retry_after(Duration::ZERO), ErrorKind::ServiceUnavailable, ALL, false),
    ("503", |f| f.status(503), ErrorKind::ServiceUnavailable, NOT_CREATE, true),
    ("502", |f| f.status(502).body("<html>"), ErrorKind::Server, NOT_CREATE, true),
    ("504", |f| f.status(504), ErrorKind::Server, NOT_CREATE, true),
    ("500", |f| f.status(500), ErrorKind::Server, NONE, true),
    ("409", |f| f.status(409), ErrorKind::Conflict, NONE, false),
    ("a redirect", |f| f.redirect(307, "http://127.0.0.1:9/"), ErrorKind::UnexpectedStatus, NONE, false),
    ("cut before the headers", Fault::disconnect, ErrorKind::Connection, NOT_CREATE, true),
    ("garbage", |f| f.garbage("not HTTP at all\r\n\r\n"), ErrorKind::Connection, NOT_CREATE, true),
    ("truncated JSON", |f| f.status(200).body(r#"{"data":{"#), ErrorKind::Decode, NONE, true),
];

/// The same for faults whose outcome is the request's time limit.
const LATE: [Row; 2] = [
    ("a stall", Fault::stall, ErrorKind::Timeout, NOT_CREATE, true),
    ("latency", |f| f.delay(Duration::from_secs(600)), ErrorKind::Timeout, NOT_CREATE, true),
];

/// The limit of one request.
const LIMIT: Duration = Duration::from_secs(30);

fn cases(rows: &'static [Row]) -> impl Iterator<Item = (&'static Row, Class, bool)> {
    rows.iter().flat_map(|row| CLASSES.into_iter().zip(row.3).map(move |(class, again)| (row, class, again)))
}

#[tokio::test]
async fn every_fault_has_its_outcome_for_every_class_of_operation() -> anyhow::Result<()> {
    let checks = stream::iter(cases(&FAULTS)).map(|case| check(case, async |_| Ok(())));
    let outcomes: Vec<_> = checks.buffer_unordered(8).collect().await;
    assert_eq!(outcomes.len(), FAULTS.len() * CLASSES.len());
    outcomes.into_iter().collect()
}

#[tokio::test]
async fn every_late_response_times_out_for_every_class() -> anyhow::Result<()> {
    // One by one, because all calls share the clock.
    for case in cases(&LATE) {
        check(case, async |bench: &Bench| {
            let (journal, operation) = (bench.emulator.journal(), case.1.operation());
            until("the request arrives", || journal.count(operation) == 1).await?;
            leap(LIMIT).await;
            Ok(())
        })
        .await?;
    }
    Ok(())
}

/// Makes a call with a fault, and compares the outcome with the row.
async fn check(
    ((name, fault, kind, _, perhaps), class, again): (&'static Row, Class, bool),
    meanwhile: impl AsyncFn(&Bench) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let bench = Bench::new().await?;
    fault(bench.emulator.faults().on(class.operation()));
    let (outcome, happened) =
        within("an outcome", async { tokio::join!(bench.call(class), meanwhile(&bench)) }).await?;
    happened?;
    let arrived = bench.emulator.journal().count(class.operation());
    // A response without a body is valid for an operation without a result.
    let empty_is_fine = *kind == ErrorKind::Decode && matches!(class, Class::Update | Class::Delete);
    let expected = if again || empty_is_fine { Ok(()) } else { Err(*kind) };
    assert_eq!(outcome.as_ref().copied().map_err(|e| e.kind()), expected, "{name}, {class:?}: {outcome:?}");
    assert_eq!(arrived, if again { 2 } else { 1 }, "{name}, {class:?}");
    if let Err(error) = outcome {
        assert_eq!((error.attempts(), error.operation().is_some()), (1, true), "{name}, {class:?}");
        assert_eq!(error.may_have_taken_effect(), *perhaps && class != Class::Read, "{name}, {class:?}");
    }
    Ok(())
}

#[tokio::test]
async fn broken_body_is_retried_except_for_a_create() -> anyhow::Result<()> {
    for fault in [Fault::disconnect_after_headers, Fault::disconnect_mid_body] {
        for (class, arrives) in [(Class::Read, 2), (Class::Create, 1)] {
            let bench = Bench::new().await?;
            fault(bench.emulator.faults().on(class.operation()));
            let outcome = bench.call(class).await;
            assert_eq!(outcome.is_ok(), class == Class::Read, "{outcome:?}");
            assert_eq!(bench.emulator.journal().count(class.operation()), arrives);
            if let Err(error) = outcome {
                assert_eq!((error.kind(), error.status()), (ErrorKind::Connection, Some(201)));
                assert!(error.may_have_taken_effect(), "{error}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn any_attempt_may_have_taken_effect() -> anyhow::Result<()> {
    for (class, first, last, perhaps) in [
        (Class::Delete, 504, 401, true),
        (Class::Delete, 429, 401, false),
        (Class::Update, 502, 403, true),
        (Class::Create, 429, 409, false),
        (Class::Create, 429, 500, true),
        (Class::Read, 504, 500, false),
    ] {
        let bench = Bench::new().await?;
        bench.emulator.faults().on(class.operation()).status(first);
        bench.emulator.faults().on(class.operation()).status(last);
        let error = bench.call(class).await.unwrap_err();
        assert_eq!((error.status(), error.attempts()), (Some(last), 2), "{class:?}, {first}");
        assert_eq!(error.may_have_taken_effect(), perhaps, "{class:?}, {first} and {last}");
    }
    Ok(())
}

#[tokio::test]
async fn error_reports_whether_the_request_may_have_taken_effect() -> anyhow::Result<()> {
    let fishjam = FishjamClient::builder(unused_url().await?, "token").max_attempts(1).build()?;
    let error = fishjam.create_room(RoomOptions::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_taken_effect()), (ErrorKind::Connection, false));
    let error = fishjam.get_room("").await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_taken_effect()), (ErrorKind::InvalidInput, false));

    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token()).max_response_bytes(10).build()?;
    let error = fishjam.create_room(RoomOptions::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_taken_effect()), (ErrorKind::TooLarge, true));
    assert_eq!(emulator.journal().count("create_room"), 1);

    // A page of another program instead of the server's response.
    for class in [Class::Update, Class::Delete] {
        let bench = Bench::new().await?;
        bench.emulator.faults().on(class.operation()).status(200).body("<html>");
        let error = bench.call(class).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_taken_effect()), (ErrorKind::Decode, true), "{class:?}");
    }
    Ok(())
}

#[tokio::test]
async fn slow_body_ends_at_the_request_timeout() -> anyhow::Result<()> {
    let bench = Bench::new().await?;
    bench.emulator.faults().on("create_room").drip(1, Duration::from_secs(10));
    let waiting = async {
        until("the request arrives", || bench.emulator.journal().count("create_room") == 1).await?;
        leap(LIMIT).await;
        anyhow::Ok(())
    };
    let (outcome, waited) = within("an error", async { tokio::join!(bench.call(Class::Create), waiting) }).await?;
    waited?;
    let error = outcome.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Timeout, true));
    assert_eq!(bench.emulator.journal().count("create_room"), 1);
    Ok(())
}

#[tokio::test]
async fn attempts_are_limited_and_retries_can_be_disabled() -> anyhow::Result<()> {
    for (attempts, arrive) in [(None, 4), (Some(2), 2), (Some(1), 1)] {
        let emulator = Emulator::start().await?;
        let mut builder =
            FishjamClient::builder(emulator.url(), emulator.token()).retry_backoff(Duration::ZERO, Duration::ZERO);
        if let Some(attempts) = attempts {
            builder = builder.max_attempts(attempts);
        }
        emulator.faults().on("get_all_rooms").always().status(503);
        let error = builder.build()?.get_all_rooms().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::ServiceUnavailable, arrive));
        assert_eq!(emulator.journal().count("get_all_rooms"), arrive as usize);
    }
    Ok(())
}

#[tokio::test]
async fn a_call_ends_within_its_overall_limit() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token())
        .request_timeout(Duration::from_secs(60))
        .overall_timeout(Duration::from_secs(60))
        .max_attempts(1000)
        .build()?;
    // One wait is within the limit, and the second one is not.
    let wait = Duration::from_secs(45);
    emulator.faults().on("get_all_rooms").always().status(503).retry_after(wait);
    let waiting = async {
        until("the request arrives", || emulator.journal().count("get_all_rooms") == 1).await?;
        settle().await;
        leap(wait).await;
        anyhow::Ok(())
    };
    let (outcome, waited) = within("an error", async { tokio::join!(fishjam.get_all_rooms(), waiting) }).await?;
    waited?;
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ServiceUnavailable);
    assert!(error.attempts() <= 2, "{}", error.attempts());

    // A wait that exceeds the time limit ends the call immediately.
    emulator.faults().clear();
    emulator.faults().on("get_all_rooms").always().status(503).retry_after(Duration::from_secs(3600));
    let error = within("an error", fishjam.get_all_rooms()).await?.unwrap_err();
    assert_eq!((error.attempts(), error.retry_after()), (1, Some(Duration::from_secs(3600))));
    Ok(())
}

#[tokio::test]
async fn refused_connection_is_retried_for_a_create() -> anyhow::Result<()> {
    let fishjam = FishjamClient::builder(unused_url().await?, "token").max_attempts(2).build()?;
    let error = fishjam.create_room(RoomOptions::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connection, 2));
    Ok(())
}

#[tokio::test]
async fn delete_without_a_response_succeeds_on_retry() -> anyhow::Result<()> {
    for fault in [
        (|f: Fault| f.disconnect().after_handling()) as fn(Fault) -> Fault,
        |f| f.status(502).after_handling(),
        |f| f.status(503).after_handling(),
        |f| f.status(504).after_handling(),
    ] {
        let bench = Bench::new().await?;
        fault(bench.emulator.faults().on("delete_peer"));
        bench.call(Class::Delete).await?;
        assert_eq!(bench.emulator.journal().count("delete_peer"), 2);
        // The deletion of an object that never existed stays `NotFound`.
        assert!(bench.call(Class::Delete).await.unwrap_err().is_not_found());
    }
    Ok(())
}

#[tokio::test]
async fn a_dropped_call_leaves_nothing_running() -> anyhow::Result<()> {
    let bench = Bench::new().await?;
    let asked = Duration::from_secs(20);
    bench.emulator.faults().on("get_room").always().status(503).retry_after(asked);
    // The future is dropped between the first and the second attempt.
    tokio::select! {
        outcome = bench.call(Class::Read) => panic!("it was not in the middle: {outcome:?}"),
        first = until("the first attempt", || bench.emulator.journal().count("get_room") == 1) => first?,
    }
    leap(2 * asked).await;
    assert_eq!(bench.emulator.journal().count("get_room"), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousand_calls_with_random_refusals_end_as_documented() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    emulator.journal().clear();
    emulator.faults().on("get_room").always().every(20).status(503);
    emulator.faults().on("create_room").always().every(20).status(503);
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();

    let calls = (0..1000).map(|call| {
        let (fishjam, room) = (fishjam.clone(), room.id.clone());
        tokio::spawn(async move {
            match call % 10 {
                0 => fishjam.create_room(RoomOptions::new()).await.map(drop),
                _ => fishjam.get_room(&room).await.map(drop),
            }
        })
    });
    let outcomes: Vec<_> = futures_util::future::join_all(calls.collect::<Vec<_>>()).await;
    let mut refused = 0;
    for (call, outcome) in outcomes.into_iter().enumerate() {
        match outcome? {
            Ok(()) => {}
            Err(error) if call % 10 == 0 => {
                assert_eq!((error.kind(), error.attempts()), (ErrorKind::ServiceUnavailable, 1));
                refused += 1;
            }
            Err(error) => panic!("a read is tried again: {error}"),
        }
    }
    // Exactly one of twenty received requests fails.
    assert_eq!(refused, emulator.journal().count("create_room") / 20);
    assert_eq!(emulator.journal().count("create_room"), 100);
    let reads = emulator.journal().count("get_room");
    assert_eq!(reads - reads / 20, 900);
    assert_eq!(fishjam.get_all_rooms().await?.len(), 1 + 100 - refused);

    // Neither tasks nor connections stay behind.
    drop(fishjam);
    within("no connection stays", async {
        while emulator.connections() > 0 || tokio::runtime::Handle::current().metrics().num_alive_tasks() > tasks {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
}
