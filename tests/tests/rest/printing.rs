//! The policy of `Debug`: no public type prints a secret, metadata, or data of an unknown form.

#![allow(clippy::panic, reason = "helpers of tests are tests")]

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
use fishjam_sdk::{events::Notification, jellyfish, webhook, *};
use fishjam_tests::support::within;
use prost::Message as _;
use serde_json::{Value, json};

use crate::concurrency::exported;

/// Replaces everything that must not be printed.
const SENTINEL: &str = "SENTINEL-93aa";

/// Sorts the types of a module by why they keep the policy.
///
/// `printed` are the types that the test prints with sentinels. `safe` hold only ids, names of enums, numbers and
/// addresses of compositions. `unit_tests` are printed with sentinels by a test of the file that defines them.
macro_rules! types {
    (printed: $($printed:ident $(<$a:ty>)?),+; safe: $($safe:ident),+; unit_tests: $($unit:ident),*;) => {
        pub(super) fn printed() -> Vec<(&'static str, TypeId)> {
            vec![$((stringify!($printed), TypeId::of::<$printed $(<$a>)?>())),+]
        }
        pub(super) const OTHERS: &[&str] = &[$(stringify!($safe),)+ $(stringify!($unit)),*];
    };
}

mod root {
    use std::any::TypeId;

    use fishjam_sdk::*;

    types! {
        printed: Agent, CompositionRecordingOptions, Error, EventStream, FishjamClient, FishjamClientBuilder,
            FishjamNotifier, FishjamNotifierBuilder, Listing<Room>, ManagementToken, Metadata, MoqAccess,
            MoqConnectionUrl, MoqToken, Peer, PeerOptions, PeerToken, Recording, RecordingFile, RecordingFilter,
            RecordingSource, Room, RoomChange, RoomChanges, RoomConfig, RoomOptions, RoomsView, Stream, StreamOptions,
            Streamer, StreamerToken, Template, TemplateRecordingOptions, Track, UnreadableItem, VapiAgentOptions,
            VapiApiKey, Viewer, ViewerToken, WebhookSecret;
        safe: AgentOptions, AgentOutputOptions, AudioFormat, AudioSampleRate, ChannelId, ComponentId, CompositionInfo,
            CompositionSource, ConnectionState, Deprecation, DeprecationStatus, ErrorKind, MoqAccessOptions, Overflow,
            PeerId, PeerStatus, PeerType, RecordingId, RecordingStatus, Result, RoomId, RoomType, Snapshot, StreamId,
            StreamerId, StreamerStatus, SubscribeMode, Subscriptions, TemplateSource, TemplateSourceResolution,
            TrackForwardingInfo, TrackForwardingOptions, TrackId, TrackType, VideoCodec, ViewerId;
        unit_tests: ;
    }
}

mod events {
    use std::any::TypeId;

    use fishjam_sdk::events::*;

    types! {
        printed: Metadata, Notification, PeerMetadataUpdated, RecordingStatusChanged, Track, TrackAdded,
            TrackForwarding, TrackMetadataUpdated, TrackRemoved, UnknownNotification;
        safe: ChannelAdded, ChannelRemoved, ComponentCrashed, EndpointId, Event, Gap, HlsPlayable, HlsUploadCrashed,
            HlsUploaded, PeerAdded, PeerConnected, PeerCrashed, PeerDeleted, PeerDisconnected, PeerType,
            RecordingStatus, RoomCrashed, RoomCreated, RoomDeleted, StreamConnected, StreamDisconnected,
            StreamerConnected, StreamerDisconnected, TrackForwardingRemoved, TrackType, VadNotification,
            ViewerConnected, ViewerDisconnected, VoiceActivity;
        unit_tests: ;
    }
}

mod agents {
    use std::any::TypeId;

    use fishjam_sdk::agent::*;

    types! {
        printed: Agent, OutgoingAudioTrackOptions, VapiAgentOptions;
        safe: AgentConnectOptions, AgentOptions, AgentOutputOptions, AgentReceiver, AgentSender, AgentSession,
            AudioFormat, AudioSampleRate, Chunker, Delivery, Frames, Heard, Interruption, Mixer, OutgoingTrack, Pacer,
            PacingOptions, PcmFormat, SessionEnd, SessionEndKind, Speaker, Speakers, TrackEncoding, TryFrames;
        unit_tests: AgentMessage, IncomingTrackData, IncomingTrackImage, PacedTrack, PacerStep, UnknownAgentMessage,
            Utterance;
    }
}

