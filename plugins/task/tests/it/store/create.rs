//! Creating is idempotent by source message.

use diesel::QueryDsl as _;
use diesel_async::RunQueryDsl as _;
use serde_json::json;
use vahta_plugin_sdk::rows::events::PutEvent as _;
use vahta_plugin_sdk::rows::outbox::{Lane, Outgoing, PutOutbox as _};
use vahta_plugin_sdk::rows::schema::{events, outbox};
use vahta_plugin_sdk::rows::{Db, DbError, InstanceId, UpdateId, transaction, with_db};
use vahta_task::sight::Sight;
use vahta_task::state::State;
use vahta_task::store::lists::{Counts, Filter, TaskLists as _};
use vahta_task::store::{Created, TaskRows as _};
use vahta_task::task::NewTask;

use crate::base::{new_task, on_both};

on_both![
    twenty_runs_of_one_message_make_one_task,
    the_same_message_id_in_another_chat_is_another_task,
    tasks_without_a_message_are_never_taken_for_one_another,
    an_update_that_runs_again_leaves_one_task_one_event_and_one_answer,
    numbers_are_not_given_twice,
];

async fn create(db: &Db, new: &NewTask) -> Created {
    transaction!(db, c => c.create(new).await).unwrap()
}

async fn twenty_runs_of_one_message_make_one_task(db: &Db) {
    let runs = (0..20).map(|_| {
        let db = db.clone();
        tokio::spawn(async move { create(&db, &new_task(-5, 7, 1)).await })
    });
    let created: Vec<Created> = futures::future::try_join_all(runs.collect::<Vec<_>>())
        .await
        .unwrap();
    assert_eq!(created.iter().filter(|created| created.is_new).count(), 1);
    for one in &created {
        assert_eq!(one.task, created[0].task);
    }
    let counts = with_db!(db, c => c.counts(Sight::Everything(None), &Filter::All).await).unwrap();
    let one = Counts {
        open: 1,
        ..Counts::default()
    };
    assert_eq!(counts, one);
}

async fn the_same_message_id_in_another_chat_is_another_task(db: &Db) {
    let here = create(db, &new_task(-5, 7, 1)).await;
    let there = create(db, &new_task(-6, 7, 1)).await;
    assert!(here.is_new && there.is_new);
    assert_ne!(here.task.id, there.task.id);
    assert_eq!(here.task.state, State::Open);
    assert_eq!(here.task.title, "Task 7 of -5");
}

async fn tasks_without_a_message_are_never_taken_for_one_another(db: &Db) {
    let new = NewTask {
        message: None,
        ..new_task(-5, 7, 1)
    };
    assert!(create(db, &new).await.is_new);
    assert!(create(db, &new).await.is_new);
}

/// What the handler of `/task` writes, as if the process had died between commit and answer.
async fn an_update_that_runs_again_leaves_one_task_one_event_and_one_answer(db: &Db) {
    let new = new_task(-5, 7, 1);
    for run in 0..2 {
        let sent = transaction!(db, c => {
            let created = c.create(&new).await?;
            if created.is_new {
                c.put_event(&created.task.event("task.created", &new.by)).await?;
            }
            let answer = Outgoing {
                dedup_key: Outgoing::reply_key(UpdateId(99), "task", 0),
                plugin: "task".into(),
                chat_id: new.chat,
                method: "SendMessage".into(),
                payload: json!({ "chat_id": new.chat, "text": created.task.title }),
                lane: Lane::Reply,
                due_at: None,
            };
            c.put_outbox(&answer, InstanceId(1)).await
        });
        assert_eq!(sent.unwrap().is_some(), run == 0);
    }
    let answers: i64 = with_db!(db, c => outbox::table.count().get_result(c).await).unwrap();
    let told: i64 = with_db!(db, c => events::table.count().get_result(c).await).unwrap();
    assert_eq!((answers, told), (1, 1));
}

async fn numbers_are_not_given_twice(db: &Db) {
    use vahta_task::store::schema::task_tasks::dsl;
    let first = create(db, &new_task(-5, 1, 1)).await.task.id;
    with_db!(db, c => diesel::delete(dsl::task_tasks).execute(c).await).unwrap();
    let second = create(db, &new_task(-5, 2, 1)).await.task.id;
    assert!(second > first, "{second} after {first}");
    let gone: Result<_, DbError> = with_db!(db, c => c.task(first).await);
    assert_eq!(gone.unwrap(), None);
}
