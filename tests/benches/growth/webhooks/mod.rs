//! Concurrent webhook deliveries, and deliveries with many notifications.
//!
//! Both candidates verify the same signature, decode the same message and pass it to a handler that does nothing. Bare is
//! axum or hyper with a channel of tokio, with the same capacity as the route's queue, and one task that receives from it.

mod load;
mod servers;

use std::cell::Cell;

use anyhow::Context;
use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{Content, NotificationBatch, PeerConnected},
};
use fishjam_sdk::webhook::{SIGNATURE_HEADER, sign_webhook};
use prost::Message as _;

use self::{
    load::Load,
    servers::{Candidate, Framework, Response, Server, Setup},
};
use super::{
    curve::{Curve, Point},
    setup::rounds::{self, Turn, take_turns},
};

/// Many short turns, because the speed of a machine changes.
const ROUNDS: usize = 15;
const CONNECTIONS: [usize; 6] = [1, 10, 50, 100, 250, 500];
/// Deliveries of a turn with many connections. One connection waits for each response, so it delivers fewer.
const DELIVERIES: usize = 2_000;
const DELIVERIES_OF_ONE: usize = 500;
const BATCHES: [usize; 3] = [1, 100, 10_000];
/// Notifications of a turn with batches.
const NOTIFICATIONS: usize = 20_000;
const MAX_BATCHES: usize = 500;
const SECRET: &str = "a-secret";

pub(crate) fn measure() -> anyhow::Result<Vec<Curve>> {
    let mut curves = Vec::new();
    let mut rejected = CONNECTIONS.map(|size| (size, 0, 0));
    for (title, setup) in setups() {
        let mut points = Vec::new();
        for (size, of_sdk, of_bare) in &mut rejected {
            let requests: Vec<_> = (0..*size).map(|room| request(&message(room, 0))).collect();
            let total = if *size == 1 { DELIVERIES_OF_ONE } else { DELIVERIES };
            let pair = compare(setup, &requests, total / *size, 1)?;
            *of_sdk += pair.rejected_by_sdk;
            *of_bare += pair.rejected_by_bare;
            points.push(pair.point(*size)?);
        }
        curves.push(Curve {
            title,
            size: "connections",
            cost: "µs of CPU per delivery",
            bare: "the server, hmac, prost and a channel of tokio",
            goal: "1.1 times bare",
            points,
        });
    }
    curves.push(Curve {
        title: "Rejected webhook deliveries",
        size: "connections",
        cost: "responses with 503, all servers, threads and modes",
        bare: "a channel of the same capacity",
        goal: "0 where bare has 0",
        points: rejected
            .into_iter()
            .map(|(size, sdk, bare)| {
                anyhow::Ok(Point { size: count(size)?.into(), sdk: sdk.into(), bare: Some(bare.into()) })
            })
            .collect::<Result<_, _>>()?,
    });
    for (title, rooms) in
        [("Webhook batches of one room", 1), ("Webhook batches of a room per notification", usize::MAX)]
    {
        let setup = Setup { framework: Framework::Axum, threads: 1, response: Response::AfterHandler };
        let mut points = Vec::new();
        for size in BATCHES {
            let notifications = (0..size).map(|peer| message(peer % rooms, peer)).collect();
            let batch =
                ServerMessage { content: Some(Content::NotificationBatch(NotificationBatch { notifications })) };
            points.push(
                compare(setup, &[request(&batch)], (NOTIFICATIONS / size).min(MAX_BATCHES), count(size)?)?
                    .point(size)?,
            );
        }
        curves.push(Curve {
            title,
            size: "notifications in a delivery",
            cost: "µs of CPU per notification",
            bare: "axum, hmac, prost and a channel of tokio",
            goal: "no more per notification in a larger batch",
            points,
        });
    }
    Ok(curves)
}

