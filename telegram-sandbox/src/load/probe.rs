//! Follows each update: written, handed out, answered.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use super::Plan;
use super::report::{Latencies, Report};
use crate::types::{Content, Message};
use crate::world::State;
use crate::world::queue::Queued;

#[derive(Debug)]
pub(crate) struct Probe {
    first_chat: i64,
    chats: usize,
    warm_up: usize,
    /// The number whose message is being written.
    writing: usize,
    /// `update_id` of the first update.
    first_update: Option<i64>,
    updates: Vec<Way>,
    /// By chat: what was handed out and has no reply yet, oldest first; and the newest number
    /// that has one.
    waiting: Vec<(VecDeque<usize>, Option<usize>)>,
    handed_out: usize,
    handed_out_again: usize,
    replied: usize,
    reordered: usize,
    more: usize,
    strange: usize,
    first_delivery: Option<Instant>,
    last_delivery: Option<Instant>,
    last_reply: Option<Instant>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Way {
    written: Option<Instant>,
    delivered: Option<Instant>,
    replied: Option<Instant>,
}

impl Probe {
    pub(super) fn new(first_chat: i64, plan: &Plan) -> Self {
        let chats = plan.chats.max(1);
        Self {
            first_chat,
            chats,
            warm_up: plan.warm_up,
            writing: 0,
            first_update: None,
            updates: vec![Way::default(); plan.updates],
            waiting: vec![Default::default(); chats],
            handed_out: 0,
            handed_out_again: 0,
            replied: 0,
            reordered: 0,
            more: 0,
            strange: 0,
            first_delivery: None,
            last_delivery: None,
            last_reply: None,
        }
    }

    pub(super) fn written(&mut self, number: usize) {
        self.writing = number;
        if let Some(way) = self.updates.get_mut(number) {
            way.written = Some(Instant::now());
        }
    }

    /// Updates handed out, and of those answered.
    pub(super) fn progress(&self) -> (usize, usize) {
        (self.handed_out, self.replied)
    }

    fn delivered(&mut self, queued: &Queued, now: Instant) {
        let Some(chat) = self.chat(queued.update.chat_id()) else {
            return;
        };
        // Load has the world to itself: ids follow each other.
        let first = *self.first_update.get_or_insert(queued.update_id);
        let Ok(number) = usize::try_from(queued.update_id - first) else {
            return;
        };
        let Some(way) = self.updates.get_mut(number) else {
            return;
        };
        if way.delivered.is_some() {
            self.handed_out_again += 1;
            return;
        }
        way.delivered = Some(now);
        self.waiting[chat].0.push_back(number);
        self.handed_out += 1;
        self.first_delivery.get_or_insert(now);
        self.last_delivery = Some(now);
    }

    fn answered(&mut self, message: &Message, now: Instant) {
        let Some(chat) = self.chat(message.chat.id) else {
            return;
        };
        let (waiting, newest) = &mut self.waiting[chat];
        let named = match &message.content {
            Content::Text(text) => numbers(&text.text).find(|number| {
                number % self.chats == chat
                    && self
                        .updates
                        .get(*number)
                        .is_some_and(|way| way.delivered.is_some())
            }),
            _ => None,
        };
        let number = match named {
            Some(number) if self.updates[number].replied.is_some() => {
                self.more += 1;
                return;
            }
            Some(number) => {
                waiting.retain(|waiting| *waiting != number);
                number
            }
            None => match waiting.pop_front() {
                Some(number) => number,
                None => {
                    self.strange += 1;
                    return;
                }
            },
        };
        if newest.is_some_and(|newest| number < newest) {
            self.reordered += 1;
        }
        *newest = Some(newest.map_or(number, |newest| newest.max(number)));
        self.updates[number].replied = Some(now);
        self.replied += 1;
        self.last_reply = Some(now);
    }

    fn chat(&self, id: i64) -> Option<usize> {
        let chat = usize::try_from(id - self.first_chat).ok()?;
        (chat < self.chats).then_some(chat)
    }

    pub(super) fn report(&self, plan: &Plan, written: std::time::Duration) -> Report {
        let measured = self.updates.iter().skip(self.warm_up);
        let between = |from: Option<Instant>, to: Option<Instant>| {
            let between = to?.saturating_duration_since(from?);
            u64::try_from(between.as_nanos()).ok()
        };
        let seconds = |to: Option<Instant>| {
            let between = between(self.first_delivery, to).unwrap_or(0);
            std::time::Duration::from_nanos(between).as_secs_f64()
        };
        Report {
            chats: self.chats,
            updates: plan.updates,
            handed_out: self.handed_out,
            handed_out_again: self.handed_out_again,
            replied: self.replied,
            missing: plan.updates - self.replied,
            reordered: self.reordered,
            more: self.more,
            strange: self.strange,
            written_seconds: written.as_secs_f64(),
            delivery_seconds: seconds(self.last_delivery),
            reply_seconds: seconds(self.last_reply),
            from_delivery: Latencies::of(
                measured
                    .clone()
                    .filter_map(|way| between(way.delivered, way.replied)),
            ),
            from_writing: Latencies::of(
                measured.filter_map(|way| between(way.written, way.replied)),
            ),
        }
    }
}

/// The whole numbers in a text.
fn numbers(text: &str) -> impl Iterator<Item = usize> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
}

impl State {
    /// Updates go to the bot now.
    pub(crate) fn probe_delivery<'a>(
        &mut self,
        updates: impl IntoIterator<Item = &'a Arc<Queued>>,
    ) {
        if let Some(probe) = &mut self.probe {
            let now = Instant::now();
            for queued in updates {
                probe.delivered(queued, now);
            }
        }
    }

    /// The bot has written.
    pub(crate) fn probe_reply(&mut self, message: &Message) {
        if let Some(probe) = &mut self.probe {
            probe.answered(message, Instant::now());
        }
    }
}
