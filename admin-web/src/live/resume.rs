//! What a watcher missed while it was away.

use bot_core::events::{Cursor, Events, Recorded};
use vahta_rows::DbError;

/// More than this is not sent one by one: the page asks for everything again.
const MOST: i64 = 1_000;

/// The events behind `after` up to and with `position`; `None` when they are no longer all kept, or
/// too many.
pub(super) async fn between(
    events: &Events,
    after: Cursor,
    position: Cursor,
) -> Result<Option<Vec<Recorded>>, DbError> {
    if after > position || !events.keeps(after).await? {
        return Ok(None);
    }
    let mut missed = events.after(after, MOST + 1).await?;
    let all =
        missed.last().is_none_or(|last| last.cursor >= position) || (missed.len() as i64) <= MOST;
    missed.retain(|event| event.cursor <= position);
    Ok((all && (missed.len() as i64) <= MOST).then_some(missed))
}
