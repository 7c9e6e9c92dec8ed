//! The handle: what it refuses, what it remembers, and when it deletes the composition.

use std::{pin::pin, thread, time::Duration};

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    Error, ErrorKind, FishjamClient, Template,
    composition::{
        AudioEncoder, AudioMix, AudioOutput, Composition, CompositionClient, CompositionOptions, ImageSource,
        InputStream, Output, OutputUpdate, Rescaler, Scene, TemplateEvent, VideoOutput, View, WhipInputOptions,
    },
};
use fishjam_tests::{
    operations::{COMPOSITION_HANDLE, CompositionEntities},
    support::{Log, record, until, within},
};
use futures_util::future::{Either, select};

use crate::start;

fn scene() -> Scene {
    Scene::new(InputStream::new("camera"))
}

fn whip() -> Output {
    Output::whip("https://e.com/whip", "t")
}

// Defects P1, P2 and J1 of the official clients.
#[tokio::test]
async fn id_that_cannot_be_a_segment_is_refused() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    for id in ["", ".", "..", "a\nb"] {
        let of = CompositionEntities { input: id.into(), output: id.into(), video: id.into(), image: id.into() };
        for row in COMPOSITION_HANDLE.iter().filter(|row| row.method.starts_with("un") || row.method == "update_output")
        {
            let error = (row.call)(&composition, &of).await.err().context(row.method)?;
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{} {id:?}: {error}", row.method);
            assert!(error.to_string().starts_with(&format!("{}: ", row.method)), "{error}");
        }
        let error = composition.request_keyframe(id).await.err().context("sent")?;
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        for error in [
            composition.register_whip_input(id, WhipInputOptions::new()).await.err(),
            composition.register_whep_input(id, "https://e.com").await.err(),
            composition.register_mp4_input(id, "https://e.com").await.err(),
            composition.register_rtmp_input(id, "key").await.err(),
            composition.register_output(id, whip().audio(AudioMix::new())).await.err(),
            composition
                .register_template_output(id, whip().audio(AudioMix::new()), Template::from_bytes("t.js", "t"))
                .await
                .err(),
            composition.register_image(id, ImageSource::auto("https://e.com")).await.err(),
        ] {
            let error = error.context("sent")?;
            assert_eq!((error.kind(), error.possible_object()), (ErrorKind::InvalidInput, None), "{error}");
        }
        let adopted = FishjamClient::new(emulator.url(), emulator.token())?.compositions().adopt(id);
        assert_eq!(adopted.err().map(|error| error.kind()), Some(ErrorKind::InvalidInput), "{id:?}");
    }
    assert_eq!(emulator.journal().count("*"), 0);
    assert_eq!((composition.inputs().len(), composition.outputs().len(), composition.images().len()), (0, 0, 0));
    Ok(())
}

// Defects P9, P10 and P19 of the official client.
#[tokio::test]
async fn unusable_output_is_refused_and_nothing_is_sent() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    for (width, height) in [(1281, 720), (1280, 719), (0, 720), (1280, 0)] {
        let error = VideoOutput::new(width, height, scene()).err().context("accepted")?;
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("use an even number above 0"), "{error}");
    }
    let video = |scene| VideoOutput::new(2, 2, scene);
    let loud = || AudioMix::new().input_with_volume("camera", 5.0);
    let not_a_number = || Scene::new(View::new().child(Rescaler::new(View::new().width(f64::NAN))));
    let encoders = AudioOutput::new(AudioMix::new()).encoder_preferences([AudioEncoder::Any]);
    for (output, part) in [
        (whip(), "neither video nor audio"),
        (whip().audio(loud()), "volume"),
        (whip().video(video(not_a_number())?), "root.children[0].child.width"),
        (Output::rtmp("rtmp://e.com/a/b").audio(encoders), "encoder_preferences"),
    ] {
        let template = Template::from_bytes("t.js", "t");
        for error in [
            composition.register_output("o", output.clone()).await.err(),
            composition.register_template_output("o", output, template).await.err(),
        ] {
            let error = error.context(part)?;
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
            assert!(error.to_string().starts_with("register_") && error.to_string().contains(part), "{error}");
        }
    }
    assert_eq!((emulator.journal().count("*"), composition.outputs().len()), (0, 0));
    Ok(())
}

// Defects P17 and P18 of the official client.
#[tokio::test]
async fn update_has_exactly_the_kinds_of_its_output() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    composition.register_output("v", whip().video(VideoOutput::new(2, 2, scene())?)).await?;
    composition.register_output("a", whip().audio(AudioMix::new())).await?;
    emulator.journal().clear();
    let both = || OutputUpdate::new().video(scene()).audio(AudioMix::new());
    let time = OutputUpdate::new().schedule_time(Duration::from_millis(5));
    for (id, update, part) in [
        ("v", OutputUpdate::new(), "neither video nor audio"),
        ("unknown", time, "neither video nor audio"),
        ("v", AudioMix::new().into(), "the update has only audio, but the output has only video"),
        ("v", both(), "the update has video and audio, but the output has only video"),
        ("a", scene().into(), "the update has only video, but the output has only audio"),
        ("a", AudioMix::new().input_with_volume("a", -1.0).into(), "volume"),
    ] {
        let error = composition.update_output(id, update).await.err().context(part)?;
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.to_string().starts_with("update_output: ") && error.to_string().contains(part), "{error}");
    }
    assert_eq!(emulator.journal().count("*"), 0);
    // The server knows the kinds of an output that another process registered.
    let adopted = FishjamClient::new(emulator.url(), emulator.token())?.compositions().adopt(composition.id())?;
    let error = adopted.update_output("v", AudioMix::new()).await.err().context("accepted")?;
    assert_eq!((error.kind(), error.status()), (ErrorKind::BadRequest, Some(400)));
    Ok(())
}

