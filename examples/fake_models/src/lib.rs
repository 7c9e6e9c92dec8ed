//! Small servers that check every message of the protocols of Gemini Live and OpenAI Realtime.
//!
//! A test starts [`FakeModel::gemini`] or [`FakeModel::openai`], and passes its URL to the program. The server detects
//! speech by its volume: half a second of silence ends a [`Turn`]. So does a text message. The test
//! decides the [`Reply`].
//! Through a [`Session`], the test can also send events, errors and garbage, or close the connection.
//!
//! The servers know nothing of the program that they test. A message that does not follow the documentation of the
//! protocol is a [violation](FakeModel::violations).
//!
//! ```
//! use fake_models::{FakeModel, Reply};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> anyhow::Result<()> {
//! let model = FakeModel::gemini("test-key", |turn| Some(Reply::new().heard(format!("turn {}", turn.number)))).await?;
//! println!("GEMINI_LIVE_URL={}", model.url());
//! // ... start the program, let peers speak, check its output ...
//! assert_eq!(model.violations(), Vec::<String>::new());
//! # Ok(())
//! # }
//! ```

#![deny(missing_docs)]

mod check;
mod gemini;
mod openai;
mod reply;
mod server;
mod session;
mod voice;

pub use crate::{
    reply::{Input, Reply, Turn},
    server::FakeModel,
    session::Session,
};
