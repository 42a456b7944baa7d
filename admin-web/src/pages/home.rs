//! `GET /`: who this is, and whether it is well. Nothing here needs a login.

use bot_core::plugin_host::PluginState;
use maud::{Markup, html};

use crate::answer::Answer;
use crate::cx::Cx;
use crate::problem::Problem;

pub(crate) async fn show(cx: Cx) -> Answer {
    let content = body(&cx)?;
    cx.page(&cx.t("nav-home", &[]), &content)
}

fn body(cx: &Cx) -> Result<Markup, Problem> {
    let (app, health) = (cx.app()?, cx.site.health());
    let plugins = app.plugins.list();
    let running = plugins
        .iter()
        .filter(|plugin| plugin.state.is_running())
        .count();
    let well = health.is_ready() && health.intake_fault().is_none();
    Ok(html! {
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
    })
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
