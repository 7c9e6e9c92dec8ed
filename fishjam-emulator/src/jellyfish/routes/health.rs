//! The health of the server.

use serde_json::{Value, json};

use super::{ApiRequest, Failure, Route};
use crate::{http::response::HttpResponse, jellyfish::service::Service};

pub(super) const ROUTES: &[Route] = &[Route::managed("healthcheck", "GET", &["health"], show)];

fn show(service: &Service, _: ApiRequest) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::json(
        200,
        &json!({
            "data": {
                "status": "UP",
                "uptime": service.clock.uptime().as_secs(),
                "version": service.state.read(|state| state.flags.contract.version()),
                "gitCommit": "dev",
                "distribution": distribution(service),
            },
        }),
    ))
}

/// Describes the cluster. A server without a cluster counts 0 nodes.
fn distribution(service: &Service) -> Value {
    let nodes = service.cluster.nodes();
    let status = if nodes > 1 { "UP" } else { "DOWN" };
    json!({ "enabled": nodes > 0, "nodeStatus": status, "nodesInCluster": nodes })
}
