//! Input that the client rejects: the error names the method and the option, and nothing is sent.

use std::time::Duration;

use fishjam_sdk::{
    ErrorKind,
    jellyfish::{Hls, HlsRequest, RoomOptions, Sip, SipCredentials},
};

use crate::fixture::start;

#[tokio::test]
async fn invalid_input_names_the_method_and_the_option() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let precise = Duration::from_millis(1500);
    let timeout = || RoomOptions::new().peerless_purge_timeout(precise);
    let credentials = SipCredentials::new("", "user", "password");
    let window = Hls::new().target_window_duration(precise);
    let range = HlsRequest::new().range("");
    for (error, message) in [
        (jellyfish.create_room(timeout()).await.map(drop), "create_room: invalid peerless_purge_timeout"),
        (jellyfish.create_room_handle(timeout()).await.map(drop), "create_room_handle: invalid peerless_purge_timeout"),
        (
            jellyfish.add_component("r", Sip::new(credentials)).await.map(drop),
            "add_component: invalid registrar_credentials",
        ),
        (jellyfish.add_component("r", window).await.map(drop), "add_component: invalid target_window_duration"),
        (jellyfish.subscribe("r", "c", [""]).await, "subscribe: origin id"),
        (jellyfish.dial("r", "c", "").await, "dial: invalid phone_number"),
        (jellyfish.get_hls_content("r", "", HlsRequest::new()).await.map(drop), "get_hls_content: invalid filename"),
        (jellyfish.get_hls_content("r", "f", range).await.map(drop), "get_hls_content: invalid range"),
        (jellyfish.get_recording_content("r", "").await.map(drop), "get_recording_content: invalid filename"),
    ] {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert_eq!(error.to_string().replace("invalid input: ", "").split_at(message.len()).0, message);
    }
    assert!(emulator.journal().requests().is_empty());
    Ok(())
}
