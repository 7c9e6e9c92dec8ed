//! Reads the notifications of a contract: the fields of a oneof in the server's message.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result, anyhow, ensure};

const MESSAGE: &str = "ServerMessage";
const ONEOF: &str = "content";

/// Compiles the `.proto` file of a package. Returns the fields of `ServerMessage.content`, with their numbers.
pub(super) fn notifications(include: &Path, package: &str) -> Result<BTreeMap<String, i32>> {
    let file = &format!("{package}/server_notifications.proto");
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
    ensure!(!fields.is_empty(), "the oneof {ONEOF} of {MESSAGE} is empty");
    Ok(fields)
}
