//! The enums of components.

use fishjam_api::composition::types;

/// Defines an enum with the values of a generated enum.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$value_doc])* $value,)+
        }

        impl $name {
            pub(super) fn to_wire(self) -> types::$name {
                match self {
                    $(Self::$value => types::$name::$value,)+
                }
            }
        }
    )+};
}

choices! {
    /// Horizontal alignment.
    HorizontalAlign {
        /// At the left side.
        Left,
        /// At the right side.
        Right,
        /// With equal gaps. A [`Rescaler`](super::Rescaler) treats it as [`Center`](Self::Center).
        Justified,
        /// In the center.
        Center,
    }

    /// Vertical alignment.
    VerticalAlign {
        /// At the top.
        Top,
        /// In the center.
        Center,
        /// At the bottom.
        Bottom,
        /// With equal gaps. A [`Rescaler`](super::Rescaler) treats it as [`Center`](Self::Center).
        Justified,
    }

    /// The direction in which a [`View`](super::View) places its static children.
    ViewDirection {
        /// Side by side, from left to right.
        Row,
        /// Below each other, from top to bottom.
        Column,
    }

    /// The treatment of children that do not fit into a [`View`](super::View).
    Overflow {
        /// Draws them completely.
        Visible,
        /// Clips them to the view, including its rounded corners.
        Hidden,
        /// Scales all static children down until they fit. Never scales up.
        Fit,
    }

    /// The treatment of the child of a [`Rescaler`](super::Rescaler) with a different aspect ratio.
    RescaleMode {
        /// Shows the whole child. A part of the rescaler can stay empty.
        Fit,
        /// Fills the rescaler. The rescaler clips the rest of the child.
        Fill,
    }

    /// Style of the font of a [`Text`](super::Text).
    TextStyle {
        /// Upright.
        Normal,
        /// The italic version of the font.
        Italic,
        /// The upright font, slanted.
        Oblique,
    }

    /// Weight of the font of a [`Text`](super::Text).
    TextWeight {
        /// Weight 100.
        Thin,
        /// Weight 200.
        ExtraLight,
        /// Weight 300.
        Light,
        /// Weight 400.
        Normal,
        /// Weight 500.
        Medium,
        /// Weight 600.
        SemiBold,
        /// Weight 700.
        Bold,
        /// Weight 800.
        ExtraBold,
        /// Weight 900.
        Black,
    }

    /// The line breaks of a [`Text`](super::Text) that is wider than its space.
    TextWrapMode {
        /// No line breaks.
        None,
        /// Line breaks between any two glyphs.
        Glyph,
        /// Line breaks between words.
        Word,
    }
}
