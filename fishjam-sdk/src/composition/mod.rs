//! Server-side composition: mixes inputs into one picture and one sound, and sends the result to outputs.

mod events;
mod preview;
mod scene;
