//! Construction of a client, and its failures.

use std::{
    fs::File,
    process::{Command, Output, Stdio},
};

use fishjam_sdk::{ErrorKind, FishjamClientBuilder, blocking::FishjamClient};

use crate::Server;

/// Does not compile unless the client can be shared, sent and printed.
const _: () = {
    const fn check<T: Clone + Send + Sync + std::fmt::Debug + 'static>() {}
    check::<FishjamClient>();
};

#[test]
fn wrong_settings_and_wrong_credentials_are_errors() -> anyhow::Result<()> {
    let server = Server::start()?;
    assert_eq!(FishjamClient::new("", "token").unwrap_err().kind(), ErrorKind::InvalidInput);
    let builder = FishjamClient::builder("id", "token").base_url("example.com");
    assert_eq!(builder.build_blocking().unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(server.journal().count("*"), 0);

    let error = FishjamClient::create_and_verify(server.url(), "wrong").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidCredentials);
    assert_eq!(server.client()?.check_credentials().map_err(|e| e.kind()), Ok(()));
    Ok(())
}

#[test]
fn no_secret_is_printed() -> anyhow::Result<()> {
    let fishjam = FishjamClient::builder("id", "a-sentinel-token").build_blocking()?;
    let printed = format!("{fishjam:?} {fishjam:#?}");
    assert!(printed.contains("blocking::FishjamClient") && !printed.contains("sentinel"), "{printed}");
    Ok(())
}

/// Not a test of its own: other tests run it in a separate process, with a separate environment and limits.
#[test]
#[ignore = "run by other tests, in a process of its own"]
fn prints_the_client_from_the_environment() {
    let mut hoard = Vec::new();
    if std::env::var_os("TAKE_ALL_FILES").is_some() {
        while let Ok(file) = File::open("/dev/null") {
            hoard.push(file);
        }
    }
    for made in [FishjamClient::from_env(), FishjamClientBuilder::from_env().and_then(|b| b.build_blocking())] {
        let said = made.and_then(|fishjam| fishjam.check_credentials());
        // Printing needs no further file.
        println!("said: {:?}", said.map_err(|error| format!("{error:#}")));
    }
}

/// Returns the output of a process: one line per client.
fn process(id: Option<&str>, token: Option<&str>, limit: Option<u32>) -> anyhow::Result<Vec<String>> {
    let program = std::env::current_exe()?;
    let arguments = ["--exact", "construction::prints_the_client_from_the_environment", "--ignored", "--nocapture"];
    let mut command = match limit {
        None => Command::new(program),
        Some(files) => {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("ulimit -n {files} && exec \"$0\" \"$@\"")]).arg(program);
            shell.env("TAKE_ALL_FILES", "1");
            shell
        }
    };
    command.args(arguments);
    for (name, value) in [("FISHJAM_ID", id), ("FISHJAM_MANAGEMENT_TOKEN", token)] {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let Output { status, stdout, .. } = command.stderr(Stdio::inherit()).output()?;
    anyhow::ensure!(status.success(), "the process ended with {status}");
    let said = String::from_utf8(stdout)?;
    Ok(said.lines().filter_map(|line| line.split_once("said: ")).map(|(_, said)| said.to_owned()).collect())
}

#[test]
fn from_env_reads_both_variables() -> anyhow::Result<()> {
    let server = Server::start()?;
    let (id, token) = (Some(server.url()), Some(server.token()));
    assert_eq!(process(id, token, None)?, ["Ok(())", "Ok(())"]);
    for (id, token, name) in [(None, token, "FISHJAM_ID"), (id, None, "FISHJAM_MANAGEMENT_TOKEN")] {
        let said = process(id, token, None)?;
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said.iter().all(|said| said.contains(name)), "{said:?}");
    }
    Ok(())
}

/// A runtime needs a few files; a process that may not open any more cannot have one.
#[cfg(unix)]
#[test]
fn unstartable_thread_is_an_error() -> anyhow::Result<()> {
    let said = process(Some("http://127.0.0.1:1"), Some("token"), Some(64))?;
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.iter().all(|said| said.contains("thread cannot be started") && said.contains("os error")), "{said:?}");
    Ok(())
}
