//! The command menu that Telegram shows: nothing for strangers, and for each person what they may
//! do, in their language. Source: Bot API, `setMyCommands`, `BotCommandScopeChat`.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use serde_json::json;
use vahta_rows::outbox::Lane;
use vahta_rows::{ChatId, Micros, UserId};

use super::help::{Offer, offers};
use crate::access::{Actor, Known};
use crate::app::App;
use crate::flow::FlowError;
use crate::outbound::{Call, CallError};

/// Changes come in bursts; menus follow when it is quiet.
const DEBOUNCE: Duration = Duration::from_secs(1);
/// A grant that ends by itself changes no row.
const AT_LEAST_EVERY: Duration = Duration::from_secs(300);
/// After a failure.
const PAUSE: Duration = Duration::from_secs(30);
/// Menus that one commit writes down: a change for everybody does not cost a commit each. What a
/// crash forgets is set once more.
const TOGETHER: usize = 100;

/// What is known of menus beyond the snapshot.
#[derive(Default)]
struct Menus {
    /// Hashes that are newer than the snapshot's.
    sent: HashMap<UserId, Option<i64>>,
    /// Those that the database does not have yet.
    unwritten: Vec<(UserId, Option<i64>)>,
}

impl Menus {
    async fn write(&mut self, app: &App) -> Result<(), FlowError> {
        if !self.unwritten.is_empty() {
            app.access.note_menus(&self.unwritten).await?;
            self.unwritten.clear();
        }
        Ok(())
    }
}

/// Keeps the menus current until the future is dropped.
pub async fn keep(app: App) {
    let (mut access, mut plugins) = (app.access.changes(), app.plugins.changes());
    let mut default_is_set = false;
    let mut menus = Menus::default();
    loop {
        access.mark_unchanged();
        plugins.mark_unchanged();
        let done = match default_is_set {
            true => Ok(()),
            false => set_default(&app).await,
        };
        default_is_set |= done.is_ok();
        let synced = sync(&app, &mut menus).await;
        let written = menus.write(&app).await;
        let pause = match done.and(synced).and(written) {
            Ok(()) => AT_LEAST_EVERY,
            Err(error) => {
                tracing::warn!(%error, "command menus could not be set");
                PAUSE
            }
        };
        tokio::select! {
            _ = access.changed() => {}
            _ = plugins.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
        tokio::time::sleep(DEBOUNCE).await;
    }
}

/// Strangers see `/start` and nothing else.
async fn set_default(app: &App) -> Result<(), FlowError> {
    let start = app.texts.get("en", "cmd-start", &[]);
    let payload = json!({ "commands": [{ "command": "start", "description": start }] });
    app.outbound
        .call(Call::reply("SetMyCommands", payload).lane(Lane::Bulk))
        .await?;
    Ok(())
}

/// Sets the menu of everyone whose menu is not what it should be.
async fn sync(app: &App, menus: &mut Menus) -> Result<(), FlowError> {
    let snapshot = app.access.snapshot();
    let now = Micros::now();
    for known in snapshot.users() {
        let Some(telegram_id) = known.telegram_id else {
            continue;
        };
        let actor = in_private(known, snapshot.keys(known, Some(ChatId(telegram_id)), now));
        let offers = if actor.is_known() {
            offers(app, &actor, Some(ChatId(telegram_id)))
        } else {
            Vec::new()
        };
        // Nothing to offer is no menu: most blocked strangers never had one.
        let hash = (!offers.is_empty()).then(|| hash(&offers));
        let shown = menus
            .sent
            .get(&known.id)
            .copied()
            .unwrap_or(known.menu_hash);
        if shown == hash {
            continue;
        }
        match app.outbound.call(call(telegram_id, &offers)).await {
            // Telegram knows no such chat before the person starts the bot: tried again later.
            Err(CallError::Telegram {
                code: 400 | 403, ..
            }) => continue,
            other => other.map(drop)?,
        }
        menus.sent.insert(known.id, hash);
        menus.unwritten.push((known.id, hash));
        if menus.unwritten.len() >= TOGETHER {
            menus.write(app).await?;
        }
    }
    Ok(())
}

fn in_private(known: &Known, keys: std::sync::Arc<crate::access::KeySet>) -> Actor {
    Actor {
        user: Some(known.id),
        telegram_id: known.telegram_id.unwrap_or_default(),
        name: known.name.clone(),
        language: known.language.clone().unwrap_or_else(|| "en".into()),
        blocked: known.blocked.is_some(),
        known: !keys.is_empty(),
        keys,
        ..Actor::nobody()
    }
}

fn call(telegram_id: i64, offers: &[Offer]) -> Call {
    let scope = json!({ "type": "chat", "chat_id": telegram_id });
    if offers.is_empty() {
        return Call::reply("DeleteMyCommands", json!({ "scope": scope })).lane(Lane::Bulk);
    }
    // Bot API: at most 100 commands, descriptions of 1-256 characters.
    let commands: Vec<_> = offers
        .iter()
        .take(100)
        .map(|offer| {
            let description: String = offer.description.chars().take(256).collect();
            let description = if description.is_empty() {
                offer.name.clone()
            } else {
                description
            };
            json!({ "command": offer.name, "description": description })
        })
        .collect();
    Call::reply(
        "SetMyCommands",
        json!({ "commands": commands, "scope": scope }),
    )
    .lane(Lane::Bulk)
}

fn hash(offers: &[Offer]) -> i64 {
    let mut hasher = DefaultHasher::new();
    offers.hash(&mut hasher);
    hasher.finish() as i64
}
