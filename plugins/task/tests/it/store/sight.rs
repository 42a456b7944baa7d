//! Lists show what the rule shows, in order, page by page.

use std::num::NonZeroU32;

use vahta_plugin_sdk::rows::{ChatId, Db, Micros, UserId, transaction, with_db};
use vahta_task::sight::Sight;
use vahta_task::state::State;
use vahta_task::state::Way;
use vahta_task::store::TaskRows as _;
use vahta_task::store::lists::{Counts, Filter, Page, PageLength, TaskLists as _};
use vahta_task::store::parts::{NewPart, PartRows as _};
use vahta_task::task::Task;
use vahta_task::task::{Assignee, NewTask};

use crate::base::{new_task, on_both, person};

on_both![
    a_list_shows_exactly_what_the_rule_for_one_task_shows,
    whoever_has_a_part_of_a_task_sees_it_and_a_draft_is_its_authors_alone,
    filters_narrow_what_one_sees,
    open_tasks_come_first_and_the_latest_change_is_on_top,
    a_page_that_does_not_exist_is_the_nearest_that_does,
];

const EIGHT: PageLength = PageLength(NonZeroU32::new(8).unwrap());

async fn page(db: &Db, sight: Sight, number: u32) -> Page {
    with_db!(db, c => c.page(sight, &Filter::All, number, EIGHT).await).unwrap()
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
    transaction!(db, c => {
        let task = c.lock(task.id).await?.unwrap();
        let Way::Step(step) = task.state.way_to(state) else {
            panic!("{:?} leads nowhere", task.state);
        };
        c.take(&task, step, &by, None, Micros(at)).await
    })
    .unwrap();
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
    let all = listed(db, Sight::Everything(None)).await;
    assert_eq!(all.len(), 8);
    for (sight, expected) in [
        (Sight::Everything(None), 8),
        (Sight::Group(ChatId(-5)), 3),
        (Sight::Group(ChatId(-7)), 0),
        (Sight::Own(UserId(1)), 4),
        (Sight::Own(UserId(2)), 4),
        (Sight::Own(UserId(3)), 0),
        (Sight::Nothing, 0),
    ] {
        let shown: Vec<Task> = all
            .iter()
            .filter(|task| sight.shows(task, false))
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
    let order: Vec<i64> = listed(db, Sight::Everything(None))
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
        assert_eq!(
            page.counts,
            Counts {
                open: 19,
                ..Counts::default()
            }
        );
    }
    let mut numbers: Vec<i64> = listed(db, sight)
        .await
        .iter()
        .map(|task| task.id.0)
        .collect();
    numbers.dedup();
    assert_eq!(numbers.len(), 19);
}

async fn whoever_has_a_part_of_a_task_sees_it_and_a_draft_is_its_authors_alone(db: &Db) {
    let lim = |user| Assignee {
        user: UserId(user),
        name: "Lim".into(),
    };
    let given = NewTask {
        assignee: Some(lim(2)),
        ..new_task(-5, 1, 1)
    };
    let draft = NewTask {
        state: State::Draft,
        assignee: Some(lim(2)),
        ..new_task(-5, 2, 1)
    };
    let part = NewPart {
        title: "A part".into(),
        assignee: Some(lim(3)),
        due_at: None,
    };
    let (given, draft) = transaction!(db, c => {
        let given = c.create(&given).await?.task;
        c.add_parts(given.id, std::slice::from_ref(&part)).await?;
        Ok((given, c.create(&draft).await?.task))
    })
    .unwrap();
    for (sight, has_part, expected) in [
        (Sight::Own(UserId(1)), false, vec![&draft, &given]),
        (Sight::Own(UserId(2)), false, vec![&given]),
        (Sight::Own(UserId(3)), true, vec![&given]),
        (Sight::Own(UserId(4)), false, vec![]),
        (Sight::Everything(Some(UserId(9))), false, vec![&given]),
        (
            Sight::Everything(Some(UserId(1))),
            false,
            vec![&draft, &given],
        ),
        (Sight::Group(ChatId(-5)), false, vec![&given]),
    ] {
        let listed = listed(db, sight).await;
        assert_eq!(listed.iter().collect::<Vec<_>>(), expected, "{sight:?}");
        for task in [&given, &draft] {
            let has_part = has_part && task.id == given.id;
            assert_eq!(
                sight.shows(task, has_part),
                expected.contains(&task),
                "{sight:?}"
            );
        }
    }
}

async fn filters_narrow_what_one_sees(db: &Db) {
    use vahta_task::store::notes::NoteRows as _;
    let mine = Assignee {
        user: UserId(2),
        name: "Lim".into(),
    };
    let tasks = [
        NewTask {
            due_at: Some(Micros(50)),
            assignee: Some(mine),
            ..new_task(-5, 1, 1)
        },
        NewTask {
            state: State::Pending,
            ..new_task(-5, 2, 2)
        },
        NewTask {
            title: vahta_task::title::Title::parse("100 % of _that_").unwrap(),
            ..new_task(-5, 3, 1)
        },
    ];
    for task in &tasks {
        transaction!(db, c => {
            let task = c.create(task).await?.task;
            c.set_labels(task.id, &["infra".to_owned()]).await
        })
        .unwrap();
    }
    let found = async |filter: Filter| {
        let sight = Sight::Everything(None);
        let page = with_db!(db, c => c.page(sight, &filter, 1, EIGHT).await).unwrap();
        let ids: Vec<i64> = page.tasks.iter().map(|task| task.id.0).collect();
        (ids, page.counts.all())
    };
    assert_eq!(found(Filter::Mine(UserId(2))).await, (vec![1], 1));
    assert_eq!(found(Filter::Created(UserId(2))).await, (vec![2], 1));
    assert_eq!(found(Filter::Pending).await, (vec![2], 1));
    assert_eq!(found(Filter::Overdue(Micros(51))).await, (vec![1], 1));
    assert_eq!(found(Filter::Overdue(Micros(50))).await, (vec![], 0));
    assert_eq!(found(Filter::Label("infra".into())).await.1, 3);
    assert_eq!(found(Filter::Label("inf".into())).await.1, 0);
    assert_eq!(found(Filter::State(State::Pending)).await, (vec![2], 1));
    assert_eq!(found(Filter::Text("TASK".into())).await, (vec![2, 1], 2));
    // The signs of LIKE stand for themselves.
    assert_eq!(found(Filter::Text("100 %".into())).await, (vec![3], 1));
    assert_eq!(found(Filter::Text("_that_".into())).await, (vec![3], 1));
    assert_eq!(found(Filter::Text("T%1".into())).await, (vec![], 0));
}
