//! A plugin's settings as a form, made of its JSON Schema.

mod filled;
mod input;

use bot_core::plugin_host::PluginInfo;
use bot_core::plugins_admin::{Settings, SettingsError};
use maud::{Markup, html};
use vahta_texts::Arg;
use warp::http::StatusCode;

use super::{find, whole};
use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::page;
use crate::problem::Problem;
use filled::Filled;

/// The form as it is filled in; `None` where a plugin has no settings.
pub(super) async fn section(cx: &Cx, info: &PluginInfo) -> Result<Option<Markup>, Problem> {
    match cx.app()?.plugins_admin.settings(&info.name).await {
        Ok(settings) => Ok(Some(form(cx, info, &settings, &Filled::with(&settings)))),
        Err(SettingsError::NoSettings(_) | SettingsError::NoPlugin(_)) => Ok(None),
        Err(SettingsError::Db(error)) => Err(error.into()),
        Err(error) => Err(Problem::Refused(error.to_string())),
    }
}

fn form(cx: &Cx, info: &PluginInfo, settings: &Settings, filled: &Filled) -> Markup {
    let action = format!("/plugins/{}/settings", info.name);
    html! {
        section.card #settings {
            h2 { (cx.t("plugin-settings", &[])) }
            @if let Some(note) = &filled.note { p.note.bad.break role="alert" { (note) } }
            form.settings method="post" action=(action) novalidate[!filled.faults.is_empty()] {
                (page::csrf(cx))
                input type="hidden" name="version" value=(settings.version);
                (input::all(cx, settings, filled))
                div.badges {
                    button.main { (cx.t("save", &[])) }
                    button.plain name="reset" value="1" formnovalidate data-confirm=(cx.t("settings-reset-ask", &[])) { (cx.t("settings-reset", &[])) }
                }
            }
        }
    }
}

/// `GET /plugins/{name}/settings`: the plugin's page, where a form that was refused can be loaded
/// again.
pub(crate) async fn show(cx: Cx) -> Answer {
    super::one(cx).await
}

pub(crate) async fn save(cx: Cx) -> Answer {
    let info = find(&cx)?;
    let fields: Vec<(String, String)> = cx.form()?;
    let version = fields.iter().find(|(name, _)| name == "version");
    let version = version.and_then(|(_, version)| version.parse::<i64>().ok());
    let version = version.ok_or_else(|| Problem::Bad("version".into()))?;
    let admin = &cx.app()?.plugins_admin;
    let settings = settings_of(&cx, &info).await?;
    let mut filled = Filled::typed(&settings, fields);
    let new = if filled.reset {
        settings.schema.secrets_gone()
    } else {
        filled.read(&settings)
    };
    if !filled.faults.is_empty() {
        return again(
            &cx,
            &info,
            &settings,
            filled,
            StatusCode::UNPROCESSABLE_ENTITY,
        )
        .await;
    }
    let by = cx.by()?;
    let problem = match admin
        .set_settings(&info.name, new, Some(version), &by)
        .await
    {
        Ok(_) => {
            cx.committed(Vec::new())?;
            return Ok(answer::see_other(&format!(
                "/plugins/{}#settings",
                info.name
            )));
        }
        Err(SettingsError::Db(error)) => return Err(error.into()),
        Err(error) => error,
    };
    // As they are now: somebody else may have been faster.
    let settings = settings_of(&cx, &info).await?;
    let status = match problem {
        SettingsError::Stale(_) => {
            filled.note = Some(cx.t("settings-stale", &[]));
            filled.tell_now = true;
            StatusCode::CONFLICT
        }
        SettingsError::Bad(faults) => {
            filled.faults = faults;
            StatusCode::UNPROCESSABLE_ENTITY
        }
        error => {
            let args = [("reason", Arg::from(error.to_string()))];
            filled.note = Some(cx.t("settings-not-taken", &args));
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    again(&cx, &info, &settings, filled, status).await
}

async fn settings_of(cx: &Cx, info: &PluginInfo) -> Result<Settings, Problem> {
    let settings = cx.app()?.plugins_admin.settings(&info.name).await;
    settings.map_err(|error| match error {
        SettingsError::Db(error) => error.into(),
        _ => Problem::NotFound,
    })
}

/// The page with what was typed, and what is wrong with it. Not live: nothing replaces what
/// somebody is mending.
async fn again(
    cx: &Cx,
    info: &PluginInfo,
    settings: &Settings,
    mut filled: Filled,
    status: StatusCode,
) -> Answer {
    if filled.note.is_none() {
        filled.note = Some(cx.t("settings-bad", &[("count", Arg::from(filled.faults.len()))]));
    }
    let section = form(cx, info, settings, &filled);
    let content = whole(cx, info, Some(section)).await?;
    let mut response = cx.page(super::title(info), &content)?;
    *response.status_mut() = status;
    Ok(response)
}
