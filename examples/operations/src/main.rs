//! A command-line script for operators: lists resources, deletes leftovers, prints events.
//!
//! ```text
//! operations list                             all rooms, livestreams and recordings
//! operations cleanup                          leftovers of a crashed process; deletes nothing
//! operations cleanup --yes [--wait SECONDS]   deletes the leftovers that are still there after 30 seconds
//! operations tail                             events, until Ctrl+C
//! ```
//!
//! The output is one JSON object per line. Settings: `FISHJAM_ID`, `FISHJAM_MANAGEMENT_TOKEN` and `RUST_LOG`.

use std::{
    collections::BTreeSet,
    env,
    io::{self, ErrorKind, Write},
    pin::pin,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, bail};
use fishjam_sdk::{
    FishjamClient, FishjamNotifier, Listing, Peer, PeerId, PeerStatus, PeerType, RecordingFilter, Result, Room, RoomId,
    RoomType,
};
use serde::Serialize;
use serde_json::json;
use tracing_subscriber::EnvFilter;

const USAGE: &str = "usage: operations list | cleanup [--yes [--wait SECONDS]] | tail";
/// Default of `--wait`: a leftover must still be one after this time.
const WAIT: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();

    let arguments: Vec<String> = env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list"] => list().await,
        ["cleanup"] => preview().await,
        ["cleanup", "--yes"] => cleanup(WAIT).await,
        ["cleanup", "--yes", "--wait", seconds] => match seconds.parse() {
            Ok(seconds) => cleanup(Duration::from_secs(seconds)).await,
            Err(_) => return usage(),
        },
        ["tail"] => tail().await,
        _ => return usage(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of the output, such as `head`, has enough lines.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("operations: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}

async fn list() -> anyhow::Result<()> {
    let fishjam = FishjamClient::from_env()?;
    print_all("room", &fishjam.get_all_rooms_with_unreadable().await?)?;
    // Tokens are printed as `[redacted]`.
    print_all("livestream", &fishjam.get_all_streams_with_unreadable().await?)?;
    print_all("recording", &fishjam.get_all_recordings_with_unreadable(RecordingFilter::new()).await?)
}

/// Prints the items of a list, and those that this version of the SDK cannot read.
fn print_all<T: Serialize>(name: &str, list: &Listing<T>) -> anyhow::Result<()> {
    for item in &list.items {
        print(&json!({ name: item }))?;
    }
    for item in &list.unreadable {
        print(&json!({ "unreadable": { name: item } }))?;
    }
    Ok(())
}

/// Something that a crashed process left behind.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Leftover {
    Agent { room_id: RoomId, peer_id: PeerId },
    Room { room_id: RoomId },
}

impl Leftover {
    /// Returns the leftovers in these rooms: agents without a connection, and rooms in which no other peer is.
    ///
    /// A livestream room is not a leftover, because it never has peers. A person without a connection can connect again.
    fn of(rooms: &[Room]) -> BTreeSet<Leftover> {
        let is_call = |room: &&Room| matches!(room.config.room_type, RoomType::Conference | RoomType::AudioOnly);
        let leftovers = rooms.iter().filter(is_call).flat_map(|room| {
            let agents = room.peers.iter().filter(|peer| is_left_behind(peer)).map(|peer| {
                let (room_id, peer_id) = (room.id.clone(), peer.id.clone());
                Leftover::Agent { room_id, peer_id }
            });
            let is_empty = room.peers.iter().all(is_left_behind);
            agents.chain(is_empty.then(|| Leftover::Room { room_id: room.id.clone() }))
        });
        leftovers.collect()
    }

    async fn delete(&self, fishjam: &FishjamClient) -> Result<()> {
        let deleted = match self {
            Leftover::Agent { room_id, peer_id } => fishjam.delete_peer(room_id, peer_id).await,
            Leftover::Room { room_id } => fishjam.delete_room(room_id).await,
        };
        deleted.or_else(|error| if error.is_not_found() { Ok(()) } else { Err(error) })
    }
}

fn is_left_behind(peer: &Peer) -> bool {
    peer.peer_type == PeerType::Agent && peer.status == PeerStatus::Disconnected
}

/// Prints the leftovers and deletes nothing.
async fn preview() -> anyhow::Result<()> {
    for leftover in Leftover::of(&FishjamClient::from_env()?.get_all_rooms().await?) {
        print(&json!({ "wouldDelete": leftover }))?;
    }
    eprintln!(
        "Nothing was deleted. Fishjam reports no creation time of a room, and a room has neither a name nor metadata: an \
         empty room can be new. Store the ids of your rooms, for example in your database, and compare them with this \
         list. To delete everything in this list, add --yes."
    );
    Ok(())
}

/// Deletes the leftovers that are still leftovers after the wait. An error does not stop the other deletions.
async fn cleanup(wait: Duration) -> anyhow::Result<()> {
    let fishjam = FishjamClient::from_env()?;
    let before = Leftover::of(&fishjam.get_all_rooms().await?);
    tokio::time::sleep(if before.is_empty() { Duration::ZERO } else { wait }).await;
    let after = Leftover::of(&fishjam.get_all_rooms().await?);
    let mut failures = 0;
    for leftover in before.intersection(&after) {
        match leftover.delete(&fishjam).await {
            Ok(()) => print(&json!({ "deleted": leftover }))?,
            Err(error) => {
                failures += 1;
                print(&json!({ "failed": leftover, "error": format!("{error:#}") }))?;
            }
        }
    }
    if failures > 0 {
        bail!("{failures} deletions failed");
    }
    Ok(())
}

/// Prints notifications and gaps until Ctrl+C. The notifier reconnects after an outage.
async fn tail() -> anyhow::Result<()> {
    let notifier = FishjamNotifier::from_env()?;
    let mut interrupted = pin!(tokio::signal::ctrl_c());
    let mut events = tokio::select! {
        events = notifier.events() => events?,
        _ = &mut interrupted => return Ok(()),
    };
    let mut is_open = true;
    loop {
        tokio::select! {
            event = events.receive() => match event {
                Some(event) => print(&event?)?,
                None => break,
            },
            _ = &mut interrupted, if is_open => {
                // The stream yields the events that have arrived, and then ends.
                notifier.close();
                is_open = false;
            }
        }
    }
    notifier.closed().await;
    Ok(())
}

/// Prints one line.
fn print(value: &impl Serialize) -> anyhow::Result<()> {
    let line = serde_json::to_string(value)?;
    writeln!(io::stdout(), "{line}").context("cannot write the output")
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
