//! `/plugins`: what is loaded, how it is, and what changes that.

pub(crate) mod chats;
pub(crate) mod settings;

use bot_core::access::keys;
use bot_core::plugin_host::{HostError, PluginInfo, PluginState};
use bot_core::plugins_admin::PluginsError;
use maud::{Markup, html};
use vahta_texts::Arg;

use super::home::state;
use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::parts::{self, badge, took};
use crate::problem::Problem;

pub(crate) async fn list(cx: Cx) -> Answer {
    let infos = cx.app()?.plugins.list();
    let content = html! {
        div.head { h1 { (cx.t("nav-plugins", &[])) } p.quiet.small { (cx.t("plugins-text", &[])) } }
        @if infos.is_empty() { section.card { (parts::empty(&cx, "no-plugins")) } }
        @for info in &infos {
            section.card #(format!("plugin-{}", info.name)) {
                div.head {
                    h2 { a href=(format!("/plugins/{}", info.name)) { (title(info)) } " " span.quiet.small { (info.name) " " (info.version) } }
                    (state(&cx, &info.state))
                    (acts(&cx, info))
                }
                (reason(info))
                p.quiet.small.num {
                    (cx.t("delivered", &[("count", Arg::from(info.stats.delivered))])) " · "
                    (cx.t("failures", &[("count", Arg::from(failures(info)))])) " · p99 " (took(info.stats.p99_us as i64))
                }
            }
        }
    };
    cx.live_page(&cx.t("nav-plugins", &[]), &content, "plugin. tick")
}

fn title(info: &PluginInfo) -> &str {
    info.manifest
        .as_ref()
        .map_or(&*info.name, |manifest| &manifest.title)
}

fn failures(info: &PluginInfo) -> u64 {
    info.stats.failed + info.stats.crashed + info.stats.timeouts
}

fn reason(info: &PluginInfo) -> Markup {
    html! {
        @if let PluginState::Refused(reason) | PluginState::Failed(reason) = &info.state { p.note.bad.break { (reason) } }
    }
}

/// What makes sense in its state, for whoever may.
fn acts(cx: &Cx, info: &PluginInfo) -> Markup {
    if !cx.viewer.may(keys::PLUGINS_MANAGE) || info.manifest.is_none() {
        return html! {};
    }
    let button = |act: &str, class: &str, ask: Option<String>| {
        let text = cx.t(&format!("plugin-{act}"), &[]);
        parts::act(
            cx,
            &format!("/plugins/{}/{act}", info.name),
            &text,
            class,
            ask.as_deref(),
        )
    };
    let disable = || {
        let ask = cx.t("plugin-disable-ask", &[("name", Arg::from(&*info.name))]);
        button("disable", "danger", Some(ask))
    };
    html! {
        @match info.state {
            PluginState::Started | PluginState::Loaded | PluginState::Degraded => { (button("reload", "", None)) (disable()) }
            PluginState::Failed(_) => { (button("enable", "main", None)) (disable()) }
            PluginState::Found | PluginState::Stopped | PluginState::Refused(_) => (button("enable", "main", None)),
        }
    }
}

fn find(cx: &Cx) -> Result<PluginInfo, Problem> {
    let name: String = cx.param("name")?;
    cx.app()?.plugins.info(&name).ok_or(Problem::NotFound)
}

/// `/plugins/{name}`: everything about one.
pub(crate) async fn one(cx: Cx) -> Answer {
    let info = find(&cx)?;
    let settings = match cx.viewer.may(keys::PLUGINS_MANAGE) {
        true => settings::section(&cx, &info).await?,
        false => None,
    };
    let content = whole(&cx, &info, settings).await?;
    cx.live_page(title(&info), &content, "plugin. tick")
}

