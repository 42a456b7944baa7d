//! The room that turns strangers away, once and politely, and lets a token open the door.

use std::sync::Arc;

use serde_json::json;
use vahta_rows::Micros;
use vahta_texts::{Arg, escape_html};

use super::{FlowError, Incoming, PlaceKind, Route, deliver};
use crate::access::{Accepted, AccessError, Actor, By, Refusal, Refused, SignedUp, Snapshot, keys};
use crate::accounts::attempts::{Bucket, Verdict};
use crate::app::App;
use crate::commands::{self, Button, Cx};
use crate::outbound::Call;

/// Anonymous admins of a group write as this bot; their presses carry their own id.
/// Source: Bot API, `Message.from`.
pub const ANONYMOUS_ADMIN: i64 = 1_087_968_824;

/// Blocked people are met with silence. What they say in a group is for whoever watches.
pub fn is_blocked(actor: Arc<Actor>, route: Arc<Route>) -> bool {
    actor.blocked && !matches!(*route, Route::Observed)
}

/// Ends the spinner of a pressed button and says nothing.
pub async fn stay_silent(app: App, incoming: Arc<Incoming>) -> Result<(), FlowError> {
    silently(&app, &incoming).await;
    Ok(())
}

/// `/start <token>` or `/claim <token>` in a private chat, from anybody who is not blocked.
pub fn brings_token(incoming: Arc<Incoming>, route: Arc<Route>) -> bool {
    is_private(&incoming) && route.token().is_some()
}

/// Uses the token up and says what it gave; a bad one from a stranger counts as a try.
pub async fn redeem(
    app: App,
    incoming: Arc<Incoming>,
    actor: Arc<Actor>,
    route: Arc<Route>,
) -> Result<(), FlowError> {
    let (Some(sender), Some(token)) = (&incoming.sender, route.token()) else {
        return Ok(());
    };
    let cx = Cx::new(app.clone(), incoming.clone(), actor.clone(), String::new());
    // Strangers' tries are counted by their refusals.
    let tries = Bucket::tokens_of(sender.telegram_id);
    if actor.is_known()
        && let Verdict::Wait { seconds, .. } =
            app.accounts.attempt(std::slice::from_ref(&tries)).await?
    {
        let args = [("seconds", Arg::from(seconds.to_string()))];
        return cx.reply(&cx.t("token-wait", &args)).await;
    }
    if let Some(account) = app.accounts.sent_token(token, sender.telegram_id).await? {
        app.accounts.take_back(&tries).await?;
        return commands::link::ask(&cx, account).await;
    }
    let by = cx.by();
    let replies = |done: &Accepted| {
        let role = escape_html(&done.role);
        let id = if done.claimed {
            "claimed"
        } else {
            "invite-accepted"
        };
        let mut out = vec![cx.outgoing(0, &cx.t(id, &[("role", Arg::from(role.as_str()))]), None)];
        out.extend(tell_inviter(&cx, done));
        out
    };
    match app.access.accept(token, sender, &by, &replies).await {
        Ok(change) => {
            app.accounts.take_back(&tries).await?;
            app.outbox.hand_over(change.rows);
            app.events.wake();
            Ok(())
        }
        Err(AccessError::Refused(Refused::HasItAlready)) => {
            app.accounts.take_back(&tries).await?;
            cx.reply(&cx.t("invite-unneeded", &[])).await
        }
        Err(AccessError::Refused(_)) if actor.is_known() => cx.reply(&cx.t("token-bad", &[])).await,
        Err(AccessError::Refused(_)) => refuse(app, incoming, actor, route).await,
        Err(AccessError::Db(error)) => Err(error.into()),
        Err(error) => Err(FlowError::Other(error.to_string())),
    }
}

/// A yes or no to being linked, which a stranger may say too: they have sent the account's token.
pub fn answers_link(incoming: Arc<Incoming>, route: Arc<Route>) -> bool {
    is_private(&incoming)
        && matches!(&*route, Route::Action { data } if commands::link::ANSWERS.contains(&data.as_str()))
}

/// Links, or not; without a token of theirs it is a forged press.
pub async fn link(
    app: App,
    incoming: Arc<Incoming>,
    actor: Arc<Actor>,
    route: Arc<Route>,
) -> Result<(), FlowError> {
    let Route::Action { data } = &*route else {
        return Ok(());
    };
    let cx = Cx::new(app.clone(), incoming.clone(), actor.clone(), data.clone());
    if commands::link::answer(&cx).await? || actor.is_known() {
        return Ok(());
    }
    refuse(app, incoming, actor, route).await
}

