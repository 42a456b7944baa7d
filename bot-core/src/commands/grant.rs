//! `/grant @lim operator [here|-1001] [2d]`: gives a role.

use vahta_rows::Micros;
use vahta_texts::{Arg, escape_html};

use super::parse::{Target, duration, spot};
use super::{Cx, show};
use crate::access::{Expected, Granted, Person, Reach};
use crate::flow::FlowError;

/// What follows the person.
pub(super) struct Terms {
    pub(super) role: String,
    pub(super) reach: Reach,
    pub(super) until: Option<Micros>,
}

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    let mut words: Vec<&str> = cx.args.split_whitespace().collect();
    let target = cx.target(&mut words).await?;
    if matches!(target, Target::Nobody) {
        return cx.usage("grant").await;
    }
    let Some(terms) = terms(&cx, &words).await? else {
        return Ok(());
    };
    match target {
        Target::Known(person) => to_person(&cx, &person, &terms).await,
        Target::Name(name) => to_name(&cx, &name, &terms).await,
        Target::Id(id) => {
            let person = cx.app.access.ensure(id).await?;
            to_person(&cx, &person, &terms).await
        }
        Target::Nobody => Ok(()),
    }
}

/// Role, then place and time in either order; tells what is wrong.
async fn terms(cx: &Cx, words: &[&str]) -> Result<Option<Terms>, FlowError> {
    let Some((role, rest)) = words.split_first() else {
        cx.usage("grant").await?;
        return Ok(None);
    };
    let (mut place, mut lasts) = (None, None);
    for word in rest {
        if let (Some(spot), None) = (spot(word), place) {
            place = Some(spot);
        } else if let (Some(time), None) = (duration(word), lasts) {
            lasts = Some(time);
        } else {
            cx.usage("grant").await?;
            return Ok(None);
        }
    }
    let Some(reach) = cx.reach(place) else {
        cx.reply(&cx.t("here-is-private", &[])).await?;
        return Ok(None);
    };
    // From when the command was sent, not from when it is run again after a crash.
    let until = lasts.map(|lasts| cx.incoming.received_at.plus(lasts));
    Ok(Some(Terms {
        role: role.to_lowercase(),
        reach,
        until,
    }))
}

async fn to_person(cx: &Cx, person: &Person, terms: &Terms) -> Result<(), FlowError> {
    let replies = |done: &Granted| {
        let id = match (done.blocked, done.changed) {
            (true, _) => "granted-blocked",
            (false, true) => "granted",
            (false, false) => "granted-before",
        };
        vec![cx.outgoing(0, &sentence(cx, id, show::person(person), terms), None)]
    };
    let (role, reach, until) = (&terms.role, terms.reach, terms.until);
    let change = cx
        .app
        .access
        .grant(person.id, role, reach, until, &cx.by(), &replies)
        .await;
    cx.finish(change).await?;
    Ok(())
}

async fn to_name(cx: &Cx, name: &str, terms: &Terms) -> Result<(), FlowError> {
    let replies = |_: &Expected| {
        let name = format!("@{}", escape_html(name));
        vec![cx.outgoing(0, &sentence(cx, "grant-waits", name, terms), None)]
    };
    let (role, reach, until) = (&terms.role, terms.reach, terms.until);
    let change = cx
        .app
        .access
        .expect(name, role, reach, until, &cx.by(), &replies)
        .await;
    cx.finish(change).await?;
    Ok(())
}

fn sentence(cx: &Cx, id: &str, person: String, terms: &Terms) -> String {
    let role = escape_html(&terms.role);
    cx.t(
        id,
        &[
            ("person", Arg::from(person)),
            ("role", Arg::from(role)),
            ("place", Arg::from(cx.place(terms.reach))),
            ("end", Arg::from(cx.end(terms.until))),
        ],
    )
}
