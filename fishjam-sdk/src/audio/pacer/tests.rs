//! Tests of the pacer, without a clock.

use super::{
    super::{Channels, SampleRate},
    *,
};

fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// The number of bytes per millisecond.
const MILLISECOND: usize = 32;

fn format() -> PcmFormat {
    PcmFormat::mono(SampleRate::Hz16000)
}

/// Returns milliseconds of audio. Each sample contains the number of its utterance and of its millisecond.
fn tagged(utterance: u8, from: usize, milliseconds: usize) -> Bytes {
    let mut audio = Vec::with_capacity(milliseconds * MILLISECOND);
    for number in from..from + milliseconds {
        audio.extend_from_slice([[number as u8, utterance]; MILLISECOND / 2].as_flattened());
    }
    audio.into()
}

/// Creates a pacer with frames of 20 milliseconds, a lead of 50 and a queue of 100.
fn pacer() -> Pacer {
    let options = PacingOptions::new().lead(milliseconds(50)).frame(milliseconds(20)).queue(milliseconds(100));
    Pacer::new(format(), options).unwrap()
}

/// Sends the audio that can be sent now. Returns the audio and the next step.
fn sent(pacer: &mut Pacer, now: Instant) -> (Vec<u8>, PacerStep) {
    let mut all = Vec::new();
    loop {
        match pacer.next(now) {
            PacerStep::Send(audio) => {
                all.extend(audio);
                pacer.sent(now);
                assert!(pacer.lead(now) <= milliseconds(50));
            }
            other => return (all, other),
        }
    }
}

#[test]
fn next_sends_audio_within_the_lead() {
    let (mut pacer, start) = (pacer(), Instant::now());
    let at = |after| start + milliseconds(after);
    assert_eq!(pacer.next(start), PacerStep::Idle);
    assert!(pacer.push(&tagged(1, 0, 90)).unwrap());
    for (now, length, next, lead, position) in [
        // Two frames; a third one would be 60 milliseconds ahead.
        (0, 40, PacerStep::Wait(at(10)), 40, 0),
        (9, 0, PacerStep::Wait(at(10)), 31, 9),
        (10, 20, PacerStep::Wait(at(30)), 50, 10),
        // The step is three milliseconds late.
        (33, 20, PacerStep::Wait(at(40)), 47, 33),
        // The last frame is shorter.
        (40, 10, PacerStep::Idle, 50, 40),
        (89, 0, PacerStep::Idle, 1, 89),
        (500, 0, PacerStep::Idle, 0, 90),
    ] {
        let (audio, step) = sent(&mut pacer, at(now));
        assert_eq!((audio.len() / MILLISECOND, step), (length, next), "{now}");
        assert_eq!(pacer.lead(at(now)), milliseconds(lead), "{now}");
        assert_eq!(pacer.position(at(now)), milliseconds(position), "{now}");
    }
    // After a gap, the playback restarts with a whole lead, and the position continues.
    assert!(pacer.push(&tagged(1, 90, 60)).unwrap());
    let (audio, step) = sent(&mut pacer, at(500));
    assert_eq!((audio, step), (tagged(1, 90, 40).to_vec(), PacerStep::Wait(at(510))));
    assert_eq!(pacer.position(at(505)), milliseconds(95));
}

#[test]
fn playback_starts_when_audio_was_sent() {
    let (mut pacer, start) = (pacer(), Instant::now());
    assert!(pacer.push(&tagged(1, 0, 100)).unwrap());
    assert!(matches!(pacer.next(start), PacerStep::Send(_)));
    // The connection accepted the audio after 200 milliseconds.
    let now = start + milliseconds(200);
    pacer.sent(now);
    assert_eq!((pacer.lead(now), pacer.position(now)), (milliseconds(20), Duration::ZERO));
    let (audio, step) = sent(&mut pacer, now);
    assert_eq!((audio.len() / MILLISECOND, step), (20, PacerStep::Wait(now + milliseconds(10))));
}

#[test]
fn delayed_step_sends_all_audio_that_is_due() {
    let (mut pacer, start) = (Pacer::new(format(), PacingOptions::new()).unwrap(), Instant::now());
    let at = |after| start + milliseconds(after);
    let due = |pacer: &mut Pacer, now| {
        let frames = std::iter::from_fn(|| match pacer.next_in_flight(now) {
            PacerStep::Send(_) => Some(()),
            _ => None,
        });
        let frames = frames.count();
        (frames, pacer.next_in_flight(now))
    };
    assert!(pacer.push(&tagged(1, 0, 1_000)).unwrap());
    // Only the socket decides when the playback starts.
    assert_eq!(due(&mut pacer, start), (10, PacerStep::Idle));
    assert_eq!(due(&mut pacer, at(500)), (0, PacerStep::Idle));
    for frame in 0..10 {
        assert_eq!(pacer.sent_in_flight(at(500)), frame == 0);
    }
    // The next step is due at 520, and is 85 milliseconds late. The audio in flight counts.
    assert_eq!(due(&mut pacer, at(605)), (5, PacerStep::Wait(at(620))));
    assert_eq!(due(&mut pacer, at(620)), (1, PacerStep::Wait(at(640))));
    for _ in 0..6 {
        assert!(!pacer.sent_in_flight(at(625)));
    }
    assert!(!pacer.sent_in_flight(at(625)));
    assert_eq!((pacer.lead(at(625)), pacer.queued()), (milliseconds(195), milliseconds(680)));
    // After a pause of the connection, the playback restarts within the lead.
    assert_eq!(due(&mut pacer, at(700)), (4, PacerStep::Wait(at(720))));
    assert_eq!(due(&mut pacer, at(900)), (6, PacerStep::Idle));
    assert!(pacer.sent_in_flight(at(950)));
    for _ in 0..9 {
        assert!(!pacer.sent_in_flight(at(950)));
    }
    assert_eq!((pacer.lead(at(950)), pacer.queued()), (milliseconds(200), milliseconds(480)));
}

