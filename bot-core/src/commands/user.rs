//! One person's page: what they hold, with buttons that give, take, block and unblock.

use vahta_rows::UserId;
use vahta_texts::{Arg, escape_html};

use super::parse::Target;
use super::{Button, Cx, Keyboard, show};
use crate::access::{Person, Reach, Who, keys, no_replies};
use crate::flow::FlowError;

/// `/users @lim`.
pub(super) async fn by_name(cx: Cx) -> Result<(), FlowError> {
    let args = cx.args.clone();
    let mut words: Vec<&str> = args.split_whitespace().collect();
    match cx.target(&mut words).await? {
        Target::Known(person) if words.is_empty() => card(&cx, person.id).await,
        Target::Name(_) | Target::Id(_) => cx.reply(&cx.t("no-such-user", &[])).await,
        _ => cx.usage("users").await,
    }
}

/// `user:<id>`.
pub(super) async fn open(cx: Cx) -> Result<(), FlowError> {
    let Some(id) = user_id(&cx.args) else {
        return cx.stale().await;
    };
    cx.answer("").await?;
    card(&cx, id).await
}

/// `give:<id>:<role>`.
pub(super) async fn give(cx: Cx) -> Result<(), FlowError> {
    let Some((id, role)) = user_and_role(&cx.args) else {
        return cx.stale().await;
    };
    let by = cx.by();
    let change = cx
        .app
        .access
        .grant(id, role, Reach::Everywhere, None, &by, &no_replies)
        .await;
    let done = cx.finish(change).await?.map(|_| "done");
    again(&cx, id, done).await
}

/// `take:<id>:<role>`: the grant that holds everywhere.
pub(super) async fn take(cx: Cx) -> Result<(), FlowError> {
    let Some((id, role)) = user_and_role(&cx.args) else {
        return cx.stale().await;
    };
    let reach = Some(Reach::Everywhere);
    let change = cx
        .app
        .access
        .revoke(id, Some(role), reach, &cx.by(), &no_replies)
        .await;
    let done = cx.finish(change).await?.map(|_| "done");
    again(&cx, id, done).await
}

/// `block:<id>`.
pub(super) async fn block(cx: Cx) -> Result<(), FlowError> {
    let Some(id) = user_id(&cx.args) else {
        return cx.stale().await;
    };
    let change = cx.app.access.block(id, "", &cx.by(), &no_replies).await;
    let done = cx.finish(change).await?;
    again(
        &cx,
        id,
        done.map(|d| if d.changed { "done" } else { "done-before" }),
    )
    .await
}

/// `unblock:<id>`, here and under the notice of an automatic block.
pub(super) async fn unblock(cx: Cx) -> Result<(), FlowError> {
    let Some(id) = user_id(&cx.args) else {
        return cx.stale().await;
    };
    let change = cx.app.access.unblock(id, &cx.by(), &no_replies).await;
    let done = cx.finish(change).await?;
    again(
        &cx,
        id,
        done.map(|d| if d.changed { "done" } else { "done-before" }),
    )
    .await
}

/// Ends the press and shows the person as they are now; after a refusal, which ended it, too.
async fn again(cx: &Cx, id: UserId, done: Option<&str>) -> Result<(), FlowError> {
    if let Some(text) = done {
        cx.answer(&cx.t(text, &[])).await?;
    }
    card(cx, id).await
}

async fn card(cx: &Cx, id: UserId) -> Result<(), FlowError> {
    let Some(person) = cx.app.access.find(&Who::User(id)).await? else {
        return cx.say(&cx.t("no-such-user", &[])).await;
    };
    let snapshot = cx.app.access.snapshot();
    let known = snapshot.user(id);
    let grants = known
        .map(|known| cx.grants(&known.grants))
        .unwrap_or_default();
    let blocked = match &person.blocked {
        Some(blocked) => {
            let reason = escape_html(blocked.reason.as_deref().unwrap_or("—"));
            let args = [
                ("when", Arg::from(cx.when(blocked.since))),
                ("reason", Arg::from(reason)),
            ];
            cx.t("user-blocked", &args)
        }
        None => String::new(),
    };
    let telegram_id = person
        .telegram_id
        .map_or_else(|| "—".to_string(), |id| id.to_string());
    let text = cx.t(
        "user",
        &[
            ("person", Arg::from(show::person(&person))),
            ("id", Arg::from(telegram_id)),
            ("seen", Arg::from(cx.when(person.last_seen))),
            ("refusals", Arg::from(person.refusals)),
            ("roles", Arg::from(grants)),
            ("blocked", Arg::from(blocked)),
        ],
    );
    let keyboard = keyboard(cx, &person);
    cx.show(text.trim_end(), keyboard).await
}

fn keyboard(cx: &Cx, person: &Person) -> Keyboard {
    let snapshot = cx.app.access.snapshot();
    let now = cx.now();
    let mut rows = Keyboard::new();
    if cx.actor.may(keys::USERS_MANAGE) {
        let known = snapshot.user(person.id);
        let holds = |role: &str| {
            known.is_some_and(|known| {
                known.grants.iter().any(|grant| {
                    grant.role == role && grant.reach == Reach::Everywhere && grant.is_current(now)
                })
            })
        };
        let roles: Vec<Button> = snapshot
            .roles()
            .filter(|(name, role)| {
                *name != keys::GUEST && cx.actor.keys.lacks(&role.keys).is_empty()
            })
            .map(|(name, _)| {
                let args = [("role", Arg::from(name))];
                if holds(name) {
                    Button::new(
                        cx.t("button-take", &args),
                        format!("take:{}:{name}", person.id),
                    )
                } else {
                    Button::new(
                        cx.t("button-give", &args),
                        format!("give:{}:{name}", person.id),
                    )
                }
            })
            .collect();
        rows.extend(roles.chunks(2).map(<[Button]>::to_vec));
        rows.push(vec![if person.blocked.is_some() {
            Button::new(
                cx.t("button-unblock", &[]),
                format!("unblock:{}", person.id),
            )
        } else {
            Button::new(cx.t("button-block", &[]), format!("block:{}", person.id))
        }]);
    }
    rows.push(vec![Button::new(cx.t("button-users", &[]), "users:m:0")]);
    rows
}

fn user_id(text: &str) -> Option<UserId> {
    text.parse().ok().map(UserId)
}

fn user_and_role(text: &str) -> Option<(UserId, &str)> {
    let (id, role) = text.split_once(':')?;
    Some((user_id(id)?, role))
}
