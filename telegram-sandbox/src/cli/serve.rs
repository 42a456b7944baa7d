//! The server with its page, until Ctrl-C or SIGTERM.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use futures::StreamExt as _;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook_tokio::Signals;
use telegram_sandbox::{Options, World};
use tokio::net::TcpListener;

#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// Where to listen, for the Bot API and for the page.
    #[arg(long, env = "VAHTA_SANDBOX_ADDR", default_value = "127.0.0.1:8081")]
    addr: SocketAddr,
    /// The bot's token.
    #[arg(long, default_value = "1:sandbox")]
    token: String,
    /// Enforce Telegram's flood limits (429 with `retry_after`).
    #[arg(long)]
    flood_limits: bool,
    /// Listen on an address that others can reach. There is no login: whoever reaches the page
    /// can be anybody in it.
    #[arg(long)]
    i_know: bool,
}

pub(crate) async fn run(arguments: Serve) -> anyhow::Result<()> {
    until_ended(arguments).await.map(drop)
}

/// Serves until the end, and gives the world as it is then.
pub(crate) async fn until_ended(arguments: Serve) -> anyhow::Result<Arc<World>> {
    ensure!(
        arguments.addr.ip().is_loopback() || arguments.i_know,
        "{} is not a loopback address: everybody who reaches it could write as anyone; add \
         --i-know if that is wanted",
        arguments.addr
    );
    super::check_token(&arguments.token)?;
    let listener = TcpListener::bind(arguments.addr)
        .await
        .with_context(|| format!("cannot listen on {}", arguments.addr))?;
    let addr = listener.local_addr()?;
    let signals = Signals::new([SIGINT, SIGTERM])?;
    let world = World::with_people(Options {
        token: arguments.token.clone(),
        flood_limits: arguments.flood_limits,
    });
    world.start_ids_at(ids_by_the_clock());
    println!(
        "telegram-sandbox: chat at http://{addr}/ · Bot API at http://{addr} · token {}",
        arguments.token
    );
    telegram_sandbox::run(listener, world.clone(), asked_to_end(signals)).await;
    Ok(world)
}

/// Ten ids for each second since 2025, so that a restarted sandbox goes on above the ids that a
/// bot may remember; fits 31 bits until 2031.
fn ids_by_the_clock() -> i64 {
    const YEAR_2025: u64 = 1_735_689_600;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = now.map_or(0, |now| now.as_secs().saturating_sub(YEAR_2025));
    i64::try_from(seconds * 10).unwrap_or(1).max(1)
}

/// Ctrl-C or SIGTERM.
async fn asked_to_end(mut signals: Signals) {
    signals.next().await;
}
