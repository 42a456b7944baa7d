//! `/why @gus task.create [here]`: the rules, walked one by one.

use vahta_rows::ChatId;
use vahta_texts::{Arg, escape_html};

use super::parse::{Target, spot};
use super::{Cx, show};
use crate::access::{Explanation, Reach, Words, keys};
use crate::flow::FlowError;

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    let mut words: Vec<&str> = cx.args.split_whitespace().collect();
    let target = cx.target(&mut words).await?;
    let (mut permission, mut place) = (None, None);
    for word in words {
        if let (Some(spot), None) = (spot(word), place) {
            place = Some(spot);
        } else if permission.is_none() {
            permission = Some(word.trim_start_matches('/').to_string());
        } else {
            return cx.usage("why").await;
        }
    }
    let Some(permission) = permission else {
        return cx.usage("why").await;
    };
    let chat = match cx.reach(place) {
        None => return cx.reply(&cx.t("here-is-private", &[])).await,
        Some(Reach::Everywhere) => None,
        Some(Reach::Chat(chat)) => Some(chat),
    };
    let (user, name) = match target {
        Target::Nobody => (
            cx.actor.user,
            show::person_link(&cx.actor.name, cx.actor.telegram_id),
        ),
        Target::Known(person) => (Some(person.id), show::person(&person)),
        Target::Name(name) => (None, format!("@{}", escape_html(&name))),
        Target::Id(id) => (None, id.to_string()),
    };
    // About oneself anybody may ask.
    if user != cx.actor.user && !cx.actor.may(keys::USERS_VIEW) {
        let args = [("permission", Arg::from(keys::USERS_VIEW))];
        return cx.reply(&cx.t("denied", &args)).await;
    }
    let permission = key_of(&cx, permission);
    let explanation = cx
        .app
        .access
        .snapshot()
        .explain(user, &permission, chat, cx.now());
    cx.reply(&told(&cx, &name, &explanation, chat)).await
}

/// A command's name stands for the permission that it takes.
fn key_of(cx: &Cx, word: String) -> String {
    if let Some(spec) = super::find(&word) {
        return spec.permission.map_or(word, str::to_string);
    }
    let plugins = cx.app.plugins.routes().command(&word);
    plugins
        .and_then(|route| route.spec.permission.clone())
        .unwrap_or(word)
}

fn told(cx: &Cx, name: &str, explanation: &Explanation, chat: Option<ChatId>) -> String {
    let id = if explanation.allowed {
        "why-may"
    } else {
        "why-may-not"
    };
    let place = cx.place(chat.map_or(Reach::Everywhere, Reach::Chat));
    let permission = escape_html(&explanation.permission);
    let args = [
        ("person", Arg::from(name)),
        ("permission", Arg::from(permission.as_str())),
        ("place", Arg::from(place)),
    ];
    let mut text = cx.t(id, &args);
    let words = Words {
        texts: &cx.app.texts,
        language: &cx.actor.language,
        here: cx.chat(),
        when: &|at| cx.when(at),
        strong: &|name| format!("<b>{}</b>", escape_html(name)),
        plain: &escape_html,
    };
    let snapshot = cx.app.access.snapshot();
    for (number, rule) in (1..).zip(&explanation.rules) {
        let line = words.line(&snapshot, &explanation.permission, rule);
        text.push_str(&format!("\n{number}. {} {line}", rule.mark()));
    }
    text
}
