//! Concurrency: one client for a whole backend, and types that go wherever a backend's tasks go.

use std::collections::HashSet;

use fishjam_emulator::Emulator;
use fishjam_sdk::{
    AgentOptions, FishjamClient, PeerOptions, RecordingFilter, RoomOptions, StreamOptions, VapiAgentOptions, jellyfish,
};
use fishjam_tests::support::within;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_calls_at_once_over_one_client_all_succeed() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let mut calls = JoinSet::new();
    for _ in 0..200 {
        let fishjam = fishjam.clone();
        calls.spawn(async move { fishjam.create_room(RoomOptions::new()).await });
    }
    let rooms: Vec<_> = within("200 rooms", calls.join_all()).await?.into_iter().collect::<Result<_, _>>()?;
    let ids: HashSet<_> = rooms.iter().map(|room| room.id.clone()).collect();
    assert_eq!(ids.len(), 200);

    let mut calls = JoinSet::new();
    for (i, id) in ids.iter().cloned().enumerate() {
        let fishjam = fishjam.clone();
        calls.spawn(async move {
            match i % 3 {
                0 => fishjam.get_room(&id).await.map(|room| assert_eq!(room.id, id)),
                1 => fishjam.create_peer(&id, PeerOptions::new()).await.map(|(_, token)| drop(token)),
                _ => fishjam.delete_room(&id).await,
            }
        });
    }
    for outcome in within("200 calls", calls.join_all()).await? {
        outcome?;
    }
    let left = fishjam.get_all_rooms().await?;
    assert_eq!((left.len(), left.iter().map(|room| room.peers.len()).sum::<usize>()), (134, 67));
    assert_eq!(emulator.journal().count("*"), 401);
    Ok(())
}

#[tokio::test]
async fn futures_of_calls_go_to_other_threads() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    check(fishjam.check_credentials()).await?;
    let room = check(fishjam.create_room(RoomOptions::new())).await?;
    let (peer, _) = check(fishjam.create_peer(&room.id, PeerOptions::new())).await?;
    check(fishjam.refresh_peer_token(&room.id, &peer.id)).await?;
    check(fishjam.delete_peer(&room.id, &peer.id)).await?;
    check(fishjam.get_room(&room.id)).await?;
    check(fishjam.get_all_rooms()).await?;
    check(fishjam.get_all_recordings(RecordingFilter::new())).await?;
    let stream = check(fishjam.create_stream(StreamOptions::new())).await?;
    check(fishjam.create_viewer(&stream.id)).await?;
    check(fishjam.create_agent(&room.id, AgentOptions::new())).await?;
    check(fishjam.create_vapi_agent(&room.id, VapiAgentOptions::new("key", "call"))).await?;
    check(fishjam.delete_room(&room.id)).await?;
    let notifier = fishjam_sdk::FishjamNotifier::new(emulator.url(), emulator.token())?;
    check(check(notifier.events()).await?);
    drop((check(notifier.connect()), check(notifier.wait_ready())));
    Ok(())
}

fn check<T: Send>(future: T) -> T {
    future
}

/// Does not compile unless these futures can be sent.
#[allow(dead_code, reason = "to be compiled is all that it is for")]
fn futures_of_a_jellyfish_do_too(jellyfish: &jellyfish::JellyfishClient) {
    drop((check(jellyfish.get_all_rooms()), check(jellyfish.health())));
    drop(check(jellyfish.get_hls_content("room", "index.m3u8", jellyfish::HlsRequest::new())));
}

/// Does not compile unless all of them can be shared, sent and printed.
macro_rules! sound {
    ($($name:ident $(<$parameter:ty>)?),+ $(,)?) => {
        pub(super) const NAMES: &[&str] = &[$(stringify!($name)),+];
        const _: () = {
            const fn check<T: Send + Sync + std::fmt::Debug + 'static>() {}
            $(check::<$name $(<$parameter>)?>();)+
        };
    };
}

const _: () = {
    const fn check<T: Send + Sync + std::fmt::Debug + 'static>() {}
    check::<fishjam_sdk::blocking::FishjamClient>();
};

mod root {
    use fishjam_sdk::*;

