//! Rooms: create, list, get, delete.

use serde_json::{Value, json};

use super::{ApiRequest, Route};
use crate::{
    http::{
        body::{self, Members},
        response::HttpResponse,
    },
    refusal::Refusal,
    service::Service,
    state::{RoomConfig, RoomType, VideoCodec},
    wire::{Data, RoomBody},
};

pub(super) const ROUTES: &[Route] = &[
    Route::managed("create_room", "POST", &["room"], create),
    Route::managed("get_all_rooms", "GET", &["room"], list),
    Route::managed("get_room", "GET", &["room", "*"], get),
    Route::managed("delete_room", "DELETE", &["room", "*"], delete),
];

fn create(service: &Service, mut request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let config = room_config(request.members()?)?;
    let room = service.change(|state| Ok::<_, Refusal>(state.create_room(config)))?;
    Ok(HttpResponse::json(201, &json!({ "data": { "room": RoomBody::from(&room) } })))
}

fn list(service: &Service, _: ApiRequest) -> Result<HttpResponse, Refusal> {
    Ok(service.state.read(|state| {
        let rooms: Vec<RoomBody<'_>> = state.rooms().into_iter().map(RoomBody::from).collect();
        HttpResponse::json(200, &Data { data: rooms })
    }))
}

fn get(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    service
        .state
        .read(|state| Ok(HttpResponse::json(200, &Data { data: RoomBody::from(state.room(request.parameter(0))?) })))
}

fn delete(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    service.change(|state| state.delete_room(request.parameter(0)))?;
    Ok(HttpResponse::empty(204))
}

/// Reads a `RoomConfig`. Checks the members in the predecessor's order, and then the newer members.
fn room_config(mut members: Members) -> Result<RoomConfig, Refusal> {
    let max_peers = match members.take_nullable("maxPeers") {
        None => 0,
        Some(value) => body::whole_number(&value).ok_or_else(|| body::unexpected("maxPeers", "a number", &value))?,
    };
    let video_codec = match members.take("videoCodec") {
        None => VideoCodec::H264,
        Some(value) => match value.as_str() {
            Some("h264") => VideoCodec::H264,
            Some("vp8") => VideoCodec::Vp8,
            _ => return Err(body::unexpected("videoCodec", "'h264' or 'vp8'", &value)),
        },
    };
    let webhook_url = members.take_webhook_url()?;
    let room_type = match members.take("roomType") {
        None => RoomType::Conference,
        Some(value) => room_type(&value)?,
    };
    let config = RoomConfig {
        batch_webhook_notifications: members.take_bool("batchWebhookNotifications")?,
        max_peers,
        public: members.take_bool("public")?,
        room_type,
        video_codec,
        webhook_url,
    };
    members.finish()?;
    Ok(config)
}

fn room_type(value: &Value) -> Result<RoomType, Refusal> {
    Ok(match value.as_str() {
        Some("conference") => RoomType::Conference,
        Some("full_feature") => RoomType::FullFeature,
        Some("audio_only") => RoomType::AudioOnly,
        Some("livestream") => RoomType::Livestream,
        Some("broadcaster") => RoomType::Broadcaster,
        Some("audio_only_livestream") => RoomType::AudioOnlyLivestream,
        _ => {
            let wanted = "'conference', 'audio_only', 'livestream' or 'audio_only_livestream'";
            return Err(body::unexpected("roomType", wanted, value));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(body: Value) -> Result<RoomConfig, Refusal> {
        room_config(Members::of(body)?)
    }

    #[test]
    fn absent_and_null_members_mean_defaults() {
        let default = RoomConfig::default();
        assert_eq!(config(json!({})).unwrap(), default);
        // The Python SDK sends this body.
        let python = json!({
            "batchWebhookNotifications": false, "maxPeers": null, "public": false,
            "roomType": "conference", "webhookUrl": null,
        });
        assert_eq!(config(python).unwrap(), default);
    }

    #[test]
    fn room_config_keeps_all_members() {
        let sent = json!({
            "batchWebhookNotifications": true, "maxPeers": "10", "public": true,
            "roomType": "livestream", "videoCodec": "vp8", "webhookUrl": "https://host/hook",
        });
        let expected = RoomConfig {
            batch_webhook_notifications: true,
            max_peers: 10,
            public: true,
            room_type: RoomType::Livestream,
            video_codec: VideoCodec::Vp8,
            webhook_url: Some("https://host/hook".to_owned()),
        };
        assert_eq!(config(sent).unwrap(), expected);
    }

    #[test]
    fn invalid_room_config_is_rejected() {
        let types = "'conference', 'audio_only', 'livestream' or 'audio_only_livestream'";
        for (sent, text) in [
            (json!({ "maxPeers": "nan" }), "Expected maxPeers to be a number, got: nan".to_owned()),
            (json!({ "maxPeers": -1 }), "Expected maxPeers to be a number, got: -1".to_owned()),
            (json!({ "maxPeers": 2.0 }), "Expected maxPeers to be a number, got: 2.0".to_owned()),
            (json!({ "maxPeers": true }), "Expected maxPeers to be a number, got: true".to_owned()),
            (json!({ "videoCodec": "av1" }), "Expected videoCodec to be 'h264' or 'vp8', got: av1".to_owned()),
            (json!({ "videoCodec": null }), "Expected videoCodec to be 'h264' or 'vp8', got: null".to_owned()),
            (
                json!({ "webhookUrl": "https://host" }),
                "Expected webhookUrl to be valid URL, got: https://host".to_owned(),
            ),
            (json!({ "webhookUrl": 5 }), "Expected webhookUrl to be valid URL, got: 5".to_owned()),
            (json!({ "roomType": "lobby" }), format!("Expected roomType to be {types}, got: lobby")),
            (json!({ "public": 1 }), "Expected public to be a boolean, got: 1".to_owned()),
            (json!({ "roomId": "x" }), "Unexpected field: roomId".to_owned()),
            (
                json!({ "maxPeers": "x", "videoCodec": "x", "foo": 1 }),
                "Expected maxPeers to be a number, got: x".to_owned(),
            ),
            (json!([]), "Invalid request body structure".to_owned()),
            (json!("text"), "Invalid request body structure".to_owned()),
        ] {
            assert_eq!(config(sent.clone()).unwrap_err(), Refusal::bad_request(text), "{sent}");
        }
    }
}
