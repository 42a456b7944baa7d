//! A group became a supergroup: what was given there holds in the new place.

use std::time::Duration;

use bot_core::access::{Reach, no_replies};
use vahta_rows::{ChatId, Micros};

use crate::bed::{Bed, GUS, LIM, OPS, console, sender, stories, user};

stories!(
    an_invitation_into_the_old_chat_gives_its_role_in_the_new_one,
    of_two_grants_the_one_that_ends_later_stays,
);

const HOUR: Duration = Duration::from_secs(3600);
const NEW: ChatId = ChatId(-100_2002);

async fn an_invitation_into_the_old_chat_gives_its_role_in_the_new_one(bed: Bed) {
    let access = bed.access().await;
    let (here, by) = (Reach::from_column(OPS.0), console());
    let link = access
        .invite("operator", here, HOUR, &by, &no_replies)
        .await
        .unwrap()
        .done;
    let other = Reach::from_column(-7);
    access
        .invite("operator", other, HOUR, &by, &no_replies)
        .await
        .unwrap();
    access
        .expect("lim", "operator", here, None, &by, &no_replies)
        .await
        .unwrap();
    assert!(access.migrate_chat(OPS, NEW, &by).await.unwrap());
    let done = access
        .accept(link.token.expose(), &sender(GUS, "Gus"), &by, &no_replies)
        .await
        .unwrap()
        .done;
    assert_eq!(done.reach, Reach::from_column(NEW.0));
    assert_eq!(access.welcome(&sender(LIM, "Lim"), &by).await.unwrap(), 1);
    let grants = format!("grants WHERE role = 'operator' AND chat_id = {}", NEW.0);
    assert_eq!(bed.count(&grants).await, 2);
    let reaches = access.open_invites().await.unwrap();
    assert!(
        reaches.iter().all(|open| open.reach == other),
        "{reaches:?}"
    );
}

async fn of_two_grants_the_one_that_ends_later_stays(bed: Bed) {
    let access = bed.access().await;
    let (gus, lim) = (user(&access, GUS).await, user(&access, LIM).await);
    let (here, there) = (Reach::from_column(OPS.0), Reach::from_column(NEW.0));
    let soon = Micros::now().plus(HOUR);
    for (user, reach, until) in [
        (gus, here, None),
        (gus, there, Some(soon)),
        (lim, here, Some(soon)),
        (lim, there, None),
    ] {
        access
            .grant(user, "operator", reach, until, &console(), &no_replies)
            .await
            .unwrap();
    }
    assert!(access.migrate_chat(OPS, NEW, &console()).await.unwrap());
    let for_ever = format!("grants WHERE chat_id = {} AND expires_at IS NULL", NEW.0);
    assert_eq!(bed.count(&for_ever).await, 2);
    let all = format!("grants WHERE chat_id IN ({}, {})", OPS.0, NEW.0);
    assert_eq!(bed.count(&all).await, 2);
}
