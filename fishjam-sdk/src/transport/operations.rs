//! The operations that the SDK calls, each with its id and its retry class.

#![deny(dead_code, reason = "an operation in the table is an operation that the SDK calls")]

use super::retry::RetryClass;

// The Fishjam API: `openapi.yaml`.
pub(crate) const ADD_PEER: Operation = Operation::create("add_peer");
pub(crate) const CREATE_MOQ_ACCESS: Operation = Operation::create("create_moq_access");
pub(crate) const CREATE_RECORDING: Operation = Operation::create("create_recording");
pub(crate) const CREATE_ROOM: Operation = Operation::create("create_room");
pub(crate) const CREATE_STREAM: Operation = Operation::create("create_stream");
pub(crate) const CREATE_STREAMER: Operation = Operation::create("create_streamer");
pub(crate) const CREATE_TRACK_FORWARDING: Operation = Operation::create("create_track_forwarding");
pub(crate) const CREATE_VIEWER: Operation = Operation::create("create_viewer");
pub(crate) const DELETE_PEER: Operation = Operation::delete("delete_peer");
pub(crate) const DELETE_RECORDING: Operation = Operation::delete("delete_recording");
pub(crate) const DELETE_ROOM: Operation = Operation::delete("delete_room");
pub(crate) const DELETE_STREAM: Operation = Operation::delete("delete_stream");
pub(crate) const DELETE_STREAMER: Operation = Operation::delete("delete_streamer");
pub(crate) const DELETE_VIEWER: Operation = Operation::delete("delete_viewer");
pub(crate) const GENERATE_STREAMER_TOKEN: Operation = Operation::create("generate_streamer_token");
pub(crate) const GENERATE_VIEWER_TOKEN: Operation = Operation::create("generate_viewer_token");
pub(crate) const GET_ALL_ROOMS: Operation = Operation::read("get_all_rooms");
pub(crate) const GET_ALL_STREAMS: Operation = Operation::read("get_all_streams");
pub(crate) const GET_RECORDING: Operation = Operation::read("get_recording");
pub(crate) const GET_ROOM: Operation = Operation::read("get_room");
pub(crate) const GET_STREAM: Operation = Operation::read("get_stream");
pub(crate) const LIST_RECORDINGS: Operation = Operation::read("list_recordings");
pub(crate) const REFRESH_TOKEN: Operation = Operation::create("refresh_token");
pub(crate) const STOP_RECORDING: Operation = Operation::update("stop_recording");
pub(crate) const SUBSCRIBE_PEER: Operation = Operation::update("subscribe_peer");
pub(crate) const SUBSCRIBE_TRACKS: Operation = Operation::update("subscribe_tracks");
pub(crate) const VALIDATE_CREDENTIALS: Operation = Operation::read("validate_credentials").strict();

/// The Jellyfish API: `openapi-jellyfish.yaml`.
#[cfg(feature = "jellyfish")]
pub(crate) mod jellyfish {
    use super::Operation;

    pub(crate) const ADD_COMPONENT: Operation = Operation::create("add_component");
    pub(crate) const ADD_PEER: Operation = Operation::create("add_peer");
    pub(crate) const CREATE_ROOM: Operation = Operation::create("create_room");
    pub(crate) const DELETE_COMPONENT: Operation = Operation::delete("delete_component");
    pub(crate) const DELETE_PEER: Operation = Operation::delete("delete_peer");
    pub(crate) const DELETE_RECORDING: Operation = Operation::delete("delete_recording");
    pub(crate) const DELETE_ROOM: Operation = Operation::delete("delete_room");
    pub(crate) const DIAL: Operation = Operation::create("dial");
    pub(crate) const END_CALL: Operation = Operation::update("end_call");
    pub(crate) const GET_ALL_ROOMS: Operation = Operation::read("get_all_rooms");
    pub(crate) const GET_HLS_CONTENT: Operation = Operation::file("getHlsContent");
    pub(crate) const GET_RECORDING_CONTENT: Operation = Operation::file("getRecordingContent");
    pub(crate) const GET_RECORDINGS: Operation = Operation::read("get_recordings");
    pub(crate) const GET_ROOM: Operation = Operation::read("get_room");
    pub(crate) const HEALTHCHECK: Operation = Operation::read("healthcheck");
    pub(crate) const SUBSCRIBE_TO: Operation = Operation::update("subscribe_to");
}

/// An operation of a REST API.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// The id in the contract.
    pub(super) id: &'static str,
    /// The effect of a second request.
    pub(super) class: RetryClass,
    /// Whether the response is a public file. The SDK sends no token for it, and reads it in pieces.
    pub(super) file: bool,
    /// Whether a success without content must have an empty or a JSON body. Other bodies come from another server.
    pub(super) strict: bool,
}

impl Operation {
    /// Creates an operation that changes nothing.
    const fn read(id: &'static str) -> Self {
        Self { id, class: RetryClass::Read, file: false, strict: false }
    }

    /// Creates an operation whose second request leaves the same state as the first.
    const fn update(id: &'static str) -> Self {
        Self { id, class: RetryClass::Update, file: false, strict: false }
    }

    /// Creates an operation that deletes something.
    const fn delete(id: &'static str) -> Self {
        Self { id, class: RetryClass::Delete, file: false, strict: false }
    }

    /// Creates an operation that creates something new with each request.
    const fn create(id: &'static str) -> Self {
        Self { id, class: RetryClass::Create, file: false, strict: false }
    }

    /// Creates an operation that returns a public file.
    #[cfg(feature = "jellyfish")]
    const fn file(id: &'static str) -> Self {
        Self { id, class: RetryClass::Read, file: true, strict: false }
    }

    /// Rejects bodies that are not JSON, because another server can have sent them.
    const fn strict(self) -> Self {
        Self { strict: true, ..self }
    }
}
