//! Invite links and requests to join.

use serde_json::json;

use crate::bed::{ADA, Bed, OPS, kinds};

const EVE: i64 = 1004;

async fn with_eve() -> Bed {
    let bed = Bed::new().await;
    bed.post("users", json!({"id": EVE, "first_name": "Eve"}))
        .await;
    bed.take_updates().await;
    bed
}

#[tokio::test]
async fn a_link_lets_in_as_many_as_it_may() {
    let bed = with_eve().await;
    let params = json!({"chat_id": OPS, "name": "night", "member_limit": 1});
    let link = bed.ok("createChatInviteLink", params).await;
    assert_eq!(
        (&link["name"], &link["member_limit"]),
        (&json!("night"), &json!(1))
    );
    assert_eq!(
        (&link["is_primary"], &link["is_revoked"]),
        (&json!(false), &json!(false))
    );
    let url = &link["invite_link"];
    bed.listen_to(&["chat_member", "message"]).await;
    let joined = bed.post("joins", json!({"user": EVE, "link": url})).await;
    assert_eq!(joined["joined"], true);
    let updates = bed.take_updates().await;
    assert_eq!(kinds(&updates), ["chat_member", "message"]);
    assert_eq!(
        updates[0]["chat_member"]["invite_link"]["invite_link"],
        *url
    );
    bed.post("users", json!({"id": 1005, "first_name": "Max"}))
        .await;
    assert!(
        bed.not_done("joins", json!({"user": 1005, "link": url}))
            .await
            .starts_with("`link`")
    );
}

#[tokio::test]
async fn links_are_changed_and_revoked() {
    let bed = with_eve().await;
    let link = bed
        .ok("createChatInviteLink", json!({"chat_id": OPS}))
        .await;
    let of = |more: serde_json::Value| {
        let mut params = json!({"chat_id": OPS, "invite_link": link["invite_link"]});
        params
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        params
    };
    let changed = bed
        .ok("editChatInviteLink", of(json!({"name": "day"})))
        .await;
    assert_eq!(changed["name"], "day");
    let both = of(json!({"member_limit": 5, "creates_join_request": true}));
    assert_eq!(
        bed.refused("editChatInviteLink", both).await,
        "400 Bad Request: member limit can't be specified for links requiring administrator approval"
    );
    let revoked = bed.ok("revokeChatInviteLink", of(json!({}))).await;
    assert_eq!(revoked["is_revoked"], true);
    bed.not_done("joins", json!({"user": EVE, "link": link["invite_link"]}))
        .await;
    let unknown = json!({"chat_id": OPS, "invite_link": "https://t.me/+nothing"});
    assert_eq!(
        bed.refused("editChatInviteLink", unknown).await,
        "400 Bad Request: INVITE_HASH_INVALID"
    );
    assert_eq!(
        bed.refused("createChatInviteLink", json!({"chat_id": ADA}))
            .await,
        "400 Bad Request: can't invite members to a private chat"
    );
}

#[tokio::test]
async fn a_link_ends_with_its_time() {
    let bed = with_eve().await;
    let now = bed.get("clock").await["now_ms"].as_i64().unwrap() / 1000;
    let params = json!({"chat_id": OPS, "expire_date": now + 60});
    let link = bed.ok("createChatInviteLink", params).await;
    bed.advance(61).await;
    bed.not_done("joins", json!({"user": EVE, "link": link["invite_link"]}))
        .await;
}

#[tokio::test]
async fn the_primary_link_is_replaced_when_it_is_exported() {
    let bed = Bed::new().await;
    let first = bed
        .ok("exportChatInviteLink", json!({"chat_id": OPS}))
        .await;
    assert!(first.as_str().unwrap().starts_with("https://t.me/"));
    let second = bed
        .ok("exportChatInviteLink", json!({"chat_id": OPS}))
        .await;
    assert_ne!(first, second);
    let chat = bed.ok("getChat", json!({"chat_id": OPS})).await;
    assert_eq!(chat["invite_link"], second);
}

#[tokio::test]
async fn who_asks_to_join_is_let_in_or_not() {
    let bed = with_eve().await;
    let link = bed
        .ok(
            "createChatInviteLink",
            json!({"chat_id": OPS, "creates_join_request": true}),
        )
        .await;
    let asked = bed
        .post("joins", json!({"user": EVE, "link": link["invite_link"]}))
        .await;
    assert_eq!(asked["joined"], false);
    let updates = bed.take_updates().await;
    assert_eq!(kinds(&updates), ["chat_join_request"]);
    let request = &updates[0]["chat_join_request"];
    assert_eq!(request["from"]["id"], EVE);
    assert_eq!(request["invite_link"]["invite_link"], link["invite_link"]);
    let of = json!({"chat_id": OPS, "user_id": EVE});
    bed.ok("declineChatJoinRequest", of.clone()).await;
    assert_eq!(
        bed.refused("approveChatJoinRequest", of.clone()).await,
        "400 Bad Request: HIDE_REQUESTER_MISSING"
    );
    bed.post("joins", json!({"user": EVE, "chat": OPS})).await;
    assert_eq!(
        bed.get(&format!("joins?chat={OPS}")).await["requests"],
        json!([EVE])
    );
    bed.ok("approveChatJoinRequest", of.clone()).await;
    assert_eq!(
        bed.ok("getChatMember", of.clone()).await["status"],
        "member"
    );
    assert_eq!(
        bed.refused("approveChatJoinRequest", of).await,
        "400 Bad Request: USER_ALREADY_PARTICIPANT"
    );
}

#[tokio::test]
async fn whoever_is_let_in_says_so_themselves() {
    let bed = with_eve().await;
    bed.post("joins", json!({"user": EVE, "chat": OPS})).await;
    bed.take_updates().await;
    bed.listen_to(&["message", "chat_member"]).await;
    let eve = json!({"chat_id": OPS, "user_id": EVE});
    bed.ok("approveChatJoinRequest", eve).await;
    let updates = bed.take_updates().await;
    assert_eq!(kinds(&updates), ["chat_member", "message"]);
    assert_eq!(updates[0]["chat_member"]["from"]["id"], 1);
    assert_eq!(updates[1]["message"]["from"]["id"], EVE);
    assert_eq!(updates[1]["message"]["new_chat_members"][0]["id"], EVE);
}

#[tokio::test]
async fn an_administrator_of_the_group_answers_who_asked() {
    let bed = with_eve().await;
    bed.post("joins", json!({"user": EVE, "chat": OPS})).await;
    let answer = |by: i64| json!({"user": EVE, "chat": OPS, "let_in": true, "by": by});
    assert_eq!(
        bed.not_done("joins", answer(1002)).await,
        "`by` may not let people in"
    );
    let joined = bed.post("joins", answer(ADA)).await;
    assert_eq!(joined, json!({"joined": true}));
    assert_eq!(
        bed.not_done("joins", answer(ADA)).await,
        "`user` has not asked to join"
    );
    bed.write(EVE, OPS, "hello").await;
}
