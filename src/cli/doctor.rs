//! `vahta doctor`: looks at everything that has to be right before a start, and changes nothing.

use std::time::Duration;

use bot_core::config::{BlobPlace, Config};
use bot_core::start;

/// How long the database may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn doctor() -> anyhow::Result<()> {
    let config = Config::load()?;
    println!("configuration  well-formed");
    let looked = tokio::time::timeout(PATIENCE, start::pending_migrations(&config)).await;
    let kind = config.database.kind();
    match looked {
        Ok(Ok(pending)) if pending.is_empty() => {
            println!("database       {kind} answers, its tables are up to date");
        }
        Ok(Ok(pending)) => println!(
            "database       {kind}: {} pending, which `vahta migrate` and a start run: {}",
            pending.len(),
            pending.join(", ")
        ),
        Ok(Err(error)) => println!("database       {error}"),
        Err(_) => println!("database       no answer within {} s", PATIENCE.as_secs()),
    }
    match &config.blobs.place {
        BlobPlace::Folder(folder) => println!("files          in {}", folder.display()),
        BlobPlace::S3(s3) => println!("files          in the bucket {}", s3.bucket),
    }
    let libraries = std::fs::read_dir(&config.plugins.dir)
        .map(|folder| {
            folder
                .filter_map(Result::ok)
                .filter(|file| {
                    file.path()
                        .extension()
                        .is_some_and(|extension| extension == "so")
                })
                .count()
        })
        .unwrap_or(0);
    println!(
        "plugins        {libraries} libraries in {}",
        config.plugins.dir.display()
    );
    Ok(())
}
