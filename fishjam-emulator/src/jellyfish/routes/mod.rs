//! The operations of Jellyfish: which request is which, and the files that carry them out, one per noun.

use super::{
    command_error::Refused,
    parameters::Parameters,
    service::Service,
    sockets::Socket,
    state::{Outcome, State},
};
use crate::{http::response::HttpResponse, refusal::Refusal};

mod calls;
mod components;
mod health;
pub(super) mod hls;
mod peers;
mod recordings;
mod rooms;

/// What carries an operation out.
pub(crate) type CarryOut = fn(&Service, Call) -> Result<HttpResponse, Failure>;

/// What is done for a matched request.
#[derive(Clone, Copy)]
pub(crate) enum Action {
    /// An operation for the holder of the server's token.
    Managed(CarryOut),
    /// A file for everybody.
    Content(CarryOut),
    /// A file of a running HLS stream, for everybody; it may have to be waited for.
    Stream,
    /// A WebSocket.
    Socket(Socket),
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
        carry_out: CarryOut,
    ) -> Self {
        Route { operation, method, path, action: Action::Managed(carry_out) }
    }

    const fn get(operation: &'static str, path: &'static [&'static str], action: Action) -> Self {
        Route { operation, method: "GET", path, action }
    }

    /// The path's parameters, if this is the route of the request.
    fn parameters(&self, method: &str, segments: &[String]) -> Option<Vec<String>> {
        if self.method != method || self.path.len() != segments.len() {
            return None;
        }
        let mut parameters = Vec::new();
        for (part, segment) in self.path.iter().zip(segments) {
            match *part {
                "*" => parameters.push(segment.clone()),
                literal if literal == segment => {}
                _ => return None,
            }
        }
        Some(parameters)
    }
}

const SOCKETS: &[Route] = &[
    Route::get("server_socket", &["socket", "server", "websocket"], Action::Socket(Socket::Server)),
    Route::get("peer_socket", &["socket", "peer", "websocket"], Action::Socket(Socket::Peer)),
];

/// Every noun's operations.
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

/// A route, with the parameters of its path.
pub(super) type Matched = (&'static Route, Vec<String>);

/// The route of a request. `HEAD` is `GET` without the body.
pub(super) fn find(method: &str, segments: &[String]) -> Option<Matched> {
    let method = if method == "HEAD" { "GET" } else { method };
    TABLE
        .iter()
        .flat_map(|routes| routes.iter())
        .find_map(|route| route.parameters(method, segments).map(|parameters| (route, parameters)))
}

/// The socket at a path, whatever the method.
pub(super) fn socket(segments: &[String]) -> Option<Socket> {
    match find("GET", segments)?.0.action {
        Action::Socket(socket) => Some(socket),
        _ => None,
    }
}

/// A request that was understood and may be carried out.
pub(crate) struct Call {
    /// Those of the path.
    pub(super) path: Vec<String>,
    /// Those of the query and the body.
    pub(super) parameters: Parameters,
}

impl Call {
    /// The path's parameter number `index`.
    pub(super) fn path(&self, index: usize) -> &str {
        self.path.get(index).map_or("", String::as_str)
    }
}

/// Why there is no answer of the operation's own.
#[derive(Debug)]
pub(crate) enum Failure {
    Refused(Refusal),
    /// What answers the request raises.
    Crash,
    /// What answers the request dies with the room that it asked, and what is beneath it answers.
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
    /// Changes a room, which may die of it: that is announced, and the request with it fails.
    fn change_room<T>(
        &self,
        room: &str,
        change: impl FnOnce(&mut State) -> Result<Outcome<T>, Refused>,
    ) -> Result<T, Failure> {
        let changed = self.change(|state| match change(state) {
            Ok(Outcome { value, effects }) => Ok(Outcome { value: Some(value), effects }),
            Err(Refused::Answer(refusal)) => Err(refusal),
            Err(Refused::RoomCrash) => {
                state.crash_room(room).map(|Outcome { effects, .. }| Outcome { value: None, effects })
            }
        })?;
        changed.ok_or(Failure::BareCrash)
    }
}