mod webhooks {
    use std::any::TypeId;

    use fishjam_sdk::webhook::*;

    types! {
        printed: ReceivedBinary, WebhookReceiver;
        safe: VerifiedNotifications, WebhookRejection;
        unit_tests: ;
    }
}

mod jellyfish_types {
    use std::any::TypeId;

    use fishjam_sdk::jellyfish::*;

    types! {
        printed: Component, ComponentOptions, ComponentProperties, ConnectionOptions, CreatedPeer, Hls,
            JellyfishClient, JellyfishClientBuilder, Peer, Recording, Room, RoomConfig, RoomOptions, Rtsp,
            RtspProperties, S3Credentials, S3SecretAccessKey, ServerApiToken, Sip, SipCredentials, SipPassword,
            SipProperties;
        safe: Content, Distribution, EventStream, File, FileProperties, Health, HealthStatus, HlsProperties,
            HlsRequest, JellyfishNotifier, JellyfishNotifierBuilder, Origin, PeerOptions, RecordingProperties,
            RoomHandle, ServerAddress, SubscribeMode, WebRtc;
        unit_tests: ;
    }
}

#[test]
fn every_public_type_has_a_place_in_the_policy() {
    for (module, text, printed, others) in [
        ("root", include_str!("../../../fishjam-sdk/src/lib.rs"), root::printed(), root::OTHERS),
        ("events", include_str!("../../../fishjam-sdk/src/events/mod.rs"), events::printed(), events::OTHERS),
        ("agent", include_str!("../../../fishjam-sdk/src/agent/mod.rs"), agents::printed(), agents::OTHERS),
        ("webhook", include_str!("../../../fishjam-sdk/src/webhook/mod.rs"), webhooks::printed(), webhooks::OTHERS),
        (
            "jellyfish",
            include_str!("../../../fishjam-sdk/src/jellyfish/mod.rs"),
            jellyfish_types::printed(),
            jellyfish_types::OTHERS,
        ),
    ] {
        let known = |name| others.contains(&name) || printed.iter().any(|(printed, _)| *printed == name);
        // Traits have no value to print, and `HealthReportStatus` is exported by another name.
        let exempt = ["NotificationHandler", "WebhookHeaders", "HealthReportStatus"];
        let missing: Vec<_> = exported(text).filter(|name| !known(name) && !exempt.contains(name)).collect();
        assert!(missing.is_empty(), "sort these types of `{module}` into the lists above: {missing:?}");
    }
}

/// The types of printed values, and the output.
#[derive(Default)]
struct Printed {
    types: HashSet<TypeId>,
    texts: Vec<String>,
}

