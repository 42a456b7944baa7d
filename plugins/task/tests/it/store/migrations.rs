//! The plugin's migrations beside the core's, in one table of versions.

use vahta_plugin_sdk::rows::migrate::{self, Sets};
use vahta_plugin_sdk::rows::{Db, transaction};
use vahta_task::store::{self, TaskRows as _};

use crate::base::{Base, core_migrations, new_task};

#[test]
fn both_databases_have_the_same_migrations() {
    let (sqlite, postgres) = migrate::names(&store::migrations()).unwrap();
    assert_eq!(sqlite, postgres);
    assert!(!sqlite.is_empty());
}

#[test]
fn no_version_is_the_cores() {
    let (core, _) = migrate::names(&core_migrations()).unwrap();
    let (ours, _) = migrate::names(&store::migrations()).unwrap();
    let version = |name: &String| name.split('_').next().unwrap().to_owned();
    for name in &ours {
        assert!(
            !core.iter().map(version).any(|taken| taken == version(name)),
            "{name}"
        );
    }
}

async fn migrates(db: &Db, first: fn() -> Sets, second: fn() -> Sets) {
    for set in [first, second] {
        let ran = migrate::run(db, set()).await.unwrap();
        assert_eq!(ran.len(), migrate::names(&set()).unwrap().0.len());
    }
    for set in [first, second] {
        assert_eq!(
            migrate::run(db, set()).await.unwrap(),
            [""; 0],
            "the second time"
        );
    }
    let created = transaction!(db, c => c.create(&new_task(-5, 7, 1)).await).unwrap();
    assert!(created.is_new);
}

#[tokio::test(flavor = "multi_thread")]
async fn core_and_plugin_migrate_in_either_order_on_sqlite() {
    migrates(&Base::sqlite().db, core_migrations, store::migrations).await;
    migrates(&Base::sqlite().db, store::migrations, core_migrations).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn core_and_plugin_migrate_in_either_order_on_postgres() {
    for (first, second) in [
        (
            core_migrations as fn() -> Sets,
            store::migrations as fn() -> Sets,
        ),
        (store::migrations, core_migrations),
    ] {
        if let Some(base) = Base::postgres().await {
            migrates(&base.db, first, second).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_start_together_migrate_once() {
    for base in [Some(Base::sqlite()), Base::postgres().await]
        .into_iter()
        .flatten()
    {
        let runs = (0..5).map(|_| {
            let db = base.db.clone();
            tokio::spawn(async move { migrate::run(&db, store::migrations()).await.unwrap().len() })
        });
        let ran = futures::future::try_join_all(runs.collect::<Vec<_>>())
            .await
            .unwrap();
        let all = migrate::names(&store::migrations()).unwrap().0.len();
        assert_eq!(ran.iter().sum::<usize>(), all, "{}", base.db.kind());
    }
}
