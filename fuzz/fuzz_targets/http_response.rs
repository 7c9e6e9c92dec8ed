//! An HTTP response through the whole client. Each call ends, and no error spans two lines or quotes the token.
//!
//! The first byte of an input selects the call. If the second byte is even, the remaining bytes are the whole response;
//! otherwise they are the JSON body of a success.

#![no_main]

use std::{cell::RefCell, fmt::Debug, time::Duration};

use fishjam_sdk::{
    FishjamClient, MoqAccessOptions, PeerOptions, RecordingFilter, Result, RoomOptions, LivestreamOptions,
    jellyfish::{ConnectionOptions, HlsRequest, JellyfishClient, WebRtc},
};
use libfuzzer_sys::fuzz_target;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
    time::timeout,
};

const TOKEN: &str = "s3cret-management-t0ken";
const CALLS: u8 = 19;

struct Harness {
    runtime: Runtime,
    listener: TcpListener,
    fishjam: FishjamClient,
    jellyfish: JellyfishClient,
}

thread_local! {
    static HARNESS: RefCell<Harness> = RefCell::new(Harness::new());
}

fuzz_target!(|input: &[u8]| {
    if let [call, form, response @ ..] = input {
        HARNESS.with_borrow(|harness| harness.run(*call, *form, response));
    }
});

impl Harness {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let fishjam = FishjamClient::builder(format!("http://{address}"), TOKEN)
            .max_attempts(1)
            .max_response_bytes(100_000)
            .build()
            .expect("a client");
        let jellyfish = JellyfishClient::builder(ConnectionOptions::new(address.to_string(), TOKEN))
            .max_attempts(1)
            .max_response_bytes(100_000)
            .build()
            .expect("a client");
        Self { runtime, listener, fishjam, jellyfish }
    }

    fn run(&self, call: u8, form: u8, response: &[u8]) {
        let response = if form % 2 == 0 {
            response.to_vec()
        } else {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", response.len());
            [head.as_bytes(), response].concat()
        };
        self.runtime.block_on(async {
            // The server closes each connection, so only a hang takes this long.
            let limit = Duration::from_secs(20);
            let served = async { tokio::join!(self.call(call % CALLS), self.respond(&response)).0 };
            timeout(limit, served).await.expect("the call ends");
        });
    }

    /// Responds to one request, then closes the connection.
    async fn respond(&self, response: &[u8]) {
        let (mut stream, _) = self.listener.accept().await.expect("a connection");
        read_request(&mut stream).await;
        // The client may have read enough.
        let _ = stream.write_all(response).await;
        let _ = stream.shutdown().await;
    }

    async fn call(&self, call: u8) {
        let (fishjam, jellyfish) = (&self.fishjam, &self.jellyfish);
        match call {
            0 => check(fishjam.get_all_rooms().await),
            1 => check(fishjam.get_room("r").await),
            2 => check(fishjam.create_room(RoomOptions::new()).await),
            3 => check(fishjam.create_peer("r", PeerOptions::new()).await),
            4 => check(fishjam.delete_peer("r", "p").await),
            5 => check(fishjam.get_all_recordings(RecordingFilter::new()).await),
            6 => check(fishjam.get_recording("r").await),
            7 => check(fishjam.get_all_streams().await),
            8 => check(fishjam.create_stream(LivestreamOptions::new()).await),
            9 => check(fishjam.create_streamer("s").await),
            10 => check(fishjam.create_livestream_viewer_token("r").await),
            11 => check(fishjam.create_moq_access(MoqAccessOptions::new().publish_path("p")).await),
            12 => check(jellyfish.get_all_rooms().await),
            13 => check(jellyfish.get_room("r").await),
            14 => check(jellyfish.create_room(fishjam_sdk::jellyfish::RoomOptions::new()).await),
            15 => check(jellyfish.add_peer("r", WebRtc::new()).await),
            16 => check(jellyfish.get_recordings().await),
            17 => check(jellyfish.health().await),
            _ => match jellyfish.get_hls_content("r", "index.m3u8", HlsRequest::new()).await {
                Ok(content) => check(content.bytes().await),
                Err(error) => check::<()>(Err(error)),
            },
        }
    }
}

fn check<T: Debug>(outcome: Result<T>) {
    match outcome {
        // All responses can be printed.
        Ok(value) => drop(format!("{value:?}")),
        Err(error) => {
            for line in [error.to_string(), format!("{error:#}")] {
                assert!(!line.contains(breaks_a_line), "{line:?}");
                assert!(!line.contains(TOKEN), "an error quotes the token");
            }
            assert!(!format!("{error:?}").contains(TOKEN), "an error quotes the token");
            for text in [error.message(), error.body_excerpt()].into_iter().flatten() {
                assert!(!text.contains(TOKEN), "an error quotes the token");
                let cut = (4..TOKEN.len()).any(|end| text.ends_with(&TOKEN[..end]));
                assert!(!cut, "{text:?} ends with the beginning of the token");
            }
        }
    }
}

/// Whether a character ends a line, or changes the direction of the text after it.
fn breaks_a_line(character: char) -> bool {
    matches!(
        character,
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{61c}' | '\u{200e}' | '\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// Reads one request with its body.
async fn read_request(stream: &mut TcpStream) {
    let mut request = Vec::new();
    loop {
        if let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if request.len() >= end + 4 + length.unwrap_or(0) {
                return;
            }
        }
        if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
            return;
        }
    }
}
