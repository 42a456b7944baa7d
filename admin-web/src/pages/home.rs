//! `GET /`: how the bot is. Strangers see only who it is; whoever holds `core.status.view` sees the
//! dashboard.

mod curves;

use std::sync::atomic::Ordering::Relaxed;

use bot_core::access::keys;
use bot_core::acts;
use bot_core::counts::Counts;
use bot_core::plugin_host::{PluginInfo, PluginState};
use maud::{Markup, html};
use vahta_rows::Micros;
use vahta_texts::Arg;

use crate::answer::Answer;
use crate::cx::Cx;
use crate::parts::{self, badge, time};
use crate::problem::Problem;

pub(crate) async fn show(cx: Cx) -> Answer {
    let title = cx.t("nav-home", &[]);
    if !cx.viewer.may(keys::STATUS_VIEW) {
        let content = hello(&cx)?;
        return cx.page(&title, &content);
    }
    let counts = Counts::read(&cx.app()?.db).await?;
    let acts = if cx.viewer.may(keys::AUDIT_VIEW) {
        Some(acts::recent(&cx.app()?.db, 8).await?)
    } else {
        None
    };
    let content = dashboard(&cx, &counts, acts.as_deref())?;
    cx.live_page(
        &title,
        &content,
        "tick plugin. outbox. job. update. access.",
    )
}

fn hello(cx: &Cx) -> Result<Markup, Problem> {
    let app = cx.app()?;
    Ok(html! {
        section.card {
            div.stack {
                div { h1 { (app.me.first_name) } (health(cx)) }
                p {
                    (cx.t("hello-talk", &[])) " "
                    a href=(app.me.link()) rel="noreferrer" { "@" (app.me.username) }
                }
                @if cx.viewer.user.is_none() {
                    p { a.button.main href="/login" { (cx.t("login-link", &[])) } }
                } @else {
                    p.quiet { (cx.t("hello-no-rights", &[])) }
                }
            }
        }
    })
}

fn health(cx: &Cx) -> Markup {
    let health = cx.site.health();
    let well = health.is_ready() && health.intake_fault().is_none();
    html! {
        p.lead {
            @if well { span.dot.good {} (cx.t("on-duty", &[])) } @else { span.dot.bad {} (cx.t("not-ready", &[])) }
        }
    }
}

fn dashboard(cx: &Cx, counts: &Counts, acts: Option<&[acts::Done]>) -> Result<Markup, Problem> {
    let app = cx.app()?;
    let plugins = app.plugins.list();
    let up = (Micros::now().0 - app.started_at.0) / 1_000_000;
    Ok(html! {
        div.head {
            div { h1 { (app.me.first_name) } (health(cx)) }
            p.quiet.small {
                "v" (env!("CARGO_PKG_VERSION")) " · " (app.db.kind()) " · "
                (cx.t("up-for", &[("span", Arg::from(parts::span(cx, up)))]))
            }
        }
        @if cx.viewer.may(keys::STATUS_MANAGE) {
            @if let Some(fault) = cx.site.health().intake_fault() { p.note.bad.break { (fault) } }
            @if let Some(fault) = cx.site.health().redis_fault() {
                p.note.bad.break { (cx.t("redis-away", &[("fault", Arg::from(fault))])) }
            }
        }
        (attention(cx, counts))
        (curves::all(cx, &app.figures.history()))
        div.six { (queues(cx, counts)?) }
        div.pair {
            @if let Some(acts) = acts { (recent(cx, acts)) }
            @if cx.viewer.may(keys::PLUGINS_VIEW) { (modules(cx, &plugins)) }
        }
    })
}

/// What wants a hand, with the way there.
fn attention(cx: &Cx, counts: &Counts) -> Markup {
    let kept = counts.parked + counts.unparsed;
    let told = [
        (
            counts.outbox_failed,
            "attention-outbox",
            "/outbox?state=failed",
            keys::STATUS_VIEW,
        ),
        (
            counts.jobs_dead,
            "attention-jobs",
            "/jobs?state=dead",
            keys::STATUS_VIEW,
        ),
        (kept, "attention-updates", "/updates", keys::STATUS_MANAGE),
    ];
    html! {
        @for (count, id, path, key) in told {
            @if count > 0 && cx.viewer.may(key) {
                p.note.warn { (cx.t(id, &[("count", Arg::from(count))])) " " a href=(path) { (cx.t("look", &[])) } }
            }
        }
    }
}

fn queues(cx: &Cx, counts: &Counts) -> Result<Markup, Problem> {
    let app = cx.app()?;
    let waiting = app.outbound.stats().queued.load(Relaxed);
    let figures = [
        ("queue-open", counts.open.to_string(), None),
        (
            "queue-outbox",
            counts.outbox_queued.to_string(),
            Some("/outbox"),
        ),
        ("queue-calls", waiting.to_string(), None),
        ("queue-jobs", counts.jobs.to_string(), Some("/jobs")),
        ("queue-dialogs", app.sessions.len().to_string(), None),
        ("queue-lost", app.journal.logs_dropped().to_string(), None),
    ];
    Ok(html! {
        @for (id, value, path) in figures {
            @if let Some(path) = path {
                a.card.figure href=(path) { span.label { (cx.t(id, &[])) } b { (value) } }
            } @else {
                div.card.figure { span.label { (cx.t(id, &[])) } b { (value) } }
            }
        }
    })
}

fn recent(cx: &Cx, acts: &[acts::Done]) -> Markup {
    html! {
        section.card {
            h2 { (cx.t("recent-acts", &[])) }
            @if acts.is_empty() { (parts::empty(cx, "no-acts")) }
            ul.rows {
                @for act in acts {
                    li {
                        span.mono.break { (act.action) }
                        span.quiet.break { (act.object) }
                        span.end.quiet.small { (act.actor.as_deref().unwrap_or(&act.source)) " · " (time(cx, act.at)) }
                    }
                }
            }
        }
    }
}

fn modules(cx: &Cx, plugins: &[PluginInfo]) -> Markup {
    let running = plugins
        .iter()
        .filter(|plugin| plugin.state.is_running())
        .count();
    html! {
        section.card {
            div.head {
                h2 { (cx.t("nav-plugins", &[])) }
                span.quiet.small { (cx.t("running-of", &[("running", Arg::from(running)), ("all", Arg::from(plugins.len()))])) }
            }
            @if plugins.is_empty() { (parts::empty(cx, "no-plugins")) }
            ul.rows {
                @for plugin in plugins {
                    li {
                        a href=(format!("/plugins/{}", plugin.name)) { (plugin.name) }
                        span.quiet.small { (plugin.version) }
                        span.end { (state(cx, &plugin.state)) }
                    }
                }
            }
        }
    }
}

/// A plugin's state as a badge, without its reason.
pub(super) fn state(cx: &Cx, state: &PluginState) -> Markup {
    let (kind, id) = match state {
        PluginState::Found => ("", "plugin-found"),
        PluginState::Refused(_) => ("bad", "plugin-refused"),
        PluginState::Loaded => ("accent", "plugin-loaded"),
        PluginState::Started => ("good", "plugin-started"),
        PluginState::Degraded => ("warn", "plugin-degraded"),
        PluginState::Stopped => ("", "plugin-stopped"),
        PluginState::Failed(_) => ("bad", "plugin-failed"),
    };
    badge(kind, &cx.t(id, &[]))
}
