//! `telegram-sandbox replay`: story files against a bot.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use telegram_sandbox::story::{Player, Story};
use telegram_sandbox::{Options, Sandbox};

use super::{bot, check_token};

/// Exits with 0 if the bot does in each story what it did then, else with 1.
#[derive(Debug, clap::Args)]
pub(crate) struct Replay {
    /// Story files, played one after the other in one world.
    #[arg(required = true)]
    stories: Vec<PathBuf>,
    /// A sandbox that is running already; without it one is started.
    #[arg(long)]
    sandbox: Option<String>,
    /// The bot's token, for a sandbox that is started.
    #[arg(long, default_value = "1:sandbox")]
    bot_token: String,
    /// A command that runs the bot; it finds TELEGRAM_API_URL and TELEGRAM_BOT_TOKEN (BOT_TOKEN)
    /// in its environment.
    #[arg(long)]
    start: Option<String>,
    /// Seconds that the bot may take for what it should do after an act.
    #[arg(long, default_value_t = 10.0)]
    patience: f64,
    /// Milliseconds for which the bot is watched at the end of a story.
    #[arg(long, default_value_t = 250)]
    settle: u64,
    /// Write what happened as a story (with one story only).
    #[arg(long)]
    save: Option<PathBuf>,
}

pub(crate) async fn run(arguments: Replay) -> anyhow::Result<ExitCode> {
    check_token(&arguments.bot_token)?;
    let own = match &arguments.sandbox {
        Some(_) => None,
        None => Some(
            Sandbox::start(Options {
                token: arguments.bot_token.clone(),
                ..Options::default()
            })
            .await?,
        ),
    };
    let url = match (&arguments.sandbox, &own) {
        (Some(url), _) => url.clone(),
        (None, Some(own)) => own.url(),
        (None, None) => String::new(),
    };
    let mut bot = match &arguments.start {
        Some(command) => Some(bot::start(command, &url, &arguments.bot_token)?),
        None => None,
    };
    if bot.is_none() && own.is_some() {
        eprintln!("waiting for the bot at {url}");
    }
    let patience = Duration::try_from_secs_f64(arguments.patience)?;
    let player = Player::new(&url)
        .patience(patience)
        .settle(Duration::from_millis(arguments.settle));
    let all = async {
        // An interpreter takes longer to start than a bot to answer.
        player
            .bot_listens(patience.max(Duration::from_secs(60)))
            .await?;
        let mut passed = true;
        for file in &arguments.stories {
            passed &= play(&player, file, arguments.save.as_deref()).await?;
        }
        anyhow::Ok(passed)
    };
    let passed = bot::beside(bot.as_mut(), all).await?;
    drop(bot);
    if let Some(own) = own {
        own.stop().await;
    }
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn play(player: &Player, file: &Path, save: Option<&Path>) -> anyhow::Result<bool> {
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
    let story = Story::parse(&text).with_context(|| name.to_string())?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let outcome = player
        .clone()
        .files_in(folder)
        .play(&story)
        .await
        .with_context(|| name.to_string())?;
    if let Some(save) = save {
        let mut actual = outcome.actual.clone();
        actual.title.clone_from(&story.title);
        std::fs::write(save, actual.to_text())?;
    }
    if outcome.passed {
        println!("ok      {name}: {}", story.title);
        return Ok(true);
    }
    println!("FAILED  {name}: {}", story.title);
    for (line, reason) in &outcome.refused {
        println!("{name}:{line}: {reason}");
    }
    print!("{}", outcome.diff);
    Ok(false)
}
