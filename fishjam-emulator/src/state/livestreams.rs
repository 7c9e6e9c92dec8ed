//! Livestreams: rooms with streamers and viewers.

use uuid::Uuid;

use super::{Effect, Event, Grant, Livestream, Outcome, Participant, Role, Room, RoomConfig, RoomType, State, secret};
use crate::refusal::Refusal;

impl Livestream {
    fn all(&self, role: Role) -> &[Participant] {
        match role {
            Role::Streamer => &self.streamers,
            Role::Viewer => &self.viewers,
        }
    }

    fn all_mut(&mut self, role: Role) -> &mut Vec<Participant> {
        match role {
            Role::Streamer => &mut self.streamers,
            Role::Viewer => &mut self.viewers,
        }
    }
}

impl State {
    /// Returns all livestreams, oldest first, including those that were created as rooms.
    pub(crate) fn livestreams(&self) -> Vec<&Room> {
        self.rooms().into_iter().filter(|room| room.config.room_type.is_livestream()).collect()
    }

    pub(crate) fn livestream(&self, stream: &str) -> Result<&Room, Refusal> {
        self.rooms
            .get(stream)
            .filter(|room| room.config.room_type.is_livestream())
            .ok_or_else(|| Refusal::no_livestream(stream))
    }

    fn livestream_mut(&mut self, stream: &str) -> Result<&mut Livestream, Refusal> {
        self.rooms
            .get_mut(stream)
            .filter(|room| room.config.room_type.is_livestream())
            .map(|room| &mut room.livestream)
            .ok_or_else(|| Refusal::no_livestream(stream))
    }

    /// Creates a livestream, which is a room of its own type.
    pub(crate) fn create_livestream(&mut self, audio_only: bool, config: RoomConfig) -> Outcome<Room> {
        let room_type = if audio_only { RoomType::AudioOnlyLivestream } else { RoomType::Livestream };
        self.create_room(RoomConfig { room_type, ..config })
    }

    /// Deletes a livestream. Does nothing if the room is not a livestream.
    pub(crate) fn delete_livestream(&mut self, stream: &str) -> Outcome<()> {
        match self.livestream(stream).is_ok().then(|| self.delete_room(stream)) {
            Some(Ok(deleted)) => deleted,
            _ => Outcome { value: (), effects: Vec::new() },
        }
    }

    pub(crate) fn create_participant(&mut self, stream: &str, role: Role) -> Result<Participant, Refusal> {
        let participant = Participant { id: Uuid::new_v4().to_string(), token: Some(secret()), connected: false };
        self.livestream_mut(stream)?.all_mut(role).push(participant.clone());
        if let Some(token) = participant.token.clone() {
            let grant = Grant::Livestream { stream: stream.to_owned(), role, participant: participant.id.clone() };
            self.tokens.insert(token, grant);
        }
        Ok(participant)
    }

    /// Creates a participant for the operations of rooms, and returns its token.
    ///
    /// The error differs between a missing room and a room that is not a livestream.
    pub(crate) fn livestream_token(&mut self, room: &str, role: Role) -> Result<String, Refusal> {
        self.room(room)?;
        Ok(self.create_participant(room, role)?.token.unwrap_or_default())
    }

    /// Deletes a participant and revokes its token. Does nothing if the participant does not exist.
    pub(crate) fn delete_participant(&mut self, stream: &str, role: Role, id: &str) -> Outcome<()> {
        let mut effects = Vec::new();
        let gone = self.livestream_mut(stream).ok().and_then(|livestream| {
            let participants = livestream.all_mut(role);
            let position = participants.iter().position(|one| one.id == id)?;
            Some(participants.remove(position))
        });
        if let Some(gone) = gone {
            self.end_participant(stream, role, &gone, &mut effects);
        }
        Outcome { value: (), effects }
    }

    /// Ends the participation of all streamers and viewers of a deleted livestream.
    pub(super) fn end_livestream(&mut self, stream: &str, livestream: Livestream, effects: &mut Vec<Effect>) {
        for role in [Role::Streamer, Role::Viewer] {
            for participant in livestream.all(role) {
                self.end_participant(stream, role, participant, effects);
            }
        }
    }

