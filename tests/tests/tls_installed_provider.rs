//! TLS in a process that installed a crypto provider: the SDK uses this provider and leaves it installed.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    FishjamClient, FishjamNotifier, RoomOptions,
    events::{Event, Notification},
};
use fishjam_tests::support::within;
use futures_util::StreamExt;
use rustls::{
    NamedGroup,
    crypto::{ActiveKeyExchange, CryptoProvider, SupportedKxGroup, ring},
};

/// Number of key exchanges by the installed provider. The emulator names a provider of its own.
static EXCHANGES: AtomicUsize = AtomicUsize::new(0);

/// Ring's X25519, counted.
#[derive(Debug)]
struct Counted;

impl SupportedKxGroup for Counted {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, rustls::Error> {
        EXCHANGES.fetch_add(1, Ordering::Relaxed);
        ring::kx_group::X25519.start()
    }

    fn name(&self) -> NamedGroup {
        ring::kx_group::X25519.name()
    }
}

#[tokio::test]
async fn installed_provider_takes_precedence() -> anyhow::Result<()> {
    let installed = CryptoProvider { kx_groups: vec![&Counted], ..ring::default_provider() };
    assert!(installed.install_default().is_ok());
    let installed = CryptoProvider::get_default().context("there is no choice")?;

    let emulator = Emulator::builder().tls(true).start().await?;
    let root = emulator.certificate_pem().context("there is no certificate")?;
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token()).add_root_certificates(root).build()?;
    fishjam.check_credentials().await?;
    let of_client = EXCHANGES.load(Ordering::Relaxed);
    assert!(of_client > 0, "the client uses another provider");
    let notifier = FishjamNotifier::builder(emulator.url(), emulator.token()).add_root_certificates(root).build()?;
    let mut events = within("a stream", notifier.events()).await??;
    assert!(EXCHANGES.load(Ordering::Relaxed) > of_client, "the notifier uses another provider");
    let room = fishjam.create_room(RoomOptions::new()).await?;
    match within("a notification", events.next()).await?.context("the stream ended")?? {
        Event::Notification(Notification::RoomCreated(created)) => assert_eq!(created.room_id, room.id),
        other => panic!("{other:?}"),
    }

    let untrusting = FishjamClient::builder(emulator.url(), emulator.token()).max_attempts(1).build()?;
    let refused = anyhow::Error::new(untrusting.get_all_rooms().await.unwrap_err());
    assert!(format!("{refused:#}").contains("certificate"), "{refused:#}");
    assert!(CryptoProvider::get_default().is_some_and(|still| Arc::ptr_eq(still, installed)));
    Ok(())
}
