//! Questions that others decide, asked in the caller's transaction.
//!
//! Whoever asks writes a row; the core shows it to everyone who may decide, takes their votes, and
//! gives the outcome to the owner as a job of kind [`JOB`], whose payload is [`Outcome`]. The job is
//! written in the transaction of the decision, so the owner hears of each decision exactly once.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::events::{Event, PutEvent as _};
use crate::schema::approvals;
use crate::{ApprovalId, ChatId, DbError, Micros, PgConn, SqliteConn, UserId};

/// The kind of the jobs that tell an owner how its question was decided.
pub const JOB: &str = "approval";
/// Characters of a title; what is longer is cut.
pub const TITLE: usize = 200;
/// Characters of the detail; what is longer is cut.
pub const DETAIL: usize = 4_000;

/// `approvals.state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum ApprovalState {
    Open = 0,
    Approved = 1,
    Rejected = 2,
    Expired = 3,
    Withdrawn = 4,
}

impl ApprovalState {
    pub fn from_i16(value: i16) -> Self {
        match value {
            0 => Self::Open,
            1 => Self::Approved,
            2 => Self::Rejected,
            3 => Self::Expired,
            _ => Self::Withdrawn,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A question to ask.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewApproval {
    /// Who asks, and hears of the outcome.
    pub plugin: String,
    /// The owner's own name for it; while it is open, asking it again asks nothing.
    pub key: String,
    /// What it is about, such as "task:12".
    pub object: String,
    pub title: String,
    pub detail: String,
    /// What opens it in Telegram, such as "/task_12"; may be empty.
    pub link: String,
    /// What opens it on the web, such as "/p/task/12"; may be empty.
    pub web_path: String,
    /// Whoever holds this key may decide.
    pub permission: String,
    /// Where they must hold it; 0 is everywhere.
    pub chat_id: ChatId,
    /// How many must approve, 1 to 10; one who rejects is enough.
    pub needed: u8,
    /// May whoever asked decide as well? Not with the two-person rule.
    pub own_counts: bool,
    pub requested_by: Option<UserId>,
    /// After this instant nobody decides any more, and the outcome is `expired`.
    pub expires_at: Option<Micros>,
}

impl NewApproval {
    /// One approval by somebody else, everywhere, for ever.
    pub fn new(key: impl Into<String>, title: impl Into<String>, permission: &str) -> Self {
        let key = key.into();
        Self {
            plugin: String::new(),
            object: key.clone(),
            key,
            title: title.into(),
            detail: String::new(),
            link: String::new(),
            web_path: String::new(),
            permission: permission.to_owned(),
            chat_id: ChatId(0),
            needed: 1,
            own_counts: false,
            requested_by: None,
            expires_at: None,
        }
    }
}

/// `approvals.about`: what a question is about, in JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    pub object: String,
    pub title: String,
    pub detail: String,
    pub link: String,
    pub web_path: String,
}

/// The payload of the job that an owner gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub approval: ApprovalId,
    pub key: String,
    pub object: String,
    /// Never `open`.
    pub outcome: ApprovalState,
    /// Who decided last; nobody when it expired.
    pub by: Option<UserId>,
    pub by_name: Option<String>,
    pub requested_by: Option<UserId>,
    pub reason: Option<String>,
    pub at: Micros,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = approvals)]
struct NewRow {
    plugin: String,
    key: String,
    about: String,
    permission: String,
    chat_id: i64,
    needed: i32,
    own_counts: bool,
    requested_by: Option<i64>,
    state: i16,
    created_at: i64,
    expires_at: Option<i64>,
    version: i64,
    told_version: i64,
}

