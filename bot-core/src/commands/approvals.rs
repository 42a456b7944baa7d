//! `/approvals`: what waits for me, and what I asked for; a button opens each as a card.

use vahta_rows::{ApprovalId, UserId};
use vahta_texts::{Arg, escape_html};

use super::{Button, Cx, Keyboard, approval};
use crate::approvals::View;
use crate::approvals::list::{self, Which};
use crate::flow::FlowError;

const PAGE: usize = 6;

/// The lists, with the letter that stands for each in a button, its heading and its button.
const LISTS: &[(&str, Which, &str, &str)] = &[
    ("d", Which::ToDecide, "approvals-mine", "button-to-decide"),
    ("a", Which::Asked, "approvals-asked", "button-asked"),
];

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    page(&cx, 0, None).await
}

/// `approvals:<list>:<before>`; 0 is the first page.
pub(super) async fn turn(cx: Cx) -> Result<(), FlowError> {
    let (letter, before) = cx.args.split_once(':').unwrap_or((&cx.args, "0"));
    let list = LISTS.iter().position(|(known, ..)| *known == letter);
    let (Some(list), Ok(before)) = (list, before.parse::<i64>()) else {
        return cx.stale().await;
    };
    cx.answer("").await?;
    page(&cx, list, (before > 0).then_some(before)).await
}

/// `ask:<id>`: the card, as a message of its own.
pub(super) async fn open(cx: Cx) -> Result<(), FlowError> {
    let Ok(id) = cx.args.parse().map(ApprovalId) else {
        return cx.stale().await;
    };
    let Some((_, view)) = approval::seen(&cx, id).await? else {
        return cx.alert(&cx.t("approval-gone", &[])).await;
    };
    cx.answer("").await?;
    let (text, keyboard) = approval::card(&cx, &view);
    cx.reply_with(&text, keyboard).await
}

async fn page(cx: &Cx, number: usize, before: Option<i64>) -> Result<(), FlowError> {
    // What is asked is for those who decide it, not for everybody in a group.
    if !cx.is_private() {
        return cx.reply(&cx.t("approvals-in-private", &[])).await;
    }
    let (letter, which, heading, _) = LISTS[number];
    let user = cx.actor.user.unwrap_or(UserId(0));
    let snapshot = cx.app.access.snapshot();
    let page = list::page(&cx.app.db, &snapshot, user, which, before, PAGE).await?;
    let mut lines = vec![cx.t(heading, &[])];
    if page.views.is_empty() {
        lines.push(cx.t("approvals-none", &[]));
    }
    lines.extend(page.views.iter().map(|view| line(cx, view)));
    let mut keyboard: Keyboard = page.views.iter().map(|view| vec![button(view)]).collect();
    let mut turns = Vec::new();
    if before.is_some() {
        turns.push(Button::new("◀", format!("approvals:{letter}:0")));
    }
    if let Some(next) = page.next {
        turns.push(Button::new("▶", format!("approvals:{letter}:{next}")));
    }
    keyboard.push(turns);
    let others = LISTS.iter().filter(|(other, ..)| *other != letter);
    let others = others.map(|(other, .., caption)| {
        Button::new(cx.t(caption, &[]), format!("approvals:{other}:0"))
    });
    keyboard.push(others.collect());
    keyboard.retain(|row| !row.is_empty());
    cx.show(&lines.join("\n"), keyboard).await
}

fn line(cx: &Cx, view: &View) -> String {
    let args = [
        ("id", Arg::from(view.approval.id)),
        ("title", Arg::from(escape_html(&view.approval.title))),
        (
            "name",
            Arg::from(escape_html(&view.asker().unwrap_or_default())),
        ),
        ("have", Arg::from(view.have())),
        ("needed", Arg::from(view.approval.needed)),
    ];
    cx.t("approvals-line", &args)
}

/// Telegram shows about 30 characters of a caption.
fn button(view: &View) -> Button {
    let title: String = view.approval.title.chars().take(30).collect();
    Button::new(title, format!("ask:{}", view.approval.id))
}
