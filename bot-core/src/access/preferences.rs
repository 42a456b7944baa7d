//! What people choose for themselves: language, time zone, quiet hours, where notices go.
//!
//! A wish is made of what somebody typed or pressed, and says precisely what is wrong with it; so
//! Telegram, the web and the API refuse the same with the same words.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde_json::{Map, Value, json};
use vahta_rows::{DbError, Micros, UserId, transaction, with_db};

use super::change::put_replies;
use super::record::{Act, By, RecordAct as _};
use super::rows::{AccessRows as _, UserRow};
use super::{Access, AccessError, Change, Refused, Replies};
use crate::nearest::nearest;
use crate::notices::{NoticeRows as _, NoticeSettings, Quiet, Whither};
use crate::storage::schema::bot_users;
use crate::texts;

/// What somebody has chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    /// `None`: as their Telegram says.
    pub language: Option<String>,
    /// IANA name.
    pub time_zone: String,
    pub quiet: Option<Quiet>,
    pub whither: Whither,
}

impl Preferences {
    fn of(row: &UserRow, settings: &[(i64, NoticeSettings)]) -> Self {
        let settings = settings.first().map(|(_, settings)| *settings);
        let NoticeSettings { whither, quiet } = settings.unwrap_or_default();
        Self {
            language: row.chosen_language.clone(),
            time_zone: row.time_zone.clone(),
            quiet,
            whither,
        }
    }
}

/// One thing that somebody wants otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    Language(Option<String>),
    TimeZone(String),
    Quiet(Option<Quiet>),
    Whither(Whither),
}

impl Wish {
    /// One of the languages that there are texts in; nothing: as Telegram says.
    ///
    /// # Errors
    /// [`Refused::NoSuchLanguage`].
    pub fn language(typed: &str) -> Result<Self, Refused> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Ok(Self::Language(None));
        }
        let known = texts::languages();
        match known.iter().find(|one| one.eq_ignore_ascii_case(typed)) {
            Some(language) => Ok(Self::Language(Some((*language).to_string()))),
            None => Err(Refused::NoSuchLanguage {
                name: typed.into(),
                known: known.join(", "),
            }),
        }
    }

    /// A name of the IANA database, in any case, or the city alone when it is one zone's.
    ///
    /// # Errors
    /// [`Refused::NoSuchTimeZone`], with the name that was most likely meant.
    pub fn time_zone(typed: &str) -> Result<Self, Refused> {
        let typed = typed.trim();
        if let Ok(zone) = jiff::tz::TimeZone::get(typed)
            && let Some(name) = zone.iana_name()
            && !zone.is_unknown()
        {
            return Ok(Self::TimeZone(name.to_string()));
        }
        let names: Vec<String> = jiff::tz::db()
            .available()
            .map(|name| name.to_string())
            .collect();
        let wanted = typed.to_lowercase().replace(' ', "_");
        let city = |name: &str| -> String {
            let city = name.rsplit_once('/').map_or(name, |(_, city)| city);
            city.to_lowercase()
        };
        let mut fitting = names.iter().filter(|name| city(name) == wanted);
        if let (Some(only), None) = (fitting.next(), fitting.next()) {
            return Ok(Self::TimeZone(only.clone()));
        }
        let lower: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
        let cities: Vec<String> = names.iter().map(|name| city(name)).collect();
        let found = |list: &[String]| {
            let near = nearest(&wanted, list.iter().map(String::as_str))?;
            let at = list.iter().position(|one| one == near)?;
            names.get(at).cloned()
        };
        Err(Refused::NoSuchTimeZone {
            name: typed.into(),
            near: found(&lower).or_else(|| found(&cities)),
        })
    }

    /// From and to, such as "22:00" and "7:00"; neither: none.
    ///
    /// # Errors
    /// [`Refused::BadQuiet`].
    pub fn quiet(from: &str, to: &str) -> Result<Self, Refused> {
        if from.trim().is_empty() && to.trim().is_empty() {
            return Ok(Self::Quiet(None));
        }
        let quiet = Quiet::parse(from, to).map_err(Refused::BadQuiet)?;
        Ok(Self::Quiet(Some(quiet)))
    }

    /// "web", "telegram" or "both".
    ///
    /// # Errors
    /// [`Refused::NoSuchPlace`].
    pub fn whither(typed: &str) -> Result<Self, Refused> {
        let whither = Whither::parse(typed.trim());
        whither
            .map(Self::Whither)
            .ok_or_else(|| Refused::NoSuchPlace(typed.trim().into()))
    }

    fn apply(&self, to: &mut Preferences) {
        match self.clone() {
            Self::Language(language) => to.language = language,
            Self::TimeZone(time_zone) => to.time_zone = time_zone,
            Self::Quiet(quiet) => to.quiet = quiet,
            Self::Whither(whither) => to.whither = whither,
        }
    }

    /// For the audit log.
    fn detail(&self) -> (&'static str, Value) {
        match self {
            Self::Language(language) => ("language", json!(language)),
            Self::TimeZone(time_zone) => ("time_zone", json!(time_zone)),
            Self::Quiet(quiet) => ("quiet", json!(quiet.map(|quiet| quiet.to_string()))),
            Self::Whither(whither) => ("notices", json!(whither.as_str())),
        }
    }
}

