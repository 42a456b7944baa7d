//! The commands of `vahta`; one file each.

mod audit;
mod doctor;
mod migrate;
mod openapi;
mod plugin;
mod run;

use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

/// A Telegram-first operations bot platform.
#[derive(Parser)]
#[command(version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the bot and its web site.
    Run,
    /// Bring the database's tables up to date.
    Migrate,
    /// Ask running processes to enable, disable or reload a plugin; approve a library.
    #[command(subcommand)]
    Plugin(plugin::Command),
    /// The log of administrative acts.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Print the OpenAPI document of the API.
    Openapi,
    /// Check configuration, database and plugins, and say what is wrong.
    Doctor,
}

/// How long threads may take to end with the process.
const HANGING: Duration = Duration::from_secs(1);

/// Carries one command out.
pub(crate) fn execute(cli: Cli) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime cannot start")?;
    let done = runtime.block_on(async {
        match cli.command {
            Command::Run => run::run().await,
            Command::Migrate => migrate::migrate().await,
            Command::Plugin(command) => plugin::execute(command).await,
            Command::Audit(command) => audit::execute(command).await,
            Command::Openapi => openapi::print(),
            Command::Doctor => doctor::doctor().await,
        }
    });
    // What was to be ended in order has been; a thread that hangs must not keep the process.
    runtime.shutdown_timeout(HANGING);
    done
}
