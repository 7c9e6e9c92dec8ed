//! The methods that wait for an event of an input or an output.

use std::time::Duration;

use anyhow::Context;
use fishjam_emulator::{Emulator, ErrorSeverity, MediaState, TrackKind};
use fishjam_sdk::{
    Error, ErrorKind, Overflow, blocking,
    composition::{AudioMix, CompositionOptions, CompositionWait, EventOptions, Output, WhipInputOptions},
};
use fishjam_tests::support::{PATIENCE, within};
use tokio::task::JoinHandle;

use crate::event_fixture::{Fixture, INPUT, OUTPUT, client, gap, next};

/// Starts to wait, and returns when the event socket is open and the waiter has seen the states.
async fn waiting(fixture: &Fixture, wait: CompositionWait) -> anyhow::Result<JoinHandle<Result<(), Error>>> {
    fixture.composition.watch().await?;
    let waiting = tokio::spawn(wait);
    // The only thread runs the task until it waits.
    tokio::task::yield_now().await;
    Ok(waiting)
}

/// The result of a waiter.
async fn result(waiting: JoinHandle<Result<(), Error>>) -> anyhow::Result<Result<(), Error>> {
    Ok(within("the waiter", waiting).await??)
}

/// The error of a waiter, which names its method.
async fn failure(method: &str, waiting: JoinHandle<Result<(), Error>>) -> anyhow::Result<Error> {
    let error = result(waiting).await?.err().context("the waiter succeeded")?;
    anyhow::ensure!(error.to_string().starts_with(&format!("{method}: ")), "{error}");
    Ok(error)
}

#[tokio::test]
async fn waiters_return_with_their_events() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let (input, output) = (fixture.composition.input(INPUT), fixture.composition.output(OUTPUT));
    let (emulated, other) = (fixture.emulated.input(INPUT), fixture.emulated.output(OUTPUT));
    let playing = waiting(&fixture, input.playing()).await?;
    assert!(emulated.set_media(TrackKind::Audio, MediaState::Delivered) && !playing.is_finished());
    assert!(emulated.play());
    result(playing).await??;
    let (ended, done) = (waiting(&fixture, input.ended()).await?, waiting(&fixture, output.done()).await?);
    assert!(emulated.pause() && !ended.is_finished());
    assert!(emulated.end());
    result(ended).await??;
    // Only critical errors end the output.
    assert!(other.fail(ErrorSeverity::Transient, "slow") && other.fail(ErrorSeverity::Warning, "slow"));
    assert!(other.end());
    result(done).await??;
    Ok(())
}

#[tokio::test]
async fn watch_records_events_before_the_wait() -> anyhow::Result<()> {
    let fixture = Fixture::empty().await?;
    fixture.composition.watch().await?;
    fixture.register().await?;
    let mut events = fixture.composition.events().await?;
    fixture.emulated.input(INPUT).play();
    fixture.emulated.output(OUTPUT).end();
    for _ in 0..3 {
        next(&mut events).await?;
    }
    within("playing", fixture.composition.input(INPUT).playing()).await??;
    within("done", fixture.composition.clone().output(OUTPUT).done()).await??;
    fixture.emulated.input(INPUT).end();
    next(&mut events).await?;
    within("ended", fixture.composition.input(INPUT).ended()).await??;
    // A known state needs no time.
    fixture.composition.output(OUTPUT).done().timeout(Duration::ZERO).await?;
    Ok(())
}

#[tokio::test]
async fn waiter_without_a_recording_misses_earlier_events() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    fixture.emulated.output(OUTPUT).end();
    let waiting = tokio::spawn(fixture.composition.output(OUTPUT).done().timeout(Duration::from_millis(20)));
    let error = failure("done", waiting).await?;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.message(), Some("after 20ms, no event reported the end of the output"));
    Ok(())
}

#[tokio::test]
async fn wait_reaches_its_limit() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let input = fixture.composition.input(INPUT);
    for (method, wait) in [("playing", input.playing()), ("ended", input.ended())] {
        let error = failure(method, tokio::spawn(wait.timeout(Duration::from_millis(5)))).await?;
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error:#}");
    }
    // The limit includes the time for connecting.
    let elsewhere = client(&fixture.emulator, fixture.emulator.token())?.adopt(fixture.composition.id())?;
    fixture.emulator.faults().on("composition_socket").always().status(503);
    let wait = elsewhere.output(OUTPUT).done().timeout(Duration::from_millis(5));
    assert_eq!(failure("done", tokio::spawn(wait)).await?.kind(), ErrorKind::Timeout);
    Ok(())
}

