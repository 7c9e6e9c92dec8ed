//! A room together with the server that it lives on.

use super::{
    client::JellyfishClient,
    components::{Component, ComponentOptions, Origin},
    content::HlsRequest,
    peers::{CreatedPeer, PeerOptions},
    rooms::{Room, RoomOptions},
};
use crate::{
    ComponentId, PeerId, RoomId,
    error::{Error, ErrorKind, Result},
    jellyfish::Content,
};

/// A room together with a client of the server that it lives on: what is asked of it goes to the right address.
///
/// Its methods are those of [`JellyfishClient`] without the room's id. It holds no connection open, and dropping it
/// leaves the room as it is.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
/// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
/// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
/// use fishjam_sdk::jellyfish::{RoomOptions, WebRtc};
///
/// let room = jellyfish.create_room_handle(RoomOptions::new().max_peers(2)).await?;
/// let created = room.add_peer(WebRtc::new()).await?;
/// assert_eq!(room.get().await?.peers, [created.peer]);
/// println!("{} lives on {}", room.id(), room.client().server_address());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RoomHandle {
    client: JellyfishClient,
    id: RoomId,
}

impl JellyfishClient {
    /// Creates a room and returns a handle on the server that it lives on, whichever that is.
    ///
    /// The token is sent to the address that the server names, as the cluster wants it.
    ///
    /// # Errors
    ///
    /// Those of [`create_room`](Self::create_room), and [`Decode`](ErrorKind::Decode) if the server names an address that
    /// cannot be used; the room exists then.
    ///
    /// For an example see [`RoomHandle`].
    pub async fn create_room_handle(&self, options: RoomOptions) -> Result<RoomHandle> {
        let (room, address) = JellyfishClient::create_room(self, options).await?;
        let client = self.update_address(&address).map_err(|cause| {
            Error::new(ErrorKind::Decode)
                .on_operation("create_room")
                .with_possible_effect(true)
                .message_text("the server names an address that cannot be used")
                .caused_by(cause)
        })?;
        Ok(client.room_handle(room.id))
    }

    /// A handle on a room that is known to live on this client's server. Nothing is sent.
    ///
    /// ```
    /// # use fishjam_sdk::jellyfish::{ConnectionOptions, JellyfishClient};
    /// # let jellyfish = JellyfishClient::new(ConnectionOptions::new("localhost:5002", "development"))?;
    /// let room = jellyfish.room_handle("my-room");
    /// assert_eq!(room.id(), "my-room");
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    #[must_use]
    pub fn room_handle(&self, room_id: impl Into<RoomId>) -> RoomHandle {
        RoomHandle { client: self.clone(), id: room_id.into() }
    }
}

/// Each method does what the client's method of this name does, and fails as that one does.
impl RoomHandle {
    /// The room's id.
    #[must_use]
    pub fn id(&self) -> &RoomId {
        &self.id
    }

    /// A client of the server that the room lives on.
    #[must_use]
    pub fn client(&self) -> &JellyfishClient {
        &self.client
    }

