//! Giving and taking roles.

use std::time::Duration;

use bot_core::access::{AccessError, Reach, Refused, no_replies};
use vahta_rows::outbox::{Lane, Outgoing};
use vahta_rows::{ChatId, Micros};

use crate::bed::{ADA, Bed, GUS, LIM, OPS, actor, actor_in, by, console, give, stories, user};

stories!(
    a_stranger_may_do_nothing,
    a_grant_and_a_revoke_act_on_the_very_next_check,
    a_grant_in_one_chat_holds_there_only,
    a_grant_ends_by_itself,
    another_process_sees_a_change_when_it_sees_the_version,
    every_change_leaves_an_audit_row_and_an_event,
    a_change_that_runs_again_changes_and_says_nothing_twice,
    the_last_admin_cannot_be_lost,
    two_admins_who_revoke_each_other_at_once_leave_one,
    nobody_gives_more_than_they_hold,
    a_grant_waits_for_a_name_and_is_given_once,
    revoking_takes_exactly_what_was_named,
);

async fn a_stranger_may_do_nothing(bed: Bed) {
    let access = bed.access().await;
    let gus = actor(&access, GUS);
    assert!(!gus.may("core.users.view") && !gus.may("*") && !gus.may("") && !gus.is_known());
    assert!(actor(&access, ADA).may("core.users.manage") && actor(&access, ADA).may("not.yet"));
}

async fn a_grant_and_a_revoke_act_on_the_very_next_check(bed: Bed) {
    let access = bed.access().await;
    assert!(!actor(&access, LIM).may("core.status.view"));
    let lim = give(&access, LIM, "operator").await;
    assert!(actor(&access, LIM).may("core.status.view"));
    assert!(!actor(&access, LIM).may("core.users.manage"));
    access
        .revoke(lim, Some("operator"), None, &console(), &no_replies)
        .await
        .unwrap();
    assert!(!actor(&access, LIM).may("core.status.view") && !actor(&access, LIM).is_known());
}

async fn a_grant_in_one_chat_holds_there_only(bed: Bed) {
    let access = bed.access().await;
    let lim = user(&access, LIM).await;
    let here = Reach::Chat(OPS);
    access
        .grant(lim, "operator", here, None, &console(), &no_replies)
        .await
        .unwrap();
    assert!(actor_in(&access, LIM, OPS).may("core.status.view"));
    assert!(!actor_in(&access, LIM, ChatId(-1002)).may("core.status.view"));
    assert!(!actor(&access, LIM).may("core.status.view"));
    // Known all the same: told why not, and never counted as a stranger.
    assert!(actor(&access, LIM).is_known());
}

async fn a_grant_ends_by_itself(bed: Bed) {
    let access = bed.access().await;
    let lim = user(&access, LIM).await;
    let until = Micros::now().plus(Duration::from_millis(400));
    let everywhere = Reach::Everywhere;
    access
        .grant(
            lim,
            "operator",
            everywhere,
            Some(until),
            &console(),
            &no_replies,
        )
        .await
        .unwrap();
    assert!(actor(&access, LIM).may("core.status.view"));
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!actor(&access, LIM).may("core.status.view") && !actor(&access, LIM).is_known());
}

async fn another_process_sees_a_change_when_it_sees_the_version(bed: Bed) {
    let (here, there) = (bed.access().await, bed.access().await);
    give(&here, LIM, "operator").await;
    assert!(!actor(&there, LIM).may("core.status.view"));
    there.see_version(here.snapshot().version).await.unwrap();
    assert!(actor(&there, LIM).may("core.status.view"));
    assert_eq!(here.snapshot().version, there.snapshot().version);
}

async fn every_change_leaves_an_audit_row_and_an_event(bed: Bed) {
    let access = bed.access().await;
    let lim = give(&access, LIM, "operator").await;
    access
        .revoke(lim, None, None, &console(), &no_replies)
        .await
        .unwrap();
    for action in ["access.grant", "access.revoke"] {
        let object = format!("object = 'user:{lim}'");
        assert_eq!(
            bed.count(&format!("audit_log WHERE action = '{action}' AND {object}"))
                .await,
            1
        );
        assert_eq!(
            bed.count(&format!("events WHERE topic = '{action}' AND {object}"))
                .await,
            1
        );
    }
}

