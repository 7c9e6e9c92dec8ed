//! The rules of components, in the order in which the server checks them.

use super::{color::is_color, node::Node, transition};
use crate::refusal::Refusal;

/// Checks a component and its children.
///
/// The shape is already checked. A component is at most as deep as the JSON parser allows, so the recursion is bounded.
pub(super) fn check(component: &Node<'_>) -> Result<(), Refusal> {
    match component.text("type") {
        Some("view") => check_view(component),
        Some("rescaler") => check_rescaler(component),
        Some("tiles") => check_tiles(component),
        Some("text") => check_text(component),
        // An input stream and an image have no rules.
        _ => Ok(()),
    }
}

fn check_view(view: &Node<'_>) -> Result<(), Refusal> {
    check_position(view)?;
    check_padding(view)?;
    check_children(view)?;
    check_color(view, "background_color")?;
    transition::check(view)?;
    check_color(view, "border_color")?;
    check_shadows(view)
}

fn check_rescaler(rescaler: &Node<'_>) -> Result<(), Refusal> {
    check_position(rescaler)?;
    if let Some(child) = rescaler.member("child") {
        check(&child)?;
    }
    transition::check(rescaler)?;
    check_color(rescaler, "border_color")?;
    check_shadows(rescaler)
}

fn check_tiles(tiles: &Node<'_>) -> Result<(), Refusal> {
    check_children(tiles)?;
    check_color(tiles, "background_color")?;
    check_aspect_ratio(tiles)?;
    transition::check(tiles)
}

fn check_text(text: &Node<'_>) -> Result<(), Refusal> {
    if let (Some(height), None) = (text.member("height"), text.member("width")) {
        return Err(height.malformed("requires width"));
    }
    check_positive(text, "font_size")?;
    check_positive(text, "line_height")?;
    check_color(text, "color")?;
    check_color(text, "background_color")
}

fn check_children(parent: &Node<'_>) -> Result<(), Refusal> {
    let Some(children) = parent.member("children") else { return Ok(()) };
    children.items().try_for_each(|child| check(&child))
}

/// Checks that an absolute component has one vertical and one horizontal offset. An offset or a rotation makes it absolute.
fn check_position(component: &Node<'_>) -> Result<(), Refusal> {
    let has = |name| component.member(name).is_some();
    let is_absolute = ["top", "bottom", "left", "right", "rotation"].into_iter().any(has);
    if !is_absolute {
        return Ok(());
    }
    for (first, second) in [("top", "bottom"), ("left", "right")] {
        match (has(first), has(second)) {
            (false, false) => {
                return Err(component.malformed(format_args!("absolute position requires {first} or {second}")));
            }
            (true, true) => {
                return Err(component.malformed(format_args!("{first} and {second} exclude each other")));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Checks the padding of each side: the first of three members that is present.
fn check_padding(view: &Node<'_>) -> Result<(), Refusal> {
    for (side, axis) in [
        ("padding_top", "padding_vertical"),
        ("padding_right", "padding_horizontal"),
        ("padding_bottom", "padding_vertical"),
        ("padding_left", "padding_horizontal"),
    ] {
        let source = [side, axis, "padding"].into_iter().find_map(|name| Some((view.member(name)?, view.float(name)?)));
        if let Some((padding, _)) = source.filter(|(_, value)| *value < 0.0) {
            return Err(padding.malformed("padding must not be negative"));
        }
    }
    Ok(())
}

fn check_positive(component: &Node<'_>, name: &str) -> Result<(), Refusal> {
    match (component.float(name), component.member(name)) {
        (Some(number), Some(member)) if number <= 0.0 => Err(member.malformed("must be greater than 0")),
        _ => Ok(()),
    }
}

fn check_color(component: &Node<'_>, name: &str) -> Result<(), Refusal> {
    match (component.text(name), component.member(name)) {
        (Some(color), Some(member)) if !is_color(color) => Err(member.malformed("invalid color")),
        _ => Ok(()),
    }
}

fn check_shadows(component: &Node<'_>) -> Result<(), Refusal> {
    let Some(shadows) = component.member("box_shadow") else { return Ok(()) };
    shadows.items().try_for_each(|shadow| check_color(&shadow, "color"))
}

fn check_aspect_ratio(tiles: &Node<'_>) -> Result<(), Refusal> {
    let name = "tile_aspect_ratio";
    match (tiles.text(name), tiles.member(name)) {
        (Some(ratio), Some(member)) if !is_aspect_ratio(ratio) => {
            Err(member.malformed("invalid aspect ratio; expected W:H with two integers"))
        }
        _ => Ok(()),
    }
}

fn is_aspect_ratio(text: &str) -> bool {
    let is_integer = |text: &str| text.parse::<u32>().is_ok();
    text.split_once(':').is_some_and(|(width, height)| is_integer(width) && is_integer(height))
}
