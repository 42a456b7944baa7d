use vahta_plugin_sdk::rows::{ChatId, UserId};
use vahta_plugin_sdk::teloxide::types::InlineKeyboardButtonKind;

use super::*;
use crate::press::Look;
use crate::priority::Priority;
use crate::store::lists::Counts;
use crate::task::{Part, Whole};
use crate::title::{Title, TitleError};
use crate::work::Refused;

fn task(id: i64, title: &str, state: State) -> Task {
    let done_by_name = (state == State::Done).then(|| "Ada <b>".to_owned());
    Task {
        id: TaskId(id),
        title: title.into(),
        state,
        priority: Priority::Normal,
        chat_id: 1,
        created_by_user: None,
        created_by_name: "Lim".into(),
        created_at: 0,
        assignee: None,
        assignee_name: None,
        due_at: None,
        template_id: None,
        steps_at: None,
        done_by_name,
        done_at: None,
        decided_by_name: None,
        decided_at: None,
        reason: None,
        changed_at: 0,
        version: 2,
        repeat: None,
        follows: None,
    }
}

fn whole(task: Task) -> Whole {
    Whole {
        task,
        labels: Vec::new(),
        parts: Vec::new(),
        comments: Vec::new(),
        template: None,
    }
}

fn part(position: i32, done: bool) -> Part {
    Part {
        id: i64::from(position),
        task_id: 12,
        position,
        title: format!("Part {position}"),
        done,
        assignee: None,
        assignee_name: Some("Lim".into()),
        due_at: None,
        done_by_name: done.then(|| "Ada".to_owned()),
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
        ..Counts::default()
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
    let card = with_view(|view| view.card(&whole(task(12, "a < b & c", State::Open))));
    assert_eq!(card.text, "⬜ <b>#12</b> a &lt; b &amp; c");
    assert_eq!(buttons(&card)[0], [pair("Done", "t:set:12:done")]);
    let changing = [pair("Edit", "t:edit:12"), pair("Comment", "t:say:12")];
    assert_eq!(buttons(&card)[1], changing);
    let leaving = [
        pair("Hand over", "t:pass:12"),
        pair("Cancel task", "t:set:12:cancelled"),
    ];
    assert_eq!(buttons(&card)[2], leaving);
}

#[test]
fn a_done_card_says_by_whom_and_offers_to_reopen() {
    let card = with_view(|view| view.card(&whole(task(12, "Disk", State::Done))));
    assert_eq!(
        card.text,
        "✅ <b>#12</b> <s>Disk</s>\nDone by Ada &lt;b&gt;."
    );
    let all = [pair("Reopen", "t:set:12:open"), pair("Comment", "t:say:12")];
    assert_eq!(buttons(&card), [all]);
}

#[test]
fn somebody_without_a_name_is_somebody() {
    let mut done = task(1, "x", State::Done);
    for name in [None, Some(String::new()), Some(" ".into())] {
        done.done_by_name = name;
        let card = with_view(|view| view.card(&whole(done.clone())));
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
    let list = with_view(|view| view.list(&list, &Filter::All, Sight::Own(UserId(1))));
    assert_eq!(
        list.text,
        "<b>Your tasks</b>: 1 open, 1 done.\nPress a task to mark it done or to reopen it, or open \
         one:\n/task_3 /task_2"
    );
    let open = pair("⬜ #3 Open one", "t:set:3:done:1:all");
    let done = pair("✅ #2 Done one", "t:set:2:open:1:all");
    assert_eq!(buttons(&list)[..2], [vec![open], vec![done]]);
}

#[test]
fn pages_lead_to_their_neighbours_and_no_further() {
    let way = |number| {
        let list = page(number, 3, (17, 0), vec![task(1, "x", State::Open)]);
        let list = with_view(|view| view.list(&list, &Filter::All, Sight::Group(ChatId(-5))));
        let place = format!("Page {number} of 3.");
        assert!(list.text.contains(&place), "{}", list.text);
        buttons(&list).pop().expect("a row of ways")
    };
    let (back, on) = ("‹ Previous", "Next ›");
    assert_eq!(way(1), [pair(on, "t:list:2:all")]);
    assert_eq!(
        way(2),
        [pair(back, "t:list:1:all"), pair(on, "t:list:3:all")]
    );
    assert_eq!(way(3), [pair(back, "t:list:2:all")]);
}

#[test]
fn a_task_that_a_press_moved_to_another_page_can_be_moved_back_at_once() {
    let list = page(1, 2, (8, 1), vec![task(1, "x", State::Open)]);
    let after = |task| {
        let list =
            with_view(|view| view.list_after(&list, &Filter::All, Sight::Everything(None), &task));
        buttons(&list)[0][0].clone()
    };
    assert_eq!(
        after(task(9, "gone on", State::Done)),
        pair("✅ #9 gone on", "t:set:9:open:1:all")
    );
    // On the page already: not twice.
    assert_eq!(
        after(task(1, "x", State::Open)),
        pair("⬜ #1 x", "t:set:1:done:1:all")
    );
}

#[test]
fn an_empty_list_says_what_to_do() {
    let empty = page(1, 1, (0, 0), vec![]);
    let list = with_view(|view| view.list(&empty, &Filter::All, Sight::Group(ChatId(-5))));
    assert!(list.text.contains("<code>/task "), "{}", list.text);
    assert!(list.keyboard.inline_keyboard.is_empty());
}

#[test]
fn the_longest_of_everything_still_fits_into_telegram() {
    let mut longest = task(i64::MAX, &"🚒".repeat(Title::LIMIT), State::Done);
    longest.done_by_name = Some("🚒".repeat(500));
    with_view(|view| {
        let card = view.card(&whole(longest.clone()));
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
            &Filter::All,
            Sight::Everything(None),
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
            view.ask_comment(&task(7, "title", State::Open)),
            view.gone(TaskId(7)),
            view.not_allowed("task.complete"),
            view.bad_button(),
        ];
        for refused in [
            Refused::NotYours,
            Refused::Pending,
            Refused::NoWay(State::Done),
            Refused::PartsOpen(2),
            Refused::NoPart,
            Refused::Text,
        ] {
            said.push(view.refused(TaskId(7), &refused));
        }
        for task in tasks() {
            said.extend([view.card(&whole(task.clone())).text, view.already(&task)]);
        }
        let list = page(2, 3, (9, 9), tasks().to_vec());
        for sight in [
            Sight::Group(ChatId(-5)),
            Sight::Everything(None),
            Sight::Own(UserId(1)),
        ] {
            let list = view.list(&list, &Filter::All, sight);
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

#[test]
fn a_card_with_parts_shows_how_far_it_is_and_a_button_for_each() {
    let mut task = whole(task(12, "Disk", State::Open));
    task.parts = vec![part(1, true), part(2, false)];
    let card = with_view(|view| view.card(&task));
    let lines: Vec<&str> = card.text.lines().skip(1).collect();
    assert_eq!(
        lines,
        ["▰▰▰▰▰▱▱▱▱▱ 1/2", "✅ 1. Part 1 — Ada", "⬜ 2. Part 2 — Lim"]
    );
    let parts = [
        pair("✅ 1. Part 1", "t:part:12:1:open"),
        pair("⬜ 2. Part 2", "t:part:12:2:done"),
    ];
    assert_eq!(buttons(&card)[0], parts);
    // It is done with its last part, not before.
    assert!(
        buttons(&card)
            .iter()
            .flatten()
            .all(|(_, data)| data != "t:set:12:done")
    );
}

#[test]
fn of_many_parts_the_open_ones_are_shown() {
    let mut task = whole(task(12, "Disk", State::Open));
    task.parts = (1..=30)
        .map(|position| part(position, position <= 20))
        .collect();
    let card = with_view(|view| view.card(&task));
    assert!(
        card.text.contains("20/30") && card.text.contains("… and 18 more"),
        "{}",
        card.text
    );
    for position in 21..=30 {
        assert!(
            card.text.contains(&format!("⬜ {position}. ")),
            "{}",
            card.text
        );
    }
}

#[test]
fn a_fresh_task_can_be_undone_and_an_older_one_cancelled() {
    let mut fresh = whole(task(12, "Disk", State::Pending));
    for (version, caption) in [(1, "Undo"), (2, "Cancel task")] {
        fresh.task.version = version;
        let card = with_view(|view| view.card(&fresh));
        let last = buttons(&card).pop().unwrap().pop().unwrap();
        assert_eq!(last, pair(caption, "t:set:12:cancelled"));
    }
}

#[test]
fn times_are_told_by_the_persons_clock() {
    let now = "2026-07-15T12:00:00Z".parse().unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap().as_microsecond();
    with_view(|view| {
        let view = view.at(TimeZone::get("Europe/Berlin").unwrap(), now);
        assert_eq!(view.time(at("2026-07-15T15:00:00Z")), "17:00");
        assert_eq!(view.time(at("2026-07-16T15:00:00Z")), "Thu 16 Jul, 17:00");
        assert_eq!(view.time(at("2027-01-16T15:00:00Z")), "16 Jan 2027, 16:00");
    });
}

#[test]
fn every_view_of_a_list_leads_to_the_others() {
    let list = page(1, 1, (1, 0), vec![task(1, "x", State::Open)]);
    for look in Look::ALL {
        let filter = look.filter(Some(UserId(7)), vahta_plugin_sdk::rows::Micros(0));
        let list = with_view(|view| view.list(&list, &filter, Sight::Own(UserId(7))));
        let all = buttons(&list);
        let data: Vec<&str> = all
            .iter()
            .flatten()
            .map(|(_, data)| data.as_str())
            .collect();
        for other in Look::ALL {
            let button = format!("t:list:1:{}", other.name());
            assert_eq!(data.contains(&button.as_str()), other != look, "{button}");
        }
    }
}

/// What a draft prints below itself reads as the same task, and nearly every draft prints it.
#[test]
fn the_preview_reads_back_as_the_same_task() {
    use crate::repeat::Repeat;
    use jiff::Zoned;
    let texts = texts().unwrap();
    let titles = [
        "Replace disk",
        "Заменить диск",
        "Call C# people about #12",
        "Order paper!!",
        "Upgrade Ubuntu 24.04",
        "check 3 of 4",
        "x",
        "<b>bold</b> & co",
        "Pay invoice 2026-118",
        "50 % of it",
    ];
    let dues = [
        "",
        "2026-07-16T17:00",
        "2026-07-15T12:08",
        "2026-07-15T14:07:33",
        "2027-02-28T09:00",
    ];
    let rules = [
        "",
        "every monday 10:00",
        "every weekday 9:00",
        "31st monthly 18:00",
        "every 2 weeks on tue 9:00",
        "every 3 days after done",
        "mon-fri 10-18/1h30m",
        "every day 9:00 ×5",
    ];
    let people = [None, Some("Bob"), Some("Ada Lovelace"), Some("Лим")];
    let (mut all, mut printed) = (0, 0);
    for zone in ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC"] {
        let now: Zoned = format!("2026-07-15T12:07:33[{zone}]").parse().unwrap();
        for language in ["en", "ru"] {
            let view = View::new(&texts, language).at(now.time_zone().clone(), now.timestamp());
            for (n, title) in titles.iter().enumerate() {
                for due in dues {
                    for rule in rules {
                        let mut whole = whole(task(12, title, State::Draft));
                        let at = (!due.is_empty())
                            .then(|| format!("{due}[{zone}]").parse::<Zoned>().unwrap());
                        whole.task.due_at = at.map(|at| at.timestamp().as_microsecond());
                        if !rule.is_empty() {
                            let read = crate::quick::Quick::parse(rule, &now).unwrap();
                            let repeat: Option<Repeat> = read.repeat;
                            whole.task.due_at = whole.task.due_at.or(read.due.map(|due| due.0));
                            whole.task.repeat = repeat;
                        }
                        whole.task.assignee_name = people[n % people.len()].map(str::to_owned);
                        whole.task.priority = Priority::ALL[n % 4];
                        whole.labels = ["a", "rack-4", "инфра"][..n % 4]
                            .iter()
                            .map(|&l| l.to_owned())
                            .collect();
                        whole.template = (n % 2 == 0).then(|| "onboarding".to_owned());
                        let own_time = due.is_empty() || rule.is_empty() || rule.ends_with("done");
                        all += u32::from(own_time);
                        let Some(line) = view.in_one_line(&whole) else {
                            continue;
                        };
                        printed += 1;
                        let quick =
                            crate::quick::Quick::parse(&line["/task ".len()..], &now).unwrap();
                        assert_eq!(quick.text, whole.task.title, "{line}");
                        assert_eq!(quick.due.map(|due| due.0), whole.task.due_at, "{line}");
                        assert_eq!(quick.repeat, whole.task.repeat, "{line}");
                        assert_eq!(
                            quick.priority.unwrap_or_default(),
                            whole.task.priority,
                            "{line}"
                        );
                        assert_eq!(quick.labels, whole.labels, "{line}");
                        assert_eq!(quick.template, whole.template, "{line}");
                    }
                }
            }
        }
    }
    // A rule of the calendar with another first time than its own cannot be said in one line.
    assert_eq!(printed, all);
}
