//! `/settings`: one's own language, time zone, quiet hours, and where notices go.
//!
//! One card, whose buttons open the choices; what cannot be chosen by a button is typed, and a
//! slip keeps the question open.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use vahta_rows::{Micros, UserId};
use vahta_texts::{Arg, escape_html};

use super::{Button, Cx, Keyboard};
use crate::access::{AccessError, Preferences, Refused, Wish, no_replies};
use crate::flow::FlowError;
use crate::notices::Whither;
use crate::notices::quiet::QuietFault;
use crate::sessions::SessionError;
use crate::texts;

/// The dialogs in which somebody types a time zone, or quiet hours.
pub(super) const ZONE: &str = "own-zone";
pub(super) const QUIET: &str = "own-quiet";
/// How long the bot waits for what somebody wants to type.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

const ZONES: &[&str] = &[
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Kyiv",
    "Europe/Moscow",
    "Asia/Dubai",
    "Asia/Bangkok",
    "Asia/Tokyo",
    "America/New_York",
    "America/Los_Angeles",
];
const NIGHTS: &[(&str, &str)] = &[("22:00", "07:00"), ("23:00", "08:00"), ("20:00", "09:00")];

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    if !cx.is_private() {
        return cx.reply(&cx.t("own-in-private", &[])).await;
    }
    let Some((text, keyboard)) = card(&cx).await? else {
        return Ok(());
    };
    cx.reply_with(&text, keyboard).await
}

/// `own:<what>[:<value>]`; without a value it opens the choices, without anything the card.
pub(super) async fn press(cx: Cx) -> Result<(), FlowError> {
    let (what, value) = match cx.args.split_once(':') {
        Some((what, value)) => (what, Some(value)),
        None => (cx.args.as_str(), None),
    };
    if !cx.is_private() {
        return cx.stale().await;
    }
    let wish = match (what, value) {
        ("", None) => {
            cx.answer("").await?;
            return refresh(&cx).await;
        }
        ("language" | "zone" | "quiet" | "where", None) => {
            cx.answer("").await?;
            let (heading, keyboard) = choices(&cx, what);
            return cx.edit(&heading, keyboard).await;
        }
        ("zone", Some("type")) => return ask(&cx, ZONE).await,
        ("quiet", Some("type")) => return ask(&cx, QUIET).await,
        ("language", Some(tag)) => Wish::language(tag),
        ("zone", Some(name)) => Wish::time_zone(name),
        ("quiet", Some("off")) => Ok(Wish::Quiet(None)),
        ("quiet", Some(hours)) => hours_of(hours),
        ("where", Some(place)) => Wish::whither(place),
        _ => return cx.stale().await,
    };
    match set(&cx, wish).await? {
        Ok(()) => cx.answer(&cx.t("own-saved", &[])).await?,
        Err(refused) => cx.alert(&cx.refusal(&refused)).await?,
    }
    refresh(&cx).await
}

/// The message in which somebody names their time zone.
pub(super) async fn zone_written(cx: Cx) -> Result<(), FlowError> {
    let wish = Wish::time_zone(cx.incoming.text().unwrap_or_default());
    written(&cx, wish).await
}

/// The message in which somebody says when it is quiet.
pub(super) async fn quiet_written(cx: Cx) -> Result<(), FlowError> {
    let wish = hours_of(cx.incoming.text().unwrap_or_default());
    written(&cx, wish).await
}

/// `22:00-07:00`, with any dash.
fn hours_of(typed: &str) -> Result<Wish, Refused> {
    match typed.split_once(['-', '–', '—']) {
        // Nothing at all means no quiet hours on a form; here there is a button for that.
        Some((from, to)) if !from.trim().is_empty() => Wish::quiet(from, to),
        Some(_) => Err(Refused::BadQuiet(QuietFault::NoTime(String::new()))),
        None => Err(Refused::BadQuiet(QuietFault::NoTime(typed.trim().into()))),
    }
}

async fn written(cx: &Cx, wish: Result<Wish, Refused>) -> Result<(), FlowError> {
    let Some(chat) = cx.chat() else {
        return Ok(());
    };
    if let Err(refused) = set(cx, wish).await? {
        // The question stays open: the next message is another try.
        let mut text = cx.refusal(&refused);
        text.push('\n');
        text.push_str(&cx.t("own-again", &[]));
        return cx.reply(&text).await;
    }
    cx.app.sessions.clear(chat, cx.actor.telegram_id).await?;
    let Some((text, keyboard)) = card(cx).await? else {
        return Ok(());
    };
    cx.reply_with(&text, keyboard).await
}

/// Does it; the inner error is what the person has to be told.
async fn set(cx: &Cx, wish: Result<Wish, Refused>) -> Result<Result<(), Refused>, FlowError> {
    let (wish, user) = match (wish, cx.actor.user) {
        (Ok(wish), Some(user)) => (wish, user),
        (Ok(_), None) => return Ok(Err(Refused::NoSuchUser)),
        (Err(refused), _) => return Ok(Err(refused)),
    };
    let access = &cx.app.access;
    match access.prefer(user, &[wish], &cx.by(), &no_replies).await {
        Ok(change) => {
            cx.committed(change.rows);
            cx.app.notices.wake();
            Ok(Ok(()))
        }
        Err(AccessError::Refused(refused)) => Ok(Err(refused)),
        Err(AccessError::Db(error)) => Err(error.into()),
        Err(error) => Err(FlowError::Other(error.to_string())),
    }
}

