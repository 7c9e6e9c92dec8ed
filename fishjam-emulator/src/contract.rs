//! The versions of the service's contract.

use serde_json::{Value, json};

use crate::http::response::HttpResponse;

/// A version of the service's contract.
///
/// The version changes only responses. The emulator accepts the same requests in all versions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Contract {
    /// The version of the Python SDK 0.31.1.
    #[default]
    Current,
    /// The version of the Python SDK 0.22.0, as its `FishjamClient` reads it.
    ///
    /// - A new room comes with `fishjam_address`, which that client requires.
    /// - The `subscriptions` of a peer are one list.
    /// - A full room gets 503. This is an assumption: that client does not know 409.
    ///
    /// That client accepts all other responses unchanged. It never requests `/livestream`, whose responses were different.
    V0_22,
}

impl Contract {
    /// Converts a response to this version of the contract.
    pub(crate) fn convert(self, operation: &str, response: HttpResponse, authority: &str) -> HttpResponse {
        match self {
            Contract::Current => response,
            Contract::V0_22 => convert_to_0_22(operation, response, authority),
        }
    }
}

/// Converts a response to version 0.22:
///
/// - A new room comes with the address of the instance.
/// - Subscriptions are one list.
/// - A full room has the predecessor's status 503. This is an assumption: that contract had no 409.
fn convert_to_0_22(operation: &str, mut response: HttpResponse, authority: &str) -> HttpResponse {
    let Some(mut body) = response.value() else {
        return response;
    };
    let Some(data) = body.get_mut("data") else {
        if operation == "add_peer" && response.status == 409 {
            response.status = 503;
        }
        return response;
    };
    match operation {
        "create_room" => {
            convert_peers(data.get_mut("room"));
            data["fishjam_address"] = json!(authority);
        }
        "get_room" => convert_peers(Some(data)),
        "get_all_rooms" => data.as_array_mut().into_iter().flatten().for_each(|room| convert_peers(Some(room))),
        "add_peer" => join_subscriptions(data.get_mut("peer")),
        _ => return response,
    }
    response.body = body.to_string().into();
    response
}

fn convert_peers(room: Option<&mut Value>) {
    let peers = room.and_then(|room| room.get_mut("peers")).and_then(Value::as_array_mut);
    peers.into_iter().flatten().for_each(|peer| join_subscriptions(Some(peer)));
}

fn join_subscriptions(peer: Option<&mut Value>) {
    if let Some(subscriptions) = peer.and_then(|peer| peer.get_mut("subscriptions")) {
        let ids = ["peers", "tracks"].iter().filter_map(|kind| subscriptions.get(*kind)?.as_array()).flatten();
        *subscriptions = ids.cloned().collect();
    }
}
