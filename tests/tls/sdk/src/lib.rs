//! The use of the SDK and the emulator in each program. Without a feature, there is none.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

/// Starts a plain HTTP server that responds once on each connection. Returns its address.
pub fn http_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // A TLS client sends its greeting and then closes the connection.
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
        }
    });
    address
}

/// Uses the SDK, and the emulator if the program depends on it.
pub fn check() {
    #[cfg(feature = "__sdk")]
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        without_https_server().await;
        #[cfg(any(feature = "emulator", feature = "emulator-ring"))]
        with_emulator().await;
    });
}

/// The handshake starts, and fails.
#[cfg(feature = "__sdk")]
async fn without_https_server() {
    use fishjam_sdk::{ErrorKind, FishjamClient, FishjamNotifier};

    let url = format!("https://{}", http_server());
    let fishjam = FishjamClient::builder(&url, "token").no_proxy().max_attempts(1).build().unwrap();
    assert_eq!(fishjam.get_all_rooms().await.unwrap_err().kind(), ErrorKind::Connection);
    let builder = FishjamNotifier::builder(&url, "token").no_proxy();
    let notifier = builder.retry_first_connection(false).build().unwrap();
    assert_eq!(notifier.events().await.unwrap_err().kind(), ErrorKind::Connection);
}

#[cfg(all(feature = "__sdk", any(feature = "emulator", feature = "emulator-ring")))]
async fn with_emulator() {
    use fishjam_emulator::Emulator;
    use fishjam_sdk::{FishjamClient, FishjamNotifier, RoomOptions};

    let emulator = Emulator::builder().tls(true).start().await.unwrap();
    let (url, token, root) = (emulator.url(), emulator.token(), emulator.certificate_pem().unwrap());
    let notifier = FishjamNotifier::builder(url, token).no_proxy().add_root_certificates(root).build().unwrap();
    let _events = notifier.events().await.unwrap();
    let fishjam = FishjamClient::builder(url, token).no_proxy().add_root_certificates(root).build().unwrap();
    fishjam.create_room(RoomOptions::new()).await.unwrap();

    let untrusting = FishjamClient::builder(url, token).no_proxy().max_attempts(1).build().unwrap();
    untrusting.get_all_rooms().await.unwrap_err();
}
