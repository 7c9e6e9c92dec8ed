//! Fishjam on loopback, in memory, as a program.

use std::{io, process::ExitCode, time::Duration};

use clap::{CommandFactory, Parser, ValueEnum, error::ErrorKind};
use fishjam_emulator::{Contract, Emulator, Error, JellyfishContract, Result};

/// The time in which requests in flight can complete at the end. The program ends within a second.
const STOP_LIMIT: Duration = Duration::from_millis(500);

/// Fishjam on loopback, in memory: for tests and development, without an account.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Fishjam id; random unless given
    #[arg(long)]
    id: Option<String>,
    /// Management token; random unless given
    #[arg(long)]
    token: Option<String>,
    /// Webhook URL for rooms without their own
    #[arg(long, value_name = "URL")]
    webhook_url: Option<String>,
    /// Secret that signs webhooks
    #[arg(long, value_name = "SECRET")]
    webhook_secret: Option<String>,
    /// Version of the emulated service; the last two are self-hosted servers
    #[arg(long, value_enum)]
    contract: Option<Version>,
    /// Do not log requests to stderr
    #[arg(long)]
    quiet: bool,
    /// Number of bytes that the journal keeps
    #[arg(long, value_name = "BYTES", default_value_t = 1_048_576)]
    journal_bytes: usize,
    /// Serve https and wss with a new certificate, which is printed at the start
    #[cfg(feature = "__tls")]
    #[arg(long)]
    tls: bool,
    /// Emulate Jellyfish, as `--contract jellyfish-0.5` does; also reads the server's environment variables (`JF_PORT`,
    /// `JF_SERVER_API_TOKEN`, `JF_HOST`, ...); default token: "development"
    #[arg(long)]
    jellyfish: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Version {
    Current,
    #[value(name = "0.22")]
    V0_22,
    #[value(name = "jellyfish-0.5")]
    Jellyfish0_5,
    #[value(name = "fishjam-0.6")]
    Fishjam0_6,
}

/// The emulated service.
enum Service {
    Fishjam(Contract),
    SelfHosted(JellyfishContract),
}

impl Arguments {
    fn service(&self) -> std::result::Result<Service, clap::Error> {
        let service = match (self.contract, self.jellyfish) {
            (None | Some(Version::Current), false) => Service::Fishjam(Contract::Current),
            (Some(Version::V0_22), false) => Service::Fishjam(Contract::V0_22),
            (None, true) | (Some(Version::Jellyfish0_5), _) => Service::SelfHosted(JellyfishContract::V0_5),
            (Some(Version::Fishjam0_6), _) => Service::SelfHosted(JellyfishContract::V0_6),
            (Some(Version::Current | Version::V0_22), true) => {
                return Err(conflict("--jellyfish with this --contract"));
            }
        };
        let fishjam_only =
            [("--id", &self.id), ("--webhook-url", &self.webhook_url), ("--webhook-secret", &self.webhook_secret)];
        match fishjam_only.into_iter().find(|(_, value)| value.is_some()) {
            Some((name, _)) if matches!(service, Service::SelfHosted(_)) => {
                Err(conflict(&format!("{name} with a self-hosted server")))
            }
            _ => Ok(service),
        }
    }
}

fn conflict(what: &str) -> clap::Error {
    Arguments::command().error(ErrorKind::ArgumentConflict, format!("cannot use {what}"))
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let service = arguments.service().unwrap_or_else(|error| error.exit());
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("fishjam-emulator: cannot start a runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let served = runtime.block_on(async {
        match service {
            Service::Fishjam(contract) => serve(arguments, contract).await,
            Service::SelfHosted(contract) => serve_jellyfish(arguments, contract).await,
        }
    });
    // A name lookup of a webhook can block a thread for longer than the program may take to end.
    runtime.shutdown_background();
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fishjam-emulator: {error:#}{}", advice(&error));
            ExitCode::FAILURE
        }
    }
}

/// Returns the end of the message: the option that fixes the error, if there is one.
fn advice(error: &Error) -> &'static str {
    match error {
        Error::Bind { source, .. } if source.kind() == io::ErrorKind::AddrInUse => "; choose another --port",
        _ => "",
    }
}

async fn serve(arguments: Arguments, contract: Contract) -> Result<()> {
    // The program has no way to inspect the frames of sockets.
    let mut builder = Emulator::builder()
        .port(arguments.port)
        .contract(contract)
        .journal_bytes(arguments.journal_bytes)
        .control_api(true)
        .log_requests(!arguments.quiet)
        .socket_journal(0);
    if let Some(url) = arguments.webhook_url {
        builder = builder.webhook_url(url);
    }
    if let Some(secret) = arguments.webhook_secret {
        builder = builder.webhook_secret(secret);
    }
    if let Some(id) = arguments.id {
        builder = builder.id(id);
    }
    if let Some(token) = arguments.token {
        builder = builder.token(token);
    }
    #[cfg(feature = "__tls")]
    {
        builder = builder.tls(arguments.tls);
    }
    let emulator = builder.start().await?;
    let interruption = interruption();
    println!("export FISHJAM_ID={}", emulator.url());
    println!("export FISHJAM_MANAGEMENT_TOKEN={}", emulator.token());
    if let Some(certificate) = emulator.certificate_pem() {
        print!("{certificate}");
    }
    println!("listening on {}", emulator.origin());
    interruption.await;
    emulator.stop_within(STOP_LIMIT).await;
    Ok(())
}

async fn serve_jellyfish(arguments: Arguments, contract: JellyfishContract) -> Result<()> {
    let mut builder = Emulator::jellyfish()
        .contract(contract)
        .journal_bytes(arguments.journal_bytes)
        .control_api(true)
        .log_requests(!arguments.quiet)
        .socket_journal(0)
        .environment(|name| std::env::var(name).ok());
    if arguments.port != 0 {
        builder = builder.port(arguments.port);
    }
    if let Some(token) = arguments.token {
        builder = builder.token(token);
    }
    #[cfg(feature = "__tls")]
    {
        builder = builder.tls(arguments.tls);
    }
    let jellyfish = builder.start().await?;
    let interruption = interruption();
    println!("export JELLYFISH_SERVER_ADDRESS={}", jellyfish.address());
    println!("export JELLYFISH_SERVER_API_TOKEN={}", jellyfish.token());
    if let Some(certificate) = jellyfish.certificate_pem() {
        println!("export JELLYFISH_SECURE=true");
        print!("{certificate}");
    }
    println!("listening on {}", jellyfish.origin());
    interruption.await;
    jellyfish.stop_within(STOP_LIMIT).await;
    Ok(())
}

/// Returns a future that waits for Ctrl-C or a request to terminate.
///
/// The handlers are installed immediately, before the caller awaits the future.
#[cfg(unix)]
fn interruption() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};

    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async move {
        match signals {
            (Ok(mut interrupt), Ok(mut terminate)) => tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            },
            _ => {
                let _ = tokio::signal::ctrl_c().await;
            }
        }
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
async fn interruption() {
    let _ = tokio::signal::ctrl_c().await;
}
