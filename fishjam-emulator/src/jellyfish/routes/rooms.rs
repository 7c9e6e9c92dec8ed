//! Rooms: create, list, get, delete.

use serde_json::Value;

use super::{ApiRequest, Failure, Route};
use crate::{
    http::response::HttpResponse,
    jellyfish::{
        contract::JellyfishContract,
        options::whole_number,
        parameters::Parameters,
        service::Service,
        state::{MaxPeers, RoomConfig},
        wire::{CreatedRoom, Data, RoomBody},
    },
    refusal::Refusal,
    state::VideoCodec,
};

pub(super) const ROUTES: &[Route] = &[
    Route::managed("create_room", "POST", &["room"], create),
    Route::managed("get_all_rooms", "GET", &["room"], list),
    Route::managed("get_room", "GET", &["room", "*"], get),
    Route::managed("delete_room", "DELETE", &["room", "*"], delete),
];

fn create(service: &Service, request: ApiRequest) -> Result<HttpResponse, Failure> {
    let contract = service.state.read(|state| state.flags.contract);
    let config = room_config(&request.parameters, contract)?;
    // A server of a cluster creates rooms on the other server.
    let other = service.cluster.other();
    let target = other.as_deref().unwrap_or(service);
    let room = target.change(|state| state.create_room(config, target.clock.now()))?;
    Ok(HttpResponse::json(201, &Data { data: CreatedRoom::new(contract, &target.address, &room) }))
}

fn list(service: &Service, _: ApiRequest) -> Result<HttpResponse, Failure> {
    Ok(service.state.read(|state| {
        let rooms: Vec<RoomBody<'_>> = state.rooms().into_iter().map(RoomBody::from).collect();
        HttpResponse::json(200, &Data { data: rooms })
    }))
}

fn get(service: &Service, request: ApiRequest) -> Result<HttpResponse, Failure> {
    service
        .state
        .read(|state| Ok(HttpResponse::json(200, &Data { data: RoomBody::from(state.room(request.path(0))?) })))
}

fn delete(service: &Service, request: ApiRequest) -> Result<HttpResponse, Failure> {
    service.change(|state| state.delete_room(request.path(0)))?;
    Ok(HttpResponse::empty(204))
}

/// Reads the settings of a room, in the order of the server.
///
/// The server crashes on an invalid value that it cannot print in its refusal.
fn room_config(parameters: &Parameters, contract: JellyfishContract) -> Result<RoomConfig, Failure> {
    Ok(RoomConfig {
        room_id: room_id(parameters, contract)?,
        max_peers: match parameters.non_null("maxPeers") {
            None => None,
            Some(value) => {
                let larger = parameters.larger_integer("maxPeers").filter(|digits| !digits.starts_with('-'));
                let limit = match larger {
                    Some(digits) => Some(MaxPeers::Larger(digits.to_owned())),
                    None => whole_number(value).map(MaxPeers::Count),
                };
                Some(limit.ok_or_else(|| unexpected(parameters, "maxPeers", "a number"))?)
            }
        },
        video_codec: match parameters.non_null("videoCodec") {
            None => None,
            Some(Value::String(codec)) if codec == "h264" => Some(VideoCodec::H264),
            Some(Value::String(codec)) if codec == "vp8" => Some(VideoCodec::Vp8),
            Some(_) => return Err(unexpected(parameters, "videoCodec", "'h264' or 'vp8'")),
        },
        webhook_url: match parameters.non_null("webhookUrl") {
            None => None,
            Some(Value::String(url)) if is_complete(url) => Some(url.clone()),
            Some(Value::String(_)) => return Err(unexpected(parameters, "webhookUrl", "valid URL")),
            // The server parses only strings and crashes on other values.
            Some(_) => return Err(Failure::Crash),
        },
        peerless_purge_timeout: timeout(parameters, "peerlessPurgeTimeout")?,
        peer_disconnected_timeout: timeout(parameters, "peerDisconnectedTimeout")?,
    })
}

fn room_id(parameters: &Parameters, contract: JellyfishContract) -> Result<Option<String>, Failure> {
    let Some(value) = parameters.non_null("roomId") else { return Ok(None) };
    if let Some(id) = value.as_str() {
        // The pattern of the server permits a newline at the end.
        let name = id.strip_suffix('\n').unwrap_or(id);
        if !name.is_empty() && name.bytes().all(|byte| contract.allows_in_room_id(byte)) {
            return Ok(Some(id.to_owned()));
        }
    }
    let id = parameters.printed("roomId").ok_or(Failure::Crash)?;
    Err(contract.bad_room_id(&id).into())
}

fn timeout(parameters: &Parameters, name: &str) -> Result<Option<u64>, Failure> {
    let Some(value) = parameters.non_null(name) else { return Ok(None) };
    match whole_number(value) {
        Some(seconds) if seconds > 0 => Ok(Some(seconds)),
        _ => Err(unexpected(parameters, name, "a positive integer")),
    }
}

fn unexpected(parameters: &Parameters, name: &str, expected: &str) -> Failure {
    match parameters.printed(name) {
        Some(got) => Refusal::bad_request(format!("Expected {name} to be {expected}, got: {got}")).into(),
        None => Failure::Crash,
    }
}

/// Returns `true` if a URL has a scheme, an authority and a path. The authority can be empty.
fn is_complete(url: &str) -> bool {
    let scheme = |scheme: &str| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|one| one.is_ascii_alphanumeric() || "+-.".contains(one))
    };
    let rest = url.split_once(':').filter(|(before, _)| scheme(before)).and_then(|(_, rest)| rest.strip_prefix("//"));
    rest.is_some_and(|rest| {
        let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        rest[authority..].starts_with('/')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_urls_have_scheme_authority_and_path() {
        for (url, complete) in [
            ("http://host/hook", true),
            ("https://host/", true),
            ("ftp://host/x", true),
            ("http:///x", true),
            ("http://ho st/x", true),
            ("http://host", false),
            ("http://host?a/b", false),
            ("http://host#a/b", false),
            ("host/hook", false),
            ("//host/hook", false),
            ("http:/hook", false),
            ("1http://host/hook", false),
            ("", false),
        ] {
            assert_eq!(is_complete(url), complete, "{url}");
        }
    }
}
