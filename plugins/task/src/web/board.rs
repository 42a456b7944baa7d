//! `/p/task/board`: a column for each state, with buttons that move a task where the states allow.

use maud::{Markup, html};
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::with_db;
use vahta_plugin_sdk::web::Answer;

use super::{Cx, parts};
use crate::state::State;
use crate::store::lists::TaskLists as _;
use crate::task::Task;

/// Tasks of a column: the newest.
const MOST: i64 = 30;
const COLUMNS: [State; 4] = [State::Pending, State::Open, State::Done, State::Rejected];

pub(super) async fn show(cx: &Cx<'_>) -> Result<Answer, Error> {
    let sight = cx.work().sight;
    let db = cx.ctx.db()?;
    let mut columns = Vec::with_capacity(COLUMNS.len());
    for state in COLUMNS {
        let tasks = with_db!(db, c => c.column(sight, state, MOST).await)?;
        columns.push((state, tasks));
    }
    let title = cx.view.text("web-board", &[]);
    let content = html! {
        (parts::head(cx, &title, "board"))
        div.board {
            @for (state, tasks) in &columns { (column(cx, *state, tasks)) }
        }
    };
    Ok(parts::page(&title, None, &content))
}

fn column(cx: &Cx<'_>, state: State, tasks: &[Task]) -> Markup {
    html! {
        section.card #{ "column-" (state.as_str()) } {
            h2 { (cx.view.text(&format!("state-{}", state.as_str()), &[])) " " span.quiet { (tasks.len()) } }
            @if tasks.is_empty() { p.quiet { (cx.view.text("web-column-empty", &[])) } }
            ul.rows {
                @for task in tasks {
                    li {
                        a.break href={ "/p/task/" (task.id) } { "#" (task.id) " " (task.title) }
                        (parts::about(cx, task))
                        @for (target, caption) in parts::ways(task.state) {
                            (parts::bring(cx, task.id, *target, caption, "board"))
                        }
                    }
                }
            }
        }
    }
}
