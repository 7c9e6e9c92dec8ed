//! Errors of the composition API: the official SDK and ours give every status the same class.

use anyhow::{Context, Result, bail, ensure};
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    Error, ErrorKind, Template,
    composition::{CompositionClient, CompositionOptions, Font, ImageSource, Output, Scene, View},
};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::{Value, json};

use crate::{
    compositions::{TEMPLATE, client, picture},
    python::Python,
    report::Section,
    scenario::emulator,
};

const OPERATIONS: [&str; 15] = [
    "create_composition",
    "delete_composition",
    "send_composition_event",
    "register_font",
    "register_image",
    "unregister_image",
    "register_input",
    "unregister_input",
    "register_output",
    "request_keyframe",
    "register_template_output",
    "unregister_output",
    "update_output",
    "reset",
    "start",
];

/// Each status with the class of the Python SDK and the kind of our SDK. The contract does not list all of them.
const STATUSES: [(u16, &str, ErrorKind); 13] = [
    (302, "InternalServerError", ErrorKind::UnexpectedStatus),
    (400, "BadRequestError", ErrorKind::BadRequest),
    (401, "UnauthorizedError", ErrorKind::Unauthorized),
    (402, "QuotaExceededError", ErrorKind::QuotaExceeded),
    (404, "NotFoundError", ErrorKind::NotFound),
    (409, "ConflictError", ErrorKind::Conflict),
    (415, "InternalServerError", ErrorKind::UnexpectedStatus),
    (422, "BadRequestError", ErrorKind::BadRequest),
    (429, "InternalServerError", ErrorKind::RateLimited),
    (500, "InternalServerError", ErrorKind::Server),
    (502, "InternalServerError", ErrorKind::Server),
    (503, "ServiceUnavailableError", ErrorKind::ServiceUnavailable),
    (504, "InternalServerError", ErrorKind::Server),
];

const MESSAGE: &str = "zażółć: because";

pub(crate) fn run_both<'a>(python: &'a Python, section: &'a mut Section<'_>) -> BoxFuture<'a, Result<()>> {
    async move {
        let emulator = emulator().await?;
        let api = client(&emulator, emulator.token())?;
        // The script gets each status from all operations, before the next status.
        arm(&emulator);
        let asked = json!(vec![OPERATIONS; STATUSES.len()].concat()).to_string();
        let theirs = python.run("compositions", &["statuses", &asked], &emulator).await?;
        theirs.judge(section);
        let notes = theirs.notes;
        section.check("the script called every operation with every status", || {
            let expected = OPERATIONS.len() * STATUSES.len();
            ensure!(notes.len() == expected, "{} of {expected}", notes.len());
            Ok(())
        });
        emulator.faults().clear();
        arm(&emulator);
        let mut notes = notes.iter();
        for (status, class, kind) in STATUSES {
            for operation in OPERATIONS {
                let ours = call(&api, operation).await;
                section.check(&format!("{status} to {operation}: {class}, {kind:?}"), || {
                    judge(operation, status, notes.next().context("there is no note")?, class)?;
                    let error = ours.err().context("our SDK succeeded")?;
                    let error = error.downcast_ref::<Error>().context("our SDK did not call")?;
                    ensure!(error.kind() == kind && error.status() == Some(status), "our error is {error:?}");
                    // The Python SDK has the whole body as its text if the contract does not list the status (P21).
                    ensure!(error.message() == Some(MESSAGE), "our message is {:?}", error.message());
                    Ok(())
                });
            }
        }
        Ok(())
    }
    .boxed()
}

/// Makes the emulator return each status to as many requests as there are operations.
fn arm(emulator: &Emulator) {
    let body = json!({ "message": MESSAGE }).to_string();
    for (status, ..) in STATUSES {
        emulator.faults().on("*").times(OPERATIONS.len() as u64).status(status).body(body.clone());
    }
}

/// Checks the class of a Python error, which is more specific for a missing entity.
fn judge(operation: &str, status: u16, note: &Value, class: &str) -> Result<()> {
    let expected = match (status, operation) {
        (404, "unregister_input") => "InputNotFoundError",
        (404, "unregister_output") => "OutputNotFoundError",
        (404, "unregister_image") => "RendererNotFoundError",
        (404, _) => "CompositionNotFoundError",
        _ => class,
    };
    ensure!(note[0] == operation && note[1] == expected, "the Python SDK has {note}");
    ensure!(note[2].as_str().is_some_and(|text| text.contains("because")), "the text is {}", note[2]);
    Ok(())
}

/// Makes one call of an operation. The arguments do not matter.
async fn call(api: &CompositionClient, operation: &str) -> Result<()> {
    let composition = api.adopt("c")?;
    let output = || anyhow::Ok(Output::whip_without_token("https://whip.example").video(picture(View::new())?));
    match operation {
        "create_composition" => api.create(CompositionOptions::new()).await.map(drop)?,
        "delete_composition" => composition.delete().await?,
        "send_composition_event" => composition.send_event("name").await?,
        "register_font" => composition.register_font(Font::from_bytes("font")).await?,
        "register_image" => composition.register_image("i", ImageSource::png("https://img.example")).await?,
        "unregister_image" => composition.unregister_image("i").await?,
        "register_input" => composition.register_rtmp_input("i", "k").await.map(drop)?,
        "unregister_input" => composition.unregister_input("i").await?,
        "register_output" => composition.register_output("o", output()?).await.map(drop)?,
        "request_keyframe" => composition.request_keyframe("o").await?,
        "register_template_output" => {
            let template = Template::from_bytes("template.js", TEMPLATE);
            composition.register_template_output("o", output()?, template).await.map(drop)?;
        }
        "unregister_output" => composition.unregister_output("o").await?,
        "update_output" => composition.update_output("o", Scene::new(View::new())).await?,
        "reset" => composition.reset().await?,
        "start" => composition.start().await?,
        other => bail!("there is no call for {other}"),
    }
    Ok(())
}
