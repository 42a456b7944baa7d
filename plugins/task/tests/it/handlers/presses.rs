use vahta_task::state::State;

use super::world::{ADA, LIM, Who, World};

#[tokio::test]
async fn a_press_is_answered_then_change_event_audit_and_edit_are_there() {
    let world = World::new().await;
    world.says(LIM, 1, "/task x").await.unwrap();
    world.presses(ADA, 2, "set:1:done").await.unwrap();
    assert_eq!(world.answer(), (String::new(), false));
    assert_eq!(world.task(1).await.unwrap().state, State::Done);
    assert_eq!(world.events().await, ["task.created", "task.done"]);
    let act = |who: Who, what: &str| (Some(who.user), what.to_owned(), "task:1".to_owned());
    assert_eq!(
        world.audit().await,
        [act(LIM, "task.created"), act(ADA, "task.done")]
    );
    let (method, payload) = world.outbox().await.remove(1);
    assert_eq!(
        (method.as_str(), &payload["message_id"]),
        ("EditMessageText", &7.into())
    );
    assert_eq!(payload["text"], "✅ <b>#1</b> <s>x</s>\nDone by User 1.");
}

#[tokio::test]
async fn a_second_press_is_a_success_that_says_so_and_refreshes_the_message() {
    let world = World::new().await;
    world.says(LIM, 1, "/task x").await.unwrap();
    world.presses(ADA, 2, "set:1:done").await.unwrap();
    world.presses(LIM, 3, "set:1:done").await.unwrap();
    assert_eq!(
        world.answer(),
        ("#1 is done already, by User 1.".into(), false)
    );
    assert_eq!(world.events().await.len(), 2);
    assert_eq!(world.audit().await.len(), 2);
    let outbox = world.outbox().await;
    assert_eq!(outbox[1].1["text"], outbox[2].1["text"]);
    // The same press, run again after a crash, edits no more than once.
    world.presses(LIM, 3, "set:1:done").await.unwrap();
    assert_eq!(world.outbox().await.len(), 3);
}

#[tokio::test]
async fn a_task_out_of_sight_is_answered_as_one_that_does_not_exist() {
    let world = World::new().await;
    world.says(ADA, 1, "/task adas").await.unwrap();
    world.says(LIM, 2, "/task lims").await.unwrap();
    for (who, task) in [
        (LIM, 1),
        (LIM, 99),
        (ADA.in_group(), 1),
        (ADA.in_group(), 99),
    ] {
        world
            .presses(who, 3, &format!("set:{task}:done"))
            .await
            .unwrap();
        assert_eq!(
            world.answer(),
            (format!("There is no task #{task} here."), true)
        );
    }
    assert_eq!(world.task(1).await.unwrap().state, State::Open);
    assert_eq!(world.outbox().await.len(), 2);
}

#[tokio::test]
async fn a_press_is_authorised_again() {
    let world = World::new().await;
    world.says(LIM, 1, "/task x").await.unwrap();
    for (keys, data, missing) in [
        (&["task.view"][..], "set:1:done", "task.complete"),
        (&["task.complete"], "set:1:done", "task.view"),
        (&[], "list:1:all", "task.view"),
    ] {
        world.presses(Who { keys, ..LIM }, 2, data).await.unwrap();
        let (text, is_alert) = world.answer();
        assert!(
            is_alert && text.ends_with(&format!("the permission {missing}.")),
            "{text}"
        );
    }
    assert_eq!(world.task(1).await.unwrap().state, State::Open);
}

#[tokio::test]
async fn forged_data_gets_an_alert_and_changes_nothing() {
    let world = World::new().await;
    world.says(LIM, 1, "/task x").await.unwrap();
    for data in [
        "",
        "set",
        "set:1",
        "set:1:gone",
        "set:x:done",
        "set:1:done:1:1",
        "drop:1",
        "\0",
    ] {
        world.presses(ADA, 2, data).await.unwrap();
        let (text, is_alert) = world.answer();
        assert!(is_alert && text.contains("/tasks"), "{data:?}: {text}");
    }
    assert_eq!(world.task(1).await.unwrap().state, State::Open);
    assert_eq!(world.outbox().await.len(), 1);
}

#[tokio::test]
async fn a_page_is_shown_in_place_of_the_other() {
    let world = World::new().await;
    for number in 1..=9 {
        world.says(LIM, number, "/task x").await.unwrap();
    }
    world.presses(LIM, 20, "list:2:all").await.unwrap();
    let sent = world.sent();
    let methods: Vec<_> = sent.iter().map(|(method, _)| method.as_str()).collect();
    assert_eq!(methods, ["AnswerCallbackQuery", "EditMessageText"]);
    assert!(sent[1].1["text"].as_str().unwrap().contains("Page 2 of 2"));
}
