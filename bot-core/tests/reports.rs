//! Every report of `sql/` runs on the core schema (their SQL is the part that both databases share).
#![allow(clippy::unwrap_used, clippy::expect_used)]

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;
use diesel::sqlite::SqliteConnection;

#[test]
fn every_report_runs_on_the_schema() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let schema = root.join("migrations/sqlite/00000000000001_core/up.sql");
    conn.batch_execute(&std::fs::read_to_string(schema).unwrap())
        .unwrap();
    let mut reports = 0;
    for file in std::fs::read_dir(root.join("sql")).unwrap() {
        let path = file.unwrap().path();
        let sql = std::fs::read_to_string(&path).unwrap();
        conn.batch_execute(&sql)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        reports += 1;
    }
    assert!(reports > 0, "sql/ holds no report");
}
