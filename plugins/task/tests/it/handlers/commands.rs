use serde_json::json;

use super::world::{ADA, GROUP, LIM, World};

#[tokio::test]
async fn a_task_its_event_and_its_answer_are_there_once_however_often_the_update_runs() {
    let world = World::new().await;
    for _ in 0..3 {
        world.says(LIM, 5, "/task Replace <disk>").await.unwrap();
    }
    let outbox = world.outbox().await;
    assert_eq!(outbox.len(), 1);
    let (method, payload) = &outbox[0];
    assert_eq!(method, "SendMessage");
    assert_eq!(payload["text"], "⬜ <b>#1</b> Replace &lt;disk&gt;");
    assert_eq!(payload["chat_id"], LIM.chat);
    let button = &payload["reply_markup"]["inline_keyboard"][0][0];
    assert_eq!(button["callback_data"], "t:set:1:done");
    assert_eq!(world.events().await, ["task.created"]);
    assert_eq!(world.task(2).await, None);
    assert!(world.sent().is_empty(), "the answer is the outbox's");
}

#[tokio::test]
async fn in_a_group_the_answer_points_at_the_message() {
    let world = World::new().await;
    world.says(LIM.in_group(), 5, "/task x").await.unwrap();
    let (_, payload) = world.outbox().await.remove(0);
    assert_eq!(payload["chat_id"], GROUP);
    assert_eq!(payload["reply_parameters"]["message_id"], 5);
}

#[tokio::test]
async fn a_title_that_is_none_is_explained_and_creates_nothing() {
    let world = World::new().await;
    world.says(LIM, 5, "/task #label").await.unwrap();
    world
        .says(LIM, 6, &format!("/task {}", "ж".repeat(401)))
        .await
        .unwrap();
    let sent = world.sent();
    assert!(sent[0].1["text"].as_str().unwrap().contains("<code>/task "));
    assert!(sent[1].1["text"].as_str().unwrap().contains("401"));
    assert_eq!(world.task(1).await, None);
    assert!(world.outbox().await.is_empty());
}

#[tokio::test]
async fn people_list_their_own_admins_all_and_groups_the_groups() {
    let world = World::new().await;
    world.says(LIM, 1, "/task lims").await.unwrap();
    world.says(ADA, 2, "/task adas").await.unwrap();
    world
        .says(LIM.in_group(), 3, "/task the group's")
        .await
        .unwrap();
    for (who, expected) in [
        (LIM, json!(["t:set:3:done:1:all", "t:set:1:done:1:all"])),
        (
            ADA,
            json!([
                "t:set:3:done:1:all",
                "t:set:2:done:1:all",
                "t:set:1:done:1:all"
            ]),
        ),
        (ADA.in_group(), json!(["t:set:3:done:1:all"])),
    ] {
        world.says(who, 9, "/tasks").await.unwrap();
        let (_, payload) = world.sent().pop().unwrap();
        let rows = payload["reply_markup"]["inline_keyboard"]
            .as_array()
            .unwrap();
        let data: Vec<_> = rows
            .iter()
            .map(|row| row[0]["callback_data"].clone())
            .filter(|data| data.as_str().unwrap().starts_with("t:set:"))
            .collect();
        assert_eq!(json!(data), expected, "in {}", who.chat);
    }
}
