//! `/jobs`: work to do later.

use bot_core::access::keys;
use bot_core::jobs::desk::{self, Listed, Which};
use maud::{Markup, html};
use serde::Deserialize;
use vahta_rows::jobs::JobState;
use vahta_rows::{JobId, Micros};

use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::parts::{self, badge, time};
use crate::problem::Problem;

const PAGE: i64 = 50;
const LISTS: &[(&str, Which)] = &[
    ("open", Which::Open),
    ("dead", Which::Dead),
    ("finished", Which::Finished),
];

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    state: String,
    #[serde(default)]
    page: u32,
}

pub(crate) async fn list(cx: Cx) -> Answer {
    let Query { state, page } = cx.query()?;
    let listed = LISTS
        .iter()
        .find(|(name, _)| *name == state)
        .unwrap_or(&LISTS[0]);
    let mut jobs = desk::list(&cx.app()?.db, listed.1, page, PAGE).await?;
    let has_more = jobs.len() as i64 > PAGE;
    jobs.truncate(PAGE as usize);
    let links: Vec<_> = LISTS
        .iter()
        .map(|(name, _)| {
            (
                *name,
                parts::href("/jobs", &[("state", name)]),
                cx.t(&format!("jobs-{name}"), &[]),
            )
        })
        .collect();
    let to = |page: u32| parts::href("/jobs", &[("state", listed.0), ("page", &page.to_string())]);
    let content = html! {
        div.head { h1 { (cx.t("nav-jobs", &[])) } (parts::segments(listed.0, &links)) }
        section.card.flush {
            @if jobs.is_empty() { (parts::empty(&cx, &format!("no-jobs-{}", listed.0))) } @else { (table(&cx, &jobs)) }
            (parts::pages(&cx, (page > 0).then(|| to(page - 1)), has_more.then(|| to(page + 1))))
        }
    };
    cx.live_page(&cx.t("nav-jobs", &[]), &content, "job. tick")
}

fn table(cx: &Cx, jobs: &[Listed]) -> Markup {
    let column = |id: &str| cx.t(id, &[]);
    let (state, due, tries) = (column("state"), column("due"), column("tries"));
    let manages = cx.viewer.may(keys::STATUS_MANAGE);
    html! {
        table {
            thead { tr { th { (cx.t("job", &[])) } th { (state) } th { (due) } th.num { (tries) } th { span.hidden { (cx.t("acts", &[])) } } } }
            tbody {
                @for job in jobs {
                    tr {
                        td.title { (job.kind) " " span.quiet.small { (job.plugin) " #" (job.id) }
                            @if let Some(error) = &job.last_error { div.small.break.quiet { (error) } } }
                        td data-label=(state) { (badge_of(cx, job.state)) }
                        td data-label=(due) { (time(cx, Micros(job.finished_at.unwrap_or(job.due_at)))) }
                        td.num data-label=(tries) { (job.attempts) "/" (job.max_attempts) }
                        td.acts { @if manages { (acts(cx, job)) } }
                    }
                }
            }
        }
    }
}

fn badge_of(cx: &Cx, state: i16) -> Markup {
    let states = [
        (JobState::Ready, "accent", "job-ready"),
        (JobState::Running, "accent", "job-running"),
        (JobState::Done, "good", "job-done"),
        (JobState::Dead, "bad", "job-dead"),
        (JobState::Cancelled, "", "job-cancelled"),
        (JobState::Scheduled, "", "job-scheduled"),
    ];
    let found = states.iter().find(|(known, ..)| *known as i16 == state);
    html! { @if let Some((_, kind, id)) = found { (badge(kind, &cx.t(id, &[]))) } }
}

fn acts(cx: &Cx, job: &Listed) -> Markup {
    let is = |state: JobState| job.state == state as i16;
    let waits = is(JobState::Scheduled) || is(JobState::Dead);
    html! {
        @if waits { (parts::act(cx, &format!("/jobs/{}/run", job.id), &cx.t("run-now", &[]), "", None)) " " }
        @if waits || is(JobState::Ready) {
            (parts::act(cx, &format!("/jobs/{}/cancel", job.id), &cx.t("cancel", &[]), "danger", Some(&cx.t("cancel-job", &[]))))
        }
    }
}

pub(crate) async fn run(cx: Cx) -> Answer {
    let (app, id) = (cx.app()?, JobId(cx.param("id")?));
    ended(&cx, app.jobs.run_now(&app.db, id, &cx.by()?).await?)
}

pub(crate) async fn cancel(cx: Cx) -> Answer {
    let (app, id) = (cx.app()?, JobId(cx.param("id")?));
    ended(&cx, app.jobs.cancel(&app.db, id, &cx.by()?).await?)
}

fn ended(cx: &Cx, changed: bool) -> Answer {
    if !changed {
        return Err(Problem::Conflict(cx.t("job-moved-on", &[])));
    }
    cx.committed(Vec::new())?;
    Ok(answer::see_other("/jobs"))
}
