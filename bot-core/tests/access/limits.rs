//! Changed limits last.

use bot_core::access::no_replies;
use bot_core::limits::{Limits, Rate, Scope};

use crate::bed::{Bed, console, stories};

stories!(a_changed_limit_acts_at_once_and_survives_a_restart);

async fn a_changed_limit_acts_at_once_and_survives_a_restart(bed: Bed) {
    bed.access().await;
    let limits = Limits::load(bed.db.clone(), &bed.rules).await.unwrap();
    let other = Limits::load(bed.db.clone(), &bed.rules).await.unwrap();
    let rate = Rate::new(2, 1);
    limits
        .set(&Scope::User, rate, &console(), &no_replies)
        .await
        .unwrap();
    assert!(limits.check(1, None, None).is_ok() && limits.check(1, None, None).is_ok());
    assert!(limits.check(1, None, None).is_err());
    other.converge().await.unwrap();
    assert_eq!(other.rules().user, rate.unwrap());
    let later = Limits::load(bed.db.clone(), &bed.rules).await.unwrap();
    assert_eq!(
        (later.rules().user, later.rules().chat),
        (rate.unwrap(), later.defaults().chat)
    );
    later
        .set(&Scope::User, None, &console(), &no_replies)
        .await
        .unwrap();
    assert_eq!(later.rules(), *later.defaults());
    assert_eq!(bed.count("audit_log WHERE action = 'limits.set'").await, 2);
}
