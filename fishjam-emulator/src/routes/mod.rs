//! The operations of the service, in one file per noun.

use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::Value;

use self::compositions::CompositionHandler;
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

mod composition_whip;
pub(crate) mod compositions;
mod credentials;
mod live;
mod livestreams;
mod moq;
mod peers;
mod recording_files;
mod recordings;
mod rooms;
mod tokens;
mod track_forwardings;

/// The handler of an operation.
pub(crate) type Handler = fn(&Service, ApiRequest) -> Result<HttpResponse, Refusal>;

/// The action for a matched request.
#[derive(Clone, Copy)]
pub(crate) enum Action {
    /// An operation that requires the management token.
    Managed(Handler),
    /// An operation that checks the authorization itself.
    Open(Handler),
    /// WHIP, WHEP or a file, only under the origin. It checks the authorization itself and does not respond with JSON.
    Origin(Handler),
    /// An operation of a composition, only under the origin. It requires the management token.
    Composition(CompositionHandler),
    /// The WHIP endpoint of a composition's input, only under the origin. It checks everything itself.
    Whip(Handler),
    /// The event socket of a composition, only under the origin.
    Events,
    /// A WebSocket.
    Socket(SocketKind),
}

impl Action {
    /// Returns `true` if the path has no connect prefix.
    pub(crate) fn is_under_origin(self) -> bool {
        matches!(self, Action::Origin(_) | Action::Composition(_) | Action::Whip(_) | Action::Events)
    }
}

/// An operation: its name in the contract, its method and its path, where `*` is a parameter.
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
        handler: Handler,
    ) -> Self {
        Route { operation, method, path, action: Action::Managed(handler) }
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
    Route {
        operation: "composition_socket",
        method: "GET",
        path: &["api", "composition", "*", "ws"],
        action: Action::Events,
    },
];

/// The operations of all nouns.
const TABLE: &[&[Route]] = &[
    credentials::ROUTES,
    rooms::ROUTES,
    peers::ROUTES,
    tokens::ROUTES,
    livestreams::ROUTES,
    moq::ROUTES,
    track_forwardings::ROUTES,
    recordings::ROUTES,
    recording_files::ROUTES,
    live::ROUTES,
    compositions::ROUTES,
    composition_whip::ROUTES,
    SOCKETS,
];

/// Returns the names of all operations.
pub(crate) fn operations() -> Vec<&'static str> {
    let mut names: Vec<_> = TABLE.iter().flat_map(|routes| routes.iter()).map(|route| route.operation).collect();
    names.dedup();
    names
}

/// Returns the route of a request and the parameters of its path.
pub(crate) fn find(method: &str, segments: &[String]) -> Option<(&'static Route, Vec<String>)> {
    TABLE
        .iter()
        .flat_map(|routes| routes.iter())
        .find_map(|route| route.parameters(method, segments).map(|parameters| (route, parameters)))
}

/// A request that passed all checks.
pub(crate) struct ApiRequest {
    pub(crate) parameters: Vec<String>,
    pub(crate) target: Target,
    pub(crate) authorized: bool,
    pub(crate) headers: HeaderMap,
    /// The bearer token, valid or not.
    pub(crate) bearer: Option<String>,
    pub(crate) content_type: String,
    /// The body as sent.
    pub(crate) payload: Bytes,
    /// The JSON body, or `None` for an empty body and for other types.
    pub(crate) body: Option<Value>,
}

impl ApiRequest {
    /// Returns a parameter of the path.
    pub(crate) fn parameter(&self, index: usize) -> &str {
        self.parameters.get(index).map_or("", String::as_str)
    }

    /// Takes the members of the body. An empty body is an object without members.
    pub(crate) fn members(&mut self) -> Result<Members, Refusal> {
        Members::of(self.body.take().unwrap_or_else(|| Value::Object(Default::default())))
    }
}
