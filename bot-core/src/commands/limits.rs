//! `/limits`: shows the inbound limits; `/limits user 30 2` changes one.

use vahta_texts::{Arg, escape_html};

use super::Cx;
use crate::access::keys;
use crate::flow::FlowError;
use crate::limits::{Rate, Rules, Scope};

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    let words: Vec<&str> = cx.args.split_whitespace().collect();
    match words.as_slice() {
        [] => {
            let text = page(&cx, &cx.app.limits.rules());
            cx.reply(&text).await
        }
        [scope, "default"] => set(&cx, scope, None).await,
        [scope, burst, per_second] => {
            let rate = burst.parse().ok().zip(per_second.parse().ok());
            match rate.and_then(|(burst, per_second)| Rate::new(burst, per_second)) {
                Some(rate) => set(&cx, scope, Some(rate)).await,
                None => cx.usage("limits").await,
            }
        }
        _ => cx.usage("limits").await,
    }
}

async fn set(cx: &Cx, scope: &str, rate: Option<Rate>) -> Result<(), FlowError> {
    if !cx.actor.may(keys::LIMITS_MANAGE) {
        let args = [("permission", Arg::from(keys::LIMITS_MANAGE))];
        return cx.reply(&cx.t("denied", &args)).await;
    }
    let Some(scope) = Scope::parse(scope) else {
        return cx.usage("limits").await;
    };
    let replies = |rules: &Rules| vec![cx.outgoing(0, &page(cx, rules), None)];
    let change = cx.app.limits.set(&scope, rate, &cx.by(), &replies).await?;
    cx.committed(change.rows);
    Ok(())
}

fn page(cx: &Cx, rules: &Rules) -> String {
    let line = |id: &str, name: &str, rate: Rate| {
        let name = escape_html(name);
        cx.t(
            id,
            &[
                ("name", Arg::from(name)),
                ("burst", Arg::from(rate.burst)),
                ("rate", Arg::from(rate.per_second)),
            ],
        )
    };
    let mut lines = vec![
        cx.t("limits", &[]),
        line("limits-user", "", rules.user),
        line("limits-chat", "", rules.chat),
        line("limits-command", "", rules.command),
    ];
    lines.extend(
        rules
            .single
            .iter()
            .map(|(name, rate)| line("limits-single", name, *rate)),
    );
    let dropped = cx.app.limits.dropped();
    lines.push(cx.t(
        "limits-dropped",
        &[
            ("user", Arg::from(dropped.user)),
            ("chat", Arg::from(dropped.chat)),
            ("command", Arg::from(dropped.command)),
        ],
    ));
    lines.join("\n")
}
