//! Creates after the process was suspended: a frozen function, a paused VM, a closed laptop.

use std::{
    env, fs,
    io::{BufRead, Write},
    process::Stdio,
    time::Duration,
};

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{FishjamClient, RoomOptions};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
    task::JoinSet,
};

use crate::relay::Relay;

/// Set in the suspended process: the server's URL and the token.
const SERVER: &str = "FISHJAM_TEST_SUSPENDED";
/// A limit that only a hang can reach.
const HANG: Duration = Duration::from_secs(60);
/// Suspensions of one process.
const ROUNDS: usize = 20;
/// Connections that are idle during a suspension, and creates after it.
const CREATES: usize = 3;

#[test]
fn no_create_fails_after_suspension_on_one_thread() -> anyhow::Result<()> {
    check("no_create_fails_after_suspension_on_one_thread", |server| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let fishjam = server.builder().build()?;
        round_by_round(|| runtime.block_on(create(&fishjam)))
    })
}

#[test]
fn no_create_fails_after_suspension_on_many_threads() -> anyhow::Result<()> {
    check("no_create_fails_after_suspension_on_many_threads", |server| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let fishjam = server.builder().build()?;
        round_by_round(|| runtime.block_on(create(&fishjam)))
    })
}

#[test]
fn no_create_fails_after_suspension_in_a_task() -> anyhow::Result<()> {
    check("no_create_fails_after_suspension_in_a_task", |server| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let fishjam = server.builder().build()?;
        runtime.block_on(runtime.spawn(async move {
            for _ in 0..ROUNDS {
                // Blocks the worker, as a busy program does.
                report(create(&fishjam).await)?;
            }
            Ok(())
        }))?
    })
}

#[test]
fn no_blocking_create_fails_after_suspension() -> anyhow::Result<()> {
    check("no_blocking_create_fails_after_suspension", |server| {
        let fishjam = server.builder().build_blocking()?;
        round_by_round(|| {
            std::thread::scope(|scope| {
                let calls: Vec<_> =
                    (0..CREATES).map(|_| scope.spawn(|| fishjam.create_room(RoomOptions::new()))).collect();
                calls.into_iter().try_for_each(|call| call.join().unwrap().map(drop))
            })
        })
    })
}

/// In the suspended process.
struct Server {
    url: String,
    token: String,
}

impl Server {
    fn builder(&self) -> fishjam_sdk::FishjamClientBuilder {
        FishjamClient::builder(&*self.url, &*self.token).no_proxy()
    }
}

async fn create(fishjam: &FishjamClient) -> fishjam_sdk::Result<()> {
    let calls: JoinSet<_> = (0..CREATES)
        .map(|_| {
            let fishjam = fishjam.clone();
            async move { fishjam.create_room(RoomOptions::new()).await.map(drop) }
        })
        .collect();
    calls.join_all().await.into_iter().collect()
}

fn round_by_round(mut round: impl FnMut() -> fishjam_sdk::Result<()>) -> anyhow::Result<()> {
    (0..ROUNDS).try_for_each(|_| report(round()))
}

/// Reports one round, and waits on this thread until the next one may start.
fn report(outcome: fishjam_sdk::Result<()>) -> anyhow::Result<()> {
    let outcome = outcome.map_or_else(|error| format!("failed {error}"), |()| "created".to_owned());
    writeln!(std::io::stdout(), "\n{outcome}")?;
    std::io::stdin().lock().read_line(&mut String::new())?;
    Ok(())
}

/// Runs `child` in a process of its own, which is this test started again, and suspends it while the server ends its
/// idle connections.
fn check(name: &str, child: impl FnOnce(Server) -> anyhow::Result<()>) -> anyhow::Result<()> {
    if let Ok(server) = env::var(SERVER) {
        let (url, token) = server.split_once(' ').context("URL and token")?;
        return child(Server { url: url.to_owned(), token: token.to_owned() });
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let emulator = Emulator::start().await?;
        let relay = Relay::start(emulator.origin()).await?;
        let url = emulator.url().replace(emulator.origin(), &relay.origin());
        let mut child = Command::new(env::current_exe()?)
            .args([&format!("suspended::{name}"), "--exact", "--nocapture"])
            .env(SERVER, format!("{url} {}", emulator.token()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut orders = child.stdin.take().context("stdin")?;
        let mut lines = BufReader::new(child.stdout.take().context("stdout")?).lines();
        let mut failed = Vec::new();
        for _ in 0..ROUNDS {
            loop {
                let line = tokio::time::timeout(HANG, lines.next_line()).await??.context("the child ended")?;
                match line.as_str() {
                    "created" => break,
                    line if line.starts_with("failed") => {
                        failed.push(line.to_owned());
                        break;
                    }
                    _ => {}
                }
            }
            signal(&child, "STOP").await?;
            end_connections(&relay).await?;
            orders.write_all(b"go\n").await?;
            signal(&child, "CONT").await?;
        }
        assert!(failed.is_empty(), "{} of {ROUNDS}: {failed:#?}", failed.len());
        anyhow::ensure!(child.wait().await?.success());
        Ok(())
    })
}

async fn signal(child: &Child, signal: &str) -> anyhow::Result<()> {
    let pid = child.id().context("the child runs")?.to_string();
    anyhow::ensure!(Command::new("kill").args(["-s", signal, &pid]).status().await?.success());
    Ok(())
}

/// Ends all connections of a stopped process, and waits until their ends have arrived there.
async fn end_connections(relay: &Relay) -> anyhow::Result<()> {
    let remote = format!(":{:04X}", relay.port);
    let ended = async {
        loop {
            // This includes connections that were accepted in between.
            relay.end_connections();
            tokio::time::sleep(Duration::from_millis(1)).await;
            let sockets = fs::read_to_string("/proc/net/tcp")?;
            let mut rows = sockets.lines().map(|row| row.split_whitespace().skip(2));
            let is_open = |state| matches!(state, Some("01" | "02"));
            if !rows.any(|mut row| row.next().is_some_and(|to| to.ends_with(&remote)) && is_open(row.next())) {
                return anyhow::Ok(());
            }
        }
    };
    tokio::time::timeout(HANG, ended).await.context("the connections do not end")?
}
