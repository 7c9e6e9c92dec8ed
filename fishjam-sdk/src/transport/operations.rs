//! The operations that the SDK calls: one row per method, with the id in the contract and the retry class.
//!
//! If the names of the method and the operation differ, the row also has the name of the method.

#![deny(dead_code, reason = "an operation in the table is an operation that the SDK calls")]

use super::retry::RetryClass;
use crate::error::Error;

// The Fishjam API: `openapi.yaml`.
pub(crate) const CREATE_MOQ_ACCESS: Operation = Operation::create("create_moq_access");
pub(crate) const CREATE_AGENT: Operation = Operation::create("add_peer").called_by("create_agent");
pub(crate) const CREATE_AND_VERIFY: Operation =
    Operation::read("validate_credentials").strict().called_by("create_and_verify");
pub(crate) const CHECK_CREDENTIALS: Operation =
    Operation::read("validate_credentials").strict().called_by("check_credentials");
pub(crate) const CREATE_COMPOSITION_RECORDING: Operation =
    Operation::create("create_recording").called_by("create_composition_recording");
pub(crate) const CREATE_PEER: Operation = Operation::create("add_peer").called_by("create_peer");
pub(crate) const CREATE_ROOM: Operation = Operation::create("create_room");
pub(crate) const CREATE_STREAM: Operation = Operation::create("create_stream");
pub(crate) const CREATE_STREAMER: Operation = Operation::create("create_streamer");
pub(crate) const CREATE_TEMPLATE_RECORDING: Operation =
    Operation::create("create_recording").called_by("create_template_recording");
pub(crate) const CREATE_TRACK_FORWARDING: Operation =
    Operation::create("create_track_forwarding").called_by("forward_room_tracks");
pub(crate) const CREATE_VAPI_AGENT: Operation = Operation::create("add_peer").called_by("create_vapi_agent");
pub(crate) const CREATE_VIEWER: Operation = Operation::create("create_viewer");
pub(crate) const DELETE_PEER: Operation = Operation::delete("delete_peer");
pub(crate) const DELETE_RECORDING: Operation = Operation::delete("delete_recording");
pub(crate) const DELETE_ROOM: Operation = Operation::delete("delete_room");
pub(crate) const DELETE_STREAM: Operation = Operation::delete("delete_stream");
pub(crate) const DELETE_STREAMER: Operation = Operation::delete("delete_streamer");
pub(crate) const DELETE_VIEWER: Operation = Operation::delete("delete_viewer");
pub(crate) const GENERATE_STREAMER_TOKEN: Operation =
    Operation::create("generate_streamer_token").called_by("create_livestream_streamer_token");
pub(crate) const GENERATE_VIEWER_TOKEN: Operation =
    Operation::create("generate_viewer_token").called_by("create_livestream_viewer_token");
pub(crate) const GET_ALL_ROOMS: Operation = Operation::read("get_all_rooms");
pub(crate) const GET_ALL_ROOMS_WITH_UNREADABLE: Operation =
    Operation::read("get_all_rooms").called_by("get_all_rooms_with_unreadable");
pub(crate) const GET_ALL_STREAMS: Operation = Operation::read("get_all_streams");
pub(crate) const GET_ALL_STREAMS_WITH_UNREADABLE: Operation =
    Operation::read("get_all_streams").called_by("get_all_streams_with_unreadable");
pub(crate) const GET_RECORDING: Operation = Operation::read("get_recording");
pub(crate) const GET_ROOM: Operation = Operation::read("get_room");
pub(crate) const GET_STREAM: Operation = Operation::read("get_stream");
pub(crate) const LIST_RECORDINGS: Operation = Operation::read("list_recordings").called_by("get_all_recordings");
pub(crate) const LIST_RECORDINGS_WITH_UNREADABLE: Operation =
    Operation::read("list_recordings").called_by("get_all_recordings_with_unreadable");
