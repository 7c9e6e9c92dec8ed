//! Components, which send media into a room or out of it.

mod credentials;
mod options;
mod properties;

use std::fmt;

use fishjam_api::jellyfish::types;
use serde::Serialize;

pub use self::{
    credentials::{S3Credentials, SipCredentials},
    options::{ComponentOptions, File, Hls, Recording, Rtsp, Sip},
    properties::{
        ComponentProperties, FileProperties, HlsProperties, RecordingProperties, RtspProperties, SipProperties,
    },
};
use super::{client::JellyfishClient, peers::track};
use crate::{
    error::{Error, Result},
    extra::{Extra, read_model},
    id::{self, ComponentId, PeerId, RoomId},
    listing::convert_all,
    peers::Track,
    transport::{RequestPatch, operations::jellyfish as operations},
};

/// The state of a component at the time of the response.
///
/// It serializes with the member names of the REST API, and metadata is nested JSON. The password of a SIP component
/// serializes as `[redacted]`, and such a component cannot be read back. `Default` creates an HLS component for a test,
/// with an empty id.
///
/// ```
/// # fn main() -> anyhow::Result<()> {
/// use fishjam_sdk::jellyfish::{Component, ComponentProperties, RtspProperties};
///
/// let mut camera = Component::default();
/// camera.component_type = "rtsp".to_owned();
/// camera.properties = ComponentProperties::Rtsp(RtspProperties::default());
/// let json = serde_json::to_value(&camera)?;
/// assert_eq!((&json["type"], &json["properties"]["rtpPort"]), (&"rtsp".into(), &20_000.into()));
/// assert_eq!(serde_json::from_value::<Component>(json)?, camera);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Component {
    /// The component's id.
    pub id: ComponentId,
    /// The kind of the component: `hls`, `rtsp`, `file`, `sip`, `recording` or a newer one. Serializes as `type`.
    #[serde(rename = "type")]
    pub component_type: String,
    /// The tracks that the component publishes.
    pub tracks: Vec<Track>,
    /// The properties of the component, which depend on its kind.
    pub properties: ComponentProperties,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(Component, fishjam_api::Component, |component| component.is_redacted());

impl Component {
    pub(super) fn from_wire(component: fishjam_api::Component) -> Self {
        Self {
            id: component.id.into(),
            component_type: component.type_,
            tracks: convert_all(component.tracks, track),
            properties: ComponentProperties::from_wire(component.properties),
            extra: Extra::new(component.extra),
        }
    }

    /// Returns `true` if a password is the replacement of a serialized password.
    pub(super) fn is_redacted(&self) -> bool {
        matches!(&self.properties, ComponentProperties::Sip(sip) if sip.registrar_credentials.is_redacted())
    }
}

impl Default for Component {
    fn default() -> Self {
        Self {
            id: ComponentId::default(),
            component_type: "hls".to_owned(),
            tracks: Vec::new(),
            properties: ComponentProperties::Hls(HlsProperties::default()),
            extra: Extra::default(),
        }
    }
}

/// The publisher of tracks that a component subscribes to: a peer or another component.
///
/// You can create an origin from either id, or from a string.
///
/// For an example, see [`JellyfishClient::subscribe`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    fn checked(self) -> Result<String> {
        id::value("origin", &self.0)?;
        Ok(self.0)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

macro_rules! origins {
    ($($id:ty),+) => {$(
        impl From<$id> for Origin {
            fn from(id: $id) -> Self {
                Self(id.into())
            }
        }
    )+};
}

origins!(PeerId, ComponentId, String, &str);

impl From<&PeerId> for Origin {
    fn from(id: &PeerId) -> Self {
        Self(id.as_str().to_owned())
    }
}

impl From<&ComponentId> for Origin {
    fn from(id: &ComponentId) -> Self {
        Self(id.as_str().to_owned())
    }
}

impl From<&String> for Origin {
    fn from(id: &String) -> Self {
        Self(id.clone())
    }
}

