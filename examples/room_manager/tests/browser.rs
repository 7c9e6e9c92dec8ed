//! Opens the page in a headless browser. `cargo xtask browser` runs this test.

use anyhow::{Result, ensure};
use example_testing::{Program, browser::Browser};
use fishjam_emulator::{Emulator, ScriptedPeerOptions};
use fishjam_sdk::FishjamClient;

/// Fills in the form and sends it.
async fn join(browser: &Browser, room: &str, name: &str) -> Result<()> {
    for (field, value) in [("#room", room), ("#name", name)] {
        let field = browser.element(field).await?;
        field.clear().await?;
        field.send_keys(value).await?;
    }
    browser.element("#join").await?.click().await?;
    Ok(())
}

#[tokio::test]
async fn page_joins_a_room_and_follows_its_peers() -> Result<()> {
    let emulator = Emulator::start().await?;
    let mut program = Program::start(env!("CARGO_BIN_EXE_room_manager"), &emulator)?;
    let browser = Browser::start().await?;
    browser.goto(&program.url().await?).await?;

    join(&browser, "lesson 7", "Ada <b>").await?;
    browser.wait_for_text("#title", "Ada <b> may join lesson 7").await?;
    browser.wait_for_text("#peers", "disconnected").await?;
    browser.wait_for_text("#state", "0 of 1 connected").await?;

    // The token is hidden until the user asks for it.
    let token = browser.element("#token").await?;
    ensure!(!token.is_displayed().await?);
    browser.element("#toggle").await?.click().await?;
    let token = token.text().await?;
    ensure!(!token.is_empty());

    // A client connects with the token. The page shows it without a reload.
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.get_all_rooms().await?.remove(0);
    let ada = emulator.connect_peer(&room.id, &token, ScriptedPeerOptions::new())?;
    browser.wait_for_text("#state", "1 of 1 connected").await?;
    let peers = browser.element("#peers").await?.text().await?;
    ensure!(peers.contains("Ada <b>") && !peers.contains("disconnected"), "{peers}");

    join(&browser, "lesson 7", "Ada <b>").await?;
    browser.wait_for_text("#error", "Could not join: peer is already connected").await?;
    ada.disconnect();
    browser.wait_for_text("#state", "0 of 1 connected").await?;
    fishjam.delete_room(&room.id).await?;
    browser.wait_for_text("#state", "The room does not exist").await?;
    Ok(())
}
