//! Whole frames, read and written here: a crate that called prost's generic functions would compile these messages'
//! share of them itself.

use prost::{DecodeError, Message};

use crate::fishjam::{self, AgentRequest, AgentResponse};

macro_rules! server_message {
    ($message:path) => {
        impl $message {
            /// Reads a frame of the server socket, or the body of a webhook.
            ///
            /// # Errors
            ///
            /// When it is no such message.
            pub fn from_frame(frame: &[u8]) -> Result<Self, DecodeError> {
                Self::decode(frame)
            }

            /// The frame that carries this message.
            #[must_use]
            pub fn to_frame(&self) -> Vec<u8> {
                self.encode_to_vec()
            }
        }
    };
}

server_message!(fishjam::ServerMessage);
#[cfg(feature = "jellyfish")]
server_message!(crate::jellyfish::ServerMessage);

impl AgentRequest {
    /// The frame that carries this message.
    #[must_use]
    pub fn to_frame(&self) -> Vec<u8> {
        self.encode_to_vec()
    }
}

impl AgentResponse {
    /// Reads a frame of the agent socket. The data of the message is a copy: it shares no memory with the frame.
    ///
    /// # Errors
    ///
    /// When it is no such message.
    pub fn from_frame(frame: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(frame)
    }
}