    fn end_participant(&mut self, stream: &str, role: Role, participant: &Participant, effects: &mut Vec<Effect>) {
        if let Some(token) = &participant.token {
            self.tokens.remove(token);
        }
        if participant.connected {
            effects.push(disconnected(stream, role, &participant.id));
        }
    }

    /// Connects a participant. A livestream has at most one connected streamer.
    pub(crate) fn connect_participant(&mut self, stream: &str, role: Role, id: &str) -> Result<Outcome<()>, Refusal> {
        let participants = self.livestream_mut(stream)?.all_mut(role);
        let busy = match role {
            Role::Streamer => participants.iter().any(|one| one.connected),
            Role::Viewer => participants.iter().any(|one| one.connected && one.id == id),
        };
        let participant = participants
            .iter_mut()
            .find(|one| one.id == id)
            .ok_or_else(|| Refusal::no_participant(role.title(), id))?;
        if busy {
            return Err(Refusal::conflict(format!("Livestream {stream} already has a connected {}", role.name())));
        }
        participant.connected = true;
        let effects = vec![connected(stream, role, id)];
        Ok(Outcome { value: (), effects })
    }

    /// Connects the participant of a token, and returns its id.
    pub(crate) fn connect_with_token(&mut self, role: Role, token: &str) -> Result<Outcome<String>, Refusal> {
        match self.tokens.get(token) {
            Some(Grant::Livestream { stream, role: granted, participant }) if *granted == role => {
                let (stream, id) = (stream.clone(), participant.clone());
                let Outcome { effects, .. } = self.connect_participant(&stream, role, &id)?;
                Ok(Outcome { value: id, effects })
            }
            _ => Err(Refusal::invalid_token()),
        }
    }

    /// Connects a new viewer without a token to a public livestream, and returns its id.
    pub(crate) fn watch_public(&mut self, stream: &str) -> Result<Outcome<String>, Refusal> {
        if !self.livestream(stream)?.config.public {
            return Err(Refusal::missing_token());
        }
        let id = Uuid::new_v4().to_string();
        let viewer = Participant { id: id.clone(), token: None, connected: true };
        self.livestream_mut(stream)?.viewers.push(viewer);
        let effects = vec![connected(stream, Role::Viewer, &id)];
        Ok(Outcome { value: id, effects })
    }

    /// Disconnects a participant.
    pub(crate) fn disconnect_participant(
        &mut self,
        stream: &str,
        role: Role,
        id: &str,
    ) -> Result<Outcome<()>, Refusal> {
        let participants = self.livestream_mut(stream)?.all_mut(role);
        let participant = participants
            .iter_mut()
            .find(|one| one.connected && one.id == id)
            .ok_or_else(|| Refusal::no_participant(role.title(), id))?;
        participant.connected = false;
        // A viewer without a token cannot connect again.
        participants.retain(|one| one.connected || one.token.is_some());
        let effects = vec![disconnected(stream, role, id)];
        Ok(Outcome { value: (), effects })
    }

    /// Disconnects a participant of an unknown livestream.
    pub(crate) fn disconnect_by_id(&mut self, role: Role, id: &str) -> Result<Outcome<()>, Refusal> {
        let has_participant = |room: &&Room| room.livestream.all(role).iter().any(|one| one.id == id);
        let stream = self.rooms.values().find(has_participant).map(|room| room.id.clone());
        self.disconnect_participant(&stream.ok_or_else(|| Refusal::no_participant(role.title(), id))?, role, id)
    }
}

fn connected(stream: &str, role: Role, id: &str) -> Effect {
    Effect::Notify(Event::ParticipantConnected { stream: stream.to_owned(), role, id: id.to_owned() })
}

fn disconnected(stream: &str, role: Role, id: &str) -> Effect {
    Effect::Notify(Event::ParticipantDisconnected { stream: stream.to_owned(), role, id: id.to_owned() })
}

impl Role {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Role::Streamer => "streamer",
            Role::Viewer => "viewer",
        }
    }

    /// Returns the name at the beginning of an error message.
    fn title(self) -> &'static str {
        match self {
            Role::Streamer => "Streamer",
            Role::Viewer => "Viewer",
        }
    }
}
