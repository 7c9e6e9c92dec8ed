//! The limits of JSON: finite numbers, and the number of levels.

use fishjam_api::composition::types;

use super::path::Path;
use crate::error::Result;

/// The number of nested objects and arrays that the server's parser reads.
const MAX_LEVELS: usize = 127;

/// Checks that a component, whose object is at this level of the body, can be written as JSON that the server reads.
///
/// The server parses the whole body before it checks any rule.
pub(super) fn check(root: &types::Component, level: usize) -> Result<()> {
    component(root, level, &Path::ROOT)
}

fn component(component: &types::Component, level: usize, path: &Path<'_>) -> Result<()> {
    check_level(level, path)?;
    match component {
        types::Component::InputStream(_) => Ok(()),
        types::Component::Image(image) => check_finite(path, [("width", image.width), ("height", image.height)]),
        types::Component::Text(text) => check_finite(
            path,
            [
                ("font_size", Some(text.font_size)),
                ("width", text.width),
                ("height", text.height),
                ("max_width", text.max_width),
                ("max_height", text.max_height),
                ("line_height", text.line_height),
            ],
        ),
        types::Component::View(view) => {
            let numbers = [
                ("width", view.width),
                ("height", view.height),
                ("top", view.top),
                ("left", view.left),
                ("bottom", view.bottom),
                ("right", view.right),
                ("rotation", view.rotation),
                ("border_radius", view.border_radius),
                ("border_width", view.border_width),
                ("padding", view.padding),
                ("padding_vertical", view.padding_vertical),
                ("padding_horizontal", view.padding_horizontal),
                ("padding_top", view.padding_top),
                ("padding_right", view.padding_right),
                ("padding_bottom", view.padding_bottom),
                ("padding_left", view.padding_left),
            ];
            check_finite(path, numbers)?;
            children(view.children.as_deref(), level, path)?;
            transition(view.transition.as_ref(), level, path)?;
            box_shadow(view.box_shadow.as_deref(), level, path)
        }
        types::Component::Tiles(tiles) => {
            let numbers = [
                ("width", tiles.width),
                ("height", tiles.height),
                ("margin", tiles.margin),
                ("padding", tiles.padding),
            ];
            check_finite(path, numbers)?;
            children(tiles.children.as_deref(), level, path)?;
            transition(tiles.transition.as_ref(), level, path)
        }
        types::Component::Rescaler(rescaler) => {
            let numbers = [
                ("width", rescaler.width),
                ("height", rescaler.height),
                ("top", rescaler.top),
                ("left", rescaler.left),
                ("bottom", rescaler.bottom),
                ("right", rescaler.right),
                ("rotation", rescaler.rotation),
                ("border_radius", rescaler.border_radius),
                ("border_width", rescaler.border_width),
            ];
            check_finite(path, numbers)?;
            self::component(&rescaler.child, level + 1, &path.member("child"))?;
            transition(rescaler.transition.as_ref(), level, path)?;
            box_shadow(rescaler.box_shadow.as_deref(), level, path)
        }
    }
}

fn children(children: Option<&[types::Component]>, level: usize, path: &Path<'_>) -> Result<()> {
    let Some(children) = children else { return Ok(()) };
    let path = path.member("children");
    check_level(level + 1, &path)?;
    children.iter().enumerate().try_for_each(|(index, child)| component(child, level + 2, &path.item(index)))
}

fn box_shadow(shadows: Option<&[types::BoxShadow]>, level: usize, path: &Path<'_>) -> Result<()> {
    let Some(shadows) = shadows else { return Ok(()) };
    let path = path.member("box_shadow");
    check_level(level + 1, &path)?;
    shadows.iter().enumerate().try_for_each(|(index, shadow)| {
        let path = path.item(index);
        check_level(level + 2, &path)?;
        let numbers =
            [("offset_x", shadow.offset_x), ("offset_y", shadow.offset_y), ("blur_radius", shadow.blur_radius)];
        check_finite(&path, numbers)
    })
}

fn transition(transition: Option<&types::Transition>, level: usize, path: &Path<'_>) -> Result<()> {
    let Some(transition) = transition else { return Ok(()) };
    let path = path.member("transition");
    check_level(level + 1, &path)?;
    check_finite(&path, [("duration_ms", Some(transition.duration_ms))])?;
    let Some(easing) = &transition.easing_function else { return Ok(()) };
    let path = path.member("easing_function");
    check_level(level + 2, &path)?;
    let types::EasingFunction::CubicBezier(bezier) = easing else { return Ok(()) };
    let path = path.member("points");
    check_level(level + 3, &path)?;
    match bezier.points.iter().position(|point| !point.is_finite()) {
        Some(index) => Err(path.item(index).error(NOT_FINITE)),
        None => Ok(()),
    }
}

/// The problem with NaN and the infinities, which JSON does not have.
pub(super) const NOT_FINITE: &str = "the number is not finite";

fn check_finite<const COUNT: usize>(path: &Path<'_>, numbers: [(&'static str, Option<f64>); COUNT]) -> Result<()> {
    match numbers.iter().find(|(_, number)| number.is_some_and(|number| !number.is_finite())) {
        Some((name, _)) => Err(path.member(name).error(NOT_FINITE)),
        None => Ok(()),
    }
}

/// Checks the level of an object or an array.
pub(super) fn check_level(level: usize, path: &Path<'_>) -> Result<()> {
    if level > MAX_LEVELS {
        return Err(path.error(format_args!("nested too deeply: the server reads at most {MAX_LEVELS} levels of JSON")));
    }
    Ok(())
}
