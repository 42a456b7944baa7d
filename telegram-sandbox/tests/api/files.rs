//! Files: sending, receiving, downloading, albums, limits.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::bed::{ADA, Bed, OPS, PNG, file};

fn to_ada() -> Form {
    Form::new().text("chat_id", ADA.to_string())
}

#[tokio::test]
async fn what_a_person_uploads_can_be_downloaded_by_the_bot() {
    let bed = Bed::new().await;
    let form = Form::new()
        .text("from", ADA.to_string())
        .text("chat", ADA.to_string())
        .text("caption", "see /report")
        .part(
            "document",
            file("report (1).csv", b"a,b\n1,2\n")
                .mime_str("text/csv")
                .unwrap(),
        );
    let (status, message) = bed.upload(form).await;
    assert_eq!(status, 200, "{message}");
    assert_eq!(bed.updates().await[0]["message"], message);
    let document = &message["document"];
    assert_eq!(document["file_name"], "report (1).csv");
    assert_eq!(document["mime_type"], "text/csv");
    assert_eq!(document["file_size"], 8);
    assert_eq!(message["caption_entities"][0]["type"], "bot_command");
    let info = bed
        .ok("getFile", json!({"file_id": document["file_id"]}))
        .await;
    let path = info["file_path"].as_str().unwrap();
    assert!(
        path.starts_with("documents/file_") && path.ends_with(".csv"),
        "{path}"
    );
    for way in [
        format!("/file/bot1:sandbox/{path}"),
        format!("/file/bot1:sandbox//{path}"),
        format!("/file/bot1:sandbox/{}", path.replace('/', "%2F")),
    ] {
        assert_eq!(
            bed.fetch(&way).await,
            (200, b"a,b\n1,2\n".to_vec()),
            "{way}"
        );
    }
    assert_eq!(bed.fetch("/file/bot1:sandbox/documents/none").await.0, 404);
    assert_eq!(bed.fetch(&format!("/file/bot2:x/{path}")).await.0, 401);
}

