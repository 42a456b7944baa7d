//! What the program can be told. Without a command it serves.

mod bot;
mod import;
mod load;
mod record;
mod replay;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A Bot API server double with a chat page.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    serve: serve::Serve,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Save a conversation as a story file.
    Record(record::Record),
    /// Play story files against a bot and say what it does differently.
    Replay(replay::Replay),
    /// Let many chats write to a bot, and measure its replies.
    Load(load::Load),
    /// Make a story of a real bot's updates (JSON lines).
    Import(import::Import),
}

/// A token is the bot's id, a colon and a secret, which stands in addresses.
fn check_token(token: &str) -> anyhow::Result<()> {
    let parts = token.split_once(':');
    let id = parts.and_then(|(id, _)| id.parse::<i64>().ok());
    let secret = parts.map_or("", |(_, secret)| secret);
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    anyhow::ensure!(
        id.is_some_and(|id| (1..1 << 52).contains(&id))
            && !secret.is_empty()
            && secret.chars().all(fits),
        "`{token}` is no token: it is a number, a colon and letters, digits, _ and -, such as \
         1:sandbox"
    );
    Ok(())
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        None => serve::run(arguments.serve).await?,
        Some(Command::Record(record)) => record::run(record).await?,
        Some(Command::Replay(replay)) => return replay::run(replay).await,
        Some(Command::Load(load)) => return load::run(load).await,
        Some(Command::Import(import)) => import::run(&import)?,
    }
    Ok(ExitCode::SUCCESS)
}
