//! Scenes of compositions.

mod layout;
#[path = "../setup"]
mod setup {
    pub(crate) mod rounds;
}

fn main() -> anyhow::Result<()> {
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    layout::run()
}
