//! `telegram-sandbox import`: a real bot's updates as a story.

use std::path::PathBuf;

use anyhow::Context as _;
use telegram_sandbox::story;

/// Each line is an `Update` as JSON, or a whole answer of `getUpdates`. What the bot answered is in
/// no update; `replay --save` fills it in.
#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// The updates, as JSON lines.
    updates: PathBuf,
    /// The story file; without it the story is printed.
    story: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Import) -> anyhow::Result<()> {
    let from = &arguments.updates;
    let lines =
        std::fs::read_to_string(from).with_context(|| format!("cannot read {}", from.display()))?;
    let title = from.file_stem().unwrap_or_default().to_string_lossy();
    let imported = story::import(&lines, &title).with_context(|| from.display().to_string())?;
    for (kind, number) in &imported.left_out {
        eprintln!("left out: {number} × {kind}, for which a story has no line");
    }
    let text = imported.story.to_text();
    match &arguments.story {
        None => print!("{text}"),
        Some(to) => {
            std::fs::write(to, text).with_context(|| format!("cannot write {}", to.display()))?
        }
    }
    Ok(())
}
