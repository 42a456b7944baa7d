//! The updates, rendered before the clock starts.

use std::io::Write as _;
use std::ops::Range;

/// `update_id` of the first update.
pub(crate) const FIRST_UPDATE: i64 = 500_000_000;
/// Chat and user id of the first person; a private chat has its person's id.
pub(crate) const FIRST_CHAT: i64 = 1_000_001;
/// Bot API: at most so many updates an answer.
const BATCH: usize = 100;
/// 2026-01-01 in seconds: `date` of the messages.
const DATE: i64 = 1_767_225_600;

/// When an update may be handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// All at once.
    Blast,
    /// The next one when the reply to the one before has arrived.
    PingPong,
}

impl Mode {
    /// As the control path spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Blast => "blast",
            Self::PingPong => "ping-pong",
        }
    }
}

/// How much, from how many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) mode: Mode,
    pub(crate) updates: usize,
    /// Private chats; update `n` comes from chat `n % chats`, so the chats are interleaved.
    pub(crate) chats: usize,
    /// The first so many updates are not in the latencies.
    pub(crate) warm_up: usize,
}

/// Update `n` is the command `/echo n`.
pub(super) struct Load {
    text: Vec<u8>,
    /// Where each update ends in `text`; a comma follows.
    ends: Vec<usize>,
}

impl Load {
    pub(super) fn new(shape: &Shape) -> Self {
        let mut text = Vec::with_capacity(shape.updates * 360);
        let mut ends = Vec::with_capacity(shape.updates);
        for n in 0..shape.updates {
            let update = FIRST_UPDATE + n as i64;
            let person = FIRST_CHAT + (n % shape.chats) as i64;
            // As Telegram sends a command in a private chat. Writing to a Vec cannot fail.
            let _ = write!(
                text,
                "{{\"update_id\":{update},\"message\":{{\"message_id\":{id},\
                 \"from\":{{\"id\":{person},\"is_bot\":false,\"first_name\":\"Person\",\
                 \"username\":\"person{person}\",\"language_code\":\"en\"}},\
                 \"chat\":{{\"id\":{person},\"first_name\":\"Person\",\
                 \"username\":\"person{person}\",\"type\":\"private\"}},\
                 \"date\":{DATE},\"text\":\"/echo {n}\",\
                 \"entities\":[{{\"offset\":0,\"length\":5,\"type\":\"bot_command\"}}]}}}}",
                id = n + 1,
            );
            ends.push(text.len());
            text.push(b',');
        }
        Self { text, ends }
    }

    /// The updates from `offset` on (at most 100, none from `open` on): their numbers and their
    /// JSON, separated by commas.
    pub(super) fn batch(&self, offset: i64, limit: usize, open: usize) -> (Range<usize>, &[u8]) {
        let from = usize::try_from(offset - FIRST_UPDATE).unwrap_or(0);
        let open = open.min(self.ends.len());
        let to = (from + limit.clamp(1, BATCH)).min(open);
        if from >= to {
            return (to..to, &[]);
        }
        let start = from
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] + 1);
        (from..to, &self.text[start..self.ends[to - 1]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_are_handed_out_by_offset_as_json() -> anyhow::Result<()> {
        let shape = Shape {
            mode: Mode::Blast,
            updates: 250,
            chats: 10,
            warm_up: 0,
        };
        let load = Load::new(&shape);
        let (numbers, json) = load.batch(0, 100, 250);
        assert_eq!(numbers, 0..100);
        let all: Vec<serde_json::Value> = serde_json::from_slice(&[b"[", json, b"]"].concat())?;
        assert_eq!(all[13]["message"]["chat"]["id"], FIRST_CHAT + 3);
        assert_eq!(all[13]["message"]["text"], "/echo 13");
        assert_eq!(load.batch(FIRST_UPDATE + 200, 100, 250).0, 200..250);
        assert_eq!(load.batch(FIRST_UPDATE + 250, 100, 250).0, 250..250);
        assert_eq!(load.batch(FIRST_UPDATE + 7, 100, 8).0, 7..8);
        Ok(())
    }

    #[test]
    fn teloxide_reads_an_update_as_a_message() -> anyhow::Result<()> {
        let shape = Shape {
            mode: Mode::Blast,
            updates: 1,
            chats: 1,
            warm_up: 0,
        };
        let load = Load::new(&shape);
        let update: teloxide::types::Update = serde_json::from_slice(load.batch(0, 1, 1).1)?;
        assert!(matches!(
            update.kind,
            teloxide::types::UpdateKind::Message(_)
        ));
        Ok(())
    }
}