#[tokio::test]
async fn each_kind_of_file_is_sent_and_shown() {
    let bed = Bed::new().await;
    for (method, field) in [
        ("sendDocument", "document"),
        ("sendPhoto", "photo"),
        ("sendVideo", "video"),
        ("sendAudio", "audio"),
        ("sendVoice", "voice"),
        ("sendSticker", "sticker"),
    ] {
        let form = to_ada().part(field, file("x.png", PNG));
        let (status, body) = bed.multipart(method, form).await;
        assert_eq!(status, 200, "{method}: {body}");
        assert!(body["result"][field].is_object() || body["result"][field].is_array());
    }
    let photo = &bed.shown(ADA).await[1]["photo"][0];
    assert_eq!((&photo["width"], &photo["height"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn a_known_file_is_sent_again_by_its_id() {
    let bed = Bed::new().await;
    let form = to_ada().part("document", file("a.txt", b"text"));
    let (_, first) = bed.multipart("sendDocument", form).await;
    let id = &first["result"]["document"]["file_id"];
    let params = json!({"chat_id": OPS, "document": id, "caption": "again"});
    let second = bed.ok("sendDocument", params).await;
    assert_eq!(&second["document"]["file_id"], id);
    assert_eq!(second["caption"], "again");
}

#[tokio::test]
async fn files_are_refused_with_telegrams_words() {
    let bed = Bed::new().await;
    for (params, expected) in [
        (
            json!({"chat_id": ADA}),
            "400 Bad Request: there is no document in the request",
        ),
        (
            json!({"chat_id": ADA, "document": "nonsense"}),
            "400 Bad Request: wrong file identifier/HTTP URL specified",
        ),
        (
            json!({"chat_id": ADA, "document": "https://example.org/x"}),
            "400 Bad Request: failed to get HTTP URL content",
        ),
    ] {
        assert_eq!(bed.refused("sendDocument", params).await, expected);
    }
    let form = to_ada().part("photo", file("x.png", b"no picture"));
    let (_, body) = bed.multipart("sendPhoto", form).await;
    assert_eq!(body["description"], "Bad Request: IMAGE_PROCESS_FAILED");
    let form = to_ada().part("document", file("x", b""));
    let (_, body) = bed.multipart("sendDocument", form).await;
    assert_eq!(body["description"], "Bad Request: file must be non-empty");
    assert_eq!(
        bed.refused("getFile", json!({"file_id": "x"})).await,
        "400 Bad Request: invalid file_id"
    );
}

#[tokio::test]
async fn a_caption_has_1024_utf16_units_at_most() {
    let bed = Bed::new().await;
    let with = |caption: String| {
        to_ada()
            .text("caption", caption)
            .part("document", file("a.txt", b"text"))
    };
    let (status, _) = bed.multipart("sendDocument", with("😀".repeat(512))).await;
    assert_eq!(status, 200);
    let (_, body) = bed.multipart("sendDocument", with("😀".repeat(513))).await;
    assert_eq!(
        body["description"],
        "Bad Request: message caption is too long"
    );
}

#[tokio::test]
async fn a_caption_is_edited_and_a_text_is_not_where_there_is_none() {
    let bed = Bed::new().await;
    let form = to_ada()
        .text("caption", "one")
        .part("document", file("a.txt", b"text"));
    let (_, sent) = bed.multipart("sendDocument", form).await;
    let id = &sent["result"]["message_id"];
    let params =
        json!({"chat_id": ADA, "message_id": id, "caption": "*two*", "parse_mode": "MarkdownV2"});
    let edited = bed.ok("editMessageCaption", params).await;
    assert_eq!(edited["caption"], "two");
    assert_eq!(edited["caption_entities"][0]["type"], "bold");
    let params = json!({"chat_id": ADA, "message_id": id, "text": "x"});
    assert_eq!(
        bed.refused("editMessageText", params).await,
        "400 Bad Request: there is no text in the message to edit"
    );
}

#[tokio::test]
async fn files_over_20_mb_arrive_but_cannot_be_downloaded() {
    let bed = Bed::new().await;
    let form = to_ada().part(
        "document",
        Part::bytes(vec![7; (20 << 20) + 1]).file_name("big"),
    );
    let (status, sent) = bed.multipart("sendDocument", form).await;
    assert_eq!(status, 200);
    let params = json!({"file_id": sent["result"]["document"]["file_id"]});
    assert_eq!(
        bed.refused("getFile", params).await,
        "400 Bad Request: file is too big"
    );
}

#[tokio::test]
async fn an_album_is_several_messages_with_one_group_id() {
    let bed = Bed::new().await;
    let media = json!([
        {"type": "photo", "media": "attach://one", "caption": "<b>first</b>", "parse_mode": "HTML"},
        {"type": "photo", "media": "attach://two"},
    ]);
    let form = to_ada()
        .text("media", media.to_string())
        .part("one", file("1.png", PNG))
        .part("two", file("2.png", PNG));
    let (status, body) = bed.multipart("sendMediaGroup", form).await;
    assert_eq!(status, 200, "{body}");
    let messages = body["result"].as_array().unwrap();
    assert_eq!(messages.len(), 2);
    assert!(messages[0]["media_group_id"].is_string());
    assert_eq!(messages[0]["media_group_id"], messages[1]["media_group_id"]);
    assert_eq!(messages[0]["caption"], "first");
    let params: Value = json!({"chat_id": ADA, "media": []});
    assert_eq!(
        bed.refused("sendMediaGroup", params).await,
        "400 Bad Request: there are no messages to send"
    );
}

/// The PNG of one pixel, which says that it is as large as this.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = PNG.to_vec();
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    bytes
}

#[tokio::test]
async fn photos_are_neither_huge_nor_narrow() {
    let bed = Bed::new().await;
    for (width, height, fits) in [
        (5_000, 5_000, true),
        (5_001, 5_000, false),
        (2_000, 100, true),
        (2_001, 100, false),
        (100, 2_001, false),
    ] {
        let form = to_ada().part("photo", file("a.png", &png_of(width, height)));
        let (status, body) = bed.multipart("sendPhoto", form).await;
        let refused = body["description"] == "Bad Request: PHOTO_INVALID_DIMENSIONS";
        assert_eq!((status == 200, refused), (fits, !fits), "{width}x{height}");
    }
}

/// The beginning of a JPEG of this size.
fn jpeg_of(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = b"\xff\xd8\xff\xc0\x00\x11\x08".to_vec();
    bytes.extend(height.to_be_bytes());
    bytes.extend(width.to_be_bytes());
    bytes.extend([0; 16]);
    bytes
}

#[tokio::test]
async fn a_file_s_name_says_what_it_is_and_its_thumbnail_is_shown() {
    let bed = Bed::new().await;
    let send = async |thumbnail: Vec<u8>| {
        let form = to_ada()
            .part("document", file("report.pdf", b"x"))
            .part("thumbnail", file("t.jpg", &thumbnail));
        bed.multipart("sendDocument", form).await.1["result"]["document"].clone()
    };
    let document = send(jpeg_of(320, 200)).await;
    assert_eq!(document["mime_type"], "application/pdf");
    let thumbnail = &document["thumbnail"];
    assert_eq!(
        (&thumbnail["width"], &thumbnail["height"]),
        (&json!(320), &json!(200))
    );
    bed.ok("getFile", json!({"file_id": thumbnail["file_id"]}))
        .await;
    // The same file again has it too.
    let again = json!({"chat_id": ADA, "document": document["file_id"]});
    let again = bed.ok("sendDocument", again).await;
    assert_eq!(again["document"]["thumbnail"], *thumbnail);
    let too_large = send(jpeg_of(321, 200)).await;
    assert!(too_large.get("thumbnail").is_none());
}
