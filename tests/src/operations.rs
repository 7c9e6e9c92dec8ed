//! The operations of both contracts: one row per method of a client.
//!
//! A row has the method, the operation id of the contract, the retry class and a call. The tests of retries, of `Send`
//! and of the blocking client iterate over the rows.

use std::{collections::BTreeSet, fs, io, path::Path, pin::Pin, time::Duration};

use anyhow::ensure;
use fishjam_emulator::{Emulator, TrackKind};
use fishjam_sdk::{
    AgentOptions, CompositionRecordingOptions, FishjamClient, LivestreamOptions, MoqAccessOptions, PeerId, PeerOptions,
    RecordingFilter, RecordingId, Result, RoomId, RoomOptions, StreamId, StreamerId, SubscribeMode, Template,
    TemplateRecordingOptions, TrackId, VapiAgentOptions, ViewerId, blocking,
    composition::{
        AudioMix, Composition, CompositionClient, CompositionOptions, Font, ImageId, ImageSource, InputId, InputStream,
        Output, OutputId, Scene, VideoOutput, WhipInputOptions,
    },
    jellyfish::{self, Hls, HlsRequest, JellyfishClient, Sip, SipCredentials, WebRtc},
};
use serde_json::json;

const COMPOSITION: &str = "https://rtc.fishjam.io/api/composition/c";

/// Whether the client repeats a request that the server may have carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryClass {
    /// Read, update and delete: the client sends the request again.
    Repeated,
    /// Create: the client sends the request once, because a second request could create a second entity.
    Once,
}

impl RetryClass {
    /// Number of requests that arrive if the server responds to the first one with status 504.
    #[must_use]
    pub const fn requests(self) -> usize {
        match self {
            Self::Repeated => 2,
            Self::Once => 1,
        }
    }
}

/// Future of a call. Its type proves that the future of each method is `Send`.
pub type Call<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// A method of a client that sends one request.
#[derive(Clone, Copy, Debug)]
pub struct Operation<Client, Entities> {
    /// Name of the method.
    pub method: &'static str,
    /// Operation id in the contract.
    pub id: &'static str,
    /// Retry class of the operation.
    pub class: RetryClass,
    /// Calls the method with valid arguments.
    pub call: for<'a> fn(&'a Client, &'a Entities) -> Call<'a>,
}

impl<Client, Entities> Operation<Client, Entities> {
    /// Checks a call whose first request got status 504: the number of requests, and the outcome.
    ///
    /// # Errors
    ///
    /// Returns an error if they do not match the retry class.
    pub fn check_retried(&self, requests: usize, outcome: Result<()>) -> anyhow::Result<()> {
        let Self { method, id, class, .. } = *self;
        ensure!(requests == class.requests(), "{method}: {requests} requests, {outcome:?}");
        let Err(error) = outcome else {
            ensure!(class == RetryClass::Repeated, "{method} succeeded without a second request");
            return Ok(());
        };
        let found = (class, error.status(), error.attempts());
        ensure!(found == (RetryClass::Once, Some(504), 1), "{method}: {found:?}, {error}");
        let found = (error.operation(), error.may_have_taken_effect());
        ensure!(found == (Some(id), true), "{method}: {found:?}, {error}");
        ensure!(error.to_string().starts_with(&format!("{method}: ")), "{error}");
        Ok(())
    }
}

/// Calls a method of the blocking client with the arguments of its row.
pub type BlockingCall<Client = blocking::FishjamClient, E = Entities> = fn(&Client, &E) -> Result<()>;

