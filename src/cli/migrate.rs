//! `vahta migrate`: brings the core's tables up to date and says so.

use bot_core::config::Config;
use bot_core::start;

pub(super) async fn migrate() -> anyhow::Result<()> {
    let config = Config::load()?;
    let db = start::open_database(&config).await?;
    println!("the {} database is up to date", db.kind());
    Ok(())
}
