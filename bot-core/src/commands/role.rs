//! `/role`: lists roles; `/role create night task.create`, `/role night +key -key`,
//! `/role delete night`, `/role keys`.

use vahta_texts::{Arg, escape_html};

use super::Cx;
use crate::access::{KeySet, RoleChange};
use crate::flow::FlowError;

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    let words: Vec<String> = cx.args.split_whitespace().map(str::to_lowercase).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => list(&cx).await,
        ["keys"] => keys(&cx).await,
        ["create", name, with @ ..] => create(&cx, name, with).await,
        ["delete", name] => delete(&cx, name).await,
        [name] => one(&cx, name).await,
        [name, edits @ ..] => edit(&cx, name, edits).await,
    }
}

fn names(cx: &Cx, keys: &KeySet) -> String {
    if keys.is_everything() {
        cx.t("every-key", &[])
    } else if keys.is_empty() {
        cx.t("no-key", &[])
    } else {
        keys.names().map(escape_html).collect::<Vec<_>>().join(", ")
    }
}

async fn list(cx: &Cx) -> Result<(), FlowError> {
    let snapshot = cx.app.access.snapshot();
    let mut lines = vec![cx.t("roles", &[])];
    for (name, role) in snapshot.roles() {
        let id = if role.builtin {
            "role-line-builtin"
        } else {
            "role-line"
        };
        let name = escape_html(name);
        let args = [
            ("role", Arg::from(name)),
            ("keys", Arg::from(names(cx, &role.keys))),
        ];
        lines.push(cx.t(id, &args));
    }
    cx.reply(&lines.join("\n")).await
}

async fn one(cx: &Cx, name: &str) -> Result<(), FlowError> {
    let snapshot = cx.app.access.snapshot();
    let written = escape_html(name);
    match snapshot.role(name) {
        Some(role) => {
            let args = [
                ("role", Arg::from(written)),
                ("keys", Arg::from(names(cx, &role.keys))),
            ];
            cx.reply(&cx.t("role-line", &args)).await
        }
        None => {
            cx.reply(&cx.t("no-such-role", &[("role", Arg::from(written))]))
                .await
        }
    }
}

async fn keys(cx: &Cx) -> Result<(), FlowError> {
    let snapshot = cx.app.access.snapshot();
    let lines: Vec<String> = snapshot
        .permissions()
        .map(|key| format!("<code>{}</code>", escape_html(key)))
        .collect();
    cx.reply(&cx.t("role-keys", &[("keys", Arg::from(lines.join("\n")))]))
        .await
}

async fn create(cx: &Cx, name: &str, with: &[&str]) -> Result<(), FlowError> {
    let with: Vec<String> = with
        .iter()
        .map(|key| key.trim_start_matches('+').into())
        .collect();
    let replies = |done: &RoleChange| vec![cx.outgoing(0, &told(cx, "role-created", done), None)];
    let change = cx
        .app
        .access
        .create_role(name, &with, &cx.by(), &replies)
        .await;
    cx.finish(change).await?;
    Ok(())
}

async fn edit(cx: &Cx, name: &str, edits: &[&str]) -> Result<(), FlowError> {
    let (mut add, mut take) = (Vec::new(), Vec::new());
    for word in edits {
        match (word.strip_prefix('+'), word.strip_prefix('-')) {
            (Some(key), _) if !key.is_empty() => add.push(key.to_string()),
            (_, Some(key)) if !key.is_empty() => take.push(key.to_string()),
            _ => return cx.usage("role").await,
        }
    }
    let replies = |done: &RoleChange| vec![cx.outgoing(0, &told(cx, "role-edited", done), None)];
    let change = cx
        .app
        .access
        .edit_role(name, &add, &take, &cx.by(), &replies)
        .await;
    cx.finish(change).await?;
    Ok(())
}

async fn delete(cx: &Cx, name: &str) -> Result<(), FlowError> {
    let replies = |done: &RoleChange| {
        let role = escape_html(&done.role);
        let args = [
            ("role", Arg::from(role)),
            ("grants", Arg::from(done.grants)),
        ];
        vec![cx.outgoing(0, &cx.t("role-deleted", &args), None)]
    };
    let change = cx.app.access.delete_role(name, &cx.by(), &replies).await;
    cx.finish(change).await?;
    Ok(())
}

fn told(cx: &Cx, id: &str, done: &RoleChange) -> String {
    let keys: KeySet = done.keys.iter().map(String::as_str).collect();
    let args = [
        ("role", Arg::from(escape_html(&done.role))),
        ("keys", Arg::from(names(cx, &keys))),
    ];
    cx.t(id, &args)
}
