//! Reads the tables of the facade, line by line. Comments do not count.

use std::collections::{BTreeMap, BTreeSet};

/// Reads constants such as `Operation::create("add_peer").called_by("create_peer")`. Returns the operation ids by module.
///
/// The constants before the first module are of Fishjam. Their module is the empty string.
pub(super) fn operations(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let (mut modules, mut name) = (BTreeMap::<_, String>::new(), String::new());
    for line in lines {
        if let Some((_, rest)) = line.split_once("mod ")
            && let Some(opened) = rest.strip_suffix(" {")
        {
            opened.clone_into(&mut name);
        }
        modules.entry(name.clone()).or_default().push_str(line);
    }
    modules.into_iter().map(|(name, code)| (name, ids(&code))).collect()
}

fn ids(code: &str) -> BTreeSet<String> {
    let calls = code.split(": Operation =").skip(1).filter_map(|rest| rest.split_once("(\""));
    calls.filter_map(|(_, rest)| rest.split('"').next()).map(str::to_owned).collect()
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
