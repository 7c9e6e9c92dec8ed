//! How the server is.

use serde_json::{Value, json};

use super::{Call, Failure, Route};
use crate::{http::response::HttpResponse, jellyfish::service::Service};

pub(super) const ROUTES: &[Route] = &[Route::managed("healthcheck", "GET", &["health"], show)];

fn show(service: &Service, _: Call) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::json(
        200,
        &json!({
            "data": {
                "status": "UP",
                "uptime": service.clock.uptime().as_secs(),
                "version": service.read(|state| state.switches.contract.version()),
                "gitCommit": "dev",
                "distribution": distribution(service),
            },
        }),
    ))
}

/// A server alone counts no servers, not even itself.
fn distribution(service: &Service) -> Value {
    let nodes = service.cluster.nodes();
    let status = if nodes > 1 { "UP" } else { "DOWN" };
    json!({ "enabled": nodes > 0, "nodeStatus": status, "nodesInCluster": nodes })
}
