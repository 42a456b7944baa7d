//! PostgreSQL is away, at start and later.

use vahta_tests::stories;

stories![on Postgres: a_database_that_is_down_at_start_is_waited_for, a_database_that_goes_down_later_loses_nothing];

mod told {
    use std::time::Duration;

    use anyhow::{Result, ensure};
    use vahta_tests::proxy::Proxy;
    use vahta_tests::{Ground, Stage, count};

    pub(super) async fn a_database_that_is_down_at_start_is_waited_for(
        ground: Ground,
    ) -> Result<()> {
        let stage = Stage::on(ground).await?;
        let (proxy, url) = Proxy::before(&stage.database.url).await?;
        let stage = stage.with("DATABASE_URL", url);
        proxy.cut();
        let mut process = stage.spawn()?;
        let waits = |line: &serde_json::Value| {
            line["message"]
                .as_str()
                .is_some_and(|text| text.contains("the database is not there yet"))
        };
        process.logs_line(waits).await?;
        stage.ada().says("/task Patience").await?;
        proxy.mend();
        process
            .logs_line(|line| line["message"] == "on duty")
            .await?;
        stage.ada().sees("#1 Patience").await?;
        process.stop().await
    }

    pub(super) async fn a_database_that_goes_down_later_loses_nothing(
        ground: Ground,
    ) -> Result<()> {
        let cuts = count(3, 20);
        let stage = Stage::on(ground).await?;
        let (proxy, url) = Proxy::before(&stage.database.url).await?;
        let (stage, mut crowd) = stage.with("DATABASE_URL", url).with_crowd(6).await?;
        let process = stage.run().await?;
        for cut in 0..cuts {
            let breaks = async {
                tokio::time::sleep(Duration::from_millis(100 + 37 * cut as u64)).await;
                proxy.cut();
                tokio::time::sleep(Duration::from_millis(1_500)).await;
                proxy.mend();
                anyhow::Ok(())
            };
            tokio::try_join!(crowd.writes(&stage, 60, Duration::from_millis(60)), breaks)?;
        }
        stage.idle().await?;
        let outcome = crowd.check(&stage).await?;
        println!(
            "{cuts} cuts between Vahta and PostgreSQL: {} messages, {} tasks, {} repeats",
            crowd.count(),
            outcome.tasks,
            outcome.repeats
        );
        ensure!(
            outcome.tasks == crowd.count(),
            "{} tasks of {} messages",
            outcome.tasks,
            crowd.count()
        );
        process.stop().await
    }
}
