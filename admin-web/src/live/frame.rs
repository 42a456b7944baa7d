//! The bytes of an event, made once for all who get it.

use bot_core::events::{Cursor, Recorded};
use bytes::Bytes;
use serde_json::json;
use vahta_rows::Micros;

/// A comment: keeps proxies from closing a quiet stream, and shows when a client is gone.
pub(super) const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");
/// What the viewer may do has changed: the page asks again, and the stream ends.
pub(super) const RIGHTS: Bytes = Bytes::from_static(b"event: rights\ndata: {}\n\n");

/// The events cannot be read at the moment; the stream stays, and says when they can be.
pub(super) const AWAY: Bytes = Bytes::from_static(b"event: away\ndata: {}\n\n");
pub(super) const BACK: Bytes = Bytes::from_static(b"event: back\ndata: {}\n\n");

/// `<transaction>-<row>`, as in [`id`].
pub(super) fn cursor(text: &str) -> Option<Cursor> {
    let (xid, id) = text.split_once('-')?;
    let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number >= 0);
    Some(Cursor {
        xid: number(xid)?,
        id: number(id)?,
    })
}

fn id(cursor: Cursor) -> String {
    format!("{}-{}", cursor.xid, cursor.id)
}

/// The stream is open; with the cursor from which a new client goes on.
pub(super) fn hello(at: Option<Cursor>) -> Bytes {
    match at {
        Some(at) => format!("retry: 1000\nid: {}\nevent: hello\ndata: {{}}\n\n", id(at)).into(),
        None => "retry: 1000\nevent: hello\ndata: {}\n\n".into(),
    }
}

/// What was missed is no longer kept, or too much: ask for everything again.
pub(super) fn reset(at: Cursor) -> Bytes {
    format!("id: {}\nevent: reset\ndata: {{}}\n\n", id(at)).into()
}

pub(super) fn event(event: &Recorded) -> Bytes {
    let data = json!({ "topic": event.topic, "object": event.object, "at": event.at.0 });
    // JSON escapes line breaks, so the data is one line.
    format!("id: {}\ndata: {data}\n\n", id(event.cursor)).into()
}

/// Something that is in no table, such as a tick; it has no id, so nobody resumes from it.
pub(super) fn passing(topic: &str) -> Bytes {
    let data = json!({ "topic": topic, "object": "", "at": Micros::now().0 });
    format!("data: {data}\n\n").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_and_nonsense_is_not() {
        let at = Cursor { xid: 7, id: 12 };
        assert_eq!(cursor(&id(at)), Some(at));
        for bad in [
            "",
            "7",
            "-",
            "7-",
            "a-1",
            "-1-2",
            "1-2-3",
            "99999999999999999999-1",
        ] {
            assert_eq!(cursor(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_hostile_object_stays_within_its_line() {
        let recorded = Recorded {
            id: vahta_rows::EventId(1),
            cursor: Cursor { xid: 0, id: 1 },
            topic: "a.b".into(),
            object: "x\n\nevent: reset\r\ndata: {}".into(),
            payload: json!({ "secret": "never sent" }),
            at: Micros(1),
        };
        let frame = String::from_utf8(event(&recorded).to_vec()).unwrap();
        assert_eq!(frame.lines().filter(|l| l.starts_with("event:")).count(), 0);
        assert_eq!(frame.matches("\n\n").count(), 1);
        assert!(!frame.contains("secret") && !frame.contains('\r'));
    }
}
