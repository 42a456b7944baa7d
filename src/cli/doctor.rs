//! `vahta doctor`: looks at everything that has to be right before a start.

use bot_core::config::Config;
use bot_core::start;

pub(super) async fn doctor() -> anyhow::Result<()> {
    let config = Config::load()?;
    println!("configuration  well-formed");
    match tokio::time::timeout(
        std::time::Duration::from_secs(5),
        start::open_database(&config),
    )
    .await
    {
        Ok(Ok(db)) => println!(
            "database       {} answers, its tables are up to date",
            db.kind()
        ),
        Ok(Err(error)) => println!("database       {error}"),
        Err(_) => println!("database       no answer within 5 s"),
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
