use vahta_plugin_sdk::rows::{ChatId, UserId};
use vahta_plugin_sdk::teloxide::types::InlineKeyboardButtonKind;

use super::*;
use crate::store::Counts;

fn task(id: i64, title: &str, state: State) -> Task {
    let done_by_name = (state == State::Done).then(|| "Ada <b>".to_owned());
    Task {
        id: TaskId(id),
        title: title.into(),
        state,
        chat_id: 1,
        created_by_user: None,
        done_by_name,
        version: 1,
    }
}

fn with_view<T>(test: impl FnOnce(View<'_>) -> T) -> T {
    let texts = texts().expect("the texts are sound");
    test(View::new(&texts, "en"))
}

/// Rows of (caption, data).
fn buttons(screen: &Screen) -> Vec<Vec<(String, String)>> {
    let button = |button: &InlineKeyboardButton| match &button.kind {
        InlineKeyboardButtonKind::CallbackData(data) => (button.text.clone(), data.clone()),
        other => panic!("{other:?}"),
    };
    let rows = screen.keyboard.inline_keyboard.iter();
    rows.map(|row| row.iter().map(button).collect()).collect()
}

fn pair(caption: &str, data: &str) -> (String, String) {
    (caption.into(), data.into())
}

fn page(number: u32, pages: u32, counts: (u32, u32), tasks: Vec<Task>) -> Page {
    let counts = Counts {
        open: counts.0,
        done: counts.1,
    };
    Page {
        number,
        pages,
        counts,
        tasks,
    }
}

#[test]
fn an_open_card_offers_done_and_escapes_what_people_typed() {
    let card = with_view(|view| view.card(&task(12, "a < b & c", State::Open)));
    assert_eq!(card.text, "⬜ <b>#12</b> a &lt; b &amp; c");
    assert_eq!(buttons(&card), [[pair("Done", "t:set:12:done")]]);
}

#[test]
fn a_done_card_says_by_whom_and_offers_to_reopen() {
    let card = with_view(|view| view.card(&task(12, "Disk", State::Done)));
    assert_eq!(
        card.text,
        "✅ <b>#12</b> <s>Disk</s>\nDone by Ada &lt;b&gt;."
    );
    assert_eq!(buttons(&card), [[pair("Reopen", "t:set:12:open")]]);
}

#[test]
fn somebody_without_a_name_is_somebody() {
    let mut done = task(1, "x", State::Done);
    for name in [None, Some(String::new()), Some(" ".into())] {
        done.done_by_name = name;
        let card = with_view(|view| view.card(&done));
        assert!(card.text.ends_with("Done by somebody."), "{}", card.text);
    }
}

#[test]
fn a_list_has_a_button_for_each_task_with_the_state_it_leads_to() {
    let tasks = vec![
        task(3, "Open one", State::Open),
        task(2, "Done one", State::Done),
    ];
    let list = page(1, 1, (1, 1), tasks);
    let list = with_view(|view| view.list(&list, Sight::Own(UserId(1))));
    assert_eq!(
        list.text,
        "<b>Your tasks</b>: 1 open, 1 done.\nPress a task to mark it done or to reopen it."
    );
    let open = pair("⬜ #3 Open one", "t:set:3:done:1");
    let done = pair("✅ #2 Done one", "t:set:2:open:1");
    assert_eq!(buttons(&list), [[open], [done]]);
}

#[test]
fn pages_lead_to_their_neighbours_and_no_further() {
    let way = |number| {
        let list = page(number, 3, (17, 0), vec![task(1, "x", State::Open)]);
        let list = with_view(|view| view.list(&list, Sight::Group(ChatId(-5))));
        let place = format!("Page {number} of 3.");
        assert!(list.text.ends_with(&place), "{}", list.text);
        buttons(&list).pop().expect("a row of ways")
    };
    let (back, on) = ("‹ Previous", "Next ›");
    assert_eq!(way(1), [pair(on, "t:list:2")]);
    assert_eq!(way(2), [pair(back, "t:list:1"), pair(on, "t:list:3")]);
    assert_eq!(way(3), [pair(back, "t:list:2")]);
}

#[test]
fn a_task_that_a_press_moved_to_another_page_can_be_moved_back_at_once() {
    let list = page(1, 2, (8, 1), vec![task(1, "x", State::Open)]);
    let after = |task| {
        let list = with_view(|view| view.list_after(&list, Sight::Everything, &task));
        buttons(&list)[0][0].clone()
    };
    assert_eq!(
        after(task(9, "gone on", State::Done)),
        pair("✅ #9 gone on", "t:set:9:open:1")
    );
    // On the page already: not twice.
    assert_eq!(
        after(task(1, "x", State::Open)),
        pair("⬜ #1 x", "t:set:1:done:1")
    );
}

#[test]
fn an_empty_list_says_what_to_do() {
    let empty = page(1, 1, (0, 0), vec![]);
    let list = with_view(|view| view.list(&empty, Sight::Everything));
    assert!(list.text.contains("<code>/task "), "{}", list.text);
    assert!(list.keyboard.inline_keyboard.is_empty());
}

#[test]
fn the_longest_of_everything_still_fits_into_telegram() {
    let mut longest = task(i64::MAX, &"🚒".repeat(Title::LIMIT), State::Done);
    longest.done_by_name = Some("🚒".repeat(500));
    with_view(|view| {
        let card = view.card(&longest);
        assert!(card.text.encode_utf16().count() <= 4096);
        for answer in [
            view.already(&longest),
            view.gone(longest.id),
            view.bad_button(),
        ] {
            assert!(answer.encode_utf16().count() <= 200, "{answer}");
        }
        let list = view.list(
            &page(1, 9, (1, 1), vec![longest.clone()]),
            Sight::Everything,
        );
        let caption = &buttons(&list)[0][0].0;
        assert!(
            caption.ends_with("🚒…") && caption.chars().count() < 70,
            "{caption}"
        );
    });
}

#[test]
fn no_text_misses_an_argument() {
    let tasks = || State::ALL.map(|state| task(7, "title", state));
    let said = with_view(|view| {
        let mut said = vec![
            view.title_fault(TitleError::Empty),
            view.title_fault(TitleError::TooLong { length: 401 }),
            view.page_fault(),
            view.gone(TaskId(7)),
            view.not_allowed("task.complete"),
            view.bad_button(),
        ];
        for task in tasks() {
            said.extend([view.card(&task).text, view.already(&task)]);
        }
        let list = page(2, 3, (9, 9), tasks().to_vec());
        for sight in [
            Sight::Group(ChatId(-5)),
            Sight::Everything,
            Sight::Own(UserId(1)),
        ] {
            let list = view.list(&list, sight);
            said.extend(
                buttons(&list)
                    .into_iter()
                    .flatten()
                    .map(|(caption, _)| caption),
            );
            said.push(list.text);
        }
        said
    });
    for text in said {
        assert!(!text.contains("{$") && !text.contains('⟨'), "{text}");
    }
}

#[test]
fn a_title_that_is_too_long_hears_both_numbers() {
    let text = with_view(|view| view.title_fault(TitleError::TooLong { length: 412 }));
    assert!(text.contains("412") && text.contains("400"), "{text}");
}

/// Every example in a help text is a test.
#[test]
fn the_examples_in_the_texts_are_commands_that_work() {
    let usage = with_view(|view| view.title_fault(TitleError::Empty));
    let title = usage
        .split("<code>/task ")
        .nth(1)
        .and_then(|rest| rest.split('<').next());
    assert!(Title::parse(title.expect("an example")).is_ok());
    let usage = with_view(|view| view.page_fault());
    assert!(usage.contains("<code>/tasks 2</code>"), "{usage}");
}
