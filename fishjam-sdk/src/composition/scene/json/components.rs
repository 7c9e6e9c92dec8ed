//! Decodes components.

use fishjam_api::{UnknownMembers, composition::types};
use serde_json::Value;

use super::members::{Members, number};
use crate::{composition::scene::path::Path, error::Result};

const HORIZONTAL_ALIGN: &str = "left, right, justified or center";
const VERTICAL_ALIGN: &str = "top, center, bottom or justified";

/// Decodes a component. The member `type` selects the type.
///
/// serde_json limits the depth of a `Value`, so that the recursion cannot overflow the stack.
pub(super) fn component(value: Value, path: &Path<'_>) -> Result<types::Component> {
    let mut members = Members::of(value, path)?;
    let kind = members.text("type")?;
    Ok(match members.required("type", kind)?.as_str() {
        "input_stream" => input_stream(members)?.into(),
        "image" => image(members)?.into(),
        "text" => text(members)?.into(),
        "tiles" => tiles(members)?.into(),
        "rescaler" => rescaler(members)?.into(),
        "view" => view(members)?.into(),
        _ => {
            let problem = "unknown type; use input_stream, image, text, tiles, rescaler or view";
            return Err(path.member("type").error(problem));
        }
    })
}

fn input_stream(mut members: Members<'_>) -> Result<types::InputStream> {
    let input_id = members.text("input_id")?;
    let input_stream = types::InputStream {
        id: members.text("id")?,
        input_id: members.required("input_id", input_id)?,
        type_: types::InputStreamType::InputStream,
        extra: UnknownMembers::default(),
    };
    members.end().map(|()| input_stream)
}

fn image(mut members: Members<'_>) -> Result<types::Image> {
    let image_id = members.text("image_id")?;
    let image = types::Image {
        height: members.number("height")?,
        id: members.text("id")?,
        image_id: members.required("image_id", image_id)?,
        type_: types::ImageType::Image,
        width: members.number("width")?,
        extra: UnknownMembers::default(),
    };
    members.end().map(|()| image)
}

fn text(mut members: Members<'_>) -> Result<types::Text> {
    let (content, font_size) = (members.text("text")?, members.number("font_size")?);
    let weights = "thin, extra_light, light, normal, medium, semi_bold, bold, extra_bold or black";
    let text = types::Text {
        align: members.choice("align", HORIZONTAL_ALIGN)?,
        background_color: members.text("background_color")?,
        color: members.text("color")?,
        font_family: members.text("font_family")?,
        font_size: members.required("font_size", font_size)?,
        height: members.number("height")?,
        id: members.text("id")?,
        line_height: members.number("line_height")?,
        max_height: members.number("max_height")?,
        max_width: members.number("max_width")?,
        style: members.choice("style", "normal, italic or oblique")?,
        text: members.required("text", content)?,
        type_: types::TextType::Text,
        weight: members.choice("weight", weights)?,
        width: members.number("width")?,
        wrap: members.choice("wrap", "none, glyph or word")?,
        extra: UnknownMembers::default(),
    };
    members.end().map(|()| text)
}

fn tiles(mut members: Members<'_>) -> Result<types::Tiles> {
    let tiles = types::Tiles {
        background_color: members.text("background_color")?,
        children: members.list("children", component)?,
        height: members.number("height")?,
        horizontal_align: members.choice("horizontal_align", HORIZONTAL_ALIGN)?,
        id: members.text("id")?,
        margin: members.number("margin")?,
        padding: members.number("padding")?,
        tile_aspect_ratio: members.text("tile_aspect_ratio")?,
        transition: members.object("transition", transition)?,
        type_: types::TilesType::Tiles,
        vertical_align: members.choice("vertical_align", VERTICAL_ALIGN)?,
        width: members.number("width")?,
        extra: UnknownMembers::default(),
    };
    members.end().map(|()| tiles)
}