#[test]
fn queue_is_bounded_unless_it_is_empty() {
    let (mut pacer, start) = (pacer(), Instant::now());
    assert!(pacer.push(&tagged(1, 0, 60)).unwrap());
    assert!(!pacer.push(&tagged(1, 60, 41)).unwrap());
    assert!(pacer.push(&tagged(1, 60, 40)).unwrap());
    assert_eq!(pacer.queued(), milliseconds(100));
    assert!(!pacer.push(&tagged(1, 100, 1)).unwrap());
    let (mut all, mut now) = (Vec::new(), start);
    while let (audio, PacerStep::Wait(until)) = sent(&mut pacer, now) {
        assert!(!pacer.push(&tagged(1, 100, 500)).unwrap());
        all.extend(audio);
        now = until;
    }
    assert!(pacer.push(&tagged(1, 100, 500)).unwrap());
    assert_eq!(pacer.queued(), milliseconds(500));
    assert_eq!(all, tagged(1, 0, all.len() / MILLISECOND));
}

#[test]
fn small_chunks_are_joined_and_large_ones_not_copied() {
    let (mut pacer, start) = (pacer(), Instant::now());
    let chunk = tagged(1, 0, 40);
    assert!(pacer.push(&chunk).unwrap());
    let PacerStep::Send(frame) = pacer.next(start) else { panic!("nothing to send") };
    assert_eq!(frame.as_ptr(), chunk.as_ptr());
    sent(&mut pacer, start);
    for number in 40..100 {
        assert!(pacer.push(&tagged(1, number, 1)).unwrap());
    }
    for (after, from, to) in [(10, 40, 60), (30, 60, 80), (50, 80, 100)] {
        let (audio, _) = sent(&mut pacer, start + milliseconds(after));
        assert_eq!(audio, tagged(1, from, to - from), "{after}");
    }
}

#[test]
fn interrupt_is_the_next_step_and_discards_audio() {
    let (mut pacer, start) = (pacer(), Instant::now());
    assert!(pacer.push(&tagged(1, 0, 95)).unwrap());
    sent(&mut pacer, start);
    let now = start + milliseconds(15);
    let interruption = pacer.interrupt(now);
    assert_eq!(interruption, Interruption { played: milliseconds(15), discarded: milliseconds(80) });
    assert_eq!((pacer.queued(), pacer.lead(now), pacer.position(now)), Default::default());
    assert!(pacer.push(&tagged(2, 0, 60)).unwrap());
    for _ in 0..2 {
        assert_eq!(pacer.next(now), PacerStep::Interrupt);
    }
    pacer.interrupted();
    let (audio, step) = sent(&mut pacer, now);
    assert_eq!((audio, step), (tagged(2, 0, 40).to_vec(), PacerStep::Wait(now + milliseconds(10))));
    assert_eq!(pacer.interrupt(now + milliseconds(1_000)).played, milliseconds(40));
}

#[test]
fn sent_after_an_interrupt_has_no_effect() {
    let (mut pacer, start) = (pacer(), Instant::now());
    assert!(pacer.push(&tagged(1, 0, 20)).unwrap());
    assert!(matches!(pacer.next(start), PacerStep::Send(_)));
    pacer.interrupt(start);
    assert!(pacer.push(&tagged(2, 0, 20)).unwrap());
    pacer.sent(start);
    assert_eq!((pacer.queued(), pacer.lead(start)), (milliseconds(20), Duration::ZERO));
    assert_eq!(pacer.next(start), PacerStep::Interrupt);
    pacer.interrupted();
    assert_eq!(pacer.next(start), PacerStep::Send(tagged(2, 0, 20)));
}

#[test]
fn pacer_rejects_long_frames_and_half_samples() {
    for (lead, frame, valid) in [(20, 20, true), (19, 20, false), (200, 0, false), (100_000, 61_000, false)] {
        let options = PacingOptions::new().lead(milliseconds(lead)).frame(milliseconds(frame));
        assert_eq!(Pacer::new(format(), options).is_ok(), valid, "{lead} {frame}");
    }
    let mut pacer = pacer();
    assert!(pacer.push(&Bytes::from_static(b"abc")).is_err());
    assert!(pacer.is_idle());
}

#[test]
fn position_is_exact_after_hours() {
    let options = PacingOptions::new();
    let format = PcmFormat::new(SampleRate::Hz24000, Channels::Stereo);
    let (mut pacer, start) = (Pacer::new(format, options).unwrap(), Instant::now());
    let second = Bytes::from(vec![0; format.bytes_in(Duration::from_secs(1))]);
    let mut now = start;
    for _ in 0..2 * 3_600 {
        assert!(pacer.push(&second).unwrap());
        loop {
            match pacer.next(now) {
                PacerStep::Send(_) => pacer.sent(now),
                PacerStep::Wait(until) => now = until,
                _ => break,
            }
            assert!(pacer.lead(now) <= Duration::from_millis(200));
        }
    }
    let played = start + Duration::from_secs(2 * 3_600);
    assert_eq!(pacer.lead(played), Duration::ZERO);
    assert_eq!(pacer.position(played), Duration::from_secs(2 * 3_600));
    assert!(pacer.position(played - Duration::from_millis(1)) < Duration::from_secs(2 * 3_600));
}
