//! The pages of the guide that quote the SDK: each quoted error and log line exists. The commands for a copy work.

#[cfg(unix)]
mod copy;
mod errors;
mod logs;
mod page;
