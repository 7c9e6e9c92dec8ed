//! Random speakers, interrupted at random moments, on a connection that takes its time.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use tokio::time::sleep;

use super::{
    listener::{Arrival, Heard, Listener},
    *,
};

/// How far the position may be off.
const TOLERANCE: Duration = Duration::from_millis(20);

/// Begins an utterance, perhaps with something to say before anybody else has had their turn: how many samples.
async fn begin(track: &PacedTrack, tag: u8, random: &mut fastrand::Rng) -> (Utterance, usize) {
    let mut utterance = track.utterance();
    let samples = if random.bool() { random.usize(1..=300) } else { return (utterance, 0) };
    let polled = {
        let mut first = pin!(utterance.send_chunk(tagged(tag, 0, samples)));
        poll_fn(|context| Poll::Ready(first.as_mut().poll(context))).await
    };
    match polled {
        Poll::Ready(delivery) => assert_eq!(delivery.unwrap(), Delivery::Accepted),
        // Whoever waits of an earlier utterance has to give way first.
        Poll::Pending => return (utterance, 0),
    }
    (utterance, samples)
}

/// Speaks until all is said or until it is interrupted, whether it should be or not: how many samples were accepted.
async fn speak((mut utterance, mut said): (Utterance, usize), tag: u8, mut random: fastrand::Rng) -> usize {
    let samples = said + random.usize(1..3_000);
    while said < samples {
        let chunk = random.usize(1..=400).min(samples - said);
        match utterance.send_chunk(tagged(tag, said, chunk)).await.unwrap() {
            Delivery::Accepted => said += chunk,
            // It does not know when to stop.
            Delivery::Interrupted if random.bool() => assert!(utterance.is_interrupted()),
            Delivery::Interrupted => return said,
        }
        if random.u8(0..10) == 0 {
            sleep(milliseconds(random.u64(0..100))).await;
        } else if utterance.is_interrupted() {
            sleep(milliseconds(1)).await;
            if random.u8(0..5) == 0 {
                return said;
            }
        }
    }
    said
}

/// Interrupts in one of the ways there are.
async fn interrupt(track: &PacedTrack, listener: &Listener, next: u8, random: &mut fastrand::Rng) {
    let mut first = pin!(track.interrupt());
    // From the first poll on nothing that is older may arrive.
    let polled = poll_fn(|context| Poll::Ready(first.as_mut().poll(context))).await;
    assert!(polled.is_pending(), "the task did not run yet");
    listener.heard().first_allowed = next;
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
        // It takes place all the same.
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
        let beginning = begin(&track, tag, &mut random).await;
        speakers.push(tokio::spawn(speak(beginning, tag, random.fork())));
        if tag < utterances {
            for _ in 0..random.u8(0..5) {
                sleep(milliseconds(random.u64(0..300))).await;
                assert!(track.queued() <= longest && track.lead() <= lead);
                if tag == 1 {
                    assert!(track.position().abs_diff(listener.heard().position()) <= TOLERANCE);
                }
            }
            interrupt(&track, &listener, tag + 1, &mut random).await;
        }
    }
    let last = speakers.pop().unwrap().await.unwrap();
    track.drained().await.unwrap();
    let heard = listener.heard();
    assert!(heard.longest_lead <= lead, "{:?} with a lead of {lead:?}", heard.longest_lead);
    assert_eq!(track.position(), milliseconds(last as u64));
    assert!(track.position().abs_diff(heard.position()) <= TOLERANCE);
    check(&heard, utterances, last);
}

/// Of each utterance its beginning, of the last one all, and an interrupt between any two.
fn check(heard: &Heard, utterances: u8, last: usize) {
    let (mut tag, mut said, mut interrupted) = (0, 0, true);
    for arrival in &heard.arrivals {
        let Arrival::Audio(audio) = arrival else {
            interrupted = true;
            continue;
        };
        if interrupted {
            assert!(audio[1] > tag, "utterance {} after the interrupt that ended it", audio[1]);
            (tag, said, interrupted) = (audio[1], 0, false);
        }
        assert_eq!(audio, &tagged(tag, said, audio.len() / 2));
        said += audio.len() / 2;
    }
    assert_eq!((tag, said, interrupted), (utterances, last, false));
}

#[tokio::test(start_paused = true)]
async fn after_an_interrupt_nothing_old_leaves_and_all_of_the_next_utterance_does_in_1000_runs() {
    for seed in 0..1_000 {
        run(seed).await;
    }
}

/// Speaks without a pause, until all is said or until it is told to stop.
async fn chatter(mut utterance: Utterance, tag: u8, samples: usize) {
    for said in (0..samples).step_by(500) {
        if utterance.send_chunk(tagged(tag, said, 500)).await.unwrap() == Delivery::Interrupted {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn nothing_old_comes_after_an_interrupt_if_everybody_runs_at_once() {
    let format = PcmFormat::new(500_000, 1).unwrap();
    for seed in 0..200 {
        let mut random = fastrand::Rng::with_seed(seed);
        let listener = Listener::prompt(format);
        let options = PacingOptions::new().frame(milliseconds(1)).lead(milliseconds(2)).queue(milliseconds(5));
        let track = PacedTrack::start(listener.clone(), format, options).unwrap();
        let old = tokio::spawn(chatter(track.utterance(), 1, 50_000));
        sleep(milliseconds(random.u64(0..4))).await;
        for _ in 0..random.u16(0..2_000) {
            std::hint::spin_loop();
        }
        track.interrupt().await.unwrap();
        tokio::spawn(chatter(track.utterance(), 2, 1_000)).await.unwrap();
        track.drained().await.unwrap();
        old.await.unwrap();
        check(&listener.heard(), 2, 1_000);
    }
}
