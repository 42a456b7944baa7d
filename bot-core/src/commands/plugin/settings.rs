//! `/plugin <name> settings`, `set <setting> <value>`, `unset <setting>`.
//!
//! A secret is never answered. One that was typed here is taken out of the chat again, and in a
//! group, where others have read it, it is not taken at all.

use serde_json::{Value, json};
use vahta_texts::{Arg, escape_html};

use super::super::Cx;
use crate::flow::FlowError;
use crate::nearest::nearest;
use crate::outbound::Call;
use crate::plugin_settings::schema::{pointer_of, put, take};
use crate::plugin_settings::{Document, Fault, Field};
use crate::plugins_admin::{Settings, SettingsError};

/// Characters of a value that are shown: the list is a message.
const SHOWN: usize = 200;

pub(super) async fn show(cx: &Cx, plugin: &str) -> Result<(), FlowError> {
    let text = match cx.app.plugins_admin.settings(plugin).await {
        Ok(settings) => list(cx, plugin, &settings),
        Err(error) => told(cx, plugin, error)?,
    };
    cx.reply(&text).await
}

fn list(cx: &Cx, plugin: &str, settings: &Settings) -> String {
    let plugin = escape_html(plugin);
    let mut lines = vec![cx.t("settings", &[("plugin", Arg::from(plugin))])];
    let (own, effective) = (&settings.own, settings.schema.effective(&settings.own));
    for field in settings.schema.fields().iter().flat_map(Field::leaves) {
        let name = field.name();
        let value = if settings.schema.is_secret(&field.pointer) {
            let is_set = field.of(own).is_some();
            cx.t(
                if is_set {
                    "setting-set"
                } else {
                    "setting-unset"
                },
                &[],
            )
        } else {
            // A part that is typed as JSON may hold a secret further in.
            match field.of(&settings.schema.public(&effective)) {
                Some(value) => format!("<code>{}</code>", escape_html(&short(value))),
                None => cx.t("setting-unset", &[]),
            }
        };
        let id = if field.of(own).is_some() {
            "setting-line"
        } else {
            "setting-line-default"
        };
        let args = [
            ("name", Arg::from(escape_html(&name))),
            ("value", Arg::from(value)),
        ];
        lines.push(cx.t(id, &args));
    }
    lines.join("\n")
}

fn short(value: &Value) -> String {
    let text = crate::plugin_settings::fault::plain(value);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// `value`: what stands behind the setting's name, exactly as typed; `None` gives the default back.
pub(super) async fn set(
    cx: &Cx,
    plugin: &str,
    name: &str,
    value: Option<&str>,
) -> Result<(), FlowError> {
    let pointer = pointer_of(name);
    let settings = match cx.app.plugins_admin.settings(plugin).await {
        Ok(settings) => settings,
        Err(error) => return cx.reply(&told(cx, plugin, error)?).await,
    };
    let is_secret = settings.schema.has_secret(&pointer);
    if is_secret && value.is_some() {
        forget(cx).await?;
        if !cx.is_private() {
            return cx.reply(&cx.t("setting-secret-here", &[])).await;
        }
    }
    let changed = cx
        .app
        .plugins_admin
        .edit_settings(plugin, &cx.by(), |settings| {
            edited(settings, &pointer, value).map_err(|fault| SettingsError::Bad(vec![fault]))
        })
        .await;
    let text = match changed {
        Ok(settings) => {
            let value = match settings.schema.effective(&settings.own) {
                _ if is_secret && value.is_some() => cx.t("setting-set", &[]),
                _ if is_secret => cx.t("setting-unset", &[]),
                effective => {
                    let public = Value::Object(settings.schema.public(&effective));
                    match public.pointer(&pointer) {
                        Some(value) => format!("<code>{}</code>", escape_html(&short(value))),
                        None => cx.t("setting-unset", &[]),
                    }
                }
            };
            let args = [
                ("name", Arg::from(escape_html(name))),
                ("value", Arg::from(value)),
            ];
            cx.app.events.wake();
            cx.t("setting-is", &args)
        }
        Err(error) => told(cx, plugin, error)?,
    };
    cx.reply(&text).await
}

fn edited(settings: &Settings, pointer: &str, value: Option<&str>) -> Result<Document, Fault> {
    let fields = settings.schema.fields();
    let field = fields
        .iter()
        .flat_map(|field| std::iter::once(field).chain(field.leaves()))
        .find(|field| field.pointer == pointer)
        .ok_or_else(|| Fault::unknown(pointer))?;
    let mut own = settings.public();
    match value {
        Some(value) => put(&mut own, pointer, field.read(value)?),
        None if settings.schema.is_secret(pointer) => put(&mut own, pointer, Value::Null),
        None => drop(take(&mut own, pointer)),
    }
    Ok(own)
}

/// Takes the message with the secret out of the chat, as far as Telegram lets us.
async fn forget(cx: &Cx) -> Result<(), FlowError> {
    let (Some(chat), Some(message)) = (cx.chat(), cx.incoming.message_id()) else {
        return Ok(());
    };
    let payload = json!({ "chat_id": chat.0, "message_id": message });
    cx.call(Call::reply("DeleteMessage", payload)).await
}

/// Why it did not happen.
fn told(cx: &Cx, plugin: &str, error: SettingsError) -> Result<String, FlowError> {
    let name = ("name", Arg::from(escape_html(plugin)));
    Ok(match error {
        SettingsError::NoSettings(_) | SettingsError::NoPlugin(_) => cx.t("settings-none", &[name]),
        SettingsError::Bad(faults) => {
            let lines: Vec<String> = faults.iter().map(|fault| line(cx, plugin, fault)).collect();
            lines.join("\n")
        }
        SettingsError::Stale(_) => cx.t("settings-stale", &[]),
        SettingsError::Host(error) => {
            let reason = escape_html(&error.to_string());
            cx.t("settings-not-taken", &[name, ("reason", Arg::from(reason))])
        }
        SettingsError::Db(error) => return Err(error.into()),
    })
}

fn line(cx: &Cx, plugin: &str, fault: &Fault) -> String {
    let field = fault.field();
    let reason = escape_html(&fault.reason(&cx.app.texts, &cx.actor.language));
    let args = [
        ("name", Arg::from(escape_html(&field))),
        ("reason", Arg::from(reason)),
    ];
    let mut text = cx.t("setting-bad", &args);
    let info = cx.app.plugins.info(plugin);
    let known = info.and_then(|info| info.manifest);
    let schema =
        known.and_then(|m| crate::plugin_settings::Schema::read(&m.settings_schema).ok()?);
    if fault.is_unknown()
        && let Some(schema) = schema
    {
        let fields = schema.fields();
        let names: Vec<String> = fields
            .iter()
            .flat_map(Field::leaves)
            .map(Field::name)
            .collect();
        if let Some(near) = nearest(&field, names.iter().map(String::as_str)) {
            let near = cx.t("setting-near", &[("near", Arg::from(escape_html(near)))]);
            text = format!("{text} {near}");
        }
    }
    text
}
