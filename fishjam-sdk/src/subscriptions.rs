//! Subscriptions, which determine the tracks that a peer receives.

use fishjam_api::fishjam::types;
use serde::Serialize;

use crate::{
    client::FishjamClient,
    error::Result,
    extra::{Extra, read_model},
    id::{PeerId, RoomId, TrackId},
    listing::convert_all,
    transport::operations,
};

/// Manual subscriptions of a peer.
///
/// `Default` creates empty subscriptions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Subscriptions {
    /// Peers whose tracks the peer receives.
    pub peers: Vec<PeerId>,
    /// Individual tracks that the peer receives.
    pub tracks: Vec<TrackId>,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(Subscriptions, fishjam_api::Subscriptions);

impl Subscriptions {
    pub(crate) fn from_wire(subscriptions: fishjam_api::Subscriptions) -> Self {
        Self {
            peers: convert_all(subscriptions.peers, Into::into),
            tracks: convert_all(subscriptions.tracks, Into::into),
            extra: Extra::new(subscriptions.extra),
        }
    }
}

impl FishjamClient {
    /// Subscribes a peer to all current and future tracks of another peer in the room.
    ///
    /// Use this method for a peer with the mode [`SubscribeMode::Manual`](crate::SubscribeMode::Manual). Each call adds
    /// a subscription. Fishjam has no operation that removes a subscription.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the room or a peer does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// use fishjam_sdk::{PeerOptions, SubscribeMode};
    ///
    /// let (speaker, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    /// let options = PeerOptions::new().subscribe_mode(SubscribeMode::Manual);
    /// let (listener, _) = fishjam.create_peer(&room.id, options).await?;
    /// fishjam.subscribe_peer(&room.id, &listener.id, &speaker.id).await?;
    /// # let room = fishjam.get_room(&room.id).await?;
    /// # assert!(room.peers.iter().any(|peer| peer.subscriptions.peers == [speaker.id.clone()]));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn subscribe_peer(
        &self,
        room_id: impl Into<RoomId>,
        peer_id: impl Into<PeerId>,
        target_peer_id: impl Into<PeerId>,
    ) -> Result<()> {
        let (room_id, peer_id, target) = (room_id.into(), peer_id.into(), target_peer_id.into());
        let target = target.value().map_err(|e| operations::SUBSCRIBE_PEER.failed(e))?;
        self.transport
            .call(operations::SUBSCRIBE_PEER, |api| {
                api.subscribe_peer(room_id.segment()?, peer_id.segment()?, Some(target))
            })
            .await
    }

    /// Subscribes a peer to tracks of other peers in the same room.
    ///
    /// Use this method for a peer with the mode [`SubscribeMode::Manual`](crate::SubscribeMode::Manual). Each call adds
    /// subscriptions. Fishjam has no operation that removes a subscription. For the ids of tracks, see
    /// [`Peer::tracks`](crate::Peer::tracks) and the notifications.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the room, the peer or a track does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let (listener, _) = fishjam.create_peer(&room.id, Default::default()).await?;
    /// let room = fishjam.get_room(&room.id).await?;
    /// let others = room.peers.iter().filter(|peer| peer.id != listener.id);
    /// let tracks = others.flat_map(|peer| &peer.tracks).filter_map(|track| track.id.as_ref());
    /// fishjam.subscribe_tracks(&room.id, &listener.id, tracks).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn subscribe_tracks(
        &self,
        room_id: impl Into<RoomId>,
        peer_id: impl Into<PeerId>,
        track_ids: impl IntoIterator<Item = impl Into<TrackId>>,
    ) -> Result<()> {
        let (room_id, peer_id) = (room_id.into(), peer_id.into());
        let tracks = track_ids.into_iter().map(|id| Ok(types::TrackId(id.into().value()?.to_owned())));
        let track_ids = tracks.collect::<Result<_>>().map_err(|e| operations::SUBSCRIBE_TRACKS.failed(e))?;
        let body = types::SubscribeTracksBody { track_ids };
        self.transport
            .call(operations::SUBSCRIBE_TRACKS, |api| {
                api.subscribe_tracks(room_id.segment()?, peer_id.segment()?, &body)
            })
            .await
    }
}
