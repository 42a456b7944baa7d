//! Anonymous admins.

use serde_json::json;

use crate::bed::{ADA, Bed, LIM, stories};
use crate::chat::Talk;

stories!(an_anonymous_admins_command_runs_as_whoever_presses);

async fn an_anonymous_admins_command_runs_as_whoever_presses(bed: Bed) {
    let talk = Talk::start(bed, &[]).await;
    let ops = -1001;
    let update = json!({ "message": {
        "message_id": 9001, "date": 1_790_000_000,
        "chat": { "id": ops, "type": "supergroup", "title": "Ops" },
        "from": { "id": 1_087_968_824, "is_bot": true, "first_name": "Group", "username": "GroupAnonymousBot" },
        "sender_chat": { "id": ops, "type": "supergroup", "title": "Ops" },
        "text": "/whoami", "entities": [{ "type": "bot_command", "offset": 0, "length": 7 }],
    }});
    talk.post("raw", update).await;
    let calls = async || talk.get("calls?method=SendMessage").await.to_string();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(15);
    while !calls().await.contains("You write as an anonymous admin") {
        assert!(std::time::Instant::now() < until, "{}", calls().await);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let press = |id: i64, from: i64, name: &str| {
        json!({ "callback_query": {
            "id": id.to_string(), "chat_instance": "1", "data": "c:prove",
            "from": { "id": from, "is_bot": false, "first_name": name },
            "message": {
                "message_id": 9002, "date": 1_790_000_001,
                "chat": { "id": ops, "type": "supergroup", "title": "Ops" },
                "from": { "id": 1, "is_bot": true, "first_name": "Vahta" },
                "text": "You write as an anonymous admin",
                "reply_to_message": {
                    "message_id": 9001, "date": 1_790_000_000,
                    "chat": { "id": ops, "type": "supergroup", "title": "Ops" },
                    "from": { "id": 1_087_968_824, "is_bot": true, "first_name": "Group" },
                    "text": "/whoami", "entities": [{ "type": "bot_command", "offset": 0, "length": 7 }],
                },
            },
        }})
    };
    // Somebody without any role is a stranger here as well.
    talk.post("raw", press(1, LIM, "Lim")).await;
    talk.post("raw", press(2, ADA, "Ada")).await;
    let answer = talk.sees(ops, 0, "every permission").await;
    assert!(
        answer.text.contains("1001") && !answer.text.contains("1002"),
        "{}",
        answer.text
    );
    talk.end().await;
}
