//! Albums, animations and other media; media edited.

use reqwest::multipart::Form;
use serde_json::{Value, json};

use crate::bed::{ADA, Bed, OPS, PNG, file};

async fn photo(bed: &Bed) -> Value {
    let form = Form::new()
        .text("chat_id", ADA.to_string())
        .part("photo", file("a.png", PNG));
    let (status, body) = bed.multipart("sendPhoto", form).await;
    assert_eq!(status, 200, "{body}");
    body["result"].clone()
}

async fn document(bed: &Bed) -> Value {
    let form = Form::new()
        .text("chat_id", ADA.to_string())
        .part("document", file("a.txt", b"x"));
    let (status, body) = bed.multipart("sendDocument", form).await;
    assert_eq!(status, 200, "{body}");
    body["result"].clone()
}

#[tokio::test]
async fn an_album_is_of_two_to_ten_alike() {
    let bed = Bed::new().await;
    let picture = photo(&bed).await["photo"][0]["file_id"].clone();
    let paper = document(&bed).await["document"]["file_id"].clone();
    let item = |kind: &str, media: &Value| json!({"type": kind, "media": media});
    let album = |items: Vec<Value>| json!({"chat_id": ADA, "media": items});
    let two = album(vec![item("photo", &picture), item("photo", &picture)]);
    let sent = bed.ok("sendMediaGroup", two).await;
    assert_eq!(sent[0]["media_group_id"], sent[1]["media_group_id"]);
    assert!(sent[0]["media_group_id"].is_string());
    let one = bed
        .ok("sendMediaGroup", album(vec![item("photo", &picture)]))
        .await;
    assert!(one[0].get("media_group_id").is_none(), "one is no album");
    let mixed = album(vec![item("photo", &picture), item("document", &paper)]);
    assert_eq!(
        bed.refused("sendMediaGroup", mixed).await,
        "400 Bad Request: document can't be mixed with other media types"
    );
    let eleven = album(vec![item("photo", &picture); 11]);
    assert_eq!(
        bed.refused("sendMediaGroup", eleven).await,
        "400 Bad Request: too many messages to send as an album"
    );
}

#[tokio::test]
async fn an_album_of_a_person_may_arrive_late_in_parts() {
    let bed = Bed::new().await;
    let item = |late: &str| {
        Form::new()
            .text("from", ADA.to_string())
            .text("chat", OPS.to_string())
            .text("album", "1")
            .text("late_ms", late.to_owned())
            .part("photo", file("a.png", PNG))
    };
    let (_, first) = bed.upload(item("0")).await;
    let (_, second) = bed.upload(item("60000")).await;
    assert_eq!(first["media_group_id"], second["media_group_id"]);
    assert_eq!(bed.shown(OPS).await.len(), 2, "people see all of it");
    let updates = bed.take_updates().await;
    assert_eq!(updates.len(), 1, "the bot has one part only");
    bed.write(ADA, OPS, "look").await;
    let updates = bed.take_updates().await;
    assert_eq!(updates[0]["message"]["text"], "look");
    bed.advance(61).await;
    let updates = bed.take_updates().await;
    assert_eq!(updates[0]["message"]["message_id"], second["message_id"]);
}

#[tokio::test]
async fn animations_and_round_videos_are_their_own_kinds() {
    let bed = Bed::new().await;
    let form = Form::new()
        .text("chat_id", ADA.to_string())
        .part("animation", file("a.gif", b"GIF89a"));
    let (_, body) = bed.multipart("sendAnimation", form).await;
    let sent = &body["result"];
    assert!(sent["animation"]["file_id"].is_string(), "{body}");
    assert_eq!(
        sent["document"]["file_id"], sent["animation"]["file_id"],
        "old bots read it so"
    );
    let form = Form::new()
        .text("chat_id", ADA.to_string())
        .text("duration", "5")
        .text("length", "240")
        .part("video_note", file("a.mp4", b"0000ftyp"));
    let (_, body) = bed.multipart("sendVideoNote", form).await;
    assert_eq!(body["result"]["video_note"]["length"], 240, "{body}");
    assert_eq!(body["result"]["video_note"]["duration"], 5);
    let link = json!({"chat_id": ADA, "video_note": "https://example.org/a.mp4"});
    bed.refused("sendVideoNote", link).await;
}

#[tokio::test]
async fn the_media_of_a_message_is_exchanged() {
    let bed = Bed::new().await;
    let sent = photo(&bed).await;
    let paper = document(&bed).await["document"]["file_id"].clone();
    let media = json!({"type": "document", "media": paper, "caption": "now a file"});
    let params = json!({"chat_id": ADA, "message_id": sent["message_id"], "media": media});
    let edited = bed.ok("editMessageMedia", params).await;
    assert_eq!(edited["document"]["file_id"], paper);
    assert_eq!(edited["caption"], "now a file");
    assert!(edited.get("photo").is_none());
    let form = Form::new()
        .text("chat_id", ADA.to_string())
        .text("message_id", sent["message_id"].to_string())
        .text("media", r#"{"type":"photo","media":"attach://new"}"#)
        .part("new", file("b.png", PNG));
    let (_, body) = bed.multipart("editMessageMedia", form).await;
    assert!(body["result"]["photo"].is_array(), "{body}");
    let of = json!({"chat_id": ADA, "message_id": sent["message_id"]});
    assert_eq!(
        bed.refused("editMessageMedia", of).await,
        "400 Bad Request: parameter \"media\" is required"
    );
}

#[tokio::test]
async fn a_caption_may_stand_above() {
    let bed = Bed::new().await;
    let sent = photo(&bed).await;
    let params = json!({
        "chat_id": ADA, "message_id": sent["message_id"], "caption": "up", "show_caption_above_media": true,
    });
    let edited = bed.ok("editMessageCaption", params).await;
    assert_eq!(edited["show_caption_above_media"], true);
}

#[tokio::test]
async fn many_messages_are_forwarded_and_copied_at_once() {
    let bed = Bed::new().await;
    let mut ids = Vec::new();
    for text in ["one", "two", "three"] {
        ids.push(bed.send(ADA, text).await["message_id"].as_i64().unwrap());
    }
    let params = json!({"chat_id": OPS, "from_chat_id": ADA, "message_ids": ids});
    let forwarded = bed.ok("forwardMessages", params.clone()).await;
    assert_eq!(forwarded.as_array().unwrap().len(), 3);
    bed.ok("copyMessages", params).await;
    let shown = bed.shown(OPS).await;
    assert!(
        shown[..3]
            .iter()
            .all(|message| message["forward_origin"].is_object())
    );
    assert!(
        shown[3..]
            .iter()
            .all(|message| message.get("forward_origin").is_none())
    );
    assert_eq!(shown[5]["text"], "three");
    for (ids, refusal) in [
        (json!([]), "there are no messages to forward"),
        (json!([99]), "there are no messages to forward"),
        (
            json!([ids[1], ids[0]]),
            "message identifiers must be in a strictly increasing order",
        ),
    ] {
        let params = json!({"chat_id": OPS, "from_chat_id": ADA, "message_ids": ids});
        let given = bed.refused("forwardMessages", params).await;
        assert!(
            given.contains(refusal) || given.contains("not specified"),
            "{given}"
        );
    }
}