impl NewRow {
    fn of(new: &NewApproval) -> Result<Self, DbError> {
        let cut =
            |text: &str, most: usize| crate::tidy(text).chars().take(most).collect::<String>();
        let about = About {
            object: new.object.clone(),
            title: cut(&new.title, TITLE),
            detail: cut(&new.detail, DETAIL),
            link: new.link.clone(),
            web_path: new.web_path.clone(),
        };
        Ok(Self {
            plugin: new.plugin.clone(),
            key: new.key.clone(),
            about: serde_json::to_string(&about)?,
            permission: new.permission.clone(),
            chat_id: new.chat_id.0,
            needed: i32::from(new.needed),
            own_counts: new.own_counts,
            requested_by: new.requested_by.map(|user| user.0),
            state: ApprovalState::Open as i16,
            created_at: Micros::now().0,
            expires_at: new.expires_at.map(|at| at.0),
            version: 1,
            told_version: 0,
        })
    }
}

/// Asking and taking back on either connection; used inside [`transaction!`](crate::transaction).
#[async_trait::async_trait]
pub trait AskApproval {
    /// Asks, or gives `None` when the owner's question with this key is open already.
    ///
    /// # Errors
    /// The database's; it refuses a `needed` that is not within 1 and 10.
    async fn ask_approval(&mut self, new: &NewApproval) -> Result<Option<ApprovalId>, DbError>;

    /// The owner takes its question back and hears nothing of it any more; false when it is not
    /// open.
    async fn withdraw_approval(&mut self, plugin: &str, key: &str) -> Result<bool, DbError>;
}

macro_rules! ask_approval {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl AskApproval for $conn {
            async fn ask_approval(
                &mut self,
                new: &NewApproval,
            ) -> Result<Option<ApprovalId>, DbError> {
                use diesel::prelude::*;
                use diesel_async::RunQueryDsl;
                // No conflict target: the unique index is partial (open rows only).
                let id: Option<i64> = diesel::insert_into(approvals::table)
                    .values(NewRow::of(new)?)
                    .on_conflict_do_nothing()
                    .returning(approvals::id)
                    .get_result(self)
                    .await
                    .optional()?;
                let Some(id) = id.map(ApprovalId) else {
                    return Ok(None);
                };
                let event = event("approval.asked", id, new.requested_by, new);
                self.put_event(&event).await?;
                Ok(Some(id))
            }

            async fn withdraw_approval(
                &mut self,
                plugin: &str,
                key: &str,
            ) -> Result<bool, DbError> {
                use diesel::prelude::*;
                use diesel_async::RunQueryDsl;
                let open = approvals::table
                    .filter(approvals::plugin.eq(plugin))
                    .filter(approvals::key.eq(key))
                    .filter(approvals::state.eq(ApprovalState::Open as i16));
                let taken: Option<(i64, String, i64, Option<i64>)> = diesel::update(open)
                    .set((
                        approvals::state.eq(ApprovalState::Withdrawn as i16),
                        approvals::decided_at.eq(Some(Micros::now().0)),
                        approvals::version.eq(approvals::version + 1),
                    ))
                    .returning((
                        approvals::id,
                        approvals::permission,
                        approvals::chat_id,
                        approvals::requested_by,
                    ))
                    .get_result(self)
                    .await
                    .optional()?;
                let Some((id, permission, chat, requested_by)) = taken else {
                    return Ok(false);
                };
                let new = NewApproval {
                    chat_id: ChatId(chat),
                    requested_by: requested_by.map(UserId),
                    ..NewApproval::new(key, "", &permission)
                };
                let event = event("approval.decided", ApprovalId(id), None, &new);
                self.put_event(&event).await?;
                Ok(true)
            }
        }
    };
}
ask_approval!(SqliteConn);
ask_approval!(PgConn);

/// Says who may hear of it (`permission`, `chat`, `requested_by`), and nothing of its content.
fn event(topic: &str, id: ApprovalId, by: Option<UserId>, new: &NewApproval) -> Event {
    Event {
        topic: topic.into(),
        object: format!("approval:{id}"),
        payload: json!({
            "by": by,
            "detail": {
                "permission": new.permission, "chat": new.chat_id, "requested_by": new.requested_by,
            },
        }),
    }
}
