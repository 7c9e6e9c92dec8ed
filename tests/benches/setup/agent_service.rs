//! A minimal server for agents. It accepts every token, sends chunks to every agent and counts the chunks that it
//! receives.

#![allow(dead_code, reason = "each bench uses its part")]

use std::{
    net::Ipv4Addr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_proto::fishjam::{
    AgentRequest, AgentResponse, agent_request,
    agent_response::{Authenticated, Content, TrackData},
    notifications::Track,
};
use fishjam_sdk::{AgentOptions, FishjamClient, RoomOptions, agent::Agent};
use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use prost::Message as _;
use serde_json::json;
use tokio::{
    net::{TcpListener, TcpStream},
    runtime,
    time::{MissedTickBehavior, interval, sleep},
};
use tokio_tungstenite::{
    WebSocketStream, accept_async_with_config,
    tungstenite::{Bytes, Message, protocol::WebSocketConfig},
};

/// Between two chunks.
pub(crate) const EVERY: Duration = Duration::from_millis(20);
/// 20 milliseconds at 24 kHz.
pub(crate) const CHUNK: usize = 960;

/// An emulator for the REST calls, and the sockets beside it, in threads of their own.
pub(crate) struct AgentService {
    emulator: Emulator,
    runtime: runtime::Runtime,
    heard: Arc<Heard>,
    epoch: Instant,
}

/// The chunks that the server has received.
#[derive(Default)]
struct Heard {
    chunks: AtomicU64,
    /// How far ahead of real time the clients may send, in nanoseconds.
    lead: AtomicU64,
    /// The delay of each chunk, compared with real time since the first chunk of its agent.
    delays: Mutex<Vec<Duration>>,
}

impl Heard {
    /// Records a chunk with this number, whose agent started at this time.
    fn record(&self, number: u32, started: Instant) {
        self.chunks.fetch_add(1, Ordering::Relaxed);
        let lead = Duration::from_nanos(self.lead.load(Ordering::Relaxed));
        // A client with a lead sends a chunk when its end is within the lead.
        let due = (EVERY * (number + u32::from(!lead.is_zero()))).saturating_sub(lead);
        let delay = started.elapsed().saturating_sub(due);
        self.delays.lock().unwrap_or_else(PoisonError::into_inner).push(delay);
    }
}

impl AgentService {
    /// Starts the server. `pace` selects a chunk every 20 milliseconds or chunks at full speed.
    pub(crate) fn start(pace: Pace) -> anyhow::Result<Self> {
        let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let emulator = runtime.block_on(Emulator::start())?;
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
        listener.set_nonblocking(true)?;
        let url = json!(format!("ws://{}/socket/peer/websocket", listener.local_addr()?));
        emulator
            .faults()
            .on("add_peer")
            .always()
            .patch_json(move |response| response["data"]["peer_websocket_url"] = url.clone());
        let (heard, epoch) = (Arc::new(Heard::default()), Instant::now());
        let counted = Arc::clone(&heard);
        let sockets = runtime::Builder::new_current_thread().enable_all().build()?;
        thread::spawn(move || {
            sockets.block_on(async move {
                let Ok(listener) = TcpListener::from_std(listener) else { return };
                while let Ok((connection, _)) = listener.accept().await {
                    let _ = connection.set_nodelay(true);
                    tokio::spawn(serve(connection, pace, Arc::clone(&counted), epoch));
                }
            });
        });
        Ok(Self { emulator, runtime, heard, epoch })
    }

    pub(crate) fn url(&self) -> &str {
        self.emulator.url()
    }

    pub(crate) fn token(&self) -> &str {
        self.emulator.token()
    }

    /// Creates agents in a room. The requests run in another thread, so they do not count.
    pub(crate) fn create_agents(&self, count: usize) -> anyhow::Result<Vec<Agent>> {
        let fishjam = FishjamClient::new(self.url(), self.token())?;
        self.block_on(async {
            let room = fishjam.create_room(RoomOptions::new()).await?;
            let mut agents = Vec::with_capacity(count);
            for _ in 0..count {
                agents.push(fishjam.create_agent(&room.id, AgentOptions::new()).await?);
            }
            Ok(agents)
        })
    }

    /// Returns the number of chunks that the server has received.
    pub(crate) fn heard(&self) -> u64 {
        self.heard.chunks.load(Ordering::Relaxed)
    }

    /// Forgets the delays of all chunks. From now on, clients may send this far ahead of real time.
    pub(crate) fn expect_lead(&self, lead: Duration) {
        self.heard.lead.store(u64::try_from(lead.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.delays();
    }

    /// Returns the delays of the chunks since the last call, compared with real time. Chunks that arrive early have no
    /// delay.
    pub(crate) fn delays(&self) -> Vec<Duration> {
        std::mem::take(&mut *self.heard.delays.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the clock that measures the age of a chunk.
    pub(crate) fn clock(&self) -> Clock {
        Clock(self.epoch)
    }

    /// Runs REST calls in a thread that is not measured.
    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
}

/// The speed at which the service sends audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    RealTime,
    FlatOut,
    Silent,
}

/// The clock by which chunks are stamped.
#[derive(Clone, Copy)]
pub(crate) struct Clock(Instant);

impl Clock {
    /// Returns the time since the server sent the chunk.
    pub(crate) fn latency(self, chunk: &[u8]) -> Duration {
        let stamp = chunk.first_chunk().map_or(0, |stamp| u64::from_le_bytes(*stamp));
        self.0.elapsed().saturating_sub(Duration::from_nanos(stamp))
    }
}

async fn serve(connection: TcpStream, pace: Pace, heard: Arc<Heard>, epoch: Instant) -> anyhow::Result<()> {
    let config = WebSocketConfig::default().read_buffer_size(16 * 1024);
    let (mut sink, mut stream) = accept_async_with_config(connection, Some(config)).await?.split();
    stream.next().await.context("no token")??;
    let authenticated = AgentResponse { content: Some(Content::Authenticated(Authenticated {})) };
    sink.send(Message::binary(authenticated.encode_to_vec())).await?;
    let speaking = tokio::spawn(speak(sink, pace, epoch));
    let (mut number, mut started) = (0, None);
    while let Some(Ok(message)) = stream.next().await {
        if let Message::Binary(frame) = message
            && let Some(agent_request::Content::TrackData(_)) = AgentRequest::decode(frame)?.content
        {
            heard.record(number, *started.get_or_insert_with(Instant::now));
            number += 1;
        }
    }
    speaking.abort();
    Ok(())
}

async fn speak(
    mut sink: SplitSink<WebSocketStream<TcpStream>, Message>,
    pace: Pace,
    epoch: Instant,
) -> anyhow::Result<()> {
    if pace == Pace::Silent {
        return std::future::pending().await;
    }
    // Not all at the same time.
    sleep(EVERY.mul_f64(f64::from(epoch.elapsed().subsec_nanos() % 997) / 997.0)).await;
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    loop {
        if pace == Pace::RealTime {
            ticks.tick().await;
        }
        let mut data = vec![0; CHUNK];
        let stamp = u64::try_from(epoch.elapsed().as_nanos())?.to_le_bytes();
        data[..stamp.len()].copy_from_slice(&stamp);
        let track = Track {
            id: "7a3e9b10-65f1-4f6e-8d2a-000000000001".to_owned(),
            r#type: 2,
            metadata: r#"{"type":"microphone"}"#.to_owned(),
        };
        let content = Content::TrackData(TrackData {
            peer_id: "5f0c7a52-3d47-4a8e-9c0b-000000000001".to_owned(),
            track: Some(track),
            data: Bytes::from(data),
        });
        let frame = AgentResponse { content: Some(content) }.encode_to_vec();
        match pace {
            Pace::FlatOut => sink.feed(Message::binary(frame)).await?,
            _ => sink.send(Message::binary(frame)).await?,
        }
    }
}