/// The page around the form of its settings.
async fn whole(cx: &Cx, info: &PluginInfo, settings: Option<Markup>) -> Result<Markup, Problem> {
    let manages = cx.viewer.may(keys::PLUGINS_MANAGE);
    let chats = chats::of_plugin(cx, info).await?;
    Ok(html! {
        div.head { h1 { (title(info)) } (state(cx, &info.state)) (acts(cx, info)) }
        (reason(info))
        div.grid { (figures(cx, info)) }
        div.pair {
            div.stack {
                @if let Some(settings) = settings { (settings) }
                @if info.manifest.is_some() { (chats) }
                (commands(cx, info)) (permissions(cx, info))
            }
            section.card {
                h2 { (cx.t("details", &[])) }
                dl.facts {
                    dt { (cx.t("version", &[])) } dd { (info.version) }
                    @if let Some(manifest) = &info.manifest {
                        dt { (cx.t("publisher", &[])) } dd { (manifest.publisher) }
                        dt { (cx.t("capabilities", &[])) } dd { span.badges { @for name in &manifest.capabilities { (badge("", name)) } } }
                    }
                    dt { (cx.t("budget", &[])) }
                    dd {
                        @if let Some(ms) = info.budget.deadline_ms { (ms) " ms, " }
                        (cx.t("budget-queue", &[("queue", Arg::from(info.budget.queue))]))
                    }
                    dt { (cx.t("threads", &[])) } dd { (info.threads) }
                    dt { (cx.t("leaked", &[])) } dd { (info.leaked) }
                    @if manages {
                        dt { (cx.t("file", &[])) } dd { code { (info.path.display()) } }
                        @if let Some(sha) = &info.sha256 { dt { "SHA-256" } dd { code { (sha) } } }
                    }
                }
            }
        }
    })
}

fn figures(cx: &Cx, info: &PluginInfo) -> Markup {
    let stats = &info.stats;
    let figures = [
        ("stat-delivered", stats.delivered.to_string()),
        ("stat-failed", failures(info).to_string()),
        ("stat-busy", stats.busy.to_string()),
        (
            "stat-latency",
            format!(
                "{} / {}",
                took(stats.p50_us as i64),
                took(stats.p99_us as i64)
            ),
        ),
        ("stat-refused", stats.refused_calls.to_string()),
    ];
    html! { @for (id, value) in figures { div.card.figure { span.label { (cx.t(id, &[])) } b { (value) } } } }
}

fn commands(cx: &Cx, info: &PluginInfo) -> Markup {
    let specs = info
        .manifest
        .as_ref()
        .map(|manifest| &manifest.commands[..])
        .unwrap_or_default();
    html! {
        @if !specs.is_empty() {
            section.card {
                h2 { (cx.t("commands", &[])) }
                ul.rows { @for spec in specs {
                    li {
                        code { "/" (spec.name) @if !spec.usage.is_empty() { " " (spec.usage) } }
                        span.quiet { (in_language(cx, &spec.description)) }
                        @if let Some(key) = &spec.permission { span.end { (badge("", key)) } }
                    }
                } }
            }
        }
    }
}

fn permissions(cx: &Cx, info: &PluginInfo) -> Markup {
    let specs = info
        .manifest
        .as_ref()
        .map(|manifest| &manifest.permissions[..])
        .unwrap_or_default();
    html! {
        @if !specs.is_empty() {
            section.card {
                h2 { (cx.t("permissions", &[])) }
                ul.rows { @for spec in specs { li { code { (spec.key) } span.quiet { (in_language(cx, &spec.title)) } } } }
            }
        }
    }
}

fn in_language<'a>(cx: &Cx, texts: &'a std::collections::BTreeMap<String, String>) -> &'a str {
    let text = texts.get(&cx.viewer.language).or_else(|| texts.get("en"));
    text.map(String::as_str).unwrap_or_default()
}

pub(crate) async fn enable(cx: Cx) -> Answer {
    switch(&cx, true).await
}

pub(crate) async fn disable(cx: Cx) -> Answer {
    switch(&cx, false).await
}

async fn switch(cx: &Cx, enabled: bool) -> Answer {
    let (info, admin) = (find(cx)?, &cx.app()?.plugins_admin);
    admin.set_enabled(&info.name, enabled, &cx.by()?).await?;
    done(cx, &info)
}

pub(crate) async fn reload(cx: Cx) -> Answer {
    let info = find(&cx)?;
    cx.app()?
        .plugins_admin
        .reload(&info.name, &cx.by()?)
        .await?;
    done(&cx, &info)
}

fn done(cx: &Cx, info: &PluginInfo) -> Answer {
    cx.committed(Vec::new())?;
    Ok(answer::see_other(&format!("/plugins/{}", info.name)))
}

impl From<PluginsError> for Problem {
    fn from(error: PluginsError) -> Self {
        match error {
            PluginsError::Db(error) => error.into(),
            PluginsError::Host(error) => told(&error),
        }
    }
}

/// The host says what is wrong with the plugin; that is for whoever asked.
fn told(error: &HostError) -> Problem {
    Problem::Refused(error.to_string())
}