    sound! {
        Agent, AgentOptions, AgentOutputOptions, AudioFormat, AudioSampleRate, ChannelId, ComponentId, CompositionInfo,
        CompositionRecordingOptions, CompositionSource, ConnectionState, Deprecation, DeprecationStatus, Error,
        ErrorKind, EventStream, FishjamClient, FishjamClientBuilder, FishjamNotifier, FishjamNotifierBuilder,
        Listing<()>, ManagementToken, Metadata, MoqAccess, MoqAccessOptions, MoqConnectionUrl, MoqToken, Overflow, Peer, PeerId, PeerOptions,
        PeerStatus, PeerToken, PeerType, Recording, RecordingFile, RecordingFilter, RecordingId, RecordingSource,
        RecordingStatus, Result<()>, Room, RoomChange, RoomChanges, RoomConfig, RoomId, RoomOptions, RoomType,
        RoomsView, Snapshot, Stream, StreamId, StreamOptions, Streamer, StreamerId, StreamerStatus, StreamerToken,
        SubscribeMode, Subscriptions, Template, TemplateRecordingOptions, TemplateSource, TemplateSourceResolution,
        Track, TrackForwardingInfo, TrackForwardingOptions, TrackId, TrackType, UnreadableItem, VapiAgentOptions, VapiApiKey,
        VideoCodec, Viewer, ViewerId, ViewerToken, WebhookSecret,
    }
}

mod webhooks {
    use fishjam_sdk::webhook::*;

    sound! { ReceivedBinary, VerifiedNotifications, WebhookReceiver, WebhookRejection }
}

mod notifications {
    use fishjam_sdk::events::*;

    sound! {
        ChannelAdded, ChannelRemoved, ComponentCrashed, EndpointId, Event, Gap, HlsPlayable, HlsUploadCrashed,
        HlsUploaded, Metadata, Notification, PeerAdded, PeerConnected, PeerCrashed, PeerDeleted, PeerDisconnected,
        PeerMetadataUpdated, PeerType, RecordingStatus, RecordingStatusChanged, RoomCrashed, RoomCreated, RoomDeleted,
        StreamConnected, StreamDisconnected, StreamerConnected, StreamerDisconnected, Track, TrackAdded,
        TrackForwarding, TrackForwardingRemoved, TrackMetadataUpdated, TrackRemoved, TrackType, UnknownNotification,
        VadNotification, ViewerConnected, ViewerDisconnected, VoiceActivity,
    }
}

mod agents {
    use fishjam_sdk::agent::*;

    sound! {
        Agent, AgentConnectOptions, AgentMessage, AgentOptions, AgentOutputOptions, AgentReceiver, AgentSender,
        AgentSession, AudioFormat, AudioSampleRate, Chunker, Delivery, Frames<()>, SpeakerEvent, IncomingTrackData,
        IncomingTrackImage, Interruption, Mixer, OutgoingAudioTrackOptions, OutgoingTrack, PacedTrack, Pacer, PacerStep,
        PacingOptions, PcmFormat, SessionEnd, SessionEndKind, Speaker, Speakers, TrackEncoding, TryFrames<()>,
        UnknownAgentMessage, Utterance, VapiAgentOptions,
    }
}

/// The types that a module's text exports by name.
pub(crate) fn exported(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split("\npub use ")
        .skip(1)
        .filter_map(|rest| rest.split(';').next())
        .flat_map(|names| names.split(|c: char| !c.is_alphanumeric()))
        .filter(|name| name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase))
}

#[test]
fn no_public_type_is_left_out_above() {
    // Traits have no value to share or print.
    let known =
        |names: &[&str], name| names.contains(&name) || ["NotificationHandler", "WebhookHeaders"].contains(&name);
    for (module, least, text, names) in [
        ("fishjam_sdk", 30, include_str!("../../../fishjam-sdk/src/lib.rs"), root::NAMES),
        ("agent", 20, include_str!("../../../fishjam-sdk/src/agent/mod.rs"), agents::NAMES),
        ("events", 30, include_str!("../../../fishjam-sdk/src/events/mod.rs"), notifications::NAMES),
        ("webhook", 2, include_str!("../../../fishjam-sdk/src/webhook/mod.rs"), webhooks::NAMES),
    ] {
        let left_out: Vec<_> = exported(text).filter(|name| !known(names, name)).collect();
        assert!(left_out.is_empty(), "{module}: {left_out:?}");
        assert!(exported(text).count() >= least, "this test does not know how {module} exports its types");
    }
}
