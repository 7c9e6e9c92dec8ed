//! The generator of this crate's code.
//!
//! With the feature `codegen`, it compiles the `.proto` files to Rust in `OUT_DIR/frozen`. `cargo xtask codegen` copies
//! the result to `src/generated`. Without the feature, it does nothing: the crate compiles the copied files, and Cargo
//! builds neither prost-build nor protox.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "codegen")]
    codegen::run()?;
    Ok(())
}

#[cfg(feature = "codegen")]
mod codegen {
    use std::{env, error::Error, fs, path::Path};

    /// The folder with all imports.
    const ROOT: &str = "proto";

    const FILES: [&str; 6] = [
        "fishjam/agent_notifications.proto",
        "fishjam/notifications/shared.proto",
        "fishjam/peer_notifications.proto",
        "fishjam/server_notifications.proto",
        "jellyfish/peer_notifications.proto",
        "jellyfish/server_notifications.proto",
    ];

    /// Messages with a token. They have no derived `Debug`; `src/redact.rs` implements it.
    const SECRETS: [&str; 5] = [
        ".fishjam.AgentRequest.AuthRequest",
        ".fishjam.PeerMessage.AuthRequest",
        ".fishjam.ServerMessage.AuthRequest",
        ".jellyfish.PeerMessage.AuthRequest",
        ".jellyfish.ServerMessage.AuthRequest",
    ];

    pub(crate) fn run() -> Result<(), Box<dyn Error>> {
        println!("cargo::rerun-if-changed={ROOT}");
        let out = Path::new(&env::var("OUT_DIR")?).join("frozen");
        // The files of an earlier run must not be frozen.
        if out.exists() {
            fs::remove_dir_all(&out)?;
        }
        fs::create_dir_all(&out)?;

        let descriptors = protox::compile(FILES, [ROOT])?;
        prost_build::Config::new().out_dir(&out).bytes(["."]).skip_debug(SECRETS).compile_fds(descriptors)?;
        Ok(())
    }
}
