//! A scenario: calls about one noun for the official SDK and ours.

use std::time::Duration;

use anyhow::{Context, Result};
use fishjam_emulator::{Authorization, Contract, Emulator, JellyfishContract, JellyfishEmulator, Journal};
use fishjam_sdk::FishjamClient;
use futures_util::future::BoxFuture;

use crate::{
    difference::{Tolerances, Tolerated},
    python::Python,
    report::{Report, Section},
};

/// A time limit that is longer than any part of a scenario.
const LIMIT: Duration = Duration::from_secs(90);

/// Every emulator has the same id, so that the paths of requests are the same.
const ID: &str = "interop";
const TOKEN: &str = "the-management-token";

/// A valid id that no entity has.
pub(crate) const UNKNOWN_ID: &str = "00000000-0000-4000-8000-000000000000";

/// Calls of our SDK against an emulator.
type Calls<S> = for<'a> fn(&'a S) -> BoxFuture<'a, Result<()>>;

/// A part of a scenario in which both SDKs use one emulator.
type RunBoth = for<'a> fn(&'a Python, &'a mut Section<'_>) -> BoxFuture<'a, Result<()>>;

/// An official SDK, with its own Python environment and its own server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sdk {
    Current,
    /// For the current contract, with agents of its own.
    V0_29,
    /// For an older contract.
    V0_22,
    /// For Jellyfish 0.5.
    Jellyfish,
    /// For self-hosted Fishjam 0.6.
    SelfHosted,
}

impl Sdk {
    pub(crate) const ALL: [Self; 5] = [Self::Current, Self::V0_29, Self::V0_22, Self::Jellyfish, Self::SelfHosted];

    /// The option that names its Python.
    pub(crate) fn option(self) -> &'static str {
        match self {
            Self::Current => "--python",
            Self::V0_29 => "--python-0.29",
            Self::V0_22 => "--older-python",
            Self::Jellyfish => "--jellyfish-python",
            Self::SelfHosted => "--self-hosted-python",
        }
    }
}

/// A server that an official SDK drives.
pub(crate) trait Server: Send + Sync {
    fn journal(&self) -> &Journal;

    /// Environment variables that a script reads.
    fn environment(&self) -> Vec<(&'static str, &str)>;
}

impl Server for Emulator {
    fn journal(&self) -> &Journal {
        self.journal()
    }

    fn environment(&self) -> Vec<(&'static str, &str)> {
        vec![("FISHJAM_ID", self.url()), ("FISHJAM_ORIGIN", self.origin()), ("FISHJAM_MANAGEMENT_TOKEN", self.token())]
    }
}

impl Server for JellyfishEmulator {
    fn journal(&self) -> &Journal {
        self.journal()
    }

    fn environment(&self) -> Vec<(&'static str, &str)> {
        vec![("JELLYFISH_SERVER_ADDRESS", self.address()), ("JELLYFISH_SERVER_API_TOKEN", self.token())]
    }
}

/// One noun: the file `tests/interop/{name}.py` and a Rust file of that name.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// The script, if it belongs to another scenario.
    pub(crate) script: Option<&'static str>,
    /// The official SDK. It determines the emulator that the script uses.
    pub(crate) sdk: Sdk,
    /// The calls of the script's `calls`, made by our SDK. `None` if the scenario makes no calls.
    pub(crate) calls: Option<Calls<Emulator>>,
    /// The same for a Jellyfish server.
    pub(crate) jellyfish_calls: Option<Calls<JellyfishEmulator>>,
    /// The tolerated differences of requests. They apply to all scenarios that use the operation.
    pub(crate) tolerated: &'static [Tolerated],
    /// The part in which both SDKs use one emulator.
    pub(crate) run_both: Option<RunBoth>,
}

impl Scenario {
    /// A scenario without any part.
    pub(crate) const NOTHING: Self = Self {
        name: "",
        script: None,
        sdk: Sdk::Current,
        calls: None,
        jellyfish_calls: None,
        tolerated: &[],
        run_both: None,
    };

