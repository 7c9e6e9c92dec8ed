//! The names of operations.

/// Returns the contract's name of an operation, which may be given as the method name of an SDK.
pub(crate) fn canonical(name: &str) -> &str {
    match name {
        "create_peer" | "create_agent" | "create_vapi_agent" => "add_peer",
        "refresh_peer_token" => "refresh_token",
        "create_livestream_streamer_token" => "generate_streamer_token",
        "create_livestream_viewer_token" => "generate_viewer_token",
        "check_credentials" => "validate_credentials",
        "create_composition_recording" | "create_template_recording" => "create_recording",
        "get_all_recordings" => "list_recordings",
        "forward_room_tracks" => "create_track_forwarding",
        // Operations of compositions.
        "start_composition" => "start",
        "reset_composition" => "reset",
        "send_event" => "send_composition_event",
        "register_whip_input" | "register_whep_input" | "register_mp4_input" | "register_rtmp_input" => {
            "register_input"
        }
        "register_whip_output" | "register_rtmp_output" => "register_output",
        // Operations of Jellyfish.
        "subscribe" => "subscribe_to",
        "health" => "healthcheck",
        "get_hls_content" => "getHlsContent",
        "get_recording_content" => "getRecordingContent",
        contract => contract,
    }
}
