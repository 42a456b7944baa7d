//! One's own keys for programs.

use std::time::Duration;

use bot_core::accounts::api_keys::{ApiKey, NewKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::input::body;
use super::reply::List;
use super::time::Time;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::pages::account::changer;
use crate::problem::Problem;

#[derive(Serialize, JsonSchema)]
pub(crate) struct KeyView {
    id: String,
    name: String,
    scopes: Vec<String>,
    created_at: Time,
    expires_at: Time,
    /// To the minute.
    used_at: Option<Time>,
    revoked_at: Option<Time>,
}

impl From<ApiKey> for KeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            scopes: key.scopes,
            created_at: Time(key.created_at),
            expires_at: Time(key.expires_at),
            used_at: key.used_at.map(Time),
            revoked_at: key.revoked_at.map(Time),
        }
    }
}

pub(crate) const LIST: Doc = Doc::new::<List<KeyView>>("One's own keys, the newest first");

pub(crate) async fn list(cx: Cx) -> Outcome {
    let user = cx.no_key()?;
    let keys = cx.app()?.accounts.keys_of(user).await?;
    Reply::all(keys.into_iter().map(KeyView::from).collect())
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    name: String,
    /// Permissions that one holds.
    scopes: Vec<String>,
    /// 1 to 365.
    days: u16,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct MadeKey {
    #[serde(flatten)]
    key: KeyView,
    /// Shown here and never again.
    secret: Option<String>,
}

pub(crate) const CREATE: Doc = Doc::makes::<MadeKey>("Make a key, within 15 minutes of a login")
    .body::<Wanted>()
    .secret();

pub(crate) async fn create(cx: Cx) -> Outcome {
    cx.no_key()?;
    let user = changer(&cx)?;
    let wanted: Wanted = body(&cx)?;
    let new = NewKey {
        name: wanted.name,
        scopes: wanted.scopes,
        lifetime: Duration::from_secs(u64::from(wanted.days) * 24 * 3600),
    };
    let (accounts, by) = (&cx.app()?.accounts, cx.by()?);
    let made = accounts.make_key(user, &cx.viewer.keys, new, &by).await?;
    Reply::made(&MadeKey {
        key: made.key.into(),
        secret: Some(made.secret.expose().into()),
    })
}

pub(crate) const REVOKE: Doc = Doc::silent("Revoke one of one's own keys, for good");

pub(crate) async fn revoke(cx: Cx) -> Outcome {
    let user = cx.no_key()?;
    let key: String = cx.param("key")?;
    let by = cx.by()?;
    if cx.app()?.accounts.revoke_key(user, &key, &by).await? {
        return Reply::nothing();
    }
    Err(Problem::NotFound)
}
