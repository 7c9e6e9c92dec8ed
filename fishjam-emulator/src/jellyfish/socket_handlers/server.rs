//! `/socket/server/websocket`: the messages of Jellyfish.

use std::time::Duration;

use bytes::Bytes;
use fishjam_proto::jellyfish::{
    ServerMessage,
    server_message::{Authenticated, Content, EventType, MetricsReport, SubscribeRequest, SubscribeResponse},
};
use prost::{DecodeError, Message as _};

use super::metrics;
use crate::{
    jellyfish::service::Service,
    socket_handlers::server::{ServerProtocol, ServerRequest, Subscription},
};

impl ServerProtocol for Service {
    fn decode(&self, frame: Bytes) -> Result<ServerRequest, DecodeError> {
        Ok(match ServerMessage::decode(frame)?.content {
            Some(Content::AuthRequest(request)) => ServerRequest::Authenticate(request.token),
            Some(Content::SubscribeRequest(SubscribeRequest { event_type })) => {
                ServerRequest::Subscribe(match EventType::try_from(event_type) {
                    Ok(EventType::ServerNotification) => Some(Subscription::Notifications),
                    Ok(EventType::Metrics) => Some(Subscription::Metrics),
                    Ok(EventType::Unspecified) | Err(_) => None,
                })
            }
            _ => ServerRequest::Other,
        })
    }

    fn authenticated(&self) -> Vec<u8> {
        encode(Content::Authenticated(Authenticated {}))
    }

    fn subscribed(&self, subscription: Subscription) -> Vec<u8> {
        let event_type = i32::from(match subscription {
            Subscription::Notifications => EventType::ServerNotification,
            Subscription::Metrics => EventType::Metrics,
        });
        encode(Content::SubscribeResponse(SubscribeResponse { event_type }))
    }

    fn report(&self) -> Option<Bytes> {
        let metrics = metrics::report(self).to_string();
        Some(encode(Content::MetricsReport(MetricsReport { metrics })).into())
    }

    fn report_interval(&self) -> Duration {
        self.metrics.interval
    }
}

fn encode(content: Content) -> Vec<u8> {
    ServerMessage { content: Some(content) }.encode_to_vec()
}
