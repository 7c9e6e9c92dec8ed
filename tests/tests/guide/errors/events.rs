//! Errors of notifiers and webhooks.

use std::time::Duration;

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    FishjamClient, FishjamNotifier, RoomOptions, WaitOptions,
    webhook::{SIGNATURE_HEADER, WebhookReceiver, sign_webhook},
};
use fishjam_tests::support::within;

use super::line;

pub(super) async fn errors() -> anyhow::Result<Vec<String>> {
    let emulator = Emulator::start().await?;
    let (url, token) = (emulator.url(), emulator.token());
    let mut errors = vec![line(FishjamNotifier::new(url, "wrong")?.events().await)?];

    let notifier = FishjamNotifier::new(url, token)?;
    let mut events = notifier.events().await?;
    emulator.server_sockets().close_all(1011, "restart");
    let gap = within("a gap", events.receive()).await?.context("no gap")??;
    let fishjam_sdk::events::Event::Gap(gap) = gap else { anyhow::bail!("no gap: {gap:?}") };
    errors.push(format!("{:#}", gap.reason));
    notifier.close();

    let closed = FishjamNotifier::new(url, token)?;
    let ready = tokio::spawn({
        let closed = closed.clone();
        async move { closed.events().await.map(|events| (events, closed)) }
    });
    let (events, closed) = ready.await??;
    closed.close();
    drop(events);
    errors.push(line(closed.wait_ready().await)?);

    let fishjam = FishjamClient::new(url, token)?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (peer, _) = fishjam.create_peer(&room.id, Default::default()).await?;
    let wait = WaitOptions::new(Duration::from_millis(50));
    errors.push(line(fishjam.wait_for_connected_peer(&room.id, &peer.id, wait).await)?);

    let receiver = WebhookReceiver::new(["a-secret"])?;
    let right = || (SIGNATURE_HEADER, sign_webhook(b"a body", "a-secret"));
    let none: [(&str, String); 0] = [];
    errors.push(line(receiver.receive(&none, b"a body"))?);
    errors.push(line(receiver.receive(&[right()], b"another body"))?);
    errors.push(line(receiver.receive(&[right(), right()], b"a body"))?);
    errors.push(line(receiver.receive(&[right()], b"a body"))?);
    Ok(errors)
}
