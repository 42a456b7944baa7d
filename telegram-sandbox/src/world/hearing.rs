//! Who hears of a message: the bots in its chat, but for other bots' words, and in privacy mode
//! only of what is meant for them, <https://core.telegram.org/bots/features#privacy-mode>.

use std::sync::Arc;

use super::State;
use super::agenda::Due;
use super::bot::Bot;
use super::chat::Chat;
use crate::types::{ChatKind, Content, EntityKind, Message, Service, Update};

/// Messages of a chat of which is known who heard of them; as many as a chat shows.
const MOST_HEARD: usize = 10_000;

impl State {
    /// Tells the bots of a new message; `late_ms` holds it back that long.
    pub(crate) fn tell_of_message(&mut self, message: &Arc<Message>, late_ms: i64) {
        let listeners = self.listeners(message);
        for bot in listeners {
            let of_few = self.chats.get(&message.chat.id);
            let of_few = of_few.is_some_and(|chat| self.is_private_minded(bot, chat));
            if of_few && let Some(chat) = self.chats.get_mut(&message.chat.id) {
                let heard = chat.heard.entry(message.message_id).or_default();
                heard.insert(bot);
                while chat.heard.len() > MOST_HEARD {
                    chat.heard.pop_first();
                }
            }
            let update = new(message);
            if late_ms > 0 {
                let at = self.clock.millis().saturating_add(late_ms);
                self.plan(at, Due::Deliver(bot, Box::new(update)));
            } else {
                self.tell(bot, update);
            }
        }
    }

    /// Tells the bots of an edit, if they heard of the message itself.
    pub(crate) fn tell_of_edit(&mut self, message: &Arc<Message>) {
        for bot in self.bots_in(message.chat.id) {
            let heard = self.chats.get(&message.chat.id).is_some_and(|chat| {
                !self.is_private_minded(bot, chat) || has_heard(chat, bot, message.message_id)
            });
            if heard && message.author != bot {
                self.tell(bot, edited(message));
            }
        }
    }

    fn listeners(&self, message: &Message) -> Vec<i64> {
        let Some(chat) = self.chats.get(&message.chat.id) else {
            return Vec::new();
        };
        let from_bot = self.is_bot(message.author);
        let hears = |bot: &i64| {
            if message.is_service() {
                // Whom a bot throws out, it need not be told.
                let thrown_out = matches!(
                    message.content,
                    Content::Service(Service::LeftChatMember(_))
                );
                return !thrown_out || message.author != *bot;
            }
            if from_bot && message.author != 0 {
                // Channels are the exception: there bots hear each other, but not themselves.
                return chat.head.kind == ChatKind::Channel && message.author != *bot;
            }
            !self.is_private_minded(*bot, chat)
                || self
                    .bot_by_id(*bot)
                    .is_some_and(|bot| is_meant_for(bot, chat, message))
        };
        let mut bots = self.bots_in(message.chat.id);
        bots.retain(hears);
        bots
    }

    /// Whether privacy mode narrows what this bot hears here.
    fn is_private_minded(&self, bot: i64, chat: &Chat) -> bool {
        chat.head.kind.is_group()
            && !chat.standing(bot).is_admin()
            && self.bot_by_id(bot).is_some_and(|bot| bot.privacy)
    }
}

fn has_heard(chat: &Chat, bot: i64, message: i64) -> bool {
    let heard = chat.heard.get(&message);
    heard.is_some_and(|bots| bots.contains(&bot))
}

/// A reply to the bot, a command for it, or a general command after its own words.
fn is_meant_for(bot: &Bot, chat: &Chat, message: &Message) -> bool {
    if let Some(replied) = &message.reply_to_message
        && (replied.author == bot.me.id || has_heard(chat, bot.me.id, replied.message_id))
    {
        return true;
    }
    if message
        .via_bot
        .as_ref()
        .is_some_and(|via| via.id == bot.me.id)
    {
        return true;
    }
    let Content::Text(text) = &message.content else {
        return false;
    };
    let is_command = text
        .entities
        .first()
        .is_some_and(|entity| entity.kind == EntityKind::BotCommand && entity.offset == 0);
    if !is_command {
        return false;
    }
    let word = text.text.split_whitespace().next().unwrap_or_default();
    match word.split_once('@') {
        Some((_, name)) => name.eq_ignore_ascii_case(bot.username()),
        None => chat.last_bot == Some(bot.me.id),
    }
}

fn new(message: &Arc<Message>) -> Update {
    match message.chat.kind {
        ChatKind::Channel => Update::ChannelPost(message.clone()),
        _ => Update::Message(message.clone()),
    }
}

fn edited(message: &Arc<Message>) -> Update {
    match message.chat.kind {
        ChatKind::Channel => Update::EditedChannelPost(message.clone()),
        _ => Update::EditedMessage(message.clone()),
    }
}
