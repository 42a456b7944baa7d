//! Groups: members, standing, comings and goings, migration.

use serde_json::json;

use crate::bed::{ADA, BOT, Bed, GUS, LIM, OPS, kinds};

#[tokio::test]
async fn a_chat_and_its_members_are_described() {
    let bed = Bed::new().await;
    let chat = bed.ok("getChat", json!({"chat_id": OPS})).await;
    assert_eq!(
        (&chat["type"], &chat["title"]),
        (&json!("supergroup"), &json!("Ops"))
    );
    assert_eq!(
        bed.ok("getChatMemberCount", json!({"chat_id": OPS})).await,
        4
    );
    let of = |user: i64| json!({"chat_id": OPS, "user_id": user});
    assert_eq!(bed.ok("getChatMember", of(ADA)).await["status"], "creator");
    assert_eq!(bed.ok("getChatMember", of(LIM)).await["status"], "member");
    assert_eq!(
        bed.ok("getChatMember", of(BOT)).await["status"],
        "administrator"
    );
    let admins = bed
        .ok("getChatAdministrators", json!({"chat_id": OPS}))
        .await;
    assert_eq!(admins.as_array().unwrap().len(), 2);
    assert_eq!(
        bed.refused("getChatMember", of(77)).await,
        "400 Bad Request: PARTICIPANT_ID_INVALID"
    );
    assert_eq!(
        bed.refused("getChatAdministrators", json!({"chat_id": ADA}))
            .await,
        "400 Bad Request: there are no administrators in the private chat"
    );
}

#[tokio::test]
async fn bans_restrictions_and_promotions_change_the_standing() {
    let bed = Bed::new().await;
    let of = |user: i64| json!({"chat_id": OPS, "user_id": user});
    bed.ok("banChatMember", of(GUS)).await;
    assert_eq!(bed.ok("getChatMember", of(GUS)).await["status"], "kicked");
    bed.ok("unbanChatMember", of(GUS)).await;
    assert_eq!(bed.ok("getChatMember", of(GUS)).await["status"], "left");
    let params =
        json!({"chat_id": OPS, "user_id": LIM, "permissions": {"can_send_messages": false}});
    bed.ok("restrictChatMember", params).await;
    let lim = bed.ok("getChatMember", of(LIM)).await;
    assert_eq!(
        (&lim["status"], &lim["is_member"]),
        (&json!("restricted"), &json!(true))
    );
    let (status, body) = bed
        .control("messages", json!({"from": LIM, "chat": OPS, "text": "x"}))
        .await;
    assert_eq!(status, 400);
    assert_eq!(
        body["description"],
        "`from` is restricted and may not write here"
    );
    let params = json!({"chat_id": OPS, "user_id": LIM, "can_delete_messages": true});
    bed.ok("promoteChatMember", params).await;
    let lim = bed.ok("getChatMember", of(LIM)).await;
    assert_eq!(lim["status"], "administrator");
    assert_eq!(lim["can_delete_messages"], true);
    bed.ok("promoteChatMember", of(LIM)).await;
    assert_eq!(bed.ok("getChatMember", of(LIM)).await["status"], "member");
}

#[tokio::test]
async fn rights_are_needed_and_owners_are_safe() {
    let bed = Bed::new().await;
    let of = |user: i64| json!({"chat_id": OPS, "user_id": user});
    assert_eq!(
        bed.refused("banChatMember", of(ADA)).await,
        "400 Bad Request: can't remove chat owner"
    );
    assert_eq!(
        bed.refused("banChatMember", of(BOT)).await,
        "400 Bad Request: can't restrict self"
    );
    bed.post(
        "members",
        json!({"chat": OPS, "user": BOT, "action": "demote"}),
    )
    .await;
    assert_eq!(
        bed.refused("banChatMember", of(GUS)).await,
        "400 Bad Request: not enough rights to restrict/unrestrict chat member"
    );
    let theirs = bed.write(GUS, OPS, "x").await;
    let params = json!({"chat_id": OPS, "message_id": theirs["message_id"]});
    assert_eq!(
        bed.refused("deleteMessage", params.clone()).await,
        "400 Bad Request: message can't be deleted"
    );
    assert_eq!(
        bed.refused("pinChatMessage", params).await,
        "400 Bad Request: not enough rights to manage pinned messages in the chat"
    );
}

