//! Small servers that check every message of the protocols of Gemini Live and OpenAI Realtime.
