//! `/p/task/board`: a column for each state; tasks are moved by button, or dragged, where the states
//! allow it. The site's own script sends the form of the column that a task is dropped on.

use maud::{Markup, html};
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::with_db;
use vahta_plugin_sdk::web::Answer;

use super::{Cx, parts};
use crate::state::State;
use crate::store::lists::{Filter, TaskLists as _};
use crate::task::Task;

/// Tasks of a column: the newest.
const MOST: i64 = 30;
pub(crate) const COLUMNS: [State; 4] = [State::Pending, State::Open, State::Done, State::Rejected];

pub(super) async fn show(cx: &Cx<'_>) -> Result<Answer, Error> {
    let sight = cx.work().sight;
    let db = cx.ctx.db()?;
    let mut columns = Vec::with_capacity(COLUMNS.len());
    for state in COLUMNS {
        let (tasks, counts) = with_db!(db, c => {
            let tasks = c.column(sight, state, MOST).await?;
            c.counts(sight, &Filter::State(state)).await.map(|counts| (tasks, counts))
        })?;
        columns.push((state, tasks, counts.all()));
    }
    let title = cx.view.text("web-board", &[]);
    let content = html! {
        (parts::head(cx, &title, "board"))
        div.board {
            @for (state, tasks, count) in &columns { (column(cx, *state, tasks, *count)) }
        }
    };
    Ok(parts::page(&title, None, &content))
}

fn column(cx: &Cx<'_>, state: State, tasks: &[Task], count: u32) -> Markup {
    let hidden = usize::try_from(count)
        .unwrap_or(usize::MAX)
        .saturating_sub(tasks.len());
    html! {
        section.card #{ "column-" (state.as_str()) } data-drop=(state.as_str()) {
            h2 { (cx.view.text(&format!("column-{}", state.as_str()), &[])) " " span.quiet { (count) } }
            @if tasks.is_empty() { p.quiet { (cx.view.text("web-column-empty", &[])) } }
            ul.rows {
                @for task in tasks {
                    li draggable="true" data-drag="state" #{ "task-" (task.id) } {
                        a.break href={ "/p/task/" (task.id) } { "#" (task.id) " " (task.title) }
                        (parts::about(cx, task))
                        div.line {
                            @for (target, caption) in parts::ways(task.state) {
                                (parts::bring(cx, task.id, *target, caption, "board"))
                            }
                        }
                    }
                }
            }
            @if hidden > 0 {
                a href={ "/p/task?state=" (state.as_str()) } { (cx.view.text("parts-hidden", args!["count" => hidden])) }
            }
        }
    }
}
