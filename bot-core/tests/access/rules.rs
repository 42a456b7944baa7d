//! The rules themselves, over grants that nobody thought of.

use std::time::Duration;

use bot_core::access::{Access, Explanation, Outcome, Reach, Rule, no_replies};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use vahta_rows::{ChatId, Micros};

use crate::bed::{Bed, GUS, LIM, OPS, actor, actor_in, console, give, stories, user};

stories!(
    explanations_name_every_rule,
    whoever_is_denied_finds_no_rule_that_allows
);

async fn explanations_name_every_rule(bed: Bed) {
    let access = bed.access().await;
    let view = ["core.users.view".to_string()];
    access
        .create_role("night", &view, &console(), &no_replies)
        .await
        .unwrap();
    let explain = |access: &Access, user, permission: &str, chat| {
        access
            .snapshot()
            .explain(user, permission, chat, Micros::now())
    };
    let stranger = explain(&access, None, "core.users.view", None);
    assert_eq!(
        (stranger.allowed, stranger.rules),
        (false, vec![Rule::DefaultDeny])
    );
    let typo = explain(&access, None, "core.user.view", None);
    assert_eq!(typo.rules, [Rule::UnknownPermission, Rule::DefaultDeny]);

    let lim = give(&access, LIM, "operator").await;
    let here = Reach::Chat(OPS);
    access
        .grant(lim, "night", here, None, &console(), &no_replies)
        .await
        .unwrap();
    let outcomes = |explanation: &Explanation| -> Vec<Outcome> {
        let outcome = |rule: &Rule| match rule {
            Rule::Grant { outcome, .. } => Some(*outcome),
            _ => None,
        };
        explanation.rules.iter().filter_map(outcome).collect()
    };
    let elsewhere = explain(&access, Some(lim), "core.users.view", None);
    assert_eq!(outcomes(&elsewhere), [Outcome::Lacks, Outcome::Elsewhere]);
    assert!(!elsewhere.allowed && elsewhere.rules.contains(&Rule::DefaultDeny));
    let in_ops = explain(&access, Some(lim), "core.users.view", Some(OPS));
    assert!(in_ops.allowed && outcomes(&in_ops) == [Outcome::Lacks, Outcome::Allows]);

    let ended = Some(Micros::now().minus(Duration::from_secs(1)));
    access
        .grant(lim, "night", here, ended, &console(), &no_replies)
        .await
        .unwrap();
    let expired = explain(&access, Some(lim), "core.users.view", Some(OPS));
    assert_eq!(outcomes(&expired), [Outcome::Lacks, Outcome::Expired]);

    access
        .block(lim, "gone", &console(), &no_replies)
        .await
        .unwrap();
    let blocked = explain(&access, Some(lim), "core.status.view", None);
    assert!(!blocked.allowed && matches!(&blocked.rules[0], Rule::Blocked { .. }));
    let ada = explain(
        &access,
        Some(user(&access, 1001).await),
        "core.users.view",
        None,
    );
    assert!(ada.allowed && outcomes(&ada) == [Outcome::AllowsEverything]);
}

/// One random change.
#[derive(Debug, Clone)]
enum Step {
    Grant {
        person: usize,
        role: usize,
        place: usize,
        ended: bool,
    },
    Revoke {
        person: usize,
        role: usize,
        place: usize,
    },
    Block(usize),
    Unblock(usize),
}

const PEOPLE: [i64; 2] = [LIM, GUS];
const ROLES: [(&str, &str); 2] = [
    ("operator", "core.status.view"),
    ("night", "core.users.view"),
];
const PLACES: [Reach; 3] = [Reach::Everywhere, Reach::Chat(OPS), Reach::Chat(ChatId(-2))];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..2_usize, 0..2_usize, 0..3_usize, any::<bool>())
            .prop_map(|(person, role, place, ended)| Step::Grant { person, role, place, ended }),
        3 => (0..2_usize, 0..2_usize, 0..3_usize)
            .prop_map(|(person, role, place)| Step::Revoke { person, role, place }),
        1 => (0..2_usize).prop_map(Step::Block),
        1 => (0..2_usize).prop_map(Step::Unblock),
    ]
}

/// What the rules should say, in the plainest words.
#[derive(Default)]
struct Model {
    /// Person, role, place, and whether it has not ended.
    grants: std::collections::HashMap<(usize, usize, usize), bool>,
    blocked: [bool; 2],
}

impl Model {
    fn may(&self, person: usize, role: usize, chat: Option<ChatId>) -> bool {
        let holds = |(&(p, r, place), &current): (&(usize, usize, usize), &bool)| {
            p == person && r == role && current && PLACES[place].covers(chat)
        };
        !self.blocked[person] && self.grants.iter().any(holds)
    }
}

/// Default deny, revoking removes exactly what it names, and an explanation agrees with the check:
/// random changes against a model.
async fn whoever_is_denied_finds_no_rule_that_allows(bed: Bed) {
    let access = bed.access().await;
    let view = ["core.users.view".to_string()];
    access
        .create_role("night", &view, &console(), &no_replies)
        .await
        .unwrap();
    let ids = [user(&access, LIM).await, user(&access, GUS).await];
    let mut runner = TestRunner::new(Config {
        cases: 1,
        ..Config::default()
    });
    let steps = proptest::collection::vec(step(), 60)
        .new_tree(&mut runner)
        .unwrap()
        .current();
    let mut model = Model::default();
    for step in &steps {
        match *step {
            Step::Grant {
                person,
                role,
                place,
                ended,
            } => {
                let until = ended.then(|| Micros::now().minus(Duration::from_secs(1)));
                let (name, reach) = (ROLES[role].0, PLACES[place]);
                access
                    .grant(ids[person], name, reach, until, &console(), &no_replies)
                    .await
                    .unwrap();
                model.grants.insert((person, role, place), !ended);
            }
            Step::Revoke {
                person,
                role,
                place,
            } => {
                let (name, reach) = (Some(ROLES[role].0), Some(PLACES[place]));
                let done = access
                    .revoke(ids[person], name, reach, &console(), &no_replies)
                    .await;
                assert_eq!(
                    done.is_ok(),
                    model.grants.remove(&(person, role, place)).is_some()
                );
            }
            Step::Block(person) => {
                access
                    .block(ids[person], "", &console(), &no_replies)
                    .await
                    .unwrap();
                model.blocked[person] = true;
            }
            Step::Unblock(person) => {
                access
                    .unblock(ids[person], &console(), &no_replies)
                    .await
                    .unwrap();
                model.blocked[person] = false;
            }
        }
        for person in 0..2 {
            for (role, (_, key)) in ROLES.iter().enumerate() {
                for chat in [None, Some(OPS), Some(ChatId(-2)), Some(ChatId(-3))] {
                    let expected = model.may(person, role, chat);
                    let who = match chat {
                        None => actor(&access, PEOPLE[person]),
                        Some(chat) => actor_in(&access, PEOPLE[person], chat),
                    };
                    assert_eq!(who.may(key), expected, "after {step:?} of {steps:?}");
                    let snapshot = access.snapshot();
                    let told = snapshot.explain(Some(ids[person]), key, chat, Micros::now());
                    assert_eq!(
                        told.allowed, expected,
                        "after {step:?} of {steps:?}: {told:?}"
                    );
                    assert!(!who.may("core.users.manage"));
                }
            }
        }
    }
}
