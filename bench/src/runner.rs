//! Measures pairs and prints what came out.

mod build;
mod contender;
mod database;
mod machine;
mod measure;
mod pairs;
mod peers;
pub(crate) mod process;
mod table;
mod verdict;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

pub(crate) use build::Binaries;
pub(crate) use contender::{Bot, STOP, database_name, free_address, vahta};
pub(crate) use database::{Database, Kind, Server};
pub(crate) use machine::Machine;
pub(crate) use verdict::median;

use contender::Contender;
use pairs::{Outcome, Work};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Pairs of each comparison; the median of their ratios counts.
    #[arg(long, default_value_t = 5)]
    pairs: usize,
    /// One pair with a tenth of the load: shows that it works, not how fast.
    #[arg(long)]
    quick: bool,
    /// Only this work: g1 (throughput) or g2 (latency).
    #[arg(long)]
    work: Option<Work>,
    /// Only on this database.
    #[arg(long)]
    database: Option<Kind>,
    /// Measure bots of other libraries too, where their runtimes are installed.
    #[arg(long)]
    peers: bool,
    /// Take the release builds that are there.
    #[arg(long)]
    no_build: bool,
    /// A PostgreSQL server on this machine for which we may create databases.
    #[arg(long, env = "VAHTA_TEST_POSTGRES_URL", hide_env_values = true)]
    postgres: Option<String>,
}

/// An error when a gate of `docs/BENCH.md` is missed or an answer was wrong.
pub(crate) async fn run(options: &Options) -> Result<()> {
    let binaries = build::Binaries::find()?;
    if !options.no_build {
        binaries.build().await?;
    }
    let folder = Folder::new(&binaries.target)?;
    let peers = if options.peers {
        peers::find(&binaries.target).await?
    } else {
        Vec::new()
    };
    let mut found = Found::default();
    let mut broken = Vec::new();
    for kind in [Kind::Sqlite, Kind::Postgres] {
        if options.database.is_some_and(|only| only != kind) {
            continue;
        }
        // What was measured before something broke is still worth printing.
        if let Err(error) = on(kind, &binaries, &folder.0, &peers, options, &mut found).await {
            broken.push(format!("{}: {error:#}", kind.name()));
        }
    }
    let Found { outcomes, servers } = found;
    let report = table::render(&outcomes, &servers, options.quick);
    println!("{report}");
    let path = table::save(&outcomes, &servers, &binaries.target)?;
    eprintln!("all figures: {}", path.display());
    let missed: Vec<String> = outcomes.iter().flat_map(Outcome::failures).collect();
    // A quick run says whether the bench works; its figures are no verdict.
    ensure!(
        options.quick || missed.is_empty(),
        "missed: {}",
        missed.join("; ")
    );
    Ok(())
}

/// What was measured, and with which databases.
#[derive(Default)]
struct Found {
    outcomes: Vec<Outcome>,
    servers: Vec<String>,
}

/// All work on one kind of database.
async fn on(
    kind: Kind,
    binaries: &build::Binaries,
    folder: &Path,
    peers: &[Contender],
    options: &Options,
    found: &mut Found,
) -> Result<()> {
    let Some(mut server) = Server::find(kind, options.postgres.clone()).await? else {
        eprintln!("PostgreSQL is not measured: VAHTA_TEST_POSTGRES_URL is not set");
        return Ok(());
    };
    found.servers.push(server.describe().await?);
    let template = folder.join(format!("template-{kind:?}").to_lowercase());
    contender::prepare(
        binaries,
        &mut server,
        pairs::people(options.quick),
        &template,
    )
    .await?;
    let setting = measure::Setting {
        binaries,
        server: &server,
        folder,
    };
    for work in [Work::G1, Work::G2] {
        if options.work.is_none_or(|only| only == work) {
            let outcome = pairs::run(&setting, Contender::Bare, work, options).await?;
            found.outcomes.push(outcome);
        }
    }
    // Others stand beside us on the default database only.
    if kind == Kind::Sqlite && options.work != Some(Work::G2) {
        for peer in peers {
            let outcome = pairs::run(&setting, peer.clone(), Work::G1, options).await?;
            found.outcomes.push(outcome);
        }
    }
    server.forget().await
}

/// Databases and logs of one run, beside the build so that they lie on a real disk; removed at the
/// end.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(target: &Path) -> Result<Self> {
        let path = target.join(format!("bench/run-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
