//! Runs small shell scripts as programs.

use anyhow::{Context, Result, ensure};
use example_testing::{Program, ProgramBuilder, eventually};
use fishjam_emulator::Emulator;

fn script(script: &str) -> ProgramBuilder {
    Program::builder("/bin/sh").arg("-c").arg(script)
}

#[tokio::test]
async fn program_receives_the_settings_of_the_emulator() -> Result<()> {
    let emulator = Emulator::start().await?;
    let output = script(r#"echo "$FISHJAM_ID $FISHJAM_MANAGEMENT_TOKEN $LISTEN""#).emulator(&emulator).start()?;
    let output = output.end().await?;
    assert_eq!(output.stdout, format!("{} {} 127.0.0.1:0\n", emulator.url(), emulator.token()));
    Ok(())
}

#[tokio::test]
async fn line_with_skips_other_lines() -> Result<()> {
    let mut program = script("echo one; echo two; echo three >&2; echo four; echo two again").start()?;
    assert_eq!(program.line_with("two").await?, "two");
    assert_eq!(program.log_with("three").await?, "three");
    assert_eq!(program.line_with("two").await?, "two again");
    Ok(())
}

#[tokio::test]
async fn line_with_fails_with_all_output_at_the_end() -> Result<()> {
    let mut program = script("echo usual; echo problem >&2; exit 3").start()?;
    let error = program.line_with("listening").await.unwrap_err().to_string();
    ensure!(error.contains("usual") && error.contains("listening"), "{error}");
    let output = program.end().await?;
    assert_eq!((output.status.code(), output.stderr.as_str()), (Some(3), "problem\n"));
    Ok(())
}

#[tokio::test]
async fn url_is_read_from_the_listening_line() -> Result<()> {
    let mut program = script("echo starting; echo listening on http://127.0.0.1:4321/").start()?;
    assert_eq!(program.url().await?, "http://127.0.0.1:4321");
    assert_eq!(program.url().await?, "http://127.0.0.1:4321");
    Ok(())
}

#[tokio::test]
async fn interrupt_lets_the_program_end_in_order() -> Result<()> {
    // Perl replaces a SIGINT that is ignored, as in the background of a script. A shell cannot.
    let interruptible = r#"$| = 1; $SIG{INT} = sub { print "cleaned up\n"; exit 0 }; print "ready\n"; sleep 1 while 1"#;
    let mut program = Program::builder("perl").arg("-e").arg(interruptible).start()?;
    program.line_with("ready").await?;
    program.interrupt()?;
    let output = program.end().await?;
    ensure!(output.status.success() && output.stdout.ends_with("cleaned up\n"), "{output:?}");
    Ok(())
}

#[tokio::test]
async fn program_is_killed_on_drop() -> Result<()> {
    let mut program = script("echo $$; exec sleep 1000").start()?;
    let id = program.line_with("").await?;
    let process = std::path::PathBuf::from(format!("/proc/{id}/stat"));
    // A killed process stays as a zombie (Z) until Tokio reaps it.
    let runs = || std::fs::read_to_string(&process).is_ok_and(|stat| !stat.contains(") Z "));
    ensure!(!cfg!(target_os = "linux") || runs());
    drop(program);
    eventually("the end of the process", async || (!runs()).then_some(())).await.context(id)
}
