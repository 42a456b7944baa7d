//! The program: the sandbox with its chat page, for people and for bots that run as processes of
//! their own.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the banner and a refusal are for whoever started the program"
)]

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use clap::Parser;
use futures::StreamExt as _;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook_tokio::Signals;
use telegram_sandbox::{Options, World, run};
use tokio::net::TcpListener;

/// A Bot API server double with a chat page.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
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

#[tokio::main]
async fn main() -> ExitCode {
    match serve(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("telegram-sandbox: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Arguments) -> anyhow::Result<()> {
    ensure!(
        arguments.addr.ip().is_loopback() || arguments.i_know,
        "{} is not a loopback address: everybody who reaches it could write as anyone; add \
         --i-know if that is wanted",
        arguments.addr
    );
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
    run(listener, world, asked_to_end(signals)).await;
    Ok(())
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
