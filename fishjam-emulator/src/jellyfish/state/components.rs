//! Components: add, subscribe, dial, remove.

use serde_json::{Map, Value};

use super::{Effect, Endpoint, Event, HlsFolder, MediaStep, Outcome, Room, State, tracks::remove_tracks};
use crate::{
    jellyfish::{
        command_error::CommandError,
        component::{Component, ComponentKind, ComponentType, TrackSelection},
        component_options::{is_phone_number, parse_options},
        resources::Resources,
        stream::Stream,
    },
    refusal::Refusal,
    state::{Track, TrackKind},
};

/// The reason for removing a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RemovalReason {
    /// A request, or the end of its source. The server sends no notification.
    Finished,
    Crashed,
}

impl State {
    /// Returns an error if a room does not accept a component of this type.
    pub(crate) fn admits_component(&self, room: &str, component_type: ComponentType) -> Result<(), Refusal> {
        let found = self.room(room)?;
        let contract = self.flags.contract;
        if let Some(refusal) = contract.no_components(component_type).filter(|_| !self.flags.allows(component_type)) {
            return Err(refusal);
        }
        if component_type.required_codec().is_some_and(|codec| found.config.video_codec != Some(codec)) {
            return Err(Refusal::bad_request(format!("Incompatible video codec enforced in room {room}")));
        }
        let exists = || found.components.iter().any(|one| one.component_type() == component_type);
        if component_type.is_single() && exists() {
            return Err(contract.component_limit(component_type, room));
        }
        Ok(())
    }

    /// Adds a component, and returns it without the tracks that it gets.
    pub(crate) fn add_component(
        &mut self,
        room: &str,
        component_type: ComponentType,
        options: &Map<String, Value>,
    ) -> Result<Outcome<Component>, CommandError> {
        self.admits_component(room, component_type)?;
        let kind = parse_options(component_type, options, &self.flags, &self.resources)?;
        let component = Component::new(kind);
        let id = component.id.clone();
        let found = self.room_mut(room)?;
        found.components.insert(0, component.clone());
        let mut effects = Vec::new();
        match &component.kind {
            ComponentKind::Hls(hls) => {
                let location = Resources::stream(room, hls.persistent);
                found.folders.push(HlsFolder {
                    location: location.clone(),
                    uploaded: hls.uploaded,
                    kept: hls.persistent,
                });
                self.streams.insert(room.to_owned(), Stream::new(location, hls.low_latency));
                self.schedule_playable(room, &mut effects);
            }
            ComponentKind::File { track_kind, .. } => {
                let track = Track::new(*track_kind, Value::Null);
                effects = self.add_track(room, Endpoint::Component(id), track)?.effects;
            }
            ComponentKind::Rtsp { .. } => {
                let (room, component) = (room.to_owned(), id);
                effects.push(Effect::Media(MediaStep::RtspConnected { room, component }));
            }
            ComponentKind::Sip { .. } | ComponentKind::Recording(_) => {}
        }
        Ok(Outcome { value: component, effects })
    }

    pub(crate) fn remove_component(
        &mut self,
        room: &str,
        component: &str,
        reason: RemovalReason,
    ) -> Result<Outcome<()>, Refusal> {
        let found = self.room_mut(room)?;
        let position = found.components.iter().position(|one| one.id == component);
        let removed = found.components.remove(position.ok_or_else(|| no_component(404, component))?);
        let mut effects = Vec::new();
        remove_tracks(room, &Endpoint::Component(component.to_owned()), removed.tracks, &mut effects);
        if let ComponentKind::Hls(_) = removed.kind {
            self.streams.remove(room);
            effects.push(Effect::StreamChanged);
        }
        if reason == RemovalReason::Crashed {
            let (room, component) = (room.to_owned(), component.to_owned());
            effects.push(Effect::Notify(Event::ComponentCrashed { room, component }));
        }
        Ok(Outcome { value: (), effects })
    }

    /// Subscribes a component in manual mode to the tracks of peers and components.
    ///
    /// These origins need not exist.
    pub(crate) fn subscribe(
        &mut self,
        room: &str,
        component: &str,
        origins: &[String],
    ) -> Result<Outcome<()>, Refusal> {
        let found = self.room_mut(room)?.component_mut(component)?;
        let selection = match &mut found.kind {
            ComponentKind::Hls(hls) => &mut hls.selection,
            ComponentKind::Recording(selection) => selection,
            ComponentKind::Rtsp { .. } | ComponentKind::File { .. } | ComponentKind::Sip { .. } => {
                let message = "Subscribe mode is supported only for HLS and Recording components";
                return Err(Refusal::bad_request(message));
            }
        };
        let TrackSelection::Manual(subscribed) = selection else {
            let message = format!("Component {component} option `subscribe_mode` is set to :auto");
            return Err(Refusal::bad_request(message));
        };
        for origin in origins {
            if !subscribed.contains(origin) {
                subscribed.push(origin.clone());
            }
        }
        let mut effects = Vec::new();
        self.schedule_playable(room, &mut effects);
        Ok(Outcome { value: (), effects })
    }

    /// Calls a number. A bad number crashes the component later; a good number has no effect.
    pub(crate) fn dial(&mut self, room: &str, component: &str, number: &str) -> Result<Outcome<()>, Refusal> {
        self.room(room)?.sip(component, "a SIP component")?;
        let mut effects = Vec::new();
        if !is_phone_number(number) {
            let (room, component) = (room.to_owned(), component.to_owned());
            effects.push(Effect::Media(MediaStep::CallFailed { room, component }));
        }
        Ok(Outcome { value: (), effects })
    }

    /// Ends a call. Succeeds without a call, too.
    pub(crate) fn end_call(&self, room: &str, component: &str) -> Result<(), Refusal> {
        self.room(room)?.sip(component, "SIP component")
    }

    /// Executes a media step, unless its room or component was removed.
    pub(crate) fn execute_media_step(&mut self, step: &MediaStep) -> Vec<Effect> {
        let result = match step {
            MediaStep::RtspConnected { room, component } => {
                let track = Track::new(TrackKind::Video, Value::Null);
                self.add_track(room, Endpoint::Component(component.clone()), track)
            }
            MediaStep::Playable { room, component } => self.make_playable(room, component),
            MediaStep::CallFailed { room, component } => self.remove_component(room, component, RemovalReason::Crashed),
        };
        result.map(|outcome| outcome.effects).unwrap_or_default()
    }
}

impl Room {
    pub(super) fn component_mut(&mut self, component: &str) -> Result<&mut Component, Refusal> {
        self.components.iter_mut().find(|one| one.id == component).ok_or_else(|| no_component(400, component))
    }

    /// Returns an error if a component is not SIP. The server has two wordings for this error.
    fn sip(&self, component: &str, wording: &str) -> Result<(), Refusal> {
        let found = self.components.iter().find(|one| one.id == component);
        match found.ok_or_else(|| no_component(400, component))?.kind {
            ComponentKind::Sip { .. } => Ok(()),
            _ => Err(Refusal::bad_request(format!("Component {component} is not {wording}"))),
        }
    }
}

/// Creates the refusal for a missing component. The status is 404 for a deletion and 400 otherwise.
fn no_component(status: u16, component: &str) -> Refusal {
    Refusal::new(status, format!("Component {component} does not exist"))
}
