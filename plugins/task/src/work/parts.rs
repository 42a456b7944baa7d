//! A template's steps become a task's parts, once.

use std::collections::HashMap;

use jiff::Timestamp;
use vahta_plugin_sdk::db::Effects;
use vahta_plugin_sdk::people::{Person as Known, Wanted};
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::{DbError, Micros, UserId, with_db};

use super::{Rows, Work, zone};
use crate::permission;
use crate::store::parts::{NewPart, PartRows as _};
use crate::store::templates::TemplateRows as _;
use crate::task::{Assignee, Task};
use crate::template::{For, Template};

/// What was looked up before the transaction: who would get which step.
#[derive(Default)]
pub(crate) struct Prepared {
    template: Option<i64>,
    parts: Vec<NewPart>,
}

impl Prepared {
    /// Who will get a part.
    pub(crate) fn people(&self) -> impl Iterator<Item = Option<i64>> {
        self.parts
            .iter()
            .map(|part| part.assignee.as_ref().map(|who| who.user.0))
    }

    /// Looks up who the steps of a template go to. Whoever is not there, is blocked or may not
    /// complete tasks gets none: such a step is nobody's until somebody hands it over.
    pub(crate) async fn of(
        ctx: &Ctx,
        template: Option<i64>,
        creator: Option<i64>,
        assignee: Option<i64>,
        at: Micros,
    ) -> Result<Self, Error> {
        let db = ctx.db()?;
        let template = match template {
            Some(id) => with_db!(db, c => c.template(id).await)?,
            None => None,
        };
        let Some(Template { id, steps, .. }) = template else {
            return Ok(Self::default());
        };
        let creator = person(ctx, creator).await?;
        let assignee = person(ctx, assignee).await?;
        let start = Timestamp::from_microsecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH);
        let zone = zone(creator.as_ref().map(|known| known.time_zone.as_str()));
        let mut parts = Vec::with_capacity(steps.len());
        // What this very task gives to somebody counts as well.
        let mut given: HashMap<i64, i64> = HashMap::new();
        for step in steps {
            let who = match &step.assignee {
                None => None,
                Some(For::Creator) => creator.clone(),
                Some(For::Assignee) => assignee.clone(),
                Some(For::Person(name)) => the_one(ctx, name).await?,
                Some(For::Role(role)) => idlest(ctx, role, &given).await?,
            };
            if let Some(who) = &who {
                *given.entry(who.user_id).or_default() += 1;
            }
            let due = step
                .due
                .as_deref()
                .and_then(|due| vahta_when::relative(due).ok());
            let due = due.and_then(|due| due.apply(start, &zone));
            parts.push(NewPart {
                title: step.title,
                assignee: who.map(|who| Assignee {
                    user: UserId(who.user_id),
                    name: who.name,
                }),
                due_at: due.map(|due| Micros(due.as_microsecond())),
            });
        }
        Ok(Self {
            template: Some(id),
            parts,
        })
    }
}

async fn person(ctx: &Ctx, user: Option<i64>) -> Result<Option<Known>, Error> {
    let Some(user) = user else {
        return Ok(None);
    };
    Ok(ctx.person(user).await?.filter(|known| !known.blocked))
}

/// The one who is called so; nobody when it could be several.
async fn the_one(ctx: &Ctx, name: &str) -> Result<Option<Known>, Error> {
    let found = find(ctx, name).await?;
    Ok(match found.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    })
}

/// Who may be meant by a name: those who are called exactly so, else those whose name begins so.
///
/// A name of several words is written in one behind an `@`: `@Ada_Lovelace`.
pub(crate) async fn find(ctx: &Ctx, name: &str) -> Result<Vec<Known>, Error> {
    let found = called(ctx, name).await?;
    if found.is_empty() && name.contains('_') {
        return called(ctx, &name.replace('_', " ")).await;
    }
    Ok(found)
}

async fn called(ctx: &Ctx, name: &str) -> Result<Vec<Known>, Error> {
    let wanted = Wanted {
        text: name,
        permission: Some(permission::COMPLETE),
        limit: Some(8),
        ..Wanted::default()
    };
    let found = ctx.people(&wanted).await?;
    let name = name.to_lowercase();
    let by_username = found.iter().find(|known| {
        known
            .username
            .as_ref()
            .is_some_and(|username| username.to_lowercase() == name)
    });
    if let Some(known) = by_username {
        return Ok(vec![known.clone()]);
    }
    let exactly: Vec<_> = found
        .iter()
        .filter(|known| known.name.to_lowercase() == name)
        .cloned()
        .collect();
    Ok(if exactly.is_empty() { found } else { exactly })
}

/// Of those who have the role, the one with the fewest open parts.
async fn idlest(ctx: &Ctx, role: &str, given: &HashMap<i64, i64>) -> Result<Option<Known>, Error> {
    let wanted = Wanted {
        role: Some(role),
        permission: Some(permission::COMPLETE),
        ..Wanted::default()
    };
    let people = ctx.people(&wanted).await?;
    let ids: Vec<i64> = people.iter().map(|known| known.user_id).collect();
    let db = ctx.db()?;
    let loads: HashMap<i64, i64> = with_db!(db, c => c.loads(&ids).await)?
        .into_iter()
        .collect();
    let load = |known: &Known| {
        let of = |loads: &HashMap<i64, i64>| loads.get(&known.user_id).copied().unwrap_or(0);
        (of(&loads) + of(given), known.user_id)
    };
    Ok(people.into_iter().min_by_key(load))
}

impl Work<'_> {
    /// Makes a template's steps the task's parts, once in its life.
    pub(super) async fn make_parts<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
        prepared: &Prepared,
    ) -> Result<(), DbError> {
        if task.template_id.is_none() {
            return Ok(());
        }
        if task.template_id != prepared.template {
            // Another was chosen since it was looked up, or it was dropped: run again, looking anew.
            return match c.template(task.template_id.unwrap_or_default()).await? {
                Some(_) => Err(DbError::Unavailable("another template was chosen".into())),
                None => Ok(()),
            };
        }
        if !c.claim_steps(task.id, self.at).await? {
            return Ok(());
        }
        c.add_parts(task.id, &prepared.parts).await?;
        let detail = prepared.parts.len().to_string();
        self.trace(c, effects, task, "task.steps_made", &detail)
            .await
    }
}
