//! One question with its votes; what is open, due or untold.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::approvals::{About, ApprovalState};
use vahta_rows::{ApprovalId, Db, DbError, Micros, UserId, with_db};

use crate::access::snapshot::full_name;
use crate::storage::schema::{approval_votes, approvals, bot_users};

/// A row of `approvals`, as it is stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = approvals, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub(super) struct Row {
    id: i64,
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
    decided_at: Option<i64>,
    decided_by: Option<i64>,
    version: i64,
    told_version: i64,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    pub id: i64,
    pub plugin: String,
    pub key: String,
    pub object: String,
    pub title: String,
    pub detail: String,
    pub link: String,
    pub web_path: String,
    pub permission: String,
    /// 0: everywhere.
    pub chat_id: i64,
    pub needed: i32,
    pub own_counts: bool,
    pub requested_by: Option<i64>,
    pub state: i16,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    pub decided_at: Option<i64>,
    pub decided_by: Option<i64>,
    pub version: i64,
    pub told_version: i64,
}

impl From<Row> for Approval {
    fn from(row: Row) -> Self {
        // One bad row of one plugin must not hide everybody's: it shows as what it is.
        let about = serde_json::from_str(&row.about).unwrap_or_else(|_| About {
            title: row.about,
            ..About::default()
        });
        Self {
            id: row.id,
            plugin: row.plugin,
            key: row.key,
            object: about.object,
            title: about.title,
            detail: about.detail,
            link: about.link,
            web_path: about.web_path,
            permission: row.permission,
            chat_id: row.chat_id,
            needed: row.needed,
            own_counts: row.own_counts,
            requested_by: row.requested_by,
            state: row.state,
            created_at: row.created_at,
            expires_at: row.expires_at,
            decided_at: row.decided_at,
            decided_by: row.decided_by,
            version: row.version,
            told_version: row.told_version,
        }
    }
}

pub(super) fn read(rows: Vec<Row>) -> Vec<Approval> {
    rows.into_iter().map(Approval::from).collect()
}

impl Approval {
    pub fn id(&self) -> ApprovalId {
        ApprovalId(self.id)
    }

    pub fn state(&self) -> ApprovalState {
        ApprovalState::from_i16(self.state)
    }

    pub fn is_open(&self) -> bool {
        self.state() == ApprovalState::Open
    }

    /// Open, and its time has come.
    pub fn is_due(&self, now: Micros) -> bool {
        self.is_open() && self.expires_at.is_some_and(|at| at <= now.0)
    }
}

/// A row of `approval_votes`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = approval_votes, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct Vote {
    pub approval_id: i64,
    pub user_id: i64,
    pub approves: bool,
    pub reason: Option<String>,
    /// "telegram", "web" or "api".
    pub source: String,
    pub at: i64,
}

/// A question with its votes and the names of everyone in it.
#[derive(Debug, Clone)]
pub struct View {
    pub approval: Approval,
    /// In the order in which they came.
    pub votes: Vec<Vote>,
    names: HashMap<i64, String>,
}

impl View {
    /// What to call somebody.
    pub fn name(&self, user: i64) -> String {
        let name = self.names.get(&user).filter(|name| !name.is_empty());
        name.cloned().unwrap_or_else(|| format!("#{user}"))
    }

    pub fn asker(&self) -> Option<String> {
        self.approval.requested_by.map(|user| self.name(user))
    }

    /// Everyone who approves, with commas between.
    pub fn approvers(&self) -> String {
        let names = self.votes.iter().filter(|vote| vote.approves);
        let names: Vec<String> = names.map(|vote| self.name(vote.user_id)).collect();
        names.join(", ")
    }

    pub fn have(&self) -> usize {
        self.votes.iter().filter(|vote| vote.approves).count()
    }

    /// Why it was rejected.
    pub fn reason(&self) -> Option<&str> {
        let against = self.votes.iter().find(|vote| !vote.approves);
        against.and_then(|vote| vote.reason.as_deref())
    }

    /// What somebody voted.
    pub fn vote_of(&self, user: UserId) -> Option<&Vote> {
        self.votes.iter().find(|vote| vote.user_id == user.0)
    }

    /// Whoever ended it: those who approved together, or the one who rejected or withdrew it.
    pub fn deciders(&self) -> String {
        match (self.approval.state(), self.approval.decided_by) {
            (ApprovalState::Approved, _) => self.approvers(),
            (_, Some(user)) => self.name(user),
            (_, None) => String::new(),
        }
    }
}

