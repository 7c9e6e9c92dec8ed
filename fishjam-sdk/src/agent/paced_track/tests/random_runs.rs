//! Random utterances with random interrupts, on a connection with delays.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use tokio::time::sleep;

use super::{
    listener::{Listener, ReceivedItem, Recording},
    *,
};

/// The maximum deviation of the position.
const TOLERANCE: Duration = Duration::from_millis(20);

/// Starts an utterance, and sometimes sends its first chunk before other tasks run. Returns its milliseconds.
async fn start(track: &PacedTrack, tag: u8, random: &mut fastrand::Rng) -> (Utterance, usize) {
    let mut utterance = track.utterance();
    let length = if random.bool() { random.usize(1..=300) } else { return (utterance, 0) };
    let polled = {
        let mut first = pin!(utterance.send_chunk(tagged(tag, 0, length)));
        poll_fn(|context| Poll::Ready(first.as_mut().poll(context))).await
    };
    match polled {
        Poll::Ready(delivery) => assert_eq!(delivery.unwrap(), Delivery::Accepted),
        // A sender of an earlier utterance still holds the lock.
        Poll::Pending => return (utterance, 0),
    }
    (utterance, length)
}

/// Sends an utterance until its end or an interrupt. Returns the accepted milliseconds.
async fn speak((mut utterance, mut sent): (Utterance, usize), tag: u8, mut random: fastrand::Rng) -> usize {
    let length = sent + random.usize(1..3_000);
    while sent < length {
        let chunk = random.usize(1..=400).min(length - sent);
        match utterance.send_chunk(tagged(tag, sent, chunk)).await.unwrap() {
            Delivery::Accepted => sent += chunk,
            // Some senders continue after an interrupt.
            Delivery::Interrupted if random.bool() => assert!(utterance.is_interrupted()),
            Delivery::Interrupted => return sent,
        }
        if random.u8(0..10) == 0 {
            sleep(milliseconds(random.u64(0..100))).await;
        } else if utterance.is_interrupted() {
            sleep(milliseconds(1)).await;
            if random.u8(0..5) == 0 {
                return sent;
            }
        }
    }
    sent
}

/// Interrupts in a random way.
async fn interrupt(track: &PacedTrack, listener: &Listener, next: u8, random: &mut fastrand::Rng) {
    let mut first = pin!(track.interrupt());
    // From the first poll on, no older audio may arrive.
    let polled = poll_fn(|context| Poll::Ready(first.as_mut().poll(context))).await;
    assert!(polled.is_pending(), "the task did not run yet");
    listener.recording().first_allowed = next;
    assert_eq!((track.queued(), track.position()), (Duration::ZERO, Duration::ZERO));
    match random.u8(0..3) {
        0 => {
            first.await.unwrap();
        }
        1 => {
            let (first, second) = tokio::join!(first, track.interrupt());
            first.unwrap();
            second.unwrap();
        }
        // The interrupt still takes effect.
        _ => {}
    }
}

async fn run(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let frame = milliseconds(random.u64(1..=40));
    let lead = frame + milliseconds(random.u64(0..=300));
    let queue = milliseconds(random.u64(0..=1_000));
    let longest = queue.max(milliseconds(400));
    let options = PacingOptions::new().frame(frame).lead(lead).queue(queue);
    let listener = Listener::slow(format(), random.fork());
    let track = PacedTrack::start(listener.clone(), format(), options).unwrap();

    let utterances = random.u8(2..=4);
    let mut speakers = Vec::new();
    for tag in 1..=utterances {
        let started = start(&track, tag, &mut random).await;
        speakers.push(tokio::spawn(speak(started, tag, random.fork())));
        if tag < utterances {
            for _ in 0..random.u8(0..5) {
                sleep(milliseconds(random.u64(0..300))).await;
                assert!(track.queued() <= longest && track.lead() <= lead);
                if tag == 1 {
                    assert!(track.position().abs_diff(listener.recording().position()) <= TOLERANCE);
                }
            }
            interrupt(&track, &listener, tag + 1, &mut random).await;
        }
    }
    let last = speakers.pop().unwrap().await.unwrap();
    track.drained().await.unwrap();
    let recording = listener.recording();
    assert!(recording.longest_lead <= lead, "{:?} with a lead of {lead:?}", recording.longest_lead);
    assert_eq!(track.position(), milliseconds(last as u64));
    assert!(track.position().abs_diff(recording.position()) <= TOLERANCE);
    check(&recording, utterances, last);
}

/// Checks that the start of each utterance arrived, the whole last utterance, and an interrupt between two utterances.
fn check(recording: &Recording, utterances: u8, last: usize) {
    let (mut tag, mut sent, mut interrupted) = (0, 0, true);
    for arrival in &recording.arrivals {
        let ReceivedItem::Audio(audio) = arrival else {
            interrupted = true;
            continue;
        };
        if interrupted {
            assert!(audio[1] > tag, "utterance {} after the interrupt that ended it", audio[1]);
            (tag, sent, interrupted) = (audio[1], 0, false);
        }
        assert_eq!(audio, &tagged(tag, sent, audio.len() / MILLISECOND));
        sent += audio.len() / MILLISECOND;
    }
    assert_eq!((tag, sent, interrupted), (utterances, last, false));
}

#[tokio::test(start_paused = true)]
async fn interrupt_separates_utterances_in_1000_random_runs() {
    for seed in 0..1_000 {
        run(seed).await;
    }
}

/// Sends an utterance without pauses until its end or an interrupt.
async fn send_all(mut utterance: Utterance, tag: u8, milliseconds: usize) {
    for sent in 0..milliseconds {
        if utterance.send_chunk(tagged(tag, sent, 1)).await.unwrap() == Delivery::Interrupted {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn interrupt_separates_utterances_of_parallel_tasks() {
    for seed in 0..200 {
        let mut random = fastrand::Rng::with_seed(seed);
        let listener = Listener::prompt(format());
        let options = PacingOptions::new().frame(milliseconds(1)).lead(milliseconds(2)).queue(milliseconds(5));
        let track = PacedTrack::start(listener.clone(), format(), options).unwrap();
        let old = tokio::spawn(send_all(track.utterance(), 1, 100));
        sleep(milliseconds(random.u64(0..4))).await;
        for _ in 0..random.u16(0..2_000) {
            std::hint::spin_loop();
        }
        track.interrupt().await.unwrap();
        tokio::spawn(send_all(track.utterance(), 2, 2)).await.unwrap();
        track.drained().await.unwrap();
        old.await.unwrap();
        check(&listener.recording(), 2, 2);
    }
}
