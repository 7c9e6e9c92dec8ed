//! The pages of the guide that quote the SDK: each quoted error and log line exists.

mod errors;
mod logs;
mod page;
