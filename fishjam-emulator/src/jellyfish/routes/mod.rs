//! The operations: a table of routes, and the handlers in one file per noun.

use super::{
    command_error::CommandError,
    parameters::Parameters,
    service::Service,
    sockets::SocketKind,
    state::{Outcome, State},
};
use crate::{
    http::{response::HttpResponse, target},
    refusal::Refusal,
};

mod calls;
mod components;
mod health;
pub(super) mod hls;
mod peers;
mod recordings;
mod rooms;

/// The handler of an operation.
pub(crate) type Handler = fn(&Service, ApiRequest) -> Result<HttpResponse, Failure>;

/// The action for a matched request.
#[derive(Clone, Copy)]
pub(crate) enum Action {
    /// An operation that requires the API token.
    Managed(Handler),
    /// A public file.
    Content(Handler),
    /// A public file of a running HLS stream. The response can wait for the file.
    Stream,
    /// A WebSocket.
    Socket(SocketKind),
}

/// One operation: its name in the contract, its method and its path, where `*` is a parameter.
pub(crate) struct Route {
    pub(crate) operation: &'static str,
    method: &'static str,
    path: &'static [&'static str],
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

    const fn get(operation: &'static str, path: &'static [&'static str], action: Action) -> Self {
        Route { operation, method: "GET", path, action }
    }

    /// Returns the parameters of the path, if the request matches this route.
    fn parameters(&self, method: &str, segments: &[String]) -> Option<Vec<String>> {
        if self.method == method { target::path_parameters(self.path, segments) } else { None }
    }
}

const SOCKETS: &[Route] = &[
    Route::get("server_socket", &["socket", "server", "websocket"], Action::Socket(SocketKind::Server)),
    Route::get("peer_socket", &["socket", "peer", "websocket"], Action::Socket(SocketKind::Peer)),
];

/// The operations of all nouns.
const TABLE: &[&[Route]] = &[
    health::ROUTES,
    rooms::ROUTES,
    peers::ROUTES,
    components::ROUTES,
    calls::ROUTES,
    recordings::ROUTES,
    hls::ROUTES,
    SOCKETS,
];

/// A route with the parameters of its path.
pub(super) type MatchedRoute = (&'static Route, Vec<String>);

/// Returns the names of all operations.
pub(crate) fn operations() -> Vec<&'static str> {
    let mut names: Vec<_> = TABLE.iter().flat_map(|routes| routes.iter()).map(|route| route.operation).collect();
    names.dedup();
    names
}

/// Returns the route of a request. `HEAD` is `GET` without the body.
pub(super) fn find(method: &str, segments: &[String]) -> Option<MatchedRoute> {
    let method = if method == "HEAD" { "GET" } else { method };
    TABLE
        .iter()
        .flat_map(|routes| routes.iter())
        .find_map(|route| route.parameters(method, segments).map(|parameters| (route, parameters)))
}

/// Returns the socket at a path, for every method.
pub(super) fn socket(segments: &[String]) -> Option<SocketKind> {
    match find("GET", segments)?.0.action {
        Action::Socket(socket) => Some(socket),
        _ => None,
    }
}

/// A request that passed all checks.
pub(crate) struct ApiRequest {
    /// The parameters of the path.
    pub(super) path: Vec<String>,
    /// The parameters of the query and the body.
    pub(super) parameters: Parameters,
}

impl ApiRequest {
    /// Returns the parameter of the path with this index.
    pub(super) fn path(&self, index: usize) -> &str {
        self.path.get(index).map_or("", String::as_str)
    }
}

/// The reason why an operation failed.
#[derive(Debug)]
pub(crate) enum Failure {
    Refused(Refusal),
    /// The process of the request raises an error.
    Crash,
    /// The process of the request crashes with the room that it called. A lower layer of the server responds.
    BareCrash,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Failure::Refused(refusal)
    }
}

impl From<Failure> for HttpResponse {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Crash => Refusal::crash().into(),
            Failure::BareCrash => HttpResponse { bare: true, ..Refusal::crash().into() },
        }
    }
}

impl Service {
    /// Changes a room. If this crashes the room, subscribers are notified and the request fails.
    fn change_room<T>(
        &self,
        room: &str,
        change: impl FnOnce(&mut State) -> Result<Outcome<T>, CommandError>,
    ) -> Result<T, Failure> {
        let changed = self.change(|state| match change(state) {
            Ok(Outcome { value, effects }) => Ok(Outcome { value: Some(value), effects }),
            Err(CommandError::Refused(refusal)) => Err(refusal),
            Err(CommandError::RoomCrash) => {
                state.crash_room(room).map(|Outcome { effects, .. }| Outcome { value: None, effects })
            }
        })?;
        changed.ok_or(Failure::BareCrash)
    }
}
