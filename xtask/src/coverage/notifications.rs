//! The notifications of the contract: the fields of the oneof in the server's one message.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result, anyhow, bail};

const MESSAGE: &str = "ServerMessage";
const ONEOF: &str = "content";

/// Compiles a `.proto` file and lists the fields of its `ServerMessage.content`, with their numbers.
///
/// # Errors
///
/// When it does not compile or has no such oneof.
pub fn fields(include: &Path, file: &str) -> Result<BTreeMap<String, i32>> {
    let descriptors = protox::compile([file], [include])
        .map_err(|error| anyhow!("{error:?}"))
        .with_context(|| format!("cannot compile {file} in {}", include.display()))?;
    let message = descriptors
        .file
        .iter()
        .filter(|descriptor| descriptor.name() == file)
        .flat_map(|descriptor| &descriptor.message_type)
        .find(|message| message.name() == MESSAGE)
        .ok_or_else(|| anyhow!("{file} has no message {MESSAGE}"))?;
    let oneof = message
        .oneof_decl
        .iter()
        .position(|oneof| oneof.name() == ONEOF)
        .and_then(|index| i32::try_from(index).ok())
        .ok_or_else(|| anyhow!("{MESSAGE} has no oneof {ONEOF}"))?;
    let fields: BTreeMap<String, i32> = message
        .field
        .iter()
        .filter(|field| field.oneof_index == Some(oneof))
        .map(|field| (field.name().to_owned(), field.number()))
        .collect();
    if fields.is_empty() {
        bail!("the oneof {ONEOF} of {MESSAGE} is empty");
    }
    Ok(fields)
}
