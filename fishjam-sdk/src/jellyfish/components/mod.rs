//! Components: what brings media into a room, and what takes it out.

mod credentials;
mod options;
mod properties;

use std::fmt;

use fishjam_api::jellyfish::types;

use super::client::JellyfishClient;
use crate::{
    ComponentId, PeerId, RoomId, Track,
    error::{Error, Result},
    id,
    transport::{RequestPatch, operations::jellyfish as operations},
};

pub use credentials::{S3Credentials, SipCredentials};
pub use options::{ComponentOptions, File, Hls, Recording, Rtsp, Sip};
pub use properties::{
    ComponentProperties, FileProperties, HlsProperties, RecordingProperties, RtspProperties, SipProperties,
};

/// A component of a room as the server describes it at one moment.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Component {
    /// The component's id.
    pub id: ComponentId,
    /// Its kind, as the server writes it: `hls`, `rtsp`, `file`, `sip`, `recording` or one that is new.
    pub component_type: String,
    /// What it brings into the room.
    pub tracks: Vec<Track>,
    /// How it is set up, by its kind.
    pub properties: ComponentProperties,
}

impl From<fishjam_api::Component> for Component {
    fn from(component: fishjam_api::Component) -> Self {
        Self {
            id: component.id.into(),
            component_type: component.type_,
            tracks: component.tracks.into_iter().map(Into::into).collect(),
            properties: component.properties.into(),
        }
    }
}

/// Whose tracks a component is subscribed to: a peer or another component.
///
/// It is made from either's id, or from text.
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
    /// [`NotFound`](crate::ErrorKind::NotFound) if this server has no such room, or no such file,
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if it refuses an option, the room enforces another codec, or
    /// has a component of this kind already where there can be one only,
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if credentials are incomplete, a subscribe mode is unknown
    /// or a length of time is finer or longer than the server counts, and whatever can happen to any request. A
    /// server of version 0.5 on which this kind is switched off fails with [`Server`](crate::ErrorKind::Server),
    /// and takes the room down. The component may exist all the same:
    /// [`may_have_taken_effect`](crate::Error::may_have_taken_effect) says so.
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
        let (kind, options) = options.into_wire()?;
        let body =
            types::AddComponentBody { type_: types::ComponentType::from(kind.to_owned()), options: Some(options) };
        let added = self
            .transport
            .call_patched(operations::ADD_COMPONENT, patch, |api| api.add_component(room_id.segment()?, &body))
            .await?;
        Ok(added.data.into())
    }

    /// Removes a component from its room and stops it.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if this server has no such room, or the room no such component, and
    /// whatever can happen to any request.
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

    /// Makes an HLS stream or a recording whose subscribe mode is manual take the tracks of these peers and components.
    ///
    /// An origin that is not there is no error, and to subscribe twice changes nothing.
    ///
    /// # Errors
    ///
    /// Returns the errors common to all requests, and:
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if this server has no such room
    /// - [`BadRequest`](crate::ErrorKind::BadRequest) if there is no such component, or its subscribe mode is not manual
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if an origin is empty
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
        let origins = origins.into_iter().map(|origin| origin.into().checked()).collect::<Result<Vec<String>>>()?;
        let body = types::SubscriptionConfig { origins };
        self.call(operations::SUBSCRIBE_TO, |api| api.subscribe_to(room_id.segment()?, component_id.segment()?, &body))
            .await
    }

    /// Makes a telephone in a room call a number.
    ///
    /// It returns before anybody is called: a number that cannot be called shows up later, as the notification
    /// [`ComponentCrashed`](super::events::ComponentCrashed).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if this server has no such room,
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if there is no such component or it is no telephone,
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the number is empty, and whatever can happen to any
    /// request. The call may be made all the same: [`may_have_taken_effect`](crate::Error::may_have_taken_effect)
    /// says so.
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
            return Err(Error::invalid_input("the phone number is empty"));
        }
        let body = types::DialConfig { phone_number };
        self.call(operations::DIAL, |api| api.dial(room_id.segment()?, component_id.segment()?, &body)).await
    }

    /// Makes a telephone in a room hang up.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if this server has no such room,
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if there is no such component or it is no telephone, and whatever can
    /// happen to any request. For an example see [`dial`](Self::dial).
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
