//! What the bot is and says about itself.

use serde_json::json;

use crate::bed::{ADA, BOT, Bed, OPS};

#[tokio::test]
async fn the_bot_knows_itself() {
    let bed = Bed::new().await;
    let me = bed.ok("getMe", json!({})).await;
    assert_eq!((&me["id"], &me["is_bot"]), (&json!(BOT), &json!(true)));
    assert_eq!(me["username"], "vahta_sandbox_bot");
    assert_eq!(me["can_read_all_group_messages"], true);
    assert_eq!(bed.ok("logOut", json!({})).await, true);
    assert_eq!(bed.ok("close", json!({})).await, true);
}

#[tokio::test]
async fn commands_are_kept_by_scope_and_language() {
    let bed = Bed::new().await;
    let help = json!([{"command": "help", "description": "Help"}]);
    let hilfe = json!([{"command": "help", "description": "Hilfe"}]);
    let admin = json!({"type": "chat_member", "chat_id": OPS, "user_id": ADA});
    bed.ok("setMyCommands", json!({"commands": help})).await;
    bed.ok(
        "setMyCommands",
        json!({"commands": hilfe, "language_code": "de"}),
    )
    .await;
    bed.ok("setMyCommands", json!({"commands": hilfe, "scope": admin}))
        .await;
    assert_eq!(bed.ok("getMyCommands", json!({})).await, help);
    assert_eq!(
        bed.ok("getMyCommands", json!({"language_code": "de"}))
            .await,
        hilfe
    );
    assert_eq!(
        bed.ok("getMyCommands", json!({"scope": admin})).await,
        hilfe
    );
    let elsewhere = json!({"scope": {"type": "all_group_chats"}});
    assert_eq!(bed.ok("getMyCommands", elsewhere).await, json!([]));
    bed.ok("deleteMyCommands", json!({})).await;
    assert_eq!(bed.ok("getMyCommands", json!({})).await, json!([]));
}

#[tokio::test]
async fn wrong_commands_are_refused() {
    let bed = Bed::new().await;
    for (name, description, expected) in [
        ("Help", "x", "BOT_COMMAND_INVALID"),
        ("", "x", "command must be non-empty"),
        ("help", "", "command description must be non-empty"),
    ] {
        let params = json!({"commands": [{"command": name, "description": description}]});
        let refusal = bed.refused("setMyCommands", params).await;
        assert_eq!(refusal, format!("400 Bad Request: {expected}"));
    }
}

#[tokio::test]
async fn name_descriptions_and_menu_button_are_kept() {
    let bed = Bed::new().await;
    assert_eq!(bed.ok("getMyName", json!({})).await["name"], "Vahta");
    bed.ok("setMyName", json!({"name": "Watch", "language_code": "en"}))
        .await;
    assert_eq!(
        bed.ok("getMyName", json!({"language_code": "en"})).await["name"],
        "Watch"
    );
    assert_eq!(bed.ok("getMyName", json!({})).await["name"], "Vahta");
    bed.ok("setMyDescription", json!({"description": "long"}))
        .await;
    bed.ok(
        "setMyShortDescription",
        json!({"short_description": "short"}),
    )
    .await;
    assert_eq!(
        bed.ok("getMyDescription", json!({})).await["description"],
        "long"
    );
    let short = bed.ok("getMyShortDescription", json!({})).await;
    assert_eq!(short["short_description"], "short");
    let app = json!({"type": "web_app", "text": "Open", "web_app": {"url": "https://example.org"}});
    bed.ok(
        "setChatMenuButton",
        json!({"chat_id": ADA, "menu_button": app}),
    )
    .await;
    assert_eq!(
        bed.ok("getChatMenuButton", json!({"chat_id": ADA})).await,
        app
    );
    let usual = bed.ok("getChatMenuButton", json!({})).await;
    assert_eq!(usual, json!({"type": "commands"}));
}
