//! Claim codes and invitations: used once, by one.

use std::time::Duration;

use bot_core::access::{AccessError, Reach, Refused, no_replies};
use bot_core::tokens;
use vahta_rows::InstanceId;

use crate::bed::{ADA, Bed, GUS, LIM, actor, by, console, give, sender, stories, user};

const DAY: Duration = Duration::from_secs(24 * 3600);

stories!(
    the_first_person_with_the_code_becomes_admin,
    of_two_people_who_race_for_a_claim_one_wins,
    of_two_people_who_race_for_a_link_one_wins,
    a_link_gives_its_role_once,
    a_link_of_somebody_who_lost_the_right_is_dead,
    a_withdrawn_or_expired_link_is_dead,
    there_is_no_code_while_there_is_an_admin,
    a_new_code_ends_the_old_one,
    only_the_hash_of_a_token_is_stored,
);

fn bad(error: AccessError) -> bool {
    matches!(error, AccessError::Refused(Refused::BadToken))
}

async fn the_first_person_with_the_code_becomes_admin(bed: Bed) {
    let access = bed.unclaimed().await;
    let code = access.claim_code(InstanceId(1)).await.unwrap().unwrap();
    let gus = sender(GUS, "Gus");
    let wrong = access
        .accept("AAAAAAAAAAAAAAAAAAAAAA", &gus, &console(), &no_replies)
        .await;
    assert!(bad(wrong.unwrap_err()));
    let done = access
        .accept(code.expose(), &gus, &console(), &no_replies)
        .await
        .unwrap()
        .done;
    assert!(done.claimed && actor(&access, GUS).may("core.users.manage"));
    let lim = sender(LIM, "Lim");
    assert!(bad(access
        .accept(code.expose(), &lim, &console(), &no_replies)
        .await
        .unwrap_err()));
    assert!(access.claim_code(InstanceId(1)).await.unwrap().is_none());
}

async fn of_two_people_who_race_for_a_claim_one_wins(bed: Bed) {
    // Two processes, each with its own view.
    let (here, there) = (bed.unclaimed().await, bed.unclaimed().await);
    let code = here.claim_code(InstanceId(1)).await.unwrap().unwrap();
    let (gus, lim, by) = (sender(GUS, "Gus"), sender(LIM, "Lim"), console());
    let (a, b) = tokio::join!(
        here.accept(code.expose(), &gus, &by, &no_replies),
        there.accept(code.expose(), &lim, &by, &no_replies),
    );
    assert_eq!(
        usize::from(a.is_ok()) + usize::from(b.is_ok()),
        1,
        "{a:?} {b:?}"
    );
    assert!(bad(a.err().or(b.err()).unwrap()));
    assert_eq!(bed.count("grants WHERE role = 'admin'").await, 1);
}

async fn of_two_people_who_race_for_a_link_one_wins(bed: Bed) {
    let access = bed.access().await;
    for round in 0..10 {
        let invited = access
            .invite("operator", Reach::Everywhere, DAY, &console(), &no_replies)
            .await;
        let token = invited.unwrap().done.token;
        let race = |id: i64| {
            let (access, token) = (access.clone(), token.clone());
            tokio::spawn(async move {
                let person = sender(id, "X");
                access
                    .accept(token.expose(), &person, &console(), &no_replies)
                    .await
                    .is_ok()
            })
        };
        let (a, b) = (race(5000 + 2 * round), race(5001 + 2 * round));
        assert!(a.await.unwrap() != b.await.unwrap());
    }
    assert_eq!(bed.count("grants WHERE role = 'operator'").await, 10);
}

