//! Text.

use fishjam_api::{UnknownMembers, composition::types};

use super::{
    choices::{HorizontalAlign, TextStyle, TextWeight, TextWrapMode},
    color::Color,
    component::component,
};

/// Text. Unset options use the server's defaults.
///
/// - Without a size, the component is as large as the text, up to [`max_width`](Self::max_width) and
///   [`max_height`](Self::max_height).
/// - With a [`width`](Self::width), the component is a column. Its height follows from the text.
/// - With a [`size`](Self::size), the component has this size.
///
/// Lengths are in pixels. A height without a width does not exist.
///
/// ```
/// use fishjam_sdk::composition::{Color, HorizontalAlign, Scene, Text, TextWeight};
///
/// let caption = Text::new("Ada Lovelace", 48.0)
///     .width(1280.0)
///     .align(HorizontalAlign::Center)
///     .weight(TextWeight::Bold)
///     .background_color(Color::rgba(0, 0, 0, 160));
/// let scene = Scene::new(caption);
/// ```
#[derive(Clone)]
pub struct Text {
    pub(super) wire: types::Text,
}

impl Text {
    /// Creates a component with this content and this font size in pixels.
    ///
    /// The size must be greater than 0.
    #[must_use]
    pub fn new(text: impl Into<String>, font_size: f64) -> Self {
        Self {
            wire: types::Text {
                align: None,
                background_color: None,
                color: None,
                font_family: None,
                font_size,
                height: None,
                id: None,
                line_height: None,
                max_height: None,
                max_width: None,
                style: None,
                text: text.into(),
                type_: types::TextType::Text,
                weight: None,
                width: None,
                wrap: None,
                extra: UnknownMembers::default(),
            },
        }
    }

    /// Sets the id of the component, which must be unique in the scene. Server default: no id.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.wire.id = Some(id.into());
        self
    }

    /// Sets the width of the text in pixels, and removes the height.
    ///
    /// Server default: the width of the longest line, up to the [maximum](Self::max_width).
    #[must_use]
    pub fn width(mut self, width: f64) -> Self {
        self.wire.width = Some(width);
        self.wire.height = None;
        self
    }

    /// Sets the width and the height in pixels. Server default: the size of the lines.
    #[must_use]
    pub fn size(mut self, width: f64, height: f64) -> Self {
        self.wire.width = Some(width);
        self.wire.height = Some(height);
        self
    }

    /// Sets the maximum width of a component without a width, in pixels. Server default: 7682.
    #[must_use]
    pub fn max_width(mut self, width: f64) -> Self {
        self.wire.max_width = Some(width);
        self
    }

    /// Sets the maximum height of a component without a height, in pixels. Server default: 4320.
    #[must_use]
    pub fn max_height(mut self, height: f64) -> Self {
        self.wire.max_height = Some(height);
        self
    }

    /// Sets the distance between lines in pixels, which must be greater than 0. Server default: the font size.
    #[must_use]
    pub fn line_height(mut self, height: f64) -> Self {
        self.wire.line_height = Some(height);
        self
    }

    /// Sets the color of the text. Server default: [`Color::WHITE`].
    #[must_use]
    pub fn color(mut self, color: Color) -> Self {
        self.wire.color = Some(color.to_string());
        self
    }

    /// Sets the color of the background. Server default: [`Color::TRANSPARENT`].
    #[must_use]
    pub fn background_color(mut self, color: Color) -> Self {
        self.wire.background_color = Some(color.to_string());
        self
    }

    /// Sets the name of one font family. Server default: `Verdana`.
    ///
    /// Register the font if the server may not have it. Generic names, such as `sans-serif`, have no effect.
    #[must_use]
    pub fn font_family(mut self, family: impl Into<String>) -> Self {
        self.wire.font_family = Some(family.into());
        self
    }

    /// Sets the style of the font. Server default: [`TextStyle::Normal`].
    #[must_use]
    pub fn style(mut self, style: TextStyle) -> Self {
        self.wire.style = Some(style.to_wire());
        self
    }

    /// Sets the weight of the font. Server default: [`TextWeight::Normal`].
    #[must_use]
    pub fn weight(mut self, weight: TextWeight) -> Self {
        self.wire.weight = Some(weight.to_wire());
        self
    }

    /// Sets the alignment of the lines. Server default: [`HorizontalAlign::Left`].
    #[must_use]
    pub fn align(mut self, align: HorizontalAlign) -> Self {
        self.wire.align = Some(align.to_wire());
        self
    }

    /// Sets the line breaks. Server default: [`TextWrapMode::None`].
    #[must_use]
    pub fn wrap(mut self, wrap: TextWrapMode) -> Self {
        self.wire.wrap = Some(wrap.to_wire());
        self
    }
}

component!(Text);