#[tokio::test]
async fn input_that_ends_first_never_plays() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let input = fixture.composition.input(INPUT);
    let playing = waiting(&fixture, input.playing()).await?;
    fixture.emulated.input(INPUT).set_media(TrackKind::Audio, MediaState::Delivered);
    fixture.emulated.input(INPUT).end();
    for waiting in [playing, tokio::spawn(input.playing())] {
        assert_eq!(failure("playing", waiting).await?.kind(), ErrorKind::Conflict);
    }
    Ok(())
}

#[tokio::test]
async fn critical_problem_fails_the_output() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let output = fixture.composition.output(OUTPUT);
    let done = waiting(&fixture, output.done()).await?;
    fixture.emulated.output(OUTPUT).fail(ErrorSeverity::Critical, "the peer\nleft");
    for waiting in [done, tokio::spawn(output.done())] {
        let error = failure("done", waiting).await?;
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert_eq!(error.message(), Some("the output failed: the peer left"));
    }
    Ok(())
}

#[tokio::test]
async fn failed_output_repeats_no_stream_key() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let output = Output::rtmp("rtmp://e.com/app/sentinel").audio(AudioMix::all([INPUT]));
    let output = fixture.composition.register_output("rtmp", output).await?;
    // A registration that the server rejects changes nothing.
    let other = Output::rtmp("rtmp://e.com/app/other").audio(AudioMix::all([INPUT]));
    assert_eq!(fixture.composition.register_output("rtmp", other).await.unwrap_err().kind(), ErrorKind::Conflict);
    let done = waiting(&fixture, output.done()).await?;
    fixture.emulated.output("rtmp").fail(ErrorSeverity::Critical, "no stream sentinel at rtmp://e.com/app/sentinel");
    let error = failure("done", done).await?;
    assert_eq!(error.message(), Some("the output failed: no stream [redacted] at [redacted]"));
    assert!(!format!("{error:?} {error:#}").contains("sentinel"), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn interruption_fails_the_waiters_that_wait() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let (input, output) = (fixture.composition.input(INPUT), fixture.composition.output(OUTPUT));
    let mut events = fixture.composition.events().await?;
    let sockets = fixture.emulator.composition_sockets();
    for interrupt in [
        &(|| {
            sockets.close_all(1012, "restart");
        }) as &dyn Fn(),
        &|| sockets.send_text("not JSON"),
    ] {
        let (playing, done) = (waiting(&fixture, input.playing()).await?, waiting(&fixture, output.done()).await?);
        interrupt();
        for (method, waiting) in [("playing", playing), ("done", done)] {
            let error = failure(method, waiting).await?;
            assert_eq!(error.kind(), ErrorKind::Closed, "{error:#}");
            assert!(format!("{error:#}").contains("may be missing: "), "{error:#}");
        }
        gap(&mut events).await?;
    }
    // A known state is kept, and another wait starts from the beginning.
    let playing = waiting(&fixture, input.playing()).await?;
    fixture.emulated.input(INPUT).play();
    result(playing).await??;
    for _ in 0..2 {
        next(&mut events).await?;
    }
    sockets.close_all(1012, "restart");
    gap(&mut events).await?;
    result(tokio::spawn(input.playing())).await??;
    Ok(())
}

#[tokio::test]
async fn waiters_end_with_their_composition() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let playing = waiting(&fixture, fixture.composition.input(INPUT).playing()).await?;
    // Another handle deletes the composition, so this handle does not know.
    client(&fixture.emulator, fixture.emulator.token())?.adopt(fixture.composition.id())?.delete().await?;
    let error = failure("playing", playing).await?;
    assert!(matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Conflict), "{error:#}");
    let error = failure("done", tokio::spawn(fixture.composition.output("other").done())).await?;
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(404)), "{error:#}");
    Ok(())
}