fn rescaler(mut members: Members<'_>) -> Result<types::Rescaler> {
    let child = members.object("child", component)?;
    let rescaler = types::Rescaler {
        border_color: members.text("border_color")?,
        border_radius: members.number("border_radius")?,
        border_width: members.number("border_width")?,
        bottom: members.number("bottom")?,
        box_shadow: members.list("box_shadow", box_shadow)?,
        child: Box::new(members.required("child", child)?),
        height: members.number("height")?,
        horizontal_align: members.choice("horizontal_align", HORIZONTAL_ALIGN)?,
        id: members.text("id")?,
        left: members.number("left")?,
        mode: members.choice("mode", "fit or fill")?,
        right: members.number("right")?,
        rotation: members.number("rotation")?,
        top: members.number("top")?,
        transition: members.object("transition", transition)?,
        type_: types::RescalerType::Rescaler,
        vertical_align: members.choice("vertical_align", VERTICAL_ALIGN)?,
        width: members.number("width")?,
        extra: UnknownMembers::default(),
    };
    members.end().map(|()| rescaler)
}

fn view(mut members: Members<'_>) -> Result<types::View> {
    let view = types::View {
        background_color: members.text("background_color")?,
        border_color: members.text("border_color")?,
        border_radius: members.number("border_radius")?,
        border_width: members.number("border_width")?,
        bottom: members.number("bottom")?,
        box_shadow: members.list("box_shadow", box_shadow)?,
        children: members.list("children", component)?,
        direction: members.choice("direction", "row or column")?,
        height: members.number("height")?,
        id: members.text("id")?,
        left: members.number("left")?,
        overflow: members.choice("overflow", "visible, hidden or fit")?,
        padding: members.number("padding")?,
        padding_bottom: members.number("padding_bottom")?,
        padding_horizontal: members.number("padding_horizontal")?,
        padding_left: members.number("padding_left")?,
        padding_right: members.number("padding_right")?,
        padding_top: members.number("padding_top")?,
        padding_vertical: members.number("padding_vertical")?,
        right: members.number("right")?,
        rotation: members.number("rotation")?,
        top: members.number("top")?,
        transition: members.object("transition", transition)?,
        type_: types::ViewType::View,
        width: members.number("width")?,
        extra: UnknownMembers::default(),
    };
    members.end().map(|()| view)
}

fn box_shadow(value: Value, path: &Path<'_>) -> Result<types::BoxShadow> {
    let mut members = Members::of(value, path)?;
    let shadow = types::BoxShadow {
        blur_radius: members.number("blur_radius")?,
        color: members.text("color")?,
        offset_x: members.number("offset_x")?,
        offset_y: members.number("offset_y")?,
        extra: UnknownMembers::default(),
    };
    members.end().map(|()| shadow)
}

/// Decodes a transition. The server ignores its unknown members.
fn transition(value: Value, path: &Path<'_>) -> Result<types::Transition> {
    let mut members = Members::of(value, path)?;
    let duration = members.number("duration_ms")?;
    Ok(types::Transition {
        duration_ms: members.required("duration_ms", duration)?,
        easing_function: members.object("easing_function", easing)?,
        should_interrupt: members.flag("should_interrupt")?,
        extra: UnknownMembers::default(),
    })
}

/// Decodes the course of a transition. The server ignores its unknown members.
fn easing(value: Value, path: &Path<'_>) -> Result<types::EasingFunction> {
    let mut members = Members::of(value, path)?;
    let name = members.text("function_name")?;
    let extra = UnknownMembers::default();
    Ok(match members.required("function_name", name)?.as_str() {
        "linear" => {
            let function_name = types::EasingFunctionLinearFunctionName::Linear;
            types::EasingFunctionLinear { function_name, extra }.into()
        }
        "bounce" => {
            let function_name = types::EasingFunctionBounceFunctionName::Bounce;
            types::EasingFunctionBounce { function_name, extra }.into()
        }
        "cubic_bezier" => {
            let points = members.list("points", |value, path| number(&value, path))?;
            let points = members.required("points", points)?;
            let count = points.len();
            let wrong_count = |_| path.member("points").error(format_args!("expected 4 numbers, found {count}"));
            let points = points.try_into().map_err(wrong_count)?;
            let function_name = types::EasingFunctionCubicBezierFunctionName::CubicBezier;
            types::EasingFunctionCubicBezier { function_name, points, extra }.into()
        }
        _ => return Err(path.member("function_name").error("unknown value; use linear, bounce or cubic_bezier")),
    })
}
