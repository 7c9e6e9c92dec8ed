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

/// The composition API: `openapi-composition.yaml`.
///
/// | operation | class | reason |
/// |---|---|---|
/// | create, register | create | the response can have data that the SDK cannot read again, and an id can be registered once |
/// | send an event | create | templates would receive the event twice |
/// | update an output at a time | create | after that time, it would replace a scene that was scheduled for later |
/// | update an output, request a keyframe, start | update | a second request leaves the same state |
/// | reset | update | a reset composition is empty, and the caller registers nothing before the response |
/// | delete, unregister | delete | the id stays free until the caller uses it again |
#[cfg(feature = "composition")]
pub(crate) mod composition {
    use super::Operation;

    pub(crate) const CREATE: Operation = Operation::create("create_composition").called_by("create");
    pub(crate) const DELETE: Operation = Operation::delete("delete_composition").called_by("delete").command();
    pub(crate) const RESET: Operation = Operation::update("reset").command();
    pub(crate) const START: Operation = Operation::update("start").command();

    pub(crate) const REGISTER_MP4_INPUT: Operation =
        Operation::create("register_input").called_by("register_mp4_input").slow();
    pub(crate) const REGISTER_RTMP_INPUT: Operation =
        Operation::create("register_input").called_by("register_rtmp_input").slow();
    pub(crate) const REGISTER_WHEP_INPUT: Operation =
        Operation::create("register_input").called_by("register_whep_input").slow().command();
    pub(crate) const REGISTER_WHIP_INPUT: Operation =
        Operation::create("register_input").called_by("register_whip_input").slow();
    pub(crate) const UNREGISTER_INPUT: Operation = Operation::delete("unregister_input").command();
    pub(crate) const UNREGISTER_INPUT_AT: Operation =
        Operation::delete("unregister_input").called_by("unregister_input_at").command();

    pub(crate) const REGISTER_OUTPUT: Operation = Operation::create("register_output").slow().command();
    pub(crate) const REGISTER_TEMPLATE_OUTPUT: Operation =
        Operation::create("register_template_output").slow().command();
    pub(crate) const REQUEST_KEYFRAME: Operation = Operation::update("request_keyframe").command();
    pub(crate) const UNREGISTER_OUTPUT: Operation = Operation::delete("unregister_output").command();
    pub(crate) const UNREGISTER_OUTPUT_AT: Operation =
        Operation::delete("unregister_output").called_by("unregister_output_at").command();
    pub(crate) const UPDATE_OUTPUT: Operation = Operation::update("update_output").command();
    pub(crate) const UPDATE_OUTPUT_AT: Operation = Operation::create("update_output").command();

    pub(crate) const REGISTER_FONT: Operation = Operation::create("register_font").slow().command();
    pub(crate) const REGISTER_IMAGE: Operation = Operation::create("register_image").slow().command();
    pub(crate) const UNREGISTER_IMAGE: Operation = Operation::delete("unregister_image").command();
    pub(crate) const UNREGISTER_IMAGE_AT: Operation =
        Operation::delete("unregister_image").called_by("unregister_image_at").command();
    pub(crate) const SEND_EVENT: Operation =
        Operation::create("send_composition_event").called_by("send_event").command();
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
    /// Whether the response is a public file. The SDK requests a public file without a token, and reads it
    /// in pieces.
    pub(super) file: bool,
    /// Whether a success without content must have an empty or a JSON body. Other bodies come from another server.
    pub(super) strict: bool,
    /// Whether the status of a success says everything, so that its body does not matter.
    pub(super) command: bool,
    /// Whether the server connects to other servers or downloads a file before it responds.
    pub(super) slow: bool,
}

impl Operation {
    const fn new(id: &'static str, class: RetryClass) -> Self {
        Self { id, method: id, class, file: false, strict: false, command: false, slow: false }
    }

    /// Creates an operation that changes nothing.
    const fn read(id: &'static str) -> Self {
        Self::new(id, RetryClass::Read)
    }

    /// Creates an operation whose second request leaves the same state as the first.
    const fn update(id: &'static str) -> Self {
        Self::new(id, RetryClass::Update)
    }

    /// Creates an operation that deletes something.
    const fn delete(id: &'static str) -> Self {
        Self::new(id, RetryClass::Delete)
    }

    /// Creates an operation that creates something new with each request.
    const fn create(id: &'static str) -> Self {
        Self::new(id, RetryClass::Create)
    }

    /// Creates an operation that returns a public file.
    #[cfg(feature = "jellyfish")]
    const fn file(id: &'static str) -> Self {
        Self { file: true, ..Self::new(id, RetryClass::Read) }
    }

    /// Sets the name of the method, if it is different from the id.
    const fn called_by(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    /// Adds the method and the id to an error.
    pub(crate) fn failed(self, error: Error) -> Error {
        error.on_call(self.method, self.id)
    }

    /// Ignores the body of a success, which can be empty or unreadable.
    #[cfg(feature = "composition")]
    const fn command(self) -> Self {
        Self { command: true, ..self }
    }

    /// Allows more time for the response.
    #[cfg(feature = "composition")]
    const fn slow(self) -> Self {
        Self { slow: true, ..self }
    }

    /// Rejects bodies that are not JSON, because another server can have sent them.
    const fn strict(self) -> Self {
        Self { strict: true, ..self }
    }
}
