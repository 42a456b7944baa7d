//! `/p/<plugin>/…`, `/api/v1/p/<plugin>/…`, `/pub/<plugin>/…`: what plugins answer.
//!
//! The guard has said who asks and that our own page sent it; here the manifest's permission is
//! checked, and only then does the plugin hear of the request.

mod request;

use bot_core::plugin_host::manifest::{Surface, WebRoute};
use bot_core::plugin_host::{Actor, DeliverError, Envelope, Kind, WebFound, WebMatch};
use maud::PreEscaped;
use serde::Deserialize;
use serde_json::Value;
use vahta_rows::Micros;
use warp::http::{Method, StatusCode};

use crate::answer::{self, Answer};
use crate::api::rate;
use crate::cx::Cx;
use crate::problem::Problem;

/// What a plugin says; `docs/PLUGIN_ABI.md` has the shape.
#[derive(Deserialize)]
struct Said {
    status: u16,
    #[serde(default)]
    title: String,
    html: Option<String>,
    json: Option<Value>,
    redirect: Option<String>,
    detail: Option<String>,
}

pub(crate) async fn page(cx: Cx) -> Answer {
    let (route, said) = ask(&cx, Surface::Page).await?;
    match (said.redirect, said.html) {
        (Some(path), _) => Ok(answer::see_other(own(&path)?)),
        // The plugin is trusted code and escapes what people typed.
        (None, Some(html)) => cx.live_page(&said.title, &PreEscaped(html), &route.live.join(" ")),
        (None, None) => Err(Problem::PluginFailed),
    }
}

pub(crate) async fn api(cx: Cx) -> Answer {
    if let Some(seconds) = rate::take(&cx).and_then(|rate| rate.wait_seconds) {
        return Err(Problem::TooMany(seconds));
    }
    let (_, said) = ask(&cx, Surface::Api).await?;
    let body = said.json.unwrap_or(Value::Null).to_string();
    let mut response = answer::typed(body, "application/json");
    *response.status_mut() = StatusCode::from_u16(said.status).unwrap_or_default();
    Ok(response)
}

/// For everybody: no session is read, so no frame and no navigation stand around it.
pub(crate) async fn public(cx: Cx) -> Answer {
    let (_, said) = ask(&cx, Surface::Public).await?;
    match (said.redirect, said.html, said.json) {
        (Some(path), ..) => Ok(answer::see_other(own(&path)?)),
        (None, Some(html), _) => Ok(answer::html(html)),
        (None, None, Some(json)) => Ok(answer::typed(json.to_string(), "application/json")),
        (None, None, None) => Err(Problem::PluginFailed),
    }
}

/// Lets the plugin answer; what is no success is a problem.
async fn ask(cx: &Cx, surface: Surface) -> Result<(std::sync::Arc<WebRoute>, Said), Problem> {
    let plugin: String = cx.param("plugin")?;
    let rest = cx.param::<String>("rest").unwrap_or_default();
    let found = find(cx, &plugin, surface, &format!("/{rest}"))?;
    if let Some(key) = &found.route.permission
        && !cx.viewer.may(key)
    {
        return Err(Problem::Forbidden(key.clone()));
    }
    let body = request::body(cx, surface, &found)?;
    let envelope = envelope(cx, &plugin, surface)?;
    let plugins = &cx.app()?.plugins;
    let answered = plugins
        .deliver(&plugin, Kind::Http, envelope, body.into())
        .await
        .map_err(|error| failed(&plugin, error))?;
    let said: Said = serde_json::from_slice(&answered).map_err(|error| {
        tracing::error!(plugin, %error, "a plugin's answer to a request cannot be read");
        Problem::PluginFailed
    })?;
    match StatusCode::from_u16(said.status) {
        Ok(StatusCode::NOT_FOUND) if said.detail.is_none() => Err(Problem::NotFound),
        Ok(status) if status.is_client_error() || status.is_server_error() => {
            Err(Problem::Said(status, said.detail.unwrap_or_default()))
        }
        Ok(_) => Ok((found.route, said)),
        Err(_) => Err(Problem::PluginFailed),
    }
}

fn find(cx: &Cx, plugin: &str, surface: Surface, path: &str) -> Result<WebMatch, Problem> {
    let method = match cx.request.method {
        Method::HEAD => "GET",
        ref other => other.as_str(),
    };
    match cx
        .app()?
        .plugins
        .routes()
        .web(plugin, surface, method, path)
    {
        WebFound::Match(found) => Ok(found),
        WebFound::Methods(methods) => Err(Problem::MethodNotAllowed(
            methods.iter().filter_map(|m| m.parse().ok()).collect(),
        )),
        WebFound::NotRunning => Err(Problem::PluginAway(plugin.to_string())),
        WebFound::Nothing => Err(Problem::NotFound),
    }
}

fn envelope(cx: &Cx, plugin: &str, surface: Surface) -> Result<Envelope, Problem> {
    let viewer = &cx.viewer;
    let routes = cx.app()?.plugins.routes();
    let permissions = routes
        .permissions()
        .filter(|(owner, spec)| &***owner == plugin && viewer.may(&spec.key))
        .map(|(_, spec)| spec.key.clone())
        .collect();
    let known = viewer.user.filter(|_| surface != Surface::Public);
    let snapshot = cx.app()?.access.snapshot();
    Ok(Envelope {
        now: Micros::now().0,
        correlation: cx.by()?.correlation,
        actor: known.map(|user| Actor {
            user_id: Some(user.0),
            telegram_id: snapshot.user(user).and_then(|known| known.telegram_id),
            name: viewer.name.clone(),
            username: snapshot.user(user).and_then(|known| known.username.clone()),
            language: Some(viewer.language.clone()),
            time_zone: Some(viewer.time_zone.clone()),
            permissions,
        }),
        ..Envelope::default()
    })
}

fn failed(plugin: &str, error: DeliverError) -> Problem {
    tracing::warn!(plugin, %error, "a plugin did not answer a request");
    match error {
        DeliverError::Unavailable { .. } | DeliverError::Busy => {
            Problem::PluginAway(plugin.to_string())
        }
        DeliverError::Failed { code, .. } if code == "later" => Problem::Unavailable,
        DeliverError::Deadline | DeliverError::Failed { .. } | DeliverError::Crashed => {
            Problem::PluginFailed
        }
    }
}

/// A path of this site and nothing else.
fn own(path: &str) -> Result<&str, Problem> {
    if path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']) {
        Ok(path)
    } else {
        Err(Problem::PluginFailed)
    }
}
