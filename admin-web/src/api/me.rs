//! What one has chosen for oneself.

use bot_core::access::{Preferences, Refused, Wish};
use bot_core::notices::Quiet;
use bot_core::notices::quiet::QuietFault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::input::body;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::pages::account::own;
use crate::problem::{Invalid, Problem};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnSettings {
    /// One that there are texts in; null: as one's Telegram says.
    language: Option<String>,
    /// IANA name, such as "Asia/Bangkok".
    time_zone: String,
    /// Null: none.
    quiet_hours: Option<QuietHours>,
    /// Where notices go: "web" (to an open page, else Telegram), "telegram" or "both".
    notices: String,
}

/// When nothing comes that is not urgent, by the clock of one's zone.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuietHours {
    /// Such as "22:00".
    from: String,
    /// Such as "07:00"; before `from`: on the next day.
    to: String,
}

impl From<Preferences> for OwnSettings {
    fn from(preferences: Preferences) -> Self {
        let hours = |quiet: Quiet| QuietHours {
            from: quiet.from_text(),
            to: quiet.to_text(),
        };
        Self {
            language: preferences.language,
            time_zone: preferences.time_zone,
            quiet_hours: preferences.quiet.map(hours),
            notices: preferences.whither.as_str().into(),
        }
    }
}

pub(crate) const SETTINGS: Doc = Doc::new::<OwnSettings>("What one has chosen for oneself");

pub(crate) async fn settings(cx: Cx) -> Outcome {
    let user = cx.no_key()?;
    let preferences = cx.app()?.access.preferences(user).await?;
    Reply::ok(&OwnSettings::from(preferences.ok_or(Problem::Login)?))
}

pub(crate) const SET: Doc =
    Doc::new::<OwnSettings>("Choose for oneself, all of it").body::<OwnSettings>();

pub(crate) async fn set(cx: Cx) -> Outcome {
    let user = cx.no_key()?;
    let wishes = wishes(&body(&cx)?)?;
    let preferences = own::prefer(&cx, user, &wishes).await?;
    Reply::ok(&OwnSettings::from(preferences))
}

/// Every fault at once, each with its place.
fn wishes(settings: &OwnSettings) -> Result<Vec<Wish>, Problem> {
    let language = settings.language.as_deref().unwrap_or_default();
    let quiet = match &settings.quiet_hours {
        None => Ok(Wish::Quiet(None)),
        // Two empty times are no quiet hours on a form, and a slip here.
        Some(hours) if hours.from.trim().is_empty() => {
            Err(Refused::BadQuiet(QuietFault::NoTime(hours.from.clone())))
        }
        Some(hours) => Wish::quiet(&hours.from, &hours.to),
    };
    let all = [
        ("/language", Wish::language(language)),
        ("/time_zone", Wish::time_zone(&settings.time_zone)),
        ("/quiet_hours", quiet),
        ("/notices", Wish::whither(&settings.notices)),
    ];
    let (mut wishes, mut faults) = (Vec::new(), Vec::new());
    let fault = |pointer: &str, refused: Refused| Invalid {
        pointer: pointer.into(),
        detail: refused.to_string(),
    };
    for (pointer, wish) in all {
        match wish {
            Ok(wish) => wishes.push(wish),
            Err(refused) => faults.push(fault(pointer, refused)),
        }
    }
    if faults.is_empty() {
        Ok(wishes)
    } else {
        Err(Problem::Invalid(faults))
    }
}
