//! The reports of a session about the audio that its socket has written.

use std::{
    future::{Future, poll_fn},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::yield_now,
    time::{sleep, timeout},
};

use super::*;
use crate::error::ErrorKind;

/// The queue of a session, whose task is the test.
struct Queue(UnboundedSender<(Bytes, FlushNotice)>);

impl AudioSink for Queue {
    async fn send(&mut self, audio: Bytes, notice: FlushNotice) -> Result<()> {
        self.0.send((audio, notice)).map_err(|_| self.end_error())
    }

    async fn interrupt(&mut self) -> Result<()> {
        Ok(())
    }

    fn end_error(&self) -> Error {
        Error::new(ErrorKind::Closed).message_text("disconnected")
    }
}

/// Counts the polls of a future.
fn counted<F: Future>(future: F, polls: &Arc<AtomicUsize>) -> impl Future<Output = F::Output> + use<F> {
    let (mut future, polls) = (Box::pin(future), Arc::clone(polls));
    poll_fn(move |context| {
        polls.fetch_add(1, Relaxed);
        future.as_mut().poll(context)
    })
}

/// Starts a track whose task counts its polls.
fn start(polls: &Arc<AtomicUsize>) -> (PacedTrack, UnboundedReceiver<(Bytes, FlushNotice)>) {
    start_with(PacingOptions::new(), polls)
}

fn start_with(
    options: PacingOptions,
    polls: &Arc<AtomicUsize>,
) -> (PacedTrack, UnboundedReceiver<(Bytes, FlushNotice)>) {
    let (queue, queued) = unbounded_channel();
    let shared = Arc::new(Shared::new(Pacer::new(format(), options).unwrap()));
    let task = tokio::spawn(counted(run(Queue(queue), TaskGuard(Arc::clone(&shared))), polls));
    (PacedTrack { shared, task }, queued)
}

#[tokio::test(start_paused = true)]
async fn each_frame_costs_one_run_of_the_task() {
    let (polls, waits) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
    let (track, mut queued) = start(&polls);
    let session = tokio::spawn(async move {
        let mut frames = 0;
        while let Some((_, notice)) = queued.recv().await {
            notice.flushed();
            frames += 1;
        }
        frames
    });
    assert_eq!(track.send_chunk(tagged(1, 0, 5_000)).await.unwrap(), Delivery::Accepted);
    counted(track.drained(), &waits).await.unwrap();
    assert_eq!(track.position(), milliseconds(5_000));
    // The first ten frames are due at the same time. The start of the playback is another reason.
    let polls = polls.load(Relaxed);
    assert!(polls <= 240 + 4, "{polls} polls for 250 frames");
    // The handle waits for the last frame, and then for the playback.
    let waits = waits.load(Relaxed);
    assert!(waits <= 4, "{waits} polls of a waiting handle");
    drop(track);
    assert_eq!(session.await.unwrap(), 250);
}

#[tokio::test(start_paused = true)]
async fn real_time_source_does_not_wake_the_task() {
    let polls = Arc::default();
    let (track, mut queued) = start(&polls);
    tokio::spawn(async move {
        while let Some((_, notice)) = queued.recv().await {
            notice.flushed();
        }
    });
    // The source is a quarter of a second ahead of the lead.
    assert_eq!(track.send_chunk(tagged(1, 0, 450)).await.unwrap(), Delivery::Accepted);
    for number in 0..500 {
        assert_eq!(track.send_chunk(tagged(1, number * 10, 10)).await.unwrap(), Delivery::Accepted);
        sleep(milliseconds(10)).await;
    }
    let polls = polls.load(Relaxed);
    assert!(polls <= 260 + 10, "{polls} polls for 5 seconds");
}

