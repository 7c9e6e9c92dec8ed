//! Calls in flight.

use std::sync::Arc;

use fishjam_sdk::{FishjamClient, RoomOptions};
use serde_json::{Value, json};
use tokio::runtime::{self, Runtime};

use super::{
    curve::{Curve, Point},
    setup::{
        bare::{self, Created, Room},
        fixed_response,
        in_flight::make_calls,
        rounds::{Candidate, Measured, take_turns},
    },
};

const IN_FLIGHT: [u32; 6] = [1, 4, 16, 64, 256, 1000];
const ROUNDS: usize = 31;
/// Calls in one turn.
const CALLS: u32 = 1000;
const BARE: &str = "reqwest and serde_json";
const ROOM_ID: &str = "0193b2c4-7d1e-7b7a-9f53-000000000001-74656e616e74-70726f64";

pub(crate) fn measure() -> anyhow::Result<Vec<Curve>> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let gets = reads(&runtime)?;
    let creates = creates(&runtime)?;
    let curve = |title, cost, goal, points| Curve { title, size: "calls in flight", cost, bare: BARE, goal, points };
    let mut curves = Vec::new();
    for (cpu, time, goal, rows) in [
        ("CPU of reads in flight", "Time of reads in flight", "at most 1.05 of bare", gets),
        ("CPU of creates in flight", "Time of creates in flight", "the SDK adds at most 15 µs at every size", creates),
    ] {
        curves.push(curve(cpu, "µs of CPU per call", goal, points(&rows, |m| m.cpu)));
        curves.push(curve(time, "µs per call", goal, points(&rows, |m| Some(m.wall))));
    }
    Ok(curves)
}

/// Returns one figure of each row in microseconds, or no points if the system does not have it.
fn points(rows: &[(u32, Vec<Measured>)], seconds: impl Fn(&Measured) -> Option<f64>) -> Vec<Point> {
    let point = |(in_flight, measured): &(u32, Vec<Measured>)| {
        let [bare, sdk] = measured.as_slice() else { return None };
        let bare = Some(seconds(bare)? * 1e6);
        Some(Point { size: u64::from(*in_flight), sdk: seconds(sdk)? * 1e6, bare })
    };
    rows.iter().filter_map(point).collect()
}

/// Measures `get_room`, which can be repeated.
fn reads(runtime: &Runtime) -> anyhow::Result<Vec<(u32, Vec<Measured>)>> {
    let url = serve(&json!({ "data": fixed_response::room(1, 2) }))?;
    let (fishjam, http) = (FishjamClient::new(&*url, bare::TOKEN)?, bare::client()?);
    let measure = |in_flight| {
        let bare = || {
            let (http, url) = (http.clone(), Arc::clone(&url));
            make_calls(runtime, CALLS, in_flight, move || {
                let (http, url) = (http.clone(), Arc::clone(&url));
                async move { bare::get::<Room>(&http, &format!("{url}/room/{ROOM_ID}")).await }
            })
        };
        let sdk = || {
            let fishjam = fishjam.clone();
            make_calls(runtime, CALLS, in_flight, move || {
                let fishjam = fishjam.clone();
                async move { Ok(fishjam.get_room(ROOM_ID).await?) }
            })
        };
        let mut candidates = [Candidate::new("bare", bare), Candidate::new("fishjam-sdk", sdk)];
        Ok((in_flight, take_turns(ROUNDS, &mut candidates)?))
    };
    IN_FLIGHT.into_iter().map(measure).collect()
}

/// Measures `create_room`, which cannot be repeated: each call waits for a turn of the I/O driver first.
fn creates(runtime: &Runtime) -> anyhow::Result<Vec<(u32, Vec<Measured>)>> {
    let url = serve(&json!({ "data": { "room": fixed_response::room(1, 0) } }))?;
    let (fishjam, http) = (FishjamClient::new(&*url, bare::TOKEN)?, bare::client()?);
    let rooms = Arc::<str>::from(format!("{url}/room"));
    let measure = |in_flight| {
        let bare = || {
            let (http, rooms) = (http.clone(), Arc::clone(&rooms));
            make_calls(runtime, CALLS, in_flight, move || {
                let (http, rooms) = (http.clone(), Arc::clone(&rooms));
                async move { bare::post::<Created>(&http, &rooms, &json!({ "maxPeers": 10 })).await }
            })
        };
        let sdk = || {
            let fishjam = fishjam.clone();
            make_calls(runtime, CALLS, in_flight, move || {
                let fishjam = fishjam.clone();
                async move { Ok(fishjam.create_room(RoomOptions::new().max_peers(10)).await?) }
            })
        };
        let mut candidates = [Candidate::new("bare", bare), Candidate::new("fishjam-sdk", sdk)];
        Ok((in_flight, take_turns(ROUNDS, &mut candidates)?))
    };
    IN_FLIGHT.into_iter().map(measure).collect()
}

fn serve(body: &Value) -> anyhow::Result<Arc<str>> {
    Ok(fixed_response::serve(&serde_json::to_vec(body)?)?.into())
}
