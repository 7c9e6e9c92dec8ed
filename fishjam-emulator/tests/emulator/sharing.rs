//! One emulator for several runtimes, and its port afterwards.

use std::{sync::LazyLock, time::Duration};

use fishjam_emulator::{Emulator, Error};
use serde_json::json;
use tokio::net::TcpStream;

use crate::client::{Notifications, call, create_room, http};

static SHARED: LazyLock<Emulator> = LazyLock::new(|| Emulator::start_blocking().unwrap());

async fn use_it() {
    let room = create_room(&SHARED, json!({})).await;
    let mut notifications = Notifications::open(&SHARED).await;
    assert_eq!(call(&SHARED, "DELETE", &format!("/room/{room}"), None).await.0, 204);
    notifications.names(1).await;
}

/// The first test must not end the emulator of the other tests.
macro_rules! tests_that_share_an_emulator {
    ($($name:ident)*) => {
        $(#[tokio::test]
        async fn $name() {
            use_it().await;
        })*
    };
}

tests_that_share_an_emulator! { shared_emulator_serves_one_test shared_emulator_serves_another_test }

#[test]
fn shared_emulator_outlives_the_runtimes_that_use_it() {
    for _ in 0..3 {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(use_it());
    }
}

#[tokio::test(start_paused = true)]
async fn shared_emulator_responds_while_the_clock_is_paused() {
    let _hold = SHARED.hold_clock();
    let begun = tokio::time::Instant::now();
    let request = http().get(format!("{}/validate", SHARED.url())).timeout(Duration::from_millis(1));
    assert_eq!(request.bearer_auth(SHARED.token()).send().await.unwrap().status(), 200);
    assert_eq!(begun.elapsed(), Duration::ZERO);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(begun.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn paused_clock_moves_again_after_it_was_held() {
    drop(SHARED.hold_clock());
    // A wait in real time would exceed the limit of the test.
    tokio::time::sleep(Duration::from_secs(24 * 60 * 60)).await;
}

#[tokio::test(start_paused = true)]
async fn paused_clock_of_a_test_does_not_purge_a_shared_jellyfish() {
    let jellyfish = Emulator::jellyfish().start_blocking().unwrap();
    let url = format!("{}/room", jellyfish.origin());
    let room = |method: reqwest::Method| http().request(method, &url).bearer_auth(jellyfish.token());
    {
        let _hold = jellyfish.hold_clock();
        let created = room(reqwest::Method::POST).json(&json!({ "peerlessPurgeTimeout": 3600 })).send().await.unwrap();
        assert_eq!(created.status(), 201);
    }
    tokio::time::sleep(Duration::from_secs(2 * 3600)).await;
    let _hold = jellyfish.hold_clock();
    jellyfish.advance(Duration::from_secs(1));
    let rooms =
        |text: String| serde_json::from_str::<serde_json::Value>(&text).unwrap()["data"].as_array().unwrap().len();
    assert_eq!(rooms(room(reqwest::Method::GET).send().await.unwrap().text().await.unwrap()), 1);
    jellyfish.advance(Duration::from_secs(3600));
    assert_eq!(rooms(room(reqwest::Method::GET).send().await.unwrap().text().await.unwrap()), 0);
}

#[tokio::test]
async fn emulator_on_its_own_runtime_reports_a_taken_port() {
    let port = SHARED.origin().rsplit(':').next().unwrap().parse().unwrap();
    assert!(matches!(Emulator::builder().port(port).start_blocking(), Err(Error::Bind { .. })));
    assert!(matches!(Emulator::builder().id("").start_blocking(), Err(Error::InvalidOption { .. })));
}

/// On one thread, where no other task runs between the drop and the next start.
#[tokio::test]
async fn port_is_free_after_drop() {
    let mut emulator = Emulator::start().await.unwrap();
    let address = emulator.origin().trim_start_matches("http://").to_owned();
    let port = address.rsplit(':').next().unwrap().parse().unwrap();
    for number in 0..50 {
        let used = TcpStream::connect(&address).await.unwrap();
        assert_eq!(call(&emulator, "GET", "/validate", None).await.0, 200);
        drop(emulator);
        emulator = Emulator::builder().port(port).start().await.unwrap_or_else(|error| panic!("{number}: {error}"));
        drop(used);
    }
    emulator.stop().await;
    let emulator = Emulator::jellyfish().port(port).start_blocking().unwrap();
    drop(emulator);
    drop(std::net::TcpListener::bind(("127.0.0.1", port)).unwrap());
}

#[test]
fn port_is_free_after_the_runtime_ended() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let emulator = runtime.block_on(Emulator::start()).unwrap();
    let address = emulator.origin().trim_start_matches("http://").to_owned();
    drop(runtime);
    drop(emulator);
    std::net::TcpListener::bind(address).unwrap();
}
