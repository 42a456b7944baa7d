//! `/revoke @lim [role] [here|everywhere|-1001]`: takes roles; without a role, all of them.

use vahta_texts::{Arg, escape_html};

use super::parse::{Target, spot};
use super::{Cx, show};
use crate::access::{Person, Reach, Revoked};
use crate::flow::FlowError;

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    let mut words: Vec<&str> = cx.args.split_whitespace().collect();
    let target = cx.target(&mut words).await?;
    let (mut role, mut place) = (None, None);
    for word in &words {
        if let (Some(spot), None) = (spot(word), place) {
            place = Some(spot);
        } else if role.is_none() {
            role = Some(word.to_lowercase());
        } else {
            return cx.usage("revoke").await;
        }
    }
    let reach = match place {
        None => None,
        some => match cx.reach(some) {
            Some(reach) => Some(reach),
            None => return cx.reply(&cx.t("here-is-private", &[])).await,
        },
    };
    match target {
        Target::Known(person) => from_person(&cx, &person, role.as_deref(), reach).await,
        Target::Name(name) => from_name(&cx, &name, role.as_deref()).await,
        Target::Id(_) => cx.reply(&cx.t("no-such-user", &[])).await,
        Target::Nobody => cx.usage("revoke").await,
    }
}

async fn from_person(
    cx: &Cx,
    person: &Person,
    role: Option<&str>,
    reach: Option<Reach>,
) -> Result<(), FlowError> {
    let replies = |done: &Revoked| {
        let taken = done.taken.iter();
        let taken = taken.map(|(role, at)| format!("{} ({})", escape_html(role), cx.place(*at)));
        let roles = taken.collect::<Vec<_>>().join(", ");
        let args = [
            ("person", Arg::from(show::person(person))),
            ("roles", Arg::from(roles)),
        ];
        let mut text = cx.t("revoked", &args);
        let configured = person
            .telegram_id
            .is_some_and(|id| cx.app.access.is_configured_admin(id));
        if configured
            && done
                .taken
                .iter()
                .any(|(role, _)| role == crate::access::keys::ADMIN)
        {
            text.push_str("\n\n");
            text.push_str(&cx.t("revoked-configured", &[]));
        }
        vec![cx.outgoing(0, &text, None)]
    };
    let change = cx
        .app
        .access
        .revoke(person.id, role, reach, &cx.by(), &replies)
        .await;
    cx.finish(change).await?;
    Ok(())
}

/// Nobody was seen with the name, but a grant may wait for it.
async fn from_name(cx: &Cx, name: &str, role: Option<&str>) -> Result<(), FlowError> {
    let replies = |_: &usize| {
        let name = format!("@{}", escape_html(name));
        vec![cx.outgoing(
            0,
            &cx.t("grant-waits-no-more", &[("person", Arg::from(name))]),
            None,
        )]
    };
    let change = cx
        .app
        .access
        .forget_expected(name, role, &cx.by(), &replies)
        .await;
    cx.finish(change).await?;
    Ok(())
}
