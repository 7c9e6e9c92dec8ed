//! The blocking client and handle.

use std::time::Duration;

use fishjam_emulator::Emulator;
use fishjam_sdk::{
    ErrorKind, Template,
    blocking::{CompositionClient, FishjamClient},
    composition::{AudioMix, CompositionOptions, Font, ImageSource, Output, WhipInputOptions},
};
use fishjam_tests::{
    operations::{BLOCKING_COMPOSITION, BLOCKING_COMPOSITIONS, CompositionEntities},
    support::PATIENCE,
};
use tokio::runtime::Runtime;

#[test]
fn blocking_handle_works_without_a_runtime() -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    let emulator = runtime.block_on(Emulator::start())?;
    let compositions = FishjamClient::new(emulator.url(), emulator.token())?.compositions();
    let composition = compositions.create(CompositionOptions::new())?;
    composition.register_whip_input("cam", WhipInputOptions::new())?;
    let whep = composition.register_whep_input("whep", "https://e.com")?;
    whep.unregister()?;
    assert_eq!((whep.id().as_str(), composition.inputs()), ("whep", vec!["cam".into()]));
    composition.register_image("logo", ImageSource::auto("https://e.com"))?;
    composition.register_font(Font::from_bytes([1]))?;
    let output = || Output::whip("https://e.com/whip", "t").audio(AudioMix::new());
    let main = composition.register_output("main", output())?;
    main.update(AudioMix::all(["cam"]))?;
    composition.register_template_output("page", output(), Template::from_bytes("t.js", "t"))?.unregister()?;
    composition.send_event("refresh")?;
    assert_eq!((composition.outputs(), composition.images()), (vec!["main".into()], vec!["logo".into()]));
    assert!(composition.address().ends_with(composition.id().as_str()) && composition.extra().is_empty());
    let adopted = compositions.adopt(composition.id())?;
    adopted.output(main.id()).unregister()?;
    adopted.input("cam").unregister()?;
    composition.delete()?;
    assert!(composition.start().is_err_and(|error| error.is_not_found()));
    Ok(())
}

#[test]
fn blocking_handles_wait_for_events() -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    let emulator = runtime.block_on(Emulator::start())?;
    let compositions = FishjamClient::new(emulator.url(), emulator.token())?.compositions();
    let composition = compositions.create(CompositionOptions::new())?;
    let emulated = emulator.composition(composition.id());
    composition.watch()?;
    composition.register_whip_input("cam", WhipInputOptions::new())?;
    let output = Output::whip("https://e.com/whip", "t").audio(AudioMix::all(["cam"]));
    let output = composition.register_output("main", output)?;
    let input = composition.input("cam");
    let error = input.playing(Duration::from_millis(1)).err().map(|error| error.kind());
    assert_eq!(error, Some(ErrorKind::Timeout));
    assert!(emulated.input("cam").play());
    input.playing(PATIENCE)?;
    assert!(emulated.input("cam").end() && emulated.output("main").end());
    input.ended(PATIENCE)?;
    output.done(PATIENCE)?;
    Ok(())
}

#[test]
fn blocking_client_is_built_like_the_other_one() -> anyhow::Result<()> {
    let client = CompositionClient::builder("token").base_url("http://h:1/x").build_blocking()?;
    assert_eq!(client.adopt("c")?.address(), "http://h:1/api/composition/c");
    assert_eq!(CompositionClient::new("token")?.adopt("c")?.address(), "https://rtc.fishjam.io/api/composition/c");
    let error = CompositionClient::new("").err().map(|error| error.kind());
    assert_eq!(error, Some(ErrorKind::InvalidInput));
    Ok(())
}

#[tokio::test]
async fn blocking_calls_inside_a_runtime_are_errors() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let client = CompositionClient::builder(emulator.token()).base_url(emulator.url()).build_blocking()?;
    let (composition, of) = (client.adopt("c")?, CompositionEntities::absent());
    let outcomes = BLOCKING_COMPOSITION.iter().map(|(method, call)| (method, call(&composition, &of)));
    let of_client = BLOCKING_COMPOSITIONS.iter().map(|(method, call)| (method, call(&client, &of)));
    for (method, outcome) in outcomes.chain(of_client) {
        let error = outcome.err().map(|error| (error.kind(), error.attempts()));
        assert_eq!(error, Some((ErrorKind::Setup, 0)), "{method}");
    }
    assert_eq!(emulator.journal().count("*"), 0);
    Ok(())
}
