//! Which generation of the service's contract is spoken.

use serde_json::{Value, json};

use crate::http::response::HttpResponse;

/// A generation of the service's contract.
///
/// Requests are accepted in the same shapes in all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Contract {
    /// The one of the Python SDK 0.31.1.
    #[default]
    Current,
    /// The one of the Python SDK 0.22.0, as far as the `FishjamClient` of that SDK reads it.
    V0_22,
}

impl Contract {
    /// An answer as this generation of the service gives it.
    pub(crate) fn shape(self, operation: &str, answer: HttpResponse, authority: &str) -> HttpResponse {
        match self {
            Contract::Current => answer,
            Contract::V0_22 => shape_0_22(operation, answer, authority),
        }
    }
}

/// The address of the instance beside a new room; subscriptions as one list; 503 for a full room (assumption: the
/// predecessor's status, since 409 was not in that contract).
fn shape_0_22(operation: &str, mut answer: HttpResponse, authority: &str) -> HttpResponse {
    let Some(mut body) = answer.value() else {
        return answer;
    };
    let Some(data) = body.get_mut("data") else {
        if operation == "add_peer" && answer.status == 409 {
            answer.status = 503;
        }
        return answer;
    };
    match operation {
        "create_room" => {
            each_peer(data.get_mut("room"));
            data["fishjam_address"] = json!(authority);
        }
        "get_room" => each_peer(Some(data)),
        "get_all_rooms" => data.as_array_mut().into_iter().flatten().for_each(|room| each_peer(Some(room))),
        "add_peer" => one_list(data.get_mut("peer")),
        _ => return answer,
    }
    answer.body = body.to_string().into();
    answer
}

fn each_peer(room: Option<&mut Value>) {
    let peers = room.and_then(|room| room.get_mut("peers")).and_then(Value::as_array_mut);
    peers.into_iter().flatten().for_each(|peer| one_list(Some(peer)));
}

fn one_list(peer: Option<&mut Value>) {
    if let Some(subscriptions) = peer.and_then(|peer| peer.get_mut("subscriptions")) {
        let ids = ["peers", "tracks"].iter().filter_map(|kind| subscriptions.get(*kind)?.as_array()).flatten();
        *subscriptions = ids.cloned().collect();
    }
}
