//! The bot itself: who it is, its queue, its webhook, and what it told Telegram about itself.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::State;
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
    /// `None`: the usual kinds.
    pub(crate) allowed_updates: Option<HashSet<String>>,
    pub(crate) commands: BTreeMap<(String, String), Value>,
    /// Names and descriptions by (what, language code).
    pub(crate) profile: BTreeMap<(&'static str, String), String>,
    pub(crate) menu_button: Option<Value>,
    pub(crate) delivered: u64,
}

/// `WebhookInfo`'s facts, <https://core.telegram.org/bots/api#webhookinfo>.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    pub(crate) url: String,
    pub(crate) secret_token: Option<String>,
    pub(crate) max_connections: usize,
    pub(crate) last_error: Option<(i64, String)>,
}

impl Bot {
    pub(crate) fn new(token: &str) -> Self {
        let id = token
            .split_once(':')
            .and_then(|(id, _)| id.parse().ok())
            .unwrap_or(1);
        let me = User {
            id,
            is_bot: true,
            first_name: "Vahta".to_owned(),
            last_name: None,
            username: Some("vahta_sandbox_bot".to_owned()),
            language_code: None,
        };
        Self {
            me: Arc::new(me),
            queue: Queue::default(),
            poller: 0,
            webhook: None,
            webhook_epoch: 0,
            allowed_updates: None,
            commands: BTreeMap::new(),
            profile: BTreeMap::new(),
            menu_button: None,
            delivered: 0,
        }
    }

    /// Forgets what was said; the webhook and the ids stay, for the bot is still there.
    pub(crate) fn reset(&mut self) {
        self.queue.clear();
        self.commands.clear();
        self.profile.clear();
        self.menu_button = None;
    }

    pub(crate) fn wants(&self, update: &Update) -> bool {
        match (update.kind(), &self.allowed_updates) {
            (None, _) => true,
            (Some(kind), Some(allowed)) => allowed.contains(kind),
            (Some(kind), None) => !ON_REQUEST.contains(&kind),
        }
    }
}

impl State {
    /// Queues an update for the bot, if it asked for its kind.
    pub(crate) fn tell_bot(&mut self, update: Update) {
        if self.bot.wants(&update) {
            self.bot.queue.push(update, None);
            self.wake_bot();
        }
    }

    pub(crate) fn wake_bot(&self) {
        if self.bot.webhook.is_some() {
            self.signals.webhook.notify_one();
        } else {
            self.signals.updates.notify_waiters();
        }
    }
}
