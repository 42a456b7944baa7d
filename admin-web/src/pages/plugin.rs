//! `/p/<plugin>/…`, `/api/v1/p/<plugin>/…`, `/pub/<plugin>/…`: what plugins answer.
//!
//! The guard has said who asks and that our own page sent it; here the manifest's permission is
//! checked, and only then does the plugin hear of the request.

mod request;

use std::sync::Arc;

use bot_core::plugin_host::manifest::{Surface, WebRoute};
use bot_core::plugin_host::{Actor, DeliverError, Envelope, Kind, WebFound, WebMatch};
use maud::PreEscaped;
use serde::Deserialize;
use serde_json::Value;
use vahta_rows::Micros;
use warp::http::{Method, StatusCode};
use warp::reply::Response;

use crate::answer::{self, Answer};
use crate::api::Reply;
use crate::api::once::{self, Begun};
use crate::cx::Cx;
use crate::download;
use crate::guard::files::{Wanted, discard};
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
    blob: Option<String>,
    name: Option<String>,
    disposition: Option<String>,
}

impl Said {
    /// The file that it names.
    async fn file(&self, cx: &Cx, plugin: &str) -> Option<Answer> {
        let (id, name) = (self.blob.as_deref()?, self.name.as_deref());
        let inline = self.disposition.as_deref() == Some("inline");
        Some(download::blob(cx, plugin, id, name, inline).await)
    }
}

/// The files that one of a plugin's pages takes; its permission comes first.
pub(crate) fn files_of_page(cx: &Cx) -> Result<Option<Wanted>, Problem> {
    files(cx, Surface::Page)
}

/// The same for its API.
pub(crate) fn files_of_api(cx: &Cx) -> Result<Option<Wanted>, Problem> {
    files(cx, Surface::Api)
}

fn files(cx: &Cx, surface: Surface) -> Result<Option<Wanted>, Problem> {
    let (plugin, found) = allowed(cx, surface)?;
    let spec = found.route.upload.clone();
    Ok(spec.map(|spec| Wanted { plugin, spec }))
}

pub(crate) async fn page(cx: Cx) -> Answer {
    let (found, said) = ask(&cx, Surface::Page).await?;
    if let Some(file) = said.file(&cx, &found.plugin).await {
        return file;
    }
    match (said.redirect, said.html) {
        (Some(path), _) => Ok(answer::see_other(own(&path)?)),
        // The plugin is trusted code and escapes what people typed.
        (None, Some(html)) => {
            let live = found.route.live.join(" ");
            let mut page = cx.live_page(&said.title, &PreEscaped(html), &live)?;
            *page.status_mut() = StatusCode::from_u16(said.status).unwrap_or_default();
            Ok(page)
        }
        (None, None) => Err(Problem::PluginFailed),
    }
}

/// Once for each `Idempotency-Key`; files are the same when their content is.
pub(crate) async fn api(cx: Cx) -> Answer {
    let cx = &cx;
    let content = match &cx.received {
        Some(received) => received.print().into(),
        None => cx.body.clone(),
    };
    let once = match once::begin(cx, &content).await {
        Ok(Begun::NoKey) => return api_now(cx).await.map(|(response, _)| response),
        Ok(Begun::First(once)) => once,
        Ok(Begun::Answered(reply)) => {
            discard(cx).await;
            return Ok(reply.respond(cx));
        }
        Err(problem) => {
            discard(cx).await;
            return Err(problem);
        }
    };
    let answered = api_now(cx).await;
    let kept = match &answered {
        // A file is not kept for those who ask again.
        Ok((_, kept)) => kept.clone(),
        // It broke off, perhaps after a commit: nobody may run it again under this key.
        Err(Problem::PluginFailed) => Some(broken_off()),
        // Nothing was changed.
        Err(_) => None,
    };
    once::end(cx, &once, kept.as_ref()).await?;
    answered.map(|(response, _)| response)
}

