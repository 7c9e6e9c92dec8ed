//! The rooms whose tracks are inputs of compositions of this emulator.

use std::{
    collections::{BTreeMap, HashSet},
    mem,
};

use super::OwnAddress;
use crate::{
    refusal::Refusal,
    state::{
        Composition as Source, Effect, Forwarding, State, TrackKind,
        compositions::{Composition, Input, InputSource, MediaState},
    },
};

/// A room whose tracks a composition receives.
#[derive(Debug)]
pub(super) struct ForwardedRoom {
    room: String,
    target: ForwardingTarget,
    /// The inputs that the composition has for the room, by their ids.
    inputs: BTreeMap<String, SentMedia>,
}

/// The composition of this emulator that receives the tracks of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::state) struct ForwardingTarget {
    composition: String,
    /// The number of resets before the forwarding. A reset ends it.
    resets: u64,
}

/// The media that the composition received from a room through one input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct SentMedia {
    audio: MediaState,
    video: MediaState,
}

impl State {
    /// Finds the composition of this emulator that a room's tracks are forwarded to.
    ///
    /// Returns `None` if the composition belongs to another server. Such compositions are not checked.
    ///
    /// # Errors
    ///
    /// Returns 400 for an unknown composition, and 409 for one that already receives tracks. The status 400 is an
    /// assumption.
    pub(in crate::state) fn forwarding_target(&self, url: &str) -> Result<Option<ForwardingTarget>, Refusal> {
        let unknown = || Refusal::bad_request(format!("Composition {url} does not exist"));
        let composition = match OwnAddress::of(url, &self.links.authority) {
            None => return Ok(None),
            Some(OwnAddress::Composition(id)) => self.compositions.get(id).map_err(|_| unknown())?,
            Some(_) => return Err(unknown()),
        };
        let target = ForwardingTarget { composition: composition.id.clone(), resets: composition.resets };
        // Two different URLs can mean one composition.
        if self.links.rooms.iter().any(|forwarded| forwarded.target == target) {
            return Err(Refusal::conflict(format!("Composition {url} already receives forwarded tracks")));
        }
        Ok(Some(target))
    }

    /// Makes the forwarded tracks of a room inputs of the composition.
    pub(in crate::state) fn register_forwarded_inputs(&mut self, room: &str, target: Option<ForwardingTarget>) {
        let forwarded = target.map(|target| ForwardedRoom { room: room.to_owned(), target, inputs: BTreeMap::new() });
        self.links.rooms.extend(forwarded);
    }

    /// Updates the inputs of compositions from the forwardings of rooms, and ends the forwardings without an input.
    pub(super) fn settle_forwarded_rooms(&mut self, effects: &mut Vec<Effect>) {
        for mut forwarded in mem::take(&mut self.links.rooms) {
            let target = &forwarded.target;
            let composition = self.compositions.get_mut(&target.composition).ok();
            let composition = composition.filter(|composition| composition.resets == target.resets);
            let source = self.rooms.get_mut(&forwarded.room).map(|room| &mut room.composition);
            match (source, composition) {
                (Some(Some(source)), Some(composition)) => {
                    forwarded.update(source, composition, effects);
                    self.links.rooms.push(forwarded);
                }
                (Some(ended), None) => {
                    let ended = ended.take();
                    let removed = |source: &Source| source.all_removed(&forwarded.room);
                    effects.extend(ended.as_ref().map(removed).unwrap_or_default());
                }
                // The room ended.
                (_, Some(composition)) => forwarded.remove_inputs(&[], composition, effects),
                (None, None) => {}
            }
        }
    }
}

impl ForwardedRoom {
    fn update(&mut self, source: &mut Source, composition: &mut Composition, effects: &mut Vec<Effect>) {
        // A client can unregister an input, which ends its forwarding. This is an assumption.
        let present: HashSet<&str> = composition.inputs.iter().map(|input| input.id.as_str()).collect();
        let is_gone = |one: &Forwarding| self.inputs.contains_key(&one.input) && !present.contains(&*one.input);
        let gone: Vec<Forwarding> = source.forwardings.extract_if(.., |one| is_gone(one)).collect();
        for forwarding in gone {
            self.inputs.remove(&forwarding.input);
            effects.push(source.removed(&self.room, &forwarding));
        }
        for forwarding in &source.forwardings {
            self.update_input(forwarding, composition, effects);
        }
        self.remove_inputs(&source.forwardings, composition, effects);
    }

    /// Registers the input of a forwarding, or updates its media.
    fn update_input(&mut self, forwarding: &Forwarding, composition: &mut Composition, effects: &mut Vec<Effect>) {
        let sent = self.inputs.entry(forwarding.input.clone()).or_insert_with(|| {
            let source = InputSource::Forwarded { room: self.room.clone(), peer: forwarding.peer.clone() };
            let (audio, video) = (MediaState::Absent, MediaState::Absent);
            composition.inputs.push(Input { id: forwarding.input.clone(), source, audio, video });
            SentMedia::default()
        });
        // A composition that is not started receives media, but does not play it.
        let arriving = if composition.started.is_some() { MediaState::Playing } else { MediaState::Delivered };
        for (kind, sent) in [(TrackKind::Audio, &mut sent.audio), (TrackKind::Video, &mut sent.video)] {
            let wanted = if forwarding.track(kind).is_some() { arriving } else { MediaState::Absent };
            if mem::replace(sent, wanted) != wanted {
                let state = if wanted == MediaState::Absent { MediaState::Ended } else { wanted };
                // The input exists: the forwardings of unregistered inputs ended.
                let _ = composition.set_media(&forwarding.input, kind, state, effects);
            }
        }
    }

    /// Removes the inputs without a forwarding.
    fn remove_inputs(&mut self, left: &[Forwarding], composition: &mut Composition, effects: &mut Vec<Effect>) {
        let left: HashSet<&str> = left.iter().map(|one| one.input.as_str()).collect();
        self.inputs.retain(|input, _| {
            let stays = left.contains(&**input);
            if !stays {
                // A client can have unregistered the input in the same change.
                let _ = composition.remove_input(input, effects);
            }
            stays
        });
    }
}
