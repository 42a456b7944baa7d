//! Starting somebody's bot.

use std::future::Future;
use std::os::unix::process::CommandExt as _;
use std::process::ExitStatus;

use anyhow::{Context as _, bail};
use async_process::{Child, Command, Stdio};
use futures::StreamExt as _;
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook_tokio::Signals;

/// A command that runs. It has a process group of its own, which ends with this: a shell may have
/// started more than one process for it.
#[derive(Debug)]
pub(crate) struct Bot {
    command: String,
    child: Child,
    group: Option<Pid>,
}

/// Runs a command line in a shell, with the sandbox's address and the token in the environment.
pub(crate) fn start(command: &str, sandbox: &str, token: &str) -> anyhow::Result<Bot> {
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", command]).process_group(0);
    let child = Command::from(shell)
        .env("TELEGRAM_API_URL", sandbox)
        .env("TELEGRAM_BOT_TOKEN", token)
        .env("BOT_TOKEN", token)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {command}"))?;
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    Ok(Bot {
        command: command.to_owned(),
        child,
        group,
    })
}

impl Bot {
    async fn ended(&mut self) -> std::io::Result<ExitStatus> {
        self.child.status().await
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            // Nobody may be left in it.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Does something as long as the bot runs, if there is one. Its end is the end of it, and so is
/// Ctrl-C, which does not reach the bot's own process group.
pub(crate) async fn beside<T>(
    bot: Option<&mut Bot>,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let Some(bot) = bot else {
        return work.await;
    };
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let command = bot.command.clone();
    tokio::select! {
        done = work => done,
        ended = bot.ended() => bail!("`{command}` has ended: {}", ended?),
        _ = signals.next() => bail!("interrupted"),
    }
}
