//! HLS: when a stream becomes playable, what is read of it, and what becomes of it; and the recordings that stay.

use bytes::Bytes;

use super::{Effect, Event, Folder, Happening, Outcome, Room, State};
use crate::{
    jellyfish::{
        component::Kind,
        resources::Resources,
        stream::{Content, Position},
    },
    refusal::Refusal,
    state::TrackKind,
};

impl State {
    /// Lets a room's HLS become playable after a while, if there are pictures for it by now.
    pub(super) fn feed_stream(&self, room: &str, effects: &mut Vec<Effect>) {
        let Some(found) = self.rooms.get(room) else { return };
        let waiting = found.components.iter().find_map(|one| match &one.kind {
            Kind::Hls(hls) if !hls.playable => Some((&one.id, &hls.feed)),
            _ => None,
        });
        if let Some((id, feed)) = waiting
            && found.endpoints_with_pictures().any(|endpoint| feed.takes(endpoint))
        {
            let (room, component) = (room.to_owned(), id.clone());
            effects.push(Effect::Media(Happening::Playable { room, component }));
        }
    }

    /// The first playlist with pictures is written. Nothing changes when that has happened before.
    pub(crate) fn make_playable(&mut self, room: &str, component: &str) -> Result<Outcome<()>, Refusal> {
        let found = self.room_mut(room)?.component_mut(component)?;
        let Kind::Hls(hls) = &mut found.kind else {
            return Err(Refusal::bad_request(format!("Component {component} is not HLS")));
        };
        let mut effects = Vec::new();
        if !hls.playable {
            hls.playable = true;
            let event = Event::HlsPlayable { room: room.to_owned(), component: component.to_owned() };
            effects.push(Effect::Notify(event));
            effects.extend(self.grow_stream(room)?.effects);
        }
        Ok(Outcome { value: (), effects })
    }

    /// A room's stream goes on by a segment, or with low latency by a part.
    pub(crate) fn grow_stream(&mut self, room: &str) -> Result<Outcome<()>, Refusal> {
        let stream = self.streams.get_mut(room).ok_or_else(no_file)?;
        stream.grow(&mut self.resources);
        Ok(Outcome { value: (), effects: vec![Effect::StreamGrew] })
    }

    /// A file of a room's stream.
    pub(crate) fn stream_file(&self, room: &str, name: &str) -> Result<Bytes, Refusal> {
        let folder = &self.streams.get(room).ok_or_else(no_file)?.folder;
        let file = folder.join(name);
        if !file.is_inside(folder) {
            return Err(Refusal::bad_request(format!("Invalid filename, got {name}")));
        }
        self.resources.read(&file).ok_or_else(no_file)
    }

    /// The playlist of a room's low-latency stream once it holds a part.
    pub(crate) fn stream_playlist(&self, room: &str, part: Position, delta: bool) -> Content {
        self.streams.get(room).map_or(Content::Absent, |stream| stream.playlist_with(part, delta))
    }

    /// A part of a room's low-latency stream.
    pub(crate) fn stream_part(&self, room: &str, name: &str) -> Content {
        self.streams.get(room).map_or(Content::Absent, |stream| stream.part(name))
    }

    /// What becomes of a stream's folder when its room has ended. One that is not there cannot be uploaded, and nobody
    /// hears of it.
    pub(super) fn conclude(&mut self, room: &str, folder: &Folder, effects: &mut Vec<Effect>) {
        if folder.uploaded && self.resources.exists(&folder.location) {
            let room = room.to_owned();
            let fails = self.uploads_fail;
            let event = if fails { Event::HlsUploadCrashed { room } } else { Event::HlsUploaded { room } };
            effects.push(Effect::Notify(event));
        }
        if !folder.kept {
            self.resources.remove(&folder.location);
        }
    }

    /// The recordings that are there; those of running streams are hidden.
    pub(crate) fn recordings(&self) -> Vec<&str> {
        let mut names = self.resources.names(&Resources::recordings());
        names.retain(|name| !self.streams.contains_key(*name));
        names
    }

    pub(crate) fn delete_recording(&mut self, id: &str) -> Result<(), Refusal> {
        let location = Resources::recordings().join(id);
        if !location.is_inside(&Resources::recordings()) {
            return Err(Refusal::bad_request(format!("Invalid recording id, got: {id}")));
        }
        if self.streams.contains_key(id) || !self.resources.exists(&location) {
            return Err(Refusal::new(404, "Recording not found"));
        }
        self.resources.remove(&location);
        Ok(())
    }

    pub(crate) fn recording_file(&self, id: &str, name: &str) -> Result<Bytes, Refusal> {
        let folder = Resources::recordings().join(id);
        if !folder.is_inside(&Resources::recordings()) {
            return Err(Refusal::bad_request(format!("Invalid recording, got: {id}")));
        }
        if self.streams.contains_key(id) || !self.resources.exists(&folder) {
            return Err(no_file());
        }
        let file = folder.join(name);
        if !file.is_inside(&folder) {
            return Err(Refusal::bad_request(format!("Invalid filename, got: {name}")));
        }
        self.resources.read(&file).ok_or_else(no_file)
    }
}

impl Room {
    fn endpoints_with_pictures(&self) -> impl Iterator<Item = &str> {
        let peers = self.peers.iter().map(|peer| (&peer.id, &peer.tracks));
        let components = self.components.iter().map(|component| (&component.id, &component.tracks));
        let all = peers.chain(components);
        all.filter(|(_, tracks)| tracks.iter().any(|track| track.kind == TrackKind::Video)).map(|(id, _)| id.as_str())
    }
}

pub(crate) fn no_file() -> Refusal {
    Refusal::new(404, "File not found")
}
