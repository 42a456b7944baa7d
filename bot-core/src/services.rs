//! What plugins may ask of the host: one method, one arm.
//!
//! Which capability a method needs was checked by the plugin host before it gets here.

mod blobs;
mod downloads;
mod fetch;
mod people;
mod telegram;
mod uploads;
mod zips;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tracing::Level;
use vahta_rows::events::{Event, PutEvent as _};
use vahta_rows::outbox::OutboxRow;
use vahta_rows::{ChatId, Db, InstanceId, Micros, UserId, transaction};

use crate::access::{Access, Act, By, RecordAct as _};
use crate::approvals::Approvals;
use crate::blobs::Blobs;
use crate::downloads::Downloads;
use crate::events::Events;
use crate::fetch::Fetcher;
use crate::jobs::Jobs;
use crate::notices::Notices;
use crate::outbound::Outbound;
use crate::outbox::Outbox;
use crate::plugin_host::{CallError, Caller, HostServices};
use crate::sessions::{SessionError, Sessions};
use crate::uploads::Uploads;
use crate::zips::Zips;

/// How long a dialog stays open when the plugin does not say.
const DIALOG: Duration = Duration::from_secs(30 * 60);

/// The core's side of plugins' calls.
pub struct Services {
    pub db: Db,
    pub access: Access,
    pub sessions: Sessions,
    pub outbound: Outbound,
    pub outbox: Outbox,
    pub jobs: Jobs,
    pub events: Events,
    pub approvals: Approvals,
    pub notices: Notices,
    pub blobs: Blobs,
    pub downloads: Downloads,
    pub uploads: Uploads,
    pub fetcher: Fetcher,
    pub zips: Zips,
    pub instance: InstanceId,
}

#[async_trait]
impl HostServices for Services {
    async fn call(&self, caller: Caller, method: &str, body: Bytes) -> Result<Bytes, CallError> {
        if let Some(name) = method.strip_prefix("telegram.") {
            return telegram::call(&self.outbound, &caller, name, body).await;
        }
        if method == "blobs.fetch" {
            return fetch::call(&self.fetcher, caller, body).await;
        }
        if let Some(name) = method.strip_prefix("zips.") {
            return zips::call(&self.zips, caller, name, body).await;
        }
        if let Some(name) = method.strip_prefix("blobs.") {
            return blobs::call(&self.blobs, caller, name, body).await;
        }
        if let Some(name) = method.strip_prefix("downloads.") {
            return downloads::call(&self.downloads, caller, name, body).await;
        }
        match method {
            "session.get" => self.session_get(&caller),
            "session.set" => self.session_set(&caller, read(&body)?).await,
            "session.clear" => self.session_clear(&caller).await,
            "outbox.committed" => {
                let rows: Committed = read(&body)?;
                self.outbox.hand_over(
                    rows.rows
                        .into_iter()
                        .filter(|row| *row.plugin == *caller.plugin),
                );
                ok()
            }
            "outbox.wake" => {
                self.outbox.wake();
                ok()
            }
            "jobs.wake" => {
                self.jobs.wake();
                ok()
            }
            "approval.wake" => {
                self.approvals.wake();
                ok()
            }
            "notice.wake" => {
                self.notices.wake();
                ok()
            }
            "events.committed" => {
                self.events.wake();
                ok()
            }
            "events.publish" => self.publish(read(&body)?).await,
            "access.check" => self.check(read(&body)?),
            "users.get" => people::get(self, read(&body)?).await,
            "users.find" => people::find(self, read(&body)?).await,
            "uploads.grant" => uploads::grant(&self.uploads, &caller, read(&body)?).await,
            "uploads.revoke" => uploads::revoke(&self.uploads, &caller, read(&body)?).await,
            "audit.record" => self.audit(&caller, read(&body)?).await,
            _ => Err(CallError::new(
                "unknown",
                format!("this host has no method {method}"),
            )),
        }
    }

    fn log(&self, plugin: &str, level: Level, target: &str, message: &str) {
        match level {
            Level::ERROR => tracing::error!(plugin, target, "{message}"),
            Level::WARN => tracing::warn!(plugin, target, "{message}"),
            Level::INFO => tracing::info!(plugin, target, "{message}"),
            Level::DEBUG => tracing::debug!(plugin, target, "{message}"),
            Level::TRACE => tracing::trace!(plugin, target, "{message}"),
        }
    }

    fn refused(&self, plugin: &str, method: &str) {
        tracing::warn!(
            plugin,
            method,
            "a plugin called what its manifest does not declare"
        );
        let act = Act {
            action: "plugin.refused",
            object: format!("plugin:{plugin}"),
            detail: json!({ "method": method }),
        };
        let by = self.by(None, String::new());
        let db = self.db.clone();
        tokio::spawn(async move {
            if let Err(error) = transaction!(db, c => c.audit(&by, &act).await) {
                tracing::error!(%error, "a refusal could not be audited");
            }
        });
    }
}