async fn a_link_gives_its_role_once(bed: Bed) {
    let access = bed.access().await;
    let ada = user(&access, ADA).await;
    let invited = access
        .invite("operator", Reach::Everywhere, DAY, &by(ada), &no_replies)
        .await;
    let token = invited.unwrap().done.token;
    let gus = sender(GUS, "Gus");
    let done = access
        .accept(token.expose(), &gus, &console(), &no_replies)
        .await
        .unwrap()
        .done;
    assert_eq!(
        (done.role.as_str(), done.invited_by, done.claimed),
        ("operator", Some(ada), false)
    );
    assert!(actor(&access, GUS).may("core.status.view"));
    assert!(bad(access
        .accept(token.expose(), &gus, &console(), &no_replies)
        .await
        .unwrap_err()));
    // Who has the role already does not use a link up.
    let invited = access
        .invite("operator", Reach::Everywhere, DAY, &by(ada), &no_replies)
        .await;
    let token = invited.unwrap().done.token;
    let again = access
        .accept(token.expose(), &gus, &console(), &no_replies)
        .await;
    assert!(matches!(
        again.unwrap_err(),
        AccessError::Refused(Refused::HasItAlready)
    ));
    let lim = sender(LIM, "Lim");
    access
        .accept(token.expose(), &lim, &console(), &no_replies)
        .await
        .unwrap();
}

async fn a_link_of_somebody_who_lost_the_right_is_dead(bed: Bed) {
    let access = bed.access().await;
    let lim = give(&access, LIM, "admin").await;
    let invited = access
        .invite("admin", Reach::Everywhere, DAY, &by(lim), &no_replies)
        .await;
    let token = invited.unwrap().done.token;
    access
        .revoke(lim, None, None, &console(), &no_replies)
        .await
        .unwrap();
    let gus = sender(GUS, "Gus");
    assert!(bad(access
        .accept(token.expose(), &gus, &console(), &no_replies)
        .await
        .unwrap_err()));
}

async fn a_withdrawn_or_expired_link_is_dead(bed: Bed) {
    let access = bed.access().await;
    let gus = sender(GUS, "Gus");
    let invited = access
        .invite("operator", Reach::Everywhere, DAY, &console(), &no_replies)
        .await;
    let token = invited.unwrap().done.token;
    access
        .withdraw_invite(&token.hash(), &console(), &no_replies)
        .await
        .unwrap();
    assert!(bad(access
        .accept(token.expose(), &gus, &console(), &no_replies)
        .await
        .unwrap_err()));
    let twice = access
        .withdraw_invite(&token.hash(), &console(), &no_replies)
        .await;
    assert!(bad(twice.unwrap_err()));
    let moment = Duration::from_millis(1);
    let invited = access
        .invite(
            "operator",
            Reach::Everywhere,
            moment,
            &console(),
            &no_replies,
        )
        .await;
    let token = invited.unwrap().done.token;
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert!(bad(access
        .accept(token.expose(), &gus, &console(), &no_replies)
        .await
        .unwrap_err()));
}

async fn there_is_no_code_while_there_is_an_admin(bed: Bed) {
    let access = bed.access().await;
    assert!(access.claim_code(InstanceId(1)).await.unwrap().is_none());
}

async fn a_new_code_ends_the_old_one(bed: Bed) {
    let access = bed.unclaimed().await;
    let old = access.claim_code(InstanceId(1)).await.unwrap().unwrap();
    let new = access.claim_code(InstanceId(2)).await.unwrap().unwrap();
    let gus = sender(GUS, "Gus");
    assert!(bad(access
        .accept(old.expose(), &gus, &console(), &no_replies)
        .await
        .unwrap_err()));
    access
        .accept(new.expose(), &gus, &console(), &no_replies)
        .await
        .unwrap();
}

async fn only_the_hash_of_a_token_is_stored(bed: Bed) {
    let access = bed.unclaimed().await;
    let code = access.claim_code(InstanceId(1)).await.unwrap().unwrap();
    let hash = tokens::hash(code.expose());
    assert_eq!(
        bed.count(&format!("link_tokens WHERE hash = '{hash}'"))
            .await,
        1
    );
    for (table, column) in [
        ("link_tokens", "hash || payload"),
        ("audit_log", "object || detail"),
        ("events", "object || payload"),
        ("outbox", "payload"),
    ] {
        let clear = format!("{table} WHERE {column} LIKE '%{}%'", code.expose());
        assert_eq!(bed.count(&clear).await, 0, "{table}");
    }
}
