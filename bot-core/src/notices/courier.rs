//! The courier: offers notices to open pages, sends what no page has shown, and lets people sleep.

use std::collections::HashMap;
use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde_json::{Value, json};
use vahta_rows::events::PutEvent as _;
use vahta_rows::notices::{Body, NoticeState};
use vahta_rows::outbox::{Lane, Outgoing, PutOutbox as _};
use vahta_rows::{ChatId, Db, DbError, Micros, transaction, with_db};
use vahta_texts::escape_html;

use super::read::{self, Notice};
use super::rows::{NoticeRows as _, Step};
use super::{NoticeSettings, Whither};
use crate::app::App;
use crate::storage::schema::bot_users;

const POLL: Duration = Duration::from_secs(1);
/// Notices of one reading.
const MOST: i64 = 200;
/// Notices that one transaction moves on: the writer's ticket is short.
const TOGETHER: usize = 50;

/// Delivers until the future is dropped.
pub async fn keep(app: App) {
    loop {
        if let Err(error) = deliver(&app, Micros::now()).await {
            tracing::warn!(%error, "notices cannot be delivered just now");
        }
        tokio::select! {
            () = app.notices.0.wake.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Moves on what is due at `now`; tells how many notices that were.
pub async fn deliver(app: &App, now: Micros) -> Result<usize, DbError> {
    let mut moved = 0;
    loop {
        let due = read::due(&app.db, now, MOST).await?;
        let is_last = (due.len() as i64) < MOST;
        let people = people(&app.db, &due).await?;
        for some in due.chunks(TOGETHER) {
            moved += move_on(app, some, &people, now).await?;
        }
        if is_last {
            return Ok(moved);
        }
    }
}

async fn move_on(
    app: &App,
    due: &[Notice],
    people: &HashMap<i64, Reader>,
    now: Micros,
) -> Result<usize, DbError> {
    let (presence, delay) = (app.notices.presence(), app.notices.0.delay);
    let steps: Vec<(&Notice, Plan)> = due
        .iter()
        .map(|notice| {
            let reader = people.get(&notice.user.0);
            let is_here = presence.is_here(notice.user);
            (notice, plan(notice, reader, is_here, now, delay))
        })
        .collect();
    let (moved, told, rows) = transaction!(app.db, c => {
        let (mut moved, mut told, mut rows) = (0, false, Vec::new());
        for (notice, plan) in &steps {
            let step = Step {
                id: notice.id.0,
                was: (notice.state as i16, notice.due_at.map(|at| at.0)),
                state: plan.state,
                due_at: plan.due_at,
                sends: plan.send_to.is_some(),
            };
            if !c.step_notice(&step, now).await? {
                // A page has shown it meanwhile.
                continue;
            }
            moved += 1;
            if let Some(chat) = plan.send_to {
                rows.extend(c.put_outbox(&outgoing(notice, chat), app.instance).await?);
            }
            if plan.tell {
                c.put_event(&read::new_event(notice.user)).await?;
                told = true;
            }
        }
        Ok((moved, told, rows))
    })?;
    app.outbox.hand_over(rows);
    if told {
        app.events.wake();
    }
    Ok(moved)
}

/// Where a notice goes from here.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Plan {
    state: NoticeState,
    due_at: Option<Micros>,
    send_to: Option<ChatId>,
    /// Open pages are told to look.
    tell: bool,
}

fn plan(
    notice: &Notice,
    reader: Option<&Reader>,
    is_here: bool,
    now: Micros,
    delay: Duration,
) -> Plan {
    let over = Plan {
        state: NoticeState::Over,
        due_at: None,
        send_to: None,
        tell: false,
    };
    let Some(reader) = reader.filter(|reader| !reader.is_blocked) else {
        return over;
    };
    // Whoever has the list open sees it there, whatever the hour.
    let tell = notice.state == NoticeState::Fresh;
    let is_sent = notice.sent_at.is_some();
    let quiet = reader.settings.quiet.filter(|_| !notice.urgent && !is_sent);
    if let Some(end) = quiet.and_then(|quiet| quiet.ends(now, &reader.time_zone)) {
        return Plan {
            state: NoticeState::Waiting,
            due_at: Some(end),
            tell,
            ..over
        };
    }
    let chat = reader.chat.filter(|_| !is_sent);
    if notice.state == NoticeState::Offered {
        // No page has shown it.
        return Plan {
            send_to: chat,
            ..over
        };
    }
    let whither = match reader.chat {
        Some(_) => reader.settings.whither,
        None => Whither::Web,
    };
    let is_offered = is_here && whither != Whither::Telegram;
    let send_to = chat.filter(|_| !is_offered || whither == Whither::Both);
    if is_offered {
        return Plan {
            state: NoticeState::Offered,
            due_at: Some(now.plus(delay)),
            send_to,
            tell: true,
        };
    }
    Plan {
        send_to,
        tell,
        ..over
    }
}

fn outgoing(notice: &Notice, chat: ChatId) -> Outgoing {
    let Body {
        text,
        keyboard,
        link,
        ..
    } = &notice.body;
    let text = match link.as_str() {
        "" => text.clone(),
        link => format!("{text}\n{}", escape_html(link)),
    };
    let mut payload: Value = json!({
        "chat_id": chat.0,
        "text": text,
        "parse_mode": "HTML",
        "link_preview_options": { "is_disabled": true },
    });
    if let Some(keyboard) = keyboard {
        payload["reply_markup"] = keyboard.clone();
    }
    Outgoing {
        dedup_key: vahta_rows::notices::outbox_key(notice.id),
        plugin: notice.plugin.clone(),
        chat_id: chat,
        method: "SendMessage".into(),
        payload,
        lane: Lane::Notice,
        due_at: None,
    }
}

/// What decides where somebody's notices go.
#[derive(Debug, Clone)]
struct Reader {
    /// Their private chat, which has their Telegram id.
    chat: Option<ChatId>,
    is_blocked: bool,
    time_zone: String,
    settings: NoticeSettings,
}

async fn people(db: &Db, due: &[Notice]) -> Result<HashMap<i64, Reader>, DbError> {
    let mut ids: Vec<i64> = due.iter().map(|notice| notice.user.0).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let settings = with_db!(db, c => c.notice_settings(&ids).await)?;
    let settings: HashMap<i64, NoticeSettings> = settings.into_iter().collect();
    let rows: Vec<(i64, Option<i64>, Option<i64>, String)> = with_db!(db, c => Run::load(
        bot_users::table.filter(bot_users::id.eq_any(&ids)).select((
            bot_users::id,
            bot_users::telegram_id,
            bot_users::blocked_at,
            bot_users::time_zone,
        )),
        c,
    ).await)?;
    let reader = |(id, chat, blocked, time_zone): (i64, Option<i64>, Option<i64>, String)| {
        let reader = Reader {
            chat: chat.map(ChatId),
            is_blocked: blocked.is_some(),
            time_zone,
            settings: settings.get(&id).copied().unwrap_or_default(),
        };
        (id, reader)
    };
    Ok(rows.into_iter().map(reader).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::Quiet;
    use super::*;
    use vahta_rows::{NoticeId, UserId};

    const DELAY: Duration = Duration::from_secs(10);
    /// A November evening, 23:00 in Berlin.
    const EVENING: Micros = Micros(1_795_298_400_000_000);

    fn notice(state: NoticeState) -> Notice {
        Notice {
            id: NoticeId(1),
            user: UserId(7),
            plugin: "story".into(),
            kind: "notice".into(),
            body: Body::default(),
            urgent: false,
            state,
            due_at: Some(EVENING),
            created_at: EVENING,
            shown_at: None,
            sent_at: None,
            read_at: None,
        }
    }

    fn reader(whither: Whither) -> Reader {
        Reader {
            chat: Some(ChatId(1001)),
            is_blocked: false,
            time_zone: "Europe/Berlin".into(),
            settings: NoticeSettings {
                whither,
                quiet: None,
            },
        }
    }

    #[track_caller]
    fn goes(
        notice: &Notice,
        reader: &Reader,
        is_here: bool,
        state: NoticeState,
        sends: bool,
    ) -> Plan {
        let plan = plan(notice, Some(reader), is_here, EVENING, DELAY);
        assert_eq!(
            (plan.state, plan.send_to.is_some()),
            (state, sends),
            "{plan:?}"
        );
        plan
    }

    #[test]
    fn it_goes_where_the_person_is_and_where_they_want_it() {
        use NoticeState::{Fresh, Offered, Over};
        let fresh = notice(Fresh);
        let offered = goes(&fresh, &reader(Whither::Web), true, Offered, false);
        assert_eq!(offered.due_at, Some(EVENING.plus(DELAY)));
        goes(&fresh, &reader(Whither::Web), false, Over, true);
        goes(&fresh, &reader(Whither::Telegram), true, Over, true);
        goes(&fresh, &reader(Whither::Both), true, Offered, true);
        goes(&fresh, &reader(Whither::Both), false, Over, true);
        // Nobody has shown it.
        goes(&notice(Offered), &reader(Whither::Web), true, Over, true);
        let both = Notice {
            sent_at: Some(EVENING),
            ..notice(Offered)
        };
        goes(&both, &reader(Whither::Both), true, Over, false);
    }

    #[test]
    fn whoever_has_no_telegram_finds_it_on_the_web() {
        use NoticeState::{Fresh, Offered, Over};
        for whither in Whither::ALL {
            let web_only = Reader {
                chat: None,
                ..reader(whither)
            };
            goes(&notice(Fresh), &web_only, true, Offered, false);
            goes(&notice(Fresh), &web_only, false, Over, false);
            goes(&notice(Offered), &web_only, true, Over, false);
        }
        let blocked = Reader {
            is_blocked: true,
            ..reader(Whither::Both)
        };
        goes(&notice(Fresh), &blocked, true, Over, false);
        let nobody = plan(&notice(Fresh), None, true, EVENING, DELAY);
        assert_eq!(nobody.state, Over);
    }

    #[test]
    fn what_is_not_urgent_waits_for_the_end_of_quiet_hours() {
        use NoticeState::{Fresh, Offered, Over, Waiting};
        let mut asleep = reader(Whither::Both);
        asleep.settings.quiet = Some(Quiet::parse("22:00", "07:00").unwrap());
        let end = Micros(EVENING.0 + 8 * 3_600_000_000);
        for state in [Fresh, Offered, Waiting] {
            let plan = goes(&notice(state), &asleep, true, Waiting, false);
            assert_eq!(plan.due_at, Some(end));
        }
        let urgent = Notice {
            urgent: true,
            ..notice(Fresh)
        };
        goes(&urgent, &asleep, false, Over, true);
        // Half of it has gone out already: the rest does not wait.
        let sent = Notice {
            sent_at: Some(EVENING),
            ..notice(Offered)
        };
        goes(&sent, &asleep, true, Over, false);
        let awake = plan(&notice(Waiting), Some(&asleep), false, end, DELAY);
        assert_eq!((awake.state, awake.send_to), (Over, Some(ChatId(1001))));
    }
}
