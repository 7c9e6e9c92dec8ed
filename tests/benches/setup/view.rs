//! The view of the SDK and the bare view, with the same methods.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use fishjam_sdk::{FishjamClient, FishjamNotifier, RoomChange, RoomChanges, RoomsView};
use tokio::sync::broadcast::{self, error::RecvError};

use super::{bare, bare_view, bare_view::BareView, room_data};

/// The size of the longest response. The default of the SDK may be too small for all rooms.
const RESPONSE_BYTES: usize = 1 << 30;

/// Who implements a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bare,
    Sdk,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Bare, Self::Sdk];
}

pub(crate) enum View {
    Bare(BareView),
    Sdk(RoomsView),
}

impl View {
    /// Starts a view of the rooms of this server.
    pub(crate) async fn start(kind: Kind, url: &str) -> anyhow::Result<Self> {
        Ok(match kind {
            Kind::Bare => Self::Bare(BareView::start(url).await?),
            Kind::Sdk => {
                let reconnect = Duration::from_millis(10);
                let notifier = FishjamNotifier::builder(url, bare::TOKEN).reconnect_backoff(reconnect, reconnect);
                Self::Sdk(RoomsView::start(&client(url)?, &notifier.build()?).await?)
            }
        })
    }

    pub(crate) fn get(&self, id: &str) -> Option<Room> {
        match self {
            Self::Bare(view) => view.get(id).map(Room::Bare),
            Self::Sdk(view) => view.get(id).map(Room::Sdk),
        }
    }

    pub(crate) fn list(&self) -> Vec<Room> {
        match self {
            Self::Bare(view) => view.list().into_iter().map(Room::Bare).collect(),
            Self::Sdk(view) => view.list().into_iter().map(Room::Sdk).collect(),
        }
    }

    pub(crate) fn changes(&self) -> Changes {
        match self {
            Self::Bare(view) => Changes::Bare(view.changes()),
            Self::Sdk(view) => Changes::Sdk(view.changes()),
        }
    }
}

/// Creates a client that accepts the longest list of a bench.
pub(crate) fn client(url: &str) -> anyhow::Result<FishjamClient> {
    Ok(FishjamClient::builder(url, bare::TOKEN).max_response_bytes(RESPONSE_BYTES).build()?)
}

/// A consumer of changes.
pub(crate) enum Changes {
    Bare(broadcast::Receiver<Arc<bare_view::Room>>),
    Sdk(RoomChanges),
}

/// A change, or the number of lost changes.
pub(crate) enum Change {
    Room(Room),
    Lost(u64),
}

impl Changes {
    pub(crate) async fn next(&mut self) -> anyhow::Result<Change> {
        Ok(match self {
            Self::Bare(changes) => match changes.recv().await {
                Err(RecvError::Lagged(lost)) => Change::Lost(lost),
                room => Change::Room(Room::Bare(room?)),
            },
            Self::Sdk(changes) => match changes.receive().await.context("the view ended")?? {
                RoomChange::Room(room) => Change::Room(Room::Sdk(room)),
                RoomChange::Dropped(lost) => Change::Lost(lost),
                other => anyhow::bail!("instead of a changed room came {other:?}"),
            },
        })
    }
}

pub(crate) enum Room {
    Bare(Arc<bare_view::Room>),
    Sdk(Arc<fishjam_sdk::Room>),
}

impl Room {
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Bare(room) => &room.id,
            Self::Sdk(room) => room.id.as_str(),
        }
    }

    /// Returns the id of the last peer.
    pub(crate) fn last_peer(&self) -> Option<&str> {
        match self {
            Self::Bare(room) => Some(&room.peers.last()?.id),
            Self::Sdk(room) => Some(room.peers.last()?.id.as_str()),
        }
    }

    /// Returns the number of the last update of the first peer.
    pub(crate) fn update(&self) -> Option<u64> {
        room_data::update_number(match self {
            Self::Bare(room) => room.peers.first()?.metadata.as_ref()?.peer.as_ref()?.as_str(),
            Self::Sdk(room) => room.peers.first()?.metadata.as_ref()?.as_str(),
        })
    }
}
