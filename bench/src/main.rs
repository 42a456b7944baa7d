//! Paired benchmarks: Vahta with everything on beside a bare bot, on one load source.
//!
//! Without a command it measures and prints a Markdown report. The other commands are the parts
//! that run in processes of their own; see `docs/BENCH.md`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for a terminal: the report on standard output, progress on standard error"
)]

mod ceiling;
mod http;
mod runner;
mod source;
mod sse;
mod tasks;
mod zip;

use clap::{Parser, Subcommand};

/// Measures Vahta against a bare bot on SQLite and PostgreSQL.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    options: runner::Options,
}

#[derive(Subcommand)]
enum Part {
    /// The load source: a Bot API server that only hands out load and checks the answers.
    Source {
        /// Port on loopback; 0 takes a free one. The address is the first line of the output.
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
    /// The fastest thinkable bot, to see how much the source can deliver.
    Null {
        #[arg(long)]
        port: u16,
        /// Connections that send replies.
        #[arg(long, default_value_t = 64)]
        connections: usize,
    },
    /// Measures the source's ceiling: the source against `null`.
    Ceiling,
    /// Server-sent events to many streams, beside nginx with nchan.
    Sse(sse::Options),
    /// Lists and the board of ten thousand tasks.
    Tasks(tasks::Options),
    /// Archives, beside `zip` and `pigz`.
    Zip(zip::Options),
    /// Writes one archive, as the bot would; for `zip`.
    Pack(zip::Pack),
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    if let Some(Part::Pack(pack)) = &cli.part {
        return zip::pack(pack);
    }
    // One thread: each part has a process of its own, and the runner only waits.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    tokio::task::LocalSet::new().block_on(&runtime, async {
        match cli.part {
            Some(Part::Source { port }) => source::run(port).await,
            Some(Part::Null { port, connections }) => ceiling::null_bot(port, connections).await,
            Some(Part::Ceiling) => ceiling::measure().await,
            Some(Part::Sse(options)) => sse::run(&options).await,
            Some(Part::Tasks(options)) => tasks::run(&options).await,
            Some(Part::Zip(options)) => zip::run(&options).await,
            Some(Part::Pack(_)) => Ok(()),
            None => runner::run(&cli.options).await,
        }
    })
}
