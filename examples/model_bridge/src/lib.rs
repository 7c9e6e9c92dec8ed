//! Connections to the models Gemini Live and OpenAI Realtime.

pub mod rooms;