#[tokio::test]
async fn event_has_a_name_of_1_to_128_characters() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    for name in [String::new(), "ż".repeat(129)] {
        let error = composition.send_event(TemplateEvent::new(name)).await.err().context("sent")?;
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    let unserializable = TemplateEvent::new("e").data(std::collections::BTreeMap::from([((), 1)]));
    for event in [unserializable.clone(), unserializable] {
        let error = composition.send_event(event).await.err().context("sent")?;
        assert!(error.to_string().starts_with("send_event: invalid input: the data of the event"), "{error}");
    }
    assert_eq!(emulator.journal().count("*"), 0);
    Ok(())
}

#[tokio::test]
async fn handle_and_its_clones_share_their_registrations() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let clone = composition.clone().with_timeout(Duration::from_secs(60));
    clone.register_whip_input("b", WhipInputOptions::new()).await?;
    composition.register_mp4_input("a", "https://e.com").await?;
    assert_eq!(composition.register_whep_input("c", "https://e.com").await?.id(), "c");
    let output = clone.register_output("o", whip().audio(AudioMix::new())).await?;
    composition.register_image("i", ImageSource::auto("https://e.com")).await?;
    assert_eq!(composition.inputs(), ["a", "b", "c"]);
    assert_eq!((clone.outputs(), clone.images()), (vec!["o".into()], vec!["i".into()]));

    // A second registration of an id fails, and the first one stays.
    let error = composition.register_whip_input("a", WhipInputOptions::new()).await.err().context("registered")?;
    assert_eq!(error.kind(), ErrorKind::Conflict);
    composition.unregister_input_at("b", Duration::from_secs(3600)).await?;
    assert_eq!(composition.inputs(), ["a", "b", "c"]);
    composition.unregister_input("a").await?;
    composition.input("c").unregister().await?;
    output.unregister().await?;
    composition.unregister_image("i").await?;
    assert_eq!(clone.inputs(), ["b"]);
    assert_eq!((clone.outputs().len(), clone.images().len()), (0, 0));

    // The input is gone for another reason.
    emulator.faults().on("unregister_input").status(404);
    assert!(composition.unregister_input("b").await.is_err_and(|error| error.is_not_found()));
    assert_eq!(clone.inputs().len(), 0);
    Ok(())
}

#[tokio::test]
async fn reset_and_delete_forget_everything() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let of = CompositionEntities::create(&composition).await?;
    composition.reset().await?;
    assert_eq!((composition.inputs().len(), composition.outputs().len(), composition.images().len()), (0, 0, 0));
    composition.register_whip_input(&of.input, WhipInputOptions::new()).await?;
    composition.start().await?;
    composition.delete().await?;
    assert_eq!(composition.inputs().len(), 0);
    assert!(emulator.composition(composition.id()).state().is_none());
    assert!(composition.start().await.is_err_and(|error| error.is_not_found()));
    Ok(())
}

#[tokio::test]
async fn dropped_registration_keeps_its_id() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    emulator.faults().on("register_input").stall();
    {
        let call = pin!(composition.register_rtmp_input("r", "key"));
        let sent = pin!(until("a request", || emulator.journal().count("register_input") == 1));
        match within("the call", select(call, sent)).await? {
            Either::Left((outcome, _)) => panic!("{outcome:?}"),
            Either::Right((sent, _)) => sent?,
        }
    }
    assert_eq!(composition.inputs(), ["r"]);
    Ok(())
}

#[tokio::test]
async fn removal_keeps_a_registration_that_has_not_ended() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    emulator.faults().on("register_input").stall();
    {
        let call = pin!(composition.register_rtmp_input("r", "key"));
        let others = pin!(async {
            until("a request", || emulator.journal().count("register_input") == 1).await?;
            assert!(composition.unregister_input("r").await.is_err_and(|error| error.is_not_found()));
            assert_eq!(composition.inputs(), ["r"]);
            composition.reset().await?;
            assert_eq!(composition.inputs(), ["r"]);
            anyhow::Ok(())
        });
        match within("the calls", select(call, others)).await? {
            Either::Left((outcome, _)) => panic!("{outcome:?}"),
            Either::Right((others, _)) => others?,
        }
    }
    // The server may handle the request of the dropped call now.
    assert_eq!(composition.inputs(), ["r"]);
    assert!(composition.unregister_input("r").await.is_err_and(|error| error.is_not_found()));
    assert!(composition.inputs().is_empty());
    Ok(())
}