async fn a_change_that_runs_again_changes_and_says_nothing_twice(bed: Bed) {
    let access = bed.access().await;
    let lim = user(&access, LIM).await;
    let reply = |changed: bool| Outgoing {
        dedup_key: "u:7:core:0".into(),
        plugin: "core".into(),
        chat_id: ChatId(ADA),
        method: "SendMessage".into(),
        payload: serde_json::json!({ "text": changed }),
        lane: Lane::Reply,
        due_at: None,
    };
    let everywhere = Reach::Everywhere;
    for (is_first, rows) in [(true, 1), (false, 0)] {
        let change = access
            .grant(lim, "operator", everywhere, None, &console(), &|done| {
                vec![reply(done.changed)]
            })
            .await
            .unwrap();
        assert_eq!((change.done.changed, change.rows.len()), (is_first, rows));
    }
    assert_eq!(bed.count("outbox").await, 1);
    assert_eq!(
        bed.count("audit_log WHERE action = 'access.grant' AND source = 'cli'")
            .await,
        1
    );
}

async fn the_last_admin_cannot_be_lost(bed: Bed) {
    let access = bed.access().await;
    let ada = user(&access, ADA).await;
    let everywhere = Reach::Everywhere;
    let is_last = |error: &AccessError| matches!(error, AccessError::Refused(Refused::LastAdmin));
    let revoked = access
        .revoke(ada, None, None, &console(), &no_replies)
        .await;
    assert!(is_last(&revoked.unwrap_err()));
    assert!(is_last(
        &access
            .block(ada, "", &console(), &no_replies)
            .await
            .unwrap_err()
    ));
    let soon = Some(Micros::now().plus(Duration::from_secs(60)));
    let shortened = access
        .grant(ada, "admin", everywhere, soon, &console(), &no_replies)
        .await;
    assert!(is_last(&shortened.unwrap_err()));
    // An admin whose grant ends is no lasting one.
    let lim = user(&access, LIM).await;
    access
        .grant(lim, "admin", everywhere, soon, &console(), &no_replies)
        .await
        .unwrap();
    let revoked = access
        .revoke(ada, None, None, &console(), &no_replies)
        .await;
    assert!(is_last(&revoked.unwrap_err()));
    give(&access, LIM, "admin").await;
    access
        .revoke(ada, None, None, &console(), &no_replies)
        .await
        .unwrap();
    assert!(!actor(&access, ADA).may("core.users.view"));
}

async fn two_admins_who_revoke_each_other_at_once_leave_one(bed: Bed) {
    let (here, there) = (bed.access().await, bed.access().await);
    let ada = user(&here, ADA).await;
    let lim = give(&here, LIM, "admin").await;
    there.see_version(here.snapshot().version).await.unwrap();
    let (by_ada, by_lim) = (by(ada), by(lim));
    let (a, b) = tokio::join!(
        here.revoke(lim, Some("admin"), None, &by_ada, &no_replies),
        there.revoke(ada, Some("admin"), None, &by_lim, &no_replies),
    );
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1);
    assert_eq!(bed.count("grants WHERE role = 'admin'").await, 1);
}

