//! One answer: what it may send, and what it has sent.

use std::ops::Range;

use vahta_rows::downloads::Outcome;
use vahta_rows::{DbError, DownloadId, transaction};

use super::end::end;
use super::rows::DownloadRows;
use super::{DownloadError, Downloads, Grant, Visitor};

/// What is claimed ahead of what was sent: so often is something written while bytes flow.
const AHEAD: u64 = 4 * 1024 * 1024;
/// Of a big file, this part of it.
const AHEAD_PART: u64 = 64;
/// Answers of one grant at once.
const AT_ONCE: usize = 64;
/// How often a file may be sent for one grant, besides a little for small ones: broken connections
/// make a client ask again for what was lost on the way.
const TIMES: u64 = 4;
const BESIDES: u64 = 16 * 1024 * 1024;
/// Pieces that a file may be fetched in, with gaps between them.
const PIECES: usize = 256;

/// An answer under way.
pub(super) struct Sending {
    downloads: Downloads,
    id: DownloadId,
    plugin: String,
    key: String,
    size: u64,
    /// The number of this answer.
    epoch: i64,
    /// From here on nothing is written down yet.
    noted: u64,
    /// Before here everything was handed to the connection.
    at: u64,
    /// Before here may be sent without asking.
    claimed: u64,
    end: u64,
    /// Its last bytes may leave, and nothing is left to be written down.
    is_settled: bool,
}

/// May it go on?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    Go,
    /// The grant is over.
    Stop,
}

impl Sending {
    /// # Errors
    /// [`DownloadError::Over`], [`DownloadError::Busy`], the database's.
    pub(super) async fn begin(
        downloads: &Downloads,
        grant: &Grant,
        visitor: &Visitor,
        range: Range<u64>,
    ) -> Result<Self, DownloadError> {
        let (id, size) = (grant.id, grant.blob.size);
        let claimed = ahead(range.start, range.end, size);
        let (instance, lease) = (downloads.0.instance, downloads.lease());
        let begun = transaction!(downloads.0.db, c => {
            let Some(mut held) = c.begin(id, visitor, instance, lease).await? else {
                return Ok(Err(DownloadError::Over));
            };
            if held.sent > size.saturating_mul(TIMES).saturating_add(BESIDES)
                || held.coverage.covered.pieces() > PIECES
            {
                return Ok(Err(DownloadError::Spent));
            }
            if held.coverage.claims.len() >= AT_ONCE {
                return Ok(Err(DownloadError::Busy));
            }
            held.coverage.claim(held.epoch, range.start, claimed);
            c.note(id, &held).await?;
            Ok(Ok(held.epoch))
        })?;
        if let Err(DownloadError::Spent) = begun {
            downloads.give_back(id, &grant.plugin, &grant.key).await?;
        }
        Ok(Self {
            downloads: downloads.clone(),
            id,
            plugin: grant.plugin.clone(),
            key: grant.key.clone(),
            size,
            epoch: begun?,
            noted: range.start,
            at: range.start,
            claimed,
            end: range.end,
            is_settled: false,
        })
    }

    /// May so many bytes leave? Then they count as sent. Whatever leaves is written down before, and
    /// the last byte of a file leaves after the commit that counts it.
    pub(super) async fn may_send(&mut self, length: u64) -> Result<Leave, DbError> {
        let next = self.at + length;
        let leave = if self.is_settled {
            Leave::Go
        } else if next >= self.end {
            self.conclude(self.end).await?
        } else if next > self.claimed {
            self.note(ahead(next, self.end, self.size)).await?
        } else {
            Leave::Go
        };
        if leave == Leave::Go {
            self.at = next;
        }
        Ok(leave)
    }

    /// Keeps the lease while the connection lives, however slow it is.
    pub(super) async fn beat(&mut self) -> Result<Leave, DbError> {
        match self.is_settled {
            true => Ok(Leave::Go),
            false => self.note(self.claimed).await,
        }
    }

    /// It broke off: nothing more will be sent, and what was is known exactly. From now on the
    /// lease runs.
    pub(super) async fn stop(mut self) -> Result<(), DbError> {
        if !self.is_settled {
            self.conclude(self.at).await?;
        }
        Ok(())
    }

    async fn note(&mut self, claimed: u64) -> Result<Leave, DbError> {
        let (id, epoch, lease) = (self.id, self.epoch, self.downloads.lease());
        let (noted, at) = (self.noted, self.at);
        let leave = transaction!(self.downloads.0.db, c => {
            let Some(mut held) = c.renew(id, lease).await? else {
                return Ok(Leave::Stop);
            };
            held.coverage.covered.add(noted, at);
            held.coverage.claim(epoch, at, claimed);
            held.sent += at - noted;
            c.note(id, &held).await?;
            Ok(Leave::Go)
        })?;
        (self.noted, self.claimed) = (at, claimed);
        Ok(leave)
    }

    /// The last bytes of this answer, which perhaps make the file whole.
    async fn conclude(&mut self, last: u64) -> Result<Leave, DbError> {
        let (id, epoch, lease) = (self.id, self.epoch, self.downloads.lease());
        let (noted, size) = (self.noted, self.size);
        let rule = (self.plugin.as_str(), self.key.as_str());
        let is_whole = transaction!(self.downloads.0.db, c => {
            c.lock_rule(rule.0, rule.1).await?;
            let Some(mut held) = c.renew(id, lease).await? else {
                return Ok(None);
            };
            held.coverage.covered.add(noted, last);
            held.coverage.claim(epoch, last, last);
            held.sent += last - noted;
            c.note(id, &held).await?;
            if !held.coverage.covered.is_whole(size) {
                return Ok(Some(false));
            }
            // The row is held, and was live just now.
            end(c, id, rule, Outcome::Completed).await.map(Some)
        })?;
        // Of answers under way at the same time the first with the whole file ends the grant, and
        // the others get no last byte.
        let Some(is_whole) = is_whole else {
            return Ok(Leave::Stop);
        };
        self.is_settled = true;
        if is_whole {
            self.downloads.0.jobs.wake();
        }
        Ok(Leave::Go)
    }
}

/// How far an answer may go without asking again: never to its last byte.
fn ahead(at: u64, end: u64, size: u64) -> u64 {
    let far = at.saturating_add(AHEAD.max(size / AHEAD_PART));
    far.min(end.saturating_sub(1)).max(at)
}
