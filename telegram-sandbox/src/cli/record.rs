//! `telegram-sandbox record`: what happened, as a story file.

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use telegram_sandbox::story::Player;

use super::serve::{self, Serve};

/// Serves like the program without a command and writes the story when it ends; with `--sandbox`
/// writes what has happened there so far.
#[derive(Debug, clap::Args)]
pub(crate) struct Record {
    /// The story file; it must not be there yet.
    file: PathBuf,
    /// A sandbox that is running already, such as `http://127.0.0.1:8081`.
    #[arg(long)]
    sandbox: Option<String>,
    /// What the story is called.
    #[arg(long, default_value = "recorded")]
    title: String,
    /// Only what happened in this chat (its id).
    #[arg(long, allow_hyphen_values = true)]
    chat: Option<i64>,
    #[command(flatten)]
    serve: Serve,
}

pub(crate) async fn run(arguments: Record) -> anyhow::Result<()> {
    let file = &arguments.file;
    ensure!(!file.exists(), "{} is there already", file.display());
    let mut story = match &arguments.sandbox {
        Some(url) => Player::new(url).record(arguments.chat).await?,
        None => serve::until_ended(arguments.serve)
            .await?
            .story(arguments.chat),
    };
    story.title = arguments.title;
    std::fs::write(file, story.to_text())
        .with_context(|| format!("cannot write {}", file.display()))?;
    println!("{}: {} lines", file.display(), story.events.len());
    Ok(())
}
