//! `cargo xtask pg [--fast] -- <command>`: the command beside private database servers.
//!
//! The servers listen on loopback only, on free ports, with a random password, in a short
//! temporary folder; they end with the command. The command finds them in
//! `VAHTA_TEST_POSTGRES_URL` and `VAHTA_TEST_REDIS_URL`; a variable that is set already is kept,
//! and then no server is started for it.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::{environment, process, signals};

mod postgres;
mod redis;
mod scratch;

const POSTGRES_URL: &str = "VAHTA_TEST_POSTGRES_URL";
const REDIS_URL: &str = "VAHTA_TEST_REDIS_URL";

/// # Errors
/// If a server or the command does not start. The command's own failure is the exit code.
pub fn run(args: &[String]) -> Result<ExitCode> {
    let (fast, command) = match args {
        [flag, dashes, command @ ..] if flag == "--fast" && dashes == "--" => (true, command),
        [dashes, command @ ..] if dashes == "--" => (false, command),
        _ => bail!("usage: cargo xtask pg [--fast] -- <command>"),
    };
    let Some((program, args)) = command.split_first() else {
        bail!("which command?")
    };

    let (events, stop) = mpsc::channel();
    signals::forward(events, |signal| signal)?;

    let mut child = Command::new(program);
    child.args(args);
    environment::without_cargo(&mut child);
    // Both live until this function ends and take their servers with them.
    let _postgres = match environment::var(POSTGRES_URL) {
        Some(_) => None,
        None => {
            let server = postgres::Postgres::start(fast)?;
            child.env(POSTGRES_URL, &server.url);
            Some(server)
        }
    };
    let _redis = match environment::var(REDIS_URL) {
        Some(_) => None,
        None => redis::Redis::start()?.inspect(|server| {
            child.env(REDIS_URL, &server.url);
        }),
    };

    if stop.try_recv().is_ok() {
        bail!("stopped before the command was started");
    }
    let child = child
        .spawn()
        .with_context(|| format!("cannot start {program}"))?;
    Ok(exit_code(wait(child, &stop)?))
}

/// Waits for the command. It shares our process group, so a Ctrl-C reached it too; other signals
/// are passed on. After one it has ten seconds.
fn wait(mut child: Child, stop: &Receiver<Signal>) -> Result<ExitStatus> {
    const TICK: Duration = Duration::from_millis(50);
    let mut ticks_left = None;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        match stop.recv_timeout(TICK) {
            Ok(signal) => {
                let pid = i32::try_from(child.id()).map(Pid::from_raw);
                if let (Ok(pid), true) = (pid, signal != Signal::SIGINT) {
                    let _ = kill(pid, signal);
                }
                ticks_left.get_or_insert(200_u32);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => process::pause(TICK),
        }
        match &mut ticks_left {
            Some(0) => {
                child.kill()?;
                return Ok(child.wait()?);
            }
            Some(left) => *left -= 1,
            None => {}
        }
    }
}

/// The command's exit code, or 128 + the signal that ended it, as shells say it.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
