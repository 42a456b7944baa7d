//! Refusing, blocking, unblocking.

use bot_core::access::no_replies;
use bot_core::access::{AccessError, Refused, Which};
use vahta_rows::UpdateId;

use crate::bed::{ADA, Bed, GUS, LIM, actor, by, console, give, sender, stories, user};

stories!(
    after_enough_tries_a_stranger_is_blocked,
    an_update_that_runs_again_counts_once,
    a_block_wins_over_every_grant,
    after_an_unblock_the_first_refusal_is_told_again,
    nobody_blocks_themselves,
    people_are_listed_by_what_became_of_them,
);

async fn after_enough_tries_a_stranger_is_blocked(bed: Bed) {
    let access = bed.access().await;
    let gus = sender(GUS, "Gus");
    for (update, blocked_now) in [(1, false), (2, false), (3, true), (4, false)] {
        let id = UpdateId(update);
        let done = access
            .count_refusal(&gus, id, &console(), &no_replies)
            .await
            .unwrap()
            .done;
        assert_eq!(
            (i64::from(done.count), done.blocked_now),
            (update, blocked_now)
        );
    }
    assert!(actor(&access, GUS).blocked);
    assert_eq!(bed.count("events WHERE topic = 'access.block'").await, 1);
    // Another process knows as well.
    assert!(actor(&bed.access().await, GUS).blocked);
}

async fn an_update_that_runs_again_counts_once(bed: Bed) {
    let access = bed.access().await;
    let gus = sender(GUS, "Gus");
    for _ in 0..5 {
        let change = access
            .count_refusal(&gus, UpdateId(1), &console(), &no_replies)
            .await
            .unwrap();
        assert_eq!((change.done.count, change.done.blocked_now), (1, false));
    }
    assert!(!actor(&access, GUS).blocked);
}

async fn a_block_wins_over_every_grant(bed: Bed) {
    let access = bed.access().await;
    let lim = give(&access, LIM, "admin").await;
    assert!(
        access
            .block(lim, "leaving", &console(), &no_replies)
            .await
            .unwrap()
            .done
            .changed
    );
    assert!(
        !access
            .block(lim, "again", &console(), &no_replies)
            .await
            .unwrap()
            .done
            .changed
    );
    let blocked = actor(&access, LIM);
    assert!(blocked.blocked && !blocked.may("core.users.view") && !blocked.is_known());
    let reason = access
        .snapshot()
        .user(lim)
        .unwrap()
        .blocked
        .clone()
        .unwrap()
        .reason;
    assert_eq!(reason.as_deref(), Some("leaving"));
    access.unblock(lim, &console(), &no_replies).await.unwrap();
    assert!(actor(&access, LIM).may("core.users.view"));
}

async fn after_an_unblock_the_first_refusal_is_told_again(bed: Bed) {
    let access = bed.access().await;
    let gus = sender(GUS, "Gus");
    for update in 1..=3 {
        access
            .count_refusal(&gus, UpdateId(update), &console(), &no_replies)
            .await
            .unwrap();
    }
    let id = user(&access, GUS).await;
    let ada = user(&access, ADA).await;
    assert!(
        access
            .unblock(id, &by(ada), &no_replies)
            .await
            .unwrap()
            .done
            .changed
    );
    assert!(!actor(&access, GUS).blocked);
    let change = access
        .count_refusal(&gus, UpdateId(4), &console(), &no_replies)
        .await
        .unwrap();
    assert_eq!(change.done.count, 1);
}

async fn nobody_blocks_themselves(bed: Bed) {
    let access = bed.access().await;
    let lim = give(&access, LIM, "admin").await;
    let blocked = access.block(lim, "", &by(lim), &no_replies).await;
    assert!(matches!(
        blocked.unwrap_err(),
        AccessError::Refused(Refused::Yourself)
    ));
}

async fn people_are_listed_by_what_became_of_them(bed: Bed) {
    let access = bed.access().await;
    give(&access, LIM, "operator").await;
    let gus = sender(GUS, "Gus");
    access
        .count_refusal(&gus, UpdateId(1), &console(), &no_replies)
        .await
        .unwrap();
    let names = async |which| {
        let mut ids: Vec<i64> = Vec::new();
        for page in 0..3 {
            let page = access.people(which, page, 1).await.unwrap();
            ids.extend(page.people.iter().filter_map(|person| person.telegram_id));
            if !page.has_more {
                break;
            }
        }
        ids.sort_unstable();
        ids
    };
    assert_eq!(names(Which::Members).await, [ADA, LIM]);
    assert_eq!(names(Which::Refused).await, [GUS]);
    assert!(names(Which::Blocked).await.is_empty());
    assert_eq!(names(Which::Everyone).await, [ADA, LIM, GUS]);
}
