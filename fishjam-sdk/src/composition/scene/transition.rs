//! Transitions between two scenes of an output.

use std::time::Duration;

use fishjam_api::{UnknownMembers, composition::types};

/// The animation of a component when an update changes it.
///
/// The component must have the same id and the same type in both scenes. A transition in the first scene of an output has
/// no effect.
///
/// ```
/// use std::time::Duration;
///
/// use fishjam_sdk::composition::{Easing, InputStream, Tiles, Transition};
///
/// let transition = Transition::new(Duration::from_millis(500)).easing(Easing::Bounce);
/// let tiles = Tiles::new().id("speakers").transition(transition).child(InputStream::new("ada"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transition {
    duration: Duration,
    easing: Option<Easing>,
    should_interrupt: Option<bool>,
}

impl Transition {
    /// Creates a transition of this duration.
    #[must_use]
    pub const fn new(duration: Duration) -> Self {
        Self { duration, easing: None, should_interrupt: None }
    }

    /// Sets the course of the animation. Server default: [`Easing::Linear`].
    #[must_use]
    pub const fn easing(mut self, easing: Easing) -> Self {
        self.easing = Some(easing);
        self
    }

    /// Sets whether a later update interrupts the animation. Server default: `false`.
    ///
    /// If `false`, the animation continues after a later update with its remaining time. If `true`, a new animation starts
    /// from the current state.
    #[must_use]
    pub const fn should_interrupt(mut self, should_interrupt: bool) -> Self {
        self.should_interrupt = Some(should_interrupt);
        self
    }

    pub(super) fn into_wire(self) -> types::Transition {
        types::Transition {
            duration_ms: self.duration.as_secs_f64() * 1000.0,
            easing_function: self.easing.map(Easing::into_wire),
            should_interrupt: self.should_interrupt,
            extra: UnknownMembers::default(),
        }
    }
}

/// The course of an animation.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Easing {
    /// Constant speed.
    Linear,
    /// Bounces at the end.
    Bounce,
    /// A cubic Bézier curve with the control points (`x1`, `y1`) and (`x2`, `y2`).
    ///
    /// `x1` and `x2` must be from 0 to 1.
    CubicBezier {
        /// Time of the first control point, from 0 to 1.
        x1: f64,
        /// Progress of the first control point.
        y1: f64,
        /// Time of the second control point, from 0 to 1.
        x2: f64,
        /// Progress of the second control point.
        y2: f64,
    },
}

impl Easing {
    fn into_wire(self) -> types::EasingFunction {
        let extra = UnknownMembers::default();
        match self {
            Self::Linear => {
                types::EasingFunctionLinear { function_name: types::EasingFunctionLinearFunctionName::Linear, extra }
                    .into()
            }
            Self::Bounce => {
                types::EasingFunctionBounce { function_name: types::EasingFunctionBounceFunctionName::Bounce, extra }
                    .into()
            }
            Self::CubicBezier { x1, y1, x2, y2 } => types::EasingFunctionCubicBezier {
                function_name: types::EasingFunctionCubicBezierFunctionName::CubicBezier,
                points: [x1, y1, x2, y2],
                extra,
            }
            .into(),
        }
    }
}
