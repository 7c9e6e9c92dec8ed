//! Proxies: everything goes through the one that was chosen.

use fishjam_emulator::Emulator;
use fishjam_sdk::{ErrorKind, FishjamClient, FishjamNotifier, RoomOptions, events::Event};
use fishjam_tests::support::within;
use futures_util::StreamExt;

/// A host that exists nowhere: only a proxy can know what to do about it.
const NOWHERE: &str = "http://fishjam.invalid";

/// An emulator takes requests to anybody, which is all that a proxy for plain HTTP has to do.
#[tokio::test]
async fn requests_and_sockets_go_through_the_proxy_that_was_chosen() -> anyhow::Result<()> {
    let proxy = Emulator::start().await?;
    let fishjam = FishjamClient::builder(NOWHERE, proxy.token()).proxy(proxy.origin()).build()?;
    let notifier = FishjamNotifier::builder(NOWHERE, proxy.token()).proxy(proxy.origin()).build()?;
    let mut events = within("a stream", notifier.events()).await??;

    let room = fishjam.create_room(RoomOptions::new()).await?;
    let event = within("the room's event", events.next()).await?.unwrap()?;
    assert!(matches!(&event, Event::Notification(n) if n.room_id() == Some(&room.id)), "{event:?}");
    let created = proxy.journal().requests_for("create_room");
    assert_eq!(created[0].header("host"), Some("fishjam.invalid"));
    Ok(())
}

#[tokio::test]
async fn without_a_proxy_nobody_finds_the_host_and_a_wrong_proxy_is_named_at_once() -> anyhow::Result<()> {
    let error = FishjamClient::builder(NOWHERE, "t").no_proxy().max_attempts(1).build()?.get_room("r").await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Connection);
    let error = FishjamClient::builder(NOWHERE, "t").proxy("not a url sentinel").build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("proxy") && !error.to_string().contains("sentinel"), "{error}");
    Ok(())
}