async fn nobody_gives_more_than_they_hold(bed: Bed) {
    let access = bed.access().await;
    let keys = [
        "core.users.manage".to_string(),
        "core.users.view".to_string(),
    ];
    access
        .create_role("desk", &keys, &console(), &no_replies)
        .await
        .unwrap();
    let lim = user(&access, LIM).await;
    let gus = user(&access, GUS).await;
    let ada = user(&access, ADA).await;
    access
        .grant(lim, "desk", Reach::Chat(OPS), None, &console(), &no_replies)
        .await
        .unwrap();
    let by_lim = by(lim);
    let not_yours =
        |error: AccessError| matches!(error, AccessError::Refused(Refused::NotYours(_)));
    for (role, reach) in [
        ("admin", Reach::Chat(OPS)),
        ("operator", Reach::Chat(OPS)),
        ("desk", Reach::Everywhere),
        ("desk", Reach::Chat(ChatId(-1002))),
    ] {
        let granted = access
            .grant(gus, role, reach, None, &by_lim, &no_replies)
            .await;
        assert!(not_yours(granted.unwrap_err()), "{role} {reach:?}");
    }
    assert!(not_yours(
        access
            .block(ada, "", &by_lim, &no_replies)
            .await
            .unwrap_err()
    ));
    assert!(not_yours(
        access
            .revoke(ada, None, None, &by_lim, &no_replies)
            .await
            .unwrap_err()
    ));
    let hour = Duration::from_secs(3600);
    let invited = access
        .invite("admin", Reach::Everywhere, hour, &by_lim, &no_replies)
        .await;
    assert!(not_yours(invited.unwrap_err()));
    let own = Reach::Chat(OPS);
    access
        .grant(gus, "desk", own, None, &by_lim, &no_replies)
        .await
        .unwrap();
    assert!(actor_in(&access, GUS, OPS).may("core.users.view"));
}

async fn a_grant_waits_for_a_name_and_is_given_once(bed: Bed) {
    let access = bed.access().await;
    let everywhere = Reach::Everywhere;
    access
        .expect("Gus", "operator", everywhere, None, &console(), &no_replies)
        .await
        .unwrap();
    let now = Micros::now();
    assert!(access.snapshot().awaits("GUS", now) && !access.snapshot().awaits("lim", now));
    let day = Duration::from_secs(24 * 3600);
    assert!(
        !access
            .snapshot()
            .awaits("gus", now.plus(day + Duration::from_secs(5)))
    );
    let gus = crate::bed::sender(GUS, "Gus");
    let by = console();
    let (a, b) = tokio::join!(access.welcome(&gus, &by), access.welcome(&gus, &by));
    assert_eq!(a.unwrap() + b.unwrap(), 1);
    assert!(actor(&access, GUS).may("core.status.view") && !access.snapshot().awaits("gus", now));
    // Taken back before it is used, it gives nothing.
    access
        .expect("lim", "operator", everywhere, None, &console(), &no_replies)
        .await
        .unwrap();
    access
        .forget_expected("LIM", None, &console(), &no_replies)
        .await
        .unwrap();
    let lim = crate::bed::sender(LIM, "Lim");
    assert_eq!(access.welcome(&lim, &by).await.unwrap(), 0);
}

async fn revoking_takes_exactly_what_was_named(bed: Bed) {
    let access = bed.access().await;
    access
        .create_role("night", &[], &console(), &no_replies)
        .await
        .unwrap();
    let lim = user(&access, LIM).await;
    let places = [
        Reach::Everywhere,
        Reach::Chat(OPS),
        Reach::Chat(ChatId(-1002)),
    ];
    for role in ["operator", "night"] {
        for reach in places {
            access
                .grant(lim, role, reach, None, &console(), &no_replies)
                .await
                .unwrap();
        }
    }
    let here = Some(Reach::Chat(OPS));
    access
        .revoke(lim, Some("operator"), here, &console(), &no_replies)
        .await
        .unwrap();
    let held =
        |access: &bot_core::access::Access| access.snapshot().user(lim).unwrap().grants.len();
    assert_eq!(held(&access), 5);
    let known = access.snapshot().user(lim).unwrap().clone();
    assert!(
        !known
            .grants
            .iter()
            .any(|g| g.role == "operator" && g.reach == Reach::Chat(OPS))
    );
    access
        .revoke(lim, Some("night"), None, &console(), &no_replies)
        .await
        .unwrap();
    assert_eq!(held(&access), 2);
    let again = access
        .revoke(lim, Some("night"), None, &console(), &no_replies)
        .await;
    assert!(matches!(
        again.unwrap_err(),
        AccessError::Refused(Refused::NoSuchGrant)
    ));
}
