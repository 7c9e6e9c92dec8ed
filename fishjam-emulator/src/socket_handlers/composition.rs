//! `{composition address}/ws`: the events of one composition, as JSON in text frames.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts as _, WebSocketUpgrade, ws::WebSocket},
    http::request::Parts,
    response::Response,
};

use crate::{
    faults::Handshake,
    http::{auth::Authorization, connection::ConnectionHandle, subprotocols},
    refusal::Refusal,
    service::Service,
    sockets::SocketSlot,
};

/// Checks the upgrade of an event socket, and accepts it.
///
/// The socket is subscribed before its client receives the response. So the client misses no later event.
pub(crate) async fn accept(
    service: Arc<Service>,
    composition: &str,
    parts: &mut Parts,
    authorization: Authorization,
    (connection, script): (ConnectionHandle, Handshake),
) -> Result<Response, Refusal> {
    check(&service, composition, authorization, &script).map_err(Refusal::into_composition)?;
    let upgrade = WebSocketUpgrade::from_request_parts(parts, &()).await;
    let upgrade = upgrade.map_err(|_| Refusal::malformed_request("expected the upgrade of a WebSocket"))?;
    let sockets = service.composition_sockets.registry();
    // No change of the state comes between the check and the subscription.
    let slot = service.state.read(|state| {
        state.compositions.get(composition)?;
        let slot = sockets.register(connection.clone());
        if script.response_delay().is_some() {
            slot.subscribe_to(composition);
        }
        Ok::<_, Refusal>(slot)
    })?;
    let serve = move |open| async move { serve(&service, open, (connection, slot), &script).await };
    Ok(upgrade.protocols([subprotocols::JSON]).on_upgrade(serve))
}

/// Checks the token, then the composition.
fn check(
    service: &Service,
    composition: &str,
    authorization: Authorization,
    script: &Handshake,
) -> Result<(), Refusal> {
    if script.refuse_token {
        return Err(Refusal::invalid_token());
    }
    authorization.require()?;
    // The composition can be due for its clean-up.
    service.pass_time();
    service.state.read(|state| state.compositions.get(composition).map(drop))
}

/// Sends the queued events until the socket is closed. Frames of the client have no meaning.
async fn serve(
    service: &Service,
    open: WebSocket,
    (connection, slot): (ConnectionHandle, SocketSlot),
    script: &Handshake,
) {
    let mut link = service.core.link(open, connection, slot);
    if let Some((code, reason)) = &script.close {
        return link.close(*code, reason).await;
    }
    if link.hold_response(script.response_delay()).await {
        link.start_pings();
        link.discard_frames().await;
    }
}
