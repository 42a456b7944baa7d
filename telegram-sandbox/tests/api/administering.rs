//! What administrators set: the chat itself, permissions, rights, senders.

use reqwest::multipart::Form;
use serde_json::{Value, json};

use crate::bed::{ADA, BOT, Bed, GUS, LIM, OPS, PNG, file, kinds};

/// `GroupAnonymousBot`, the author of what anonymous administrators write.
const ANONYMOUS: i64 = 1_087_968_824;

#[tokio::test]
async fn title_description_and_photo_are_set() {
    let bed = Bed::new().await;
    bed.ok("setChatTitle", json!({"chat_id": OPS, "title": "Watch"}))
        .await;
    let params = json!({"chat_id": OPS, "description": "who sleeps when"});
    bed.ok("setChatDescription", params.clone()).await;
    assert_eq!(
        bed.refused("setChatDescription", params).await,
        "400 Bad Request: chat description is not modified"
    );
    let form = Form::new()
        .text("chat_id", OPS.to_string())
        .part("photo", file("a.png", PNG));
    let (status, body) = bed.multipart("setChatPhoto", form).await;
    assert_eq!(status, 200, "{body}");
    let chat = bed.ok("getChat", json!({"chat_id": OPS})).await;
    assert_eq!(chat["title"], "Watch");
    assert_eq!(chat["description"], "who sleeps when");
    assert!(chat["photo"]["small_file_id"].is_string());
    assert_eq!(bed.shown(OPS).await[0]["new_chat_title"], "Watch");
    bed.ok("deleteChatPhoto", json!({"chat_id": OPS})).await;
    let chat = bed.ok("getChat", json!({"chat_id": OPS})).await;
    assert!(chat.get("photo").is_none());
}

#[tokio::test]
async fn a_chat_is_set_by_those_who_may() {
    let bed = Bed::new().await;
    for (method, params, refusal) in [
        (
            "setChatTitle",
            json!({"chat_id": ADA, "title": "x"}),
            "can't change private chat title",
        ),
        (
            "setChatTitle",
            json!({"chat_id": OPS, "title": " "}),
            "title must be non-empty",
        ),
        (
            "setChatDescription",
            json!({"chat_id": ADA, "description": "x"}),
            "can't change private chat description",
        ),
        (
            "setChatPermissions",
            json!({"chat_id": ADA, "permissions": {}}),
            "can't change private chat permissions",
        ),
        ("setChatPermissions", json!({"chat_id": OPS}), "permissions"),
    ] {
        let given = bed.refused(method, params).await;
        assert!(
            given.ends_with(refusal) || refusal == "permissions",
            "{given}"
        );
    }
    bed.post(
        "members",
        json!({"chat": OPS, "user": BOT, "action": "demote"}),
    )
    .await;
    assert_eq!(
        bed.refused("setChatTitle", json!({"chat_id": OPS, "title": "x"}))
            .await,
        "400 Bad Request: not enough rights to change chat title"
    );
}

#[tokio::test]
async fn permissions_bind_people_and_bots_alike() {
    let bed = Bed::new().await;
    let silent = json!({"chat_id": OPS, "permissions": {"can_send_messages": false}});
    bed.ok("setChatPermissions", silent).await;
    let chat = bed.ok("getChat", json!({"chat_id": OPS})).await;
    assert_eq!(chat["permissions"]["can_send_messages"], false);
    let text = json!({"from": LIM, "chat": OPS, "text": "x"});
    bed.not_done("messages", text).await;
    bed.write(ADA, OPS, "the owner may").await;
    bed.post(
        "members",
        json!({"chat": OPS, "user": BOT, "action": "demote"}),
    )
    .await;
    let to = json!({"chat_id": OPS, "text": "x"});
    assert_eq!(
        bed.refused("sendMessage", to).await,
        "400 Bad Request: not enough rights to send text messages to the chat"
    );
    let poll = json!({"chat_id": OPS, "question": "a", "options": ["b", "c"]});
    assert_eq!(
        bed.refused("sendPoll", poll).await,
        "400 Bad Request: not enough rights to send polls to the chat"
    );
}

#[tokio::test]
async fn a_restriction_ends_with_its_time() {
    let bed = Bed::new().await;
    let now = bed.get("clock").await["now_ms"].as_i64().unwrap() / 1000;
    let params = json!({
        "chat_id": OPS, "user_id": LIM, "permissions": {}, "until_date": now + 120,
    });
    bed.ok("restrictChatMember", params).await;
    let of = json!({"chat_id": OPS, "user_id": LIM});
    let lim = bed.ok("getChatMember", of.clone()).await;
    assert_eq!(
        (&lim["status"], &lim["until_date"]),
        (&json!("restricted"), &json!(now + 120))
    );
    bed.advance(121).await;
    assert_eq!(bed.ok("getChatMember", of).await["status"], "member");
    bed.write(LIM, OPS, "again").await;
}

#[tokio::test]
async fn a_ban_ends_with_its_time() {
    let bed = Bed::new().await;
    let now = bed.get("clock").await["now_ms"].as_i64().unwrap() / 1000;
    let params = json!({"chat_id": OPS, "user_id": LIM, "until_date": now + 120});
    bed.ok("kickChatMember", params).await;
    let of = json!({"chat_id": OPS, "user_id": LIM});
    assert_eq!(
        bed.ok("getChatMember", of.clone()).await["status"],
        "kicked"
    );
    bed.advance(121).await;
    assert_eq!(bed.ok("getChatMember", of).await["status"], "left");
    assert_eq!(
        bed.ok("getChatMembersCount", json!({"chat_id": OPS})).await,
        3
    );
}