impl Printed {
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

fn print_options(printed: &mut Printed) {
    printed.debug(&RoomOptions::new().webhook_url(address()));
    printed.debug(&StreamOptions::new().webhook_url(address()));
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
    json!({ "id": "r", "config": { "webhookUrl": address() }, "peers": [peer] })
}

/// Prints what the client reads from responses with sentinels.
async fn print_values(printed: &mut Printed, emulator: &Emulator, fishjam: &FishjamClient) -> anyhow::Result<()> {
    let unreadable = json!({ "id": "u", SENTINEL: SENTINEL, "config": SENTINEL });
    emulator.faults().on("get_all_rooms").body(json!({ "data": [room_json(), unreadable] }).to_string());
    let rooms = fishjam.get_all_rooms_with_unreadable().await?;
    printed.debug(&rooms);
    printed.debug(&rooms.unreadable[0]);
    printed.error::<()>(Err(rooms.unreadable[0].error.clone()));
    let room = &rooms.items[0];
    let peer = &room.peers[0];
    printed.debug(room);
    printed.debug(&RoomChange::Room(room.clone()));
    printed.debug(&room.config);
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

    let streamer = json!({ "id": "s", "status": "connected", "token": SENTINEL });
    let viewer = json!({ "id": "v", "token": SENTINEL });
    let stream = json!({ "id": "r", "public": true, "streamers": [streamer], "viewers": [viewer] });
    emulator.faults().on("get_stream").status(200).body(json!({ "data": stream }).to_string());
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

fn print_notifications(printed: &mut Printed) -> anyhow::Result<()> {
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
    let mut new = vec![0x9a, 0x06, SENTINEL.len() as u8];
    new.extend_from_slice(SENTINEL.as_bytes());
    bodies.push(new);
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
        printed.debug(&webhook::ReceivedBinary::Single(notification));
    }
    printed.debug(&webhook::WebhookReceiver::new([SENTINEL])?);
    Ok(())
}

async fn print_jellyfish(printed: &mut Printed) -> anyhow::Result<()> {
    use jellyfish::*;

    let emulator = Emulator::jellyfish().start().await?;
    let options = ConnectionOptions::new(emulator.address(), emulator.token());
    let client = JellyfishClient::new(options)?;
    let options = ConnectionOptions::new(emulator.address(), SENTINEL);
    printed.debug(&options);
    printed.debug(&JellyfishClient::builder(options.clone()));
    printed.debug(&JellyfishClient::new(options)?);
    printed.display(&S3SecretAccessKey::from(SENTINEL));
    printed.display(&ServerApiToken::from(SENTINEL));
    printed.display(&SipPassword::from(SENTINEL));
    let storage = || S3Credentials::new(SENTINEL, SENTINEL, "eu", "bucket");
    let telephone = || SipCredentials::new("registrar", "user", SENTINEL);
    printed.debug(&storage());
    printed.debug(&telephone());
    printed.debug(&Hls::new().s3(storage()));
    printed.debug(&Recording::new().credentials(storage()));
    printed.debug(&Sip::new(telephone()));
    printed.debug(&Rtsp::new(address()));
    printed.debug(&ComponentOptions::from(Rtsp::new(address())));
    printed.debug(&RoomOptions::new().webhook_url(address()));

    let credentials = json!({ "address": "a", "username": "u", "password": SENTINEL });
    let rtsp = json!({
        "sourceUri": address(), "rtpPort": 1, "reconnectDelay": 1, "keepAliveInterval": 1, "pierceNat": true,
    });
    let mut room = room_json();
    room["components"] = json!([
        { "id": "a", "type": "sip", "properties": { "registrarCredentials": credentials } },
        { "id": "b", "type": "rtsp", "properties": rtsp },
        { "id": "c", "type": "new", "properties": metadata() },
    ]);
    emulator.faults().on("get_room").status(200).body(json!({ "data": room }).to_string());
    let room = client.get_room("r").await?;
    printed.debug(&room);
    printed.debug(&room.config);
    printed.debug(&room.peers[0]);
    for component in &room.components {
        printed.debug(component);
        printed.debug(&component.properties);
        match &component.properties {
            ComponentProperties::Sip(properties) => printed.debug(properties),
            ComponentProperties::Rtsp(properties) => printed.debug(properties),
            _ => {}
        }
    }
    let created = json!({ "data": { "peer": room_json()["peers"][0], "token": SENTINEL } });
    emulator.faults().on("add_peer").status(201).body(created.to_string());
    printed.debug(&client.add_peer("r", WebRtc::new()).await?);
    let token = format!("{SENTINEL}/{SENTINEL}");
    printed.error(client.get_room(token.as_str()).await);
    let request = HlsRequest::new();
    printed.error(client.get_hls_content("r", token.as_str(), request).await);
    Ok(())
}

#[tokio::test]
async fn no_public_type_prints_a_secret_or_metadata() -> anyhow::Result<()> {
    let emulator = Emulator::builder().token(SENTINEL).start().await?;
    let mut printed = Printed::default();
    print_options(&mut printed);
    let builder = FishjamClient::builder(emulator.url(), SENTINEL);
    printed.debug(&builder);
    let fishjam = builder.build()?;
    printed.debug(&fishjam);
    print_values(&mut printed, &emulator, &fishjam).await?;
    print_notifications(&mut printed)?;
    print_jellyfish(&mut printed).await?;

    let builder = FishjamNotifier::builder(emulator.url(), SENTINEL);
    printed.debug(&builder);
    let notifier = builder.build()?;
    emulator.faults().on("get_all_rooms").body(json!({ "data": [room_json()] }).to_string());
    let view = within("the view", RoomsView::start(&fishjam, &notifier)).await??;
    printed.debug(&view);
    printed.debug(&view.changes());
    printed.debug(&notifier);
    printed.debug(&within("a stream", notifier.events()).await??);

    let lists =
        [root::printed(), events::printed(), agents::printed(), webhooks::printed(), jellyfish_types::printed()];
    let left: Vec<_> = lists.concat().into_iter().filter(|(_, id)| !printed.types.contains(id)).collect();
    assert!(left.is_empty(), "this test does not print {left:?}");
    for text in &printed.texts {
        assert!(!text.contains(SENTINEL), "{text}");
    }
    Ok(())
}