async fn ask(cx: &Cx, dialog: &str) -> Result<(), FlowError> {
    let Some(chat) = cx.chat() else {
        return Ok(());
    };
    let state = json!({ "dialog": dialog });
    let (person, sessions) = (cx.actor.telegram_id, &cx.app.sessions);
    sessions
        .set(chat, person, super::CORE, state, PATIENCE, None)
        .await
        .map_err(|error| match error {
            SessionError::Db(error) => error.into(),
            SessionError::Conflict { .. } => FlowError::Other(error.to_string()),
        })?;
    cx.answer("").await?;
    let id = if dialog == ZONE {
        "own-type-zone"
    } else {
        "own-type-quiet"
    };
    cx.reply(&cx.t(id, &[])).await
}

async fn refresh(cx: &Cx) -> Result<(), FlowError> {
    match card(cx).await? {
        Some((text, keyboard)) => cx.edit(&text, keyboard).await,
        None => Ok(()),
    }
}

/// What is set, with a button for each; nothing for somebody whom the table does not know.
async fn card(cx: &Cx) -> Result<Option<(String, Keyboard)>, FlowError> {
    let user = cx.actor.user.unwrap_or(UserId(0));
    let Some(preferences) = cx.app.access.preferences(user).await? else {
        return Ok(None);
    };
    // In the language that was just chosen, which this update's actor does not know yet.
    let language = preferences.language.clone();
    let language = language.unwrap_or_else(|| cx.actor.language.clone());
    let t = |id: &str, args: &[(&str, Arg<'_>)]| cx.app.texts.get(&language, id, args);
    let Preferences {
        time_zone, quiet, ..
    } = &preferences;
    let args = [
        (
            "language",
            Arg::from(match &preferences.language {
                Some(chosen) => texts::name_of(chosen).to_string(),
                None => t("own-as-telegram", &[]),
            }),
        ),
        ("zone", Arg::from(escape_html(time_zone))),
        ("time", Arg::from(clock(time_zone))),
        (
            "quiet",
            Arg::from(match quiet {
                Some(quiet) => quiet.to_string(),
                None => t("own-no-quiet", &[]),
            }),
        ),
        ("where", Arg::from(t(place(preferences.whither), &[]))),
    ];
    let button = |id: &str, data: &str| Button::new(t(id, &[]), format!("own:{data}"));
    let keyboard = vec![
        vec![
            button("button-own-language", "language"),
            button("button-own-zone", "zone"),
        ],
        vec![
            button("button-own-quiet", "quiet"),
            button("button-own-where", "where"),
        ],
    ];
    Ok(Some((t("own", &args), keyboard)))
}

fn choices(cx: &Cx, what: &str) -> (String, Keyboard) {
    let own = |text: String, value: &str| Button::new(text, format!("own:{what}:{value}"));
    let mut keyboard: Keyboard = Vec::new();
    let heading = match what {
        "language" => {
            keyboard.push(vec![own(cx.t("own-as-telegram", &[]), "")]);
            for language in texts::languages() {
                keyboard.push(vec![own(texts::name_of(language).to_string(), language)]);
            }
            "own-choose-language"
        }
        "zone" => {
            let zones: Vec<Button> = ZONES
                .iter()
                .map(|zone| own((*zone).to_string(), zone))
                .collect();
            keyboard.extend(zones.chunks(2).map(<[Button]>::to_vec));
            keyboard.push(vec![own(cx.t("button-own-type", &[]), "type")]);
            "own-choose-zone"
        }
        "quiet" => {
            for (from, to) in NIGHTS {
                let hours = format!("{from}-{to}");
                keyboard.push(vec![own(format!("{from}–{to}"), &hours)]);
            }
            keyboard.push(vec![
                own(cx.t("own-no-quiet", &[]), "off"),
                own(cx.t("button-own-type", &[]), "type"),
            ]);
            "own-choose-quiet"
        }
        _ => {
            for whither in Whither::ALL {
                keyboard.push(vec![own(cx.t(place(whither), &[]), whither.as_str())]);
            }
            "own-choose-where"
        }
    };
    keyboard.push(vec![Button::new(cx.t("button-back", &[]), "own")]);
    (cx.t(heading, &[]), keyboard)
}

fn place(whither: Whither) -> &'static str {
    match whither {
        Whither::Web => "own-where-web",
        Whither::Telegram => "own-where-telegram",
        Whither::Both => "own-where-both",
    }
}

/// The time there, so that a wrong zone shows.
fn clock(time_zone: &str) -> String {
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    match Timestamp::from_microsecond(Micros::now().0) {
        Ok(now) => now.to_zoned(zone).strftime("%H:%M").to_string(),
        Err(_) => String::new(),
    }
}
