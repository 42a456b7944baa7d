//! How much people may send.

use bot_core::access::no_replies;
use bot_core::limits::{Rate, Rules, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::input::body;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::problem::Problem;

/// So many at once, then so many a second.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateView {
    burst: u32,
    per_second: u32,
}

impl From<Rate> for RateView {
    fn from(rate: Rate) -> Self {
        Self {
            burst: rate.burst,
            per_second: rate.per_second,
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Limits {
    /// Everything that a person sends.
    user: RateView,
    /// Everything that is addressed to the bot in a group.
    chat: RateView,
    /// Each command of a person by itself.
    command: RateView,
    /// Single commands with a limit of their own.
    single: std::collections::BTreeMap<String, RateView>,
}

fn view(rules: &Rules) -> Limits {
    let single = rules.single.iter();
    Limits {
        user: rules.user.into(),
        chat: rules.chat.into(),
        command: rules.command.into(),
        single: single
            .map(|(name, rate)| (name.clone(), (*rate).into()))
            .collect(),
    }
}

pub(crate) const SHOW: Doc = Doc::new::<Limits>("The limits in effect");

pub(crate) async fn show(cx: Cx) -> Outcome {
    Reply::ok(&view(&cx.app()?.limits.rules()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Set {
    /// "user", "chat", "command", or "/name" of one command.
    scope: String,
    /// Absent: back to the default.
    rate: Option<RateView>,
}

pub(crate) const SET: Doc =
    Doc::new::<Limits>("Change one limit, for good and at once").body::<Set>();

pub(crate) async fn set(cx: Cx) -> Outcome {
    let Set { scope, rate } = body(&cx)?;
    let scope = Scope::parse(&scope)
        .ok_or_else(|| Problem::Bad("`scope` is user, chat, command or /name".into()))?;
    let rate = match rate {
        None => None,
        Some(RateView { burst, per_second }) => {
            let legal = Rate::new(burst, per_second);
            Some(legal.ok_or_else(|| Problem::Bad("a rate's numbers are 1 to 1000000".into()))?)
        }
    };
    let by = cx.by()?;
    let change = cx.app()?.limits.set(&scope, rate, &by, &no_replies).await?;
    Reply::ok(&view(&change.done))
}
