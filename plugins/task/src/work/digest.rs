//! The morning digest: what somebody has to do today, and what they should have done.
//!
//! A job looks every quarter of an hour whose morning it is, and leaves itself for the next one. A
//! person hears of one day once, for the notice is named by its date in their own zone.

use jiff::{SignedDuration, Span, Timestamp, Zoned};
use vahta_plugin_sdk::people::Person as Known;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::jobs::NewJob;
use vahta_plugin_sdk::rows::notices::NewNotice;
use vahta_plugin_sdk::rows::{Micros, UserId, with_db};
use vahta_plugin_sdk::transaction;

use super::zone;
use crate::Tasks;
use crate::store::digest::{Due, DueRows as _};
use crate::view::View;

/// The kind of the job that tells of the day.
pub(crate) const DIGEST: &str = "task.digest";
/// How often it looks: zones differ by quarters of an hour.
const TICK: i64 = 15 * 60 * 1_000_000;
/// A bot that was away then does not tell of the morning at noon.
const MORNING: SignedDuration = SignedDuration::from_hours(1);
/// Further than any zone is ahead of another, and a day.
const AHEAD: i64 = 38 * 3_600 * 1_000_000;

/// The look after an instant; everybody who plans it names it alike, so that there is one.
pub(crate) fn next_look(plugin: &str, after: Micros) -> NewJob {
    let at = (after.0.div_euclid(TICK) + 1) * TICK;
    NewJob {
        plugin: plugin.to_owned(),
        kind: DIGEST.to_owned(),
        payload: serde_json::json!({ "at": at }),
        unique_key: Some(format!("digest:{at}")),
        priority: 0,
        due_at: Some(Micros(at)),
        max_attempts: 10,
    }
}

#[derive(serde::Deserialize)]
struct Payload {
    at: i64,
}

/// The job.
pub(crate) async fn digest(tasks: &Tasks, ctx: &Ctx, job: Job) -> Result<(), Error> {
    let Payload { at } = serde_json::from_value(job.payload)?;
    let Some(time) = tasks.digest else {
        return Ok(());
    };
    let now = Micros(ctx.now().as_microsecond());
    // First of all, so that no fault below ends the chain.
    let plugin = ctx.host().plugin().to_owned();
    transaction!(ctx, |c, effects| {
        // After this one's own time: somebody may have run it early.
        effects
            .job(c, &next_look(&plugin, now.max(Micros(at))))
            .await?;
        Ok(())
    })?;
    let db = ctx.db()?;
    let due = with_db!(db, c => c.due_before(Micros(now.0.saturating_add(AHEAD))).await)?;
    for theirs in due.chunk_by(|one, other| one.user == other.user) {
        let Some(known) = theirs.first() else {
            continue;
        };
        let known = ctx.person(known.user).await?;
        let Some(known) = known.filter(|known| !known.blocked) else {
            continue;
        };
        let here = ctx.now().to_zoned(zone(Some(&known.time_zone)));
        if is_morning(&here, time) {
            tell(tasks, ctx, &known, &here, theirs).await?;
        }
    }
    Ok(())
}

/// Whether the time of the digest has just come.
fn is_morning(here: &Zoned, time: jiff::civil::Time) -> bool {
    // By the calendar: where the clock skips the time, it is the first moment after it.
    let Ok(begin) = here
        .date()
        .to_datetime(time)
        .to_zoned(here.time_zone().clone())
    else {
        return false;
    };
    let since = here.duration_since(&begin);
    !since.is_negative() && since < MORNING
}

/// Those that are due before the day ends; the earliest first.
fn of_today<'d>(here: &Zoned, due: &'d [Due]) -> Vec<&'d Due> {
    let midnight = here
        .start_of_day()
        .and_then(|day| day.checked_add(Span::new().days(1)));
    let until = midnight.map_or(Timestamp::MAX, |midnight| midnight.timestamp());
    // A task and its parts are one thing.
    let mut seen = std::collections::HashSet::new();
    due.iter()
        .filter(|due| due.at < until.as_microsecond() && seen.insert(due.task))
        .collect()
}

async fn tell(
    tasks: &Tasks,
    ctx: &Ctx,
    known: &Known,
    here: &Zoned,
    due: &[Due],
) -> Result<(), Error> {
    let due = of_today(here, due);
    if due.is_empty() {
        return Ok(());
    }
    let language = known.language.as_deref().unwrap_or("en");
    let view = View::new(&tasks.texts, language).at(here.time_zone().clone(), ctx.now());
    let screen = view.digest(&due);
    let keyboard = serde_json::to_value(&screen.keyboard)?;
    let new = NewNotice {
        kind: DIGEST.to_owned(),
        web_text: view.digest_in_short(&due),
        keyboard: Some(keyboard),
        web_path: "/p/task?look=mine".to_owned(),
        ..NewNotice::new(
            UserId(known.user_id),
            format!("digest:{}", here.date()),
            screen.text,
        )
    };
    transaction!(ctx, |c, effects| {
        effects.notify(c, new.clone()).await?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    fn at(text: &str) -> Zoned {
        text.parse().unwrap()
    }

    #[test]
    fn a_morning_begins_at_its_time_and_lasts_an_hour() {
        let eight = time(8, 0, 0, 0);
        let is = |text: &str| is_morning(&at(text), eight);
        assert!(!is("2026-07-15T07:59:59[Europe/Berlin]"));
        assert!(is("2026-07-15T08:00[Europe/Berlin]"));
        assert!(is("2026-07-15T08:59[Asia/Kathmandu]"));
        assert!(!is("2026-07-15T09:00[Europe/Berlin]"));
    }

    #[test]
    fn a_time_that_the_clock_skips_comes_when_the_clock_has_jumped() {
        let half_past_two = time(2, 30, 0, 0);
        assert!(is_morning(
            &at("2026-03-29T03:30[Europe/Berlin]"),
            half_past_two
        ));
        assert!(!is_morning(
            &at("2026-03-29T01:59[Europe/Berlin]"),
            half_past_two
        ));
    }

    #[test]
    fn today_ends_at_midnight_where_the_person_is() {
        let due = |task, at: &str| Due {
            user: 1,
            task,
            title: "x".into(),
            at: at.parse::<Timestamp>().unwrap().as_microsecond(),
        };
        // The day on which the clocks go back has 25 hours.
        let here = at("2026-10-25T08:00[Europe/Berlin]");
        let all = [
            due(1, "2026-10-20T08:00Z"),
            due(1, "2026-10-21T08:00Z"),
            due(2, "2026-10-25T22:59:59Z"),
            due(3, "2026-10-25T23:00Z"),
        ];
        assert_eq!(of_today(&here, &all).len(), 2);
    }

    #[test]
    fn all_who_plan_a_look_name_it_alike() {
        let first = next_look("task", Micros(1_795_300_000_000_000));
        let second = next_look("task", Micros(1_795_300_001_000_000));
        assert_eq!(first.unique_key, second.unique_key);
        let due = first.due_at.unwrap();
        let next = next_look("task", due);
        assert_eq!(next.due_at.unwrap().0 - due.0, TICK);
    }
}
