//! The sessions of WHIP clients that send to inputs of compositions.

use uuid::Uuid;

use crate::{
    refusal::Refusal,
    state::{
        Outcome, State,
        compositions::{InputSource, MediaState},
    },
};

/// The session of a WHIP client.
#[derive(Debug)]
pub(super) struct WhipSession {
    id: String,
    composition: String,
    input: String,
}

impl State {
    /// Returns the token of an input, or the error of an input that has no WHIP endpoint.
    pub(crate) fn whip_token(&self, composition: &str, input: &str) -> Result<&str, Refusal> {
        let found = self.compositions.get(composition).ok().and_then(|found| found.input(input));
        match found.map(|input| &input.source) {
            Some(InputSource::WhipServer { token, .. }) => Ok(token),
            _ => Err(Refusal::plain(404, format!("input {input} does not exist"))),
        }
    }

    /// Opens the session of a WHIP client, and returns its id.
    ///
    /// It replaces the earlier session of the input. This is an assumption.
    pub(crate) fn open_whip_session(&mut self, composition: &str, input: &str) -> Result<Outcome<String>, Refusal> {
        self.whip_token(composition, input)?;
        let id = Uuid::new_v4().to_string();
        self.links.whip_sessions.retain(|session| !session.is_of(composition, input));
        let (composition, input) = (composition.to_owned(), input.to_owned());
        self.links.whip_sessions.push(WhipSession { id: id.clone(), composition, input });
        Ok(Outcome { value: id, effects: Vec::new() })
    }

    /// Ends the session of a WHIP client. The media of its input ends.
    pub(crate) fn end_whip_session(
        &mut self,
        composition: &str,
        input: &str,
        session: &str,
    ) -> Result<Outcome<()>, Refusal> {
        self.whip_token(composition, input)?;
        let sessions = &mut self.links.whip_sessions;
        let position = sessions.iter().position(|one| one.id == session && one.is_of(composition, input));
        sessions.remove(position.ok_or_else(|| Refusal::plain(404, format!("session {session} does not exist")))?);
        let ended = self.set_all_input_media(composition, input, MediaState::Ended);
        Ok(ended.unwrap_or(Outcome { value: (), effects: Vec::new() }))
    }

    /// Drops the sessions of inputs that are not registered anymore.
    pub(super) fn settle_whip_sessions(&mut self) {
        let compositions = &self.compositions;
        self.links.whip_sessions.retain(|session| {
            compositions.get(&session.composition).is_ok_and(|found| found.input(&session.input).is_some())
        });
    }
}

impl WhipSession {
    fn is_of(&self, composition: &str, input: &str) -> bool {
        self.composition == composition && self.input == input
    }
}
