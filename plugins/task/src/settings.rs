//! What `settings_schema` of the manifest describes.

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::{SignedDuration, civil};
use serde::Deserialize;
use vahta_plugin_sdk::Error;
use vahta_plugin_sdk::texts::Texts;

use crate::store::lists::PageLength;
use crate::{Approval, Approvals, Tasks};

#[derive(Deserialize)]
pub(crate) struct Settings {
    page_length: NonZeroU32,
    approval: Approval,
    approvals_needed: u8,
    /// 0: never.
    approval_days: u32,
    /// 0: no reminder.
    remind_minutes: u32,
    /// 0: nobody is told.
    overdue_hours: u32,
    /// Such as "08:00"; empty: never.
    digest: String,
}

impl Settings {
    /// # Errors
    /// A time that is none.
    pub(crate) fn apply(self, texts: Texts) -> Result<Tasks, Error> {
        let some = |number: u32| (number > 0).then_some(number);
        let digest = match self.digest.trim() {
            "" => None,
            time => Some(civil::Time::strptime("%H:%M", time).map_err(|_| {
                Error::other(format!("digest: {time} is no time of day such as 08:00"))
            })?),
        };
        Ok(Tasks {
            texts,
            digest,
            page_length: PageLength(self.page_length),
            approval: Approvals {
                rule: self.approval,
                needed: self.approvals_needed,
                expires: some(self.approval_days)
                    .map(|days| Duration::from_secs(u64::from(days) * 86_400)),
            },
            remind_before: some(self.remind_minutes)
                .map(|minutes| SignedDuration::from_mins(i64::from(minutes))),
            overdue_after: some(self.overdue_hours)
                .map(|hours| SignedDuration::from_hours(i64::from(hours))),
        })
    }
}
