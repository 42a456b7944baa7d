#![allow(clippy::unwrap_used)]

use super::*;

/// Nobody writes here.
struct NoDesk;

#[async_trait::async_trait]
impl vahta_rows::WriterTicket for NoDesk {
    async fn acquire(&self) -> vahta_rows::Ticket {
        Box::new(())
    }
}

fn limits(overrides: Overrides) -> Limits {
    let config = AccessRules {
        admins: vec![],
        refusals_before_block: 5,
        burst: 3,
        per_second: 1,
    };
    let defaults = Rules::of(&config);
    let inner = Inner {
        gates: ArcSwap::from_pointee(Gates::new(&defaults, overrides)),
        notices: RateLimiter::keyed(every(NOTICE_WINDOW)),
        dropped: Default::default(),
        defaults,
        db: Db::open("sqlite:/nowhere/at/all.db", 1, Arc::new(NoDesk)).unwrap(),
    };
    Limits {
        inner: Arc::new(inner),
    }
}

#[tokio::test]
async fn after_the_burst_one_notice_is_given_and_then_silence() {
    let limits = limits(Overrides::default());
    for _ in 0..3 {
        limits.check(1, None, None).unwrap();
    }
    let first = limits.check(1, None, None).unwrap_err();
    assert_eq!((first.scope, first.tell), (Scope::User, true));
    assert!(first.wait <= Duration::from_secs(1));
    for _ in 0..10 {
        assert!(!limits.check(1, None, None).unwrap_err().tell);
    }
    assert_eq!(
        limits.dropped(),
        Dropped {
            user: 11,
            chat: 0,
            command: 0
        }
    );
}

#[tokio::test]
async fn one_flooding_person_costs_nobody_else_anything() {
    let limits = limits(Overrides::default());
    for _ in 0..50 {
        let _ = limits.check(1, None, None);
    }
    limits.check(2, None, None).unwrap();
}

#[tokio::test]
async fn a_group_has_a_limit_over_all_its_people() {
    let mut overrides = Overrides::default();
    overrides.set(&Scope::Chat, Rate::new(2, 1));
    let limits = limits(overrides);
    let group = Some(ChatId(-1));
    limits.check(1, group, None).unwrap();
    limits.check(2, group, None).unwrap();
    assert_eq!(limits.check(3, group, None).unwrap_err().scope, Scope::Chat);
    limits.check(3, Some(ChatId(-2)), None).unwrap();
}

#[tokio::test]
async fn a_command_can_have_a_limit_of_its_own() {
    let mut overrides = Overrides::default();
    overrides.set(&Scope::Command(Some("scan".into())), Rate::new(1, 1));
    let limits = limits(overrides);
    limits.check(1, None, Some("scan")).unwrap();
    let over = limits.check(1, None, Some("scan")).unwrap_err();
    assert_eq!(over.scope, Scope::Command(Some("scan".into())));
    limits.check(1, None, Some("task")).unwrap();
}

#[tokio::test]
async fn whoever_is_within_limits_again_is_forgotten() {
    let mut overrides = Overrides::default();
    overrides.set(&Scope::User, Rate::new(3, 1_000));
    overrides.set(&Scope::Command(None), Rate::new(3, 1_000));
    let limits = limits(overrides);
    for id in 0..100 {
        limits.check(id, None, Some("task")).unwrap();
    }
    assert_eq!(limits.remembered(), 200);
    tokio::time::sleep(Duration::from_millis(50)).await;
    limits.sweep();
    assert_eq!(limits.remembered(), 0);
}

#[test]
fn scopes_read_as_they_are_written() {
    for text in ["user", "chat", "command", "/task"] {
        assert_eq!(Scope::parse(text).unwrap().to_string(), text);
    }
    for bad in ["", "/", "users", "/a b", "/тест"] {
        assert_eq!(Scope::parse(bad), None, "{bad}");
    }
}
