//! A screen becomes a message to the chat that asked, or an edit of the message that was pressed.

use vahta_plugin_sdk::bot::Request;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::teloxide::payloads::{EditMessageText, SendMessage};
use vahta_plugin_sdk::teloxide::types::{LinkPreviewOptions, ReplyParameters, ThreadId};

use crate::view::Screen;

/// An answer to a message: in its topic and, where several people talk, pointing at it.
pub(crate) fn text(bot: &Bot, ctx: &Ctx, to: &Message, text: String) -> Request<SendMessage> {
    let mut request = bot
        .send_message(to.chat.id, text)
        .parse_mode(ParseMode::Html)
        .link_preview_options(no_preview());
    if let Some(thread) = ctx.chat().and_then(|chat| chat.thread_id) {
        request = request.message_thread_id(ThreadId(MessageId(thread)));
    }
    if !to.chat.is_private() {
        let message = ReplyParameters::new(to.id).allow_sending_without_reply();
        request = request.reply_parameters(message);
    }
    request
}

/// As [`text()`], with buttons.
pub(crate) fn screen(bot: &Bot, ctx: &Ctx, to: &Message, screen: Screen) -> Request<SendMessage> {
    let request = text(bot, ctx, to, screen.text);
    if screen.keyboard.inline_keyboard.is_empty() {
        return request;
    }
    request.reply_markup(screen.keyboard)
}

/// Puts a screen in the place of what the message shows; without buttons, its buttons go.
pub(crate) fn edit(
    bot: &Bot,
    (chat, message): (ChatId, MessageId),
    screen: Screen,
) -> Request<EditMessageText> {
    bot.edit_message_text(chat, message, screen.text)
        .parse_mode(ParseMode::Html)
        .link_preview_options(no_preview())
        .reply_markup(screen.keyboard)
}

/// A link in a title is no reason to show a page.
fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}
