//! Places in a scene, for errors.

use std::fmt;

use crate::error::Error;

/// The place of a value in a scene, such as `root.children[2].border_color`.
///
/// It is a list on the stack of the functions that walk through a scene. Therefore a valid scene needs no allocation.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step,
}

#[derive(Clone, Copy)]
enum Step {
    Scene,
    Member(&'static str),
    Item(usize),
}

impl<'a> Path<'a> {
    /// The scene itself.
    pub(super) const SCENE: Path<'static> = Path { parent: None, step: Step::Scene };
    /// The component that fills the picture.
    pub(super) const ROOT: Path<'static> = Path { parent: Some(&Path::SCENE), step: Step::Member("root") };
    /// The inputs of an audio mix.
    pub(super) const INPUTS: Path<'static> = Path { parent: Some(&Path::SCENE), step: Step::Member("inputs") };

    pub(super) fn member(&'a self, name: &'static str) -> Self {
        Self { parent: Some(self), step: Step::Member(name) }
    }

    pub(super) fn item(&'a self, index: usize) -> Self {
        Self { parent: Some(self), step: Step::Item(index) }
    }

    /// Returns `true` for the scene itself.
    pub(super) fn is_scene(&self) -> bool {
        self.parent.is_none()
    }

    /// Returns the error for this place.
    #[cold]
    pub(super) fn error(&self, problem: impl fmt::Display) -> Error {
        if self.is_scene() {
            Error::invalid_input(format!("invalid scene: {problem}"))
        } else {
            error_at(self, problem)
        }
    }
}

/// Returns the error for a place.
pub(super) fn error_at(path: impl fmt::Display, problem: impl fmt::Display) -> Error {
    Error::invalid_input(format!("invalid scene at {path}: {problem}"))
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Scene => Ok(()),
            Step::Member(name) if self.parent.is_some_and(Path::is_scene) => f.write_str(name),
            Step::Member(name) => write!(f, ".{name}"),
            Step::Item(index) => write!(f, "[{index}]"),
        }
    }
}
