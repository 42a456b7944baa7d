//! A bot written with teloxide, unchanged but for the address.

use futures::StreamExt;
use serde_json::json;
use teloxide::net::Download;
use teloxide::payloads::{AnswerCallbackQuerySetters, SendMessageSetters};
use teloxide::prelude::*;
use teloxide::types::{
    InlineKeyboardButton, InlineKeyboardMarkup, InputFile, ParseMode, UpdateKind,
};
use teloxide::update_listeners::{AsUpdateStream, polling_default};
use teloxide::{ApiError, RequestError};

use crate::bed::{ADA, Bed, OPS, kinds};

fn bot(bed: &Bed) -> Bot {
    Bot::new("1:sandbox").set_api_url(bed.sandbox.url().parse().unwrap())
}

#[tokio::test]
async fn get_me_send_and_edit_are_understood() {
    let bed = Bed::new().await;
    let bot = bot(&bed);
    assert_eq!(bot.get_me().await.unwrap().username(), "vahta_sandbox_bot");
    let keyboard = InlineKeyboardMarkup::new([[InlineKeyboardButton::callback("Ok", "ok")]]);
    let sent = bot
        .send_message(ChatId(ADA), "<b>Hello</b> 😀")
        .parse_mode(ParseMode::Html)
        .reply_markup(keyboard)
        .await
        .unwrap();
    assert_eq!(sent.text(), Some("Hello 😀"));
    assert_eq!(sent.entities().unwrap().len(), 1);
    assert!(sent.reply_markup().is_some());
    let edited = bot
        .edit_message_text(sent.chat.id, sent.id, "Bye")
        .await
        .unwrap();
    assert_eq!(edited.text(), Some("Bye"));
    let again = bot.edit_message_text(sent.chat.id, sent.id, "Bye").await;
    assert!(matches!(
        again,
        Err(RequestError::Api(ApiError::MessageNotModified))
    ));
    let stranger = bot.send_message(ChatId(42), "x").await;
    assert!(matches!(
        stranger,
        Err(RequestError::Api(ApiError::ChatNotFound))
    ));
}

#[tokio::test]
async fn updates_are_polled_and_a_press_is_answered() {
    let bed = Bed::new().await;
    let bot = bot(&bed);
    let mut listener = polling_default(bot.clone()).await;
    let updates = listener.as_stream();
    tokio::pin!(updates);
    let echo = async {
        let update = updates.next().await.unwrap().unwrap();
        let UpdateKind::Message(message) = update.kind else {
            panic!("a message was expected");
        };
        assert_eq!(message.text(), Some("/start now"));
        let keyboard = InlineKeyboardMarkup::new([[InlineKeyboardButton::callback("Ok", "ok")]]);
        bot.send_message(message.chat.id, "Press")
            .reply_markup(keyboard)
            .await
            .unwrap();
        let update = updates.next().await.unwrap().unwrap();
        let UpdateKind::CallbackQuery(query) = update.kind else {
            panic!("a press was expected");
        };
        assert_eq!(query.data.as_deref(), Some("ok"));
        bot.answer_callback_query(query.id)
            .text("Thanks")
            .await
            .unwrap();
    };
    let person = async {
        bed.write(ADA, ADA, "/start now").await;
        let view = bed.get("chats/1001/messages?after=1&wait=5000").await;
        let id = view["messages"].as_array().unwrap().last().unwrap()["message_id"].clone();
        let press = json!({"from": ADA, "chat": ADA, "message_id": id, "text": "Ok"});
        bed.post("clicks", press).await
    };
    let (_, shown) = tokio::join!(echo, person);
    assert_eq!(shown["text"], "Thanks");
}

#[tokio::test]
async fn a_file_goes_there_and_back() {
    let bed = Bed::new().await;
    let bot = bot(&bed);
    let content = b"some bytes".repeat(1000);
    let file = InputFile::memory(content.clone()).file_name("notes.txt");
    let sent = bot
        .send_document(ChatId(ADA), file)
        .caption("Notes")
        .await
        .unwrap();
    assert_eq!(sent.caption(), Some("Notes"));
    let document = sent.document().unwrap();
    assert_eq!(document.file_name.as_deref(), Some("notes.txt"));
    let info = bot.get_file(document.file.id.clone()).await.unwrap();
    let mut got = Vec::new();
    bot.download_file(&info.path, &mut got).await.unwrap();
    assert_eq!(got, content);
}

#[tokio::test]
async fn every_kind_of_update_is_parsed() {
    let bed = Bed::new().await;
    let all = json!({"allowed_updates": [
        "message", "edited_message", "callback_query", "my_chat_member", "chat_member",
        "message_reaction",
    ]});
    bed.ok("getUpdates", all).await;
    let message = bed.write(ADA, OPS, "one").await;
    let id = message["message_id"].clone();
    bed.post(
        "edits",
        json!({"from": ADA, "chat": OPS, "message_id": id, "text": "two"}),
    )
    .await;
    bed.post(
        "reactions",
        json!({"from": ADA, "chat": OPS, "message_id": id, "emoji": "👍"}),
    )
    .await;
    bed.post(
        "members",
        json!({"chat": OPS, "user": 1003, "action": "leave"}),
    )
    .await;
    bed.post(
        "members",
        json!({"chat": OPS, "user": 1003, "action": "join"}),
    )
    .await;
    bed.post(
        "members",
        json!({"chat": OPS, "user": 1002, "action": "promote"}),
    )
    .await;
    bed.post("blocks", json!({"user": 1002, "blocked": true}))
        .await;
    let raw = bed.updates().await;
    assert_eq!(raw.len(), 9, "{:?}", kinds(&raw));
    let updates = bot(&bed).get_updates().await.unwrap();
    for (update, raw) in updates.iter().zip(&raw) {
        assert!(!matches!(update.kind, UpdateKind::Error(_)), "{raw}");
    }
}

#[tokio::test]
async fn chats_members_and_commands_are_parsed() {
    let bed = Bed::new().await;
    let bot = bot(&bed);
    let chat = bot.get_chat(ChatId(OPS)).await.unwrap();
    assert_eq!(chat.title(), Some("Ops"));
    bot.get_chat(ChatId(ADA)).await.unwrap();
    let admins = bot.get_chat_administrators(ChatId(OPS)).await.unwrap();
    assert_eq!(admins.len(), 2);
    let member = bot
        .get_chat_member(ChatId(OPS), UserId(1002))
        .await
        .unwrap();
    assert!(member.is_present());
    bot.ban_chat_member(ChatId(OPS), UserId(1002))
        .await
        .unwrap();
    let member = bot
        .get_chat_member(ChatId(OPS), UserId(1002))
        .await
        .unwrap();
    assert!(member.is_banned());
    let help = teloxide::types::BotCommand::new("help", "Help");
    bot.set_my_commands([help.clone()]).await.unwrap();
    assert_eq!(bot.get_my_commands().await.unwrap(), [help]);
    let info = bot.get_webhook_info().await.unwrap();
    assert_eq!(info.pending_update_count, 0);
}
