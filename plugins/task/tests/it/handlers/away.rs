//! A database that goes away makes the host run the update again.

use diesel_async::{AsyncConnection as _, RunQueryDsl as _};
use vahta_plugin_sdk::rows::PgConn;

use super::world::{LIM, World};
use crate::base::Base;

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_updates_are_for_later() {
    let Some(base) = Base::postgres().await else {
        return;
    };
    let world = World::on(base).await;
    world.says(LIM, 1, "/task x").await.unwrap();
    let (server, name) = world.db().url().rsplit_once('/').unwrap();
    let mut admin = PgConn::establish(&format!("{server}/postgres"))
        .await
        .unwrap();
    let close = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false");
    diesel::sql_query(close).execute(&mut admin).await.unwrap();
    let end =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()";
    let end = end.replace("current_database()", &format!("'{name}'"));
    diesel::sql_query(end).execute(&mut admin).await.unwrap();
    for number in 2..6 {
        for line in ["/task y", "/tasks"] {
            let error = world
                .says(LIM, number, line)
                .await
                .expect_err("there is no database");
            assert_eq!(error.code, "later", "{}", error.message);
        }
        let error = world
            .presses(LIM, number, "set:1:done")
            .await
            .expect_err("no database");
        assert_eq!(error.code, "later", "{}", error.message);
    }
    let open = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true");
    diesel::sql_query(open).execute(&mut admin).await.unwrap();
    world.says(LIM, 2, "/task y").await.unwrap();
    assert_eq!(world.task(2).await.unwrap().title, "y");
}
