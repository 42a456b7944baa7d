//! A list: how many there are, a button for each task of the page, and the way to other pages.

use super::*;

/// Characters of a title on a button: what a telephone shows in one line, and a little more.
const CAPTION: usize = 40;

pub(super) fn screen(view: &View<'_>, page: &Page, sight: Sight, changed: Option<&Task>) -> Screen {
    if page.tasks.is_empty() {
        let keyboard = InlineKeyboardMarkup::default();
        return Screen {
            text: view.text("list-empty", &[]),
            keyboard,
        };
    }
    let elsewhere = changed.filter(|task| page.tasks.iter().all(|other| other.id != task.id));
    let tasks = elsewhere.into_iter().chain(&page.tasks);
    let tasks = tasks.map(|task| vec![row(view, task, page.number)]);
    let ways = ways(view, page);
    let ways = (!ways.is_empty()).then_some(ways);
    Screen {
        text: head(view, page, sight),
        keyboard: InlineKeyboardMarkup::new(tasks.chain(ways)),
    }
}

fn head(view: &View<'_>, page: &Page, sight: Sight) -> String {
    let counts = args!["open" => page.counts.open, "done" => page.counts.done];
    let count = match sight {
        Sight::Group(_) => view.text("list-here", counts),
        Sight::Everything => view.text("list-all", counts),
        Sight::Own(_) | Sight::Nothing => view.text("list-mine", counts),
    };
    let hint = view.text("list-hint", &[]);
    if page.pages == 1 {
        return format!("{count}\n{hint}");
    }
    let place = view.text(
        "list-page",
        args!["page" => page.number, "pages" => page.pages],
    );
    format!("{count}\n{hint}\n{place}")
}

fn row(view: &View<'_>, task: &Task, page: u32) -> InlineKeyboardButton {
    let (number, title) = (task.id.to_string(), shortened(&task.title, CAPTION));
    let args = args!["number" => number, "title" => title];
    let (caption, state) = match task.state {
        State::Open => (view.text("row-open", args), State::Done),
        State::Done => (view.text("row-done", args), State::Open),
    };
    button(
        caption,
        Press::Set {
            task: task.id,
            state,
            on: On::List { page },
        },
    )
}

fn ways(view: &View<'_>, page: &Page) -> Vec<InlineKeyboardButton> {
    let mut ways = Vec::new();
    if page.number > 1 {
        let press = Press::List {
            page: page.number - 1,
        };
        ways.push(button(view.text("button-previous", &[]), press));
    }
    if page.number < page.pages {
        let press = Press::List {
            page: page.number + 1,
        };
        ways.push(button(view.text("button-next", &[]), press));
    }
    ways
}
