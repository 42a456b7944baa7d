//! How people, places, times and roles are written; user data is escaped here.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use vahta_rows::Micros;
use vahta_texts::{Arg, escape_html};

use super::Cx;
use crate::access::{Grant, Person, Reach};

/// A name that opens the person's profile. Source: Bot API, "Formatting options".
pub fn person_link(name: &str, telegram_id: i64) -> String {
    let name = if name.is_empty() {
        telegram_id.to_string()
    } else {
        escape_html(name)
    };
    format!("<a href=\"tg://user?id={telegram_id}\">{name}</a>")
}

/// "Ada (@ada)".
pub(super) fn person(person: &Person) -> String {
    let name = match person.telegram_id {
        Some(id) => person_link(&person.name, id),
        None => escape_html(&person.name),
    };
    match &person.username {
        Some(username) => format!("{name} (@{})", escape_html(username)),
        None => name,
    }
}

/// A short plain name, for a button.
pub(super) fn caption(person: &Person) -> String {
    let name = match (&person.name, &person.username, person.telegram_id) {
        (name, _, _) if !name.is_empty() => name.clone(),
        (_, Some(username), _) => format!("@{username}"),
        (_, _, Some(id)) => id.to_string(),
        _ => person.id.to_string(),
    };
    name.chars().take(24).collect()
}

impl Cx {
    /// An instant in the actor's own time zone.
    pub(super) fn when(&self, at: Micros) -> String {
        let zone = TimeZone::get(&self.actor.time_zone).unwrap_or(TimeZone::UTC);
        match Timestamp::from_microsecond(at.0) {
            Ok(at) => at.to_zoned(zone).strftime("%Y-%m-%d %H:%M %Z").to_string(),
            Err(_) => at.0.to_string(),
        }
    }

    /// "everywhere", "in this chat" or "in chat -1001".
    pub(super) fn place(&self, reach: Reach) -> String {
        match reach {
            Reach::Everywhere => self.t("place-everywhere", &[]),
            Reach::Chat(chat) if Some(chat) == self.chat() => self.t("place-here", &[]),
            Reach::Chat(chat) => {
                let id = chat.to_string();
                self.t("place-chat", &[("chat", Arg::from(id.as_str()))])
            }
        }
    }

    /// "for ever" or "until …".
    pub(super) fn end(&self, until: Option<Micros>) -> String {
        match until {
            None => self.t("until-ever", &[]),
            Some(until) => self.t("until", &[("when", Arg::from(self.when(until)))]),
        }
    }

    /// "operator, everywhere, for ever", one a line; ended grants say so.
    pub(super) fn grants(&self, grants: &[Grant]) -> String {
        let now = self.now();
        let line = |grant: &Grant| {
            let id = if grant.is_current(now) {
                "grant-line"
            } else {
                "grant-line-ended"
            };
            let (role, place) = (escape_html(&grant.role), self.place(grant.reach));
            let end = self.end(grant.until);
            self.t(
                id,
                &[
                    ("role", role.into()),
                    ("place", place.into()),
                    ("end", end.into()),
                ],
            )
        };
        grants.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// The nearest of a manifest's texts: `ru-RU`, then `ru`, then English.
pub(super) fn localised<'a>(
    texts: &'a std::collections::BTreeMap<String, String>,
    language: &str,
) -> &'a str {
    let language = language.to_ascii_lowercase();
    let parent = language.split(['-', '_']).next().unwrap_or_default();
    [language.as_str(), parent, "en"]
        .into_iter()
        .find_map(|language| texts.get(language))
        .map_or("", String::as_str)
}
