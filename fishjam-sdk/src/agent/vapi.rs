//! Agents of the VAPI voice service, which connect without your backend.

use fishjam_api::fishjam::{enums::SubscribeMode, types};

use crate::{
    client::FishjamClient,
    error::Result,
    id::RoomId,
    peers::Peer,
    secret::VapiApiKey,
    transport::{RequestPatch, operations},
};

/// Options for adding a VAPI call to a room. Unset options use the server's defaults.
///
/// ```
/// use fishjam_sdk::VapiAgentOptions;
///
/// let options = VapiAgentOptions::new("the-api-key", "the-call-id").auto_close(true);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VapiAgentOptions {
    api_key: VapiApiKey,
    call_id: String,
    subscribe_mode: Option<SubscribeMode>,
    auto_close: Option<bool>,
}

impl VapiAgentOptions {
    /// Creates options with a VAPI API key and the id of a call.
    ///
    /// The id consists of letters, digits and dashes.
    #[must_use]
    pub fn new(api_key: impl Into<VapiApiKey>, call_id: impl Into<String>) -> Self {
        Self { api_key: api_key.into(), call_id: call_id.into(), subscribe_mode: None, auto_close: None }
    }

    /// Sets whether the call receives all tracks, or only the tracks of explicit subscriptions.
    ///
    /// Server default: [`SubscribeMode::Auto`], all tracks.
    #[must_use]
    pub fn subscribe_mode(mut self, mode: SubscribeMode) -> Self {
        self.subscribe_mode = Some(mode);
        self
    }

    /// Sets whether the call ends when the last participant leaves.
    ///
    /// Server default: `false`.
    #[must_use]
    pub fn auto_close(mut self, auto_close: bool) -> Self {
        self.auto_close = Some(auto_close);
        self
    }

    /// Converts the options for the request.
    fn into_wire(self) -> types::PeerOptionsVapi {
        types::PeerOptionsVapi {
            api_key: self.api_key.expose().to_owned(),
            call_id: self.call_id,
            subscribe_mode: self.subscribe_mode,
            auto_close: self.auto_close,
        }
    }
}

impl FishjamClient {
    /// Adds a VAPI call to a room. Returns its peer, which Fishjam connects.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the room does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - the room is full: [`Conflict`](crate::ErrorKind::Conflict)
    /// - the server rejects the id of the call: [`BadRequest`](crate::ErrorKind::BadRequest)
    /// - the quota of the plan is used up: [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the peer may still exist: see [`may_have_taken_effect`](crate::Error::may_have_taken_effect).
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
    /// use fishjam_sdk::{PeerType, VapiAgentOptions};
    ///
    /// let options = VapiAgentOptions::new("my-vapi-key", "a-call-id").auto_close(true);
    /// let peer = fishjam.create_vapi_agent(&room.id, options).await?;
    /// assert_eq!(peer.peer_type, PeerType::Vapi);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_vapi_agent(&self, room_id: impl Into<RoomId>, options: VapiAgentOptions) -> Result<Peer> {
        let room_id = room_id.into();
        let patch = RequestPatch::redacting([options.api_key.expose()]);
        let config = types::PeerConfig::Vapi(types::PeerConfigVapi {
            type_: types::PeerConfigVapiType::Vapi,
            options: options.into_wire(),
        });
        let created = self
            .transport
            .call_patched(operations::CREATE_VAPI_AGENT, patch, |api| api.add_peer(room_id.segment()?, &config))
            .await?;
        // The token in the response is not needed: Fishjam connects this peer.
        Ok(Peer::from_wire(created.data.peer))
    }
}
