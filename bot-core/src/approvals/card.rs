//! What a message shows of a question, for one reader: in their language, in their time zone, with
//! the buttons that would work now.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use vahta_rows::approvals::ApprovalState;
use vahta_rows::{Micros, UserId};
use vahta_texts::{Arg, Texts, escape_html};

use super::View;
use crate::commands::{Button, Keyboard};

/// Characters of the detail; the button for details shows the rest.
const DETAIL: usize = 300;

/// Who looks.
#[derive(Debug, Clone)]
pub struct Reader {
    pub user: UserId,
    pub language: String,
    /// IANA name.
    pub time_zone: String,
    /// Would a vote of theirs be taken?
    pub may_decide: bool,
}

/// A card's text and buttons.
pub fn card(texts: &Texts, reader: &Reader, view: &View) -> (String, Keyboard) {
    let mut lines = lines(texts, reader, view, DETAIL);
    let vote = view.vote_of(reader.user);
    if let Some(vote) = vote.filter(|_| view.approval.is_open()) {
        let when = when(reader, Micros(vote.at));
        lines.push(reader.t(texts, "approval-yours", &[("when", Arg::from(when))]));
    }
    (lines.join("\n"), keyboard(texts, reader, view))
}

/// Everything there is to know, for whoever asks.
pub fn details(texts: &Texts, reader: &Reader, view: &View, url: &str) -> String {
    /// So that the rest fits into a message too.
    const WHOLE: usize = 3_000;
    let mut lines = lines(texts, reader, view, WHOLE);
    let args = [
        (
            "permission",
            Arg::from(escape_html(&view.approval.permission)),
        ),
        (
            "when",
            Arg::from(when(reader, Micros(view.approval.created_at))),
        ),
        ("plugin", Arg::from(escape_html(&view.approval.plugin))),
    ];
    lines.push(reader.t(texts, "approval-asked-at", &args));
    for vote in &view.votes {
        let id = if vote.approves {
            "approval-vote-for"
        } else {
            "approval-vote-against"
        };
        let args = [
            ("name", Arg::from(escape_html(&view.name(vote.user_id)))),
            ("when", Arg::from(when(reader, Micros(vote.at)))),
        ];
        lines.push(reader.t(texts, id, &args));
    }
    if !view.approval.web_path.is_empty() {
        lines.push(escape_html(&format!("{url}{}", view.approval.web_path)));
    }
    lines.join("\n")
}

/// "✅ approved by Ada, 12:04", for a decided question.
pub fn outcome(texts: &Texts, reader: &Reader, view: &View) -> String {
    let at = Micros(view.approval.decided_at.unwrap_or_default());
    ended(texts, reader, view.approval.state(), &view.deciders(), at)
}

/// How it ended, by whom, when.
pub fn ended(
    texts: &Texts,
    reader: &Reader,
    state: ApprovalState,
    name: &str,
    at: Micros,
) -> String {
    let id = match (state, name.is_empty()) {
        (ApprovalState::Approved, _) => "approval-approved",
        (ApprovalState::Rejected, _) => "approval-rejected",
        (ApprovalState::Withdrawn, false) => "approval-withdrawn",
        (ApprovalState::Withdrawn, true) => "approval-taken-back",
        (ApprovalState::Expired | ApprovalState::Open, _) => "approval-expired",
    };
    let args = [
        ("name", Arg::from(escape_html(name))),
        ("when", Arg::from(when(reader, at))),
    ];
    reader.t(texts, id, &args)
}

fn lines(texts: &Texts, reader: &Reader, view: &View, most: usize) -> Vec<String> {
    let approval = &view.approval;
    let title = escape_html(&approval.title);
    let mut lines = vec![reader.t(texts, "approval-title", &[("title", Arg::from(title))])];
    if !approval.detail.is_empty() {
        lines.push(escape_html(&cut(&approval.detail, most)));
    }
    if !approval.link.is_empty() {
        lines.push(escape_html(&approval.link));
    }
    if let Some(name) = view.asker() {
        let name = escape_html(&name);
        lines.push(reader.t(texts, "approval-asker", &[("name", Arg::from(name))]));
    }
    if !approval.is_open() {
        lines.push(outcome(texts, reader, view));
        if let Some(reason) = view.reason() {
            let reason = escape_html(reason);
            lines.push(reader.t(texts, "approval-reason", &[("reason", Arg::from(reason))]));
        }
        return lines;
    }
    if approval.needed > 1 {
        let args = [
            ("have", Arg::from(view.have())),
            ("needed", Arg::from(approval.needed)),
            ("names", Arg::from(escape_html(&view.approvers()))),
        ];
        lines.push(reader.t(texts, "approval-count", &args));
    }
    if let Some(at) = approval.expires_at {
        let when = when(reader, Micros(at));
        lines.push(reader.t(texts, "approval-until", &[("when", Arg::from(when))]));
    }
    lines
}

fn keyboard(texts: &Texts, reader: &Reader, view: &View) -> Keyboard {
    let id = view.approval.id;
    let button =
        |text: &str, data: &str| Button::new(reader.t(texts, text, &[]), format!("{data}:{id}"));
    let mut keyboard = Keyboard::new();
    if view.approval.is_open() {
        if reader.may_decide && view.vote_of(reader.user).is_none() {
            keyboard.push(vec![
                button("button-approve", "approve"),
                button("button-reject", "reject"),
            ]);
        }
        if view.approval.requested_by == Some(reader.user.0) {
            keyboard.push(vec![button("button-unask", "unask")]);
        }
    }
    keyboard.push(vec![button("button-details", "details")]);
    keyboard
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_string();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// As short as it can be: the time alone on the reader's own day.
fn when(reader: &Reader, at: Micros) -> String {
    let zone = TimeZone::get(&reader.time_zone).unwrap_or(TimeZone::UTC);
    let Ok(at) = Timestamp::from_microsecond(at.0) else {
        return String::new();
    };
    let (at, now) = (at.to_zoned(zone.clone()), Timestamp::now().to_zoned(zone));
    let form = if at.date() == now.date() {
        "%H:%M"
    } else {
        "%Y-%m-%d %H:%M"
    };
    at.strftime(form).to_string()
}

impl Reader {
    fn t(&self, texts: &Texts, id: &str, args: &[(&str, Arg<'_>)]) -> String {
        texts.get(&self.language, id, args)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_detail_is_cut_with_a_sign_that_it_is() {
        assert_eq!(cut("short", 300), "short");
        let cut = cut(&"ä".repeat(301), 300);
        assert_eq!(cut.chars().count(), 300);
        assert!(cut.ends_with('…'));
    }

    #[test]
    fn a_time_of_another_day_says_which() {
        let reader = Reader {
            user: UserId(1),
            language: "en".into(),
            time_zone: "Asia/Bangkok".into(),
            may_decide: true,
        };
        assert_eq!(when(&reader, Micros(0)), "1970-01-01 07:00");
        assert_eq!(when(&reader, Micros::now()).len(), 5);
    }
}
