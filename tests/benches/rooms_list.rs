//! A list of 10,000 rooms with 5 peers each: `get_all_rooms` next to bare reqwest with serde_json, and next to
//! serde_json alone on a body that is in memory already. All candidates decode the same data.

use std::{hint::black_box, time::Duration};

use criterion::Criterion;
use fishjam_sdk::FishjamClient;
use serde_json::json;
use tokio::runtime;

use self::setup::{
    bare::{self, Response, Room},
    fixed_response,
    rounds::{Candidate, Figure, print, take_turns, turn},
};

mod setup {
    pub(crate) mod bare;
    pub(crate) mod fixed_response;
    pub(crate) mod rounds;
}

const ROOMS: usize = 10_000;
const PEERS: usize = 5;
const ROUNDS: usize = 15;

fn main() -> anyhow::Result<()> {
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let rooms: Vec<_> = (0..ROOMS).map(|number| fixed_response::room(number, PEERS)).collect();
    let body = serde_json::to_vec(&json!({ "data": rooms }))?;
    let url = fixed_response::serve(&body)?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let fishjam = FishjamClient::new(&*url, bare::TOKEN)?;
    let (http, rooms_url) = (bare::client()?, format!("{url}/room"));

    let sdk = || runtime.block_on(fishjam.get_all_rooms());
    let reqwest = || runtime.block_on(bare::get::<Vec<Room>>(&http, &rooms_url));
    let transfer = || runtime.block_on(async { anyhow::Ok(http.get(&rooms_url).send().await?.bytes().await?) });
    // The body is copied each time, so that all candidates allocate the same amount.
    let decode = || serde_json::from_slice::<Response<Vec<Room>>>(black_box(&body.clone()));
    anyhow::ensure!(sdk()?.len() == ROOMS && reqwest()?.len() == ROOMS && decode()?.data.len() == ROOMS);

    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(5))
        .sample_size(10)
        .configure_from_args();
    let mut group = criterion.benchmark_group("rooms_list");
    group.bench_function("fishjam-sdk", |bench| bench.iter(sdk));
    group.bench_function("bare reqwest + serde_json", |bench| bench.iter(reqwest));
    group.bench_function("serde_json alone", |bench| bench.iter(decode));
    group.finish();
    criterion.final_summary();

    let one = |work: &dyn Fn() -> anyhow::Result<()>| turn(1, work);
    let measured = take_turns(
        ROUNDS,
        &mut [
            Candidate::new("bare reqwest + serde_json", || one(&|| reqwest().map(|x| drop(black_box(x))))),
            Candidate::new("fishjam-sdk", || one(&|| sdk().map(|x| drop(black_box(x))).map_err(Into::into))),
            Candidate::new("serde_json alone", || one(&|| decode().map(|x| drop(black_box(x))).map_err(Into::into))),
            Candidate::new("transfer alone", || one(&|| transfer().map(|x| drop(black_box(x))))),
        ],
    )?;
    let megabytes = body.len() as f64 / 1e6;
    println!("\n{ROOMS} rooms with {PEERS} peers each, {megabytes:.1} MB; medians of {ROUNDS} rounds in turns");
    print("", "list", Figure::Milliseconds, &measured);
    if let [_, sdk, alone, transfer] = measured.as_slice() {
        let decoding = |m: f64| (m - transfer.wall) / alone.wall;
        println!("fishjam-sdk without the transfer is {:.2} of serde_json alone", decoding(sdk.wall));
        println!("fishjam-sdk with the transfer is {:.2} of serde_json alone", sdk.wall / alone.wall);
    }
    Ok(())
}
