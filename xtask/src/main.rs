//! `cargo xtask`: parses the arguments and runs a command of the library.

use std::{io, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use xtask::{
    Outcome, arrows, browser, budget, codegen, coverage, drift, guide, interop, public_api, tutorial, workspace_root,
};

/// Code generation and checks of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check that dependencies between modules run in one direction.
    Arrows,
    /// Run the tests that open the web pages of the examples in headless Chromium.
    Browser,
    /// Count the crates that a dependent compiles, and compare the count with the limits of budget.toml.
    Budget {
        /// Measure cold builds instead, and compare them with other crates.
        #[arg(long)]
        build: bool,
        /// Number of rounds.
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..), requires = "build")]
        rounds: u8,
        /// Build profile: `dev` or `release`.
        #[arg(long, value_name = "NAME", default_value = "dev", value_parser = ["dev", "release"], requires = "build")]
        profile: String,
    },
    /// Run the generators of fishjam-api and fishjam-proto, and copy their output.
    Codegen {
        /// Change no file. Fail with a diff if the committed code differs from the output of the generators.
        #[arg(long)]
        check: bool,
    },
    /// Compare the REST contract with another OpenAPI 3.0 document by meaning.
    Drift {
        /// The document to compare with: a file or an http(s) URL.
        #[arg(long, value_name = "FILE|URL")]
        upstream: String,
        /// Our document: a file or an http(s) URL [default: openapi.yaml of the workspace].
        #[arg(long, value_name = "FILE|URL")]
        contract: Option<String>,
        /// Accepted differences [default: xtask/drift-allow.toml of the workspace, and for openapi-NAME.yaml
        /// xtask/drift-allow-NAME.toml].
        #[arg(long, value_name = "FILE")]
        allow: Option<PathBuf>,
    },
    /// Check that the facade offers each operation and notification, or withholds it with a reason.
    Coverage {
        /// The workspace to check [default: this one].
        #[arg(long, value_name = "DIR")]
        root: Option<PathBuf>,
    },
    /// Write the lists of public items of the published crates. Review their diff before you commit it.
    PublicApi {
        /// Change no file. Fail with a diff if a list differs from the public API.
        #[arg(long)]
        check: bool,
    },
    /// Build the guide, and check its pages, its links, and the links of all Markdown files.
    Guide,
    /// Run the official Python SDKs on the emulator, and compare their requests and events with ours.
    Interop {
        /// The scenarios to run, for example `rooms` [default: all].
        #[arg(value_name = "SCENARIO")]
        scenarios: Vec<String>,
    },
    /// Compile the README's programs as pasted, and follow the guide's tutorial.
    Tutorial,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> anyhow::Result<Outcome> {
    let root = workspace_root();
    let mut out = io::stdout().lock();
    match command {
        Command::Arrows => arrows::run(&root, &mut out),
        Command::Browser => browser::run(&root),
        Command::Budget { build: false, .. } => budget::run(&root, &mut out),
        Command::Budget { build: true, rounds, profile } => {
            budget::builds::run(&root, rounds.into(), &profile, &mut out)
        }
        Command::Codegen { check } => codegen::run(&root, check, &mut out),
        Command::Drift { upstream, contract, allow } => {
            let contract = contract.unwrap_or_else(|| root.join("openapi.yaml").display().to_string());
            let allow = allow.unwrap_or_else(|| root.join("xtask").join(drift::allow::default_name(&contract)));
            drift::run(&contract, &upstream, &allow, &mut out)
        }
        Command::Coverage { root: other } => coverage::run(&other.unwrap_or(root), &mut out),
        Command::PublicApi { check } => public_api::run(&root, check, &mut out),
        Command::Guide => guide::run(&root, &mut out),
        Command::Interop { scenarios } => interop::run(&root, &scenarios),
        Command::Tutorial => tutorial::run(&root, &mut out),
    }
}
