//! The public types, sorted by why they keep the policy.

use std::any::TypeId;

/// Sorts the types of a module by why they keep the policy. Each type must also be `Send`, `Sync` and `Debug`.
///
/// - `printed`: the test below prints them with sentinels. A type belongs here if it can hold a token, metadata, media,
///   a room, a notification or an error, also through another type.
/// - `safe`: they hold only ids, names, addresses of servers and compositions, paths of files, numbers and the caller's
///   own values. `Result` is an alias.
/// - `unit_tests`: a test of the file that defines them prints them with sentinels.
macro_rules! types {
    (printed: $($printed:ident $(<$a:ty>)?),+; safe: $($safe:ident $(<$b:ty>)?),*; unit_tests: $($unit:ident),*;) => {
        const _: () = {
            const fn check<T: Send + Sync + std::fmt::Debug + 'static>() {}
            $(check::<$printed $(<$a>)?>();)+
            $(check::<$safe $(<$b>)?>();)*
            $(check::<$unit>();)*
        };
        pub(super) fn printed() -> Vec<(&'static str, TypeId)> {
            vec![$((stringify!($printed), TypeId::of::<$printed $(<$a>)?>())),+]
        }
        pub(super) const OTHERS: &[&str] = &[$(stringify!($safe),)* $(stringify!($unit)),*];
    };
}

mod root {
    use std::any::TypeId;

    use fishjam_sdk::*;

    types! {
        printed: CompositionRecordingOptions, Error, EventStream, FishjamClient, FishjamClientBuilder,
            FishjamNotifier, FishjamNotifierBuilder, Listing<Room>, ManagementToken, Metadata, MoqAccess,
            MoqConnectionUrl, MoqToken, Peer, PeerOptions, PeerToken, Recording, RecordingFile, RecordingFilter,
            RecordingSource, Room, RoomChange, RoomChanges, RoomConfig, RoomDirectory, RoomOptions, RoomsView, Snapshot, Livestream, LivestreamOptions, Extra,
            Streamer, StreamerToken, Template, TemplateRecordingOptions, Track, UnreadableItem, VapiAgentOptions,
            VapiApiKey, Viewer, ViewerToken, WaitOptions, WebhookSecret;
        safe: AgentOptions, AgentOutputOptions, ChannelId, ComponentId, CompositionInfo,
            CompositionSource, ConnectionState, Deprecation, DeprecationStatus, ErrorKind, MoqAccessOptions, Overflow,
            ParseEnumError, PeerId, PeerStatus, PeerType, RecordingId, RecordingStatus, Result<()>, RoomId, RoomType, StreamId,
            StreamerId, StreamerStatus, SubscribeMode, Subscriptions, TemplateSource, TemplateSourceResolution,
            TrackForwardingInfo, TrackForwardingOptions, TrackId, TrackType, VideoCodec, ViewerId;
        unit_tests: ;
    }
}

mod events {
    use std::any::TypeId;

    use fishjam_sdk::events::*;

    types! {
        printed: Event, Notification, PeerMetadataUpdated, RecordingStatusChanged, TrackAdded, TrackForwarding, TrackInfo,
            TrackMetadataUpdated, TrackRemoved, UnknownNotification;
        safe: ChannelAdded, ChannelRemoved, ComponentCrashed, EndpointId, Gap, HlsPlayable, HlsUploadCrashed,
            HlsUploaded, PeerAdded, PeerConnected, PeerCrashed, PeerDeleted, PeerDisconnected, RoomCrashed,
             RoomCreated, RoomDeleted, StreamConnected, StreamDisconnected,
            StreamerConnected, StreamerDisconnected, TrackForwardingRemoved, VadNotification,
            ViewerConnected, ViewerDisconnected, VoiceActivity;
        unit_tests: ;
    }
}

mod agent_types {
    use std::any::TypeId;

    use fishjam_sdk::{PeerId, Result, agent::*};
    use futures_util::stream::Empty;

