//! The emulator's parsers of queries and bodies. Each request gets a response, and the emulator survives it.
//!
//! The first byte of an input selects the request. Its first line is the query, and everything after it is the body.

#![no_main]

use std::{cell::RefCell, time::Duration};

use fishjam_emulator::{Emulator, JellyfishEmulator};
use libfuzzer_sys::fuzz_target;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::{Builder, Runtime},
    time::timeout,
};

const FORM: &str = "application/x-www-form-urlencoded";
const PARTS: &str = "multipart/form-data; boundary=b";
const JSON: &str = "application/json";

/// The service, the start of the request line and the type of the body.
const REQUESTS: [(Service, &str, &str); 8] = [
    (Service::Jellyfish, "POST /room", FORM),
    (Service::Jellyfish, "POST /room", JSON),
    (Service::Jellyfish, "GET /room/r", FORM),
    (Service::Jellyfish, "POST /room/r/peer", FORM),
    (Service::Fishjam, "GET /recordings", JSON),
    (Service::Fishjam, "POST /room", JSON),
    (Service::Fishjam, "POST /recordings", PARTS),
    (Service::Fishjam, "POST /room/r/peer", FORM),
];

/// Number of requests after which a new emulator starts, because rooms accumulate.
const LIFETIME: usize = 2_000;

#[derive(Clone, Copy)]
enum Service {
    Fishjam,
    Jellyfish,
}

struct Emulators {
    fishjam: Emulator,
    jellyfish: JellyfishEmulator,
    /// A connection to each of them.
    connections: [Option<TcpStream>; 2],
    requests: usize,
}

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    static EMULATORS: RefCell<Option<Emulators>> = const { RefCell::new(None) };
}

fuzz_target!(|input: &[u8]| {
    let Some((selector, input)) = input.split_first() else { return };
    let (query, body) = match input.iter().position(|byte| *byte == b'\n') {
        Some(at) => (&input[..at], &input[at + 1..]),
        None => (input, &[][..]),
    };
    RUNTIME.with(|runtime| {
        EMULATORS.with_borrow_mut(|emulators| {
            runtime.block_on(async {
                if emulators.as_ref().is_none_or(|emulators| emulators.requests >= LIFETIME) {
                    *emulators = Some(Emulators::start().await);
                }
                if let Some(emulators) = emulators {
                    let ended = emulators.request(usize::from(*selector) % REQUESTS.len(), query, body);
                    timeout(Duration::from_secs(20), ended).await.expect("a response");
                }
            });
        });
    });
});

impl Emulators {
    async fn start() -> Self {
        let fishjam = Emulator::builder().token("t").journal_capacity(1).start().await.expect("an emulator");
        let jellyfish =
            Emulator::jellyfish().token("t").journal_capacity(1).start().await.expect("an emulator");
        Self { fishjam, jellyfish, connections: [None, None], requests: 0 }
    }

    async fn request(&mut self, selector: usize, query: &[u8], body: &[u8]) {
        self.requests += 1;
        let (service, line, media_type) = REQUESTS[selector];
        let origin = match service {
            Service::Fishjam => self.fishjam.origin(),
            Service::Jellyfish => self.jellyfish.origin(),
        };
        let address = origin.strip_prefix("http://").unwrap_or(origin);
        let connection = &mut self.connections[service as usize];
        let mut stream = match connection.take() {
            Some(stream) => stream,
            None => TcpStream::connect(address).await.expect("a connection"),
        };
        let mut head = line.as_bytes().to_vec();
        head.push(b'?');
        for byte in query {
            match byte {
                b'!'..=b'~' if *byte != b'#' => head.push(*byte),
                other => head.extend(format!("%{other:02x}").bytes()),
            }
        }
        let length = body.len();
        let rest = format!(
            " HTTP/1.1\r\nhost: h\r\nauthorization: Bearer t\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\n\r\n"
        );
        head.extend(rest.bytes());
        head.extend(body);
        stream.write_all(&head).await.expect("the emulator reads the request");
        let (status, open) = read_response(&mut stream).await;
        // A Jellyfish server itself crashes on some values, and responds with 500.
        assert!(status != 500 || matches!(service, Service::Jellyfish), "{line}: {status}");
        if open {
            *connection = Some(stream);
        }
    }
}

/// Reads a response; returns its status and whether the connection stays open.
async fn read_response(stream: &mut TcpStream) -> (u16, bool) {
    let mut response = Vec::new();
    let end = loop {
        if let Some(end) = response.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        assert!(stream.read_buf(&mut response).await.expect("a response") > 0, "the emulator closed the connection");
    };
    let head = String::from_utf8_lossy(&response[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let header = |name: &str| head.lines().find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()));
    let length: usize = header("content-length:").and_then(|length| length.parse().ok()).unwrap_or(0);
    while response.len() < end + length {
        assert!(stream.read_buf(&mut response).await.expect("a body") > 0, "the emulator closed the connection");
    }
    (status, header("connection:").as_deref() != Some("close"))
}
