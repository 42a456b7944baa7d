//! Changes of state are compare-and-set.

use vahta_plugin_sdk::rows::{Db, Micros, transaction, with_db};
use vahta_task::sight::Sight;
use vahta_task::state::{State, Step, Way};
use vahta_task::store::TaskRows as _;
use vahta_task::store::lists::{Counts, Filter, TaskLists as _};
use vahta_task::task::{Task, TaskId};

use crate::base::{new_task, on_both, person};

on_both![
    a_task_is_done_once_however_many_people_press_at_once,
    pressing_again_is_a_success_that_changes_nothing,
    a_reopened_task_forgets_who_did_it,
    opposite_wishes_at_once_end_in_one_of_the_two_states,
    a_task_that_does_not_exist_is_none,
];

async fn a_task(db: &Db) -> TaskId {
    transaction!(db, c => c.create(&new_task(-5, 7, 1)).await)
        .unwrap()
        .task
        .id
}

/// What became of a wish for a state.
struct Moved {
    task: Task,
    step: Option<Step>,
}

async fn move_to(db: &Db, id: TaskId, state: State, by: i64) -> Option<Moved> {
    let (by, at) = (person(by), Micros(2_000_000 + by));
    transaction!(db, c => {
        let Some(task) = c.lock(id).await? else {
            return Ok(None);
        };
        Ok(Some(match task.state.way_to(state) {
            Way::Step(step) => {
                let task = c.take(&task, step, &by, None, at).await?;
                Moved { task, step: Some(step) }
            }
            Way::There | Way::None => Moved { task, step: None },
        }))
    })
    .unwrap()
}

/// Everybody wants a state at once; what each of them hears.
async fn all_at_once(db: &Db, id: TaskId, wish: impl Fn(i64) -> State) -> Vec<Moved> {
    let presses = (0..20).map(|by| {
        let (db, state) = (db.clone(), wish(by));
        tokio::spawn(async move { move_to(&db, id, state, by).await.unwrap() })
    });
    futures::future::try_join_all(presses.collect::<Vec<_>>())
        .await
        .unwrap()
}

async fn a_task_is_done_once_however_many_people_press_at_once(db: &Db) {
    let id = a_task(db).await;
    let heard = all_at_once(db, id, |_| State::Done).await;
    let winners: Vec<_> = heard.iter().filter(|moved| moved.step.is_some()).collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(winners[0].step, Some(Step::Complete));
    // The others hear who it was.
    for moved in &heard {
        assert_eq!(moved.task, winners[0].task);
    }
    assert_eq!(winners[0].task.version, 2);
}

async fn pressing_again_is_a_success_that_changes_nothing(db: &Db) {
    let id = a_task(db).await;
    let first = move_to(db, id, State::Done, 1).await.unwrap();
    let second = move_to(db, id, State::Done, 2).await.unwrap();
    assert_eq!((first.step, second.step), (Some(Step::Complete), None));
    assert_eq!(first.task, second.task);
    assert_eq!(first.task.done_by_name, Some(person(1).name));
}

async fn a_reopened_task_forgets_who_did_it(db: &Db) {
    let id = a_task(db).await;
    move_to(db, id, State::Done, 1).await.unwrap();
    let open = move_to(db, id, State::Open, 2).await.unwrap();
    assert_eq!(open.step, Some(Step::Reopen));
    assert_eq!((open.task.state, open.task.version), (State::Open, 3));
    assert_eq!(open.task.done_by_name, None);
    let counts = with_db!(db, c => c.counts(Sight::Everything(None), &Filter::All).await).unwrap();
    let one = Counts {
        open: 1,
        ..Counts::default()
    };
    assert_eq!(counts, one);
}

async fn opposite_wishes_at_once_end_in_one_of_the_two_states(db: &Db) {
    let id = a_task(db).await;
    let wish = |by| {
        if by % 2 == 0 {
            State::Done
        } else {
            State::Open
        }
    };
    let heard = all_at_once(db, id, wish).await;
    let steps = heard.iter().filter(|moved| moved.step.is_some()).count();
    let last = with_db!(db, c => c.task(id).await).unwrap().unwrap();
    // Each step is one version, and steps alternate: an even number of them ends where it began.
    assert_eq!(usize::try_from(last.version).unwrap(), 1 + steps);
    assert_eq!(last.state == State::Open, steps % 2 == 0);
}

async fn a_task_that_does_not_exist_is_none(db: &Db) {
    assert!(move_to(db, TaskId(12), State::Done, 1).await.is_none());
    assert!(
        move_to(db, TaskId(i64::MIN), State::Done, 1)
            .await
            .is_none()
    );
}