/// A stranger who has an account on the web asks for the link that joins the two.
pub fn asks_for_link(incoming: Arc<Incoming>, actor: Arc<Actor>, route: Arc<Route>) -> bool {
    is_private(&incoming)
        && !actor.is_known()
        && incoming
            .sender
            .as_ref()
            .is_some_and(|sender| !sender.is_bot)
        && matches!(&*route, Route::Command { name, .. } if name == commands::link::NAME)
}

/// Counts it as a try, and sends the link as long as that does not block them.
pub async fn offer_link(
    app: App,
    incoming: Arc<Incoming>,
    actor: Arc<Actor>,
    route: Arc<Route>,
) -> Result<(), FlowError> {
    let (snapshot, now) = (app.access.snapshot(), Micros::now());
    let Some(sender) = incoming.sender.as_ref().filter(|_| snapshot.has_admin(now)) else {
        return refuse(app, incoming, actor, route).await;
    };
    let cx = Cx::new(app.clone(), incoming.clone(), actor.clone(), String::new());
    let by = By {
        user: None,
        ..cx.by()
    };
    let replies = |done: &Refusal| match done.blocked_now {
        true => tell_admins(&cx, &snapshot, done, now),
        false => Vec::new(),
    };
    let change = app
        .access
        .count_refusal(sender, incoming.id, &by, &replies)
        .await?;
    app.outbox.hand_over(change.rows);
    if change.done.blocked_now {
        app.events.wake();
        return Ok(());
    }
    commands::link::offer(&cx, change.done.user).await
}

fn is_private(incoming: &Incoming) -> bool {
    incoming
        .place
        .as_ref()
        .is_some_and(|place| place.kind == PlaceKind::Private)
}

fn tell_inviter(cx: &Cx, done: &Accepted) -> Option<vahta_rows::outbox::Outgoing> {
    let snapshot = cx.app.access.snapshot();
    let maker = snapshot.user(done.invited_by?)?.clone();
    let name = commands::person_link(&cx.actor.name, cx.actor.telegram_id);
    let args = [
        ("name", Arg::from(name)),
        ("role", Arg::from(escape_html(&done.role))),
    ];
    let language = maker.language.as_deref().unwrap_or("en");
    cx.notice(
        1,
        &maker,
        &cx.app.texts.get(language, "invite-used", &args),
        None,
    )
}

/// A stranger's `/start` in a private chat, while sign-up is open.
pub fn signs_up(app: App, incoming: Arc<Incoming>, actor: Arc<Actor>, route: Arc<Route>) -> bool {
    let is_private = incoming
        .place
        .as_ref()
        .is_some_and(|place| place.is_private());
    let is_person = incoming
        .sender
        .as_ref()
        .is_some_and(|sender| !sender.is_bot);
    let is_start =
        matches!(&*route, Route::Command { name, args } if name == "start" && args.is_empty());
    is_private
        && is_person
        && is_start
        && !actor.is_known()
        && app.access.snapshot().sign_up().is_some()
}

/// Gives the role that is open to strangers, and says so.
pub async fn sign_up(
    app: App,
    incoming: Arc<Incoming>,
    actor: Arc<Actor>,
    route: Arc<Route>,
) -> Result<(), FlowError> {
    let Some(sender) = &incoming.sender else {
        return Ok(());
    };
    let cx = Cx::new(app.clone(), incoming.clone(), actor.clone(), String::new());
    let replies = |done: &SignedUp| {
        let role = escape_html(&done.role);
        let text = cx.t("signed-up", &[("role", Arg::from(role.as_str()))]);
        vec![cx.outgoing(0, &text, None)]
    };
    match app.access.sign_up(sender, &cx.by(), &replies).await {
        Ok(change) => {
            app.outbox.hand_over(change.rows);
            app.events.wake();
            Ok(())
        }
        Err(AccessError::Db(error)) => Err(error.into()),
        // It was closed a moment ago: a stranger like every other.
        Err(_) => refuse(app, incoming, actor, route).await,
    }
}

/// Somebody without any key, who addressed the bot.
pub fn is_stranger(incoming: Arc<Incoming>, actor: Arc<Actor>, route: Arc<Route>) -> bool {
    incoming.sender.is_some() && !actor.is_known() && route.is_addressed()
}

