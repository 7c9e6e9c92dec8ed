//! TLS in a process that has chosen the other crypto provider for itself: the SDK neither minds nor changes that.

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    FishjamClient, FishjamNotifier, RoomOptions,
    events::{Event, Notification},
};
use fishjam_tests::support::within;
use futures_util::StreamExt;
use rustls::crypto::{CryptoProvider, aws_lc_rs};

#[tokio::test]
async fn https_and_wss_work_beside_a_process_wide_choice() -> anyhow::Result<()> {
    assert!(aws_lc_rs::default_provider().install_default().is_ok());
    let chosen = CryptoProvider::get_default().context("there is no choice")?;

    let emulator = Emulator::builder().tls(true).start().await?;
    let root = emulator.certificate_pem().context("there is no certificate")?;
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token()).add_root_certificates(root).build()?;
    let notifier = FishjamNotifier::builder(emulator.url(), emulator.token()).add_root_certificates(root).build()?;
    let mut events = within("a stream", notifier.events()).await??;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    match within("a notification", events.next()).await?.context("the stream ended")?? {
        Event::Notification(Notification::RoomCreated(created)) => assert_eq!(created.room_id, room.id),
        other => panic!("{other:?}"),
    }

    let untrusting = FishjamClient::builder(emulator.url(), emulator.token()).max_attempts(1).build()?;
    let error = untrusting.get_all_rooms().await.unwrap_err();
    assert!(format!("{error:#}").contains("certificate"), "{error:#}");
    assert!(CryptoProvider::get_default().is_some_and(|still| std::sync::Arc::ptr_eq(still, chosen)));
    Ok(())
}
