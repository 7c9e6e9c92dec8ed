//! Templates and fonts: the parts of the form, and the size.

use std::{fs, path::Path};

use anyhow::Context;
use fishjam_sdk::{
    ErrorKind, Template,
    composition::{AudioMix, Font, Output, VideoOutput},
};
use serde_json::{Value, json};

use crate::{only, start};

fn output() -> fishjam_sdk::Result<Output> {
    Ok(Output::whip("https://e.com/whip", "t").video(VideoOutput::of_template(1280, 720)?).audio(AudioMix::new()))
}

#[tokio::test]
async fn template_follows_the_configuration_of_its_output() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("grid.mjs");
    fs::write(&path, "export default 1;")?;
    for (template, name, content_type, content) in [
        (Template::from_bytes("template.js", "a"), "template.js", "text/javascript", &b"a"[..]),
        (Template::from_path(&path), "grid.mjs", "text/javascript", b"export default 1;"),
        (Template::from_bytes("bundle", [0, 13, 10, 255]), "bundle", "application/octet-stream", &[0, 13, 10, 255]),
    ] {
        let registered = composition.register_template_output("main", output()?, template).await?;
        let request = only(&emulator, "register_template_output")?;
        let address = format!("/api/composition/{}/output/main/template", composition.id());
        assert_eq!((request.method(), request.full_path()), ("POST", address.as_str()));
        let parts = request.parts().context("no form")?;
        let heads: Vec<_> = parts
            .iter()
            .map(|part| (part.name.as_str(), part.file_name.as_deref(), part.content_type.as_deref()))
            .collect();
        let config = ("config", None, Some("application/json"));
        assert_eq!(heads, [config, ("template", Some(name), Some(content_type))]);
        assert_eq!(parts[1].body, content);
        let config: Value = serde_json::from_slice(&parts[0].body)?;
        let expected = json!({
            "type": "whip_client",
            "endpoint_url": "https://e.com/whip",
            "bearer_token": "t",
            "video": { "resolution": { "width": 1280, "height": 720 }, "initial": { "root": { "type": "view" } } },
            "audio": { "initial": { "inputs": [] } },
        });
        assert_eq!(config, expected);
        registered.unregister().await?;
        emulator.journal().clear();
    }
    Ok(())
}

#[tokio::test]
async fn font_is_one_file() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("Inter.ttf");
    fs::write(&path, [0, 1])?;
    for (font, name, content_type, content) in [
        // Defect P23 of the official client: any bytes are a font.
        (Font::from_bytes([7, 8]), "font", "application/octet-stream", [7, 8]),
        (Font::from_path(&path), "Inter.ttf", "font/ttf", [0, 1]),
    ] {
        composition.register_font(font).await?;
        let request = only(&emulator, "register_font")?;
        let address = format!("/api/composition/{}/font/register", composition.id());
        assert_eq!((request.method(), request.full_path()), ("POST", address.as_str()));
        let parts = request.parts().context("no form")?;
        let [part] = parts.as_slice() else { anyhow::bail!("{parts:?}") };
        let head = (part.name.as_str(), part.file_name.as_deref(), part.content_type.as_deref());
        assert_eq!(head, ("font", Some(name), Some(content_type)));
        assert_eq!(part.body, content);
    }
    Ok(())
}

#[tokio::test]
async fn large_file_is_refused_before_it_is_sent() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let template = |size| Template::from_bytes("t.js", vec![b'x'; size]);
    composition.register_template_output("ok", output()?, template(1_000_000)).await?;
    composition.register_font(Font::from_bytes(vec![0; 2_097_152])).await?;
    emulator.journal().clear();
    for (error, method, limit) in [
        (
            composition.register_template_output("o", output()?, template(1_000_001)).await.err(),
            "register_template_output",
            "1000000 bytes",
        ),
        (composition.register_font(Font::from_bytes(vec![0; 2_097_153])).await.err(), "register_font", "2097152 bytes"),
    ] {
        let error = error.context(method)?;
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        let line = error.to_string();
        assert!(line.starts_with(&format!("{method}: ")) && line.contains(limit), "{line}");
    }
    let absent = Path::new("no/such/font.ttf");
    let error = composition.register_font(Font::from_path(absent)).await.err().context("registered")?;
    assert_eq!(error.kind(), ErrorKind::Setup, "{error}");
    let error = composition.register_template_output("o", output()?, Template::from_path(absent)).await.err();
    assert_eq!(error.context("registered")?.kind(), ErrorKind::Setup);
    assert_eq!((emulator.journal().count("*"), composition.outputs()), (0, vec!["ok".into()]));
    Ok(())
}
