//! Any component of a scene, and the number of components that are nested in it.

use std::fmt;

use fishjam_api::composition::types;

use super::path::{Path, error_at};
use crate::error::Error;

/// Maximum number of components that are nested in each other.
///
/// It is larger than the server's limit for the levels of JSON. No function that walks through such a tree, also `drop`,
/// can overflow the stack.
const MAX_NESTED: usize = 128;

/// Any component of a scene.
///
/// It is a [`View`](super::View), [`Tiles`](super::Tiles), a [`Rescaler`](super::Rescaler), a [`Text`](super::Text), an
/// [`Image`](super::Image) or an [`InputStream`](super::InputStream). Methods with a parameter `impl Into<Component>` accept
/// these types. Use this type for a list of different components. `Debug` prints only the type.
///
/// ```
/// use fishjam_sdk::composition::{Component, InputStream, Text, View};
///
/// let mut components: Vec<Component> = vec![Text::new("On air", 40.0).into()];
/// components.push(InputStream::new("ada").into());
/// let view = View::new().children(components);
/// ```
#[derive(Clone)]
pub struct Component {
    tree: types::Component,
    nesting: Nesting,
}

impl Component {
    pub(super) fn new(tree: types::Component, nesting: Nesting) -> Self {
        Self { tree, nesting }
    }

    /// Returns the tree, and the place of a child that was dropped.
    pub(super) fn into_tree(self) -> (types::Component, Option<TooDeep>) {
        (self.tree, self.nesting.too_deep)
    }
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.tree {
            types::Component::InputStream(_) => "InputStream",
            types::Component::View(_) => "View",
            types::Component::Text(_) => "Text",
            types::Component::Tiles(_) => "Tiles",
            types::Component::Rescaler(_) => "Rescaler",
            types::Component::Image(_) => "Image",
        };
        f.debug_struct(name).finish_non_exhaustive()
    }
}

/// Implements the conversion to a component, and `Debug`. A type with children passes its field `nesting`.
macro_rules! component {
    ($name:ident $(, $nesting:ident)?) => {
        impl From<$name> for $crate::composition::scene::component::Component {
            fn from(component: $name) -> Self {
                Self::new(component.wire.into(), component!(@nesting component $($nesting)?))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
    (@nesting $component:ident) => {
        $crate::composition::scene::component::Nesting::default()
    };
    (@nesting $component:ident $nesting:ident) => {
        $component.$nesting
    };
}
pub(super) use component;

/// The components that are nested in a component.
#[derive(Clone, Default)]
pub(super) struct Nesting {
    /// Number of components from the component down to its lowest descendant, without the component itself.
    levels: usize,
    too_deep: Option<TooDeep>,
}

/// The place of a child that was dropped, because it nests too many components.
#[derive(Clone)]
pub(super) struct TooDeep(String);

impl TooDeep {
    /// Returns the error for a tree with this place, from the root.
    pub(super) fn error(&self) -> Error {
        error_at(format_args!("{}.{}", Path::ROOT, self.0), format_args!("more than {MAX_NESTED} nested components"))
    }
}

impl Nesting {
    /// Accepts a child. If it nests too many components, drops the child and keeps its place.
    pub(super) fn adopt(&mut self, member: impl fmt::Display, child: Component) -> Option<types::Component> {
        let Component { tree, nesting } = child;
        if nesting.levels + 1 >= MAX_NESTED {
            self.too_deep.get_or_insert_with(|| TooDeep(member.to_string()));
            return None;
        }
        self.levels = self.levels.max(nesting.levels + 1);
        if let Some(TooDeep(place)) = nesting.too_deep {
            self.too_deep.get_or_insert_with(|| TooDeep(format!("{member}.{place}")));
        }
        Some(tree)
    }

    /// Accepts children, and appends them to a list.
    pub(super) fn adopt_all(
        &mut self,
        list: &mut Option<Vec<types::Component>>,
        children: impl IntoIterator<Item = impl Into<Component>>,
    ) {
        let list = list.get_or_insert_default();
        for child in children {
            let index = list.len();
            list.extend(self.adopt(format_args!("children[{index}]"), child.into()));
        }
    }
}
