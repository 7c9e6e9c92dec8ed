//! Connections to the models Gemini Live and OpenAI Realtime.