#[tokio::test(start_paused = true)]
async fn unwritten_audio_stays_within_the_lead() {
    let polls = Arc::default();
    let (track, mut queued) = start(&polls);
    assert_eq!(track.send_chunk(tagged(1, 0, 2_000)).await.unwrap(), Delivery::Accepted);
    // The socket writes nothing for a second.
    sleep(milliseconds(1_000)).await;
    let mut notices = Vec::new();
    while let Ok((_, notice)) = queued.try_recv() {
        notices.push(notice);
    }
    assert_eq!(notices.len(), 10);
    assert_eq!((track.position(), track.lead(), track.queued()), (Duration::ZERO, Duration::ZERO, milliseconds(2_000)));
    // The task did not run meanwhile.
    assert!(polls.load(Relaxed) <= 2);
    notices.into_iter().for_each(FlushNotice::flushed);
    assert_eq!((track.lead(), track.queued()), (milliseconds(200), milliseconds(1_800)));
    sleep(milliseconds(45)).await;
    assert_eq!(queued.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn notice_of_an_interrupted_utterance_has_no_effect() {
    let (track, mut queued) = start(&Arc::default());
    assert_eq!(track.send_chunk(tagged(1, 0, 20)).await.unwrap(), Delivery::Accepted);
    let (_, old) = queued.recv().await.unwrap();
    track.interrupt().await.unwrap();
    assert_eq!(track.send_chunk(tagged(2, 0, 20)).await.unwrap(), Delivery::Accepted);
    let (audio, new) = queued.recv().await.unwrap();
    assert_eq!(audio, tagged(2, 0, 20));
    old.flushed();
    assert_eq!((track.lead(), track.queued()), (Duration::ZERO, milliseconds(20)));
    new.flushed();
    assert_eq!((track.lead(), track.queued()), (milliseconds(20), Duration::ZERO));
    // The same for a notice that the session drops.
    assert_eq!(track.send_chunk(tagged(2, 20, 20)).await.unwrap(), Delivery::Accepted);
    let (_, old) = queued.recv().await.unwrap();
    track.interrupt().await.unwrap();
    drop(old);
    yield_now().await;
    assert_eq!(track.send_chunk(tagged(3, 0, 20)).await.unwrap(), Delivery::Accepted);
    assert_eq!(queued.recv().await.unwrap().0, tagged(3, 0, 20));
}

#[tokio::test(start_paused = true)]
async fn session_that_drops_audio_ends_the_track() {
    let (track, mut queued) = start(&Arc::default());
    assert_eq!(track.send_chunk(tagged(1, 0, 20)).await.unwrap(), Delivery::Accepted);
    drop(queued.recv().await.unwrap());
    let error = track.drained().await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Closed, Some("disconnected")));
}

/// Writes the queued audio with random delays, one or several frames at a time. Checks its lead.
async fn write(
    mut queued: UnboundedReceiver<(Bytes, FlushNotice)>,
    lead: Duration,
    mut random: fastrand::Rng,
) -> Vec<u8> {
    let (mut written, mut end) = (Vec::new(), now());
    while let Some(first) = queued.recv().await {
        let mut batch = vec![first];
        match random.u8(0..20) {
            0..10 => {}
            10..19 => sleep(milliseconds(random.u64(1..50))).await,
            _ => sleep(milliseconds(random.u64(100..900))).await,
        }
        while random.bool()
            && let Ok(next) = queued.try_recv()
        {
            batch.push(next);
        }
        for (audio, notice) in batch {
            end = end.max(now()) + milliseconds((audio.len() / MILLISECOND) as u64);
            assert!(end - now() <= lead, "{:?} with a lead of {lead:?}", end - now());
            written.extend_from_slice(&audio);
            notice.flushed();
        }
    }
    written
}

#[tokio::test(start_paused = true)]
async fn late_flushes_never_stop_a_track_in_500_random_runs() {
    for seed in 0..500 {
        let mut random = fastrand::Rng::with_seed(seed);
        let frame = milliseconds(random.u64(1..=40));
        let lead = frame + milliseconds(random.u64(0..=300));
        let options = PacingOptions::new().frame(frame).lead(lead).queue(milliseconds(random.u64(0..=1_000)));
        let (track, queued) = start_with(options, &Arc::default());
        let session = tokio::spawn(write(queued, lead, random.fork()));
        let mut sent = 0;
        for _ in 0..random.usize(1..20) {
            let chunk = random.usize(1..=400);
            let sending = timeout(Duration::from_secs(3_600), track.send_chunk(tagged(1, sent, chunk)));
            assert_eq!(sending.await.unwrap().unwrap(), Delivery::Accepted, "seed {seed}");
            sent += chunk;
            if random.u8(0..3) == 0 {
                sleep(milliseconds(random.u64(0..600))).await;
            }
        }
        timeout(Duration::from_secs(3_600), track.drained()).await.expect("the track stopped").unwrap();
        assert_eq!(track.position(), milliseconds(sent as u64), "seed {seed}");
        drop(track);
        assert_eq!(session.await.unwrap(), tagged(1, 0, sent), "seed {seed}");
    }
}
