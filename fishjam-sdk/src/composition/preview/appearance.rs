//! Colors, borders, shadows and fonts of components.

use fishjam_api::composition::types::{BoxShadow, Component, HorizontalAlign, Text};

use super::{
    super::scene::Color,
    numbers::{length, number},
    text::TextLines,
};

/// Server default of `font_family`.
const DEFAULT_FONT: &str = "Verdana";

/// Colors, border, shadows and font of a component. Lengths are in the component's own units.
#[derive(Clone, Debug, Default)]
pub(super) struct Appearance {
    /// Color of the background, unless it is transparent.
    pub(super) background: Option<Color>,
    /// Color of the border, unless it is transparent or has no width.
    pub(super) border: Option<Color>,
    pub(super) border_width: f64,
    pub(super) radius: f64,
    pub(super) shadows: Vec<Shadow>,
    pub(super) text: Option<Box<TextAppearance>>,
}

/// A shadow behind a component.
#[derive(Clone, Debug)]
pub(super) struct Shadow {
    pub(super) color: Color,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) blur: f64,
}

/// The lines and the font of a `text` component.
#[derive(Clone, Debug)]
pub(super) struct TextAppearance {
    pub(super) lines: TextLines,
    pub(super) color: Color,
    pub(super) font_family: String,
    pub(super) style: String,
    /// Weight as a number from 100 to 900.
    pub(super) weight: u16,
    pub(super) align: HorizontalAlign,
}

impl Appearance {
    pub(super) fn of(component: &Component) -> Self {
        match component {
            Component::View(view) => {
                let background = color(view.background_color.as_deref());
                Self {
                    background,
                    ..Self::framed(
                        view.border_width,
                        view.border_color.as_deref(),
                        view.border_radius,
                        &view.box_shadow,
                    )
                }
            }
            Component::Rescaler(rescaler) => Self::framed(
                rescaler.border_width,
                rescaler.border_color.as_deref(),
                rescaler.border_radius,
                &rescaler.box_shadow,
            ),
            Component::Tiles(tiles) => Self { background: color(tiles.background_color.as_deref()), ..Self::default() },
            Component::Text(text) => Self {
                background: color(text.background_color.as_deref()),
                text: Some(Box::new(TextAppearance::of(text))),
                ..Self::default()
            },
            Component::InputStream(_) | Component::Image(_) => Self::default(),
        }
    }

    fn framed(
        border_width: Option<f64>,
        border_color: Option<&str>,
        radius: Option<f64>,
        shadows: &Option<Vec<BoxShadow>>,
    ) -> Self {
        let border_width = border_width.map_or(0.0, length);
        Self {
            border: color(border_color).filter(|_| border_width > 0.0),
            border_width,
            radius: radius.map_or(0.0, length),
            shadows: shadows.iter().flatten().filter_map(Shadow::of).collect(),
            ..Self::default()
        }
    }
}

impl Shadow {
    /// Returns the shadow, unless it is transparent.
    fn of(shadow: &BoxShadow) -> Option<Self> {
        // The engine's default is white. The API documents none.
        let color = shadow.color.as_deref().map_or(Some(Color::WHITE), |text| color(Some(text)))?;
        let (x, y) = (number(shadow.offset_x), number(shadow.offset_y));
        Some(Self { color, x, y, blur: shadow.blur_radius.map_or(0.0, length) })
    }
}

impl TextAppearance {
    fn of(text: &Text) -> Self {
        use fishjam_api::composition::types::TextWeight::*;

        let weight = match text.weight.unwrap_or(Normal) {
            Thin => 100,
            ExtraLight => 200,
            Light => 300,
            Normal => 400,
            Medium => 500,
            SemiBold => 600,
            Bold => 700,
            ExtraBold => 800,
            Black => 900,
        };
        Self {
            lines: TextLines::new(text),
            color: text.color.as_deref().and_then(Color::parse).unwrap_or(Color::WHITE),
            font_family: text.font_family.clone().unwrap_or_else(|| DEFAULT_FONT.to_owned()),
            style: text.style.map_or_else(|| "normal".to_owned(), |style| style.to_string()),
            weight,
            align: text.align.unwrap_or(HorizontalAlign::Left),
        }
    }
}

/// Parses a color. Returns `None` if it is absent or transparent.
fn color(text: Option<&str>) -> Option<Color> {
    text.and_then(Color::parse).filter(|color| color.alpha() > 0)
}
