//! Tests that `Debug` prints no tokens, in any message.

use fishjam_proto::{fishjam, jellyfish};

const TOKEN: &str = "sentinel-7f3a";

fn assert_redacted(message: &impl std::fmt::Debug) {
    for printed in [format!("{message:?}"), format!("{message:#?}")] {
        assert!(!printed.contains(TOKEN), "{printed}");
        assert!(printed.contains("AuthRequest"), "{printed}");
        assert!(printed.contains("[redacted]"), "{printed}");
    }
}

#[test]
fn server_messages_print_no_token() {
    use fishjam::server_message::{AuthRequest, Content, NotificationBatch};
    let auth = AuthRequest { token: TOKEN.into() };
    assert_redacted(&auth);
    let content = Content::AuthRequest(auth);
    assert_redacted(&content);
    let message = fishjam::ServerMessage { content: Some(content) };
    assert_redacted(&message);
    let batch = Content::NotificationBatch(NotificationBatch { notifications: vec![message] });
    assert_redacted(&fishjam::ServerMessage { content: Some(batch) });
}

#[test]
fn agent_requests_print_no_token() {
    use fishjam::agent_request::{AuthRequest, Content};
    let auth = AuthRequest { token: TOKEN.into() };
    assert_redacted(&auth);
    assert_redacted(&fishjam::AgentRequest { content: Some(Content::AuthRequest(auth)) });
}

#[test]
fn peer_messages_print_the_sdk_version_and_no_token() {
    use fishjam::peer_message::{AuthRequest, Content};
    let auth = AuthRequest { token: TOKEN.into(), sdk_version: "web-1.2.3".into() };
    assert_redacted(&auth);
    let message = fishjam::PeerMessage { content: Some(Content::AuthRequest(auth)) };
    assert_redacted(&message);
    assert!(format!("{message:?}").contains("web-1.2.3"));
}

#[test]
fn jellyfish_messages_print_no_token() {
    use jellyfish::{peer_message, server_message};
    let auth = server_message::AuthRequest { token: TOKEN.into() };
    assert_redacted(&auth);
    let content = Some(server_message::Content::AuthRequest(auth));
    assert_redacted(&jellyfish::ServerMessage { content });
    let auth = peer_message::AuthRequest { token: TOKEN.into() };
    assert_redacted(&auth);
    let content = Some(peer_message::Content::AuthRequest(auth));
    assert_redacted(&jellyfish::PeerMessage { content });
}

#[test]
fn every_message_with_a_token_is_redacted() {
    // Guards the list in build.rs: a token field added to a `.proto` file must be added there too.
    for (file, code) in [
        ("fishjam.rs", include_str!("../src/generated/fishjam.rs")),
        ("fishjam.notifications.rs", include_str!("../src/generated/fishjam.notifications.rs")),
        ("jellyfish.rs", include_str!("../src/generated/jellyfish.rs")),
    ] {
        let mut hidden = false;
        for line in code.lines().map(str::trim) {
            if line.starts_with("#[derive(") {
                hidden = false;
            }
            hidden |= line == "#[prost(skip_debug)]";
            let is_secret =
                line.starts_with("pub ") && line.split(':').next().is_some_and(|name| name.contains("token"));
            assert!(hidden || !is_secret, "{file}: {line}");
        }
    }
}
