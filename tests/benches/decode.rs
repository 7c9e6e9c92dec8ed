//! The cost of typed events: `decode_server_notifications` next to a bare prost decode of the same bytes.
//!
//! Prints Criterion's figures for each notification and for a batch of 30. A table of ratios follows. Its rounds
//! alternate between both decoders.

use std::{hint::black_box, time::Duration};

use criterion::Criterion;
use fishjam_proto::fishjam::ServerMessage;
use fishjam_sdk::events::decode_server_notifications;
use fishjam_tests::notifications::{Strings, batch, message, one_of_each};
use prost::Message as _;

use self::setup::rounds::{Candidate, take_turns, turn};

mod setup {
    pub(crate) mod rounds;
}

/// The number of messages in a turn, and the number of turns.
const MESSAGES: u32 = 20_000;
const ROUNDS: usize = 25;

/// Ids as long as those of the service, and metadata of ordinary size.
const TYPICAL: Strings = {
    let room_id = "0193b2c4-7d1e-7b7a-9f53-0123456789ab-74656e616e74-70726f64";
    let id = "5f0c7a52-3d47-4a8e-9c0b-1d2e3f405162";
    Strings {
        room_id,
        stream_id: room_id,
        peer_id: id,
        component_id: id,
        track_id: id,
        channel_id: id,
        streamer_id: id,
        viewer_id: id,
        recording_id: id,
        input_id: id,
        composition_url: "https://composition.example.com/api/composition/5f0c7a52",
        reason: "peer process crashed",
        metadata: r#"{"peer":{"name":"Ada Lovelace","role":"speaker"},"server":{"account":4711}}"#,
    }
};

fn main() -> anyhow::Result<()> {
    let samples = one_of_each(&TYPICAL);
    let contents = samples.iter().map(|sample| sample.content.clone());
    let mut frames: Vec<_> =
        samples.iter().map(|s| (s.name().to_owned(), message(s.content.clone()).encode_to_vec())).collect();
    frames.push(("batch of 30".to_owned(), batch(contents.cycle().take(30)).encode_to_vec()));

    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .sample_size(20)
        .configure_from_args();
    let mut group = criterion.benchmark_group("decode");
    for (name, frame) in &frames {
        group.bench_function(format!("{name}/fishjam-sdk"), |bench| {
            bench.iter(|| decode_server_notifications(black_box(frame)));
        });
        group.bench_function(format!("{name}/bare prost"), |bench| {
            bench.iter(|| ServerMessage::decode(black_box(frame.as_slice())));
        });
    }
    group.finish();
    criterion.final_summary();
    if std::env::args().any(|argument| argument == "--bench") { compare(&frames) } else { Ok(()) }
}

fn compare(frames: &[(String, Vec<u8>)]) -> anyhow::Result<()> {
    println!("\ndecode, ns for each message; medians of {ROUNDS} rounds in turns");
    println!(
        "the SDK's list of notifications costs an allocation of its own; bare prost pays for one too in \"listed\""
    );
    println!(
        "{:<26} {:>5} {:>11} {:>8} {:>12} {:>8} {:>10}",
        "", "bytes", "bare prost", "listed", "fishjam-sdk", "to bare", "to listed"
    );
    for (name, frame) in frames {
        let messages = if name.starts_with("batch") { MESSAGES / 20 } else { MESSAGES };
        let measured = take_turns(
            ROUNDS,
            &mut [
                Candidate::new("bare prost", || {
                    turn(messages, || {
                        for _ in 0..messages {
                            black_box(ServerMessage::decode(black_box(frame.as_slice()))?);
                        }
                        Ok(())
                    })
                }),
                Candidate::new("bare prost, listed", || {
                    turn(messages, || {
                        for _ in 0..messages {
                            black_box(vec![ServerMessage::decode(black_box(frame.as_slice()))?]);
                        }
                        Ok(())
                    })
                }),
                Candidate::new("fishjam-sdk", || {
                    turn(messages, || {
                        for _ in 0..messages {
                            black_box(decode_server_notifications(black_box(frame))?);
                        }
                        Ok(())
                    })
                }),
            ],
        )?;
        let [bare, listed, sdk] = measured.as_slice() else { continue };
        let (bytes, bare_ns, listed_ns, sdk_ns) = (frame.len(), bare.wall * 1e9, listed.wall * 1e9, sdk.wall * 1e9);
        print!("{name:<26} {bytes:>5} {bare_ns:>11.0} {listed_ns:>8.0} {sdk_ns:>12.0}");
        println!(" {:>8.2} {:>10.2}", sdk.wall_ratio, sdk.wall_ratio / listed.wall_ratio);
    }
    Ok(())
}
