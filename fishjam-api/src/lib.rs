// As in fishjam-sdk: the first definition of a link wins, so rustdoc links to the items of this version.
#![cfg_attr(not(doctest), doc = include_str!("readme_links.md"))]
#![doc = include_str!("../README.md")]

#[macro_use]
mod open_enum;
#[macro_use]
#[cfg(feature = "composition")]
mod tagged_union;
#[macro_use]
mod unknown_members;

mod api_client;
#[cfg(feature = "jellyfish")]
mod component;
mod path_segment;
mod raw_json;
mod subscriptions;
mod typed_request;
#[cfg(feature = "composition")]
mod video_scene;

pub use api_client::{ApiClient, RequestFactory};
#[cfg(feature = "jellyfish")]
pub use component::{Component, ComponentProperties};
pub use open_enum::ParseEnumError;
pub use path_segment::PathSegment;
pub use raw_json::RawJson;
pub use subscriptions::Subscriptions;
pub use typed_request::{RequestError, RequestResult, TypedRequest};
pub use unknown_members::{Collector, UnknownMembers, with_unknown_members};
#[cfg(feature = "composition")]
pub use video_scene::VideoScene;

/// Compiles a generated file: the new output of the generator, or the committed copy.
#[cfg(feature = "codegen")]
macro_rules! generated {
    ($file:literal) => {
        include!(concat!(env!("OUT_DIR"), "/frozen/", $file));
    };
}
#[cfg(not(feature = "codegen"))]
macro_rules! generated {
    ($file:literal) => {
        include!(concat!("generated/", $file));
    };
}

/// The Fishjam REST API.
#[allow(missing_docs, unreachable_pub, clippy::all, clippy::unwrap_used, rustdoc::all)]
pub mod fishjam {
    generated!("fishjam.rs");

    /// Enums to which a server can add values.
    pub mod enums {
        generated!("fishjam_enums.rs");
    }
}

/// The composition API.
#[cfg(feature = "composition")]
#[allow(missing_docs, unreachable_pub, clippy::all, clippy::unwrap_used, rustdoc::all)]
pub mod composition {
    generated!("composition.rs");

    /// Enums to which a server can add values.
    pub mod enums {
        generated!("composition_enums.rs");
    }
}

/// The Jellyfish REST API.
#[cfg(feature = "jellyfish")]
#[allow(missing_docs, unreachable_pub, clippy::all, clippy::unwrap_used, rustdoc::all)]
pub mod jellyfish {
    generated!("jellyfish.rs");

    /// Enums to which a server can add values.
    pub mod enums {
        generated!("jellyfish_enums.rs");
    }
}
