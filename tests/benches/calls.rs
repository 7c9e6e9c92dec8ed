//! Calls per second of `get_room` and `create_room`, with 1 and with 64 in flight.
//!
//! The SDK competes with bare reqwest and serde_json, and `get_room` with the official Python SDK as well. All use one
//! server that responds immediately.

use std::sync::Arc;

use fishjam_sdk::{FishjamClient, RoomOptions};
use serde_json::json;
use tokio::runtime::{self, Runtime};

use self::setup::{
    bare::{self, Created, Room},
    fixed_response,
    in_flight::make_calls,
    python::Python,
    rounds::{Candidate, Figure, Turn, print, take_turns},
};

mod setup {
    pub(crate) mod bare;
    pub(crate) mod fixed_response;
    pub(crate) mod in_flight;
    pub(crate) mod python;
    pub(crate) mod rounds;
}

/// There are many short turns, because the load of the machine changes quickly.
const ROUNDS: usize = 301;
const PYTHON_EVERY: usize = 15;
/// Calls in one turn; Python's turn is shorter.
const CALLS: u32 = 640;
const PYTHON_CALLS: u32 = 192;
const ROOM_ID: &str = "0193b2c4-7d1e-7b7a-9f53-000000000001-74656e616e74-70726f64";

fn main() -> anyhow::Result<()> {
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let body = serde_json::to_vec(&json!({ "data": fixed_response::room(1, 2) }))?;
    let url = fixed_response::serve(&body)?;
    let fishjam = FishjamClient::new(&*url, bare::TOKEN)?;
    let (http, base) = (bare::client()?, Arc::<str>::from(&*url));
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let mut python = Python::start("bench_calls.py", &url, bare::TOKEN)?;

    println!("get_room, {} bytes; medians of {ROUNDS} rounds in turns", body.len());
    for in_flight in [1, 64] {
        let bare = || {
            let (http, base) = (http.clone(), Arc::clone(&base));
            make_calls(&runtime, CALLS, in_flight, move || {
                let (http, base) = (http.clone(), Arc::clone(&base));
                async move { bare::get::<Room>(&http, &format!("{base}/room/{ROOM_ID}")).await }
            })
        };
        let sdk = || {
            let fishjam = fishjam.clone();
            make_calls(&runtime, CALLS, in_flight, move || {
                let fishjam = fishjam.clone();
                async move { Ok(fishjam.get_room(ROOM_ID).await?) }
            })
        };
        let mut candidates =
            vec![Candidate::new("bare reqwest + serde_json", bare), Candidate::new("fishjam-sdk", sdk)];
        if let Some(python) = &mut python {
            candidates.push(
                Candidate::new("Python SDK", move || {
                    python.send(&format!("{PYTHON_CALLS} {in_flight} {ROOM_ID}"))?;
                    let seconds: f64 = python.hear()?.parse()?;
                    Ok(Turn { wall: seconds / f64::from(PYTHON_CALLS), cpu: None })
                })
                .every(PYTHON_EVERY),
            );
        }
        let title = format!("{in_flight} in flight");
        print(&title, "calls", Figure::PerSecond, &take_turns(ROUNDS, &mut candidates)?);
    }
    creates(&runtime)
}

/// Compares the calls that cannot be repeated: each one waits for a turn of the I/O driver first.
fn creates(runtime: &Runtime) -> anyhow::Result<()> {
    let body = serde_json::to_vec(&json!({ "data": { "room": fixed_response::room(1, 0) } }))?;
    let url = fixed_response::serve(&body)?;
    let fishjam = FishjamClient::new(&*url, bare::TOKEN)?;
    let (http, url) = (bare::client()?, Arc::<str>::from(format!("{url}/room")));
    println!("create_room, {} bytes; medians of {ROUNDS} rounds in turns", body.len());
    for in_flight in [1, 64] {
        let bare = || {
            let (http, url) = (http.clone(), Arc::clone(&url));
            make_calls(runtime, CALLS, in_flight, move || {
                let (http, url) = (http.clone(), Arc::clone(&url));
                async move { bare::post::<Created>(&http, &url, &json!({ "maxPeers": 10 })).await }
            })
        };
        let sdk = || {
            let fishjam = fishjam.clone();
            make_calls(runtime, CALLS, in_flight, move || {
                let fishjam = fishjam.clone();
                async move { Ok(fishjam.create_room(RoomOptions::new().max_peers(10)).await?) }
            })
        };
        let mut candidates = [Candidate::new("bare reqwest + serde_json", bare), Candidate::new("fishjam-sdk", sdk)];
        let title = format!("{in_flight} in flight");
        print(&title, "calls", Figure::PerSecond, &take_turns(ROUNDS, &mut candidates)?);
    }
    Ok(())
}
