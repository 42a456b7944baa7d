//! `/announce <role|everybody|here|group> <text>`: shown first, then sent by a button.

use vahta_texts::{Arg, escape_html};

use super::{Button, Cx, Keyboard};
use crate::access::keys;
use crate::announcements::{self, AnnounceError, Announcement, State, Target};
use crate::flow::FlowError;

/// Characters of the text that the preview shows; a message holds 4096.
const SHOWN: usize = 3_000;

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    let Some((name, text)) = cx.args.split_once(char::is_whitespace) else {
        return cx.usage("announce").await;
    };
    let snapshot = cx.app.access.snapshot();
    let target = match (name, cx.chat()) {
        ("here", Some(chat)) if !cx.is_private() => Some(Target::Chat(chat)),
        _ => Target::named(name, &snapshot),
    };
    let Some(target) = target else {
        let roles = snapshot.roles().map(|(role, _)| role);
        let mut roles: Vec<&str> = roles.filter(|role| *role != keys::GUEST).collect();
        roles.sort_unstable();
        let args = [
            ("name", Arg::from(escape_html(name))),
            ("roles", Arg::from(escape_html(&roles.join(", ")))),
        ];
        return cx.reply(&cx.t("announce-nobody-named", &args)).await;
    };
    match announcements::draft(&cx.app.db, &target, text, &cx.by(), &snapshot).await {
        Ok(id) => show(&cx, id).await,
        Err(error) => refused(&cx, error).await,
    }
}

/// `announce:<act>:<id>`.
pub(super) async fn press(cx: Cx) -> Result<(), FlowError> {
    let (act, id) = cx.args.split_once(':').unwrap_or_default();
    let Ok(id) = id.parse::<i64>() else {
        return cx.stale().await;
    };
    match act {
        "send" => {
            let snapshot = cx.app.access.snapshot();
            match announcements::send(&cx.app.db, id, &cx.by(), &snapshot).await {
                Ok(rows) => {
                    cx.committed(rows);
                    cx.answer("").await?;
                }
                Err(error) => refused(&cx, error).await?,
            }
        }
        "drop" => {
            if announcements::drop_draft(&cx.app.db, id).await? {
                cx.committed(Vec::new());
                cx.answer("").await?;
            } else {
                refused(&cx, AnnounceError::NoDraft).await?;
            }
        }
        "show" => cx.answer("").await?,
        _ => return cx.stale().await,
    }
    // What is true now, also after a press that came too late.
    show(&cx, id).await
}

async fn refused(cx: &Cx, error: AnnounceError) -> Result<(), FlowError> {
    let text = match error {
        AnnounceError::Empty => cx.t("usage-announce", &[]),
        AnnounceError::TooLong(length) => {
            let length = i64::try_from(length).unwrap_or(i64::MAX);
            cx.t("announce-too-long", &[("length", Arg::from(length))])
        }
        AnnounceError::Nobody => cx.t("announce-nobody", &[]),
        AnnounceError::NoDraft => cx.t("announce-no-draft", &[]),
        AnnounceError::Db(error) => return Err(error.into()),
    };
    cx.say(&text).await
}

async fn show(cx: &Cx, id: i64) -> Result<(), FlowError> {
    let Some(found) = announcements::get(&cx.app.db, id).await? else {
        return cx.say(&cx.t("announce-no-draft", &[])).await;
    };
    let shown: String = found.text.chars().take(SHOWN).collect();
    let text = escape_html(&shown);
    let whom = whom(cx, &found.target);
    let head = match found.state {
        State::Draft => {
            let snapshot = cx.app.access.snapshot();
            let chats = found.target.chats(&snapshot, cx.now()).len();
            let chats = i64::try_from(chats).unwrap_or(i64::MAX);
            cx.t(
                "announce-draft",
                &[("whom", Arg::from(whom)), ("chats", Arg::from(chats))],
            )
        }
        State::Sent => {
            let counts = found.counts;
            let args = [
                ("whom", Arg::from(whom)),
                ("total", Arg::from(counts.total)),
                ("delivered", Arg::from(counts.delivered)),
                ("failed", Arg::from(counts.failed)),
                ("waiting", Arg::from(counts.waiting())),
            ];
            cx.t("announce-sent", &args)
        }
        State::Dropped => cx.t("announce-dropped", &[]),
    };
    cx.show(&format!("{head}\n\n{text}"), keyboard(cx, &found))
        .await
}

fn whom(cx: &Cx, target: &Target) -> String {
    match target {
        Target::Everybody => cx.t("announce-everybody", &[]),
        Target::Role(role) => cx.t("announce-role", &[("role", Arg::from(escape_html(role)))]),
        Target::Chat(chat) => cx.t("announce-chat", &[("chat", Arg::from(chat.to_string()))]),
    }
}

fn keyboard(cx: &Cx, found: &Announcement) -> Keyboard {
    let button = |text: &str, act: &str| {
        Button::new(cx.t(text, &[]), format!("announce:{act}:{}", found.id))
    };
    match found.state {
        State::Draft => vec![vec![
            button("button-announce", "send"),
            button("button-drop", "drop"),
        ]],
        State::Sent if found.counts.waiting() > 0 => {
            vec![vec![button("button-refresh", "show")]]
        }
        State::Sent | State::Dropped => Keyboard::new(),
    }
}