/// Expands rows to a table of operations. The second form also expands them to calls of the blocking client.
macro_rules! operations {
    (
        $(#[$doc:meta])* $table:ident: $client:ty, |$entities:ident: $type:ty|
        $($method:ident($($argument:expr),*), $id:literal, $class:ident;)+
    ) => {
        $(#[$doc])*
        #[allow(unused_variables, reason = "not every call names an entity")]
        pub const $table: &[Operation<$client, $type>] = &[$(Operation {
            method: stringify!($method),
            id: $id,
            class: RetryClass::$class,
            call: |client, $entities| Box::pin(async move { client.$method($($argument),*).await.map(drop) }),
        }),+];
    };
    (
        $(#[$doc:meta])* $table:ident: $client:ty, $blocking:ident: $blocking_client:ty, |$entities:ident: $type:ty|
        $($rows:tt)+
    ) => {
        operations! { $(#[$doc])* $table: $client, |$entities: $type| $($rows)+ }
        blocking_calls! { $table $blocking: $blocking_client, |$entities: $type| $($rows)+ }
    };
}

macro_rules! blocking_calls {
    (
        $all:ident $table:ident: $client:ty, |$entities:ident: $type:ty|
        $($method:ident($($argument:expr),*), $id:literal, $class:ident;)+
    ) => {
        #[doc = concat!("Each method of [`", stringify!($all), "`] as a call of the blocking client, which lacks no method.")]
        #[allow(unused_variables, reason = "not every call names an entity")]
        pub const $table: &[(&str, BlockingCall<$client, $type>)] =
            &[$((stringify!($method), |client, $entities| client.$method($($argument),*).map(drop))),+];
    };
}

operations! {
    /// The methods of [`FishjamClient`].
    FISHJAM: FishjamClient, BLOCKING: blocking::FishjamClient, |of: Entities|
    check_credentials(), "validate_credentials", Repeated;
    create_room(RoomOptions::new()), "create_room", Once;
    get_all_rooms(), "get_all_rooms", Repeated;
    get_all_rooms_with_unreadable(), "get_all_rooms", Repeated;
    get_room(&of.room), "get_room", Repeated;
    delete_room(&of.room), "delete_room", Repeated;
    create_peer(&of.room, PeerOptions::new()), "add_peer", Once;
    create_agent(&of.room, AgentOptions::new()), "add_peer", Once;
    create_vapi_agent(&of.room, VapiAgentOptions::new("key", "call")), "add_peer", Once;
    delete_peer(&of.room, &of.peer), "delete_peer", Repeated;
    refresh_peer_token(&of.room, &of.peer), "refresh_token", Once;
    subscribe_peer(&of.room, &of.peer, &of.publisher), "subscribe_peer", Repeated;
    subscribe_tracks(&of.room, &of.peer, &of.tracks), "subscribe_tracks", Repeated;
    create_livestream_streamer_token(of.stream.clone()), "generate_streamer_token", Once;
    create_livestream_viewer_token(of.stream.clone()), "generate_viewer_token", Once;
    forward_room_tracks(&of.room, COMPOSITION), "create_track_forwarding", Once;
    create_stream(LivestreamOptions::new()), "create_stream", Once;
    get_all_streams(), "get_all_streams", Repeated;
    get_all_streams_with_unreadable(), "get_all_streams", Repeated;
    get_stream(&of.stream), "get_stream", Repeated;
    delete_stream(&of.stream), "delete_stream", Repeated;
    create_streamer(&of.stream), "create_streamer", Once;
    delete_streamer(&of.stream, &of.streamer), "delete_streamer", Repeated;
    create_viewer(&of.stream), "create_viewer", Once;
    delete_viewer(&of.stream, &of.viewer), "delete_viewer", Repeated;
    create_moq_access(MoqAccessOptions::new().subscribe_path("p")), "create_moq_access", Once;
    create_composition_recording(composition_output()), "create_recording", Once;
    create_template_recording(template()), "create_recording", Once;
    get_all_recordings(filter()), "list_recordings", Repeated;
    get_all_recordings_with_unreadable(filter()), "list_recordings", Repeated;
    get_recording(&of.recording), "get_recording", Repeated;
    stop_recording(&of.recording), "stop_recording", Repeated;
    delete_recording(&of.recording), "delete_recording", Repeated;
}

operations! {
    /// The methods of [`JellyfishClient`].
    JELLYFISH: JellyfishClient, |of: JellyfishEntities|
    check_credentials(), "healthcheck", Repeated;
    health(), "healthcheck", Repeated;
    create_room(jellyfish::RoomOptions::new()), "create_room", Once;
    create_room_handle(jellyfish::RoomOptions::new()), "create_room", Once;
    get_all_rooms(), "get_all_rooms", Repeated;
    get_all_rooms_with_unreadable(), "get_all_rooms", Repeated;
    get_room(&of.room), "get_room", Repeated;
    delete_room(&of.room), "delete_room", Repeated;
    add_peer(&of.room, WebRtc::new()), "add_peer", Once;
    delete_peer(&of.room, &of.peer), "delete_peer", Repeated;
    add_component(&of.room, sip()), "add_component", Once;
    delete_component(&of.room, &of.hls), "delete_component", Repeated;
    subscribe(&of.room, &of.hls, [&of.peer]), "subscribe_to", Repeated;
    dial(&of.room, &of.sip, "123"), "dial", Once;
    end_call(&of.room, &of.sip), "end_call", Repeated;
    get_recordings(), "get_recordings", Repeated;
    get_recordings_with_unreadable(), "get_recordings", Repeated;
    delete_recording("absent"), "delete_recording", Repeated;
    get_hls_content("absent", "f", HlsRequest::new().part(1, 2).range("bytes=0-9")), "getHlsContent", Repeated;
    get_recording_content("absent", "f"), "getRecordingContent", Repeated;
}

operations! {
    /// The methods of [`CompositionClient`].
    COMPOSITIONS: CompositionClient, BLOCKING_COMPOSITIONS: blocking::CompositionClient, |of: CompositionEntities|
    create(CompositionOptions::new()), "create_composition", Once;
}

operations! {
    /// The methods of [`Composition`].
    COMPOSITION_HANDLE: Composition, BLOCKING_COMPOSITION: blocking::Composition, |of: CompositionEntities|
    start(), "start", Repeated;
    register_whip_input("whip", WhipInputOptions::new().bearer_token("token")), "register_input", Once;
    register_whep_input("whep", "https://example.com/whep"), "register_input", Once;
    register_mp4_input("mp4", "https://example.com/a.mp4"), "register_input", Once;
    register_rtmp_input("rtmp", "key"), "register_input", Once;
    unregister_input(&of.input), "unregister_input", Repeated;
    unregister_input_at(&of.input, LATER), "unregister_input", Repeated;
    register_output("new", output()), "register_output", Once;
    register_template_output("new", output(), bundle()), "register_template_output", Once;
    update_output(&of.output, AudioMix::all(["camera"])), "update_output", Repeated;
    request_keyframe(&of.video), "request_keyframe", Repeated;
    unregister_output(&of.output), "unregister_output", Repeated;
    unregister_output_at(&of.output, LATER), "unregister_output", Repeated;
    register_image("new", ImageSource::png("https://example.com/a.png")), "register_image", Once;
    unregister_image(&of.image), "unregister_image", Repeated;
    unregister_image_at(&of.image, LATER), "unregister_image", Repeated;
    register_font(Font::from_bytes("font")), "register_font", Once;
    send_event("event"), "send_composition_event", Once;
    reset(), "reset", Repeated;
    delete(), "delete_composition", Repeated;
}

/// A time after the start of a composition that no test reaches.
const LATER: Duration = Duration::from_secs(3600);

fn output() -> Output {
    Output::whip("https://example.com/whip", "token").audio(AudioMix::all(["camera"]))
}

fn bundle() -> Template {
    Template::from_bytes("template.js", "export default () => null;")
}

fn composition_output() -> CompositionRecordingOptions {
    CompositionRecordingOptions::new(COMPOSITION, "output")
}

fn template() -> TemplateRecordingOptions {
    TemplateRecordingOptions::new(COMPOSITION, Template::from_bytes("t.js", "content"))
}

fn filter() -> RecordingFilter {
    RecordingFilter::new().metadata(json!({ "order": { "id": null } }))
}

fn sip() -> Sip {
    Sip::new(SipCredentials::new("registrar", "user", "password"))
}

/// Entities that the calls of [`FISHJAM`] name.
#[derive(Clone, Debug)]
pub struct Entities {
    /// A room.
    pub room: RoomId,
    /// A peer of the room that subscribes manually.
    pub peer: PeerId,
    /// Another peer of the room.
    pub publisher: PeerId,
    /// Tracks of the other peer.
    pub tracks: Vec<TrackId>,
    /// A stream.
    pub stream: StreamId,
    /// A streamer of the stream.
    pub streamer: StreamerId,
    /// A viewer of the stream.
    pub viewer: ViewerId,
    /// A recording.
    pub recording: RecordingId,
}

impl Entities {
    /// Creates each entity.
    ///
    /// # Errors
    ///
    /// Returns the error of a request that fails.
    pub async fn create(emulator: &Emulator, fishjam: &FishjamClient) -> Result<Self> {
        let room = fishjam.create_room(RoomOptions::new()).await?.id;
        let (peer, _) = fishjam.create_peer(&room, PeerOptions::new().subscribe_mode(SubscribeMode::Manual)).await?;
        let (publisher, _) = fishjam.create_peer(&room, PeerOptions::new()).await?;
        emulator.add_track(room.as_str(), publisher.id.as_str(), TrackKind::Audio, json!({}));
        let peers = fishjam.get_room(&room).await?.peers;
        let stream = fishjam.create_stream(LivestreamOptions::new()).await?.id;
        Ok(Self {
            room,
            peer: peer.id,
            publisher: publisher.id,
            tracks: peers.into_iter().flat_map(|peer| peer.tracks).filter_map(|track| track.id).collect(),
            streamer: fishjam.create_streamer(&stream).await?.id,
            viewer: fishjam.create_viewer(&stream).await?.id,
            stream,
            recording: fishjam.create_composition_recording(composition_output()).await?.id,
        })
    }

    /// Returns valid ids of entities that do not exist.
    #[must_use]
    pub fn absent() -> Self {
        Self {
            room: "r".into(),
            peer: "p".into(),
            publisher: "q".into(),
            tracks: vec!["t".into()],
            stream: "s".into(),
            streamer: "x".into(),
            viewer: "v".into(),
            recording: "rec".into(),
        }
    }
}

/// Objects that the calls of [`COMPOSITION_HANDLE`] name.
#[derive(Clone, Debug)]
pub struct CompositionEntities {
    /// An input.
    pub input: InputId,
    /// An output with audio.
    pub output: OutputId,
    /// An output with video.
    pub video: OutputId,
    /// An image.
    pub image: ImageId,
}

impl CompositionEntities {
    /// Registers each object.
    ///
    /// # Errors
    ///
    /// Returns the error of a request that fails.
    pub async fn create(composition: &Composition) -> Result<Self> {
        let of = Self::absent();
        composition.register_whip_input(&of.input, WhipInputOptions::new()).await?;
        composition.register_output(&of.output, output()).await?;
        let video = VideoOutput::new(2, 2, Scene::new(InputStream::new("camera")))?;
        composition.register_output(&of.video, Output::rtmp("rtmp://example.com/app/key").video(video)).await?;
        composition.register_image(&of.image, ImageSource::auto("https://example.com/a.png")).await?;
        Ok(of)
    }

    /// Returns valid ids of objects that do not exist.
    #[must_use]
    pub fn absent() -> Self {
        Self { input: "input".into(), output: "output".into(), video: "video".into(), image: "image".into() }
    }
}

/// Entities that the calls of [`JELLYFISH`] name.
#[derive(Clone, Debug)]
pub struct JellyfishEntities {
    /// A room whose codec allows every component.
    pub room: RoomId,
    /// A peer of the room.
    pub peer: PeerId,
    /// An HLS component of the room that subscribes manually.
    pub hls: fishjam_sdk::ComponentId,
    /// A SIP component of the room.
    pub sip: fishjam_sdk::ComponentId,
}

impl JellyfishEntities {
    /// Creates each entity.
    ///
    /// # Errors
    ///
    /// Returns the error of a request that fails.
    pub async fn create(jellyfish: &JellyfishClient) -> Result<Self> {
        let options = jellyfish::RoomOptions::new().video_codec(fishjam_sdk::VideoCodec::H264);
        let room = jellyfish.create_room(options).await?.0.id;
        let hls = Hls::new().subscribe_mode(jellyfish::SubscribeMode::Manual);
        Ok(Self {
            peer: jellyfish.add_peer(&room, WebRtc::new()).await?.peer.id,
            hls: jellyfish.add_component(&room, hls).await?.id,
            sip: jellyfish.add_component(&room, sip()).await?.id,
            room,
        })
    }
}

/// The operation ids of an OpenAPI document.
pub fn operation_ids(document: &'static str) -> BTreeSet<&'static str> {
    document.lines().filter_map(|line| line.trim().strip_prefix("operationId: ")).collect()
}

/// The names of the asynchronous methods in the SDK's `impl` blocks of a client.
///
/// # Errors
///
/// Returns an error if a source file cannot be read.
pub fn async_methods(client: &str) -> io::Result<BTreeSet<String>> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../fishjam-sdk/src")];
    let (block, mut names) = (format!("\nimpl {client} {{"), BTreeSet::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(path)?;
                let blocks = text.split(&block).skip(1).filter_map(|rest| rest.split("\n}").next());
                let methods = blocks.flat_map(|block| block.split("pub async fn ").skip(1));
                names.extend(methods.filter_map(|rest| rest.split(['(', '<']).next()).map(str::to_owned));
            }
        }
    }
    Ok(names)
}
