//! Compositions, printed.

use fishjam_emulator::Emulator;
use fishjam_sdk::{
    FishjamClient, blocking,
    composition::{
        AudioMix, AudioOutput, Component, CompositionClient, CompositionEvent, CompositionOptions, EndpointToken, Font,
        ImageSource, Mp4InputOptions, Output, OutputUpdate, Rescaler, RtmpUrl, Scene, StreamKey, TemplateEvent, Text,
        Tiles, VideoOutput, View, WhepInputOptions, WhipInputOptions,
    },
};
use fishjam_tests::support::within;
use serde_json::json;

use super::{CapturedOutput, SENTINEL, address, metadata};

/// Prints the parts of scenes, which can hold personal data.
fn print_scenes(printed: &mut CapturedOutput) -> anyhow::Result<()> {
    let text = || Text::new(SENTINEL, 20.0);
    let view = || View::new().child(text());
    let scene = || Scene::new(view());
    printed.debug(&text());
    printed.debug(&view());
    printed.debug(&Tiles::new().children([text()]));
    printed.debug(&Rescaler::new(text()));
    printed.debug(&Component::from(view()));
    printed.debug(&scene());
    printed.debug(&AudioMix::all([SENTINEL]));
    printed.debug(&OutputUpdate::new().video(scene()).audio(AudioMix::all([SENTINEL])));
    let (video, audio) = (VideoOutput::new(2, 2, scene())?, AudioOutput::new(AudioMix::all([SENTINEL])));
    printed.debug(&video);
    printed.debug(&audio);
    for output in [Output::whip(address(), SENTINEL), Output::rtmp(format!("rtmp://example.com/app/{SENTINEL}"))] {
        printed.debug(&output.video(video.clone()).audio(audio.clone()));
    }
    Ok(())
}

fn print_options(printed: &mut CapturedOutput) {
    printed.debug(&WhipInputOptions::new().bearer_token(SENTINEL));
    printed.debug(&WhepInputOptions::new(address()).bearer_token(SENTINEL));
    printed.debug(&Mp4InputOptions::new(address()));
    printed.debug(&ImageSource::auto(address()));
    printed.debug(&Font::from_bytes(SENTINEL));
    printed.debug(&TemplateEvent::new("event").data(metadata()));
    printed.display(&EndpointToken::from(SENTINEL));
    printed.display(&StreamKey::from(SENTINEL));
    printed.display(&RtmpUrl::from(SENTINEL));
}

/// Prints options, handles, responses and events with sentinels.
pub(super) async fn print(
    printed: &mut CapturedOutput,
    emulator: &Emulator,
    fishjam: &FishjamClient,
) -> anyhow::Result<()> {
    print_scenes(printed)?;
    print_options(printed);
    let builder = CompositionClient::builder(SENTINEL).base_url(address());
    printed.debug(&builder);
    printed.debug(&builder.build()?);
    let compositions = fishjam.compositions();
    let composition = compositions.create(CompositionOptions::new()).await?;
    printed.debug(&composition);
    printed.debug(&composition.input("i"));
    printed.debug(&composition.output("o"));
    printed.debug(&composition.output("o").done());
    printed.debug(&within("a stream", composition.events()).await??);

    let response = json!({
        "bearer_token": SENTINEL, "publish_url": format!("rtmp://h/{SENTINEL}"), "endpoint_route": "/whip/i",
        "new": metadata(),
    });
    emulator.faults().on("register_input").always().status(200).body(response.to_string());
    printed.debug(&composition.register_whip_input("i", WhipInputOptions::new()).await?);
    printed.debug(&composition.register_rtmp_input("i", SENTINEL).await?);
    printed.debug(&composition.register_mp4_input("i", address()).await?);
    let unusable = json!({ "bearer_token": [SENTINEL], "endpoint_route": SENTINEL, "publish_url": metadata() });
    emulator.faults().clear();
    emulator.faults().on("register_input").always().status(200).body(unusable.to_string());
    printed.error(composition.register_whip_input("i", WhipInputOptions::new()).await);
    printed.error(composition.register_rtmp_input("i", SENTINEL).await);
    emulator.faults().clear();

    let event = json!({ "type": "NEW", "text": SENTINEL });
    let event: CompositionEvent = serde_json::from_value(event)?;
    printed.debug(&event);
    if let CompositionEvent::Unknown(event) = &event {
        printed.debug(event);
    }

    // A token, passed by mistake where an id belongs.
    let token = format!("{SENTINEL}\n{SENTINEL}");
    printed.error(compositions.adopt(token.as_str()));
    printed.error(composition.unregister_input(token.as_str()).await);
    printed.error(composition.register_mp4_input(token.as_str(), address()).await);

    let client = blocking::CompositionClient::builder(SENTINEL).base_url(address()).build_blocking()?;
    let composition = client.adopt("c")?;
    printed.debug(&client);
    printed.debug(&composition.input("i"));
    printed.debug(&composition.output("o"));
    printed.debug(&composition);
    Ok(())
}
