//! Which way an update takes to a plugin, by its manifest alone: as the core finds it, for one plugin.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};

/// What a manifest says about updates.
#[derive(Deserialize)]
pub(super) struct Wants {
    #[serde(default)]
    commands: Vec<Command>,
    prefix: Option<String>,
    #[serde(default)]
    observes: Vec<String>,
    #[serde(default)]
    permissions: Vec<Permission>,
}

#[derive(Deserialize)]
struct Command {
    name: String,
    /// None: everybody may.
    permission: Option<String>,
}

#[derive(Deserialize)]
struct Permission {
    key: String,
}

impl Wants {
    /// All that the plugin knows.
    pub(super) fn permissions(&self) -> Vec<String> {
        let keys = self.permissions.iter();
        keys.map(|permission| permission.key.clone()).collect()
    }

    /// The envelope's `route`; none for an update that the plugin does not hear of.
    pub(super) fn route(
        &self,
        update: &Value,
        has_dialog: bool,
        may: &[String],
        bot: &str,
    ) -> Option<Value> {
        if let Some(data) = update["callback_query"]["data"].as_str() {
            let (prefix, data) = data.split_once(':')?;
            let ours = self.prefix.as_deref() == Some(prefix);
            return ours.then(|| json!({"kind": "callback", "data": data}));
        }
        let message = &update["message"];
        if let Some((name, args)) = command(message, bot) {
            let (command, args) = self.command(&name, args)?;
            let is_let_in = (command.permission.as_ref()).is_none_or(|key| may.contains(key));
            let route = json!({"kind": "command", "command": command.name, "args": args});
            return is_let_in.then_some(route);
        }
        if message.is_object() && has_dialog {
            return Some(json!({"kind": "dialog"}));
        }
        let talk = [
            "message",
            "edited_message",
            "channel_post",
            "edited_channel_post",
        ];
        let talk = talk.iter().map(|kind| &update[kind]);
        let in_group = talk
            .into_iter()
            .any(|message| message.is_object() && message["chat"]["type"] != "private");
        let listens = self.observes.iter().any(|what| what == "group_messages");
        (in_group && listens).then(|| json!({"kind": "observe"}))
    }

    /// A name with `_` at its end takes numbers: `/task_12` is `task_` with `12`.
    fn command(&self, name: &str, args: &str) -> Option<(&Command, String)> {
        let find = |name: &str| self.commands.iter().find(|command| command.name == name);
        if let Some(command) = find(name) {
            return Some((command, args.to_owned()));
        }
        let (family, number) = name.split_at(name.rfind('_')? + 1);
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let args = format!("{number} {args}").trim_end().to_owned();
        find(family)
            .filter(|_| is_number)
            .map(|found| (found, args))
    }
}

/// The command that a message begins with, in small letters, and what follows it. Telegram marks
/// commands as entities. Source: Bot API, `MessageEntity`.
fn command<'m>(message: &'m Value, bot: &str) -> Option<(String, &'m str)> {
    let entities = [&message["entities"], &message["caption_entities"]];
    let first = entities.iter().find_map(|entities| entities.get(0))?;
    if first["type"] != "bot_command" || first["offset"] != 0 {
        return None;
    }
    let text = message["text"].as_str().or(message["caption"].as_str())?;
    let (word, args) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let word = word.strip_prefix('/')?;
    let (name, addressee) = word.split_once('@').unwrap_or((word, bot));
    addressee
        .eq_ignore_ascii_case(bot)
        .then(|| (name.to_lowercase(), args.trim()))
}

/// Dialogs that are open: by chat and person, a state and its version.
#[derive(Default)]
pub(super) struct Dialogs(HashMap<(i64, i64), (Value, i64)>);

impl Dialogs {
    pub(super) fn open(&self, place: (i64, i64)) -> Option<&Value> {
        self.0.get(&place).map(|(state, _)| state)
    }

    /// The host's `session.*`; `Err` says which version is open.
    pub(super) fn call(
        &mut self,
        method: &str,
        place: (i64, i64),
        body: &Value,
    ) -> Result<Value, Option<i64>> {
        let open = self.0.get(&place);
        match method {
            "session.get" => {
                let told = open.map(|(state, version)| json!({"state": state, "version": version}));
                Ok(told.unwrap_or_default())
            }
            "session.set" => {
                let found = open.map(|(_, version)| *version);
                let expected = body["version"].as_i64();
                if expected.is_some() && expected != found {
                    return Err(found);
                }
                let version = found.unwrap_or_default() + 1;
                self.0.insert(place, (body["state"].clone(), version));
                Ok(json!({ "version": version }))
            }
            _ => {
                self.0.remove(&place);
                Ok(Value::Bool(true))
            }
        }
    }
}
