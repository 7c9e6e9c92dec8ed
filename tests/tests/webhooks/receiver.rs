//! Verify, then decode.

use std::fmt::Debug;

use fishjam_proto::fishjam::server_message::{Content, NotificationBatch};
use fishjam_sdk::{
    Error, ErrorKind, WebhookSecret,
    events::{Notification, decode_server_notifications},
    webhook::{SIGNATURE_HEADER, WebhookReceiver, sign_webhook},
};
use proptest::prelude::*;

use crate::{SECRET, auth_request, batch, body, connected, created, lines, signed};

fn receive(body: &[u8]) -> Result<Vec<Notification>, Error> {
    WebhookReceiver::new([SECRET])?.receive(&signed(body), body)
}

#[test]
fn signed_body_is_returned_typed_and_flat() -> anyhow::Result<()> {
    let contents = || [created("r"), connected("r", "p"), connected("r", "q")];
    // P44, J54 and P46, J56
    assert_eq!(lines(&receive(&body(created("r")))?), ["room_created room=r"]);
    assert_eq!(
        lines(&receive(&batch(contents()))?),
        ["room_created room=r", "peer_connected room=r peer=p", "peer_connected room=r peer=q"]
    );
    // P45, J59 and P48
    assert_eq!(receive(&body(auth_request()))?, []);
    assert_eq!(receive(b"")?, []);
    assert_eq!(receive(&batch([]))?, []);
    // P47, J57
    assert_eq!(lines(&receive(&batch([auth_request(), created("r")]))?), ["room_created room=r"]);
    Ok(())
}

// Defect X17 of the official SDKs.
#[test]
fn undecodable_body_fails_and_unknown_event_is_kept() -> anyhow::Result<()> {
    for garbage in [&b"\xff"[..], b"\x52\x7f", b"garbage"] {
        assert_eq!(receive(garbage).unwrap_err().kind(), ErrorKind::Decode, "{garbage:?}");
    }
    // A variant of a later version: field 99 with two bytes.
    let [Notification::Unknown(unknown)] = &receive(b"\x9a\x06\x02hi")?[..] else { panic!() };
    assert_eq!((unknown.field_number, &*unknown.bytes), (99, &b"hi"[..]));
    Ok(())
}

#[test]
fn nested_batch_costs_its_neighbors_nothing() -> anyhow::Result<()> {
    let nested = Content::NotificationBatch(NotificationBatch::default());
    let received = receive(&batch([created("a"), nested, created("b")]))?;
    let expected = ["room_created room=a", "unknown field=33 bytes=0 malformed", "room_created room=b"];
    assert_eq!(lines(&received), expected);
    Ok(())
}

// Defect X33 of the official SDKs.
#[test]
fn damaged_item_does_not_fail_its_batch() -> anyhow::Result<()> {
    // room_created room=a, a room_created that ends too early, room_created room=b
    let members =
        [&b"\x0a\x05\x52\x03\x0a\x01a"[..], b"\x0a\x04\x52\x7f\x0a\x01", b"\x0a\x05\x52\x03\x0a\x01b"].concat();
    let body = [&[0x8a, 0x02, members.len() as u8][..], &members].concat();
    let received = receive(&body)?;
    assert_eq!(lines([&received[0], &received[2]]), ["room_created room=a", "room_created room=b"]);
    assert!(matches!(&received[1], Notification::Unknown(unknown) if unknown.malformed));
    Ok(())
}

#[test]
fn the_body_is_verified_before_it_is_decoded() -> anyhow::Result<()> {
    let receiver = WebhookReceiver::new([SECRET])?;
    let garbage = b"\xff\xff";
    let with = |signature: String| receiver.receive(&[(SIGNATURE_HEADER, signature)], garbage).unwrap_err().kind();
    assert_eq!(with(sign_webhook(garbage, "another secret")), ErrorKind::Unauthorized);
    assert_eq!(with("garbage".to_owned()), ErrorKind::Unauthorized);
    assert_eq!(receiver.receive(&[("host", "me")], garbage).unwrap_err().kind(), ErrorKind::Unauthorized);
    assert_eq!(with(sign_webhook(garbage, SECRET)), ErrorKind::Decode);
    Ok(())
}

#[test]
fn a_tampered_body_and_another_secret_are_refused() -> anyhow::Result<()> {
    let (mine, other) = (body(created("r")), body(created("s")));
    let receiver = WebhookReceiver::new([SECRET])?;
    assert_eq!(receiver.receive(&signed(&mine), &other).unwrap_err().kind(), ErrorKind::Unauthorized);
    let stranger = WebhookReceiver::new(["sentinel-other"])?;
    assert_eq!(stranger.receive(&signed(&mine), &mine).unwrap_err().kind(), ErrorKind::Unauthorized);
    Ok(())
}

