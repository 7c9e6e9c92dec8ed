//! The policy of `Debug`: no public type prints a secret, metadata, or data of an unknown form.

#![allow(clippy::panic, reason = "helpers of tests are tests")]

mod agents;
mod compositions;
mod jellyfish_values;
mod policy;

use std::{
    any::TypeId,
    collections::HashSet,
    fmt::{Debug, Display},
};

use fishjam_emulator::Emulator;
use fishjam_proto::fishjam::{
    ServerMessage,
    notifications::Track as WireTrack,
    server_message::{self as wire, Content},
};
use fishjam_sdk::{events::Notification, webhook, *};
use fishjam_tests::support::within;
use prost::Message as _;
use serde_json::{Value, json};

/// Replaces everything that must not be printed.
const SENTINEL: &str = "SENTINEL-93aa";

/// The types of printed values, and the output.
#[derive(Default)]
struct CapturedOutput {
    types: HashSet<TypeId>,
    texts: Vec<String>,
    /// The tokens that the emulator issued.
    secrets: Vec<String>,
}

impl CapturedOutput {
    fn debug<T: Debug + 'static>(&mut self, value: &T) {
        self.types.insert(TypeId::of::<T>());
        self.texts.push(format!("{value:?} {value:#?}"));
    }

    fn display<T: Debug + Display + 'static>(&mut self, value: &T) {
        self.debug(value);
        self.texts.push(format!("{value} {value:#}"));
    }

    /// Prints the error of a call that must fail.
    fn error<T>(&mut self, outcome: Result<T>) {
        let Err(error) = outcome else { panic!("this call must fail") };
        self.display(&error);
        let chain = anyhow::Error::from(error);
        self.texts.push(format!("{chain:?} {chain:#?} {chain:#}"));
    }
}

fn address() -> String {
    format!("https://example.com/{SENTINEL}?key={SENTINEL}")
}

fn metadata() -> Value {
    json!({ SENTINEL: SENTINEL })
}

fn print_options(printed: &mut CapturedOutput) {
    printed.debug(&RoomOptions::new().webhook_url(address()));
    printed.debug(&LivestreamOptions::new().webhook_url(address()));
    printed.debug(&PeerOptions::new().metadata(metadata()));
    printed.debug(&RecordingFilter::new().metadata(metadata()));
    printed.debug(&CompositionRecordingOptions::new("https://c/", "o").metadata(metadata()));
    let template = || Template::from_bytes("t.js", SENTINEL);
    printed.debug(&template());
    printed.debug(&TemplateRecordingOptions::new("https://c/", template()).metadata(metadata()));
    printed.debug(&agent::OutgoingAudioTrackOptions::opus().metadata(metadata()));
    printed.debug(&VapiAgentOptions::new(SENTINEL, "call"));
    printed.display(&ManagementToken::from(SENTINEL));
    printed.display(&MoqConnectionUrl::from(SENTINEL));
    printed.display(&MoqToken::from(SENTINEL));
    printed.display(&PeerToken::from(SENTINEL));
    printed.display(&StreamerToken::from(SENTINEL));
    printed.display(&VapiApiKey::from(SENTINEL));
    printed.display(&ViewerToken::from(SENTINEL));
    printed.display(&WebhookSecret::from(SENTINEL));
}

fn room_json() -> Value {
    let track = json!({ "id": "t", "type": "audio", "metadata": metadata() });
    let peer = json!({
        "id": "p", "type": "webrtc", "status": "connected", "metadata": metadata(), "subscribeMode": "auto",
        "subscriptions": {}, "tracks": [track],
    });
    json!({ "id": "r", "config": { "webhookUrl": address() }, "peers": [peer], "new": metadata() })
}

fn stream_json() -> Value {
    let streamer = json!({ "id": "s", "status": "connected", "token": SENTINEL });
    let viewer = json!({ "id": "v", "token": SENTINEL });
    json!({ "id": "r", "public": true, "streamers": [streamer], "viewers": [viewer] })
}