#[tokio::test]
async fn comings_and_goings_are_announced_and_told() {
    let bed = Bed::new().await;
    let kinds_of_members = json!({"allowed_updates": ["message", "chat_member", "my_chat_member"]});
    bed.ok("getUpdates", kinds_of_members).await;
    bed.post(
        "members",
        json!({"chat": OPS, "user": GUS, "action": "leave"}),
    )
    .await;
    let updates = bed.take_updates().await;
    assert_eq!(kinds(&updates), ["chat_member", "message"]);
    assert_eq!(
        updates[0]["chat_member"]["new_chat_member"]["status"],
        "left"
    );
    assert_eq!(updates[1]["message"]["left_chat_member"]["id"], GUS);
    bed.post(
        "members",
        json!({"chat": OPS, "user": GUS, "action": "join"}),
    )
    .await;
    let updates = bed.take_updates().await;
    assert_eq!(updates[1]["message"]["new_chat_members"][0]["id"], GUS);
    bed.post(
        "members",
        json!({"chat": OPS, "user": BOT, "action": "kick"}),
    )
    .await;
    let updates = bed.take_updates().await;
    assert_eq!(kinds(&updates), ["my_chat_member"]);
    let change = &updates[0]["my_chat_member"];
    assert_eq!(change["from"]["id"], ADA, "the owner did it");
    assert_eq!(change["old_chat_member"]["status"], "administrator");
    assert_eq!(change["new_chat_member"]["status"], "kicked");
    bed.write(ADA, OPS, "who hears this?").await;
    assert_eq!(bed.updates().await.len(), 0, "the bot is gone");
    bed.post(
        "members",
        json!({"chat": OPS, "user": BOT, "action": "join"}),
    )
    .await;
    let updates = bed.take_updates().await;
    assert_eq!(kinds(&updates), ["my_chat_member", "message"]);
    assert_eq!(updates[1]["message"]["new_chat_members"][0]["id"], BOT);
}

#[tokio::test]
async fn the_bot_leaves_and_is_then_no_member() {
    let bed = Bed::new().await;
    bed.ok("leaveChat", json!({"chat_id": OPS})).await;
    assert_eq!(
        bed.refused("getChat", json!({"chat_id": OPS})).await,
        "403 Forbidden: bot is not a member of the supergroup chat"
    );
    assert_eq!(
        bed.refused("leaveChat", json!({"chat_id": ADA})).await,
        "400 Bad Request: can't leave private chats"
    );
}

#[tokio::test]
async fn a_block_is_told_and_a_blocked_bot_is_refused() {
    let bed = Bed::new().await;
    bed.post("blocks", json!({"user": GUS, "blocked": true}))
        .await;
    let updates = bed.take_updates().await;
    assert_eq!(kinds(&updates), ["my_chat_member"]);
    assert_eq!(
        updates[0]["my_chat_member"]["new_chat_member"]["status"],
        "kicked"
    );
    let (status, body) = bed
        .control("messages", json!({"from": GUS, "chat": GUS, "text": "x"}))
        .await;
    assert_eq!(status, 400);
    assert_eq!(
        body["description"],
        "`from` has blocked the bot; unblock it first"
    );
    bed.post("blocks", json!({"user": GUS, "blocked": false}))
        .await;
    let updates = bed.take_updates().await;
    assert_eq!(
        updates[0]["my_chat_member"]["new_chat_member"]["status"],
        "member"
    );
    bed.send(GUS, "welcome back").await;
}

#[tokio::test]
async fn a_migrated_group_answers_with_its_new_id() {
    let bed = Bed::new().await;
    let group = json!({"type": "group", "title": "Small", "members": [ADA], "quiet": true});
    let old = bed.post("chats", group).await["id"].as_i64().unwrap();
    bed.post("faults", json!({"chat": old, "kind": "migrated"}))
        .await;
    let (status, body) = bed
        .call("sendMessage", json!({"chat_id": old, "text": "x"}))
        .await;
    assert_eq!(status, 400);
    assert_eq!(
        body["description"],
        "Bad Request: group chat was upgraded to a supergroup chat"
    );
    let new = body["parameters"]["migrate_to_chat_id"].as_i64().unwrap();
    let (_, again) = bed
        .call("sendMessage", json!({"chat_id": old, "text": "x"}))
        .await;
    assert_eq!(
        again["parameters"]["migrate_to_chat_id"], new,
        "from now on"
    );
    bed.send(new, "here we are").await;
    let updates = bed.take_updates().await;
    assert_eq!(updates[0]["message"]["migrate_to_chat_id"], new);
    assert_eq!(updates[1]["message"]["migrate_from_chat_id"], old);
}

#[tokio::test]
async fn promoting_needs_the_right_to() {
    let bed = Bed::new().await;
    for action in ["demote", "promote"] {
        // Made an administrator by somebody else, the bot has only the usual rights.
        bed.post(
            "members",
            json!({"chat": OPS, "user": BOT, "action": action}),
        )
        .await;
    }
    let params = json!({"chat_id": OPS, "user_id": LIM, "can_pin_messages": true});
    assert_eq!(
        bed.refused("promoteChatMember", params).await,
        "400 Bad Request: not enough rights"
    );
}