/// One polite refusal, then silence, then a block that admins are told of.
pub async fn refuse(
    app: App,
    incoming: Arc<Incoming>,
    actor: Arc<Actor>,
    route: Arc<Route>,
) -> Result<(), FlowError> {
    let Some(sender) = &incoming.sender else {
        return Ok(());
    };
    if sender.telegram_id == ANONYMOUS_ADMIN {
        return ask_for_proof(&app, &incoming, &route).await;
    }
    if sender.is_bot {
        return Ok(());
    }
    let cx = Cx::new(app.clone(), incoming.clone(), actor.clone(), String::new());
    let snapshot = app.access.snapshot();
    let now = Micros::now();
    if !snapshot.has_admin(now) {
        // Nobody could lift a block yet; the ordinary limit keeps this short.
        let id = if route.token().is_some() {
            "token-bad"
        } else {
            "refusal-unclaimed"
        };
        let text = cx.t(id, &[]);
        return match app.limits.check(sender.telegram_id, None, None) {
            Ok(()) => deliver::say(&app, &incoming, &text).await,
            Err(_) => stay_silent(app, incoming).await,
        };
    }
    let by = By {
        user: None,
        ..cx.by()
    };
    let is_press = incoming.callback_id().is_some();
    let refusal = refusal_text(&cx, &snapshot, route.token().is_some(), now);
    let replies = |done: &Refusal| {
        let mut out = Vec::new();
        if done.count == 1 && !is_press {
            out.push(cx.outgoing(0, &refusal, None));
        }
        if done.blocked_now {
            out.extend(tell_admins(&cx, &snapshot, done, now));
        }
        out
    };
    let change = app
        .access
        .count_refusal(sender, incoming.id, &by, &replies)
        .await?;
    let done = change.done;
    app.outbox.hand_over(change.rows);
    tracing::info!(
        update = %incoming.id, user = %done.user, count = done.count, blocked = done.blocked_now,
        "refused a stranger"
    );
    if done.blocked_now {
        app.events.wake();
    }
    if is_press && done.count == 1 {
        return deliver::say(&app, &incoming, &refusal).await;
    }
    stay_silent(app, incoming).await
}

/// Says whom to ask: at most three admins, by the names that Telegram shows anyway.
fn refusal_text(cx: &Cx, snapshot: &Snapshot, brought_token: bool, now: Micros) -> String {
    let admins: Vec<String> = snapshot
        .holders(keys::USERS_MANAGE, now)
        .iter()
        .filter_map(|admin| match &admin.username {
            Some(username) => Some(format!("@{}", escape_html(username))),
            None if !admin.name.is_empty() => Some(escape_html(&admin.name)),
            None => None,
        })
        .take(3)
        .collect();
    let whom = admins.join(", ");
    let id = match (brought_token, admins.is_empty()) {
        (true, _) => "refusal-token",
        (false, true) => "refusal",
        (false, false) => "refusal-ask",
    };
    cx.t(id, &[("admins", Arg::from(whom.as_str()))])
}

fn tell_admins(
    cx: &Cx,
    snapshot: &Snapshot,
    done: &Refusal,
    now: Micros,
) -> Vec<vahta_rows::outbox::Outgoing> {
    let name = commands::person_link(&cx.actor.name, cx.actor.telegram_id);
    let admins = snapshot.holders(keys::USERS_MANAGE, now);
    (1..)
        .zip(&admins)
        .filter_map(|(ordinal, admin)| {
            let language = admin.language.as_deref().unwrap_or("en");
            let texts = &cx.app.texts;
            let args = [
                ("name", Arg::from(name.as_str())),
                ("count", Arg::from(done.count)),
            ];
            let text = texts.get(language, "auto-blocked", &args);
            let caption = texts.get(language, "button-unblock", &[]);
            let button = Button::new(caption, format!("unblock:{}", done.user));
            cx.notice(ordinal, admin, &text, Some(vec![vec![button]]))
        })
        .collect()
}

/// An anonymous admin proves who they are by pressing a button; the command then runs as theirs.
async fn ask_for_proof(app: &App, incoming: &Incoming, route: &Route) -> Result<(), FlowError> {
    let is_command = matches!(route, Route::Command { .. } | Route::PluginCommand { .. });
    let (Some(place), Some(message)) = (&incoming.place, incoming.message_id()) else {
        return Ok(());
    };
    if !is_command {
        return Ok(());
    }
    let language = "en";
    let button = Button::new(
        app.texts.get(language, "button-prove", &[]),
        commands::PROVE.to_string(),
    );
    let mut payload = json!({
        "chat_id": place.chat.0,
        "text": app.texts.get(language, "prove", &[]),
        "parse_mode": "HTML",
        "reply_parameters": { "message_id": message },
        "reply_markup": commands::markup(&[vec![button]]),
    });
    if let Some(thread) = place.thread_id {
        payload["message_thread_id"] = thread.into();
    }
    if let Err(error) = app.outbound.call(Call::reply("SendMessage", payload)).await {
        tracing::info!(%error, update = %incoming.id, "an answer could not be given");
    }
    Ok(())
}

async fn silently(app: &App, incoming: &Incoming) {
    let Some(id) = incoming.callback_id() else {
        return;
    };
    let answer = Call::reply("AnswerCallbackQuery", json!({ "callback_query_id": id }));
    if let Err(error) = app.outbound.call(answer).await {
        tracing::debug!(%error, update = %incoming.id, "a press could not be ended");
    }
}
