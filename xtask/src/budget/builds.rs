//! Measures cold builds of empty programs: one for each TLS feature of `fishjam-sdk`, and others for comparison.
//!
//! - Cargo downloads the dependencies before a measurement starts.
//! - Each build has an empty target directory. Our crates compile as from a registry: not incrementally, without lints.
//! - The programs take turns, so that other load on the machine affects all of them.
//! - A ratio compares a program with the SDK's foundations alone, with the same provider of cryptography.

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result, ensure};

use crate::{Outcome, source};

/// The SDK's foundations: reqwest, tokio-tungstenite and prost. The features for rustls choose aws-lc-rs.
const BASE: &str = "foundations";
/// The same foundations with ring, which compiles faster.
const BASE_WITH_RING: &str = "foundations, ring";
/// The SDK with its default features.
const SDK: &str = "fishjam-sdk";
/// Largest permitted ratio of the SDK to its foundations. The report marks a larger ratio with `!`.
const ALLOWED: f64 = 1.15;

/// An empty program with dependencies.
struct Program {
    name: &'static str,
    /// The lines of its `[dependencies]`.
    dependencies: String,
    /// The program that it is compared with.
    base: &'static str,
    /// Whether each round builds it. The other programs are built once, for orientation.
    in_every_round: bool,
}

/// Cost of one build.
#[derive(Debug, Clone, Copy)]
struct Cost {
    seconds: f64,
    /// CPU time of all processors together. Only Linux reports it.
    cpu_seconds: Option<f64>,
    crates: usize,
}

/// Measures the given number of rounds and prints the medians.
///
/// # Errors
///
/// Returns an error if a program cannot be written, fetched or built.
pub fn run(root: &Path, rounds: usize, profile: &str, out: &mut dyn Write) -> Result<Outcome> {
    let directory = root.join("target/budget");
    remove(&directory)?;
    let programs = programs(root)?;
    for program in &programs {
        eprintln!("fetching {}", program.name);
        cargo(&program.write(&directory)?, &["fetch"])?;
    }
    writeln!(out, "cold builds, {} processors, {rounds} rounds", std::thread::available_parallelism()?)?;
    let mut costs: Vec<Vec<Cost>> = vec![Vec::new(); programs.len()];
    for round in 0..rounds {
        let mut order: Vec<usize> = (0..programs.len())
            .filter(|at| round == 0 || programs.get(*at).is_some_and(|p| p.in_every_round))
            .collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for at in order {
            let (Some(program), Some(costs)) = (programs.get(at), costs.get_mut(at)) else { continue };
            eprintln!("building {} ({profile}, round {})", program.name, round + 1);
            costs.push(program.build(&directory, profile)?);
        }
    }
    print(profile, &programs, &costs, out)?;
    remove(&directory)?;
    Ok(Outcome::Clean)
}

