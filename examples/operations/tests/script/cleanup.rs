//! `operations cleanup`

use anyhow::{Result, ensure};
use fishjam_emulator::{Emulator, ScriptedPeerOptions};
use fishjam_sdk::{AgentOptions, FishjamClient, PeerId, PeerOptions, RoomId, RoomOptions, RoomType};
use serde_json::json;

use super::{lines, run};

/// An emulator whose account contains leftovers and used resources.
struct Account {
    emulator: Emulator,
    fishjam: FishjamClient,
    /// A room without peers.
    empty: RoomId,
    /// A room that contains only an agent without a connection.
    abandoned: RoomId,
    abandoned_agent: PeerId,
    /// A room with a connected peer and an agent without a connection.
    used: RoomId,
    used_agent: PeerId,
}

impl Account {
    async fn create() -> Result<Account> {
        let emulator = Emulator::start().await?;
        let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
        let empty = fishjam.create_room(RoomOptions::new()).await?.id;
        let abandoned = fishjam.create_room(RoomOptions::new()).await?.id;
        let abandoned_agent = fishjam.create_agent(&abandoned, AgentOptions::new()).await?.id().clone();
        let used = fishjam.create_room(RoomOptions::new()).await?.id;
        let used_agent = fishjam.create_agent(&used, AgentOptions::new()).await?.id().clone();
        let (ada, _token) = fishjam.create_peer(&used, PeerOptions::new()).await?;
        emulator.connect_peer(&used, &ada.id, ScriptedPeerOptions::new())?;
        Ok(Account { emulator, fishjam, empty, abandoned, abandoned_agent, used, used_agent })
    }

    async fn room_ids(&self) -> Result<Vec<RoomId>> {
        Ok(self.fishjam.get_all_rooms().await?.into_iter().map(|room| room.id).collect())
    }

    fn agents(&self) -> [serde_json::Value; 2] {
        [(&self.abandoned, &self.abandoned_agent), (&self.used, &self.used_agent)]
            .map(|(room, agent)| json!({ "agent": { "roomId": room, "peerId": agent } }))
    }

    fn rooms(&self) -> [serde_json::Value; 2] {
        [&self.abandoned, &self.empty].map(|room| json!({ "room": { "roomId": room } }))
    }
}

#[tokio::test]
async fn cleanup_without_yes_deletes_nothing() -> Result<()> {
    let account = Account::create().await?;
    let output = run(&account.emulator, &["cleanup"]).await?;
    ensure!(output.status.success(), "{output:?}");
    let lines = lines(&output.stdout)?;
    assert_eq!(lines.len(), 4);
    for leftover in account.agents().into_iter().chain(account.rooms()) {
        ensure!(lines.contains(&json!({ "wouldDelete": leftover })), "{}", output.stdout);
    }
    ensure!(output.stderr.contains("no creation time") && output.stderr.contains("--yes"), "{}", output.stderr);
    assert_eq!(account.room_ids().await?.len(), 3);
    assert_eq!(account.emulator.journal().count("delete_peer"), 0);
    Ok(())
}

#[tokio::test]
async fn cleanup_with_yes_deletes_only_leftovers() -> Result<()> {
    let account = Account::create().await?;
    let output = run(&account.emulator, &["cleanup", "--yes", "--wait", "0"]).await?;
    ensure!(output.status.success(), "{output:?}");
    let lines = lines(&output.stdout)?;
    assert_eq!(lines.len(), 4);
    for leftover in account.agents().into_iter().chain(account.rooms()) {
        ensure!(lines.contains(&json!({ "deleted": leftover })), "{}", output.stdout);
    }
    assert_eq!(account.room_ids().await?, std::slice::from_ref(&account.used));
    assert_eq!(account.fishjam.get_room(&account.used).await?.peers.len(), 1);
    Ok(())
}

#[tokio::test]
async fn cleanup_keeps_rooms_that_can_still_be_used() -> Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    // A livestream room never has peers.
    fishjam.create_room(RoomOptions::new().room_type(RoomType::Livestream)).await?;
    fishjam.create_room(RoomOptions::new().room_type(RoomType::AudioOnlyLivestream)).await?;
    // A person who has not joined yet, or who lost the connection.
    let room = fishjam.create_room(RoomOptions::new()).await?;
    fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    // An agent that works.
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    let session = agent.connect().await?;

    let output = run(&emulator, &["cleanup", "--yes", "--wait", "0"]).await?;
    ensure!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    assert_eq!(fishjam.get_all_rooms().await?.len(), 4);
    session.disconnect().await?;
    Ok(())
}

#[tokio::test]
async fn cleanup_keeps_a_room_that_is_used_after_the_wait() -> Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    fishjam.create_room(RoomOptions::new()).await?;
    let peer = json!({
        "id": "ada", "type": "webrtc", "status": "connected", "tracks": [], "metadata": null,
        "subscribeMode": "auto", "subscriptions": { "peers": [], "tracks": [] },
    });
    // The second list shows that a peer joined meanwhile.
    emulator.faults().on("get_all_rooms").after(1).patch_json(move |list| {
        list["data"][0]["peers"] = json!([peer]);
    });
    let output = run(&emulator, &["cleanup", "--yes", "--wait", "0"]).await?;
    ensure!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    assert_eq!(emulator.journal().count("get_all_rooms"), 2);
    assert_eq!(emulator.journal().count("delete_room"), 0);
    Ok(())
}

#[tokio::test]
async fn failed_deletion_does_not_stop_the_others() -> Result<()> {
    let account = Account::create().await?;
    account.emulator.faults().on("delete_peer").status(409);
    let output = run(&account.emulator, &["cleanup", "--yes", "--wait", "0"]).await?;
    assert_eq!(output.status.code(), Some(1));
    ensure!(output.stderr.contains("operations: 1 deletions failed"), "{}", output.stderr);
    let lines = lines(&output.stdout)?;
    let failed: Vec<_> = lines.iter().filter(|line| line.get("failed").is_some()).collect();
    assert_eq!((failed.len(), lines.len()), (1, 4));
    ensure!(failed[0]["error"].as_str().is_some_and(|error| error.contains("409")), "{failed:?}");
    Ok(())
}

#[tokio::test]
async fn leftover_that_is_already_gone_counts_as_deleted() -> Result<()> {
    let account = Account::create().await?;
    account.emulator.faults().on("delete_room").status(404).body(r#"{"errors":"no such room"}"#);
    let output = run(&account.emulator, &["cleanup", "--yes", "--wait", "0"]).await?;
    ensure!(output.status.success(), "{output:?}");
    assert_eq!(lines(&output.stdout)?.len(), 4);
    Ok(())
}
