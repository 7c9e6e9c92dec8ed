//! Subscriptions: what a peer that does not receive everything receives.

use fishjam_api::fishjam::types;

use crate::{FishjamClient, PeerId, RoomId, TrackId, error::Result, transport::operations};

/// What a peer was subscribed to by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subscriptions {
    /// Peers of whom it receives all tracks.
    pub peers: Vec<PeerId>,
    /// Single tracks that it receives.
    pub tracks: Vec<TrackId>,
}

impl From<fishjam_api::Subscriptions> for Subscriptions {
    fn from(subscriptions: fishjam_api::Subscriptions) -> Self {
        Self {
            peers: subscriptions.peers.into_iter().map(Into::into).collect(),
            tracks: subscriptions.tracks.into_iter().map(Into::into).collect(),
        }
    }
}

impl FishjamClient {
    /// Lets a peer receive all tracks of another peer in its room, those that are yet to come included.
    ///
    /// This is for peers in the mode [`SubscribeMode::Manual`](crate::SubscribeMode::Manual). Subscriptions add up;
    /// the service has no way to take one back.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such room or peer, and whatever can happen to any
    /// request.
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
        let target = target.value()?;
        self.transport
            .call(operations::SUBSCRIBE_PEER, |api| {
                api.subscribe_peer(room_id.segment()?, peer_id.segment()?, Some(target))
            })
            .await
    }

    /// Lets a peer receive certain tracks of others in its room.
    ///
    /// This is for peers in the mode [`SubscribeMode::Manual`](crate::SubscribeMode::Manual). The ids of tracks come
    /// from [`Peer::tracks`](crate::Peer::tracks) and from notifications. Subscriptions add up; the service has no
    /// way to take one back.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such room, peer or track, and whatever can happen to
    /// any request.
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
        let body = types::SubscribeTracksBody { track_ids: tracks.collect::<Result<_>>()? };
        self.transport
            .call(operations::SUBSCRIBE_TRACKS, |api| {
                api.subscribe_tracks(room_id.segment()?, peer_id.segment()?, &body)
            })
            .await
    }
}
