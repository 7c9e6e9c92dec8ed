//! Fishjam on loopback, in memory, as a program.

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use fishjam_emulator::{Contract, Emulator, Result};

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
    /// URL that webhooks go to unless a room has its own
    #[arg(long, value_name = "URL")]
    webhook_url: Option<String>,
    /// Secret that webhooks are signed with
    #[arg(long, value_name = "SECRET")]
    webhook_secret: Option<String>,
    /// Generation of the contract that answers follow
    #[arg(long, value_enum, default_value_t = Generation::Current)]
    contract: Generation,
    /// Serve https and wss with a certificate made at start, which is printed
    #[cfg(feature = "__tls")]
    #[arg(long)]
    tls: bool,
    /// Be a Jellyfish, the self-hosted predecessor; its token is "development" unless given,
    /// here or in the variables of the server's environment (`JF_PORT`, `JF_SERVER_API_TOKEN`, `JF_HOST`, ...)
    #[arg(long, conflicts_with_all = ["id", "webhook_url", "webhook_secret", "contract"])]
    jellyfish: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Generation {
    Current,
    #[value(name = "0.22")]
    V0_22,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let served = if arguments.jellyfish { serve_jellyfish(arguments).await } else { serve(arguments).await };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fishjam-emulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Arguments) -> Result<()> {
    let contract = match arguments.contract {
        Generation::Current => Contract::Current,
        Generation::V0_22 => Contract::V0_22,
    };
    let mut builder = Emulator::builder().port(arguments.port).contract(contract);
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
    emulator.stop().await;
    Ok(())
}

async fn serve_jellyfish(arguments: Arguments) -> Result<()> {
    let mut builder = Emulator::jellyfish().environment(|name| std::env::var(name).ok());
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
    jellyfish.stop().await;
    Ok(())
}

/// Waits for ctrl-c, or for a request to terminate; both are noticed from the call on, before anybody waits.
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

/// Waits for ctrl-c.
#[cfg(not(unix))]
async fn interruption() {
    let _ = tokio::signal::ctrl_c().await;
}
