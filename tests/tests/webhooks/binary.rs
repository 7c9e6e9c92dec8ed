//! The Python SDK's old name for decoding.

#![allow(deprecated, reason = "it is kept, so it is tested")]

use fishjam_sdk::{
    ErrorKind,
    events::Notification,
    webhook::{ReceivedBinary, receive_binary},
};

use crate::{auth_request, batch, body, connected, created, lines};

fn batched(body: &[u8]) -> Vec<String> {
    match receive_binary(body) {
        Ok(Some(ReceivedBinary::Batch(notifications))) => lines(&notifications),
        other => panic!("{other:?}"),
    }
}

// Test P38 of the Python SDK: see `tests/official-sdks.md`.
#[test]
fn single_notification_and_batch_are_distinguished() -> anyhow::Result<()> {
    match receive_binary(&body(created("r")))? {
        Some(ReceivedBinary::Single(notification)) => assert_eq!(notification.to_string(), "room_created room=r"),
        other => panic!("{other:?}"),
    }
    // P40 to P42
    let three = [created("r"), connected("r", "p"), connected("r", "q")];
    assert_eq!(
        batched(&batch(three)),
        ["room_created room=r", "peer_connected room=r peer=p", "peer_connected room=r peer=q"]
    );
    assert_eq!(batched(&batch([auth_request(), created("r")])), ["room_created room=r"]);
    assert_eq!(batched(&batch([created("r")])), ["room_created room=r"]);
    assert!(batched(&batch([])).is_empty());
    Ok(())
}

// Test P39 of the Python SDK.
#[test]
fn body_without_a_notification_is_none() -> anyhow::Result<()> {
    assert_eq!(receive_binary(&body(auth_request()))?, None);
    assert_eq!(receive_binary(b"")?, None);
    Ok(())
}

// Defect X17 of the official SDKs.
#[test]
fn unknown_notification_is_kept_and_damaged_body_fails() -> anyhow::Result<()> {
    let new = receive_binary(b"\x9a\x06\x02hi")?;
    assert!(matches!(new, Some(ReceivedBinary::Single(Notification::Unknown(_)))), "{new:?}");
    assert_eq!(receive_binary(b"\xff").unwrap_err().kind(), ErrorKind::Decode);
    Ok(())
}