#[tokio::test]
async fn an_administrator_has_a_title_if_the_bot_promoted_them() {
    let bed = Bed::new().await;
    let titled =
        |user: i64, title: &str| json!({"chat_id": OPS, "user_id": user, "custom_title": title});
    assert_eq!(
        bed.refused("setChatAdministratorCustomTitle", titled(LIM, "x"))
            .await,
        "400 Bad Request: user is not an administrator"
    );
    let params = json!({"chat_id": OPS, "user_id": LIM, "can_pin_messages": true});
    bed.ok("promoteChatMember", params).await;
    bed.ok("setChatAdministratorCustomTitle", titled(LIM, "Night"))
        .await;
    let lim = bed
        .ok("getChatMember", json!({"chat_id": OPS, "user_id": LIM}))
        .await;
    assert_eq!(lim["custom_title"], "Night");
    assert_eq!(
        bed.refused(
            "setChatAdministratorCustomTitle",
            titled(LIM, &"x".repeat(17))
        )
        .await,
        "400 Bad Request: ADMIN_RANK_INVALID"
    );
    assert_eq!(
        bed.refused("setChatAdministratorCustomTitle", titled(LIM, "🌙"))
            .await,
        "400 Bad Request: ADMIN_RANK_EMOJI_NOT_ALLOWED"
    );
    bed.post(
        "members",
        json!({"chat": OPS, "user": GUS, "action": "promote"}),
    )
    .await;
    assert!(
        bed.refused("setChatAdministratorCustomTitle", titled(GUS, "x"))
            .await
            .starts_with("400 Bad Request: not enough rights to change custom title")
    );
}

#[tokio::test]
async fn anonymous_administrators_write_as_the_group() {
    let bed = Bed::new().await;
    let rights = json!({"is_anonymous": true, "can_pin_messages": true});
    let promoted = json!({"chat": OPS, "user": LIM, "action": "promote", "rights": rights});
    bed.post("members", promoted).await;
    bed.take_updates().await;
    bed.write(LIM, OPS, "who am I?").await;
    let updates = bed.take_updates().await;
    let message = &updates[0]["message"];
    assert_eq!(message["from"]["id"], ANONYMOUS);
    assert_eq!(message["from"]["username"], "GroupAnonymousBot");
    assert_eq!(message["sender_chat"]["id"], OPS);
}

#[tokio::test]
async fn channels_are_banned_as_senders() {
    let bed = Bed::new().await;
    let channel = json!({"type": "channel", "title": "News", "members": [ADA]});
    let id = bed.post("chats", channel).await["id"].clone();
    let of = |sender: &Value| json!({"chat_id": OPS, "sender_chat_id": sender});
    bed.ok("banChatSenderChat", of(&id)).await;
    bed.ok("unbanChatSenderChat", of(&id)).await;
    assert_eq!(
        bed.refused("banChatSenderChat", json!({"chat_id": OPS}))
            .await,
        "400 Bad Request: sender_chat_id is empty"
    );
    let private = json!({"chat_id": ADA, "sender_chat_id": id});
    bed.refused("banChatSenderChat", private).await;
}

#[tokio::test]
async fn the_rights_to_ask_for_are_kept() {
    let bed = Bed::new().await;
    let rights = json!({"can_manage_chat": true, "can_pin_messages": true});
    bed.ok("setMyDefaultAdministratorRights", json!({"rights": rights}))
        .await;
    let kept = bed.ok("getMyDefaultAdministratorRights", json!({})).await;
    assert_eq!(kept["can_pin_messages"], true);
    assert_eq!(kept["can_delete_messages"], false);
    let of_channels = json!({"for_channels": true});
    let kept = bed.ok("getMyDefaultAdministratorRights", of_channels).await;
    assert_eq!(kept["can_manage_chat"], false);
}

#[tokio::test]
async fn only_administrators_hear_of_members() {
    let bed = Bed::new().await;
    bed.listen_to(&["chat_member", "my_chat_member"]).await;
    bed.post(
        "members",
        json!({"chat": OPS, "user": BOT, "action": "demote"}),
    )
    .await;
    bed.take_updates().await;
    bed.post(
        "members",
        json!({"chat": OPS, "user": GUS, "action": "leave"}),
    )
    .await;
    assert_eq!(bed.take_updates().await.len(), 0);
    bed.post(
        "members",
        json!({"chat": OPS, "user": BOT, "action": "promote"}),
    )
    .await;
    bed.post(
        "members",
        json!({"chat": OPS, "user": GUS, "action": "join"}),
    )
    .await;
    let updates = bed.take_updates().await;
    assert_eq!(kinds(&updates), ["my_chat_member", "chat_member"]);
}

#[tokio::test]
async fn a_group_becomes_a_supergroup_by_a_control_call() {
    let bed = Bed::new().await;
    let group = json!({"type": "group", "title": "Small", "members": [ADA], "quiet": true});
    let old = bed.post("chats", group).await["id"].as_i64().unwrap();
    let answer = bed.post("migrations", json!({"chat": old})).await;
    let updates = bed.take_updates().await;
    let new = updates[0]["message"]["migrate_to_chat_id"]
        .as_i64()
        .unwrap();
    assert!(answer.to_string().contains(&new.to_string()), "{answer}");
    assert!(new.to_string().starts_with("-100"));
    bed.write(ADA, new, "here").await;
}

#[tokio::test]
async fn a_ban_that_is_not_there_is_lifted_from_anybody() {
    let bed = Bed::new().await;
    // Ada owns the group.
    let params = json!({"chat_id": OPS, "user_id": ADA, "only_if_banned": true});
    assert_eq!(bed.ok("unbanChatMember", params).await, json!(true));
    assert_eq!(
        bed.refused("unbanChatMember", json!({"chat_id": OPS, "user_id": ADA}))
            .await,
        "400 Bad Request: can't remove chat owner"
    );
}
