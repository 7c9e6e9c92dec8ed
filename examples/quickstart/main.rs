//! Creates a room and a peer with a token, and prints the server's notifications about both.
//!
//! ```sh
//! cargo run --example quickstart
//! ```
//!
//! With `FISHJAM_ID` and `FISHJAM_MANAGEMENT_TOKEN`, it uses your Fishjam. Otherwise, it starts an emulator on this
//! machine.

use std::{env, process::ExitCode, time::Duration};

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    Error, ErrorKind, EventStream, FishjamClient, FishjamNotifier, PeerOptions, RoomOptions, VideoCodec,
    events::{Event, Notification},
};
use serde_json::json;

/// Time limit for the notifications.
const PATIENCE: Duration = Duration::from_secs(15);

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nfailed: {error:#}");
            if let Some(advice) = error.downcast_ref::<Error>().and_then(advice) {
                eprintln!("{advice}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    // The emulator lives as long as this variable.
    let _emulator;
    let (id, token) = match (env::var("FISHJAM_ID"), env::var("FISHJAM_MANAGEMENT_TOKEN")) {
        (Ok(id), Ok(token)) => {
            println!("Using your Fishjam, because FISHJAM_ID is set.");
            (id, token)
        }
        (Err(_), Err(_)) => {
            let emulator = Emulator::start().await?;
            let credentials = (emulator.url().to_owned(), emulator.token().to_owned());
            println!("FISHJAM_ID is not set, so this runs on an emulator at {}.", emulator.url());
            _emulator = emulator;
            credentials
        }
        _ => anyhow::bail!("set both FISHJAM_ID and FISHJAM_MANAGEMENT_TOKEN, or neither"),
    };

    let fishjam = FishjamClient::create_and_verify(&id, &token).await?;
    println!("The credentials are right.");
    let mut events = FishjamNotifier::new(&id, &token)?.events().await?;
    println!("Listening to the server's notifications.\n");

    let room = fishjam.create_room(RoomOptions::new().max_peers(10).video_codec(VideoCodec::H264)).await?;
    println!("created   room {} for up to {} peers", room.id, room.config.max_peers.unwrap_or_default());
    let options = PeerOptions::new().metadata(json!({ "name": "Ada" }));
    let (peer, token) = fishjam.create_peer(&room.id, options).await?;
    println!("added     peer {}", peer.id);
    // Send the token to the peer's client. It is a secret, so this prints only its length.
    println!("issued    a token of {} characters, with which Ada's client can join", token.expose().len());
    let rooms = fishjam.get_all_rooms().await?;
    println!(
        "listed    {} room(s), {} of them with peers",
        rooms.len(),
        rooms.iter().filter(|r| !r.peers.is_empty()).count()
    );
    fishjam.delete_room(&room.id).await?;
    println!("deleted   the room again\n");

    tokio::time::timeout(PATIENCE, print_until_deleted(&room.id, &mut events))
        .await
        .context("the notifications of this room did not arrive")??;
    println!("\nReceived all notifications. Done.");
    Ok(())
}

/// Prints the notifications of a room until the room is deleted.
async fn print_until_deleted(room_id: &fishjam_sdk::RoomId, events: &mut EventStream) -> anyhow::Result<()> {
    while let Some(event) = events.receive().await {
        if let Event::Notification(notification) = event?
            && notification.room_id() == Some(room_id)
        {
            println!("received  {notification}");
            if matches!(notification, Notification::RoomDeleted(_)) {
                return Ok(());
            }
        }
    }
    anyhow::bail!("the connection ended too early")
}

fn advice(error: &Error) -> Option<&'static str> {
    Some(match error.kind() {
        ErrorKind::InvalidCredentials | ErrorKind::Unauthorized => {
            "Look both values up in the Fishjam dashboard, or unset them to run on the emulator."
        }
        ErrorKind::InvalidInput => "Correct the value that the message names.",
        ErrorKind::Timeout | ErrorKind::Connection => "Is the address right, and can this machine reach it?",
        _ => return None,
    })
}