    types! {
        printed: Agent, AgentReceiver, AgentSender, AgentSession, Chunker, Frames<Empty<Vec<u8>>>, SpeakerEvent,
            Mixer<PeerId>, OutgoingAudioTrackOptions, OutgoingTrack, Pacer, SessionEnd, Speaker, Speakers,
            TryFrames<Empty<Result<Vec<u8>>>>;
        safe: AgentConnectOptions, AudioFormat, Channels, Delivery, Interruption, PacingOptions, PcmFormat, SampleRate,
            SessionEndKind;
        unit_tests: AgentMessage, IncomingTrackData, IncomingTrackImage, PacedTrack, PacerStep, UnknownAgentMessage,
            Utterance;
    }
}

mod webhooks {
    use std::any::TypeId;

    use fishjam_sdk::webhook::*;

    types! {
        printed: ReceivedBinary, VerifiedNotifications, WebhookReceiver, WebhookRejection, WebhookService;
        safe: WebhookBody, WebhookOptions, WebhookQueue;
        unit_tests: ;
    }
}

mod jellyfish_types {
    use std::any::TypeId;

    use fishjam_sdk::jellyfish::*;

    types! {
        printed: Component, ComponentOptions, ComponentProperties, ConnectionOptions, Content, CreatedPeer,
            EventStream, Hls, JellyfishClient, JellyfishClientBuilder, JellyfishNotifier, JellyfishNotifierBuilder,
            Peer, Recording, Room, RoomConfig, RoomHandle, RoomOptions, Rtsp, RtspProperties, S3Credentials, S3SecretAccessKey, ServerApiToken, Sip, SipCredentials, SipPassword,
            SipProperties;
        safe: Distribution, File, FileProperties, Health, HealthStatus, HlsProperties, HlsRequest, Origin, PeerOptions,
            RecordingProperties, ServerAddress, SubscribeMode, WebRtc;
        unit_tests: ;
    }
}

mod jellyfish_events {
    use std::any::TypeId;

    use fishjam_sdk::jellyfish::events::*;

    types! {
        printed: EndpointMetrics, Event, Metrics, MetricsReport, Notification, PeerMetadataUpdated,
            RoomMetrics, TrackAdded, TrackMetadataUpdated, TrackMetrics, TrackRemoved;
        safe: ComponentCrashed, HlsPlayable, HlsUploadCrashed, HlsUploaded, PeerAdded, PeerConnected,
            PeerCrashed, PeerDeleted, PeerDisconnected, RoomCrashed, RoomCreated, RoomDeleted;
        unit_tests: ;
    }
}

mod blocking_types {
    use std::any::TypeId;

    use fishjam_sdk::blocking::*;

    types! {
        printed: Composition, CompositionClient, CompositionInput, CompositionOutput, FishjamClient;
        safe: ;
        unit_tests: ;
    }
}

mod composition_types {
    use std::any::TypeId;

    use fishjam_sdk::composition::*;

    types! {
        printed: AudioMix, AudioOutput, Component, Composition, CompositionClient, CompositionClientBuilder,
            CompositionEvent, CompositionEvents, CompositionInput, CompositionOutput, CompositionWait, EndpointToken,
            Font, ImageSource, Mp4Input, Mp4InputOptions, Output, OutputUpdate, Rescaler, RtmpInput, RtmpUrl, Scene,
            StreamKey, TemplateEvent, Text, Tiles, UnknownEvent, VideoOutput, View, WhepInputOptions, WhipInput,
            WhipInputOptions;
        safe: AspectRatio, AudioChannels, AudioEncoder, BoxShadow, Color, ComponentKind, CompositionId,
            CompositionOptions, Easing, EndCondition, ErrorSeverity, EventOptions, HorizontalAlign, Image, ImageId,
            InputEvent, InputId, InputSizes, InputStream, Layout, LayoutBox, MediaKind, MixingStrategy, OpusEncoder,
            OpusPreset, OpusSampleRate, OutputDone, OutputError, OutputId, Overflow, Position, Rect, RescaleMode,
            TextStyle, TextWeight, TextWrapMode, Transition, VerticalAlign, ViewDirection;
        unit_tests: ;
    }
}

