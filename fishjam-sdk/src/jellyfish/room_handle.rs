//! A room together with the client of its server.

use super::{
    client::JellyfishClient,
    components::{Component, ComponentOptions, Origin},
    content::HlsRequest,
    peers::{CreatedPeer, PeerOptions},
    rooms::{Room, RoomOptions},
};
use crate::{
    error::{Error, ErrorKind, Result},
    id::{ComponentId, PeerId, RoomId},
    jellyfish::Content,
    transport::operations::jellyfish as operations,
};

/// A room together with a client of its server.
///
/// All requests go to the server of the room. The handle has the methods of [`JellyfishClient`] for one room, without the
/// parameter for the id. The handle keeps no connection open. Dropping the handle does not change the room.
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
/// println!("{} is on {}", room.id(), room.client().server_address());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RoomHandle {
    client: JellyfishClient,
    id: RoomId,
}

impl JellyfishClient {
    /// Creates a room. Returns a handle with a client of the room's server.
    ///
    /// The client sends its token to the address that the server returns, as a cluster requires.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`create_room`](Self::create_room), or [`Decode`](ErrorKind::Decode) if the server returns an
    /// invalid address. In that case, the room exists.
    ///
    /// For an example, see [`RoomHandle`].
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    pub async fn create_room_handle(&self, options: RoomOptions) -> Result<RoomHandle> {
        let (room, address) = self.create_room_at(operations::CREATE_ROOM_HANDLE, options).await?;
        let client = self.update_address(&address).map_err(|cause| {
            operations::CREATE_ROOM_HANDLE
                .failed(Error::new(ErrorKind::Decode))
                .with_possible_effect(true)
                .message_text("the server returned an invalid address")
                .caused_by(cause)
        })?;
        Ok(client.room_handle(room.id))
    }

    /// Creates a handle for a room on this client's server. Sends no request.
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

/// Each method calls the method of the same name of the client, and returns its errors.
impl RoomHandle {
    /// Returns the id of the room.
    #[must_use]
    pub fn id(&self) -> &RoomId {
        &self.id
    }

    /// Returns the client of the room's server.
    #[must_use]
    pub fn client(&self) -> &JellyfishClient {
        &self.client
    }

    /// Returns the current state of the room; see [`JellyfishClient::get_room`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`JellyfishClient::get_room`].
    ///
    /// # Cancel safety
    ///
    /// The same as for [`JellyfishClient::get_room`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// use fishjam_sdk::jellyfish::RoomOptions;
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
    /// Returns the errors of [`JellyfishClient::delete_room`].
    ///
    /// # Cancel safety
    ///
    /// The same as for [`JellyfishClient::delete_room`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// use fishjam_sdk::jellyfish::RoomOptions;
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

    /// Adds a peer; see [`JellyfishClient::add_peer`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`JellyfishClient::add_peer`].
    ///
    /// # Cancel safety
    ///
    /// The same as for [`JellyfishClient::add_peer`].
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
    /// Returns the errors of [`JellyfishClient::delete_peer`].
    ///
    /// # Cancel safety
    ///
    /// The same as for [`JellyfishClient::delete_peer`].
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
    /// Returns the errors of [`JellyfishClient::add_component`].
    ///
    /// # Cancel safety
    ///
    /// The same as for [`JellyfishClient::add_component`].
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
    /// Returns the errors of [`JellyfishClient::delete_component`].
    ///
    /// # Cancel safety
    ///
    /// The same as for [`JellyfishClient::delete_component`].
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
    /// Returns the errors of [`JellyfishClient::subscribe`].
    ///
    /// # Cancel safety
    ///
    /// The same as for [`JellyfishClient::subscribe`].
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

    /// Calls a phone number; see [`JellyfishClient::dial`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`JellyfishClient::dial`].
    ///
    /// # Cancel safety
    ///
    /// The same as for [`JellyfishClient::dial`].
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

    /// Ends a call; see [`JellyfishClient::end_call`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`JellyfishClient::end_call`].
    ///
    /// # Cancel safety
    ///
    /// The same as for [`JellyfishClient::end_call`].
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

    /// Returns the public URL of a file of the room's HLS stream; see [`JellyfishClient::hls_url`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`JellyfishClient::hls_url`].
    ///
    /// ```
    /// # use fishjam_sdk::jellyfish::{ConnectionOptions, JellyfishClient};
    /// # let jellyfish = JellyfishClient::new(ConnectionOptions::new("localhost:5002", "development"))?;
    /// let room = jellyfish.room_handle("my-room");
    /// assert_eq!(room.hls_url("index.m3u8")?, "http://localhost:5002/hls/my-room/index.m3u8");
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn hls_url(&self, filename: impl AsRef<str>) -> Result<String> {
        JellyfishClient::hls_url(&self.client, &self.id, filename)
    }

    /// Fetches a file of the room's HLS stream; see [`JellyfishClient::get_hls_content`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`JellyfishClient::get_hls_content`].
    ///
    /// # Cancel safety
    ///
    /// The same as for [`JellyfishClient::get_hls_content`].
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
