//! The lease of PostgreSQL ends with its connection, not only with its process.

use vahta_tests::stories;

stories![on Postgres: a_process_whose_lease_was_taken_over_stops_and_says_so];

mod told {
    use anyhow::{Result, ensure};
    use vahta_tests::{Ground, Stage};

    /// Breaks the connection that holds the lease, whoever's it is.
    const BREAK: &str = "SELECT count(pg_terminate_backend(pid)) AS number FROM pg_locks \
        WHERE locktype = 'advisory' AND granted AND classid = 22081 AND objid = 1213481282 \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    const HELD: &str = "SELECT count(*) AS number FROM pg_locks \
        WHERE locktype = 'advisory' AND granted AND classid = 22081 AND objid = 1213481282 \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

    pub(super) async fn a_process_whose_lease_was_taken_over_stops_and_says_so(
        ground: Ground,
    ) -> Result<()> {
        let stage = Stage::on(ground).await?;
        let mut first = stage.run().await?;
        let mut second = stage.spawn()?;
        let standing_by = |line: &serde_json::Value| {
            line["message"]
                .as_str()
                .is_some_and(|text| text.contains("standing by"))
        };
        second.logs_line(standing_by).await?;
        // The first may be quicker and take its lock again: then its connection breaks once more.
        let mut tries = 0;
        while stage
            .database
            .number("SELECT pid AS number FROM instances")
            .await?
            != i64::from(second.pid())
        {
            ensure!(tries < 50, "the second process never gets the lease");
            tries += 1;
            let holders = stage.database.number(BREAK).await?;
            ensure!(holders <= 1, "{holders} hold the lease");
            stage.database.becomes(HELD, 1).await?;
            // Whoever has it puts itself in before it does anything else.
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
        let status = first.ends().await?;
        ensure!(!status.success(), "a process without its lease ended well");
        let said = first.said()?;
        ensure!(
            said.contains("another process took over this database"),
            "{said}"
        );
        second
            .logs_line(|line| line["message"] == "on duty")
            .await?;
        stage.ada().says("/task Taken over").await?;
        stage.ada().sees("#1 Taken over").await?;
        second.stop().await
    }
}