#[tokio::test]
async fn waiters_end_when_their_handle_unregisters() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let (input, output) = (fixture.composition.input(INPUT), fixture.composition.output(OUTPUT));
    let (playing, ended) = (waiting(&fixture, input.playing()).await?, waiting(&fixture, input.ended()).await?);
    let done = waiting(&fixture, output.done()).await?;
    let other = waiting(&fixture, fixture.composition.output("other").done()).await?;
    let clone = fixture.composition.clone();
    clone.unregister_input(INPUT).await?;
    clone.unregister_output(OUTPUT).await?;
    assert_eq!(failure("playing", playing).await?.kind(), ErrorKind::Conflict);
    result(ended).await??;
    result(done).await??;
    // The handle knows the end.
    result(tokio::spawn(output.done())).await??;
    result(tokio::spawn(input.ended())).await??;
    assert!(!other.is_finished());
    other.abort();
    Ok(())
}

#[tokio::test]
async fn waiter_notices_an_id_that_is_used_again_immediately() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let done = waiting(&fixture, fixture.composition.output(OUTPUT).done()).await?;
    fixture.composition.output(OUTPUT).unregister().await?;
    // The registration forgets the state before its first wait, and the waiter has not run since.
    fixture.register_output().await?;
    result(done).await??;
    let again = fixture.composition.output(OUTPUT).done().timeout(Duration::from_millis(5));
    assert_eq!(failure("done", tokio::spawn(again)).await?.kind(), ErrorKind::Timeout);
    Ok(())
}

#[tokio::test]
async fn failed_unregistration_leaves_the_waiters() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let output = fixture.composition.output(OUTPUT);
    let done = waiting(&fixture, output.done()).await?;
    for status in [400, 503] {
        fixture.emulator.faults().on("unregister_output").status(status);
        assert_eq!(output.unregister().await.unwrap_err().status(), Some(status));
        tokio::task::yield_now().await;
        assert!(!done.is_finished(), "{status}");
    }
    // The output is gone for another reason.
    fixture.emulator.faults().on("unregister_output").status(404);
    assert!(output.unregister().await.is_err_and(|error| error.is_not_found()));
    result(done).await??;
    Ok(())
}

#[tokio::test]
async fn waiters_end_when_their_handle_resets() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let (input, output) = (fixture.composition.input(INPUT), fixture.composition.output(OUTPUT));
    let (playing, ended) = (waiting(&fixture, input.playing()).await?, waiting(&fixture, input.ended()).await?);
    let done = waiting(&fixture, output.done()).await?;
    fixture.emulator.faults().on("reset").status(400);
    assert_eq!(fixture.composition.reset().await.unwrap_err().status(), Some(400));
    tokio::task::yield_now().await;
    assert!(!done.is_finished() && !playing.is_finished() && !ended.is_finished());
    fixture.composition.reset().await?;
    assert_eq!(failure("playing", playing).await?.kind(), ErrorKind::Conflict);
    result(ended).await??;
    result(done).await??;
    Ok(())
}

#[tokio::test]
async fn failed_reset_keeps_the_known_states() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let output = fixture.composition.output(OUTPUT);
    let done = waiting(&fixture, output.done()).await?;
    fixture.emulated.output(OUTPUT).end();
    result(done).await??;
    fixture.emulator.faults().on("reset").status(400);
    assert!(fixture.composition.reset().await.is_err());
    output.done().timeout(Duration::ZERO).await?;
    Ok(())
}

#[tokio::test]
async fn waiters_end_when_their_handle_deletes() -> anyhow::Result<()> {
    for on_drop in [false, true] {
        let fixture = Fixture::start().await?;
        let (emulator, composition) = (fixture.emulator, fixture.composition);
        // Without a new connection, no event and no status ends the waiter.
        emulator.faults().on("composition_socket").always().stall();
        let waiter = tokio::spawn(composition.output("other").done());
        tokio::task::yield_now().await;
        if on_drop {
            drop(composition.delete_on_drop());
        } else {
            composition.delete().await?;
        }
        let error = failure("done", waiter).await?;
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error:#}");
    }
    Ok(())
}

#[tokio::test]
async fn refused_token_fails_the_waiter() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let composition = client(&fixture.emulator, "wrong")?.adopt(fixture.composition.id())?;
    for _ in 0..2 {
        let error = failure("done", tokio::spawn(composition.output(OUTPUT).done())).await?;
        assert_eq!((error.kind(), error.status()), (ErrorKind::Unauthorized, Some(401)));
    }
    Ok(())
}

