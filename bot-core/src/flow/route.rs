//! Whose update is it? A core command or button, a plugin's, a watcher's, or nobody's.

use std::sync::Arc;

use teloxide::types::{ChatMigration, Message, MessageEntityKind, MessageKind, UpdateKind};
use vahta_rows::ChatId;

use super::Incoming;
use super::off::{self, Wanted};
use crate::app::App;
use crate::plugin_host::{CommandRoute, RouteKind};
use crate::sessions::Session;
use crate::tokens;

/// The prefix of the core's own buttons in `callback_data`.
pub const CORE_PREFIX: &str = "c";

/// Where an update goes.
#[derive(Debug, Clone)]
pub enum Route {
    /// A command of the core: its name, and what follows it.
    Command { name: String, args: String },
    /// A button of the core: the data behind the prefix.
    Action { data: String },
    /// A plugin's command.
    PluginCommand { route: CommandRoute, args: String },
    /// A button whose prefix a plugin claimed.
    PluginCallback { plugin: Arc<str>, data: String },
    /// A message while a plugin, or the core itself, holds a dialog open.
    Dialog { session: Arc<Session> },
    /// For a plugin that is switched off in this chat.
    Off { plugin: Arc<str>, wanted: Wanted },
    /// A slash with a word that nobody knows, addressed to this bot.
    UnknownCommand { name: String },
    /// A button that nobody knows: forged, or of a plugin that is gone.
    UnknownButton,
    /// Ordinary talk in a group: for whoever watches.
    Observed,
    /// Ordinary text in a private chat that no dialog waits for.
    Talk,
    /// The group became a supergroup.
    Migrated { from: ChatId, to: ChatId },
    /// Nothing to answer: member changes, edits, reactions.
    Quiet,
}

impl Route {
    /// Addressed to the bot, so that a stranger's try counts.
    pub fn is_addressed(&self) -> bool {
        !matches!(self, Self::Observed | Self::Migrated { .. } | Self::Quiet)
    }

    /// The one-time token that comes with `/start` or `/claim`, if it can be one.
    pub fn token(&self) -> Option<&str> {
        match self {
            Self::Command { name, args } if name == "start" || name == "claim" => {
                tokens::is_well_formed(args).then_some(args.as_str())
            }
            _ => None,
        }
    }

    /// What this person types is a token, a plugin's setting, or a secret that the dialog asked for:
    /// never logged. Settings may be secret, also when their name is mistyped.
    pub fn is_secret(&self) -> bool {
        match self {
            Self::Command { name, args } => match name.as_str() {
                "start" | "claim" => !args.is_empty(),
                "plugin" => args.split_whitespace().nth(1) == Some("set"),
                _ => false,
            },
            Self::Dialog { session } => asks_for_secret(session),
            Self::Off { wanted, .. } => *wanted == Wanted::Dialog { secret: true },
            _ => false,
        }
    }

    /// Who handles it, for logs and figures.
    pub fn handler(&self) -> &str {
        match self {
            Self::Command { name, .. } => name,
            Self::Action { .. } => "button",
            Self::PluginCommand { route, .. } => &route.plugin,
            Self::PluginCallback { plugin, .. } | Self::Off { plugin, .. } => plugin,
            Self::Dialog { session } => &session.plugin,
            Self::UnknownCommand { .. } | Self::UnknownButton => "unknown",
            Self::Observed => "observed",
            Self::Talk => "talk",
            Self::Migrated { .. } => "migrated",
            Self::Quiet => "quiet",
        }
    }
}

fn asks_for_secret(session: &Session) -> bool {
    session.state.get("secret").is_some_and(|s| s == true)
}

/// Finds the route; memory only.
pub fn find(app: &App, incoming: &Incoming) -> Route {
    let chat = incoming.place.as_ref().map(|place| place.chat);
    let route = find_anywhere(app, incoming);
    let (plugin, wanted): (Arc<str>, Wanted) = match &route {
        Route::PluginCommand { route, .. } => (route.plugin.clone(), Wanted::Command),
        Route::PluginCallback { plugin, .. } => (plugin.clone(), Wanted::Button),
        // The core is on everywhere.
        Route::Dialog { session } if session.plugin != crate::commands::CORE => {
            let secret = asks_for_secret(session);
            (session.plugin.as_str().into(), Wanted::Dialog { secret })
        }
        _ => return route,
    };
    if off::is_off(app, &plugin, chat) {
        return Route::Off { plugin, wanted };
    }
    route
}