    fn script(&self) -> &'static str {
        self.script.unwrap_or(self.name)
    }

    pub(crate) async fn run(&self, python: &Python, tolerances: &mut Tolerances, report: &mut Report) -> Result<()> {
        if let Some(calls) = self.calls {
            let contract = if self.sdk == Sdk::V0_22 { Contract::V0_22 } else { Contract::Current };
            self.forward(&emulator_of(contract).await?, python, &mut report.section(self.name, "official client"))
                .await?;
            // Our SDK supports only the current contract.
            let (theirs, ours) = (emulator_of(contract).await?, emulator().await?);
            let mut section = report.section(self.name, "same requests");
            self.requests(calls, (&theirs, &ours), python, tolerances, &mut section).await?;
        }
        if let Some(calls) = self.jellyfish_calls {
            let contract = match self.sdk {
                Sdk::SelfHosted => JellyfishContract::V0_6,
                _ => JellyfishContract::V0_5,
            };
            let jellyfish = || jellyfish_of(contract);
            self.forward(&jellyfish().await?, python, &mut report.section(self.name, "official client")).await?;
            let (theirs, ours) = (jellyfish().await?, jellyfish().await?);
            let mut section = report.section(self.name, "same requests");
            self.requests(calls, (&theirs, &ours), python, tolerances, &mut section).await?;
        }
        if let Some(run_both) = self.run_both {
            let mut section = report.section(self.name, "side by side");
            bounded("the common part", run_both(python, &mut section)).await?;
        }
        Ok(())
    }

    /// The official client drives the emulator.
    async fn forward(&self, server: &impl Server, python: &Python, section: &mut Section<'_>) -> Result<()> {
        python.run(self.script(), &["check"], server).await?.judge(section);
        let requests = server.journal().requests();
        let unnamed: Vec<_> = requests
            .iter()
            .filter(|request| !request.operation().ends_with("_socket"))
            .filter(|request| {
                let named =
                    request.header("x-fishjam-api-client").is_some_and(|name| name.starts_with("python-server/"));
                // The older SDKs did not send their names.
                let unnamed = self.sdk == Sdk::Current && !named;
                unnamed || request.authorization() == Authorization::Missing
            })
            .map(|request| format!("{} {}", request.method(), request.path()))
            .collect();
        section.check("the requests arrived with the SDK's name and a bearer token", || {
            anyhow::ensure!(!requests.is_empty(), "there were no requests");
            anyhow::ensure!(unnamed.is_empty(), "without: {}", unnamed.join(", "));
            Ok(())
        });
        Ok(())
    }

    /// Both make the same calls, each on an emulator of its own.
    async fn requests<S: Server>(
        &self,
        calls: Calls<S>,
        (theirs, ours): (&S, &S),
        python: &Python,
        tolerances: &mut Tolerances,
        section: &mut Section<'_>,
    ) -> Result<()> {
        python.run(self.script(), &["calls"], theirs).await?.judge(section);
        let made = bounded("the calls of our SDK", calls(ours)).await;
        section.check("our SDK made its calls", || made);
        crate::calls::compare(&theirs.journal().requests(), &ours.journal().requests(), tolerances, section);
        Ok(())
    }
}

/// A fresh emulator, with the same id and token as all others.
pub(crate) async fn emulator() -> Result<Emulator> {
    emulator_of(Contract::Current).await
}

async fn emulator_of(contract: Contract) -> Result<Emulator> {
    Emulator::builder().id(ID).token(TOKEN).contract(contract).start().await.context("cannot start an emulator")
}

/// A fresh Jellyfish, with the same token as all others.
pub(crate) async fn jellyfish() -> Result<JellyfishEmulator> {
    jellyfish_of(JellyfishContract::V0_5).await
}

async fn jellyfish_of(contract: JellyfishContract) -> Result<JellyfishEmulator> {
    Emulator::jellyfish().contract(contract).token(TOKEN).start().await.context("cannot start an emulator")
}

/// A client with the right credentials.
pub(crate) fn client(emulator: &Emulator) -> Result<FishjamClient> {
    Ok(FishjamClient::new(emulator.url(), emulator.token())?)
}

/// Checks that the call fails with this status.
pub(crate) fn refused<T>(outcome: fishjam_sdk::Result<T>, status: u16) -> Result<()> {
    match outcome {
        Ok(_) => anyhow::bail!("a call succeeded that should have met {status}"),
        Err(error) if error.status() == Some(status) => Ok(()),
        Err(error) => Err(error).with_context(|| format!("a call failed in another way than with {status}")),
    }
}

/// Gives up after [`LIMIT`].
pub(crate) async fn bounded<T>(what: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    let done = tokio::time::timeout(LIMIT, work).await;
    done.with_context(|| format!("{what} did not end within {LIMIT:?}"))?
}
