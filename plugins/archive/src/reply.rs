//! A screen becomes a message, or takes the place of what a pressed message shows.

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::teloxide::payloads::EditMessageCaption;
use vahta_plugin_sdk::teloxide::payloads::EditMessageCaptionSetters as _;
use vahta_plugin_sdk::teloxide::types::{
    LinkPreviewOptions, MaybeInaccessibleMessage, ReplyParameters, ThreadId,
};

use crate::view::Screen;

/// Answers a message: in its topic and, where several people talk, pointing at it.
pub(crate) async fn say(
    bot: &Bot,
    ctx: &Ctx,
    to: &Message,
    screen: Screen,
) -> Result<MessageId, Error> {
    let mut request = bot
        .send_message(to.chat.id, screen.text)
        .parse_mode(ParseMode::Html)
        .link_preview_options(no_preview());
    if let Some(thread) = ctx.chat().and_then(|chat| chat.thread_id) {
        request = request.message_thread_id(ThreadId(MessageId(thread)));
    }
    if !to.chat.is_private() {
        let message = ReplyParameters::new(to.id).allow_sending_without_reply();
        request = request.reply_parameters(message);
    }
    if !screen.keyboard.inline_keyboard.is_empty() {
        request = request.reply_markup(screen.keyboard);
    }
    Ok(request.await?.id)
}

/// Puts a screen in the place of what was pressed: a text, or a picture's caption. What was
/// deleted, or shows that already, is let be.
pub(crate) async fn put(
    bot: &Bot,
    on: &MaybeInaccessibleMessage,
    screen: Screen,
) -> Result<(), Error> {
    let (chat, id) = (on.chat().id, on.id());
    let is_picture = on.regular_message().is_some_and(|m| m.photo().is_some());
    let done = if is_picture {
        let edit = EditMessageCaption::new(chat, id)
            .caption(screen.text)
            .parse_mode(ParseMode::Html)
            .reply_markup(screen.keyboard);
        bot.request(edit).await.map(drop)
    } else {
        let edit = bot
            .edit_message_text(chat, id, screen.text)
            .parse_mode(ParseMode::Html)
            .link_preview_options(no_preview())
            .reply_markup(screen.keyboard);
        edit.await.map(drop)
    };
    match done {
        Err(Error::Call(error)) if error.code == "telegram:400" => Ok(()),
        done => done,
    }
}

/// The link is for people, and previews are requests.
fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}
