//! A room and its peers from a synchronous program: no `async`, no runtime, several threads with one client.
//!
//! ```sh
//! cargo run --example blocking --features blocking
//! ```
//!
//! With `FISHJAM_ID` and `FISHJAM_MANAGEMENT_TOKEN` set it does this on your Fishjam; without them on an emulator
//! that it starts on this machine.

use std::{env, thread};

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{PeerOptions, RoomOptions, blocking::FishjamClient};
use serde_json::json;
use tokio::runtime::Runtime;

fn main() -> anyhow::Result<()> {
    // The emulator lives as long as this variable. It needs a runtime; the client does not.
    let _emulator;
    let (id, token) = match (env::var("FISHJAM_ID"), env::var("FISHJAM_MANAGEMENT_TOKEN")) {
        (Ok(id), Ok(token)) => {
            println!("Using your Fishjam, as FISHJAM_ID says.");
            (id, token)
        }
        (Err(_), Err(_)) => {
            let runtime = Runtime::new()?;
            let emulator = runtime.block_on(Emulator::start())?;
            let credentials = (emulator.url().to_owned(), emulator.token().to_owned());
            println!("FISHJAM_ID is not set, so this runs on an emulator at {}.", emulator.url());
            _emulator = (emulator, runtime);
            credentials
        }
        _ => anyhow::bail!("set both FISHJAM_ID and FISHJAM_MANAGEMENT_TOKEN, or neither"),
    };

    let fishjam = FishjamClient::create_and_verify(&id, &token)?;
    println!("The credentials are right.\n");

    let room = fishjam.create_room(RoomOptions::new().max_peers(10))?;
    println!("created   room {}", room.id);
    thread::scope(|scope| {
        let add = |name| {
            let options = PeerOptions::new().metadata(json!({ "name": name }));
            let (peer, token) = fishjam.create_peer(&room.id, options)?;
            // Hand the token to the peer's client; here it is only measured, since it is a secret.
            println!("added     peer {} ({name}), whose token has {} characters", peer.id, token.expose().len());
            Ok(())
        };
        let adding = ["Ada", "Grace", "Edsger"].map(|name| scope.spawn(move || add(name)));
        adding.into_iter().try_for_each(|added| added.join().unwrap_or_else(|_| anyhow::bail!("a thread panicked")))
    })
    .context("not every peer could be added")?;
    let peers = fishjam.get_room(&room.id)?.peers.len();
    anyhow::ensure!(peers == 3, "there are {peers} peers in the room");
    println!("found     {peers} peers in the room");
    fishjam.delete_room(&room.id)?;
    anyhow::ensure!(fishjam.get_room(&room.id).is_err_and(|error| error.is_not_found()), "the room is still there");
    println!("deleted   the room again");
    Ok(())
}
