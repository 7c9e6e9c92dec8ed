//! No token, stream key, path of a URL or data of an event is printed.

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    FishjamClient, Template,
    composition::{
        AudioMix, CompositionClient, CompositionOptions, Font, ImageSource, Mp4InputOptions, Output, TemplateEvent,
        WhepInputOptions, WhipInputOptions,
    },
};

use crate::start;

const SECRET: &str = "sentinel-5f0c";

// Defect P13 of the official client.
#[tokio::test]
async fn debug_prints_no_secret() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let url = format!("https://e.com/{SECRET}?token={SECRET}");
    let body = format!(r#"{{"publish_url":"rtmp://h/{SECRET}","more":"{SECRET}"}}"#);
    emulator.faults().on("register_input").status(200).body(body);
    let rtmp = composition.register_rtmp_input("r", SECRET).await?;
    let whip = composition.register_whip_input("w", WhipInputOptions::new().bearer_token(SECRET)).await?;
    let client = CompositionClient::builder(SECRET).base_url(&url);
    let adopted = client.clone().build()?.adopt("c")?;
    for printed in [
        format!("{rtmp:?} {rtmp:#?} {}", serde_json::to_string(&rtmp.publish_url)?),
        format!("{whip:?} {whip:#?} {}", serde_json::to_string(&whip)?),
        format!("{client:?} {:?} {adopted:?} {:?}", client.clone().build()?, adopted.output("o")),
        format!("{:?}", WhipInputOptions::new().bearer_token(SECRET)),
        format!("{:?}", WhepInputOptions::new(&url).bearer_token(SECRET)),
        format!("{:?}", Mp4InputOptions::new(&url)),
        format!("{:?} {:?}", ImageSource::png(&url), ImageSource::svg_with_resolution(&url, 2, 2)),
        format!("{:?}", Output::whip(&url, SECRET).audio(AudioMix::new())),
        format!("{:?}", Output::rtmp(format!("rtmp://e.com/app/{SECRET}"))),
        format!("{:?}", TemplateEvent::new("e").data(SECRET)),
        format!("{:?} {:?}", Font::from_bytes(SECRET), Template::from_bytes("t.js", SECRET)),
    ] {
        assert!(!printed.contains(SECRET), "{printed}");
    }
    Ok(())
}

#[tokio::test]
async fn error_repeats_no_secret_of_its_request() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let body = format!(
        r#"{{"message":"bad {SECRET} or rtmp://e.com/app/{SECRET} or https://e.com/a?k={SECRET}","error_code":"{SECRET}"}}"#
    );
    emulator.faults().on("*").always().status(400).body(body);
    let output = || Output::rtmp(format!("rtmp://e.com/app/{SECRET}")).audio(AudioMix::new());
    for error in [
        composition.register_whip_input("i", WhipInputOptions::new().bearer_token(SECRET)).await.err(),
        composition.register_whep_input("i", WhepInputOptions::new("https://e.com").bearer_token(SECRET)).await.err(),
        composition.register_rtmp_input("i", SECRET).await.err(),
        composition.register_output("o", Output::whip("https://e.com", SECRET).audio(AudioMix::new())).await.err(),
        composition.register_output("o", output()).await.err(),
        composition
            .register_output("o", Output::rtmp(format!("rtmp://e.com/app/{SECRET}?s=1")).audio(AudioMix::new()))
            .await
            .err(),
        composition.register_template_output("o", output(), Template::from_bytes("t.js", "t")).await.err(),
    ] {
        let error = error.context("accepted")?;
        let body = error.body_excerpt().unwrap_or_default();
        let printed = format!("{error:#} {error:?} {body}");
        assert!(printed.contains("[redacted]") && !printed.contains(SECRET), "{printed}");
    }
    Ok(())
}

// A presigned URL has a signature in its query.
#[tokio::test]
async fn error_repeats_no_query_of_a_url() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let url = format!("https://e.com/a?k={SECRET}");
    emulator.faults().on("*").always().status(400).body(format!(r#"{{"message":"no response from {url}"}}"#));
    for error in [
        composition.register_mp4_input("i", &url).await.err(),
        composition.register_whep_input("i", WhepInputOptions::new(&url)).await.err(),
        composition.register_output("o", Output::whip_without_token(&url).audio(AudioMix::new())).await.err(),
        composition.register_image("i", ImageSource::auto(&url)).await.err(),
    ] {
        let error = error.context("accepted")?;
        assert_eq!(error.message(), Some("no response from https://e.com/a?[redacted]"));
        let printed = format!("{error:#} {error:?} {}", error.body_excerpt().unwrap_or_default());
        assert!(!printed.contains(SECRET), "{printed}");
    }
    Ok(())
}

#[tokio::test]
async fn management_token_is_in_no_error() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let compositions = FishjamClient::new(emulator.url(), SECRET)?.compositions();
    let error = compositions.create(CompositionOptions::new()).await.err().context("accepted")?;
    assert_eq!(error.status(), Some(401), "{error}");
    assert!(!format!("{error:#} {error:?}").contains(SECRET), "{error:?}");
    Ok(())
}
