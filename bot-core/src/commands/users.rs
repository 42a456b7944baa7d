//! `/users`: who there is, in pages; a button opens each person.

use vahta_texts::{Arg, escape_html};

use super::{Button, Cx, Keyboard, show};
use crate::access::people::Which;
use crate::access::{Person, Snapshot};
use crate::flow::FlowError;

const PAGE: u32 = 8;

/// The lists, with the letter that stands for each in a button.
const LISTS: &[(char, Which)] = &[
    ('m', Which::Members),
    ('b', Which::Blocked),
    ('r', Which::Refused),
    ('e', Which::Everyone),
];

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    if !cx.args.is_empty() {
        return super::user::by_name(cx).await;
    }
    page(&cx, 'm', 0).await
}

/// `users:<list>:<page>`.
pub(super) async fn turn(cx: Cx) -> Result<(), FlowError> {
    let (list, number) = cx.args.split_once(':').unwrap_or((&cx.args, "0"));
    let list = list
        .chars()
        .next()
        .filter(|c| LISTS.iter().any(|(letter, _)| letter == c));
    let (Some(list), Ok(number)) = (list, number.parse::<u32>()) else {
        return cx.stale().await;
    };
    cx.answer("").await?;
    page(&cx, list, number.min(100_000)).await
}

async fn page(cx: &Cx, list: char, number: u32) -> Result<(), FlowError> {
    let which = LISTS
        .iter()
        .find(|(l, _)| *l == list)
        .map_or(Which::Members, |(_, which)| *which);
    let page = cx.app.access.people(which, number, PAGE).await?;
    let snapshot = cx.app.access.snapshot();
    let heading = match which {
        Which::Members => "users-members",
        Which::Blocked => "users-blocked",
        Which::Refused => "users-refused",
        Which::Everyone => "users-everyone",
    };
    let mut lines = vec![cx.t(heading, &[("page", Arg::from(number + 1))])];
    if page.people.is_empty() {
        lines.push(cx.t("users-none", &[]));
    }
    lines.extend(page.people.iter().map(|person| line(cx, &snapshot, person)));
    let mut keyboard: Keyboard = page
        .people
        .chunks(2)
        .map(|pair| {
            let open = |p: &Person| Button::new(show::caption(p), format!("user:{}", p.id));
            pair.iter().map(open).collect()
        })
        .collect();
    let mut turns = Vec::new();
    if number > 0 {
        turns.push(Button::new("◀", format!("users:{list}:{}", number - 1)));
    }
    if page.has_more {
        turns.push(Button::new("▶", format!("users:{list}:{}", number + 1)));
    }
    keyboard.push(turns);
    let others = LISTS
        .iter()
        .filter(|(letter, _)| *letter != list)
        .map(|(letter, which)| {
            let id = match which {
                Which::Members => "button-members",
                Which::Blocked => "button-blocked",
                Which::Refused => "button-refused",
                Which::Everyone => "button-everyone",
            };
            Button::new(cx.t(id, &[]), format!("users:{letter}:0"))
        });
    keyboard.push(others.collect());
    keyboard.retain(|row| !row.is_empty());
    cx.show(&lines.join("\n"), keyboard).await
}

fn line(cx: &Cx, snapshot: &Snapshot, person: &Person) -> String {
    let now = cx.now();
    let mut roles: Vec<String> = snapshot
        .user(person.id)
        .iter()
        .flat_map(|known| &known.grants)
        .filter(|grant| grant.is_current(now))
        .map(|grant| escape_html(&grant.role))
        .collect();
    roles.dedup();
    let id = if person.blocked.is_some() {
        "users-line-blocked"
    } else {
        "users-line"
    };
    cx.t(
        id,
        &[
            ("person", Arg::from(show::person(person))),
            ("roles", Arg::from(roles.join(", "))),
            ("refusals", Arg::from(person.refusals)),
        ],
    )
}