impl Access {
    /// What somebody has chosen; `None` when there is nobody with this id.
    ///
    /// # Errors
    /// The database's.
    pub async fn preferences(&self, user: UserId) -> Result<Option<Preferences>, DbError> {
        let row = with_db!(self.inner.db, c => c.user_row(user).await)?;
        let settings = with_db!(self.inner.db, c => c.notice_settings(&[user.0]).await)?;
        Ok(row.as_ref().map(|row| Preferences::of(row, &settings)))
    }

    /// Does what somebody wishes, all of it or nothing. What waits for the end of their quiet hours
    /// is looked at again.
    ///
    /// # Errors
    /// [`Refused::NoSuchUser`].
    pub async fn prefer(
        &self,
        user: UserId,
        wishes: &[Wish],
        by: &By,
        replies: Replies<'_, Preferences>,
    ) -> Result<Change<Preferences>, AccessError> {
        let now = Micros::now();
        let detail: Map<String, Value> = wishes
            .iter()
            .map(|wish| {
                let (name, value) = wish.detail();
                (name.to_string(), value)
            })
            .collect();
        let act = Act {
            action: "access.prefer",
            object: format!("user:{user}"),
            detail: detail.into(),
        };
        let change = transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            let Some(row) = c.user_row(user).await? else {
                return Ok(Err(Refused::NoSuchUser));
            };
            let mut done = Preferences::of(&row, &c.notice_settings(&[user.0]).await?);
            for wish in wishes {
                wish.apply(&mut done);
            }
            let update = diesel::update(bot_users::table.find(user.0)).set((
                bot_users::chosen_language.eq(done.language.as_deref()),
                bot_users::time_zone.eq(&done.time_zone),
            ));
            Run::execute(update, c).await?;
            let settings = NoticeSettings { whither: done.whither, quiet: done.quiet };
            c.put_notice_settings(user, settings).await?;
            c.rouse_notices(user, now).await?;
            c.record(&locked, by, &act).await?;
            let rows = put_replies!(c, by, replies, &done);
            Ok(Ok(Change { done, rows }))
        })??;
        self.refresh().await?;
        Ok(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_found_by_name_in_any_case_and_by_its_city() {
        let zone = |typed| Wish::time_zone(typed);
        let is = |name: &str| Ok(Wish::TimeZone(name.into()));
        assert_eq!(zone(" europe/berlin "), is("Europe/Berlin"));
        assert_eq!(zone("bangkok"), is("Asia/Bangkok"));
        assert_eq!(zone("New York"), is("America/New_York"));
        assert_eq!(zone("UTC"), is("UTC"));
        for (typed, near) in [
            ("Europe/Berln", Some("Europe/Berlin")),
            ("Mars/Olympus", None),
        ] {
            let near = near.map(str::to_string);
            let name = typed.to_string();
            assert_eq!(zone(typed), Err(Refused::NoSuchTimeZone { name, near }));
        }
        assert!(zone("").is_err() && zone("Etc/Unknown").is_err());
    }

    #[test]
    fn a_language_is_one_that_there_are_texts_in() {
        assert_eq!(Wish::language("EN"), Ok(Wish::Language(Some("en".into()))));
        assert_eq!(Wish::language(" "), Ok(Wish::Language(None)));
        let refused = Wish::language("tlh");
        assert!(matches!(refused, Err(Refused::NoSuchLanguage { name, .. }) if name == "tlh"));
    }
}
