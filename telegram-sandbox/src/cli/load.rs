//! `telegram-sandbox load`: how fast is a bot, and does it keep the order?

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::ensure;
use telegram_sandbox::load::{self, Arrivals, Plan};
use telegram_sandbox::story::Player;
use telegram_sandbox::{Options, World};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::{bot, check_token};

/// Exits with 0 if every update has exactly one reply, in the order of its chat.
#[derive(Debug, clap::Args)]
pub(crate) struct Load {
    /// Private chats that write, one person each.
    #[arg(long, default_value_t = 1_000)]
    chats: usize,
    /// Updates, all chats together.
    #[arg(long, default_value_t = 10_000)]
    updates: usize,
    /// The first so many are not in the figures of time.
    #[arg(long, default_value_t = 0)]
    warm_up: usize,
    /// When they arrive: `burst` (all at once), so many a second (`500`), or as independent
    /// people write (`poisson:500`).
    #[arg(long, default_value = "burst")]
    rate: Arrivals,
    /// What people write; an n in braces becomes the update's number. Order is checked if the
    /// reply has it.
    #[arg(long, default_value = "/echo {n}")]
    text: String,
    /// Deliver to this webhook instead of waiting for polls.
    #[arg(long)]
    webhook: Option<String>,
    /// A command that runs the bot; it finds TELEGRAM_API_URL and TELEGRAM_BOT_TOKEN in its
    /// environment. Without it the bot is waited for.
    #[arg(long, conflicts_with = "own_bot")]
    start: Option<String>,
    /// Use a bot of our own that does nothing but reply, on so many connections (0: it only
    /// fetches): the sandbox's own ceiling on this machine.
    #[arg(long)]
    own_bot: Option<usize>,
    #[arg(long, default_value = "1:sandbox")]
    bot_token: String,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:0")]
    addr: SocketAddr,
    /// End when nothing has come back for so many seconds.
    #[arg(long, default_value_t = 10)]
    patience: u64,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: Load) -> anyhow::Result<ExitCode> {
    ensure!(arguments.addr.ip().is_loopback(), "load stays on loopback");
    ensure!(arguments.chats > 0, "--chats must be 1 or more");
    ensure!(
        arguments.warm_up < arguments.updates,
        "--warm-up must be less than --updates ({}): nothing would be measured",
        arguments.updates
    );
    check_token(&arguments.bot_token)?;
    let listener = TcpListener::bind(arguments.addr).await?;
    let addr = listener.local_addr()?;
    let url = format!("http://{addr}");
    let token = &arguments.bot_token;
    let world = World::new(Options {
        token: token.clone(),
        ..Options::default()
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let until = async {
        // An error says that the sender was dropped: just as good a reason to end.
        let _ = stopped.await;
    };
    let server = tokio::spawn(telegram_sandbox::run(listener, world.clone(), until));
    let own = arguments.own_bot.map(|connections| {
        let token = token.clone();
        tokio::spawn(async move { load::null_bot(addr, &token, connections).await })
    });
    let mut started = match &arguments.start {
        Some(command) => Some(bot::start(command, &url, token)?),
        None => None,
    };
    let player = Player::new(&url);
    let plan = Plan {
        chats: arguments.chats,
        updates: arguments.updates,
        warm_up: arguments.warm_up,
        arrivals: arguments.rate,
        text: arguments.text,
        patience: Duration::from_secs(arguments.patience),
        replies: arguments.own_bot != Some(0),
    };
    let is_awaited = own.is_none() && started.is_none();
    let measured = async {
        if let Some(webhook) = &arguments.webhook {
            player.set_webhook(token, webhook).await?;
        } else {
            if is_awaited {
                eprintln!("waiting for the bot at {url}, token {token}");
            }
            player.bot_listens(Duration::from_secs(60)).await?;
        }
        anyhow::Ok(load::run(&world, &plan).await)
    };
    let report = bot::beside(started.as_mut(), measured).await?;
    if arguments.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print!("{report}");
    }
    drop(started);
    if let Some(own) = own {
        own.abort();
    }
    let _ = stop.send(());
    let _ = server.await;
    let clean = report.is_clean() || (!plan.replies && report.handed_out == plan.updates);
    Ok(if clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
