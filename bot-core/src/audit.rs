//! Who did what, and the proof that nobody has changed it since.
//!
//! Each act writes its row of `audit_log` in its own transaction. After that commit one writer adds
//! a link to `audit_chain`: the row's id, a keyed hash of its content, and a MAC over both and over
//! the link before. The key is not in the database, so that whoever can write there can change
//! rows but cannot make links that fit. The chain's end is also written beside the key, so that its
//! tail cannot be cut off unseen.
//!
//! What it cannot show: a row that somebody with write access to the database appends while the bot
//! runs looks like an act; it is linked like one, and cannot be taken out again.
//!
//! PostgreSQL hands out ids out of commit order. A row that commits late is linked late, which is no
//! fault; one that turns up when no transaction could still have been open is.
//!
//! | Module | What |
//! |---|---|
//! | `key` | the key, its file |
//! | [`link`] | what a link says |
//! | [`walk`] | the check, on rows in memory |
//! | `heads` | what the chain's end was, outside the database |
//! | [`list`] | rows by filter, page by page |

mod heads;
mod key;
pub mod link;
pub mod list;
mod rows;
pub mod walk;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use vahta_rows::{Db, DbError, Micros, transaction, with_db};

use self::heads::{Heads, NoHeads};
use self::rows::ChainRows as _;
use self::walk::{Erased, Walk};
use crate::access::{Act, By, RecordAct as _};
use crate::config;

pub use key::Key;
pub use link::{AuditRow, Link};
pub use walk::{Fault, Report};

const EVERY: Duration = Duration::from_secs(1);
/// How often the whole log is searched for rows without a link, and not only its end.
const FULL: Duration = Duration::from_secs(600);
/// Rows that one transaction links.
const BATCH: i64 = 500;
/// How often somebody looks again while another writer is at it, and how long between.
const PATIENCE: u32 = 500;
const BREATH: Duration = Duration::from_millis(20);
/// How often a check looks for the noted ends of a chain that has links.
const LOOKS: u32 = 25;
/// How far behind the newest link a row may commit late and still be linked within [`EVERY`].
const WINDOW: i64 = 10_000;
/// Longer than any transaction of ours lives: PostgreSQL's late rows are within it.
const LATE: Duration = Duration::from_secs(15 * 60);
/// Links that are checked at once.
const PAGE: i64 = 1_000;

/// The act that takes the content of rows away; names them in its detail.
pub const ERASE: &str = "audit.erase";

#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("the audit key {0}: {1}")]
    Key(String, String),
}

/// The audit log and its chain; cheap to clone.
#[derive(Clone)]
pub struct Audit(Arc<Inner>);

struct Inner {
    db: Db,
    key: Key,
    heads: Heads,
}

impl Audit {
    /// Takes the key, or makes one when there is none; says when the chain's end is not where it
    /// was.
    pub async fn open(db: Db, config: &config::Audit) -> Result<Self, AuditError> {
        let (key, fresh) = Key::load(config)?;
        let heads = Heads::beside(&config.key_file);
        let last = with_db!(db, c => c.last_link().await)?;
        let position = last.as_ref().map_or(0, |link| link.position);
        if fresh && position > 0 {
            tracing::error!(
                position,
                "the audit chain was made with another key than the new one; put the old key back"
            );
        } else {
            match heads.all() {
                Ok(noted) => {
                    if let Some((seen, _)) = noted.last_key_value().filter(|(p, _)| **p > position)
                    {
                        tracing::error!(
                            seen,
                            position,
                            "the audit chain ends earlier than it did; `vahta audit verify` says more"
                        );
                    }
                }
                Err(NoHeads::NotThere(_)) if position == 0 => {}
                Err(why) => tracing::error!(
                    position,
                    %why,
                    "nobody can tell whether the audit chain was cut off"
                ),
            }
        }
        Ok(Self(Arc::new(Inner { db, key, heads })))
    }

    /// With the key that is there, for checks alone: no key is made.
    pub fn for_checks(db: Db, config: &config::Audit) -> Result<Self, AuditError> {
        let key = Key::existing(config)?;
        let heads = Heads::beside(&config.key_file);
        Ok(Self(Arc::new(Inner { db, key, heads })))
    }

