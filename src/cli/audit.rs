//! `vahta audit verify`: walks the chain and the rows, and says what is not as it was written.

use anyhow::bail;
use bot_core::audit::{self, Audit};
use bot_core::config::Config;
use bot_core::start;
use clap::Subcommand;

/// Faults that are printed one by one.
const SHOWN: usize = 100;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Check that no audit row was edited, removed, inserted or moved; exit code 1 if one was.
    Verify,
}

pub(super) async fn execute(command: Command) -> anyhow::Result<()> {
    let Command::Verify = command;
    let config = Config::load()?;
    let (db, pending) = start::look_at_database(&config).await?;
    if !pending.is_empty() {
        println!(
            "the database is looked at as it is, without {} pending migrations",
            pending.len()
        );
    }
    let audit = Audit::for_checks(db, &config.audit)?;
    let report = audit::verify(&audit).await?;
    println!(
        "{} links checked, {} rows waiting for theirs, {} rows erased by an act of the log, {} noted ends compared",
        report.links, report.pending, report.erased, report.heads
    );
    for fault in report.faults.iter().take(SHOWN) {
        println!("- {fault}");
    }
    if report.faults.len() > SHOWN {
        println!("- and {} more", report.faults.len() - SHOWN);
    }
    match report.faults.len() {
        0 => {
            println!("the audit log is whole");
            Ok(())
        }
        1 => bail!("the audit log is not what was written: 1 fault"),
        count => bail!("the audit log is not what was written: {count} faults"),
    }
}
