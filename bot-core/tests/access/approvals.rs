//! Decisions on real databases, with many deciders at once.

use bot_core::access::{Access, no_replies};
use bot_core::approvals::list::{self, Which};
use bot_core::approvals::{ApprovalError, Approvals, Refused};
use bot_core::events::Events;
use bot_core::jobs::Jobs;
use diesel_async::RunQueryDsl as _;
use vahta_rows::approvals::{ApprovalState, AskApproval as _, NewApproval};
use vahta_rows::{ApprovalId, DbError, UserId, transaction};

use crate::bed::{ADA, Bed, GUS, LIM, by, console, give, stories, user};

stories!(
    twenty_deciders_at_once_make_one_decision_and_one_job,
    a_question_is_open_once,
    two_people_have_to_approve_and_one_may_reject,
    a_right_is_looked_up_when_the_vote_is_counted,
    nobody_votes_after_the_end_of_time,
    the_owner_takes_its_question_back,
    lists_hold_what_one_may_see,
    a_number_of_approvals_that_makes_no_sense_is_refused,
);

fn service(bed: &Bed) -> Approvals {
    let db = bed.db.clone();
    Approvals::new(db.clone(), Events::new(db), Jobs::default())
}

fn question(key: &str, needed: u8) -> NewApproval {
    NewApproval {
        plugin: "asks".into(),
        needed,
        ..NewApproval::new(key, key, "asks.decide")
    }
}

async fn ask(bed: &Bed, new: &NewApproval) -> Option<ApprovalId> {
    transaction!(bed.db, c => c.ask_approval(new).await).unwrap()
}

async fn change(bed: &Bed, sql: &str) {
    transaction!(bed.db, c => {
        diesel::sql_query(sql).execute(c).await.map_err(DbError::from)
    })
    .unwrap();
}

/// Who may decide: admins, for the key is nobody's else.
async fn admins(access: &Access, count: i64) -> Vec<UserId> {
    let mut admins = Vec::new();
    for n in 0..count {
        admins.push(give(access, 2_000 + n, "admin").await);
    }
    admins
}

async fn vote(
    approvals: &Approvals,
    id: ApprovalId,
    user: UserId,
    approves: bool,
) -> Result<ApprovalState, Refused> {
    let done = approvals
        .decide(id, user, approves, None, &by(user), &no_replies)
        .await;
    match done {
        Ok(done) => Ok(done.decided.state),
        Err(ApprovalError::Refused(refused)) => Err(refused),
        Err(ApprovalError::Db(error)) => panic!("{error}"),
    }
}

async fn twenty_deciders_at_once_make_one_decision_and_one_job(bed: Bed) {
    let access = bed.access().await;
    let approvals = service(&bed);
    let admins = admins(&access, 20).await;
    for round in 0..10_i64 {
        let id = ask(&bed, &question(&format!("round {round}"), 1))
            .await
            .unwrap();
        let mut votes = tokio::task::JoinSet::new();
        for (n, admin) in admins.iter().enumerate() {
            let (approvals, admin) = (approvals.clone(), *admin);
            votes.spawn(async move { vote(&approvals, id, admin, n % 2 == 0).await });
        }
        let results = votes.join_all().await;
        let won = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(won, 1, "{results:?}");
        let late = |r: &&Result<_, Refused>| matches!(r, Err(Refused::Decided { .. }));
        assert_eq!(results.iter().filter(late).count(), 19, "{results:?}");
        assert_eq!(bed.count("jobs WHERE kind = 'approval'").await, round + 1);
        let decided = "audit_log WHERE action = 'approval.decided'";
        assert_eq!(bed.count(decided).await, round + 1);
        let events = "events WHERE topic = 'approval.decided'";
        assert_eq!(bed.count(events).await, round + 1);
        assert_eq!(bed.count("approval_votes").await, round + 1);
    }
}

async fn a_question_is_open_once(bed: Bed) {
    let access = bed.access().await;
    let approvals = service(&bed);
    let ada = user(&access, ADA).await;
    let first = ask(&bed, &question("same", 1)).await.unwrap();
    assert_eq!(ask(&bed, &question("same", 1)).await, None);
    assert!(vote(&approvals, first, ada, false).await.is_ok());
    assert!(
        ask(&bed, &question("same", 1)).await.is_some(),
        "asked anew"
    );
}

async fn two_people_have_to_approve_and_one_may_reject(bed: Bed) {
    let access = bed.access().await;
    let approvals = service(&bed);
    let admins = admins(&access, 2).await;
    let id = ask(&bed, &question("pair", 2)).await.unwrap();
    assert_eq!(
        vote(&approvals, id, admins[0], true).await,
        Ok(ApprovalState::Open)
    );
    let again = vote(&approvals, id, admins[0], true).await;
    assert!(
        matches!(again, Err(Refused::Voted { approves: true, .. })),
        "{again:?}"
    );
    assert_eq!(bed.count("jobs").await, 0);
    let snapshot = access.snapshot();
    let left = list::page(&bed.db, &snapshot, admins[0], Which::ToDecide, None, 9).await;
    assert!(
        left.unwrap().views.is_empty(),
        "whoever has voted has nothing to decide"
    );
    assert_eq!(
        vote(&approvals, id, admins[1], true).await,
        Ok(ApprovalState::Approved)
    );
    let id = ask(&bed, &question("pair", 2)).await.unwrap();
    assert_eq!(
        vote(&approvals, id, admins[0], true).await,
        Ok(ApprovalState::Open)
    );
    assert_eq!(
        vote(&approvals, id, admins[1], false).await,
        Ok(ApprovalState::Rejected)
    );
    let own = NewApproval {
        requested_by: Some(admins[0]),
        ..question("own", 1)
    };
    let id = ask(&bed, &own).await.unwrap();
    assert_eq!(
        vote(&approvals, id, admins[0], true).await,
        Err(Refused::OwnRequest)
    );
    let alone = NewApproval {
        own_counts: true,
        ..own
    };
    let id = ask(
        &bed,
        &NewApproval {
            key: "alone".into(),
            ..alone
        },
    )
    .await
    .unwrap();
    assert_eq!(
        vote(&approvals, id, admins[0], true).await,
        Ok(ApprovalState::Approved)
    );
}

