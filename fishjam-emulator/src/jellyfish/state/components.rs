//! Components: which a room takes, what becomes of them, and what they are told to do.

use serde_json::{Map, Value};

use super::{Effect, Event, Folder, Happening, Outcome, Room, State, remove_tracks};
use crate::{
    jellyfish::{
        command_error::Refused,
        component::{self, Component, ComponentType, Feed, Kind},
        resources::Resources,
        stream::Stream,
        track::{Endpoint, Track},
    },
    refusal::Refusal,
    state::TrackKind,
};

/// Why a component goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It was deleted, or what it played came to its end: nobody is told.
    Quiet,
    Crash,
}

impl State {
    /// Whether a room takes a component of this type.
    pub(crate) fn admits_component(&self, room: &str, component_type: ComponentType) -> Result<(), Refusal> {
        let found = self.room(room)?;
        let contract = self.switches.contract;
        if let Some(refusal) = contract.no_components(component_type).filter(|_| !self.switches.allows(component_type))
        {
            return Err(refusal);
        }
        if component_type.needs().is_some_and(|codec| found.config.video_codec != Some(codec)) {
            return Err(Refusal::bad_request(format!("Incompatible video codec enforced in room {room}")));
        }
        let is_there = || found.components.iter().any(|one| one.component_type() == component_type);
        if component_type.is_single() && is_there() {
            return Err(contract.component_limit(component_type, room));
        }
        Ok(())
    }

    /// Adds a component. What is answered is the component as it is before media does anything.
    pub(crate) fn add_component(
        &mut self,
        room: &str,
        component_type: ComponentType,
        options: &Map<String, Value>,
    ) -> Result<Outcome<Component>, Refused> {
        self.admits_component(room, component_type)?;
        let kind = component::parse(component_type, options, &self.switches, &self.resources)?;
        let component = Component::new(kind);
        let id = component.id.clone();
        let found = self.room_mut(room)?;
        found.components.insert(0, component.clone());
        let mut effects = Vec::new();
        match &component.kind {
            Kind::Hls(hls) => {
                let location = Resources::stream(room, hls.persistent);
                found.folders.push(Folder { location: location.clone(), uploaded: hls.uploaded, kept: hls.persistent });
                self.streams.insert(room.to_owned(), Stream::new(location, hls.low_latency));
                self.feed_stream(room, &mut effects);
            }
            Kind::File { carries, .. } => {
                let track = Track::new(*carries, Value::Null);
                effects = self.add_track(room, Endpoint::Component(id), track)?.effects;
            }
            Kind::Rtsp { .. } => {
                let (room, component) = (room.to_owned(), id);
                effects.push(Effect::Media(Happening::CameraArrives { room, component }));
            }
            Kind::Sip { .. } | Kind::Recording(_) => {}
        }
        Ok(Outcome { value: component, effects })
    }

    pub(crate) fn remove_component(&mut self, room: &str, component: &str, end: End) -> Result<Outcome<()>, Refusal> {
        let found = self.room_mut(room)?;
        let position = found.components.iter().position(|one| one.id == component);
        let gone = found.components.remove(position.ok_or_else(|| no_component(404, component))?);
        let mut effects = Vec::new();
        remove_tracks(room, &Endpoint::Component(component.to_owned()), gone.tracks, &mut effects);
        if let Kind::Hls(_) = gone.kind {
            self.streams.remove(room);
            effects.push(Effect::StreamGrew);
        }
        if end == End::Crash {
            let (room, component) = (room.to_owned(), component.to_owned());
            effects.push(Effect::Notify(Event::ComponentCrashed { room, component }));
        }
        Ok(Outcome { value: (), effects })
    }

    /// Lets a component in manual mode take in the tracks of peers and components, whether they are there or not.
    pub(crate) fn subscribe(
        &mut self,
        room: &str,
        component: &str,
        origins: &[String],
    ) -> Result<Outcome<()>, Refusal> {
        let found = self.room_mut(room)?.component_mut(component)?;
        let feed = match &mut found.kind {
            Kind::Hls(hls) => &mut hls.feed,
            Kind::Recording(feed) => feed,
            Kind::Rtsp { .. } | Kind::File { .. } | Kind::Sip { .. } => {
                let text = "Subscribe mode is supported only for HLS and Recording components";
                return Err(Refusal::bad_request(text));
            }
        };
        let Feed::Manual(subscribed) = feed else {
            let text = format!("Component {component} option `subscribe_mode` is set to :auto");
            return Err(Refusal::bad_request(text));
        };
        for origin in origins {
            if !subscribed.contains(origin) {
                subscribed.push(origin.clone());
            }
        }
        let mut effects = Vec::new();
        self.feed_stream(room, &mut effects);
        Ok(Outcome { value: (), effects })
    }

    /// Calls a number: a bad one crashes the component after a while, of a good one nothing more is heard.
    pub(crate) fn dial(&mut self, room: &str, component: &str, number: &str) -> Result<Outcome<()>, Refusal> {
        self.room(room)?.sip(component, "a SIP component")?;
        let mut effects = Vec::new();
        if !component::is_phone_number(number) {
            let (room, component) = (room.to_owned(), component.to_owned());
            effects.push(Effect::Media(Happening::CallFails { room, component }));
        }
        Ok(Outcome { value: (), effects })
    }

    /// Ends a call, if there is one.
    pub(crate) fn end_call(&self, room: &str, component: &str) -> Result<(), Refusal> {
        self.room(room)?.sip(component, "SIP component")
    }

    /// Does what media does some time after it was asked to; nothing for what is gone meanwhile.
    pub(crate) fn happen(&mut self, happening: &Happening) -> Vec<Effect> {
        let done = match happening {
            Happening::CameraArrives { room, component } => {
                let track = Track::new(TrackKind::Video, Value::Null);
                self.add_track(room, Endpoint::Component(component.clone()), track)
            }
            Happening::Playable { room, component } => self.make_playable(room, component),
            Happening::CallFails { room, component } => self.remove_component(room, component, End::Crash),
        };
        done.map(|outcome| outcome.effects).unwrap_or_default()
    }
}

impl Room {
    pub(super) fn component_mut(&mut self, component: &str) -> Result<&mut Component, Refusal> {
        self.components.iter_mut().find(|one| one.id == component).ok_or_else(|| no_component(400, component))
    }

    /// The server has two wordings for the same thing.
    fn sip(&self, component: &str, wording: &str) -> Result<(), Refusal> {
        let found = self.components.iter().find(|one| one.id == component);
        match found.ok_or_else(|| no_component(400, component))?.kind {
            Kind::Sip { .. } => Ok(()),
            _ => Err(Refusal::bad_request(format!("Component {component} is not {wording}"))),
        }
    }
}

/// Operations on a component answer 400 when it is not there, its deletion answers 404.
fn no_component(status: u16, component: &str) -> Refusal {
    Refusal::new(status, format!("Component {component} does not exist"))
}
