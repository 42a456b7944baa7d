//! `/help`: what this person may do here, and nothing else.

use vahta_rows::ChatId;
use vahta_texts::{Arg, escape_html};

use super::{ALL, Cx, show};
use crate::access::Actor;
use crate::app::App;
use crate::flow::{FlowError, off};

/// A command that somebody may use.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Offer {
    pub(super) name: String,
    /// Plain text.
    pub(super) description: String,
    /// The plugin's title; `None` for the core.
    pub(super) plugin: Option<String>,
}

/// Every command that the actor may use in this chat, the core's first.
pub(super) fn offers(app: &App, actor: &Actor, chat: Option<ChatId>) -> Vec<Offer> {
    let may = |permission: Option<&str>| permission.is_none_or(|key| actor.may(key));
    let core = ALL
        .iter()
        .filter(|spec| !spec.hidden && may(spec.permission))
        .map(|spec| Offer {
            name: spec.name.to_string(),
            description: app
                .texts
                .get(&actor.language, &format!("cmd-{}", spec.name), &[]),
            plugin: None,
        });
    let mut offers: Vec<Offer> = core.collect();
    let routes = app.plugins.routes();
    let usable = routes.commands().filter(|r| {
        r.running
            && !r.spec.is_numbered()
            && may(r.spec.permission.as_deref())
            && !off::is_off(app, &r.plugin, chat)
    });
    offers.extend(usable.map(|route| Offer {
        name: route.spec.name.clone(),
        description: show::localised(&route.spec.description, &actor.language).to_string(),
        plugin: Some(route.title.to_string()),
    }));
    offers
}

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    let mut text = cx.t("help", &[]);
    let mut section = None;
    for offer in offers(&cx.app, &cx.actor, cx.chat()) {
        if offer.plugin != section {
            let title = escape_html(offer.plugin.as_deref().unwrap_or_default());
            text.push_str(&format!("\n\n<b>{title}</b>"));
            section = offer.plugin.clone();
        }
        let description = escape_html(&offer.description);
        let args = [
            ("name", Arg::from(&offer.name)),
            ("description", Arg::from(&description)),
        ];
        text.push('\n');
        text.push_str(&cx.t("help-line", &args));
    }
    cx.reply(&text).await
}