    /// Looks the room up; see [`JellyfishClient::get_room`].
    ///
    /// # Errors
    ///
    /// Those of [`JellyfishClient::get_room`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// use fishjam_sdk::jellyfish::{RoomOptions};
    ///
    /// let room = jellyfish.create_room_handle(RoomOptions::new()).await?;
    /// println!("{} peers", room.get().await?.peers.len());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get(&self) -> Result<Room> {
        JellyfishClient::get_room(&self.client, &self.id).await
    }

    /// Deletes the room; see [`JellyfishClient::delete_room`].
    ///
    /// # Errors
    ///
    /// Those of [`JellyfishClient::delete_room`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// use fishjam_sdk::jellyfish::{RoomOptions};
    ///
    /// let room = jellyfish.create_room_handle(RoomOptions::new()).await?;
    /// room.delete().await?;
    /// assert!(room.get().await.unwrap_err().is_not_found());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete(&self) -> Result<()> {
        JellyfishClient::delete_room(&self.client, &self.id).await
    }

    /// Lets a new peer in; see [`JellyfishClient::add_peer`].
    ///
    /// # Errors
    ///
    /// Those of [`JellyfishClient::add_peer`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// use fishjam_sdk::jellyfish::{RoomOptions, WebRtc};
    ///
    /// let room = jellyfish.create_room_handle(RoomOptions::new()).await?;
    /// let created = room.add_peer(WebRtc::new()).await?;
    /// println!("{} connects to {}", created.peer.id, created.ws_url);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn add_peer(&self, options: impl Into<PeerOptions>) -> Result<CreatedPeer> {
        JellyfishClient::add_peer(&self.client, &self.id, options).await
    }

    /// Removes a peer; see [`JellyfishClient::delete_peer`].
    ///
    /// # Errors
    ///
    /// Those of [`JellyfishClient::delete_peer`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// use fishjam_sdk::jellyfish::{RoomOptions, WebRtc};
    ///
    /// let room = jellyfish.create_room_handle(RoomOptions::new()).await?;
    /// let created = room.add_peer(WebRtc::new()).await?;
    /// room.delete_peer(&created.peer.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_peer(&self, peer_id: impl Into<PeerId>) -> Result<()> {
        JellyfishClient::delete_peer(&self.client, &self.id, peer_id).await
    }

    /// Adds a component; see [`JellyfishClient::add_component`].
    ///
    /// # Errors
    ///
    /// Those of [`JellyfishClient::add_component`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// use fishjam_sdk::jellyfish::{Hls, RoomOptions};
    ///
    /// # use fishjam_sdk::VideoCodec;
    /// let room = jellyfish.create_room_handle(RoomOptions::new().video_codec(VideoCodec::H264)).await?;
    /// let hls = room.add_component(Hls::new()).await?;
    /// println!("{}", hls.id);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn add_component(&self, options: impl Into<ComponentOptions>) -> Result<Component> {
        JellyfishClient::add_component(&self.client, &self.id, options).await
    }

    /// Removes a component; see [`JellyfishClient::delete_component`].
    ///
    /// # Errors
    ///
    /// Those of [`JellyfishClient::delete_component`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// use fishjam_sdk::jellyfish::{Hls, RoomOptions};
    ///
    /// # use fishjam_sdk::VideoCodec;
    /// let room = jellyfish.create_room_handle(RoomOptions::new().video_codec(VideoCodec::H264)).await?;
    /// let hls = room.add_component(Hls::new()).await?;
    /// room.delete_component(&hls.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_component(&self, component_id: impl Into<ComponentId>) -> Result<()> {
        JellyfishClient::delete_component(&self.client, &self.id, component_id).await
    }

    /// Subscribes a component to tracks; see [`JellyfishClient::subscribe`].
    ///
    /// # Errors
    ///
    /// Those of [`JellyfishClient::subscribe`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// use fishjam_sdk::jellyfish::{Hls, RoomOptions, Rtsp, SubscribeMode};
    ///
    /// # use fishjam_sdk::VideoCodec;
    /// let room = jellyfish.create_room_handle(RoomOptions::new().video_codec(VideoCodec::H264)).await?;
    /// let camera = room.add_component(Rtsp::new("rtsp://camera/stream")).await?;
    /// let hls = room.add_component(Hls::new().subscribe_mode(SubscribeMode::Manual)).await?;
    /// room.subscribe(&hls.id, [&camera.id]).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn subscribe(
        &self,
        component_id: impl Into<ComponentId>,
        origins: impl IntoIterator<Item = impl Into<Origin>>,
    ) -> Result<()> {
        JellyfishClient::subscribe(&self.client, &self.id, component_id, origins).await
    }

    /// Calls a number; see [`JellyfishClient::dial`].
    ///
    /// # Errors
    ///
    /// Those of [`JellyfishClient::dial`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// use fishjam_sdk::jellyfish::{RoomOptions, Sip, SipCredentials};
    ///
    /// let room = jellyfish.create_room_handle(RoomOptions::new()).await?;
    /// let registrar = SipCredentials::new("sip.example.com", "user", "password");
    /// let telephone = room.add_component(Sip::new(registrar)).await?;
    /// room.dial(&telephone.id, "+48123456789").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn dial(&self, component_id: impl Into<ComponentId>, phone_number: impl Into<String>) -> Result<()> {
        JellyfishClient::dial(&self.client, &self.id, component_id, phone_number).await
    }

    /// Hangs up; see [`JellyfishClient::end_call`].
    ///
    /// # Errors
    ///
    /// Those of [`JellyfishClient::end_call`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// use fishjam_sdk::jellyfish::{RoomOptions, Sip, SipCredentials};
    ///
    /// let room = jellyfish.create_room_handle(RoomOptions::new()).await?;
    /// let registrar = SipCredentials::new("sip.example.com", "user", "password");
    /// let telephone = room.add_component(Sip::new(registrar)).await?;
    /// room.dial(&telephone.id, "+48123456789").await?;
    /// room.end_call(&telephone.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn end_call(&self, component_id: impl Into<ComponentId>) -> Result<()> {
        JellyfishClient::end_call(&self.client, &self.id, component_id).await
    }

    /// Fetches a file of the room's HLS stream; see [`JellyfishClient::get_hls_content`].
    ///
    /// # Errors
    ///
    /// Those of [`JellyfishClient::get_hls_content`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// use fishjam_sdk::jellyfish::{Hls, HlsRequest, RoomOptions};
    ///
    /// # use fishjam_sdk::VideoCodec;
    /// let room = jellyfish.create_room_handle(RoomOptions::new().video_codec(VideoCodec::H264)).await?;
    /// # let hls = room.add_component(Hls::new()).await?;
    /// # emulator.make_playable(room.id().as_str(), hls.id.as_str());
    /// let playlist = room.get_hls_content("index.m3u8", HlsRequest::new()).await?;
    /// println!("{:?}", playlist.bytes().await?);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_hls_content(&self, filename: impl AsRef<str>, request: HlsRequest) -> Result<Content> {
        JellyfishClient::get_hls_content(&self.client, &self.id, filename, request).await
    }
}
