//! Decoding and encoding of whole frames. These functions are not generic, so dependents do not compile prost's code
//! for all messages.

use prost::{DecodeError, Message};

use crate::fishjam::{self, AgentRequest, AgentResponse};

macro_rules! server_message {
    ($message:path) => {
        impl $message {
            /// Decodes a frame of the server socket, or the body of a webhook.
            ///
            /// # Errors
            ///
            /// Returns an error if the bytes are not a valid message.
            pub fn from_frame(frame: &[u8]) -> Result<Self, DecodeError> {
                Self::decode(frame)
            }

            /// Encodes this message as a frame.
            #[must_use]
            pub fn to_frame(&self) -> Vec<u8> {
                self.encode_to_vec()
            }
        }
    };
}

server_message!(fishjam::ServerMessage);
server_message!(crate::jellyfish::ServerMessage);

impl AgentRequest {
    /// Encodes this message as a frame.
    #[must_use]
    pub fn to_frame(&self) -> Vec<u8> {
        self.encode_to_vec()
    }
}

impl AgentResponse {
    /// Decodes a frame of the agent socket. The message copies its data from the frame.
    ///
    /// # Errors
    ///
    /// Returns an error if the bytes are not a valid message.
    pub fn from_frame(frame: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(frame)
    }
}
