//! What `settings_schema` of the manifest describes.

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;
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
}

impl Settings {
    pub(crate) fn apply(self, texts: Texts) -> Tasks {
        let some = |number: u32| (number > 0).then_some(number);
        Tasks {
            texts,
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
        }
    }
}