    /// The log itself, for lists.
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// Links what is committed until the future is dropped.
    pub async fn keep(self) {
        let mut swept: Option<Instant> = None;
        loop {
            let full = swept.is_none_or(|at| at.elapsed() > FULL);
            match self.link(full).await {
                Ok(count) if count == BATCH => continue,
                Ok(_) if full => swept = Some(Instant::now()),
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "audit rows could not be linked"),
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Links everything that is committed now, and waits for another writer that is at it.
    pub async fn link_all(&self) -> Result<(), DbError> {
        for _ in 0..PATIENCE {
            while self.link(true).await? == BATCH {}
            if with_db!(self.0.db, c => c.unlinked(0, 1).await)?.is_empty() {
                break;
            }
            tokio::time::sleep(BREATH).await;
        }
        self.note_end().await
    }

    /// Whoever linked last may have been ended between the commit and the note.
    async fn note_end(&self) -> Result<(), DbError> {
        let Inner { db, heads, .. } = &*self.0;
        if let Some(last) = with_db!(db, c => c.last_link().await)? {
            let noted = heads.all().unwrap_or_default();
            if !noted.contains_key(&last.position) {
                heads.add(&last).await;
            }
        }
        Ok(())
    }

    /// Links up to [`BATCH`] rows, in the order of their ids; tells how many. Another writer at work
    /// means none.
    async fn link(&self, full: bool) -> Result<i64, DbError> {
        let Inner { db, key, heads } = &*self.0;
        let postgres = db.is_postgres();
        let floor = |last: &Option<Link>| match last {
            Some(last) if !full && postgres => last.audit_id.saturating_sub(WINDOW),
            Some(last) if !full => last.audit_id,
            _ => 0,
        };
        // Reading first costs no writer's turn while there is nothing to do.
        let nothing = with_db!(db, c => async {
            let last = c.last_link().await?;
            Ok::<_, DbError>(c.unlinked(floor(&last), 1).await?.is_empty())
        }.await)?;
        if nothing {
            return Ok(0);
        }
        let links: Vec<Link> = transaction!(db, c => {
            // Two processes never write: whoever does not get the lock leaves it to the other.
            if !c.lock_chain().await? {
                return Ok(Vec::new());
            }
            let mut last = c.last_link().await?;
            let now = Micros::now();
            let mut links = Vec::new();
            for row in c.unlinked(floor(&last), BATCH).await? {
                let link = Link::after(last.as_ref(), &row, now, key);
                last = Some(link.clone());
                links.push(link);
            }
            c.put_links(&links).await?;
            Ok(links)
        })?;
        if let Some(head) = links.last() {
            tracing::info!(position = head.position, mac = head.mac, "audit chain");
            heads.add(head).await;
        }
        Ok(i64::try_from(links.len()).unwrap_or(BATCH))
    }

    /// Walks the whole chain and every row.
    pub async fn verify(&self) -> Result<Report, DbError> {
        let Inner { db, key, heads } = &*self.0;
        let mut looks = 0;
        let (heads, end) = loop {
            // Read first: the chain may grow meanwhile, and then holds more than this, never less.
            let heads = heads.all();
            let end = with_db!(db, c => c.last_link().await)?.map_or(0, |link| link.position);
            looks += 1;
            // The first link of all is committed a moment before it is noted.
            if heads.is_ok() || end == 0 || looks == LOOKS {
                break (heads, end);
            }
            tokio::time::sleep(BREATH).await;
        };
        let no_heads = heads.as_ref().err().and_then(|why| match why {
            NoHeads::NotThere(_) if end == 0 => None,
            why => Some(Fault::NoHeads {
                why: why.to_string(),
            }),
        });
        let heads = heads.unwrap_or_default();
        let late = db.is_postgres().then_some(LATE);
        let mut walk = Walk::new(key, late, heads);
        let mut from = 0;
        while from < end {
            let links = with_db!(db, c => c.links(from, end, PAGE).await)?;
            let Some(last) = links.last() else { break };
            from = last.position;
            let ids: Vec<i64> = links.iter().map(|link| link.audit_id).collect();
            let rows = with_db!(db, c => c.rows(&ids).await)?;
            let rows: HashMap<i64, AuditRow> = rows.into_iter().map(|row| (row.id, row)).collect();
            for link in &links {
                walk.link(link, rows.get(&link.audit_id));
            }
            tokio::task::yield_now().await;
        }
        let mut unlinked = Vec::new();
        loop {
            let after = unlinked.last().copied().unwrap_or(0);
            let more = with_db!(db, c => c.unlinked(after, PAGE).await)?;
            let full = more.len() as i64 == PAGE;
            unlinked.extend(more.iter().map(|row| row.id));
            if !full {
                break;
            }
        }
        let mut report = walk.finish(&unlinked);
        report.faults.extend(no_heads);
        Ok(report)
    }

    /// Takes the content of rows away (a person's wish to be forgotten); their links stay valid,
    /// and the act says which they were.
    pub async fn erase(&self, ids: &[i64], by: &By) -> Result<usize, DbError> {
        let detail = Erased::of(ids, &self.0.key);
        let act = Act {
            action: ERASE,
            object: "audit".to_string(),
            detail: serde_json::to_value(detail).map_err(DbError::from)?,
        };
        transaction!(self.0.db, c => {
            let count = c.blank(ids).await?;
            c.audit(by, &act).await?;
            Ok(count)
        })
    }
}

/// Walks the chain: see [`Audit::verify`].
pub async fn verify(audit: &Audit) -> Result<Report, DbError> {
    audit.verify().await
}

#[cfg(test)]
mod tests;