/// One question; `None` when there is none with this id.
pub async fn one(db: &Db, id: ApprovalId) -> Result<Option<View>, DbError> {
    let found: Option<Row> = with_db!(db, c => Run::first(
        approvals::table.find(id.0).select(Row::as_select()), c,
    ).await.optional())?;
    Ok(match found {
        Some(row) => views(db, vec![row.into()]).await?.pop(),
        None => None,
    })
}

/// Everything that is open, the oldest first: at most as many as anybody can look through.
pub async fn open(db: &Db) -> Result<Vec<Approval>, DbError> {
    const MOST: i64 = 1_000;
    let rows = with_db!(db, c => Run::load(
        approvals::table
            .filter(approvals::state.eq(ApprovalState::Open as i16))
            .order(approvals::id)
            .limit(MOST)
            .select(Row::as_select()),
        c,
    ).await)?;
    Ok(read(rows))
}

/// Who has voted on these: question and person.
pub(super) async fn voted(db: &Db, approvals: &[Approval]) -> Result<HashSet<(i64, i64)>, DbError> {
    let ids: Vec<i64> = approvals.iter().map(|approval| approval.id).collect();
    let votes: Vec<(i64, i64)> = with_db!(db, c => Run::load(
        approval_votes::table
            .filter(approval_votes::approval_id.eq_any(&ids))
            .select((approval_votes::approval_id, approval_votes::user_id)),
        c,
    ).await)?;
    Ok(votes.into_iter().collect())
}

/// Questions behind `after` whose messages do not all show what is true, in the order of their ids.
pub(super) async fn untold(db: &Db, after: i64, most: i64) -> Result<Vec<Approval>, DbError> {
    let rows = with_db!(db, c => Run::load(
        approvals::table
            .filter(approvals::told_version.lt(approvals::version))
            .filter(approvals::id.gt(after))
            .order(approvals::id)
            .limit(most)
            .select(Row::as_select()),
        c,
    ).await)?;
    Ok(read(rows))
}

/// Open questions whose time has come, the longest ago first.
pub(super) async fn due(db: &Db, now: Micros, most: i64) -> Result<Vec<Approval>, DbError> {
    let rows = with_db!(db, c => Run::load(
        approvals::table
            .filter(approvals::state.eq(ApprovalState::Open as i16))
            .filter(approvals::expires_at.le(now.0))
            .order(approvals::expires_at)
            .limit(most)
            .select(Row::as_select()),
        c,
    ).await)?;
    Ok(read(rows))
}

/// Puts votes and names to rows, in their order.
pub(super) async fn views(db: &Db, rows: Vec<Approval>) -> Result<Vec<View>, DbError> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let votes: Vec<Vote> = with_db!(db, c => Run::load(
        approval_votes::table
            .filter(approval_votes::approval_id.eq_any(&ids))
            .order((approval_votes::at, approval_votes::user_id))
            .select(Vote::as_select()),
        c,
    ).await)?;
    let mut people: Vec<i64> = votes.iter().map(|vote| vote.user_id).collect();
    people.extend(rows.iter().filter_map(|row| row.requested_by));
    people.extend(rows.iter().filter_map(|row| row.decided_by));
    people.sort_unstable();
    people.dedup();
    let names = names(db, &people).await?;
    Ok(rows
        .into_iter()
        .map(|approval| View {
            votes: votes
                .iter()
                .filter(|vote| vote.approval_id == approval.id)
                .cloned()
                .collect(),
            names: names.clone(),
            approval,
        })
        .collect())
}

/// What a name is made of, as columns.
pub(super) const NAMES: (
    bot_users::first_name,
    bot_users::last_name,
    bot_users::username,
    bot_users::telegram_id,
) = (
    bot_users::first_name,
    bot_users::last_name,
    bot_users::username,
    bot_users::telegram_id,
);

/// The same as values.
pub(super) type Names = (String, Option<String>, Option<String>, Option<i64>);

/// Whoever was let in by number and writes for the first time may have no name yet.
pub(super) fn label((first, last, username, telegram_id): Names) -> String {
    let name = full_name(&first, last.as_deref());
    match (username, telegram_id) {
        _ if !name.is_empty() => name,
        (Some(username), _) => format!("@{username}"),
        (None, Some(id)) => id.to_string(),
        (None, None) => String::new(),
    }
}

async fn names(db: &Db, people: &[i64]) -> Result<HashMap<i64, String>, DbError> {
    let rows: Vec<(i64, Names)> = with_db!(db, c => Run::load(
        bot_users::table
            .filter(bot_users::id.eq_any(people))
            .select((bot_users::id, NAMES)),
        c,
    ).await)?;
    Ok(rows
        .into_iter()
        .map(|(id, names)| (id, label(names)))
        .collect())
}
