//! Scenes: the check and the serialization of 1,000 components next to bare serde_json of the generated types, and the
//! layout of 10 to 10,000 components. `-- check` and `-- layout` measure one of them.

mod check;
mod layout;
#[path = "../setup"]
mod setup {
    pub(crate) mod rounds;
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let runs = |name: &str| arguments.iter().all(|argument| argument.starts_with('-') || argument == name);
    if runs("check") {
        check::run()?;
    }
    if runs("layout") {
        layout::run()?;
    }
    Ok(())
}
