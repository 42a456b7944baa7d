//! Custom roles and what plugins announce.

use bot_core::access::{AccessError, Refused, no_replies};

use crate::bed::{Bed, LIM, actor, by, console, give, stories};

stories!(
    a_custom_role_is_made_edited_and_deleted,
    builtin_roles_keep_what_they_are,
    default_roles_are_given_once_when_a_key_is_new,
    a_manifest_cannot_announce_the_key_of_everything,
    who_edits_roles_cannot_raise_themselves,
);

fn keys(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

async fn a_custom_role_is_made_edited_and_deleted(bed: Bed) {
    let access = bed.access().await;
    let (view, manage) = (keys(&["core.users.view"]), keys(&["core.users.manage"]));
    access
        .create_role("night", &view, &console(), &no_replies)
        .await
        .unwrap();
    let twice = access
        .create_role("night", &[], &console(), &no_replies)
        .await;
    assert!(matches!(
        twice.unwrap_err(),
        AccessError::Refused(Refused::RoleExists(_))
    ));
    give(&access, LIM, "night").await;
    assert!(actor(&access, LIM).may("core.users.view"));
    let edited = access
        .edit_role("night", &manage, &view, &console(), &no_replies)
        .await
        .unwrap();
    assert_eq!(edited.done.keys, ["core.users.manage"]);
    assert!(
        !actor(&access, LIM).may("core.users.view") && actor(&access, LIM).may("core.users.manage")
    );
    let unknown = access
        .edit_role("night", &keys(&["no.such"]), &[], &console(), &no_replies)
        .await;
    assert!(matches!(
        unknown.unwrap_err(),
        AccessError::Refused(Refused::UnknownPermission(_))
    ));
    let gone = access
        .delete_role("night", &console(), &no_replies)
        .await
        .unwrap();
    assert_eq!(gone.done.grants, 1);
    assert!(!actor(&access, LIM).is_known());
    for bad in [
        "",
        "Night",
        "a b",
        "9",
        "an-all-too-long-name-for-any-role-x",
    ] {
        let made = access.create_role(bad, &[], &console(), &no_replies).await;
        assert!(
            matches!(
                made.unwrap_err(),
                AccessError::Refused(Refused::BadRoleName(_))
            ),
            "{bad}"
        );
    }
}

async fn builtin_roles_keep_what_they_are(bed: Bed) {
    let access = bed.access().await;
    let view = keys(&["core.users.view"]);
    let builtin = |error| matches!(error, AccessError::Refused(Refused::BuiltinRole(_)));
    for role in ["admin", "guest"] {
        let edited = access
            .edit_role(role, &view, &[], &console(), &no_replies)
            .await;
        assert!(builtin(edited.unwrap_err()), "{role}");
    }
    for role in ["admin", "guest", "operator"] {
        assert!(builtin(
            access
                .delete_role(role, &console(), &no_replies)
                .await
                .unwrap_err()
        ));
    }
    let id = crate::bed::user(&access, LIM).await;
    let everywhere = bot_core::access::Reach::Everywhere;
    let guest = access
        .grant(id, "guest", everywhere, None, &console(), &no_replies)
        .await;
    assert!(builtin(guest.unwrap_err()));
    let everything = access
        .create_role("root", &keys(&["*"]), &console(), &no_replies)
        .await;
    assert!(matches!(
        everything.unwrap_err(),
        AccessError::Refused(Refused::UnknownPermission(_))
    ));
}

async fn default_roles_are_given_once_when_a_key_is_new(bed: Bed) {
    let access = bed.access().await;
    let announced = [(
        "task.create".to_string(),
        keys(&["operator", "guest", "no-such-role"]),
    )];
    access.announce("task", &announced).await.unwrap();
    give(&access, LIM, "operator").await;
    assert!(actor(&access, LIM).may("task.create"));
    assert!(!actor(&access, 4242).may("task.create"));
    let take = keys(&["task.create"]);
    access
        .edit_role("operator", &[], &take, &console(), &no_replies)
        .await
        .unwrap();
    let version = access.snapshot().version;
    access.announce("task", &announced).await.unwrap();
    assert!(
        !actor(&access, LIM).may("task.create"),
        "what an admin took away stays away"
    );
    assert_eq!(access.snapshot().version, version);
}

async fn a_manifest_cannot_announce_the_key_of_everything(bed: Bed) {
    let access = bed.access().await;
    let announced = [("*".to_string(), keys(&["operator"]))];
    access.announce("evil", &announced).await.unwrap();
    give(&access, LIM, "operator").await;
    assert!(!actor(&access, LIM).may("core.users.manage"));
}

async fn who_edits_roles_cannot_raise_themselves(bed: Bed) {
    let access = bed.access().await;
    let own = keys(&["core.roles.manage"]);
    access
        .create_role("scribe", &own, &console(), &no_replies)
        .await
        .unwrap();
    let lim = give(&access, LIM, "scribe").await;
    let more = keys(&["core.users.manage"]);
    let by_lim = by(lim);
    let not_yours = |error| matches!(error, AccessError::Refused(Refused::NotYours(_)));
    let edited = access
        .edit_role("scribe", &more, &[], &by_lim, &no_replies)
        .await;
    assert!(not_yours(edited.unwrap_err()));
    let made = access
        .create_role("mine", &more, &by_lim, &no_replies)
        .await;
    assert!(not_yours(made.unwrap_err()));
    let stripped = access
        .edit_role(
            "operator",
            &[],
            &keys(&["core.status.view"]),
            &by_lim,
            &no_replies,
        )
        .await;
    assert!(not_yours(stripped.unwrap_err()));
}
