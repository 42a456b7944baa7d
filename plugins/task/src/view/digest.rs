//! The morning digest.

use super::*;
use crate::press::Look;
use crate::store::digest::Due;

/// Lines of a digest; the list has the others.
const LINES: usize = 12;

impl View<'_> {
    pub(crate) fn digest(&self, due: &[&Due]) -> Screen {
        let mut lines = vec![self.digest_head(due)];
        lines.extend(due.iter().take(LINES).map(|due| {
            let id = if self.is_over(due) {
                "digest-overdue"
            } else {
                "digest-due"
            };
            let title = escape_html(&shortened(&due.title, 100));
            let number = due.task.to_string();
            self.text(
                id,
                args!["number" => number, "title" => title, "time" => self.time(due.at)],
            )
        }));
        if due.len() > LINES {
            lines.push(self.text("parts-hidden", args!["count" => due.len() - LINES]));
        }
        let mine = Press::List {
            page: 1,
            look: Look::Mine,
        };
        Screen {
            text: lines.join("\n"),
            keyboard: InlineKeyboardMarkup::new([[button(self.text("digest-list", &[]), mine)]]),
        }
    }

    pub(crate) fn digest_in_short(&self, due: &[&Due]) -> String {
        self.digest_head(due)
    }

    fn digest_head(&self, due: &[&Due]) -> String {
        let over = due.iter().filter(|due| self.is_over(due)).count();
        let args = args!["today" => due.len() - over, "overdue" => over];
        self.text("digest-head", args)
    }

    fn is_over(&self, due: &Due) -> bool {
        due.at < self.now.as_microsecond()
    }
}
