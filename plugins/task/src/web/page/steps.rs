//! The steps of a task, each with what can be done to it.

use maud::{Markup, html};

use super::super::{Cx, parts};
use crate::permission;
use crate::state::State;
use crate::task::{Part, Task, Whole};

pub(super) fn steps(cx: &Cx<'_>, whole: &Whole) -> Markup {
    let (done, all) = whole.progress();
    html! {
        section.card #steps {
            h2 { (cx.view.text("web-parts", &[])) " " span.quiet.num { (done) "/" (all) } }
            progress value=(done) max=(all) { (done) "/" (all) }
            ul.rows { @for part in &whole.parts { (step(cx, &whole.task, part)) } }
        }
    }
}

fn step(cx: &Cx<'_>, task: &Task, part: &Part) -> Markup {
    let path = format!("/p/task/{}/parts/{}", task.id, part.position);
    let is_live = matches!(task.state, State::Open | State::Done);
    let caption = if part.done {
        "button-reopen"
    } else {
        "button-done"
    };
    let is_own = cx.work().by.user.is_some_and(|user| part.is_given_to(user));
    let may_give = is_own || cx.work().may_edit(task).is_ok();
    html! {
        li #{ "part-" (part.position) } {
            span.break { (if part.done { "✅ " } else { "⬜ " }) (part.position) ". " (part.title) }
            span.quiet.small {
                @match (part.done, &part.done_by_name, &part.assignee_name) {
                    (true, Some(who), _) => (who),
                    (false, _, Some(who)) => (who),
                    _ => {}
                }
                @if let (false, Some(due)) = (part.done, part.due_at) { " ⏰ " (cx.view.time(due)) }
            }
            span.end.line {
                @if is_live && cx.ctx.may(permission::COMPLETE) {
                    form method="post" action=(path) {
                        (parts::csrf(cx))
                        input type="hidden" name="done" value=(if part.done { "no" } else { "yes" });
                        button.little { (cx.view.text(caption, &[])) }
                    }
                }
                @if may_give && !part.done && !task.state.is_over() {
                    (handing(cx, &path))
                }
            }
        }
    }
}

/// Somebody else gets it.
pub(super) fn handing(cx: &Cx<'_>, path: &str) -> Markup {
    html! {
        form.line method="post" action={ (path) "/give" } {
            (parts::csrf(cx))
            label { span.hidden { (cx.view.text("field-who", &[])) }
                input name="who" placeholder=(cx.view.text("web-who", &[])); }
            button.little { (cx.view.text("web-give", &[])) }
        }
    }
}