fn broken_off() -> Reply {
    let body = serde_json::json!({
        "status": StatusCode::BAD_GATEWAY.as_u16(),
        "title": "The plugin broke off",
        "detail": "It is not known how far the first request under this key came. Look, and use \
            another key to try again.",
    });
    Reply {
        status: StatusCode::BAD_GATEWAY,
        body: body.to_string(),
        next: None,
        version: None,
    }
}

async fn api_now(cx: &Cx) -> Result<(Response, Option<Reply>), Problem> {
    let (found, said) = ask(cx, Surface::Api).await?;
    if let Some(file) = said.file(cx, &found.plugin).await {
        return Ok((file?, None));
    }
    let reply = Reply {
        status: StatusCode::from_u16(said.status).unwrap_or_default(),
        body: said.json.unwrap_or(Value::Null).to_string(),
        next: None,
        version: None,
    };
    Ok((reply.clone().respond(cx), Some(reply)))
}

/// For everybody: no session is read, so no navigation stands around it. With a title it has the
/// site's head, with its stylesheet and scripts; without one it is as the plugin wrote it.
pub(crate) async fn public(cx: Cx) -> Answer {
    let (found, said) = ask(&cx, Surface::Public).await?;
    if let Some(file) = said.file(&cx, &found.plugin).await {
        return file;
    }
    let status = StatusCode::from_u16(said.status).unwrap_or_default();
    let with_status = |mut page: Response| {
        *page.status_mut() = status;
        page
    };
    match (said.redirect, said.html, said.json) {
        (Some(path), ..) => Ok(answer::see_other(own(&path)?)),
        (None, Some(html), _) if said.title.is_empty() => Ok(with_status(answer::html(html))),
        // The plugin is trusted code and escapes what people typed.
        (None, Some(html), _) => {
            let page = cx.public_page(&said.title, &PreEscaped(html));
            Ok(with_status(page))
        }
        (None, None, Some(json)) => Ok(answer::typed(json.to_string(), "application/json")),
        (None, None, None) => Err(Problem::PluginFailed),
    }
}

/// A plugin's route that was asked for.
struct Asked {
    plugin: String,
    route: Arc<WebRoute>,
}

/// Lets the plugin answer; what is no success is a problem, and leaves no file behind that the
/// plugin did not keep.
async fn ask(cx: &Cx, surface: Surface) -> Result<(Asked, Said), Problem> {
    let answered = deliver(cx, surface).await;
    let took = |(_, said): &(Asked, Said)| said.status < 400;
    if !answered.as_ref().is_ok_and(took) {
        discard(cx).await;
    }
    answered
}

/// The plugin and its route, for somebody who may ask for it.
fn allowed(cx: &Cx, surface: Surface) -> Result<(String, WebMatch), Problem> {
    let plugin: String = cx.param("plugin")?;
    let rest = cx.param::<String>("rest").unwrap_or_default();
    let found = find(cx, &plugin, surface, &format!("/{rest}"))?;
    if let Some(key) = &found.route.permission
        && !cx.viewer.may(key)
    {
        return Err(Problem::Forbidden(key.clone()));
    }
    Ok((plugin, found))
}

async fn deliver(cx: &Cx, surface: Surface) -> Result<(Asked, Said), Problem> {
    let (plugin, found) = allowed(cx, surface)?;
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
        Ok(StatusCode::NOT_FOUND) if said.detail.is_none() && said.html.is_none() => {
            Err(Problem::NotFound)
        }
        // A page may show the form again, with what was typed.
        Ok(status)
            if (status.is_client_error() && surface != Surface::Api && said.html.is_some()) =>
        {
            let route = found.route;
            Ok((Asked { plugin, route }, said))
        }
        Ok(status) if status.is_client_error() || status.is_server_error() => {
            Err(Problem::Said(status, said.detail.unwrap_or_default()))
        }
        Ok(_) => {
            let route = found.route;
            Ok((Asked { plugin, route }, said))
        }
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
