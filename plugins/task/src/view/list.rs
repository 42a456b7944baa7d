//! A list: how many there are, a button for each task of the page, other views, other pages.

use super::*;
use crate::press::{Look, On};

/// Characters of a title on a button: what a telephone shows in one line, and a little more.
const CAPTION: usize = 40;

pub(super) fn screen(
    view: &View<'_>,
    page: &Page,
    filter: &Filter,
    sight: Sight,
    changed: Option<&Task>,
) -> Screen {
    let look = Look::of(filter);
    if page.tasks.is_empty() && changed.is_none() {
        let id = if *filter == Filter::All {
            "list-empty"
        } else {
            "list-nothing"
        };
        return Screen {
            text: view.text(id, &[]),
            keyboard: InlineKeyboardMarkup::new(looks(view, look, sight)),
        };
    }
    let elsewhere = changed.filter(|task| page.tasks.iter().all(|other| other.id != task.id));
    let tasks = elsewhere.into_iter().chain(&page.tasks);
    let tasks = tasks.map(|task| vec![row(view, task, page.number, look)]);
    // A button has no room for a label or a text: such a list is narrowed, not turned.
    let ways = match filter {
        Filter::Label(_) | Filter::Text(_) => Vec::new(),
        _ => ways(view, page, look),
    };
    let ways = (!ways.is_empty()).then_some(ways);
    Screen {
        text: head(view, page, filter, sight),
        keyboard: InlineKeyboardMarkup::new(tasks.chain(ways).chain(looks(view, look, sight))),
    }
}

fn head(view: &View<'_>, page: &Page, filter: &Filter, sight: Sight) -> String {
    let counts = args!["open" => page.counts.open, "done" => page.counts.done];
    let mut lines = vec![match (filter, sight) {
        (Filter::All, Sight::Group(_)) => view.text("list-here", counts),
        (Filter::All, Sight::Everything(_)) => view.text("list-all", counts),
        (Filter::All, Sight::Own(_) | Sight::Nothing) => view.text("list-mine", counts),
        (filter, _) => {
            let name = match filter {
                Filter::Label(label) => format!("#{}", escape_html(label)),
                Filter::Text(text) => escape_html(text),
                filter => view.text(&format!("look-{}", Look::of(filter).name()), &[]),
            };
            view.text(
                "list-look",
                args!["name" => name, "count" => page.counts.all()],
            )
        }
    }];
    if page.counts.waiting > 0 && *filter == Filter::All {
        lines.push(view.text("list-waiting", args!["count" => page.counts.waiting]));
    }
    lines.push(view.text("list-hint", &[]));
    if page.pages > 1 {
        let args = args!["page" => page.number, "pages" => page.pages];
        lines.push(view.text("list-page", args));
    }
    // Buttons change a task; a line like /task_12 opens it.
    let links: Vec<String> = page
        .tasks
        .iter()
        .map(|task| format!("/task_{}", task.id))
        .collect();
    lines.push(links.join(" "));
    lines.join("\n")
}

fn row(view: &View<'_>, task: &Task, page: u32, look: Look) -> InlineKeyboardButton {
    let (number, title) = (task.id.to_string(), shortened(&task.title, CAPTION));
    let args = args!["number" => number, "title" => title];
    let set = |state| Press::Set {
        task: task.id,
        state,
        on: On::List { page, look },
    };
    match task.state {
        State::Open => button(view.text("row-open", args), set(State::Done)),
        State::Done => button(view.text("row-done", args), set(State::Open)),
        State::Draft => button(view.text("row-draft", args), Press::Show(task.id)),
        State::Pending => button(view.text("row-pending", args), Press::Show(task.id)),
        State::Rejected | State::Cancelled => {
            button(view.text("row-dropped", args), Press::Show(task.id))
        }
    }
}

fn ways(view: &View<'_>, page: &Page, look: Look) -> Vec<InlineKeyboardButton> {
    let mut ways = Vec::new();
    let to = |page| Press::List { page, look };
    if page.number > 1 {
        ways.push(button(
            view.text("button-previous", &[]),
            to(page.number - 1),
        ));
    }
    if page.number < page.pages {
        ways.push(button(view.text("button-next", &[]), to(page.number + 1)));
    }
    ways
}

/// The other views. In a group there is one list, the group's.
fn looks(view: &View<'_>, look: Look, sight: Sight) -> Vec<Vec<InlineKeyboardButton>> {
    if matches!(sight, Sight::Group(_) | Sight::Nothing) {
        return Vec::new();
    }
    let others = Look::ALL.into_iter().filter(|other| *other != look);
    let buttons: Vec<_> = others
        .map(|look| {
            let caption = view.text(&format!("look-{}", look.name()), &[]);
            button(caption, Press::List { page: 1, look })
        })
        .collect();
    buttons.chunks(3).map(<[_]>::to_vec).collect()
}
