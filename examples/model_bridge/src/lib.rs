//! Connections to the models Gemini Live and OpenAI Realtime, for agents in Fishjam rooms.
//!
//! [`gemini::Options`] and [`openai::Options`] connect to a model. Both return the same [`Model`], so a program can
//! exchange one for the other. [`rooms`] runs one agent in each room that has peers.
//!
//! ```no_run
//! use model_bridge::{ModelEvent, gemini};
//!
//! # async fn bridge(pcm: &[u8]) -> anyhow::Result<()> {
//! let mut model = gemini::Options::from_env()?.instructions("You are a guide.").connect().await?;
//! model.send_audio(pcm).await?;
//! while let Some(event) = model.receive().await {
//!     match event? {
//!         ModelEvent::Audio(audio) => println!("{} bytes to play", audio.len()),
//!         ModelEvent::Interrupted => println!("stop playing"),
//!         _ => {}
//!     }
//! }
//! # Ok(())
//! # }
//! ```

#![deny(missing_docs)]

mod connection;
mod error;
pub mod gemini;
mod handshake;
mod key;
mod model;
pub mod openai;
mod playback;
pub mod rooms;
mod transcript;

pub use crate::{
    error::Error,
    model::{Model, ModelEvent},
    transcript::{Speaker, Transcript},
};

/// The result of an operation of this crate.
pub type Result<T> = std::result::Result<T, Error>;
