//! Peers: add, delete.

use serde_json::{Map, Value, json};

use super::{ApiRequest, Failure, Route};
use crate::{
    http::response::HttpResponse,
    jellyfish::{
        command_error::CommandError,
        options::Options,
        service::Service,
        token::TokenHolder,
        wire::{Data, PeerBody},
    },
    refusal::Refusal,
};

pub(super) const ROUTES: &[Route] = &[
    Route::managed("add_peer", "POST", &["room", "*", "peer"], add),
    Route::managed("delete_peer", "DELETE", &["room", "*", "peer", "*"], delete),
];

fn add(service: &Service, request: ApiRequest) -> Result<HttpResponse, Failure> {
    let room = request.path(0);
    match request.parameters.get("type") {
        None => return Err(Refusal::structure().into()),
        Some(Value::String(kind)) if kind == "webrtc" => {}
        Some(_) => return Err(Refusal::bad_request("Invalid peer type").into()),
    }
    let options = request.parameters.get("options");
    let now = service.clock.now();
    let peer = service.change_room(room, |state| {
        state.admits_peer(room)?;
        // The room reads the options and the flag. It crashes on invalid options and on disabled peers.
        if options.is_some_and(|options| !options.is_object()) || !state.flags.webrtc {
            return Err(CommandError::RoomCrash);
        }
        let none = Map::new();
        let options = Options(options.and_then(Value::as_object).unwrap_or(&none));
        // The emulator has no media, so simulcast makes no difference.
        options.boolean("enableSimulcast", true)?;
        Ok(state.add_peer(room, now)?)
    })?;
    let holder = TokenHolder { room: room.to_owned(), peer: peer.id.clone() };
    let added = json!({
        "peer": PeerBody::from(&peer),
        "peer_websocket_url": service.peer_websocket_url(),
        "token": service.signer.issue(&holder, service.clock.uptime()),
    });
    Ok(HttpResponse::json(201, &Data { data: added }))
}

fn delete(service: &Service, request: ApiRequest) -> Result<HttpResponse, Failure> {
    service.change(|state| state.delete_peer(request.path(0), request.path(1), service.clock.now()))?;
    Ok(HttpResponse::empty(204))
}
