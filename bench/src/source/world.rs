//! What was handed out and what came back.

use std::rc::Rc;
use std::time::Instant;

use tokio::sync::Notify;

use super::load::{FIRST_CHAT, Load, Mode, Shape};
use super::report::Report;

#[derive(Default)]
pub(super) struct World {
    /// Wakes long polls: a run was started, or the next update may go out.
    pub(super) news: Rc<Notify>,
    pub(super) run: Option<Run>,
    /// Long polls that wait now.
    pub(super) waiting: usize,
    /// Calls that are neither polls nor messages, such as command menus.
    pub(super) other_calls: usize,
    /// `message_id` of the last message sent.
    pub(super) last_message: i64,
}

pub(super) struct Run {
    pub(super) shape: Shape,
    pub(super) load: Load,
    /// Updates below this number may be handed out.
    pub(super) open: usize,
    /// Updates below this number were handed out.
    handed_out: usize,
    first_delivery: Option<Instant>,
    last_delivery: Option<Instant>,
    last_reply: Option<Instant>,
    /// By update: has it a reply?
    replied: Vec<bool>,
    /// By chat: the highest number replied to.
    newest: Vec<Option<usize>>,
    counts: Counts,
    latencies_ns: Vec<u64>,
}

/// Everything that should be zero but the first two.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Counts {
    pub(super) replies: usize,
    pub(super) polls: usize,
    pub(super) handed_out_again: usize,
    pub(super) reordered: usize,
    pub(super) duplicates: usize,
    /// No text of ours, or in a chat that did not ask.
    pub(super) strange: usize,
}

impl World {
    pub(super) fn start(&mut self, shape: Shape) {
        self.run = Some(Run {
            shape,
            load: Load::new(&shape),
            open: match shape.mode {
                Mode::Blast => shape.updates,
                Mode::PingPong => 1,
            },
            handed_out: 0,
            first_delivery: None,
            last_delivery: None,
            last_reply: None,
            replied: vec![false; shape.updates],
            newest: vec![None; shape.chats],
            counts: Counts::default(),
            latencies_ns: Vec::new(),
        });
        self.news.notify_waiters();
    }

    /// Writes a batch as a list into `out`; false when there is nothing to hand out now.
    pub(super) fn hand_out(&mut self, offset: i64, limit: usize, out: &mut Vec<u8>) -> bool {
        let Some(run) = &mut self.run else {
            return false;
        };
        let (numbers, json) = run.load.batch(offset, limit, run.open);
        if numbers.is_empty() {
            return false;
        }
        run.counts.polls += 1;
        run.counts.handed_out_again += run
            .handed_out
            .saturating_sub(numbers.start)
            .min(numbers.len());
        run.handed_out = run.handed_out.max(numbers.end);
        out.extend_from_slice(json);
        true
    }

    /// The bytes of an answer with updates were written.
    pub(super) fn delivered(&mut self, at: Instant) {
        if let Some(run) = &mut self.run {
            run.first_delivery.get_or_insert(at);
            run.last_delivery = Some(at);
        }
    }

    /// A message was sent to `chat`.
    pub(super) fn reply(&mut self, chat: i64, text: &str, at: Instant) {
        let Some(run) = &mut self.run else {
            return;
        };
        run.reply(chat, text, at);
        if run.shape.mode == Mode::PingPong && run.open <= run.counts.replies {
            run.open = run.counts.replies + 1;
            self.news.notify_waiters();
        }
    }
}

impl Run {
    fn reply(&mut self, chat: i64, text: &str, at: Instant) {
        let number = text.trim().parse().ok().filter(|n| *n < self.handed_out);
        let chat = usize::try_from(chat - FIRST_CHAT).ok();
        let (Some(number), Some(chat)) = (number, chat) else {
            self.counts.strange += 1;
            return;
        };
        if number % self.shape.chats != chat {
            self.counts.strange += 1;
            return;
        }
        if std::mem::replace(&mut self.replied[number], true) {
            self.counts.duplicates += 1;
            return;
        }
        let newest = &mut self.newest[chat];
        if newest.is_some_and(|newest| number < newest) {
            self.counts.reordered += 1;
        }
        *newest = Some(newest.map_or(number, |newest| newest.max(number)));
        self.counts.replies += 1;
        self.last_reply = Some(at);
        if self.shape.mode == Mode::PingPong
            && number >= self.shape.warm_up
            && let Some(delivered) = self.last_delivery
        {
            let latency = at.saturating_duration_since(delivered);
            self.latencies_ns
                .push(u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX));
        }
    }

    pub(super) fn report(&self) -> Report {
        let seconds = match (self.first_delivery, self.last_reply) {
            (Some(first), Some(last)) => last.saturating_duration_since(first).as_secs_f64(),
            _ => 0.0,
        };
        Report::new(self.shape, self.counts, seconds, self.latencies_ns.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(mode: Mode) -> World {
        let mut world = World::default();
        world.start(Shape {
            mode,
            updates: 40,
            chats: 10,
            warm_up: 1,
        });
        world
    }

    #[test]
    fn reordered_repeated_missing_and_strange_replies_are_counted() {
        let mut world = world(Mode::Blast);
        assert!(world.hand_out(0, 100, &mut Vec::new()));
        let at = Instant::now();
        world.delivered(at);
        for (chat, text) in [
            (0, "0"),
            (0, "20"),
            (0, "10"),
            (0, "10"),
            (1, "2"),
            (1, "hello"),
        ] {
            world.reply(FIRST_CHAT + chat, text, at);
        }
        let report = world.run.as_ref().map(Run::report).unwrap_or_default();
        assert_eq!(report.replies, 3);
        assert_eq!(report.missing, 37);
        assert_eq!(
            (report.reordered, report.duplicates, report.strange),
            (1, 1, 2)
        );
        assert!(!report.is_clean());
    }

    #[test]
    fn in_ping_pong_the_next_update_waits_for_the_reply() {
        let mut world = world(Mode::PingPong);
        let mut out = Vec::new();
        assert!(world.hand_out(0, 100, &mut out));
        let next = super::super::load::FIRST_UPDATE + 1;
        assert!(!world.hand_out(next, 100, &mut out));
        world.delivered(Instant::now());
        world.reply(FIRST_CHAT, "0", Instant::now());
        assert!(world.hand_out(next, 100, &mut out));
    }
}
