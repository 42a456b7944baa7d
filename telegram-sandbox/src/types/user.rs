//! `User`, <https://core.telegram.org/bots/api#user>.

use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) is_bot: bool,
    pub(crate) first_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language_code: Option<String>,
}

impl User {
    /// Whom Telegram names as the sender when an administrator writes as the group.
    pub(crate) fn anonymous_admin() -> Self {
        Self {
            id: 1_087_968_824,
            is_bot: true,
            first_name: "Group".to_owned(),
            last_name: None,
            username: Some("GroupAnonymousBot".to_owned()),
            language_code: None,
        }
    }

    /// First and last name, as chat clients show them.
    pub(crate) fn full_name(&self) -> String {
        match &self.last_name {
            Some(last) => format!("{} {last}", self.first_name),
            None => self.first_name.clone(),
        }
    }
}
