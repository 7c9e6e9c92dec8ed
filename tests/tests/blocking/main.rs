//! The client for synchronous programs, called from threads inside and outside a runtime.

mod calls;
mod construction;
mod inside;
mod recordings;

use std::ops::Deref;

use fishjam_emulator::Emulator;
use fishjam_sdk::blocking::FishjamClient;
use tokio::runtime::Runtime;

/// An emulator on a runtime of its own, since the test has none.
struct Server {
    emulator: Emulator,
    runtime: Runtime,
}

impl Server {
    fn start() -> anyhow::Result<Self> {
        let runtime = Runtime::new()?;
        Ok(Self { emulator: runtime.block_on(Emulator::start())?, runtime })
    }

    fn client(&self) -> anyhow::Result<FishjamClient> {
        Ok(FishjamClient::new(self.url(), self.token())?)
    }
}

impl Deref for Server {
    type Target = Emulator;

    fn deref(&self) -> &Emulator {
        &self.emulator
    }
}
