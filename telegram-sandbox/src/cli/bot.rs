//! Starting somebody's bot.

use anyhow::Context as _;
use async_process::{Child, Command, Stdio};

/// Runs a command line in a shell, with the sandbox's address and the token in the environment.
/// The bot ends when this is dropped.
pub(crate) fn start(command: &str, sandbox: &str, token: &str) -> anyhow::Result<Child> {
    Command::new("sh")
        // The shell becomes the bot, so that ending the one ends the other.
        .args(["-c", &format!("exec {command}")])
        .env("TELEGRAM_API_URL", sandbox)
        .env("TELEGRAM_BOT_TOKEN", token)
        .env("BOT_TOKEN", token)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {command}"))
}
