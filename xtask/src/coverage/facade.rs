//! Reads the tables of the facade, line by line. Comments do not count.

use std::collections::{BTreeMap, BTreeSet};

/// The operation ids in the facade.
pub(super) struct Operations {
    pub(super) fishjam: BTreeSet<String>,
    pub(super) jellyfish: BTreeSet<String>,
}

/// Reads constants such as `Operation::create("add_peer").called_by("create_peer")`. The constants of Jellyfish are in `mod jellyfish`.
pub(super) fn operations(source: &str) -> Operations {
    let code: String = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let (fishjam, jellyfish) = code.split_once("mod jellyfish {").unwrap_or((&code, ""));
    let ids = |constants: &str| {
        let calls = constants.split(": Operation =").skip(1).filter_map(|rest| rest.split_once("(\""));
        calls.filter_map(|(_, rest)| rest.split('"').next()).map(str::to_owned).collect()
    };
    Operations { fishjam: ids(fishjam), jellyfish: ids(jellyfish) }
}

/// Reads rows such as `10 "room_created" => RoomCreated`. Returns the names and the numbers.
pub(super) fn notifications(source: &str) -> BTreeMap<String, i32> {
    let row = |line: &str| {
        let (number, rest) = line.trim_start().split_once(" \"")?;
        let (name, rest) = rest.split_once('"')?;
        rest.trim_start().strip_prefix("=>")?;
        Some((name.to_owned(), number.parse().ok()?))
    };
    source.lines().filter_map(row).collect()
}