#[derive(Deserialize)]
struct Committed {
    rows: Vec<OutboxRow>,
}

#[derive(Deserialize)]
struct SetSession {
    state: Value,
    /// Seconds until the dialog closes by itself.
    ttl_s: Option<u64>,
    /// The version that the plugin read; without one the newest dialog wins.
    version: Option<i32>,
}

#[derive(Deserialize)]
struct Check {
    user_id: i64,
    permission: String,
    chat_id: Option<i64>,
}

#[derive(Deserialize)]
struct Audited {
    action: String,
    object: String,
    #[serde(default)]
    detail: Value,
}

impl Services {
    fn session_get(&self, caller: &Caller) -> Result<Bytes, CallError> {
        let (chat, person) = here(caller)?;
        let open = self
            .sessions
            .open(chat, person)
            .filter(|session| *session.plugin == *caller.plugin);
        answer(&open.map(|session| json!({ "state": session.state, "version": session.version })))
    }

    async fn session_set(&self, caller: &Caller, set: SetSession) -> Result<Bytes, CallError> {
        let (chat, person) = here(caller)?;
        let ttl = set.ttl_s.map_or(DIALOG, Duration::from_secs);
        let session = self
            .sessions
            .set(chat, person, &caller.plugin, set.state, ttl, set.version)
            .await
            .map_err(|error| match error {
                SessionError::Conflict { .. } => CallError::new("conflict", error.to_string()),
                SessionError::Db(error) => later(&error),
            })?;
        answer(&json!({ "version": session.version }))
    }

    async fn session_clear(&self, caller: &Caller) -> Result<Bytes, CallError> {
        let (chat, person) = here(caller)?;
        let is_ours = self
            .sessions
            .open(chat, person)
            .is_some_and(|session| *session.plugin == *caller.plugin);
        if is_ours {
            self.sessions
                .clear(chat, person)
                .await
                .map_err(|error| later(&error))?;
        }
        ok()
    }

    async fn publish(&self, event: Event) -> Result<Bytes, CallError> {
        transaction!(self.db, c => c.put_event(&event).await).map_err(|error| later(&error))?;
        self.events.wake();
        ok()
    }

    fn check(&self, check: Check) -> Result<Bytes, CallError> {
        let snapshot = self.access.snapshot();
        let chat = check.chat_id.map(ChatId);
        let may = snapshot.user(UserId(check.user_id)).is_some_and(|known| {
            snapshot
                .keys(known, chat, Micros::now())
                .contains(&check.permission)
        });
        answer(&json!({ "allowed": may }))
    }

    async fn audit(&self, caller: &Caller, audited: Audited) -> Result<Bytes, CallError> {
        let envelope = caller.envelope.as_deref();
        let user = envelope
            .and_then(|e| e.actor.as_ref())
            .and_then(|actor| actor.user_id)
            .map(UserId);
        let by = self.by(
            user,
            envelope.map(|e| e.correlation.clone()).unwrap_or_default(),
        );
        let act = Act {
            action: "plugin.act",
            object: audited.object,
            detail: json!({ "plugin": caller.plugin, "action": audited.action, "detail": audited.detail }),
        };
        transaction!(self.db, c => c.audit(&by, &act).await).map_err(|error| later(&error))?;
        ok()
    }
}

impl Services {
    fn by(&self, user: Option<UserId>, correlation: String) -> By {
        By {
            user,
            source: "plugin",
            correlation,
            instance: self.instance,
        }
    }
}

/// The chat and the person of the delivery that a call was made in.
fn here(caller: &Caller) -> Result<(ChatId, i64), CallError> {
    let envelope = caller.envelope.as_ref();
    let chat = envelope
        .and_then(|e| e.chat.as_ref())
        .map(|chat| ChatId(chat.id));
    let person = envelope
        .and_then(|e| e.actor.as_ref())
        .and_then(|actor| actor.telegram_id);
    chat.zip(person).ok_or_else(|| {
        CallError::new(
            "no_chat",
            "a dialog needs an update with a chat and a person",
        )
    })
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, CallError> {
    serde_json::from_slice(body).map_err(|error| CallError::new("bad_request", error.to_string()))
}

fn answer<T: Serialize>(value: &T) -> Result<Bytes, CallError> {
    serde_json::to_vec(value)
        .map(Bytes::from)
        .map_err(|error| CallError::new("internal", error.to_string()))
}

fn ok() -> Result<Bytes, CallError> {
    Ok(Bytes::from_static(b"true"))
}

/// The database is away: the plugin should ask to be run again.
fn later(error: &vahta_rows::DbError) -> CallError {
    CallError::new("later", error.to_string())
}
