//! Uses the web page in a headless Chromium. `cargo xtask browser` runs these tests.

use anyhow::{Context, Result, ensure};
use example_testing::{Program, browser::Browser};
use fishjam_emulator::{Emulator, ScriptedPeer, ScriptedPeerOptions, TrackKind};
use fishjam_sdk::{FishjamClient, PeerId, PeerOptions, Room, RoomOptions, SubscribeMode};
use serde_json::json;

const DASHBOARD: &str = env!("CARGO_BIN_EXE_selective_subscription");

/// An emulator with a room: Ada publishes, and Bob has manual subscriptions.
struct Fixture {
    emulator: Emulator,
    fishjam: FishjamClient,
    room: Room,
    ada: ScriptedPeer,
    bob: PeerId,
}

impl Fixture {
    async fn start() -> Result<Fixture> {
        let emulator = Emulator::start().await?;
        let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
        let room = fishjam.create_room(RoomOptions::new()).await?;
        let named = |name| PeerOptions::new().metadata(json!({ "name": name }));
        let (ada, _token) = fishjam.create_peer(&room.id, named("Ada <b>Lovelace</b>")).await?;
        let (bob, _token) = fishjam.create_peer(&room.id, named("Bob").subscribe_mode(SubscribeMode::Manual)).await?;
        let microphone = ScriptedPeerOptions::new().track(TrackKind::Audio, json!({ "type": "microphone" }));
        let ada = emulator.connect_peer(&room.id, &ada.id, microphone)?;
        emulator.connect_peer(&room.id, &bob.id, ScriptedPeerOptions::new())?;
        Ok(Fixture { emulator, fishjam, room, ada, bob: bob.id })
    }

    fn selector_of(&self, peer: &str) -> String {
        format!("[data-room='{}'] [data-peer='{peer}']", self.room.id)
    }
}

#[tokio::test]
async fn click_subscribes_and_the_page_shows_it() -> Result<()> {
    let fixture = Fixture::start().await?;
    let mut program = Program::start(DASHBOARD, &fixture.emulator)?;
    let browser = Browser::start().await?;
    browser.goto(&program.url().await?).await?;
    browser.wait_for_text("#connection", "live").await?;

    // A track that the peer publishes while the page is open.
    let ada = fixture.selector_of(fixture.ada.peer_id());
    browser.wait_for_text(&format!("{ada} .tracks"), "publishes microphone").await?;
    let camera = fixture.ada.add_track(TrackKind::Video, json!({ "type": "camera" }))?;
    browser.wait_for_text(&format!("{ada} .tracks"), "publishes microphone, camera").await?;
    // The page shows the name as a string, not as HTML.
    browser.wait_for_text(&ada, "Ada <b>Lovelace</b>").await?;

    let bob = fixture.selector_of(fixture.bob.as_str());
    browser.element(&format!("{bob} button[data-url$='/tracks/{camera}'][aria-pressed=false]")).await?.click().await?;
    browser.element(&format!("{bob} button[data-url$='/tracks/{camera}'][aria-pressed=true]")).await?;
    let all = format!("{bob} button[data-url$='/peers/{}']", fixture.ada.peer_id());
    browser.element(&format!("{all}[aria-pressed=false]")).await?.click().await?;
    browser.element(&format!("{all}[aria-pressed=true]")).await?;

    let room = fixture.fishjam.get_room(&fixture.room.id).await?;
    let bob = room.peers.iter().find(|peer| peer.id == fixture.bob).context("Bob is missing")?;
    assert_eq!(bob.subscriptions.tracks, [camera]);
    assert_eq!(bob.subscriptions.peers, [fixture.ada.peer_id()]);

    fixture.fishjam.delete_room(&fixture.room.id).await?;
    browser.wait_for_text("#rooms", "There are no rooms.").await?;
    Ok(())
}

#[tokio::test]
async fn failed_click_shows_the_reason() -> Result<()> {
    let fixture = Fixture::start().await?;
    let mut program = Program::start(DASHBOARD, &fixture.emulator)?;
    let browser = Browser::start().await?;
    browser.goto(&program.url().await?).await?;
    fixture.emulator.faults().on("subscribe_peer").status(404);
    browser.element("button[data-url*='/peers/'][aria-pressed=false]").await?.click().await?;
    browser.wait_for_text("#problem", "Cannot subscribe: not found").await?;
    // The next click succeeds, and the message disappears.
    browser.element("button[data-url*='/subscriptions/peers/']").await?.click().await?;
    browser.element("button[data-url*='/subscriptions/peers/'][aria-pressed=true]").await?;
    browser.wait_until("body", "has no problem", |text| !text.contains("Cannot subscribe")).await?;
    Ok(())
}

#[tokio::test]
async fn page_reconnects_after_a_lost_stream() -> Result<()> {
    let fixture = Fixture::start().await?;
    let mut program = Program::start(DASHBOARD, &fixture.emulator)?;
    let url = program.url().await?;
    let browser = Browser::start().await?;
    browser.goto(&url).await?;
    browser.wait_for_text("#connection", "live").await?;

    program.interrupt()?;
    ensure!(program.end().await?.status.success());
    browser.wait_for_text("#connection", "reconnecting").await?;
    // The page misses this change, and shows it after it reconnected to the new process.
    let added = fixture.fishjam.create_room(RoomOptions::new()).await?;
    let address = url.trim_start_matches("http://");
    let program = Program::builder(DASHBOARD).emulator(&fixture.emulator).env("LISTEN", address).start()?;
    browser.wait_for_text("#connection", "live").await?;
    browser.element(&format!("[data-room='{}']", added.id)).await?;
    drop(program);
    Ok(())
}
