//! The outputs of compositions that send to livestreams of this emulator.

use std::mem;

use super::OwnAddress;
use crate::{
    refusal::Refusal,
    scene::{OutputKind, OutputSpec},
    state::{Effect, Grant, Role, State, compositions::ErrorSeverity},
};

/// The WHIP session of an output.
#[derive(Debug)]
pub(super) struct Broadcast {
    composition: String,
    output: String,
    stream: String,
    streamer: String,
}

impl State {
    /// Connects an output to its livestream, if its URL is the WHIP endpoint of this emulator.
    ///
    /// Other servers are not contacted, and count as connected. This is an assumption.
    pub(in crate::state) fn open_broadcast(
        &mut self,
        composition: &str,
        output: &str,
        spec: &OutputSpec,
    ) -> Result<Vec<Effect>, Refusal> {
        if spec.kind != OutputKind::WhipClient {
            return Ok(Vec::new());
        }
        match OwnAddress::of(&spec.url, &self.links.authority) {
            // An input accepts a session later, too. So a test decides when its media flows.
            None | Some(OwnAddress::CompositionInput) => return Ok(Vec::new()),
            Some(OwnAddress::LivestreamWhip) => {}
            Some(OwnAddress::Composition(_) | OwnAddress::Other) => return Err(bad_status(404)),
        }
        let token = spec.bearer_token.as_deref().unwrap_or_default();
        let Some(Grant::Livestream { stream, role: Role::Streamer, participant }) = self.tokens.get(token).cloned()
        else {
            return Err(bad_status(401));
        };
        let connected = self.connect_participant(&stream, Role::Streamer, &participant);
        let effects = connected.map_err(|refusal| bad_status(refusal.status))?.effects;
        let (composition, output) = (composition.to_owned(), output.to_owned());
        self.links.broadcasts.push(Broadcast { composition, output, stream, streamer: participant });
        Ok(effects)
    }

    /// Disconnects the streamers of outputs that ended, and ends the outputs of streamers that disconnected.
    pub(super) fn settle_broadcasts(&mut self, effects: &mut Vec<Effect>) {
        for broadcast in mem::take(&mut self.links.broadcasts) {
            let Broadcast { composition, output, stream, streamer } = &broadcast;
            let found = self.compositions.get(composition).ok().and_then(|found| found.output(output));
            let is_sending = found.is_some_and(|output| !output.is_ended());
            let is_connected = self.is_streaming(stream, streamer);
            if is_sending && is_connected {
                self.links.broadcasts.push(broadcast);
            } else if is_connected {
                let ended = self.disconnect_participant(stream, Role::Streamer, streamer);
                effects.extend(ended.map(|outcome| outcome.effects).unwrap_or_default());
            } else if is_sending {
                let error = "the WHIP server ended the session";
                let failed = self.fail_output(composition, output, ErrorSeverity::Critical, error);
                effects.extend(failed.map(|outcome| outcome.effects).unwrap_or_default());
            }
        }
    }

    fn is_streaming(&self, stream: &str, streamer: &str) -> bool {
        self.livestream(stream)
            .is_ok_and(|room| room.livestream.streamers.iter().any(|one| one.connected && one.id == streamer))
    }
}

/// Creates the error of an output whose WHIP server rejects the session.
fn bad_status(status: u16) -> Refusal {
    Refusal::composition(400, Some("WHIP_BAD_STATUS"), format!("the WHIP server responded with status {status}"))
}