/// As if every plugin were on everywhere.
fn find_anywhere(app: &App, incoming: &Incoming) -> Route {
    match &incoming.update.kind {
        UpdateKind::CallbackQuery(_) => button(app, incoming.callback_data().unwrap_or_default()),
        UpdateKind::Message(message) if matches!(message.kind, MessageKind::Common(_)) => {
            if let Some(migrated) = migration(message) {
                return migrated;
            }
            if let Some(command) = command(app, incoming) {
                return command;
            }
            talk(app, incoming)
        }
        UpdateKind::EditedMessage(_)
        | UpdateKind::ChannelPost(_)
        | UpdateKind::EditedChannelPost(_) => {
            if incoming
                .place
                .as_ref()
                .is_some_and(|place| place.is_private())
            {
                Route::Quiet
            } else {
                Route::Observed
            }
        }
        _ => Route::Quiet,
    }
}

fn migration(message: &Message) -> Option<Route> {
    let here = ChatId(message.chat.id.0);
    Some(match message.chat_migration()? {
        ChatMigration::To { chat_id } => Route::Migrated {
            from: here,
            to: ChatId(chat_id.0),
        },
        ChatMigration::From { chat_id } => Route::Migrated {
            from: ChatId(chat_id.0),
            to: here,
        },
    })
}

fn button(app: &App, data: &str) -> Route {
    let Some((prefix, rest)) = data.split_once(':') else {
        return Route::UnknownButton;
    };
    if prefix == CORE_PREFIX {
        return Route::Action {
            data: rest.to_string(),
        };
    }
    match app.plugins.routes().callback(prefix) {
        Some(plugin) => Route::PluginCallback {
            plugin,
            data: rest.to_string(),
        },
        None => Route::UnknownButton,
    }
}

/// `/name@bot args`, when the message begins with a command that is meant for this bot.
/// Telegram marks commands as entities; only one at the very beginning counts.
fn command(app: &App, incoming: &Incoming) -> Option<Route> {
    let UpdateKind::Message(message) = &incoming.update.kind else {
        return None;
    };
    let entity = message
        .entities()
        .or_else(|| message.caption_entities())?
        .first()?;
    if entity.kind != MessageEntityKind::BotCommand || entity.offset != 0 {
        return None;
    }
    let text = incoming.text()?;
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, args) = (text.get(1..end)?, text[end..].trim());
    let (name, addressee) = word
        .split_once('@')
        .map_or((word, None), |(name, bot)| (name, Some(bot)));
    let is_private = incoming
        .place
        .as_ref()
        .is_some_and(|place| place.is_private());
    if addressee.is_some_and(|bot| !bot.eq_ignore_ascii_case(&app.me.username)) {
        return None;
    }
    let name = name.to_lowercase();
    if crate::commands::find(&name).is_some() {
        return Some(Route::Command {
            name,
            args: args.to_string(),
        });
    }
    let routes = app.plugins.routes();
    if let Some(route) = routes.command(&name) {
        return Some(Route::PluginCommand {
            route,
            args: args.to_string(),
        });
    }
    if let Some((family, number)) = numbered(&name)
        && let Some(route) = routes.command(family)
    {
        let args = format!("{number} {args}").trim_end().to_string();
        return Some(Route::PluginCommand { route, args });
    }
    // In a group with other bots, a bare unknown command is most likely theirs.
    (is_private || addressee.is_some()).then_some(Route::UnknownCommand { name })
}

/// `/task_12` is the command `task_` with the number 12: people press it in a text.
fn numbered(name: &str) -> Option<(&str, &str)> {
    let number = name.rfind('_')? + 1;
    let (family, number) = name.split_at(number);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some((family, number))
}

fn talk(app: &App, incoming: &Incoming) -> Route {
    if let (Some(sender), Some(place)) = (&incoming.sender, &incoming.place)
        && let Some(session) = app.sessions.open(place.chat, sender.telegram_id)
    {
        return Route::Dialog { session };
    }
    if incoming
        .place
        .as_ref()
        .is_some_and(|place| place.is_private())
    {
        Route::Talk
    } else {
        Route::Observed
    }
}

/// The border's word for a route.
pub(super) fn kind(route: &Route) -> Option<RouteKind> {
    match route {
        Route::PluginCommand { .. } => Some(RouteKind::Command),
        Route::PluginCallback { .. } => Some(RouteKind::Callback),
        Route::Dialog { .. } => Some(RouteKind::Dialog),
        Route::Observed | Route::Migrated { .. } => Some(RouteKind::Observe),
        _ => None,
    }
}