pub(crate) const REFRESH_TOKEN: Operation = Operation::create("refresh_token").called_by("refresh_peer_token");
pub(crate) const STOP_RECORDING: Operation = Operation::update("stop_recording");
pub(crate) const SUBSCRIBE_PEER: Operation = Operation::update("subscribe_peer");
pub(crate) const SUBSCRIBE_TRACKS: Operation = Operation::update("subscribe_tracks");

/// The Jellyfish API: `openapi-jellyfish.yaml`.
#[cfg(feature = "jellyfish")]
pub(crate) mod jellyfish {
    use super::Operation;

    pub(crate) const ADD_COMPONENT: Operation = Operation::create("add_component");
    pub(crate) const ADD_PEER: Operation = Operation::create("add_peer");
    pub(crate) const CHECK_CREDENTIALS: Operation = Operation::read("healthcheck").called_by("check_credentials");
    pub(crate) const CREATE_AND_VERIFY: Operation = Operation::read("healthcheck").called_by("create_and_verify");
    pub(crate) const CREATE_ROOM: Operation = Operation::create("create_room");
    pub(crate) const CREATE_ROOM_HANDLE: Operation = Operation::create("create_room").called_by("create_room_handle");
    pub(crate) const DELETE_COMPONENT: Operation = Operation::delete("delete_component");
    pub(crate) const DELETE_PEER: Operation = Operation::delete("delete_peer");
    pub(crate) const DELETE_RECORDING: Operation = Operation::delete("delete_recording");
    pub(crate) const DELETE_ROOM: Operation = Operation::delete("delete_room");
    pub(crate) const DIAL: Operation = Operation::create("dial");
    pub(crate) const END_CALL: Operation = Operation::update("end_call");
    pub(crate) const GET_ALL_ROOMS: Operation = Operation::read("get_all_rooms");
    pub(crate) const GET_ALL_ROOMS_WITH_UNREADABLE: Operation =
        Operation::read("get_all_rooms").called_by("get_all_rooms_with_unreadable");
    pub(crate) const GET_HLS_CONTENT: Operation = Operation::file("getHlsContent").called_by("get_hls_content");
    pub(crate) const GET_RECORDING_CONTENT: Operation =
        Operation::file("getRecordingContent").called_by("get_recording_content");
    pub(crate) const GET_RECORDINGS: Operation = Operation::read("get_recordings");
    pub(crate) const GET_RECORDINGS_WITH_UNREADABLE: Operation =
        Operation::read("get_recordings").called_by("get_recordings_with_unreadable");
    pub(crate) const GET_ROOM: Operation = Operation::read("get_room");
    pub(crate) const HEALTHCHECK: Operation = Operation::read("healthcheck").called_by("health");
    pub(crate) const SUBSCRIBE_TO: Operation = Operation::update("subscribe_to").called_by("subscribe");
}

/// An operation of a REST API.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// The id in the contract.
    pub(super) id: &'static str,
    /// The method of the client. Errors and logs name it.
    pub(super) method: &'static str,
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
        Self { id, method: id, class: RetryClass::Read, file: false, strict: false }
    }

    /// Creates an operation whose second request leaves the same state as the first.
    const fn update(id: &'static str) -> Self {
        Self { id, method: id, class: RetryClass::Update, file: false, strict: false }
    }

    /// Creates an operation that deletes something.
    const fn delete(id: &'static str) -> Self {
        Self { id, method: id, class: RetryClass::Delete, file: false, strict: false }
    }

    /// Creates an operation that creates something new with each request.
    const fn create(id: &'static str) -> Self {
        Self { id, method: id, class: RetryClass::Create, file: false, strict: false }
    }

    /// Creates an operation that returns a public file.
    #[cfg(feature = "jellyfish")]
    const fn file(id: &'static str) -> Self {
        Self { id, method: id, class: RetryClass::Read, file: true, strict: false }
    }

    /// Sets the name of the method, if it is different from the id.
    const fn called_by(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    /// Adds the method and the id to an error.
    pub(crate) fn failed(self, error: Error) -> Error {
        error.on_call(self.method, self.id)
    }

    /// Rejects bodies that are not JSON, because another server can have sent them.
    const fn strict(self) -> Self {
        Self { strict: true, ..self }
    }
}
