//! Voices of the VAPI service, which take part in a room without a program of ours.

use fishjam_api::fishjam::types;

use crate::{
    FishjamClient, Peer, RoomId, SubscribeMode, VapiApiKey,
    error::Result,
    transport::{RequestPatch, operations},
};

/// Which VAPI call takes part in a room, and how; whatever is not set is left to the service.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VapiAgentOptions {
    /// The application's key to VAPI.
    pub api_key: VapiApiKey,
    /// The id of the call: letters, digits and dashes.
    pub call_id: String,
    /// Whether the call hears everything at once or only what it is subscribed to by hand. Service's default:
    /// [`SubscribeMode::Auto`].
    pub subscribe_mode: Option<SubscribeMode>,
    /// Whether the call ends with the last participant's leaving. Service's default: it does not.
    pub auto_close: Option<bool>,
}

impl VapiAgentOptions {
    /// Lets this call take part and leaves everything else to the service.
    #[must_use]
    pub fn new(api_key: impl Into<VapiApiKey>, call_id: impl Into<String>) -> Self {
        Self { api_key: api_key.into(), call_id: call_id.into(), subscribe_mode: None, auto_close: None }
    }

    /// Chooses whether the call hears everything at once or only what it is subscribed to by hand.
    #[must_use]
    pub fn subscribe_mode(mut self, mode: SubscribeMode) -> Self {
        self.subscribe_mode = Some(mode);
        self
    }

    /// Lets the call end when the last participant leaves, or not.
    #[must_use]
    pub fn auto_close(mut self, auto_close: bool) -> Self {
        self.auto_close = Some(auto_close);
        self
    }
}

impl From<VapiAgentOptions> for types::PeerOptionsVapi {
    fn from(options: VapiAgentOptions) -> Self {
        Self {
            api_key: options.api_key.expose().to_owned(),
            call_id: options.call_id,
            subscribe_mode: options.subscribe_mode,
            auto_close: options.auto_close,
        }
    }
}

impl FishjamClient {
    /// Lets a call of the VAPI voice service into a room, as a peer that the service connects by itself.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such room, [`Conflict`](crate::ErrorKind::Conflict)
    /// if it is full, [`BadRequest`](crate::ErrorKind::BadRequest) if the service refuses the call's id,
    /// [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded) if the plan allows no more, and whatever can happen to
    /// any request. The peer may exist all the same: [`may_have_taken_effect`](crate::Error::may_have_taken_effect)
    /// says so.
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
            options: options.into(),
        });
        let created = self
            .transport
            .call_patched(operations::ADD_PEER, patch, |api| api.add_peer(room_id.segment()?, &config))
            .await?;
        // The answer has a token too, which nobody needs: the service connects this peer.
        Ok(created.data.peer.into())
    }
}
