//! Both databases hold the same, and events are read in the order of their commits.

use vahta_tests::stories;

stories![on Postgres:
    a_reader_misses_no_event_of_a_slow_transaction,
    both_databases_have_the_same_tables,
];

mod told {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;

    use anyhow::{Context as _, Result, ensure};
    use bot_core::events::{Cursor, Events};
    use tokio_postgres::{Client, NoTls};
    use vahta_tests::{Ground, Stage};

    async fn client(url: &str) -> Result<Client> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    async fn put(client: &Client, topic: &str) -> Result<()> {
        let sql = "INSERT INTO events (topic, object, payload, at) VALUES ($1, 'story', '{}', 0)";
        client.execute(sql, &[&topic]).await?;
        Ok(())
    }

    pub(super) async fn a_reader_misses_no_event_of_a_slow_transaction(
        ground: Ground,
    ) -> Result<()> {
        let stage = Stage::on(ground).await?;
        ensure!(
            stage.vahta(&["migrate"]).await?.status.success(),
            "no tables"
        );
        let (slow, fast) = (
            client(&stage.database.url).await?,
            client(&stage.database.url).await?,
        );
        let events = Events::new(stage.database.db().clone());
        let mut cursor = Cursor::default();
        let mut read = Vec::new();
        let mut look = async || {
            for event in events.after(cursor, 100).await? {
                ensure!(
                    event.cursor > cursor,
                    "{:?} comes after {cursor:?}",
                    event.cursor
                );
                cursor = event.cursor;
                read.push(event.topic);
            }
            anyhow::Ok(read.clone())
        };
        put(&fast, "before").await?;
        ensure!(look().await? == ["before"]);
        // The slow one takes its row id first and commits last.
        slow.batch_execute("BEGIN").await?;
        put(&slow, "slow").await?;
        for round in 0..5 {
            put(&fast, &format!("fast {round}")).await?;
            ensure!(
                look().await? == ["before"],
                "a reader went past a transaction that is open"
            );
        }
        slow.batch_execute("COMMIT").await?;
        let all = look().await?;
        ensure!(all.len() == 7, "missed something: {all:?}");
        let fasts: Vec<&String> = all
            .iter()
            .filter(|topic| topic.starts_with("fast"))
            .collect();
        ensure!(fasts.is_sorted(), "out of order: {all:?}");
        ensure!(
            all.iter().any(|topic| topic == "slow"),
            "the slow one was missed: {all:?}"
        );
        ensure!(look().await?.len() == 7, "something came twice");
        Ok(())
    }

    /// Column → may it be NULL.
    type Columns = BTreeMap<String, bool>;

    pub(super) async fn both_databases_have_the_same_tables(_: Ground) -> Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for folder in ["migrations", "plugins/task/migrations"] {
            let names = |kind: &str| -> Result<Vec<String>> {
                let mut names: Vec<String> = fs::read_dir(root.join(folder).join(kind))?
                    .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
                    .collect::<Result<_>>()?;
                names.sort();
                Ok(names)
            };
            let (one, other) = (names("sqlite")?, names("postgres")?);
            ensure!(
                one == other,
                "{folder}: SQLite has {one:?}, PostgreSQL {other:?}"
            );
        }
        let sqlite = tables(Ground::Sqlite).await?;
        let postgres = tables(Ground::Postgres).await?;
        ensure!(sqlite.len() > 15, "only {} tables found", sqlite.len());
        for (name, columns) in &sqlite {
            let there = postgres
                .get(name)
                .with_context(|| format!("PostgreSQL has no table {name}"))?;
            ensure!(
                columns == there,
                "{name}: SQLite has {columns:?}, PostgreSQL {there:?}"
            );
        }
        ensure!(
            sqlite.len() == postgres.len(),
            "PostgreSQL has tables of its own"
        );
        for file in [
            "bot-core/src/storage/schema.rs",
            "plugins/rows/src/schema.rs",
            "plugins/task/src/store/schema.rs",
        ] {
            let text = fs::read_to_string(root.join(file))?;
            for (table, column, nullable) in in_code(&text) {
                let columns = sqlite
                    .get(&table)
                    .with_context(|| format!("{file}: no table {table}"))?;
                let there = columns
                    .get(&column)
                    .with_context(|| format!("{file}: {table} has no {column}"))?;
                ensure!(
                    *there == nullable,
                    "{file}: {table}.{column} is nullable: {nullable} here, {there} there"
                );
            }
        }
        Ok(())
    }

    async fn tables(ground: Ground) -> Result<BTreeMap<String, Columns>> {
        let app = Stage::on(ground).await?.start().await?;
        let sql = match ground {
            Ground::Sqlite => {
                "SELECT m.name || '.' || c.name || '.' || CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN 'NO' \
                 ELSE 'YES' END AS text FROM sqlite_master m, pragma_table_info(m.name) c \
                 WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
            }
            Ground::Postgres => {
                "SELECT table_name || '.' || column_name || '.' || is_nullable AS text \
                 FROM information_schema.columns WHERE table_schema = 'public'"
            }
        };
        let mut tables: BTreeMap<String, Columns> = BTreeMap::new();
        for line in app.database.texts(sql).await? {
            let mut parts = line.split('.');
            if let (Some(table), Some(column), Some(nullable)) =
                (parts.next(), parts.next(), parts.next())
            {
                tables
                    .entry(table.to_owned())
                    .or_default()
                    .insert(column.to_owned(), nullable == "YES");
            }
        }
        app.shutdown().await?;
        Ok(tables)
    }

    /// Table, column and nullability of each column in `diesel::table!` blocks.
    fn in_code(text: &str) -> Vec<(String, String, bool)> {
        let mut found = Vec::new();
        let mut table = None;
        for line in text.lines().map(str::trim) {
            if line.starts_with("diesel::") {
                table = None;
            } else if let Some((column, kind)) = line.split_once(" -> ") {
                if let Some(table) = &table {
                    found.push((
                        String::clone(table),
                        column.to_owned(),
                        kind.starts_with("Nullable"),
                    ));
                }
            } else if line.ends_with('{') && line.contains(" (") {
                table = line.split(" (").next().map(str::to_owned);
            }
        }
        found
    }
}
