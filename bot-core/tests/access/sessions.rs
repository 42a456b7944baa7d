//! Dialogs survive, expire, and never overwrite each other.

use std::time::Duration;

use bot_core::sessions::{SessionError, Sessions};
use serde_json::json;

use crate::bed::{Bed, GUS, LIM, OPS, stories};

const HOUR: Duration = Duration::from_secs(3600);

stories!(
    a_dialog_survives_a_restart,
    a_dialog_expires_by_itself,
    an_older_state_never_overwrites_a_newer_one,
    of_two_processes_that_write_at_once_one_wins,
    a_person_has_one_dialog_in_each_chat,
);

async fn a_dialog_survives_a_restart(bed: Bed) {
    let sessions = Sessions::load(bed.db.clone()).await.unwrap();
    sessions
        .set(OPS, LIM, "task", json!({ "step": 2 }), HOUR, None)
        .await
        .unwrap();
    let later = Sessions::load(bed.db.clone()).await.unwrap();
    let open = later.open(OPS, LIM).unwrap();
    assert_eq!(
        (open.plugin.as_str(), &open.state),
        ("task", &json!({ "step": 2 }))
    );
    assert!(later.clear(OPS, LIM).await.unwrap() && !later.clear(OPS, LIM).await.unwrap());
    assert!(Sessions::load(bed.db.clone()).await.unwrap().is_empty());
}

async fn a_dialog_expires_by_itself(bed: Bed) {
    let sessions = Sessions::load(bed.db.clone()).await.unwrap();
    // Long enough for a busy machine to look at it once.
    let moment = Duration::from_secs(2);
    let old = sessions
        .set(OPS, LIM, "task", json!(1), moment, None)
        .await
        .unwrap();
    assert!(sessions.open(OPS, LIM).is_some());
    tokio::time::sleep(moment + Duration::from_millis(10)).await;
    assert!(sessions.open(OPS, LIM).is_none());
    let late = sessions
        .set(OPS, LIM, "task", json!(2), HOUR, Some(old.version))
        .await;
    assert!(matches!(late.unwrap_err(), SessionError::Conflict { .. }));
    assert_eq!(sessions.sweep().await.unwrap(), 1);
    assert!(sessions.is_empty());
}

async fn an_older_state_never_overwrites_a_newer_one(bed: Bed) {
    let sessions = Sessions::load(bed.db.clone()).await.unwrap();
    let first = sessions
        .set(OPS, LIM, "task", json!(1), HOUR, None)
        .await
        .unwrap();
    let second = sessions
        .set(OPS, LIM, "task", json!(2), HOUR, Some(first.version))
        .await
        .unwrap();
    assert_eq!(second.version, first.version + 1);
    let late = sessions
        .set(OPS, LIM, "task", json!(3), HOUR, Some(first.version))
        .await;
    assert!(matches!(late.unwrap_err(), SessionError::Conflict { .. }));
    assert_eq!(sessions.open(OPS, LIM).unwrap().state, json!(2));
    // A dialog that follows a cleared one is another one.
    sessions.clear(OPS, LIM).await.unwrap();
    sessions
        .set(OPS, LIM, "task", json!(4), HOUR, None)
        .await
        .unwrap();
    let stale = sessions
        .set(OPS, LIM, "task", json!(5), HOUR, Some(second.version))
        .await;
    assert!(stale.is_err());
}

async fn of_two_processes_that_write_at_once_one_wins(bed: Bed) {
    let here = Sessions::load(bed.db.clone()).await.unwrap();
    for round in 0..20 {
        let first = here
            .set(OPS, LIM, "task", json!(round), HOUR, None)
            .await
            .unwrap();
        let there = Sessions::load(bed.db.clone()).await.unwrap();
        let expected = Some(first.version);
        let (a, b) = tokio::join!(
            here.set(OPS, LIM, "task", json!("a"), HOUR, expected),
            there.set(OPS, LIM, "task", json!("b"), HOUR, expected),
        );
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        // The loser was shown what won.
        let (a, b) = (here.open(OPS, LIM).unwrap(), there.open(OPS, LIM).unwrap());
        assert_eq!(a, b);
    }
}

async fn a_person_has_one_dialog_in_each_chat(bed: Bed) {
    let sessions = Sessions::load(bed.db.clone()).await.unwrap();
    sessions
        .set(OPS, LIM, "task", json!(1), HOUR, None)
        .await
        .unwrap();
    sessions
        .set(OPS, GUS, "task", json!(2), HOUR, None)
        .await
        .unwrap();
    sessions
        .set(
            vahta_rows::ChatId(LIM),
            LIM,
            "archive",
            json!(3),
            HOUR,
            None,
        )
        .await
        .unwrap();
    sessions
        .set(OPS, LIM, "archive", json!(4), HOUR, None)
        .await
        .unwrap();
    assert_eq!(sessions.len(), 3);
    assert_eq!(sessions.open(OPS, LIM).unwrap().plugin, "archive");
    assert_eq!(sessions.open(OPS, GUS).unwrap().state, json!(2));
    sessions.refresh(OPS).await.unwrap();
    assert_eq!(sessions.len(), 3);
}