/// Returns the programs. Their dependencies have the versions of this workspace, if it uses them.
fn programs(root: &Path) -> Result<Vec<Program>> {
    let manifest = source::read(&root.join("Cargo.toml").display().to_string())?;
    let manifest: toml::Table = toml::from_str(&manifest).context("the workspace's Cargo.toml is not valid TOML")?;
    let dependencies = manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    let version = |name: &str| {
        let stated = dependencies.and_then(|dependencies| dependencies.get(name));
        let stated = stated.and_then(|stated| stated.as_str().or_else(|| stated.get("version")?.as_str()));
        stated.with_context(|| format!("the workspace has no version of {name}"))
    };
    let with = |name: &str, features: &[&str]| -> Result<String> {
        let version = version(name)?;
        Ok(format!("{name} = {{ version = {version:?}, default-features = false, features = {features:?} }}\n"))
    };
    let foundations = [
        with("prost", &["std", "derive"])?,
        with("reqwest", &["rustls"])?,
        with("tokio-tungstenite", &["connect", "rustls-tls-native-roots"])?,
    ];
    let with_ring = [
        with("prost", &["std", "derive"])?,
        with("reqwest", &["json", "rustls-no-provider"])?,
        with("rustls", &["ring", "std", "tls12"])?,
        with("tokio", &["macros", "rt", "sync", "time"])?,
        with("tokio-tungstenite", &["connect", "rustls-tls-native-roots"])?,
    ];
    let sdk = root.join("fishjam-sdk").display().to_string();
    let sdk = |features: &[&str]| {
        format!("fishjam-sdk = {{ path = {sdk:?}, default-features = false, features = {features:?} }}\n")
    };
    let livekit = "livekit-api = { version = \"=0.10.0\", features = [\"rustls-tls-native-roots\"] }\n".to_owned();
    let octocrab = "octocrab = \"=0.54.9\"\n".to_owned();
    Ok(vec![
        Program { name: SDK, dependencies: sdk(&["default"]), base: BASE, in_every_round: true },
        Program { name: BASE, dependencies: foundations.concat(), base: BASE, in_every_round: true },
        Program {
            name: "fishjam-sdk, ring",
            dependencies: sdk(&["rustls-ring"]),
            base: BASE_WITH_RING,
            in_every_round: true,
        },
        Program { name: BASE_WITH_RING, dependencies: with_ring.concat(), base: BASE_WITH_RING, in_every_round: true },
        Program { name: "fishjam-sdk, native", dependencies: sdk(&["native-tls"]), base: BASE, in_every_round: false },
        Program { name: "fishjam-sdk, no TLS", dependencies: sdk(&[]), base: BASE, in_every_round: false },
        Program { name: "livekit-api", dependencies: livekit, base: BASE, in_every_round: false },
        Program { name: "octocrab", dependencies: octocrab, base: BASE, in_every_round: false },
    ])
}

impl Program {
    fn package(&self, directory: &Path) -> PathBuf {
        directory.join("programs").join(self.name.replace(", ", "-").replace(' ', "-"))
    }

    /// Writes the program and returns its manifest.
    fn write(&self, directory: &Path) -> Result<PathBuf> {
        let package = self.package(directory);
        fs::create_dir_all(package.join("src")).with_context(|| format!("cannot make {}", package.display()))?;
        let manifest = package.join("Cargo.toml");
        let text = format!(
            "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{}",
            self.dependencies
        );
        fs::write(&manifest, text).with_context(|| format!("cannot write {}", manifest.display()))?;
        fs::write(package.join("src/main.rs"), "fn main() {}\n").context("cannot write the program")?;
        Ok(manifest)
    }

    /// Builds the program in an empty target directory.
    fn build(&self, directory: &Path, profile: &str) -> Result<Cost> {
        let target = directory.join("target");
        remove(&target)?;
        let manifest = self.package(directory).join("Cargo.toml");
        let target = target.display().to_string();
        let (before, start) = (children_cpu_seconds(), Instant::now());
        let output = cargo(&manifest, &["build", "--offline", "--profile", profile, "--target-dir", &target])?;
        let seconds = start.elapsed().as_secs_f64();
        let cpu_seconds = children_cpu_seconds().zip(before).map(|(after, before)| after - before);
        // Do not count the program itself.
        let crates =
            output.lines().filter(|line| line.trim_start().starts_with("Compiling ")).count().saturating_sub(1);
        Ok(Cost { seconds, cpu_seconds, crates })
    }
}

