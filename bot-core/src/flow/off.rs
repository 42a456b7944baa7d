//! What would go to a plugin that is switched off in this chat.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use vahta_rows::ChatId;
use vahta_texts::Arg;

use super::{FlowError, Incoming, Route, deliver};
use crate::access::Actor;
use crate::app::App;

/// People told; then all are forgotten, which costs each one more answer.
const MOST: usize = 10_000;

/// What somebody wanted of the plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Command,
    Button,
    /// The dialog that is open waits for a secret, or for something else.
    Dialog {
        secret: bool,
    },
}

/// Who was told already, under which version of the rules.
#[derive(Default)]
pub struct Told(Mutex<(i64, HashSet<Somebody>)>);

/// A plugin, a chat, and a person's Telegram id.
type Somebody = (Arc<str>, ChatId, i64);

impl Told {
    /// Is it the first time since the rules changed?
    fn is_news(&self, version: i64, plugin: &Arc<str>, chat: ChatId, person: i64) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.0 != version || told.1.len() >= MOST {
            *told = (version, HashSet::new());
        }
        told.1.insert((Arc::clone(plugin), chat, person))
    }
}

/// Is the plugin switched off in this chat? Memory only.
pub fn is_off(app: &App, plugin: &str, chat: Option<ChatId>) -> bool {
    let off_in_groups = app.plugins.routes().is_off_in_groups(plugin);
    chat.is_some_and(|chat| !app.access.snapshot().hears(plugin, chat, off_in_groups))
}

/// Says so to each person once; a press is always answered, for it waits.
pub(super) async fn tell_once(
    app: App,
    incoming: Arc<Incoming>,
    actor: Arc<Actor>,
    route: Arc<Route>,
) -> Result<(), FlowError> {
    let (Route::Off { plugin, wanted }, Some(place)) = (&*route, &incoming.place) else {
        return Ok(());
    };
    let version = app.access.snapshot().version;
    let told = &app.told;
    if *wanted != Wanted::Button && !told.is_news(version, plugin, place.chat, actor.telegram_id) {
        return Ok(());
    }
    let args = [("plugin", Arg::from(&**plugin))];
    let text = app.texts.get(&actor.language, "plugin-off-here", &args);
    deliver::say(&app, &incoming, &text).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_is_told_once_until_the_rules_change() {
        let (told, task) = (Told::default(), Arc::<str>::from("task"));
        assert!(told.is_news(1, &task, ChatId(-7), 1));
        assert!(!told.is_news(1, &task, ChatId(-7), 1));
        assert!(told.is_news(1, &task, ChatId(-7), 2));
        assert!(told.is_news(1, &task, ChatId(-8), 1));
        assert!(told.is_news(2, &task, ChatId(-7), 1));
    }
}
