//! What happened, for everyone who watches (web pages, other instances, plugins).
//!
//! PostgreSQL hands out ids out of commit order, so there a row carries its transaction id and a
//! reader takes only what is below the snapshot's xmin; the cursor is (xid, id). On SQLite, with
//! one writer, `xid` is 0 and the id alone is in commit order.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::schema::events;
use crate::{DbError, EventId, Micros, PgConn, SqliteConn};

/// Something that happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    /// What kind of thing, such as "task.done".
    pub topic: String,
    /// Which thing, such as "task:12": who may not see it does not get the event.
    pub object: String,
    pub payload: Value,
}

/// Writing events on either connection; used inside [`transaction!`](crate::transaction).
#[async_trait::async_trait]
pub trait PutEvent {
    async fn put_event(&mut self, event: &Event) -> Result<EventId, DbError>;
}

macro_rules! put_event {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl PutEvent for $conn {
            async fn put_event(&mut self, event: &Event) -> Result<EventId, DbError> {
                use diesel::prelude::*;
                use diesel_async::RunQueryDsl;
                let id: i64 = diesel::insert_into(events::table)
                    .values((
                        events::topic.eq(event.topic.clone()),
                        events::object.eq(event.object.clone()),
                        events::payload.eq(serde_json::to_string(&event.payload)?),
                        events::at.eq(Micros::now().0),
                    ))
                    .returning(events::id)
                    .get_result(self)
                    .await?;
                Ok(EventId(id))
            }
        }
    };
}
put_event!(SqliteConn);
put_event!(PgConn);
