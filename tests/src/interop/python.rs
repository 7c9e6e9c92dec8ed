//! Runs the scripts in `tests/interop`, whose lines `checks.py` describes.

use std::{path::PathBuf, process::Stdio, time::Duration};

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::{io::AsyncReadExt, process::Command};

use crate::{report::Section, scenario::Server};

/// A time limit that is much longer than any script.
const LIMIT: Duration = Duration::from_secs(60);

/// Environment variables of the caller that would affect the script.
const PROXIES: [&str; 6] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

/// A Python in whose environment the official SDK is installed.
pub(crate) struct Python {
    program: String,
    scripts: PathBuf,
}

/// Output of a script.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    /// Each check, with the reason of a failure.
    checks: Vec<(String, Option<String>)>,
    /// Values to compare.
    pub(crate) notes: Vec<Value>,
    /// The reason why the script itself failed.
    trouble: Option<String>,
    /// Output for people.
    output: String,
}

impl Python {
    pub(crate) fn new(program: String) -> Self {
        Self { program, scripts: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/interop")) }
    }

    /// Runs a script to its end, or until it has taken too long.
    pub(crate) async fn run(&self, noun: &str, arguments: &[&str], server: &impl Server) -> Result<Transcript> {
        let mut command = Command::new(&self.program);
        command.args(["-B", "-X", "utf8"]).arg(self.scripts.join(format!("{noun}.py"))).args(arguments);
        for proxy in PROXIES {
            command.env_remove(proxy);
        }
        command
            .env_remove("PYTHONOPTIMIZE")
            .env_remove("PYTHONPATH")
            .envs(server.environment())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("cannot run {}", self.program))?;
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let (Some(mut out), Some(mut err)) = (child.stdout.take(), child.stderr.take()) else {
            anyhow::bail!("the script's output is not piped");
        };
        // After the time limit, the buffers keep the output.
        let ended = tokio::time::timeout(LIMIT, async {
            tokio::try_join!(out.read_to_end(&mut stdout), err.read_to_end(&mut stderr), child.wait())
        })
        .await;
        let trouble = match ended {
            Ok(ended) => {
                let (_, _, status) = ended.context("cannot read what the script says")?;
                (!status.success()).then(|| format!("the script ended with {status}"))
            }
            Err(_) => {
                child.kill().await.context("cannot end the script")?;
                Some(format!("the script did not end within {LIMIT:?}"))
            }
        };
        Ok(Transcript::of(&String::from_utf8_lossy(&stdout), &String::from_utf8_lossy(&stderr), trouble))
    }
}

impl Transcript {
    fn of(stdout: &str, stderr: &str, trouble: Option<String>) -> Self {
        let mut transcript = Self { trouble, ..Self::default() };
        let mut complete = false;
        for line in stdout.lines() {
            let mut fields = line.split('\t');
            let (kind, first, second) = (fields.next(), fields.next(), fields.next());
            match (kind, first, second) {
                (Some("ok"), Some(name), None) => transcript.checks.push((name.to_owned(), None)),
                (Some("fail"), Some(name), Some(reason)) => {
                    transcript.checks.push((name.to_owned(), Some(reason.to_owned())));
                }
                (Some("note"), Some(json), None) => match serde_json::from_str(json) {
                    Ok(value) => transcript.notes.push(value),
                    Err(error) => transcript.trouble = Some(format!("a note is no JSON: {error}")),
                },
                (Some("end"), None, None) => complete = true,
                _ => transcript.output.extend([line, "\n"]),
            }
        }
        transcript.output.push_str(stderr);
        if !complete && transcript.trouble.is_none() {
            transcript.trouble = Some("the script stopped early".to_owned());
        }
        transcript
    }

    /// Adds the checks of the script, and its failure as another check.
    pub(crate) fn judge(&self, section: &mut Section<'_>) {
        let mut failed = false;
        for (name, reason) in &self.checks {
            match reason {
                None => section.passed(name),
                Some(reason) => {
                    failed = true;
                    section.failed(name, reason);
                }
            }
        }
        match &self.trouble {
            // The failed checks are the reason.
            Some(_) if failed => println!("{}", self.output.trim_end()),
            Some(trouble) => section.failed("the script ran to its end", &format!("{trouble}\n{}", self.output)),
            None => section.passed("the script ran to its end"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transcript_is_parsed_into_calls() {
        let said = "ok\tfirst\nwarning: x\nfail\tsecond\tbecause\nnote\t{\"a\": 1}\nend\n";
        let transcript = Transcript::of(said, "trace\n", None);
        assert_eq!(transcript.checks.len(), 2);
        assert_eq!(transcript.checks[1], ("second".to_owned(), Some("because".to_owned())));
        assert_eq!(transcript.notes, [serde_json::json!({ "a": 1 })]);
        assert_eq!(transcript.output, "warning: x\ntrace\n");
        assert_eq!(transcript.trouble, None);
    }

    #[test]
    fn incomplete_transcript_is_an_error() {
        assert!(Transcript::of("ok\tfirst\n", "", None).trouble.is_some());
        assert!(Transcript::of("note\t{\nend\n", "", None).trouble.is_some());
    }
}