/// Prints what the client reads from responses with sentinels.
async fn print_values(
    printed: &mut CapturedOutput,
    emulator: &Emulator,
    fishjam: &FishjamClient,
) -> anyhow::Result<()> {
    let unreadable = json!({ "id": "u", SENTINEL: SENTINEL, "config": SENTINEL });
    emulator.faults().on("get_all_rooms").body(json!({ "data": [room_json(), unreadable] }).to_string());
    let rooms = fishjam.get_all_rooms_with_unreadable().await?;
    printed.debug(&rooms);
    printed.debug(&rooms.unreadable[0]);
    printed.error::<()>(Err(rooms.unreadable[0].error.clone()));
    let room = &rooms.items[0];
    let peer = &room.peers[0];
    printed.debug(room);
    printed.debug(&RoomChange::Room(std::sync::Arc::new(room.clone())));
    printed.debug(&room.config);
    printed.debug(room.extra());
    printed.debug(peer);
    printed.debug(&peer.tracks[0]);
    printed.debug(peer.metadata.as_ref().unwrap_or(&Metadata::default()));
    printed.error(peer.metadata::<u8>());

    for source in [json!({ "compositionURL": "https://c/", "outputId": "o" }), metadata()] {
        let files = json!([{ "url": address() }]);
        let recording =
            json!({ "id": "r", "status": "available", "source": source, "files": files, "metadata": metadata() });
        emulator.faults().on("get_recording").status(200).body(json!({ "data": recording }).to_string());
        let recording = fishjam.get_recording("r").await?;
        printed.debug(&recording);
        printed.debug(&recording.source);
        printed.debug(&recording.files[0]);
    }

    emulator.faults().on("get_stream").status(200).body(json!({ "data": stream_json() }).to_string());
    let stream = fishjam.get_stream("r").await?;
    printed.debug(&stream);
    printed.debug(&stream.streamers[0]);
    printed.debug(&stream.viewers[0]);
    let access = json!({ "connection_url": address(), "token": SENTINEL });
    emulator.faults().on("create_moq_access").status(200).body(access.to_string());
    printed.debug(&fishjam.create_moq_access(MoqAccessOptions::new().publish_path("a")).await?);

    // A token, passed by mistake where an id belongs.
    let token = format!("{SENTINEL}/{SENTINEL}");
    printed.error(fishjam.get_room(token.as_str()).await);
    printed.error(fishjam.delete_peer("r", token.as_str()).await);
    printed.error(fishjam.get_recording(token.as_str()).await);
    printed.error(fishjam.create_peer("r", PeerOptions::new().metadata(SENTINEL)).await);
    printed.debug(&fishjam.agent("r", "p", SENTINEL, None)?);
    Ok(())
}

/// A message with a field that this version does not know.
fn unknown_message() -> Vec<u8> {
    let mut message = vec![0x9a, 0x06, SENTINEL.len() as u8];
    message.extend_from_slice(SENTINEL.as_bytes());
    message
}

