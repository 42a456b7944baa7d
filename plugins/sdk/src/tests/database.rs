//! A SQLite file with the core's tables.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection};
use serde_json::{Value, json};
use vahta_rows::diesel;

const CORE_TABLES: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../migrations/sqlite/00000000000001_core/up.sql"
));

pub(super) struct Database(PathBuf);

impl Database {
    pub(super) fn new() -> Self {
        static FILES: AtomicU64 = AtomicU64::new(0);
        let number = FILES.fetch_add(1, Ordering::Relaxed);
        let name = format!("vahta-sdk-{}-{number}.db", std::process::id());
        let database = Self(std::env::temp_dir().join(name));
        database.connect().batch_execute(CORE_TABLES).unwrap();
        database
    }

    fn connect(&self) -> SqliteConnection {
        SqliteConnection::establish(self.0.to_str().unwrap()).unwrap()
    }

    pub(super) fn config(&self) -> Value {
        json!({"database_url": format!("sqlite:{}", self.0.display()), "instance_id": 3})
    }

    pub(super) fn keys(&self) -> Vec<String> {
        #[derive(QueryableByName)]
        struct Key {
            #[diesel(sql_type = diesel::sql_types::Text)]
            dedup_key: String,
        }
        let query = diesel::sql_query("SELECT dedup_key FROM outbox ORDER BY id");
        let keys: Vec<Key> = query.load(&mut self.connect()).unwrap();
        keys.into_iter().map(|key| key.dedup_key).collect()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        for tail in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{tail}", self.0.display()));
        }
    }
}
