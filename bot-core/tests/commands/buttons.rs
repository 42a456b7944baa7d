//! `/users` and its pages, plugins' page, forged presses.

use crate::bed::{ADA, Bed, GUS, LIM, actor, stories};
use crate::chat::Talk;

stories!(
    a_person_is_given_and_taken_roles_by_buttons,
    a_forged_or_forbidden_press_changes_nothing,
    a_press_that_comes_twice_does_the_same_once,
    the_menu_follows_roles,
    replies_name_the_person_who_is_answered,
);

async fn a_person_is_given_and_taken_roles_by_buttons(bed: Bed) {
    let talk = Talk::start(bed, &[]).await;
    talk.asks(ADA, "/grant 1002 operator", "has the role operator")
        .await;
    talk.asks(LIM, "/start", "Hello, Lim!").await;
    let may = |key: &str| actor(&talk.app.access, LIM).may(key);
    let press = async |caption: &str| {
        let shown = talk.finds(ADA, caption).await;
        talk.presses(ADA, ADA, &shown, caption).await
    };
    talk.asks(ADA, "/users", "Members, page 1").await;
    press("Lim").await;
    let card = talk.finds(ADA, "− operator").await;
    assert!(
        card.text.contains("operator, everywhere, for ever"),
        "{}",
        card.text
    );
    assert_eq!(press("− operator").await, "Done.");
    assert!(!may("core.status.view"));
    press("+ operator").await;
    assert!(may("core.status.view"));
    press("⛔ Block").await;
    assert!(actor(&talk.app.access, LIM).blocked);
    press("Unblock").await;
    assert!(may("core.status.view"));
    press("◀ Users").await;
    press("Everyone").await;
    talk.sees(ADA, 0, "Everyone seen, page 1").await;
    talk.end().await;
}

async fn a_forged_or_forbidden_press_changes_nothing(bed: Bed) {
    let talk = Talk::start(bed, &[]).await;
    talk.asks(ADA, "/grant 1002 operator", "has the role operator")
        .await;
    talk.asks(LIM, "/start", "Hello, Lim!").await;
    let lim = talk.app.access.snapshot().by_telegram(LIM).unwrap().id;
    let raise = talk.forges(LIM, &format!("c:give:{lim}:admin")).await;
    assert!(raise.contains("core.users.manage"), "{raise}");
    for data in [
        "c:nothing",
        "c:",
        "c:give",
        "c:user:x",
        "zzz:1",
        "c:kept:-1",
        "c:plugin:reload:x",
    ] {
        let shown = talk.forges(ADA, data).await;
        assert!(shown.contains("out of date"), "{data}: {shown}");
    }
    assert!(!actor(&talk.app.access, LIM).may("core.users.manage"));
    talk.end().await;
}

async fn a_press_that_comes_twice_does_the_same_once(bed: Bed) {
    let talk = Talk::start(bed, &[]).await;
    talk.asks(ADA, "/grant 1002 operator", "has the role operator")
        .await;
    let card = talk.asks(ADA, "/users 1002", "Refused tries").await;
    let (_, block) = card
        .buttons
        .iter()
        .find(|(text, _)| text.contains("Block"))
        .unwrap()
        .clone();
    assert_eq!(talk.presses_data(ADA, ADA, card.id, &block).await, "Done.");
    assert_eq!(talk.forges(ADA, &block).await, "It was so already.");
    assert_eq!(
        talk.bed
            .count("audit_log WHERE action = 'access.block'")
            .await,
        1
    );
    talk.end().await;
}

async fn the_menu_follows_roles(bed: Bed) {
    let talk = Talk::start(bed, &[]).await;
    let menu = async |needle: &str, has: bool| {
        let until = std::time::Instant::now() + std::time::Duration::from_secs(15);
        loop {
            let calls = talk.get("calls").await;
            let calls = calls["calls"].as_array().unwrap().clone();
            let of_lim = calls.iter().rev().find(|call| {
                let method = call["method"].as_str().unwrap_or_default().to_lowercase();
                method.ends_with("mycommands") && call["request"].to_string().contains("1002")
            });
            if of_lim.is_some_and(|call| call["request"].to_string().contains(needle) == has) {
                return;
            }
            assert!(std::time::Instant::now() < until, "the menu is {of_lim:?}");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    talk.asks(ADA, "/grant 1002 operator", "has the role operator")
        .await;
    menu("status", true).await;
    talk.asks(ADA, "/grant 1002 admin", "has the role admin")
        .await;
    menu("grant", true).await;
    talk.asks(ADA, "/revoke 1002", "no longer has").await;
    menu("help", false).await;
    talk.end().await;
}

async fn replies_name_the_person_who_is_answered(bed: Bed) {
    let talk = Talk::start(bed, &[]).await;
    let ops = -1001;
    let message = talk.says(GUS, ops, "may I help?").await;
    let grant = serde_json::json!({
        "from": ADA, "chat": ops, "text": "/grant operator here", "reply_to": message,
    });
    talk.post("messages", grant).await;
    talk.sees(
        ops,
        message,
        "Gus (@gus) has the role operator in this chat",
    )
    .await;
    assert!(
        crate::bed::actor_in(&talk.app.access, GUS, vahta_rows::ChatId(ops))
            .may("core.status.view")
    );
    assert!(!actor(&talk.app.access, GUS).may("core.status.view"));
    talk.asks(ADA, "/grant 1002 operator here", "is a private chat")
        .await;
    talk.end().await;
}
