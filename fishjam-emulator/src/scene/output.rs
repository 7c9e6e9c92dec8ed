//! Bodies that register or update an output.

use std::fmt;

use serde_json::Value;

use super::{
    audio::Mix,
    node::Node,
    schemas::{REGISTER_OUTPUT, UPDATE_OUTPUT},
    transition,
    url::has_scheme_and_host,
    video::Scene,
};
use crate::refusal::Refusal;

/// An output to register.
#[derive(Clone)]
pub(crate) struct OutputSpec {
    pub(crate) kind: OutputKind,
    /// The URL of the peer. It can contain a stream key.
    pub(crate) url: String,
    pub(crate) bearer_token: Option<String>,
    pub(crate) video: Option<VideoSpec>,
    pub(crate) audio: Option<AudioSpec>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutputKind {
    WhipClient,
    RtmpClient,
}

/// The video of an output.
#[derive(Clone, Debug)]
pub(crate) struct VideoSpec {
    pub(crate) width: u64,
    pub(crate) height: u64,
    pub(crate) scene: Scene,
    pub(crate) end: EndCondition,
}

/// The audio of an output.
#[derive(Clone, Debug)]
pub(crate) struct AudioSpec {
    pub(crate) mix: Mix,
    pub(crate) mixing_strategy: MixingStrategy,
    pub(crate) channels: Channels,
    pub(crate) end: EndCondition,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MixingStrategy {
    SumClip,
    SumScale,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channels {
    Mono,
    Stereo,
}

/// Condition for the end of a track of an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EndCondition {
    Never,
    /// Any of these inputs ended or was never registered.
    AnyOf(Vec<String>),
    /// All of these inputs ended or were never registered.
    AllOf(Vec<String>),
    /// Any input ends after the registration.
    AnyInput,
    /// No input is left.
    AllInputs,
}

/// An update of an output.
#[derive(Clone, Debug)]
pub(crate) struct UpdateSpec {
    pub(crate) video: Option<Scene>,
    pub(crate) audio: Option<Mix>,
    /// The time since the start of the composition, or `None` for an immediate update.
    pub(crate) schedule_time_ms: Option<f64>,
}

/// Checks the body of `register_output`, or the part `config` of `register_template_output`.
///
/// The caller calls [`Scene::build`] last, because the server builds the scene after it connected to the peer.
pub(crate) fn check_output(body: &Value) -> Result<OutputSpec, Refusal> {
    let body = Node::body(body);
    REGISTER_OUTPUT.check(&body)?;
    let (video, audio) = (body.member("video"), body.member("audio"));
    if video.is_none() && audio.is_none() {
        return Err(body.malformed("an output requires video or audio"));
    }
    let kind = if body.text("type") == Some("rtmp_client") { OutputKind::RtmpClient } else { OutputKind::WhipClient };
    let url = match kind {
        OutputKind::RtmpClient => rtmp_url(&body)?,
        OutputKind::WhipClient => body.text("endpoint_url").unwrap_or_default(),
    };
    let output = OutputSpec {
        kind,
        url: url.to_owned(),
        bearer_token: body.text("bearer_token").map(str::to_owned),
        video: video.map(|video| read_video(&video)).transpose()?,
        audio: audio.map(|audio| read_audio(&audio)).transpose()?,
    };
    if kind == OutputKind::WhipClient && !has_scheme_and_host(url, &["http", "https"]) {
        let message = "endpoint_url: invalid URL; expected http or https and a host";
        return Err(Refusal::composition(400, Some("WHIP_INVALID_SERVER_URL"), message));
    }
    Ok(output)
}

/// Checks the body of `update_output`.
///
/// The caller compares the kinds of media with the output. Then it calls [`Scene::build`], when the update comes into force.
pub(crate) fn check_update(body: &Value) -> Result<UpdateSpec, Refusal> {
    let body = Node::body(body);
    UPDATE_OUTPUT.check(&body)?;
    let update = UpdateSpec {
        video: body.member("video").map(|scene| Scene::read(&scene)).transpose()?,
        audio: body.member("audio").map(|scene| Mix::read(&scene)).transpose()?,
        schedule_time_ms: body.double("schedule_time_ms"),
    };
    transition::check_time(&body, "schedule_time_ms")?;
    Ok(update)
}

fn rtmp_url<'a>(body: &Node<'a>) -> Result<&'a str, Refusal> {
    let url = body.text("url").unwrap_or_default();
    if !has_scheme_and_host(url, &["rtmp", "rtmps"]) {
        return Err(Refusal::malformed_request("url: invalid URL; expected rtmp or rtmps and a host"));
    }
    Ok(url)
}

fn read_video(video: &Node<'_>) -> Result<VideoSpec, Refusal> {
    let (width, height) = read_resolution(video)?;
    let Some(scene) = video.member("initial") else { return Err(video.wrong_shape("missing member initial")) };
    Ok(VideoSpec { width, height, scene: Scene::read(&scene)?, end: read_end(video)? })
}

fn read_audio(audio: &Node<'_>) -> Result<AudioSpec, Refusal> {
    let Some(scene) = audio.member("initial") else { return Err(audio.wrong_shape("missing member initial")) };
    let is_scaled = audio.text("mixing_strategy") == Some("sum_scale");
    let is_mono = audio.text("channels") == Some("mono");
    Ok(AudioSpec {
        mix: Mix::read(&scene)?,
        mixing_strategy: if is_scaled { MixingStrategy::SumScale } else { MixingStrategy::SumClip },
        channels: if is_mono { Channels::Mono } else { Channels::Stereo },
        end: read_end(audio)?,
    })
}

/// Reads the width and the height. An encoder needs even numbers above 0.
fn read_resolution(video: &Node<'_>) -> Result<(u64, u64), Refusal> {
    let Some(resolution) = video.member("resolution") else {
        return Err(video.wrong_shape("missing member resolution"));
    };
    let side = |name| {
        let side = resolution.object().and_then(|sides| sides.get(name)?.as_u64()).unwrap_or_default();
        if side == 0 || side % 2 != 0 {
            return Err(resolution.malformed(format_args!("{name} must be even and greater than 0")));
        }
        Ok(side)
    };
    Ok((side("width")?, side("height")?))
}

/// Reads `send_eos_when`: at most one list, or at most one flag.
fn read_end(options: &Node<'_>) -> Result<EndCondition, Refusal> {
    let Some(end) = options.member("send_eos_when") else { return Ok(EndCondition::Never) };
    let ids = |name| {
        let ids = end.member(name)?;
        Some(ids.items().filter_map(|id| id.value().as_str().map(str::to_owned)).collect())
    };
    match (ids("any_of"), ids("all_of"), end.boolean("any_input"), end.boolean("all_inputs")) {
        (Some(ids), None, None, None) => Ok(EndCondition::AnyOf(ids)),
        (None, Some(ids), None, None) => Ok(EndCondition::AllOf(ids)),
        (None, None, Some(true), None) => Ok(EndCondition::AnyInput),
        (None, None, None, Some(true)) => Ok(EndCondition::AllInputs),
        (None, None, None | Some(false), None | Some(false)) => Ok(EndCondition::Never),
        _ => Err(end.malformed("at most one condition is allowed")),
    }
}

/// Shows no URL and no token.
impl fmt::Debug for OutputSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutputSpec")
            .field("kind", &self.kind)
            .field("video", &self.video)
            .field("audio", &self.audio)
            .finish_non_exhaustive()
    }
}