impl JellyfishClient {
    /// Adds a component to a room: [`Hls`](super::Hls), [`Rtsp`](super::Rtsp), [`File`](super::File),
    /// [`Sip`](super::Sip) or [`Recording`](super::Recording).
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors), or:
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the room or the file does not exist on this server
    /// - [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects an option, the room enforces another codec, or
    ///   the room already has a component of this kind and can have only one
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if credentials are incomplete, a subscribe mode is unknown, or a
    ///   duration is too precise or too long for the server
    /// - [`Server`](crate::ErrorKind::Server) if the kind is disabled on a server of version 0.5; this also crashes the room
    ///
    /// If [`may_have_taken_effect`](crate::Error::may_have_taken_effect) returns `true`, the component may exist.
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// use fishjam_sdk::{
    ///     VideoCodec,
    ///     jellyfish::{ComponentProperties, Hls, RoomOptions},
    /// };
    ///
    /// let (room, _) = jellyfish.create_room(RoomOptions::new().video_codec(VideoCodec::H264)).await?;
    /// let hls = jellyfish.add_component(&room.id, Hls::new().low_latency(true)).await?;
    /// if let ComponentProperties::Hls(properties) = hls.properties {
    ///     assert!(properties.low_latency && !properties.playable);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn add_component(
        &self,
        room_id: impl Into<RoomId>,
        options: impl Into<ComponentOptions>,
    ) -> Result<Component> {
        let (room_id, options) = (room_id.into(), options.into());
        let patch = RequestPatch::redacting(options.secrets());
        let (kind, options) = options.into_wire().map_err(|e| operations::ADD_COMPONENT.failed(e))?;
        let body =
            types::AddComponentBody { type_: types::ComponentType::from(kind.to_owned()), options: Some(options) };
        let added = self
            .transport
            .call_patched(operations::ADD_COMPONENT, patch, |api| api.add_component(room_id.segment()?, &body))
            .await?;
        Ok(Component::from_wire(added.data))
    }

    /// Removes a component from its room and stops it.
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors), or
    /// [`NotFound`](crate::ErrorKind::NotFound) if the room or the component does not exist on this server.
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// # use fishjam_sdk::{VideoCodec, jellyfish::{Hls, RoomOptions}};
    /// # let (room, _) = jellyfish.create_room(RoomOptions::new().video_codec(VideoCodec::H264)).await?;
    /// # let hls = jellyfish.add_component(&room.id, Hls::new()).await?;
    /// jellyfish.delete_component(&room.id, &hls.id).await?;
    /// assert_eq!(jellyfish.get_room(&room.id).await?.components, []);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_component(
        &self,
        room_id: impl Into<RoomId>,
        component_id: impl Into<ComponentId>,
    ) -> Result<()> {
        let (room_id, component_id) = (room_id.into(), component_id.into());
        self.call(operations::DELETE_COMPONENT, |api| api.delete_component(room_id.segment()?, component_id.segment()?))
            .await
    }

    /// Subscribes an HLS stream or a recording to the tracks of these peers and components.
    ///
    /// The subscribe mode of the component must be manual. An unknown origin is not an error, and a second subscription to
    /// the same origin changes nothing.
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors), or:
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if this server has no such room
    /// - [`BadRequest`](crate::ErrorKind::BadRequest) if the component does not exist, or its subscribe mode is not manual
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if an origin is empty
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// # use fishjam_sdk::{VideoCodec, jellyfish::RoomOptions};
    /// # let (room, _) = jellyfish.create_room(RoomOptions::new().video_codec(VideoCodec::H264)).await?;
    /// use fishjam_sdk::jellyfish::{Hls, Rtsp, SubscribeMode};
    ///
    /// let camera = jellyfish.add_component(&room.id, Rtsp::new("rtsp://camera/stream")).await?;
    /// let hls = jellyfish.add_component(&room.id, Hls::new().subscribe_mode(SubscribeMode::Manual)).await?;
    /// jellyfish.subscribe(&room.id, &hls.id, [&camera.id]).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn subscribe(
        &self,
        room_id: impl Into<RoomId>,
        component_id: impl Into<ComponentId>,
        origins: impl IntoIterator<Item = impl Into<Origin>>,
    ) -> Result<()> {
        let (room_id, component_id) = (room_id.into(), component_id.into());
        let origins: Result<Vec<_>> = origins.into_iter().map(|origin| origin.into().checked()).collect();
        let body = types::SubscriptionConfig { origins: origins.map_err(|e| operations::SUBSCRIBE_TO.failed(e))? };
        self.call(operations::SUBSCRIBE_TO, |api| api.subscribe_to(room_id.segment()?, component_id.segment()?, &body))
            .await
    }

    /// Calls a phone number with a SIP component.
    ///
    /// This method returns before the call starts. If the call fails, the server sends the notification
    /// [`ComponentCrashed`](super::events::ComponentCrashed) later.
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors), or:
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if this server has no such room
    /// - [`BadRequest`](crate::ErrorKind::BadRequest) if the component does not exist, or is not a SIP component
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the number is empty
    ///
    /// If [`may_have_taken_effect`](crate::Error::may_have_taken_effect) returns `true`, the server may make the call.
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// # let (room, _) = jellyfish.create_room(Default::default()).await?;
    /// use fishjam_sdk::jellyfish::{Sip, SipCredentials};
    ///
    /// let registrar = SipCredentials::new("my-sip-registrar.net", "user-name", "pass-word");
    /// let telephone = jellyfish.add_component(&room.id, Sip::new(registrar)).await?;
    /// jellyfish.dial(&room.id, &telephone.id, "+48123456789").await?;
    /// jellyfish.end_call(&room.id, &telephone.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn dial(
        &self,
        room_id: impl Into<RoomId>,
        component_id: impl Into<ComponentId>,
        phone_number: impl Into<String>,
    ) -> Result<()> {
        let (room_id, component_id) = (room_id.into(), component_id.into());
        let phone_number = phone_number.into();
        if phone_number.is_empty() {
            return Err(operations::DIAL.failed(Error::invalid_input("invalid phone_number: it is empty")));
        }
        let body = types::DialConfig { phone_number };
        self.call(operations::DIAL, |api| api.dial(room_id.segment()?, component_id.segment()?, &body)).await
    }

    /// Ends the call of a SIP component. For an example, see [`dial`](Self::dial).
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors), or:
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if this server has no such room
    /// - [`BadRequest`](crate::ErrorKind::BadRequest) if the component does not exist, or is not a SIP component
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// # let (room, _) = jellyfish.create_room(Default::default()).await?;
    /// let error = jellyfish.end_call(&room.id, "no-component").await.unwrap_err();
    /// assert_eq!(error.message(), Some("Component no-component does not exist"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn end_call(&self, room_id: impl Into<RoomId>, component_id: impl Into<ComponentId>) -> Result<()> {
        let (room_id, component_id) = (room_id.into(), component_id.into());
        self.call(operations::END_CALL, |api| api.end_call(room_id.segment()?, component_id.segment()?)).await
    }
}