/// Another process took the right away; this one's snapshot does not know it yet.
async fn a_right_is_looked_up_when_the_vote_is_counted(bed: Bed) {
    let access = bed.access().await;
    let approvals = service(&bed);
    let gus = give(&access, GUS, "admin").await;
    let id = ask(&bed, &question("right", 1)).await.unwrap();
    change(&bed, &format!("DELETE FROM grants WHERE user_id = {gus}")).await;
    let refused = vote(&approvals, id, gus, true).await;
    assert_eq!(refused, Err(Refused::NotAllowed("asks.decide".into())));
    let lim = give(&access, LIM, "admin").await;
    change(
        &bed,
        &format!("UPDATE bot_users SET blocked_at = 1 WHERE id = {lim}"),
    )
    .await;
    let refused = vote(&approvals, id, lim, true).await;
    assert_eq!(refused, Err(Refused::NotAllowed("asks.decide".into())));
    let ended = give(&access, 3_000, "admin").await;
    change(
        &bed,
        &format!("UPDATE grants SET expires_at = 1 WHERE user_id = {ended}"),
    )
    .await;
    assert!(vote(&approvals, id, ended, true).await.is_err());
    assert_eq!(bed.count("approval_votes").await, 0);
    let gone = vote(&approvals, ApprovalId(4_711), lim, true).await;
    assert_eq!(gone, Err(Refused::Gone));
}

async fn nobody_votes_after_the_end_of_time(bed: Bed) {
    let access = bed.access().await;
    let approvals = service(&bed);
    let ada = user(&access, ADA).await;
    let id = ask(&bed, &question("late", 1)).await.unwrap();
    change(&bed, "UPDATE approvals SET expires_at = 1").await;
    let late = vote(&approvals, id, ada, true).await;
    let state = ApprovalState::Expired;
    assert!(
        matches!(late, Err(Refused::Decided { state: s, .. }) if s == state),
        "{late:?}"
    );
}

async fn the_owner_takes_its_question_back(bed: Bed) {
    let access = bed.access().await;
    let approvals = service(&bed);
    let lim = user(&access, LIM).await;
    let asked = NewApproval {
        requested_by: Some(lim),
        ..question("back", 1)
    };
    ask(&bed, &asked).await.unwrap();
    let taken = transaction!(bed.db, c => c.withdraw_approval("asks", "back").await);
    assert!(taken.unwrap());
    let again = transaction!(bed.db, c => c.withdraw_approval("asks", "back").await);
    assert!(!again.unwrap());
    assert_eq!(bed.count("jobs").await, 0, "the owner knows");
    let id = ask(&bed, &asked).await.unwrap();
    let foreign = approvals.withdraw(id, UserId(4_711), &console()).await;
    assert!(matches!(
        foreign,
        Err(ApprovalError::Refused(Refused::NotYours))
    ));
    approvals.withdraw(id, lim, &by(lim)).await.unwrap();
    assert_eq!(
        bed.count("jobs WHERE kind = 'approval'").await,
        1,
        "it does not"
    );
}

async fn lists_hold_what_one_may_see(bed: Bed) {
    let access = bed.access().await;
    let lim = give(&access, LIM, "operator").await;
    let ada = user(&access, ADA).await;
    for n in 0..5 {
        let asked_by = (n % 2 == 0).then_some(lim);
        let new = NewApproval {
            requested_by: asked_by,
            ..question(&format!("q{n}"), 1)
        };
        ask(&bed, &new).await.unwrap();
    }
    let snapshot = access.snapshot();
    let list = async |user, which, before, size| {
        list::page(&bed.db, &snapshot, user, which, before, size)
            .await
            .unwrap()
    };
    let all = list(ada, Which::ToDecide, None, 3).await;
    assert_eq!(all.views.len(), 3);
    let rest = list(ada, Which::ToDecide, all.next, 3).await;
    assert_eq!((rest.views.len(), rest.next), (2, None));
    assert_eq!(list(lim, Which::ToDecide, None, 9).await.views.len(), 0);
    assert_eq!(list(lim, Which::Open, None, 9).await.views.len(), 3);
    assert_eq!(list(lim, Which::Asked, None, 9).await.views.len(), 3);
    assert_eq!(list(lim, Which::Decided, None, 9).await.views.len(), 0);
}

async fn a_number_of_approvals_that_makes_no_sense_is_refused(bed: Bed) {
    for needed in [0, 11] {
        let new = question("odd", needed);
        let asked = transaction!(bed.db, c => c.ask_approval(&new).await);
        assert!(asked.is_err(), "{needed}");
    }
}
