//! The video scene of an output.

use std::fmt;

use fishjam_api::{RawJson, VideoScene, composition::types};
use serde::{Serialize, Serializer, ser::Error as _};

use super::{
    component::{Component, TooDeep},
    json, limits,
    path::Path,
    rules,
};
use crate::error::Result;

/// The video scene of an output: a tree of components.
///
/// The SDK checks a scene before it sends it. A scene that breaks a rule of the server fails with
/// [`InvalidInput`](crate::ErrorKind::InvalidInput), and the error names the place, such as `root.children[2].border_color`.
/// The server also checks rules that depend on its state: each image must be registered.
///
/// The first component fills the picture if it is a [`View`](super::View), [`Tiles`](super::Tiles) or a
/// [`Rescaler`](super::Rescaler). Lengths are in pixels from the top left corner. The server stores them as 32-bit numbers.
///
/// `Scene` serializes to the JSON of the REST API. `Debug` prints no string of the scene.
///
/// ```
/// # fn main() -> anyhow::Result<()> {
/// use fishjam_sdk::composition::{InputStream, Scene, Tiles, View};
/// use serde_json::json;
///
/// let scene = Scene::new(Tiles::new().children(["ada", "bob"].map(InputStream::new)).margin(8.0));
/// scene.check()?;
/// assert_eq!(serde_json::to_value(&scene)?["root"]["children"][1], json!({ "type": "input_stream", "input_id": "bob" }));
///
/// let error = Scene::new(View::new().child(View::new().padding(-1.0))).check().unwrap_err();
/// assert!(error.to_string().contains("root.children[0].padding"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Scene(Content);

#[derive(Clone)]
enum Content {
    Tree { root: Box<types::Component>, too_deep: Option<TooDeep> },
    Unchecked(RawJson),
}

/// The number of levels of JSON around a scene in the body of a request. Each object and each array is a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::composition) enum Body {
    /// The body of an update: `{"video": scene}`.
    Update,
    /// The body of a registration: `{"video": {"initial": scene}}`.
    Registration,
}

impl Body {
    /// Returns the level of the scene's own object.
    pub(super) fn level_of_scene(self) -> usize {
        match self {
            Self::Update => 2,
            Self::Registration => 3,
        }
    }
}

impl Scene {
    /// Creates a scene with this component.
    #[must_use]
    pub fn new(root: impl Into<Component>) -> Self {
        let (root, too_deep) = root.into().into_tree();
        Self(Content::Tree { root: Box::new(root), too_deep })
    }

    /// Creates a scene from its JSON, such as `{"root": {"type": "view"}}`.
    ///
    /// The JSON must follow the rules of [`check`](Self::check). The SDK sends the same scene in its own form: without members
    /// that are `null` or that the server ignores. If a member occurs twice in an object, the last one counts.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if the JSON cannot be parsed, or if the server would reject
    /// the scene. The error names the place and quotes no string of the JSON.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> anyhow::Result<()> {
    /// use fishjam_sdk::composition::Scene;
    ///
    /// let scene = Scene::from_json(r##"{ "root": { "type": "view", "background_color": "#102030" } }"##)?;
    /// let error = Scene::from_json(r#"{ "root": { "type": "view", "padding": -1 } }"#).unwrap_err();
    /// assert_eq!(error.to_string(), "invalid input: invalid scene at root.padding: negative padding -1; use 0 or more");
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_json(json: &str) -> Result<Self> {
        let (root, levels) = json::scene(json)?;
        let scene = Self(Content::Tree { root: Box::new(root), too_deep: None });
        scene.check()?;
        // Members that the server ignores, and that the SDK does not send, can be deeper than the components.
        limits::check_level(Body::Update.level_of_scene() - 1 + levels, &Path::SCENE)?;
        Ok(scene)
    }

    /// Creates a scene from JSON that the SDK sends as it is. Only the server checks its rules.
    ///
    /// Use it for members or components that this version of the SDK does not know. A preview of such a scene is an error.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if the JSON cannot be parsed.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> anyhow::Result<()> {
    /// use fishjam_sdk::composition::Scene;
    ///
    /// let scene = Scene::from_json_unchecked(r#"{ "root": { "type": "web_view", "instance_id": "clock" } }"#)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_json_unchecked(json: &str) -> Result<Self> {
        serde_json::from_str(json).map(|raw| Self(Content::Unchecked(raw))).map_err(|e| json::not_json(&e))
    }

    /// Checks the rules of the server that do not depend on its state.
    ///
    /// The methods that send a scene call it. A scene from [`from_json_unchecked`](Self::from_json_unchecked) passes.
    ///
    /// The server reads at most 127 nested levels of JSON. The check counts them for an update of an output. The body of a
    /// registration has one more level, so the registration of such a scene can still fail with the same error.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if:
    ///
    /// - a number is not finite
    /// - the components are nested too deeply
    /// - the padding of a side is negative
    /// - the font size or the line height of a [`Text`](super::Text) is not greater than 0
    /// - the duration of a transition is too long for the server
    /// - `x1` or `x2` of a [`CubicBezier`](super::Easing::CubicBezier) is outside the range from 0 to 1
    /// - two components have the same id
    ///
    /// JSON can break more rules: see [`from_json`](Self::from_json).
    pub fn check(&self) -> Result<()> {
        self.check_in(Body::Update)
    }

    /// Checks the rules for a scene in this body.
    pub(in crate::composition) fn check_in(&self, body: Body) -> Result<()> {
        let Content::Tree { root, too_deep } = &self.0 else { return Ok(()) };
        if let Some(place) = too_deep {
            return Err(place.error());
        }
        limits::check(root, body.level_of_scene() + 1)?;
        rules::check(root)
    }

    /// Returns the component that fills the picture, or `None` if the scene is unchecked JSON.
    pub(in crate::composition) fn root(&self) -> Option<&types::Component> {
        match &self.0 {
            Content::Tree { root, .. } => Some(root),
            Content::Unchecked(_) => None,
        }
    }

    /// Checks the scene and converts it to a part of this body.
    pub(in crate::composition) fn into_wire(self, body: Body) -> Result<VideoScene> {
        self.check_in(body)?;
        Ok(match self.0 {
            Content::Tree { root, .. } => VideoScene::Tree { root },
            Content::Unchecked(json) => VideoScene::Json(json),
        })
    }
}

/// Writes the JSON of the scene, which is not checked. Fails if the components are nested too deeply.
///
/// JSON has no numbers that are not finite: `serde_json` writes `null`. Call [`check`](Scene::check) first.
impl Serialize for Scene {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Tree<'a> {
            root: &'a types::Component,
        }

        match &self.0 {
            Content::Tree { too_deep: Some(place), .. } => Err(S::Error::custom(place.error())),
            Content::Tree { root, .. } => Tree { root }.serialize(serializer),
            Content::Unchecked(json) => json.serialize(serializer),
        }
    }
}

impl fmt::Debug for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scene").field("checked", &matches!(self.0, Content::Tree { .. })).finish_non_exhaustive()
    }
}
