//! What people choose for themselves: language, time zone, quiet hours, where notices go.

use bot_core::access::{Preferences, Refused, Wish, no_replies};
use bot_core::notices::Whither;
use bot_core::notices::quiet::QuietFault;
use bot_core::texts;
use maud::{Markup, html};
use serde::Deserialize;
use vahta_texts::Arg;

use super::render;
use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::page;
use crate::parts::option;
use crate::problem::Problem;

/// The form as it was sent, or as it is set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    language: String,
    time_zone: String,
    quiet_from: String,
    quiet_to: String,
    notices: String,
}

impl Typed {
    fn of(preferences: Preferences) -> Self {
        let time = |text: fn(bot_core::notices::Quiet) -> String| {
            preferences.quiet.map(text).unwrap_or_default()
        };
        Self {
            quiet_from: time(bot_core::notices::Quiet::from_text),
            quiet_to: time(bot_core::notices::Quiet::to_text),
            language: preferences.language.unwrap_or_default(),
            time_zone: preferences.time_zone,
            notices: preferences.whither.as_str().into(),
        }
    }

    fn wishes(&self) -> Result<Vec<Wish>, Refused> {
        Ok(vec![
            Wish::language(&self.language)?,
            Wish::time_zone(&self.time_zone)?,
            Wish::quiet(&self.quiet_from, &self.quiet_to)?,
            Wish::whither(&self.notices)?,
        ])
    }
}

/// What was typed and is not taken, with why.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    typed: Typed,
    why: Refused,
}

/// The form; after a refusal with what was typed.
pub(crate) async fn card(
    cx: &Cx,
    action: &str,
    refusal: Option<&Refusal>,
) -> Result<Markup, Problem> {
    let user = cx.viewer.user.ok_or(Problem::Login)?;
    let typed = match refusal {
        Some(refusal) => refusal.typed.clone(),
        None => {
            let preferences = cx.app()?.access.preferences(user).await?;
            Typed::of(preferences.ok_or(Problem::Login)?)
        }
    };
    let zones: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.to_string())
        .collect();
    Ok(html! {
        section.card {
            h2 { (cx.t("settings-own", &[])) }
            @if let Some(Refusal { why, .. }) = refusal { div.note.bad.fault role="alert" { (told(cx, why)) } }
            form.stack method="post" action=(action) {
                (page::csrf(cx))
                label { (cx.t("language", &[])) select name="language" {
                    (option("", &cx.t("language-text", &[]), &typed.language))
                    @for language in texts::languages() { (option(language, texts::name_of(language), &typed.language)) }
                } }
                label { (cx.t("time-zone", &[]))
                    input name="time_zone" list="zones" required value=(typed.time_zone) autocomplete="off";
                }
                datalist #zones { @for zone in &zones { option value=(zone) {} } }
                fieldset {
                    legend { (cx.t("quiet-hours", &[])) }
                    div.line {
                        label { (cx.t("quiet-from", &[])) input name="quiet_from" value=(typed.quiet_from) placeholder="22:00" maxlength="8" autocomplete="off"; }
                        label { (cx.t("quiet-to", &[])) input name="quiet_to" value=(typed.quiet_to) placeholder="07:00" maxlength="8" autocomplete="off"; }
                    }
                }
                label { (cx.t("nav-notices", &[])) select name="notices" {
                    @for whither in Whither::ALL {
                        (option(whither.as_str(), &cx.t(place(whither), &[]), &typed.notices))
                    }
                } }
                div { button.main { (cx.t("save", &[])) } }
            }
        }
    })
}

fn place(whither: Whither) -> &'static str {
    match whither {
        Whither::Web => "notices-to-web",
        Whither::Telegram => "notices-to-telegram",
        Whither::Both => "notices-to-both",
    }
}

/// Why it is not taken, in the viewer's language.
fn told(cx: &Cx, why: &Refused) -> String {
    match why {
        Refused::NoSuchTimeZone { name, near } => match near {
            Some(near) => cx.t(
                "no-such-zone-near",
                &[("name", Arg::from(name)), ("near", Arg::from(near))],
            ),
            None => cx.t("no-such-zone", &[("name", Arg::from(name))]),
        },
        Refused::NoSuchLanguage { name, known } => cx.t(
            "no-such-language",
            &[("name", Arg::from(name)), ("known", Arg::from(known))],
        ),
        Refused::BadQuiet(QuietFault::NoTime(typed)) if typed.is_empty() => {
            cx.t("quiet-one-time", &[])
        }
        Refused::BadQuiet(QuietFault::NoTime(typed)) => {
            cx.t("quiet-no-time", &[("time", Arg::from(typed))])
        }
        Refused::BadQuiet(QuietFault::Equal(time)) => {
            cx.t("quiet-equal", &[("time", Arg::from(time))])
        }
        Refused::BadQuiet(QuietFault::Reversed { from, to }) => cx.t(
            "quiet-reversed",
            &[("from", Arg::from(from)), ("to", Arg::from(to))],
        ),
        other => other.to_string(),
    }
}

/// Does what the form wishes, or says what is wrong with it.
pub(crate) async fn save(cx: &Cx) -> Result<Option<Refusal>, Problem> {
    let user = cx.viewer.user.ok_or(Problem::Login)?;
    let typed: Typed = cx.form()?;
    let wishes = match typed.wishes() {
        Ok(wishes) => wishes,
        Err(why) => return Ok(Some(Refusal { typed, why })),
    };
    prefer(cx, user, &wishes).await?;
    Ok(None)
}

/// The change itself, for the API as well.
pub(crate) async fn prefer(
    cx: &Cx,
    user: vahta_rows::UserId,
    wishes: &[Wish],
) -> Result<Preferences, Problem> {
    let app = cx.app()?;
    let by = cx.by()?;
    let change = app.access.prefer(user, wishes, &by, &no_replies).await?;
    cx.committed(change.rows)?;
    app.notices.wake();
    Ok(change.done)
}

pub(crate) async fn set(cx: Cx) -> Answer {
    match save(&cx).await? {
        None => Ok(answer::see_other("/account")),
        Some(refusal) => render(&cx, None, Some(&refusal)).await,
    }
}
