//! Errors of calls.

use std::time::Duration;

use fishjam_emulator::Emulator;
use fishjam_sdk::{FishjamClient, FishjamClientBuilder, PeerOptions, PeerToken, RoomOptions};
use fishjam_tests::support::{silent, unused_url};
use serde_json::json;

use super::line;

fn builder(url: &str, token: &str) -> FishjamClientBuilder {
    FishjamClient::builder(url, token).max_attempts(1).no_proxy().request_timeout(Duration::from_secs(60))
}

pub(super) async fn errors() -> anyhow::Result<Vec<String>> {
    let emulator = Emulator::start().await?;
    let (url, token) = (emulator.url(), emulator.token());
    let fishjam = builder(url, token).build()?;
    let room = fishjam.create_room(RoomOptions::new().max_peers(1)).await?;
    let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    let mut errors = vec![
        line(builder(url, "wrong").build()?.get_all_rooms().await)?,
        line(builder(&format!("{url}-of-nobody"), token).build()?.get_all_rooms().await)?,
        line(fishjam.get_room("gone").await)?,
        line(fishjam.get_room("../room").await)?,
        line(fishjam.create_peer(&room.id, PeerOptions::new()).await)?,
        line(builder(url, token).max_response_bytes(10).build()?.get_all_rooms().await)?,
    ];
    for (operation, status) in [("create_room", 402), ("create_room", 429), ("create_room", 503), ("create_room", 504)]
    {
        emulator.faults().on(operation).status(status);
        errors.push(line(fishjam.create_room(RoomOptions::new()).await)?);
    }
    emulator.faults().on("get_all_rooms").redirect(301, "https://example.com/").body("");
    errors.push(line(fishjam.get_all_rooms().await)?);
    emulator.faults().on("get_all_rooms").status(200).body("<html>");
    errors.push(line(fishjam.get_all_rooms().await)?);
    emulator.faults().on("get_all_rooms").disconnect();
    errors.push(line(fishjam.get_all_rooms().await)?);

    let (_listener, silent) = silent().await?;
    errors.push(line(
        builder(&silent, token).request_timeout(Duration::from_millis(100)).build()?.get_all_rooms().await,
    )?);
    errors.push(line(builder(&url.replace("http:", "https:"), token).build()?.get_all_rooms().await)?);
    let unused = unused_url().await?;
    errors.push(line(builder(&unused, token).build()?.get_all_rooms().await)?);
    errors.push(line(builder("http://fishjam.invalid", token).build()?.get_all_rooms().await)?);
    errors.push(line(builder("https://fishjam.invalid", token).proxy(&unused).build()?.get_all_rooms().await)?);
    let untrusted = Emulator::builder().tls(true).start().await?;
    errors.push(line(builder(untrusted.url(), untrusted.token()).build()?.get_all_rooms().await)?);

    emulator.connect_peer(&room.id, &peer.id, Default::default())?.set_metadata(json!("text"))?;
    let room = fishjam.get_room(&room.id).await?;
    errors.push(line(room.peers[0].metadata::<Vec<u8>>())?);
    let printed = serde_json::to_string(&PeerToken::from("a-token"))?;
    errors.extend(serde_json::from_str::<PeerToken>(&printed).err().map(|error| error.to_string()));
    Ok(errors)
}
