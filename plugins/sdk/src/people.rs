//! The people that Vahta knows (capability `users`): to be named, and to be told of something.

use serde::{Deserialize, Serialize};

use crate::{Ctx, Error, Host};

/// A person with a role.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Person {
    pub user_id: i64,
    /// None for somebody who was never seen in Telegram. A private chat has the same number.
    pub telegram_id: Option<i64>,
    pub name: String,
    /// Without the `@`.
    pub username: Option<String>,
    pub language: Option<String>,
    pub time_zone: String,
    #[serde(default)]
    pub blocked: bool,
}

/// Whom to look for; every part that is there must fit.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Wanted<'a> {
    /// How a name, a part of it, or a username begins; with or without `@`.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub text: &'a str,
    /// A permission that they hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission: Option<&'a str>,
    /// A role that they were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'a str>,
    /// Where they hold it; none: everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

impl Host {
    /// The person with this number; none when nobody has it, or they have no role.
    ///
    /// # Errors
    /// When the host cannot.
    pub async fn person(&self, user: i64) -> Result<Option<Person>, Error> {
        let wanted = serde_json::json!({ "user_id": user });
        self.call("users.get", &wanted).await
    }

    /// The person with this number, if they are not blocked and hold a permission: who is told
    /// something must still be allowed to know it.
    ///
    /// # Errors
    /// When the host cannot.
    pub async fn person_with(&self, user: i64, permission: &str) -> Result<Option<Person>, Error> {
        let wanted = serde_json::json!({ "user_id": user, "permission": permission });
        self.call("users.get", &wanted).await
    }

    /// As [`Self::person_with`], by the number that their private chat has as well.
    ///
    /// # Errors
    /// When the host cannot.
    pub async fn chat_with(&self, chat: i64, permission: &str) -> Result<Option<Person>, Error> {
        let wanted = serde_json::json!({ "telegram_id": chat, "permission": permission });
        self.call("users.get", &wanted).await
    }

    /// Those who fit and are not blocked; whoever is called exactly so comes first.
    ///
    /// # Errors
    /// When the host cannot.
    pub async fn people(&self, wanted: &Wanted<'_>) -> Result<Vec<Person>, Error> {
        self.call("users.find", wanted).await
    }
}

impl Ctx {
    /// As [`Host::person`].
    ///
    /// # Errors
    /// When the host cannot.
    pub async fn person(&self, user: i64) -> Result<Option<Person>, Error> {
        self.host().person(user).await
    }

    /// As [`Host::people`].
    ///
    /// # Errors
    /// When the host cannot.
    pub async fn people(&self, wanted: &Wanted<'_>) -> Result<Vec<Person>, Error> {
        self.host().people(wanted).await
    }
}
