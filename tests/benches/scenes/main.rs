//! Scenes of 1,000 components: the check and the serialization next to bare serde_json of the generated types.

mod check;
#[path = "../setup"]
mod setup {
    pub(crate) mod rounds;
}

fn main() -> anyhow::Result<()> {
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    check::run()
}
