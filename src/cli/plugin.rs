//! `vahta plugin …`: writes what is wanted into the database; every running process converges to
//! it within a second.

use anyhow::bail;
use bot_core::access::By;
use bot_core::config::Config;
use bot_core::{instance, plugins_admin, start};
use clap::Subcommand;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Start a plugin in every running process, and at every start from now on.
    Enable { name: String },
    /// Stop a plugin everywhere.
    Disable { name: String },
    /// Load the library as it is now beside the running version, and switch over.
    Reload { name: String },
    /// Allow a library by the SHA-256 of its file (needed outside development).
    Approve { name: String, sha256: String },
}

pub(super) async fn execute(command: Command) -> anyhow::Result<()> {
    let config = Config::load()?;
    let db = start::open_database(&config).await?;
    let by = By {
        user: None,
        source: "cli",
        correlation: "cli".into(),
        instance: instance::new_id()?,
    };
    match command {
        Command::Enable { name } => {
            plugins_admin::request(&db, &name, Some(true), &by).await?;
            println!("{name} is to be enabled");
        }
        Command::Disable { name } => {
            plugins_admin::request(&db, &name, Some(false), &by).await?;
            println!("{name} is to be disabled");
        }
        Command::Reload { name } => {
            plugins_admin::request(&db, &name, None, &by).await?;
            println!("{name} is to be reloaded");
        }
        Command::Approve { name, sha256 } => {
            let sha256 = sha256.to_lowercase();
            if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
                bail!("a SHA-256 is 64 hexadecimal digits; `sha256sum FILE` prints it");
            }
            plugins_admin::set_approved(&db, &name, &sha256, &by).await?;
            println!("{name} is approved with {sha256}; it counts from the next start");
        }
    }
    Ok(())
}