#[tokio::test]
async fn concurrent_registrations_of_one_id_keep_it() -> anyhow::Result<()> {
    let (_emulator, composition) = start().await?;
    let register = || composition.register_whip_input("cam", WhipInputOptions::new());
    let outcomes = futures_util::future::join_all((0..8).map(|_| register())).await;
    let failures: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err().map(Error::kind)).collect();
    assert_eq!(failures, [ErrorKind::Conflict; 7]);
    assert_eq!(composition.inputs(), ["cam"]);
    Ok(())
}

#[tokio::test]
async fn room_is_forwarded_and_output_is_recorded() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(Default::default()).await?;
    fishjam.forward_room_tracks(&room.id, composition.address()).await?;
    let info = fishjam.get_room(&room.id).await?.composition_info()?.context("no forwarding")?;
    assert_eq!(info.composition_url, composition.address());

    let output = composition.register_output("main", whip().video(VideoOutput::new(2, 2, scene())?)).await?;
    for options in [composition.recording_of("main"), output.recording()] {
        let recording = fishjam.create_composition_recording(options).await?;
        let json = serde_json::to_value(&recording.source)?;
        assert_eq!((&json["compositionURL"], &json["outputId"]), (&composition.address().into(), &"main".into()));
    }
    Ok(())
}

async fn compositions() -> anyhow::Result<(Emulator, CompositionClient)> {
    let emulator = Emulator::start().await?;
    let compositions = FishjamClient::new(emulator.url(), emulator.token())?.compositions();
    Ok((emulator, compositions))
}

fn exists(emulator: &Emulator, id: &str) -> bool {
    emulator.composition(id).state().is_some()
}

#[tokio::test]
async fn last_clone_deletes_the_composition_on_request() -> anyhow::Result<()> {
    let (emulator, compositions) = compositions().await?;
    let kept = compositions.create(CompositionOptions::new()).await?;
    let deleted = compositions.create(CompositionOptions::new()).await?.delete_on_drop();
    let (kept_id, id) = (kept.id().to_string(), deleted.id().to_string());
    let output = deleted.output("o");
    drop((kept, deleted));
    assert!(exists(&emulator, &id));
    emulator.faults().on("delete_composition").status(503);
    drop(output);
    until("the composition is deleted", || !exists(&emulator, &id)).await?;
    assert!(exists(&emulator, &kept_id));
    Ok(())
}

#[tokio::test]
async fn deleted_composition_is_not_deleted_again_on_drop() -> anyhow::Result<()> {
    let (emulator, compositions) = compositions().await?;
    let composition = compositions.create(CompositionOptions::new()).await?.delete_on_drop();
    composition.delete().await?;
    drop(composition);
    // The next composition is deleted later than the first one would be.
    let next = compositions.create(CompositionOptions::new()).await?.delete_on_drop();
    let id = next.id().to_string();
    drop(next);
    until("the composition is deleted", || !exists(&emulator, &id)).await?;
    assert_eq!(emulator.journal().count("delete_composition"), 2);
    Ok(())
}

#[tokio::test]
async fn composition_that_is_gone_is_not_deleted_on_drop() -> anyhow::Result<()> {
    let (emulator, compositions) = compositions().await?;
    let composition = compositions.create(CompositionOptions::new()).await?.delete_on_drop();
    compositions.adopt(composition.id())?.delete().await?;
    composition.register_whip_input("camera", WhipInputOptions::new()).await.map(drop).unwrap_err();
    assert!(composition.delete().await.is_err_and(|error| error.is_not_found()));
    drop(composition);
    // The next composition is deleted later than the first one would be.
    let next = compositions.create(CompositionOptions::new()).await?.delete_on_drop();
    let id = next.id().to_string();
    drop(next);
    until("the composition is deleted", || !exists(&emulator, &id)).await?;
    assert_eq!(emulator.journal().count("delete_composition"), 3);
    Ok(())
}

#[test]
fn handle_dropped_with_its_runtime_logs_the_id() -> anyhow::Result<()> {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    let _recording = record(subscriber);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let composition = {
        let _inside = runtime.enter();
        CompositionClient::new("token")?.adopt("lost-id")?.delete_on_drop()
    };
    drop(runtime);
    drop(composition);
    let log = log.text();
    assert!(log.contains("may not be deleted") && log.contains("lost-id"), "{log}");
    Ok(())
}

#[tokio::test]
async fn handle_dropped_on_another_thread_deletes_too() -> anyhow::Result<()> {
    let (emulator, compositions) = compositions().await?;
    let composition: Composition = compositions.create(CompositionOptions::new()).await?.delete_on_drop();
    let id = composition.id().to_string();
    thread::spawn(move || drop(composition)).join().map_err(|_| anyhow::anyhow!("the thread panicked"))?;
    until("the composition is deleted", || !exists(&emulator, &id)).await
}

#[test]
fn handle_without_a_runtime_can_be_dropped() -> anyhow::Result<()> {
    let composition = CompositionClient::new("token")?.adopt("c")?.delete_on_drop();
    drop(composition);
    Ok(())
}
