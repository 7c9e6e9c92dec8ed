//! The operations: which request is which, and the files that carry them out, one per noun.

use bytes::Bytes;
use serde_json::Value;

use crate::{
    http::{
        body::Members,
        response::HttpResponse,
        target::{self, Target},
    },
    refusal::Refusal,
    service::Service,
    sockets::SocketKind,
};

mod credentials;
mod live;
mod livestreams;
mod moq;
mod peers;
mod recordings;
mod rooms;
mod tokens;
mod track_forwardings;

/// What is done for a matched request.
#[derive(Clone, Copy)]
pub(crate) enum Action {
    /// An operation for the holder of the management token.
    Managed(fn(&Service, Call) -> Result<HttpResponse, Refusal>),
    /// An operation that judges the authorization itself.
    Open(fn(&Service, Call) -> Result<HttpResponse, Refusal>),
    /// WHIP or WHEP, under the origin only: judges the authorization itself and answers with no JSON.
    Media(fn(&Service, Call) -> Result<HttpResponse, Refusal>),
    /// A WebSocket.
    Socket(SocketKind),
}

/// One operation: its name in the contract, its method and its path, where `*` is a parameter.
pub(crate) struct Route {
    pub(crate) operation: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static [&'static str],
    pub(crate) action: Action,
}

impl Route {
    const fn managed(
        operation: &'static str,
        method: &'static str,
        path: &'static [&'static str],
        action: fn(&Service, Call) -> Result<HttpResponse, Refusal>,
    ) -> Self {
        Route { operation, method, path, action: Action::Managed(action) }
    }

    const fn socket(operation: &'static str, path: &'static [&'static str], socket: SocketKind) -> Self {
        Route { operation, method: "GET", path, action: Action::Socket(socket) }
    }

    /// Returns the parameters of the path, if the request matches this route.
    fn parameters(&self, method: &str, segments: &[String]) -> Option<Vec<String>> {
        if self.method == method { target::path_parameters(self.path, segments) } else { None }
    }
}

const SOCKETS: &[Route] = &[
    Route::socket("server_socket", &["socket", "server", "websocket"], SocketKind::Server),
    Route::socket("peer_socket", &["socket", "peer", "websocket"], SocketKind::Peer),
    Route::socket("agent_socket", &["socket", "agent", "websocket"], SocketKind::Agent),
];

/// Every noun's operations.
const TABLE: &[&[Route]] = &[
    credentials::ROUTES,
    rooms::ROUTES,
    peers::ROUTES,
    tokens::ROUTES,
    livestreams::ROUTES,
    moq::ROUTES,
    track_forwardings::ROUTES,
    recordings::ROUTES,
    live::ROUTES,
    SOCKETS,
];

/// The route of a request, with the parameters of its path.
pub(crate) fn find(method: &str, segments: &[String]) -> Option<(&'static Route, Vec<String>)> {
    TABLE
        .iter()
        .flat_map(|routes| routes.iter())
        .find_map(|route| route.parameters(method, segments).map(|parameters| (route, parameters)))
}

/// A request that was understood and may be carried out.
pub(crate) struct Call {
    pub(crate) parameters: Vec<String>,
    pub(crate) target: Target,
    pub(crate) authorized: bool,
    /// The bearer token, whatever it is worth.
    pub(crate) bearer: Option<String>,
    pub(crate) content_type: String,
    /// The body as sent.
    pub(crate) payload: Bytes,
    /// The JSON body; `None` when there was no body, or one of another type.
    pub(crate) body: Option<Value>,
}

impl Call {
    /// The path's parameter number `index`.
    pub(crate) fn parameter(&self, index: usize) -> &str {
        self.parameters.get(index).map_or("", String::as_str)
    }

    /// The body's members; no body is an object without members.
    pub(crate) fn members(&mut self) -> Result<Members, Refusal> {
        Members::of(self.body.take().unwrap_or_else(|| Value::Object(Default::default())))
    }
}