#[test]
fn receiver_accepts_every_secret_during_a_rotation() -> anyhow::Result<()> {
    let body = body(created("r"));
    let with = |secret: &str| [(SIGNATURE_HEADER, sign_webhook(&body, secret))];
    let secrets = ["new", "old", "older"];

    let rotating = WebhookReceiver::new(secrets)?;
    for secret in secrets {
        assert!(rotating.receive(&with(secret), &body).is_ok(), "{secret}");
    }
    assert!(rotating.receive(&with("oldest"), &body).is_err());

    let rotated = WebhookReceiver::new(vec![WebhookSecret::from("new")])?;
    assert!(rotated.receive(&with("new"), &body).is_ok());
    assert!(rotated.receive(&with("old"), &body).is_err());
    Ok(())
}

#[test]
fn the_same_delivery_twice_is_two_deliveries() -> anyhow::Result<()> {
    let receiver = WebhookReceiver::new([SECRET])?;
    let body = body(connected("r", "p"));
    assert_eq!(receiver.receive(&signed(&body), &body)?, receiver.receive(&signed(&body), &body)?);
    Ok(())
}

#[test]
fn receiver_refuses_invalid_secrets() {
    for (secrets, complaint) in [
        (vec![], "at least one"),
        (vec![""], "blank"),
        (vec!["sentinel", ""], "blank"),
        (vec![" \t"], "blank"),
        (vec!["sentinel\n"], "line break"),
        (vec!["sentinel", "sent\0inel"], "control character"),
    ] {
        let error = WebhookReceiver::new(secrets.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{secrets:?}");
        assert!(error.to_string().contains(complaint), "{error}");
        assert!(!format!("{error} {error:?}").contains("sent"), "{error:?}");
    }
}

#[test]
fn no_secret_and_no_right_signature_is_ever_printed() -> anyhow::Result<()> {
    let receiver = WebhookReceiver::new([SECRET, "sentinel-previous"])?;
    let (mine, other) = (body(created("r")), body(created("s")));
    let [(_, of_mine)] = signed(&mine);
    let [(_, of_other)] = signed(&other);
    let mut printed = format!("{receiver:?} {receiver:#?}");
    for error in [
        receiver.receive(&signed(&mine), &other).unwrap_err(),
        receiver.receive(&[(SIGNATURE_HEADER, "sentinel")], &other).unwrap_err(),
        receiver.receive(&[("a", "b")], &other).unwrap_err(),
        receive(b"sentinel").unwrap_err(),
    ] {
        printed += &format!("{error} {error:?} {error:#?}");
    }
    for secret in ["sentinel", &of_mine[7..], &of_other[7..]] {
        assert!(!printed.contains(secret), "{printed}");
    }
    Ok(())
}

#[test]
fn types_are_send_sync_and_debug() {
    fn public<T: Clone + Debug + Send + Sync + 'static>() {}
    public::<fishjam_sdk::webhook::WebhookOptions>();
    public::<fishjam_sdk::webhook::WebhookQueue>();
    public::<fishjam_sdk::webhook::WebhookService>();
    public::<fishjam_sdk::jellyfish::webhook::WebhookReceiver>();
    public::<WebhookReceiver>();
    public::<WebhookSecret>();
    public::<fishjam_sdk::webhook::WebhookRejection>();
    public::<fishjam_sdk::webhook::VerifiedNotifications>();
    public::<fishjam_sdk::webhook::ReceivedBinary>();
}

proptest! {
    #[test]
    fn receiving_a_signed_body_agrees_with_decoding(body in any::<Vec<u8>>()) {
        match (receive(&body), decode_server_notifications(&body)) {
            (Ok(received), Ok(decoded)) => prop_assert_eq!(received, decoded),
            (Err(received), Err(_)) => prop_assert_eq!(received.kind(), ErrorKind::Decode),
            (received, decoded) => prop_assert!(false, "{:?} {:?}", received, decoded),
        }
    }

    // Defect X16 of the official SDKs.
    #[test]
    fn malformed_header_is_not_accepted(header in any::<Vec<u8>>(), body in any::<Vec<u8>>()) {
        let receiver = WebhookReceiver::new([SECRET, "sentinel-previous"]).unwrap();
        let error = receiver.receive(&[(SIGNATURE_HEADER, header)], &body).unwrap_err();
        prop_assert_eq!(error.kind(), ErrorKind::Unauthorized);
    }
}