#[test]
fn policy_covers_every_public_type() {
    for (module, text, printed, others) in [
        ("root", include_str!("../../../../fishjam-sdk/src/lib.rs"), root::printed(), root::OTHERS),
        ("events", include_str!("../../../../fishjam-sdk/src/events/mod.rs"), events::printed(), events::OTHERS),
        (
            "agent",
            include_str!("../../../../fishjam-sdk/src/agent/mod.rs"),
            agent_types::printed(),
            agent_types::OTHERS,
        ),
        ("webhook", include_str!("../../../../fishjam-sdk/src/webhook/mod.rs"), webhooks::printed(), webhooks::OTHERS),
        (
            "jellyfish",
            include_str!("../../../../fishjam-sdk/src/jellyfish/mod.rs"),
            jellyfish_types::printed(),
            jellyfish_types::OTHERS,
        ),
        (
            "jellyfish::events",
            include_str!("../../../../fishjam-sdk/src/jellyfish/events/mod.rs"),
            jellyfish_events::printed(),
            jellyfish_events::OTHERS,
        ),
        (
            "blocking",
            include_str!("../../../../fishjam-sdk/src/blocking/mod.rs"),
            blocking_types::printed(),
            blocking_types::OTHERS,
        ),
        (
            "composition",
            include_str!("../../../../fishjam-sdk/src/composition/mod.rs"),
            composition_types::printed(),
            composition_types::OTHERS,
        ),
        // Its receiver has no secret, only options.
        (
            "jellyfish::webhook",
            include_str!("../../../../fishjam-sdk/src/jellyfish/webhook.rs"),
            vec![],
            &["WebhookReceiver"],
        ),
        // They have functions, and no types.
        ("integrations", include_str!("../../../../fishjam-sdk/src/integrations/mod.rs"), vec![], &[]),
        ("integrations::gemini", include_str!("../../../../fishjam-sdk/src/integrations/gemini.rs"), vec![], &[]),
    ] {
        let known = |name| others.contains(&name) || printed.iter().any(|(printed, _)| *printed == name);
        // Traits have no value to print, and `HealthReportStatus` is exported by another name. `Exposed` is generic, so its
        // unit test prints it.
        let exempt =
            ["NotificationHandler", "RoomStore", "WebhookHeaders", "WebhookOutcome", "HealthReportStatus", "Exposed"];
        let missing: Vec<_> =
            exported(text).chain(defined(text)).filter(|name| !known(name) && !exempt.contains(name)).collect();
        assert!(missing.is_empty(), "sort these types of `{module}` into the lists above: {missing:?}");
    }
}

/// The types that a module's text exports by name.
fn exported(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split("\npub use ")
        .skip(1)
        .filter_map(|rest| rest.split(';').next())
        .flat_map(|names| names.split(|c: char| !c.is_alphanumeric()))
        .filter(|name| name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase))
}

/// The types that a module's text defines itself.
fn defined(text: &'static str) -> impl Iterator<Item = &'static str> {
    let item = |line: &'static str| {
        ["struct ", "enum ", "type "].iter().find_map(|kind| line.strip_prefix("pub ")?.strip_prefix(kind))
    };
    text.lines().filter_map(item).filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next())
}

/// All types that the test must print.
pub(super) fn printed() -> Vec<(&'static str, TypeId)> {
    [
        root::printed(),
        events::printed(),
        agent_types::printed(),
        webhooks::printed(),
        jellyfish_types::printed(),
        jellyfish_events::printed(),
        blocking_types::printed(),
        composition_types::printed(),
    ]
    .concat()
}
