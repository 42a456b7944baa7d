//! Keyboards: every kind of button, and what Telegram says of wrong ones.

use serde_json::{Value, json};

use crate::bed::{ADA, Bed, OPS};

fn with(markup: Value) -> Value {
    json!({"chat_id": ADA, "text": "x", "reply_markup": markup})
}

fn inline(button: Value) -> Value {
    with(json!({"inline_keyboard": [[button]]}))
}

fn reply(button: Value) -> Value {
    with(json!({"keyboard": [[button]]}))
}

#[tokio::test]
async fn every_inline_button_is_kept() {
    let bed = Bed::new().await;
    for button in [
        json!({"text": "b", "callback_data": "x"}),
        json!({"text": "b", "url": "https://example.org/"}),
        json!({"text": "b", "web_app": {"url": "https://example.org/"}}),
        json!({"text": "b", "switch_inline_query": ""}),
        json!({"text": "b", "switch_inline_query_current_chat": "q"}),
        json!({"text": "b", "switch_inline_query_chosen_chat": {"query": "q", "allow_user_chats": true}}),
        json!({"text": "b", "copy_text": {"text": "c"}}),
    ] {
        let sent = bed.ok("sendMessage", inline(button.clone())).await;
        let kept = &sent["reply_markup"]["inline_keyboard"][0][0];
        for (field, value) in button.as_object().unwrap() {
            if value.is_object() {
                assert!(kept[field].is_object(), "{kept}");
            } else {
                assert_eq!(&kept[field], value);
            }
        }
    }
}

#[tokio::test]
async fn wrong_inline_buttons_are_refused() {
    let bed = Bed::new().await;
    let wrong = "can't parse inline keyboard button: ";
    for (button, refusal) in [
        (
            json!({"text": "b"}),
            "Text buttons are unallowed in the inline keyboard",
        ),
        (
            json!({"callback_data": "x"}),
            "Field \"text\" must be of type String",
        ),
        (json!(7), "InlineKeyboardButton must be an Object"),
    ] {
        let given = bed.refused("sendMessage", inline(button)).await;
        let shown = given.strip_prefix("400 Bad Request: ").unwrap();
        assert!(shown.starts_with(wrong), "{given}");
        assert!(
            shown.ends_with(refusal) || refusal.starts_with("Field"),
            "{given} {refusal}"
        );
    }
    for (button, refusal) in [
        (
            json!({"text": "b", "callback_data": "x".repeat(65)}),
            "BUTTON_DATA_INVALID",
        ),
        (
            json!({"text": "b", "url": "http://localhost/x"}),
            "inline keyboard button URL 'http://localhost/x' is invalid: Wrong HTTP URL",
        ),
        (
            json!({"text": "b", "web_app": {"url": "http://example.org"}}),
            "inline keyboard button Web App URL 'http://example.org' is invalid: Only HTTPS links are allowed",
        ),
    ] {
        let given = bed.refused("sendMessage", inline(button)).await;
        assert_eq!(given, format!("400 Bad Request: {refusal}"));
    }
    let mut app = inline(json!({"text": "b", "web_app": {"url": "https://example.org"}}));
    app["chat_id"] = json!(OPS);
    assert_eq!(
        bed.refused("sendMessage", app).await,
        "400 Bad Request: BUTTON_TYPE_INVALID"
    );
    for (button, refusal) in [
        (
            json!({"text": "b", "request_contact": true}),
            "phone number can be requested in private chats only",
        ),
        (
            json!({"text": "b", "web_app": {"url": "https://example.org"}}),
            "web App buttons can be used in private chats only",
        ),
    ] {
        let mut params = reply(button);
        params["chat_id"] = json!(OPS);
        let given = bed.refused("sendMessage", params).await;
        assert_eq!(given, format!("400 Bad Request: {refusal}"));
    }
}

#[tokio::test]
async fn every_button_below_the_input_is_kept() {
    let bed = Bed::new().await;
    for button in [
        json!("plain"),
        json!({"text": "b"}),
        json!({"text": "b", "request_contact": true}),
        json!({"text": "b", "request_location": true}),
        json!({"text": "b", "request_poll": {"type": "quiz"}}),
        json!({"text": "b", "web_app": {"url": "https://example.org/"}}),
        json!({"text": "b", "request_users": {"request_id": 1}}),
        json!({"text": "b", "request_chat": {"request_id": 2, "chat_is_channel": false}}),
    ] {
        bed.ok("sendMessage", reply(button.clone())).await;
        let view = bed.get(&format!("chats/{ADA}/messages")).await;
        let kept = &view["reply_keyboard"]["keyboard"][0][0];
        match &button {
            Value::String(text) => assert_eq!(kept["text"], *text),
            button => assert_eq!(kept["text"], button["text"], "{view}"),
        }
    }
}

#[tokio::test]
async fn the_keyboard_below_the_input_goes_when_it_is_removed() {
    let bed = Bed::new().await;
    bed.ok("sendMessage", reply(json!("a"))).await;
    bed.ok("sendMessage", with(json!({"remove_keyboard": true})))
        .await;
    let view = bed.get(&format!("chats/{ADA}/messages")).await;
    assert!(
        view.get("reply_keyboard").is_none_or(Value::is_null),
        "{view}"
    );
    let force = json!({"force_reply": true, "input_field_placeholder": "name"});
    bed.ok("sendMessage", with(force)).await;
}

#[tokio::test]
async fn keyboards_that_are_none_are_refused() {
    let bed = Bed::new().await;
    for (markup, refusal) in [
        (json!("{"), "can't parse reply keyboard markup JSON object"),
        (json!(7), "object expected as reply markup"),
        (
            json!({"inline_keyboard": 7}),
            "field \"inline_keyboard\" must be of type Array",
        ),
        (
            json!({"inline_keyboard": [7]}),
            "field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays",
        ),
        (
            json!({"keyboard": 7}),
            "field \"keyboard\" must be of type Array",
        ),
    ] {
        let given = bed.refused("sendMessage", with(markup)).await;
        assert!(
            given.to_lowercase().contains(&refusal.to_lowercase()),
            "{given} | {refusal}"
        );
    }
}

#[tokio::test]
async fn a_message_with_a_keyboard_below_the_input_cannot_be_edited() {
    let bed = Bed::new().await;
    let sent = bed.ok("sendMessage", reply(json!("a"))).await;
    let params = json!({"chat_id": ADA, "message_id": sent["message_id"], "text": "y"});
    assert_eq!(
        bed.refused("editMessageText", params).await,
        "400 Bad Request: message can't be edited"
    );
}

#[tokio::test]
async fn what_only_invoices_have_and_what_is_too_much_is_refused() {
    let bed = Bed::new().await;
    let with = |markup: Value| json!({"chat_id": ADA, "text": "x", "reply_markup": markup});
    let pay = json!({"inline_keyboard": [[{"text": "Pay", "pay": true}]]});
    assert_eq!(
        bed.refused("sendMessage", with(pay)).await,
        "400 Bad Request: BUTTON_TYPE_INVALID"
    );
    let rows = vec![vec!["x"; 10]; 31];
    assert_eq!(
        bed.refused("sendMessage", with(json!({"keyboard": rows})))
            .await,
        "400 Bad Request: reply markup is too long"
    );
    bed.ok("sendMessage", with(json!({"keyboard": rows[..30]})))
        .await;
}
