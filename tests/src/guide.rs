//! The pages of the guide, so that `cargo test` compiles and runs their code.

macro_rules! pages {
    ($($name:ident: $file:literal,)+) => {
        $(
            #[doc = include_str!(concat!("../../docs/guide/src/", $file))]
            #[cfg(doctest)]
            struct $name;
        )+
    };
}

pages! {
    Introduction: "introduction.md",
    TenMinutes: "ten-minutes.md",
    RoomsAndPeers: "rooms-and-peers.md",
    Events: "events.md",
    Subscriptions: "subscriptions.md",
    Livestreams: "livestreams.md",
    VoiceAgents: "voice-agents.md",
    Bridges: "bridges.md",
    Vapi: "vapi.md",
    Recordings: "recordings.md",
    Compositions: "compositions.md",
    Moq: "moq.md",
    Jellyfish: "jellyfish.md",
    Testing: "testing.md",
    Production: "production.md",
    Observability: "observability.md",
    Troubleshooting: "troubleshooting.md",
    FromPython: "from-python.md",
    FromJs: "from-js.md",
    Comparison: "comparison.md",
    RoomManager: "examples/room_manager.md",
    SelectiveSubscription: "examples/selective_subscription.md",
    Transcription: "examples/transcription.md",
    Multimodal: "examples/multimodal.md",
    PoetChat: "examples/poet_chat.md",
    Broadcast: "examples/broadcast.md",
    Operations: "examples/operations.md",
}
