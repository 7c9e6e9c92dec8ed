//! https and wss with the certificate that the emulator creates.

use std::sync::Arc;

use fishjam_emulator::Emulator;
use serde_json::json;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};
use tokio_tungstenite::client_async;

use crate::client::{http, http_trusting};

fn roots(emulator: &Emulator) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(emulator.certificate_pem().unwrap().as_bytes()).unwrap();
    roots.add(root).unwrap();
    roots
}

#[tokio::test]
async fn https_and_wss_on_one_port() {
    let emulator = Emulator::builder().tls(true).start().await.unwrap();
    let address = emulator.origin().strip_prefix("https://").unwrap().to_owned();
    // A client that never starts its handshake does not block others.
    let _stuck = TcpStream::connect(&address).await.unwrap();

    let client = http_trusting(roots(&emulator));
    for origin in [emulator.origin().to_owned(), emulator.origin().replace("127.0.0.1", "localhost")] {
        let response = client.get(format!("{origin}/validate")).bearer_auth(emulator.token()).send().await.unwrap();
        assert_eq!(response.status(), 200);
    }

    let connector = TlsConnector::from(Arc::new(
        ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots(&emulator))
            .with_no_client_auth(),
    ));
    let tcp = TcpStream::connect(&address).await.unwrap();
    let stream = connector.connect(ServerName::try_from("127.0.0.1").unwrap(), tcp).await.unwrap();
    let url = format!("{}/socket/server/websocket", emulator.url().replacen("https", "wss", 1));
    let (_, response) = client_async(url, stream).await.unwrap();
    assert_eq!(response.status(), 101);

    // The address has no scheme, as in the service's response. Clients then use TLS.
    let create = |path: String, body: serde_json::Value| {
        let request = client.post(format!("{}{path}", emulator.url())).bearer_auth(emulator.token()).json(&body);
        async move { request.send().await.unwrap().text().await.unwrap() }
    };
    let room: serde_json::Value = serde_json::from_str(&create("/room".to_owned(), json!({})).await).unwrap();
    let peers = format!("/room/{}/peer", room["data"]["room"]["id"].as_str().unwrap());
    let peer: serde_json::Value = serde_json::from_str(&create(peers, json!({ "type": "agent" })).await).unwrap();
    let socket = format!("{address}/api/v1/connect/{}/socket/peer/websocket", emulator.id());
    assert_eq!(peer["data"]["peer_websocket_url"], socket);

    // Plain HTTP and other roots are refused.
    assert!(http().get(format!("http://{address}/validate")).send().await.is_err());
    let other = Emulator::builder().tls(true).start().await.unwrap();
    let stranger = http_trusting(roots(&other));
    assert!(stranger.get(format!("{}/validate", emulator.origin())).send().await.is_err());
    emulator.stop().await;
}
