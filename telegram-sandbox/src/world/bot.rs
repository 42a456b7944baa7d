//! A bot: who it is, its queue, its webhook, and what it told Telegram about itself.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;
use tokio::time::Instant;

use super::State;
use super::chat::Chat;
use super::queue::Queue;
use crate::types::{Update, User};

/// Kinds that a bot gets only if it asks for them by name.
const ON_REQUEST: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

#[derive(Debug)]
pub(crate) struct Bot {
    pub(crate) me: Arc<User>,
    pub(crate) queue: Queue,
    /// Increases with each `getUpdates`; a poll that sees a newer number was displaced.
    pub(crate) poller: u64,
    pub(crate) webhook: Option<Webhook>,
    /// Increases whenever the webhook changes; deliveries of an older one stop.
    pub(crate) webhook_epoch: u64,
    /// When a webhook was asked for last.
    pub(crate) webhook_set: Option<Instant>,
    /// `None`: the usual kinds.
    pub(crate) allowed_updates: Option<HashSet<String>>,
    pub(crate) commands: BTreeMap<(String, String), Value>,
    /// Names and descriptions by (what, language code).
    pub(crate) profile: BTreeMap<(&'static str, String), String>,
    pub(crate) menu_button: Option<Value>,
    /// Rights it asks for when it is added, for groups and for channels.
    pub(crate) default_rights: [Option<Value>; 2],
    pub(crate) delivered: u64,
    /// In groups it hears only what is meant for it.
    pub(crate) privacy: bool,
    pub(crate) inline: bool,
    /// Who has blocked it.
    pub(crate) blocked_by: HashSet<i64>,
    /// Who has not opened the chat with it; it may not write to them.
    pub(crate) strangers: HashSet<i64>,
    /// Its private chats while another bot acts; else they are in [`State::chats`].
    pub(crate) private: HashMap<i64, Chat>,
}

/// `WebhookInfo`'s facts, <https://core.telegram.org/bots/api#webhookinfo>.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    pub(crate) url: String,
    pub(crate) secret_token: Option<String>,
    pub(crate) max_connections: usize,
    pub(crate) ip_address: String,
    pub(crate) has_custom_certificate: bool,
    pub(crate) last_error: Option<(i64, String)>,
}

impl Bot {
    /// The bot of a token, whose digits before the colon are its id.
    pub(crate) fn new(token: &str) -> Self {
        let id = token
            .split_once(':')
            .and_then(|(id, _)| id.parse().ok())
            .unwrap_or(1);
        Self::named(id, "Vahta", "vahta_sandbox_bot")
    }

    pub(crate) fn named(id: i64, first_name: &str, username: &str) -> Self {
        let me = User {
            id,
            is_bot: true,
            first_name: first_name.to_owned(),
            last_name: None,
            username: Some(username.to_owned()),
            language_code: None,
        };
        Self {
            me: Arc::new(me),
            queue: Queue::default(),
            poller: 0,
            webhook: None,
            webhook_epoch: 0,
            webhook_set: None,
            allowed_updates: None,
            commands: BTreeMap::new(),
            profile: BTreeMap::new(),
            menu_button: None,
            default_rights: [None, None],
            delivered: 0,
            privacy: false,
            inline: true,
            blocked_by: HashSet::new(),
            strangers: HashSet::new(),
            private: HashMap::new(),
        }
    }

    /// Forgets what was said; the webhook and the ids stay, for the bot is still there.
    pub(crate) fn reset(&mut self) {
        self.queue.clear();
        self.webhook_set = None;
        if let Some(webhook) = &mut self.webhook {
            webhook.last_error = None;
        }
        self.commands.clear();
        self.profile.clear();
        self.menu_button = None;
        self.default_rights = [None, None];
        self.blocked_by.clear();
        self.strangers.clear();
        self.private.clear();
    }

    pub(crate) fn wants(&self, update: &Update) -> bool {
        match (update.kind(), &self.allowed_updates) {
            (None, _) => true,
            (Some(kind), Some(allowed)) => allowed.contains(kind),
            (Some(kind), None) => !ON_REQUEST.contains(&kind),
        }
    }

    pub(crate) fn username(&self) -> &str {
        self.me.username.as_deref().unwrap_or_default()
    }
}

impl State {
    /// Queues an update for a bot, if it asked for its kind.
    pub(crate) fn tell(&mut self, bot: i64, update: Update) {
        let now_ms = self.clock.millis();
        let Some(bot) = self.bot_by_id_mut(bot) else {
            return;
        };
        if bot.wants(&update) {
            bot.queue.push(update, None, now_ms);
            let by_webhook = bot.webhook.is_some();
            self.wake_bot(by_webhook);
        }
    }

    /// Queues an update for the acting bot, if it asked for its kind.
    pub(crate) fn tell_bot(&mut self, update: Update) {
        self.tell(self.bot.me.id, update);
    }

    /// Queues an update for the bots in a chat that administer it; in a private chat for its bot.
    pub(crate) fn tell_admins(&mut self, chat_id: i64, update: &Update) {
        for bot in self.bots_in(chat_id) {
            let chat = self.chats.get(&chat_id);
            if chat.is_some_and(|chat| chat.is_private() || chat.standing(bot).is_admin()) {
                self.tell(bot, update.clone());
            }
        }
    }

    pub(crate) fn wake_bot(&self, by_webhook: bool) {
        if by_webhook {
            self.signals.webhook.notify_one();
        } else {
            self.signals.updates.notify_waiters();
        }
    }
}
