//! `GET /`: who this is, and whether it is well. Nothing here needs a login.

use bot_core::plugin_host::PluginState;
use maud::{Markup, html};
use warp::{Filter, Rejection, Reply};

use crate::Site;
use crate::page;

pub(super) fn route(site: Site) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
    warp::path::end().and(warp::get()).map(move || {
        let html = page::frame("Vahta", &body(&site)).into_string();
        warp::reply::with_header(warp::reply::html(html), "cache-control", "no-store")
    })
}

fn body(site: &Site) -> Markup {
    let health = site.health();
    let Some(app) = site.app() else {
        return html! {
            section.card {
                h1 { "Starting" }
                p { "The bot is not up yet. This page tells more when it is; the log tells why it takes long." }
            }
        };
    };
    let plugins = app.plugins.list();
    let running = plugins
        .iter()
        .filter(|plugin| plugin.state.is_running())
        .count();
    let well = health.is_ready() && health.intake_fault().is_none();
    html! {
        section.card {
            h1 { (app.me.first_name) }
            p.lead {
                @if well { span.dot.good {} "On duty" } @else { span.dot.bad {} "Not ready" }
            }
            p { "Talk to the bot in Telegram: " a href=(app.me.link()) { "@" (app.me.username) } ". Type /start, then /help." }
        }
        section.card {
            h2 { "Modules" }
            p.quiet { (running) " of " (plugins.len()) " running" }
            @if plugins.is_empty() {
                p { "No module was found in the plugin folder. Build one and put its library there." }
            }
            ul.rows {
                @for plugin in &plugins {
                    li {
                        span.dot.good[plugin.state == PluginState::Started].bad[!plugin.state.is_running()] {}
                        strong { (plugin.name) }
                        span.quiet { (plugin.version) }
                        span.state { (state(&plugin.state)) }
                    }
                }
            }
        }
    }
}

/// The state without its reason: reasons are for admins, in the chat's /plugins.
fn state(state: &PluginState) -> &'static str {
    match state {
        PluginState::Found => "found",
        PluginState::Refused(_) => "refused",
        PluginState::Loaded => "starting",
        PluginState::Started => "running",
        PluginState::Degraded => "degraded",
        PluginState::Stopped => "stopped",
        PluginState::Failed(_) => "failed",
    }
}
