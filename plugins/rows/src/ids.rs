//! Newtypes for the numbers that cross rooms, so that a chat is never taken for a user.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(/// One person in Vahta, whether known from Telegram, from the web or from both.
    UserId);
id!(/// A Telegram chat id: positive for private chats, negative for groups and channels.
    ChatId);
id!(/// Telegram's `update_id`.
    UpdateId);
id!(/// A row of `outbox`.
    OutboxId);
id!(/// A row of `jobs`.
    JobId);
id!(/// A row of `events`.
    EventId);
id!(/// A row of `approvals`.
    ApprovalId);
id!(/// A row of `notices`.
    NoticeId);
id!(/// A row of `downloads`: the right to download one file once.
    DownloadId);
id!(/// One run of one server process; rows that it claimed carry this id.
    InstanceId);
