//! The small bot of story.txt with teloxide; only the address is the sandbox's.

use std::time::{SystemTime, UNIX_EPOCH};

use teloxide::dispatching::UpdateFilterExt;
use teloxide::net::Download;
use teloxide::prelude::*;
use teloxide::sugar::request::{RequestLinkPreviewExt as _, RequestReplyExt as _};
use teloxide::types::{
    InlineKeyboardButton as Key, InlineKeyboardMarkup, InputFile, KeyboardButton, KeyboardMarkup,
    KeyboardRemove, ParseMode, ReactionType,
};
use teloxide::utils::html;

type Done = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Runs until the task is dropped.
pub(crate) async fn run(token: &str, api: &str) {
    let bot = Bot::new(token).set_api_url(api.parse().unwrap());
    let handler = dptree::entry()
        .branch(Update::filter_message().endpoint(message))
        .branch(Update::filter_edited_message().endpoint(changed))
        .branch(Update::filter_callback_query().endpoint(press));
    Dispatcher::builder(bot, handler).build().dispatch().await;
}

fn keys(count: u32) -> Vec<Key> {
    vec![
        Key::callback(format!("Count {count}"), format!("count:{}", count + 1)),
        Key::callback("Warn", "warn"),
    ]
}

async fn message(bot: Bot, message: Message) -> Done {
    let chat = message.chat.id;
    if let Some(left) = message.left_chat_member() {
        bot.send_message(chat, format!("Goodbye, {}", left.first_name))
            .await?;
        return Ok(());
    }
    if let Some(document) = message.document() {
        let file = bot.get_file(document.file.id.clone()).await?;
        let mut bytes = Vec::new();
        bot.download_file(&file.path, &mut bytes).await?;
        let name = document.file_name.as_deref().unwrap_or_default();
        let text = format!("{name} has {} bytes", bytes.len());
        bot.send_message(chat, text).await?;
        return Ok(());
    }
    let text = message.text().unwrap_or_default();
    let (command, rest) = text.split_once(' ').unwrap_or((text, ""));
    match command {
        "/start" => {
            let name = message.from.as_ref().map_or("", |from| &from.first_name);
            let text = format!(
                "Hello, {}! 2 &lt; 3 &amp; <code>1_000</code>\nChoose:",
                html::bold(&html::escape(name))
            );
            let site = Key::url("Site", "https://example.org/".parse()?);
            bot.send_message(chat, text)
                .parse_mode(ParseMode::Html)
                .reply_markup(InlineKeyboardMarkup::new([keys(0), vec![site]]))
                .await?;
        }
        "/ask" => {
            let row = [KeyboardButton::new("Yes"), KeyboardButton::new("No")];
            bot.send_message(chat, "Yes or no?")
                .reply_markup(KeyboardMarkup::new([row]))
                .await?;
        }
        "/file" => {
            let file = InputFile::memory(b"hello\n".as_slice()).file_name("hello.txt");
            bot.send_document(chat, file).caption("As a file").await?;
        }
        "/when" => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
            let (second, hour) = (now.as_secs() % 60, now.as_secs() / 3600 % 24);
            let minute = now.as_secs() / 60 % 60;
            let number = now.subsec_nanos();
            let text =
                format!("Now: 2026-01-01 {hour:02}:{minute:02}:{second:02}, number {number}");
            bot.send_message(chat, text)
                .disable_link_preview(true)
                .await?;
        }
        "/is" => drop(bot.send_message(chat, format!("{rest} it is")).await?),
        "/ping" => {
            bot.send_message(chat, "pong").reply_to(message.id).await?;
            let thumb = ReactionType::Emoji {
                emoji: "👍".to_owned(),
            };
            bot.set_message_reaction(chat, message.id)
                .reaction([thumb])
                .await?;
        }
        "/pin" => {
            let sent = bot.send_message(chat, "Keep this in mind").await?;
            bot.pin_chat_message(chat, sent.id).await?;
            bot.delete_message(chat, sent.id).await?;
        }
        _ if message.chat.is_private() && !text.is_empty() => {
            let noted = bot
                .send_message(chat, format!("Noted: {text}"))
                .reply_to(message.id);
            if matches!(text, "Yes" | "No") {
                noted.reply_markup(KeyboardRemove::new()).await?;
            } else {
                noted.await?;
            }
        }
        _ => {}
    }
    Ok(())
}

async fn changed(bot: Bot, message: Message) -> Done {
    if let Some(text) = message.text() {
        bot.send_message(message.chat.id, format!("Changed: {text}"))
            .reply_to(message.id)
            .await?;
    }
    Ok(())
}

async fn press(bot: Bot, query: CallbackQuery) -> Done {
    let data = query.data.unwrap_or_default();
    match (data.strip_prefix("count:"), query.message) {
        (Some(count), Some(message)) => {
            bot.answer_callback_query(query.id).text(count).await?;
            let text = format!("Pressed {count} times");
            bot.edit_message_text(message.chat().id, message.id(), text)
                .reply_markup(InlineKeyboardMarkup::new([keys(count.parse()?)]))
                .await?;
        }
        _ => {
            bot.answer_callback_query(query.id)
                .text("Mind the step")
                .show_alert(true)
                .await?;
        }
    }
    Ok(())
}
