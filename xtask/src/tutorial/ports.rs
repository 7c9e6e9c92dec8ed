//! Free ports for the programs of a page.

use std::{collections::BTreeMap, net::TcpListener, process};

use anyhow::{Context, Result};

/// The first chosen port. The system gives no port below 32768 to a client, so a chosen port stays free during a build.
const FIRST: u16 = 20_000;
/// The number of ports from which one is chosen.
const COUNT: u16 = 10_000;

/// The ports of a page, and the free ports that replace them.
#[derive(Debug)]
pub struct Ports(BTreeMap<String, String>);

impl Ports {
    /// Chooses a free port for each port of `127.0.0.1` on a page. The port 0 is not replaced.
    ///
    /// # Errors
    ///
    /// Returns an error if no port is free.
    pub fn choose(markdown: &str) -> Result<Self> {
        // Runs at the same time start at different ports.
        let start = usize::try_from(process::id()).unwrap_or_default() % usize::from(COUNT);
        let mut candidates = (FIRST..FIRST + COUNT).cycle().skip(start).take(usize::from(COUNT));
        let mut ports = BTreeMap::new();
        for part in markdown.split("127.0.0.1:").skip(1) {
            let (port, _) = leading_number(part);
            if port.trim_matches('0').is_empty() || ports.contains_key(port) {
                continue;
            }
            let free = candidates.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
            ports.insert(port.to_owned(), free.context("no port is free")?.to_string());
        }
        Ok(Self(ports))
    }

    /// Replaces the ports in a file, a command or an output.
    #[must_use]
    pub fn replace(&self, text: &str) -> String {
        let mut replaced = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
            // A whole number: 48000 does not contain the port 4800.
            let (number, after) = leading_number(&rest[start..]);
            replaced.push_str(&rest[..start]);
            replaced.push_str(self.0.get(number).map_or(number, String::as_str));
            rest = after;
        }
        replaced + rest
    }
}

/// Splits the text after its leading digits.
fn leading_number(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_in_use_are_replaced_by_free_ones() {
        let used = TcpListener::bind("127.0.0.1:0").unwrap();
        let used = used.local_addr().unwrap().port();
        let text = format!("bind 127.0.0.1:{used}, --port {used}, 127.0.0.1:4801 and 127.0.0.1:0");
        let replaced = Ports::choose(&text).unwrap().replace(&text);
        let ports: Vec<u16> =
            replaced.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
        let [127, 0, 0, 1, first, option, 127, 0, 0, 1, second, 127, 0, 0, 1, 0] = ports[..] else {
            panic!("{replaced}")
        };
        assert!(first == option && first != second && ![first, second].contains(&used), "{replaced}");
        for port in [first, second] {
            TcpListener::bind(("127.0.0.1", port)).unwrap();
        }
    }

    #[test]
    fn only_whole_numbers_are_replaced() {
        let ports = Ports::choose("http://127.0.0.1:4800/a").unwrap();
        assert_eq!(ports.replace("48000 14800 a4b"), "48000 14800 a4b");
        assert!(!ports.replace("port=4800.").contains("4800"));
    }
}
