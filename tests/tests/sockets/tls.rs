//! TLS: https and wss with an own certificate, and the error without it. This program links both of rustls's crypto
//! providers and installs none: nothing may depend on an installed one.

use fishjam_emulator::Emulator;
use fishjam_sdk::{Error, ErrorKind, FishjamClient, FishjamNotifier, PeerOptions, RoomOptions, events::Notification};
use fishjam_tests::support::within;
use rustls::crypto::{CryptoProvider, aws_lc_rs, ring};

use crate::next;

#[tokio::test]
async fn https_and_wss_work_with_a_root_certificate() -> anyhow::Result<()> {
    // Both are here, and a library that lets rustls choose would panic.
    assert!(!aws_lc_rs::default_provider().cipher_suites.is_empty());
    assert!(!ring::default_provider().cipher_suites.is_empty());
    assert!(CryptoProvider::get_default().is_none());

    let emulator = Emulator::builder().tls(true).start().await?;
    let root = emulator.certificate_pem().unwrap_or_default();
    assert!(emulator.url().starts_with("https://"), "{}", emulator.url());
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token()).add_root_certificates(root).build()?;
    fishjam.check_credentials().await?;
    let notifier = FishjamNotifier::builder(emulator.url(), emulator.token()).add_root_certificates(root).build()?;
    let mut events = within("a stream", notifier.events()).await??;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    assert!(matches!(next(&mut events).await?, Notification::RoomCreated(it) if it.room_id == room.id));
    assert!(matches!(next(&mut events).await?, Notification::PeerAdded(it) if it.room_id == room.id));

    assert!(CryptoProvider::get_default().is_none(), "a library chose a provider for the whole process");
    Ok(())
}

#[tokio::test]
async fn one_file_may_hold_several_certificates() -> anyhow::Result<()> {
    let emulator = Emulator::builder().tls(true).start().await?;
    let another = Emulator::builder().tls(true).start().await?;
    let (own, other) = (emulator.certificate_pem().unwrap_or_default(), another.certificate_pem().unwrap_or_default());
    let both = format!("# ours and theirs\n{other}\n{own}");
    let builder = || FishjamClient::builder(emulator.url(), emulator.token());
    builder().add_root_certificates(both).build()?.check_credentials().await?;
    builder().add_root_certificates(other).add_root_certificates(own).build()?.check_credentials().await?;
    Ok(())
}

#[tokio::test]
async fn untrusted_certificate_is_refused_before_any_request() -> anyhow::Result<()> {
    let emulator = Emulator::builder().tls(true).start().await?;
    let another = Emulator::builder().tls(true).start().await?;
    let other_root = another.certificate_pem().unwrap_or_default();
    let client = || FishjamClient::builder(emulator.url(), emulator.token()).max_attempts(1);
    let notifier = || FishjamNotifier::builder(emulator.url(), emulator.token()).retry_first_connection(false);
    let errors: [(&str, Option<Error>); 4] = [
        ("client", client().build()?.get_all_rooms().await.err()),
        ("client with another root", client().add_root_certificates(other_root).build()?.get_all_rooms().await.err()),
        ("notifier", within("a response", notifier().build()?.events()).await?.err()),
        (
            "notifier with another root",
            within("a response", notifier().add_root_certificates(other_root).build()?.events()).await?.err(),
        ),
    ];
    for (who, error) in errors {
        let error = error.unwrap_or_else(|| panic!("the {who} trusts anybody"));
        assert_eq!((error.kind(), error.status()), (ErrorKind::Connection, None), "{who}: {error}");
        assert!(format!("{error:#}").contains("certificate"), "{who}: {error:#}");
    }
    assert_eq!(emulator.journal().count("*"), 0);
    Ok(())
}

#[tokio::test]
async fn a_plain_server_behind_https_is_a_failed_connection() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let url = emulator.url().replacen("http", "https", 1);
    let fishjam = FishjamClient::builder(url, emulator.token()).max_attempts(1).build()?;
    let error = within("a response", fishjam.get_all_rooms()).await?.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    assert_eq!(emulator.journal().count("*"), 0);
    Ok(())
}

#[tokio::test]
async fn builder_refuses_input_that_is_not_a_certificate() -> anyhow::Result<()> {
    let no_base64 = "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
    let no_end = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    let a_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    for url in ["https://example.com", "http://example.com", "an-id"] {
        for pem in ["", "garbage", no_base64, no_end, a_key] {
            let errors = [
                FishjamClient::builder(url, "token").add_root_certificates(pem).build().err(),
                FishjamNotifier::builder(url, "token").add_root_certificates(pem).build().err(),
            ];
            for error in errors {
                let error = error.unwrap_or_else(|| panic!("{url}: this was taken for a certificate: {pem:?}"));
                assert_eq!(error.kind(), ErrorKind::Setup, "{error}");
                assert!(error.to_string().contains("invalid add_root_certificates"), "{error}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn builder_refuses_an_unreadable_certificate() -> anyhow::Result<()> {
    let no_der = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for error in [
        FishjamClient::builder("https://example.com", "token").add_root_certificates(no_der).build().err(),
        FishjamNotifier::builder("https://example.com", "token").add_root_certificates(no_der).build().err(),
    ] {
        assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::Setup));
    }
    Ok(())
}