#[tokio::test]
async fn id_that_is_used_again_starts_without_a_state() -> anyhow::Result<()> {
    let fixture = Fixture::empty().await?;
    let mut events = fixture.composition.events().await?;
    fixture.composition.watch().await?;
    fixture.register().await?;
    let input = fixture.composition.input(INPUT);
    fixture.emulated.input(INPUT).play();
    fixture.emulated.input(INPUT).end();
    fixture.emulated.output(OUTPUT).end();
    for _ in 0..4 {
        next(&mut events).await?;
    }
    assert_eq!(result(tokio::spawn(input.playing())).await?.unwrap_err().kind(), ErrorKind::Conflict);
    // A failed registration of the same id changes nothing.
    let taken = fixture.composition.register_whip_input(INPUT, WhipInputOptions::new()).await;
    assert_eq!(taken.map(drop).unwrap_err().kind(), ErrorKind::Conflict);
    result(tokio::spawn(input.ended())).await??;
    input.unregister().await?;
    fixture.composition.output(OUTPUT).unregister().await?;
    fixture.register().await?;
    let short = Duration::from_millis(5);
    for wait in [input.playing(), input.ended(), fixture.composition.output(OUTPUT).done()] {
        assert_eq!(result(tokio::spawn(wait.timeout(short))).await?.unwrap_err().kind(), ErrorKind::Timeout);
    }
    fixture.emulated.input(INPUT).play();
    result(tokio::spawn(input.playing())).await??;
    fixture.composition.reset().await?;
    let wait = input.playing().timeout(short);
    assert!(result(tokio::spawn(wait)).await?.is_err());
    Ok(())
}

#[tokio::test]
async fn dropped_waiter_leaves_the_others() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let output = fixture.composition.output(OUTPUT);
    let (dropped, kept) = (waiting(&fixture, output.done()).await?, waiting(&fixture, output.done()).await?);
    dropped.abort();
    fixture.emulated.output(OUTPUT).end();
    result(kept).await??;
    Ok(())
}

#[tokio::test]
async fn unread_stream_that_waits_delays_the_waiters() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let options = EventOptions::new().queue(1, Overflow::Wait);
    let mut unread = fixture.composition.events_with(options).await?;
    let done = waiting(&fixture, fixture.composition.output(OUTPUT).done()).await?;
    fixture.emulated.input(INPUT).play();
    fixture.emulated.input(INPUT).end();
    fixture.emulated.output(OUTPUT).end();
    for _ in 0..3 {
        next(&mut unread).await?;
    }
    result(done).await??;
    Ok(())
}

#[tokio::test]
async fn handle_outside_its_waiter_may_be_dropped() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let composition = client(&fixture.emulator, fixture.emulator.token())?.create(CompositionOptions::new()).await?;
    let done = tokio::spawn(composition.output("o").done());
    drop(composition);
    assert!(!done.is_finished());
    let sockets = fixture.emulator.composition_sockets();
    within("the connection", sockets.wait_for_count(1)).await?;
    sockets.send_text(r#"{"type":"OUTPUT_DONE","output_id":"o"}"#);
    result(done).await??;
    within("the end of the connection", sockets.wait_for_count(0)).await?;
    Ok(())
}

#[test]
fn blocking_waiters_return_with_their_events() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let emulator = runtime.block_on(Emulator::start())?;
    let compositions = blocking::FishjamClient::new(emulator.url(), emulator.token())?.compositions();
    let composition = compositions.create(CompositionOptions::new())?;
    composition.watch()?;
    composition.register_whip_input(INPUT, WhipInputOptions::new())?;
    let output = Output::whip("https://whip.example.com/live", "token").audio(AudioMix::all([INPUT]));
    let output = composition.register_output(OUTPUT, output)?;
    let error = output.done(Duration::from_millis(5)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:#}");
    let emulated = emulator.composition(composition.id());
    emulated.input(INPUT).play();
    composition.input(INPUT).playing(PATIENCE)?;
    emulated.input(INPUT).end();
    composition.input(INPUT).ended(PATIENCE)?;
    emulated.output(OUTPUT).end();
    output.done(PATIENCE)?;
    Ok(())
}
