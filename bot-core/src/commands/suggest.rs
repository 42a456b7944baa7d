//! What to say to a command that nobody knows.

use vahta_rows::ChatId;
use vahta_texts::{Arg, escape_html};

use super::help::offers;
use crate::access::Actor;
use crate::app::App;
use crate::nearest::nearest;

/// The nearest command that this person may use here, or a hint at `/help`.
pub fn suggest(app: &App, actor: &Actor, chat: Option<ChatId>, name: &str) -> String {
    let names: Vec<String> = offers(app, actor, chat)
        .into_iter()
        .map(|offer| offer.name)
        .collect();
    let written = escape_html(name);
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => {
            let args = [
                ("name", Arg::from(written.as_str())),
                ("near", Arg::from(near)),
            ];
            app.texts
                .get(&actor.language, "unknown-command-near", &args)
        }
        None => {
            let args = [("name", Arg::from(written.as_str()))];
            app.texts.get(&actor.language, "unknown-command", &args)
        }
    }
}