fn print(profile: &str, programs: &[Program], costs: &[Vec<Cost>], out: &mut dyn Write) -> Result<()> {
    let medians = |costs: &[Cost]| {
        let cpu: Option<Vec<f64>> = costs.iter().map(|cost| cost.cpu_seconds).collect();
        (median(costs.iter().map(|cost| cost.seconds).collect()), cpu.map(median))
    };
    let of = |name: &str| {
        let base = programs.iter().zip(costs).find(|(program, _)| program.name == name);
        base.map_or((f64::NAN, None), |(_, costs)| medians(costs))
    };
    writeln!(out, "\n{profile:<20} crates  seconds   ratio  CPU seconds   ratio")?;
    for (program, costs) in programs.iter().zip(costs) {
        let (seconds, cpu) = medians(costs);
        let (base_seconds, base_cpu) = of(program.base);
        let crates = costs.first().map_or(0, |cost| cost.crates);
        let ratio = marked(seconds / base_seconds, program);
        write!(out, "{:<20} {crates:>6} {seconds:>8.1} {ratio}", program.name)?;
        if let Some(cpu) = cpu {
            write!(out, " {cpu:>11.1} {}", marked(cpu / base_cpu.unwrap_or(f64::NAN), program))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Formats a ratio. Marks a ratio of the SDK that is larger than permitted.
fn marked(ratio: f64, program: &Program) -> String {
    let mark = if program.name.starts_with(SDK) && ratio > ALLOWED { "!" } else { " " };
    format!("{ratio:>6.2}{mark}")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = values.get(middle).copied().unwrap_or(f64::NAN);
    if values.len() % 2 == 1 {
        return upper;
    }
    middle.checked_sub(1).and_then(|lower| values.get(lower)).map_or(upper, |lower| (lower + upper) / 2.0)
}

/// Runs cargo on a program and returns its messages.
///
/// Removes the environment variables that could make a build incremental or share a target directory.
fn cargo(manifest: &Path, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).args(["--color", "never", "--manifest-path"]).arg(manifest);
    command
        .env("CARGO_INCREMENTAL", "0")
        .env("RUSTC_WRAPPER", "")
        .env("RUSTFLAGS", "--cap-lints allow")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("CARGO_BUILD_TARGET_DIR");
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{command:?} ended with {}:\n{messages}", output.status);
    Ok(messages)
}

/// Returns the CPU time of all finished child processes, if the system reports it.
fn children_cpu_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // The process name is in parentheses and may contain spaces. After it, `cutime` and `cstime` are fields 14 and 15.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    // Linux counts in hundredths of a second on all architectures of Rust.
    Some((ticks(13)? + ticks(14)?) / 100.0)
}

fn remove(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", directory.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_is_the_middle_value() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn ratio_of_the_sdk_is_marked_above_the_limit() {
        let programs = programs(&crate::workspace_root()).unwrap();
        let program = |name: &str| programs.iter().find(|program| program.name == name).unwrap();
        assert_eq!(marked(1.15, program(SDK)), "  1.15 ");
        assert_eq!(marked(1.16, program(SDK)), "  1.16!");
        assert_eq!(marked(3.0, program("octocrab")), "  3.00 ");
    }

    #[test]
    fn other_programs_have_fixed_versions() {
        for program in programs(&crate::workspace_root()).unwrap() {
            assert!(!program.dependencies.contains("\"*\""), "{}", program.dependencies);
        }
    }

    #[test]
    fn programs_have_the_versions_of_the_workspace() {
        let programs = programs(&crate::workspace_root()).unwrap();
        assert_eq!(programs.iter().filter(|program| program.name.starts_with(BASE)).count(), 2);
        let is_with_ring = |program: &Program| program.dependencies.contains("\"ring\"");
        for program in programs.iter().filter(|program| program.name.starts_with(BASE)) {
            assert_eq!(is_with_ring(program), program.name == BASE_WITH_RING, "{}", program.dependencies);
            assert_eq!(program.dependencies.contains("\"rustls\""), program.name == BASE, "{}", program.dependencies);
            assert_eq!(program.base, program.name);
            for name in ["prost", "reqwest", "tokio-tungstenite"] {
                let stated = format!("{name} = {{ version = \"");
                assert!(program.dependencies.contains(&stated), "{}", program.dependencies);
            }
        }
    }
}
