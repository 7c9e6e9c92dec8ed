//! The REST API of the SDK against the emulator: requests, responses and failures.

mod bodies;
mod call_limits;
mod causes;
mod concurrency;
mod credentials;
mod deprecation;
mod errors;
mod evolution;
mod headers;
mod hook;
mod livestreams;
mod methods;
mod official;
mod peers;
mod printing;
mod proxy;
mod relay;
mod resilience;
mod responses;
mod retries;
mod retry_classes;
mod rooms;
mod spans;
#[cfg(target_os = "linux")]
mod suspended;
mod unreadable;
mod values;
