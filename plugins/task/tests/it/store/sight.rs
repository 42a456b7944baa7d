//! Lists show what the rule shows, in order, page by page.

use std::num::NonZeroU32;

use vahta_plugin_sdk::rows::{ChatId, Db, Micros, UserId, transaction, with_db};
use vahta_task::sight::Sight;
use vahta_task::state::State;
use vahta_task::store::{Counts, Page, PageLength, TaskRows as _};
use vahta_task::task::Task;

use crate::base::{new_task, on_both, person};

on_both![
    a_list_shows_exactly_what_the_rule_for_one_task_shows,
    open_tasks_come_first_and_the_latest_change_is_on_top,
    a_page_that_does_not_exist_is_the_nearest_that_does,
];

const EIGHT: PageLength = PageLength(NonZeroU32::new(8).unwrap());

async fn page(db: &Db, sight: Sight, number: u32) -> Page {
    with_db!(db, c => c.page(sight, number, EIGHT).await).unwrap()
}

async fn listed(db: &Db, sight: Sight) -> Vec<Task> {
    let mut tasks = Vec::new();
    for number in 1..=page(db, sight, 1).await.pages {
        tasks.extend(page(db, sight, number).await.tasks);
    }
    tasks
}

async fn create(db: &Db, chat: i64, message: i64, by: i64) -> Task {
    transaction!(db, c => c.create(&new_task(chat, message, by)).await)
        .unwrap()
        .task
}

async fn set(db: &Db, task: &Task, state: State, at: i64) {
    let by = person(1);
    let moved = transaction!(db, c => c.move_to(task.id, state, &by, Micros(at)).await);
    assert!(moved.unwrap().unwrap().step.is_some());
}

async fn a_list_shows_exactly_what_the_rule_for_one_task_shows(db: &Db) {
    for (message, (chat, by)) in (1..).zip([
        (-5, 1),
        (-5, 2),
        (-6, 1),
        (-6, 2),
        (1001, 1),
        (1002, 2),
        (-5, 1),
        (1002, 2),
    ]) {
        let task = create(db, chat, message, by).await;
        if message % 2 == 0 {
            set(db, &task, State::Done, 9_000_000 + message).await;
        }
    }
    let all = listed(db, Sight::Everything).await;
    assert_eq!(all.len(), 8);
    for (sight, expected) in [
        (Sight::Everything, 8),
        (Sight::Group(ChatId(-5)), 3),
        (Sight::Group(ChatId(-7)), 0),
        (Sight::Own(UserId(1)), 4),
        (Sight::Own(UserId(2)), 4),
        (Sight::Own(UserId(3)), 0),
        (Sight::Nothing, 0),
    ] {
        let shown: Vec<Task> = all
            .iter()
            .filter(|task| sight.shows(task))
            .cloned()
            .collect();
        assert_eq!(shown.len(), expected, "{sight:?}");
        assert_eq!(listed(db, sight).await, shown, "{sight:?}");
    }
}

async fn open_tasks_come_first_and_the_latest_change_is_on_top(db: &Db) {
    let mut tasks = Vec::new();
    for message in 1..=5 {
        tasks.push(create(db, -5, message, 1).await);
    }
    set(db, &tasks[3], State::Done, 5_000_000).await;
    set(db, &tasks[1], State::Done, 6_000_000).await;
    set(db, &tasks[4], State::Done, 7_000_000).await;
    set(db, &tasks[4], State::Open, 8_000_000).await;
    let order: Vec<i64> = listed(db, Sight::Everything)
        .await
        .iter()
        .map(|task| task.id.0)
        .collect();
    let expected = [4, 2, 0, 1, 3].map(|at: usize| tasks[at].id.0);
    assert_eq!(order, expected);
}

async fn a_page_that_does_not_exist_is_the_nearest_that_does(db: &Db) {
    let sight = Sight::Group(ChatId(-5));
    let empty = page(db, sight, 3).await;
    assert_eq!((empty.number, empty.pages, empty.tasks.len()), (1, 1, 0));
    for message in 1..=19 {
        create(db, -5, message, 1).await;
    }
    for (wanted, number, length) in [(0, 1, 8), (1, 1, 8), (2, 2, 8), (3, 3, 3), (u32::MAX, 3, 3)] {
        let page = page(db, sight, wanted).await;
        assert_eq!(
            (page.number, page.pages, page.tasks.len()),
            (number, 3, length)
        );
        assert_eq!(page.counts, Counts { open: 19, done: 0 });
    }
    let mut numbers: Vec<i64> = listed(db, sight)
        .await
        .iter()
        .map(|task| task.id.0)
        .collect();
    numbers.dedup();
    assert_eq!(numbers.len(), 19);
}