fn print_notifications(printed: &mut CapturedOutput) -> anyhow::Result<()> {
    let (room_id, peer_id) = (|| "r".to_owned(), || "p".to_owned());
    let track = || Some(WireTrack { id: "t".to_owned(), r#type: 2, metadata: SENTINEL.to_owned() });
    let contents = [
        Content::PeerMetadataUpdated(wire::PeerMetadataUpdated {
            room_id: room_id(),
            peer_id: peer_id(),
            metadata: SENTINEL.to_owned(),
            peer_type: 1,
        }),
        Content::RecordingStatusChanged(wire::RecordingStatusChanged {
            recording_id: "r".to_owned(),
            status: 1,
            metadata: SENTINEL.to_owned(),
        }),
        Content::TrackAdded(wire::TrackAdded { room_id: room_id(), track: track(), ..Default::default() }),
        Content::TrackRemoved(wire::TrackRemoved { room_id: room_id(), track: track(), ..Default::default() }),
        Content::TrackMetadataUpdated(wire::TrackMetadataUpdated {
            room_id: room_id(),
            track: track(),
            ..Default::default()
        }),
        Content::TrackForwarding(wire::TrackForwarding {
            room_id: room_id(),
            audio_track: track(),
            ..Default::default()
        }),
    ];
    let mut bodies: Vec<_> =
        contents.into_iter().map(|it| ServerMessage { content: Some(it) }.encode_to_vec()).collect();
    bodies.push(unknown_message());
    for body in bodies {
        #[allow(deprecated, reason = "it returns every kind of notification without a signature")]
        let Some(webhook::ReceivedBinary::Single(notification)) = webhook::receive_binary(&body)? else {
            anyhow::bail!("not one notification");
        };
        printed.display(&notification);
        match &notification {
            Notification::PeerMetadataUpdated(it) => {
                printed.debug(it);
                printed.error(it.metadata::<u8>());
            }
            Notification::RecordingStatusChanged(it) => printed.debug(it),
            Notification::TrackAdded(it) => {
                printed.debug(it);
                printed.debug(&it.track);
            }
            Notification::TrackRemoved(it) => printed.debug(it),
            Notification::TrackMetadataUpdated(it) => printed.debug(it),
            Notification::TrackForwarding(it) => printed.debug(&**it),
            Notification::Unknown(it) => printed.debug(it),
            other => anyhow::bail!("{other}"),
        }
        printed.debug(&fishjam_sdk::events::Event::Notification(notification.clone()));
        printed.debug(&webhook::VerifiedNotifications(vec![notification.clone()]));
        printed.debug(&webhook::ReceivedBinary::Single(notification));
    }
    let receiver = webhook::WebhookReceiver::new([SENTINEL])?;
    printed.debug(&receiver);
    let Err(error) = receiver.receive(&[(webhook::SIGNATURE_HEADER, SENTINEL)], SENTINEL.as_bytes()) else {
        anyhow::bail!("the signature is not valid")
    };
    printed.display(&webhook::WebhookRejection::Unauthorized(error));
    printed.debug(&receiver.into_service(|_| async {}));
    Ok(())
}

#[tokio::test]
async fn no_public_type_prints_a_secret_or_metadata() -> anyhow::Result<()> {
    let emulator = Emulator::builder().token(SENTINEL).start().await?;
    let mut printed = CapturedOutput::default();
    print_options(&mut printed);
    let builder = FishjamClient::builder(emulator.url(), SENTINEL);
    printed.debug(&builder);
    let fishjam = builder.build()?;
    printed.debug(&fishjam);
    print_values(&mut printed, &emulator, &fishjam).await?;
    print_notifications(&mut printed)?;
    jellyfish_values::print(&mut printed).await?;
    agents::print_audio(&mut printed)?;
    agents::print(&mut printed, &fishjam).await?;
    compositions::print(&mut printed, &emulator, &fishjam).await?;
    printed.debug(&blocking::FishjamClient::new(emulator.url(), SENTINEL)?);

    let builder = FishjamNotifier::builder(emulator.url(), SENTINEL);
    printed.debug(&builder);
    let notifier = builder.build()?;
    emulator.faults().on("get_all_rooms").body(json!({ "data": [room_json()] }).to_string());
    let view = within("the view", RoomsView::start(&fishjam, &notifier)).await??;
    printed.debug(&view);
    printed.debug(&view.changes());
    printed.debug(&notifier);
    printed.debug(&WaitOptions::new(std::time::Duration::from_secs(1)).notifier(&notifier));
    let directory = RoomDirectory::new(&fishjam);
    directory.get_or_create(SENTINEL).await?;
    printed.debug(&directory);
    let mut events = within("a stream", notifier.events()).await??;
    printed.debug(&events);
    let unreadable = json!({ "id": "u", SENTINEL: SENTINEL, "config": SENTINEL });
    emulator.faults().on("get_all_rooms").body(json!({ "data": [room_json(), unreadable] }).to_string());
    emulator.faults().on("get_all_streams").body(json!({ "data": [stream_json(), unreadable] }).to_string());
    let snapshot = events.resync(&fishjam).await?;
    assert_eq!((snapshot.rooms.len(), snapshot.unreadable_rooms.len()), (1, 1));
    assert_eq!((snapshot.streams.len(), snapshot.unreadable_streams.len()), (1, 1));
    printed.debug(&snapshot);

    let left: Vec<_> = policy::printed().into_iter().filter(|(_, id)| !printed.types.contains(id)).collect();
    assert!(left.is_empty(), "this test does not print {left:?}");
    for text in &printed.texts {
        let mut secrets = printed.secrets.iter().map(String::as_str).chain([SENTINEL]);
        assert!(!secrets.any(|secret| text.contains(secret)), "{text}");
    }
    Ok(())
}