fn setups() -> [(&'static str, Setup); 8] {
    let setup = |framework, threads, response| Setup { framework, threads, response };
    [
        ("Webhooks in axum, 1 thread, response after the handler", setup(Framework::Axum, 1, Response::AfterHandler)),
        ("Webhooks in axum, 1 thread, immediate response", setup(Framework::Axum, 1, Response::Immediate)),
        ("Webhooks in axum, 2 threads, response after the handler", setup(Framework::Axum, 2, Response::AfterHandler)),
        ("Webhooks in axum, 2 threads, immediate response", setup(Framework::Axum, 2, Response::Immediate)),
        ("Webhooks in hyper, 1 thread, response after the handler", setup(Framework::Hyper, 1, Response::AfterHandler)),
        ("Webhooks in hyper, 1 thread, immediate response", setup(Framework::Hyper, 1, Response::Immediate)),
        (
            "Webhooks in hyper, 2 threads, response after the handler",
            setup(Framework::Hyper, 2, Response::AfterHandler),
        ),
        ("Webhooks in hyper, 2 threads, immediate response", setup(Framework::Hyper, 2, Response::Immediate)),
    ]
}

/// The medians of both candidates.
struct Pair {
    measured: Vec<rounds::Measured>,
    rejected_by_sdk: u32,
    rejected_by_bare: u32,
}

impl Pair {
    fn point(&self, size: usize) -> anyhow::Result<Point> {
        let [bare, sdk] = &*self.measured else { anyhow::bail!("there are two candidates") };
        let (bare, ratio) = bare.cpu.zip(sdk.cpu_ratio).context("the system does not report CPU times")?;
        // The median of the rounds' ratios: a machine that becomes slower meanwhile changes it less than both medians.
        Ok(Point { size: count(size)?.into(), sdk: bare * ratio * 1e6, bare: Some(bare * 1e6) })
    }
}

/// Delivers each request `each` times per turn, on a connection of its own. Measures the CPU time of the server's threads
/// for one of `units` in each delivery.
fn compare(setup: Setup, requests: &[Vec<u8>], each: usize, units: u32) -> anyhow::Result<Pair> {
    let [bare_rejects, sdk_rejects] = [Cell::new(0), Cell::new(0)];
    let bare = candidate("bare", Candidate::Bare, setup, requests, each, units, &bare_rejects)?;
    let sdk = candidate("fishjam-sdk", Candidate::Sdk, setup, requests, each, units, &sdk_rejects)?;
    let measured = take_turns(ROUNDS, &mut [bare, sdk])?;
    Ok(Pair { measured, rejected_by_sdk: sdk_rejects.get(), rejected_by_bare: bare_rejects.get() })
}

fn candidate<'a>(
    name: &'static str,
    candidate: Candidate,
    setup: Setup,
    requests: &[Vec<u8>],
    each: usize,
    units: u32,
    rejects: &'a Cell<u32>,
) -> anyhow::Result<rounds::Candidate<'a>> {
    let server = Server::start(candidate, setup, SECRET)?;
    let load = Load::start(server.address(), requests.to_vec())?;
    let all = count(requests.len() * each)? * units;
    Ok(rounds::Candidate::new(name, move || {
        let before = server.cpu_seconds()?;
        let turn = rounds::turn(all, || {
            rejects.set(rejects.get() + load.deliver(each)?);
            Ok(())
        })?;
        let cpu = (server.cpu_seconds()? - before) / f64::from(all);
        Ok(Turn { cpu: Some(cpu), ..turn })
    }))
}

fn message(room: usize, peer: usize) -> ServerMessage {
    let content = Content::PeerConnected(PeerConnected {
        room_id: format!("0193b2c4-7d1e-7b7a-9f53-{room:012}-74656e616e74-70726f64"),
        peer_id: format!("5f0c7a52-3d47-4a8e-9c0b-{peer:012}"),
        peer_type: 1,
    });
    ServerMessage { content: Some(content) }
}

/// A delivery as the server sends it.
fn request(message: &ServerMessage) -> Vec<u8> {
    let body = message.encode_to_vec();
    let head = format!(
        "POST /fishjam HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n\
         {SIGNATURE_HEADER}: {}\r\ncontent-length: {}\r\n\r\n",
        sign_webhook(&body, SECRET),
        body.len()
    );
    [head.as_bytes(), &body].concat()
}

fn count(number: usize) -> anyhow::Result<u32> {
    Ok(u32::try_from(number)?)
}
