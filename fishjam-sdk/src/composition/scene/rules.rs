//! The server's rules for scenes, in the server's order.

use std::time::Duration;

use fishjam_api::composition::types;

use super::{
    aspect_ratio::{self, AspectRatio},
    color::{self, Color},
    limits::NOT_FINITE,
    path::Path,
    position::WirePosition,
    unique_ids,
};
use crate::error::Result;

/// Checks a video scene. The server finds the first error of the components, then equal ids.
pub(super) fn check(root: &types::Component) -> Result<()> {
    component(root, &Path::ROOT)?;
    unique_ids::check(root)
}

/// Checks an audio scene.
pub(super) fn check_audio(scene: &types::AudioScene) -> Result<()> {
    scene.inputs.iter().enumerate().try_for_each(|(index, input)| {
        let Some(volume) = input.volume else { return Ok(()) };
        if (0.0..=2.0).contains(&single(volume)) {
            return Ok(());
        }
        let path = Path::INPUTS.item(index);
        let path = path.member("volume");
        Err(if volume.is_finite() {
            path.error(format_args!("invalid volume {volume}; use a number from 0 to 2"))
        } else {
            path.error(NOT_FINITE)
        })
    })
}

/// Converts a number like the server, which stores lengths and volumes in 32 bits.
///
/// Therefore a tiny negative padding is 0 for the server, and a tiny font size is not greater than 0.
fn single(number: f64) -> f32 {
    number as f32
}

fn component(component: &types::Component, path: &Path<'_>) -> Result<()> {
    match component {
        types::Component::InputStream(_) | types::Component::Image(_) => Ok(()),
        types::Component::Text(text) => check_text(text, path),
        types::Component::View(view) => {
            check_position(view.into(), path)?;
            check_padding(view, path)?;
            children(view.children.as_deref(), path)?;
            check_color(view.background_color.as_deref(), "background_color", path)?;
            check_transition(view.transition.as_ref(), path)?;
            check_color(view.border_color.as_deref(), "border_color", path)?;
            check_shadows(view.box_shadow.as_deref(), path)
        }
        types::Component::Rescaler(rescaler) => {
            check_position(rescaler.into(), path)?;
            self::component(&rescaler.child, &path.member("child"))?;
            check_transition(rescaler.transition.as_ref(), path)?;
            check_color(rescaler.border_color.as_deref(), "border_color", path)?;
            check_shadows(rescaler.box_shadow.as_deref(), path)
        }
        types::Component::Tiles(tiles) => {
            children(tiles.children.as_deref(), path)?;
            check_color(tiles.background_color.as_deref(), "background_color", path)?;
            if tiles.tile_aspect_ratio.as_deref().is_some_and(|ratio| AspectRatio::parse(ratio).is_none()) {
                return Err(path.member("tile_aspect_ratio").error(aspect_ratio::INVALID));
            }
            check_transition(tiles.transition.as_ref(), path)
        }
    }
}

fn children(children: Option<&[types::Component]>, path: &Path<'_>) -> Result<()> {
    let path = path.member("children");
    let children = children.unwrap_or_default();
    children.iter().enumerate().try_for_each(|(index, child)| component(child, &path.item(index)))
}

fn check_text(text: &types::Text, path: &Path<'_>) -> Result<()> {
    if text.height.is_some() && text.width.is_none() {
        return Err(path.member("height").error("height without width; set both"));
    }
    for (name, length) in [("font_size", Some(text.font_size)), ("line_height", text.line_height)] {
        if let Some(length) = length
            && single(length) <= 0.0
        {
            return Err(path.member(name).error(format_args!("invalid length {length}; use more than 0")));
        }
    }
    check_color(text.color.as_deref(), "color", path)?;
    check_color(text.background_color.as_deref(), "background_color", path)
}

fn check_position(position: WirePosition, path: &Path<'_>) -> Result<()> {
    let WirePosition { top, bottom, left, right, rotation } = position;
    if [top, bottom, left, right, rotation].iter().all(Option::is_none) {
        return Ok(());
    }
    let problem = match (top, bottom, left, right) {
        (None, None, ..) => "a position requires top or bottom",
        (Some(_), Some(_), ..) => "a position has either top or bottom",
        (.., None, None) => "a position requires left or right",
        (.., Some(_), Some(_)) => "a position has either left or right",
        _ => return Ok(()),
    };
    Err(path.error(problem))
}

/// Checks the padding of each side. Only the value that the server uses for a side counts.
fn check_padding(view: &types::View, path: &Path<'_>) -> Result<()> {
    let general = ("padding", view.padding);
    let vertical = ("padding_vertical", view.padding_vertical);
    let horizontal = ("padding_horizontal", view.padding_horizontal);
    for side in [
        [("padding_top", view.padding_top), vertical, general],
        [("padding_right", view.padding_right), horizontal, general],
        [("padding_bottom", view.padding_bottom), vertical, general],
        [("padding_left", view.padding_left), horizontal, general],
    ] {
        if let Some((name, padding)) = side.into_iter().find_map(|(name, padding)| Some((name, padding?)))
            && single(padding) < 0.0
        {
            return Err(path.member(name).error(format_args!("negative padding {padding}; use 0 or more")));
        }
    }
    Ok(())
}

fn check_color(color: Option<&str>, name: &'static str, path: &Path<'_>) -> Result<()> {
    match color {
        Some(color) if Color::parse(color).is_none() => Err(path.member(name).error(color::INVALID)),
        _ => Ok(()),
    }
}

fn check_shadows(shadows: Option<&[types::BoxShadow]>, path: &Path<'_>) -> Result<()> {
    let path = path.member("box_shadow");
    let shadows = shadows.unwrap_or_default();
    shadows
        .iter()
        .enumerate()
        .try_for_each(|(index, shadow)| check_color(shadow.color.as_deref(), "color", &path.item(index)))
}

fn check_transition(transition: Option<&types::Transition>, path: &Path<'_>) -> Result<()> {
    let Some(transition) = transition else { return Ok(()) };
    let path = path.member("transition");
    let duration = transition.duration_ms;
    if duration < 0.0 || Duration::try_from_secs_f64(duration / 1000.0).is_err() {
        let problem = format_args!("invalid duration {duration} ms; use a number from 0 to 1.8e22");
        return Err(path.member("duration_ms").error(problem));
    }
    let Some(types::EasingFunction::CubicBezier(bezier)) = &transition.easing_function else { return Ok(()) };
    let [x1, _, x2, _] = bezier.points;
    for (index, x) in [(0, x1), (2, x2)] {
        if !(0.0..=1.0).contains(&x) {
            let path = path.member("easing_function");
            let path = path.member("points");
            return Err(path.item(index).error(format_args!("invalid time {x}; use a number from 0 to 1")));
        }
    }
    Ok(())
}
