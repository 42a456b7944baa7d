//! The bot's queue of updates, for a poller or for a webhook.
//!
//! For a poller it is one line. With a webhook each chat has a lane of its own: one update of a
//! chat is under way at a time, chats go side by side. Changing over keeps every update.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::Serialize;

use crate::types::Update;

/// An update with its id, as `getUpdates` and webhooks hand it out.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Queued {
    pub(crate) update_id: i64,
    #[serde(flatten)]
    pub(crate) update: Update,
    /// When nobody needs it any more, in the world's milliseconds.
    #[serde(skip)]
    expires_ms: i64,
}

/// An update as it was queued, for whoever looks back.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// Unix microseconds.
    pub(crate) at_us: i64,
    pub(crate) update: Arc<Queued>,
}

/// How long an update waits to be fetched.
const WAITS_MS: i64 = 24 * 3600 * 1000;
/// Updates that wait at most; later ones are lost.
const MOST_WAITING: usize = 1_000_000;

/// Updates remembered after they were confirmed.
const REMEMBERED: usize = 10_000;

#[derive(Debug)]
pub(crate) struct Queue {
    next_id: i64,
    recent: VecDeque<Sent>,
    line: VecDeque<Arc<Queued>>,
    lanes: Option<Lanes>,
    mishaps: Mishaps,
    /// Nothing that waits expires before this.
    next_expiry_ms: i64,
    /// Waits for the update that overtakes it.
    overtaken: Option<Arc<Queued>>,
}

/// What goes wrong on the way, on purpose: how many updates are still to be met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Mishaps {
    /// Delivered twice, with the same id.
    pub(crate) duplicate: u64,
    /// Overtaken by the update after them.
    pub(crate) swap: u64,
}

#[derive(Debug, Default)]
struct Lanes {
    by_chat: HashMap<i64, VecDeque<Arc<Queued>>>,
    /// Chats with something waiting and nothing under way, first come first served.
    ready: VecDeque<i64>,
    waiting: usize,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            next_id: 1,
            recent: VecDeque::new(),
            line: VecDeque::new(),
            lanes: None,
            mishaps: Mishaps::default(),
            next_expiry_ms: i64::MAX,
            overtaken: None,
        }
    }
}

impl Queue {
    pub(crate) fn start_at(&mut self, first_id: i64) {
        self.next_id = self.next_id.max(first_id);
    }

    /// Adds an update; `id` is given for injected ones that name theirs.
    pub(crate) fn push(&mut self, update: Update, id: Option<i64>, now_ms: i64) -> i64 {
        let update_id = id.unwrap_or(self.next_id);
        self.next_id = self.next_id.max(update_id + 1);
        let expires_ms = now_ms.saturating_add(WAITS_MS);
        let queued = Arc::new(Queued {
            update_id,
            update,
            expires_ms,
        });
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        let last = self.recent.back().map_or(0, |sent| sent.at_us);
        self.recent.push_back(Sent {
            // Never twice the same, for readers go on behind the last one they saw.
            at_us: super::now_us().max(last + 1),
            update: queued.clone(),
        });
        // Polls never see updates out of order: an offset would confirm what was not handed out.
        if self.overtaken.is_none() && self.mishaps.swap > 0 && self.lanes.is_some() {
            self.mishaps.swap -= 1;
            self.overtaken = Some(queued);
            return update_id;
        }
        self.enqueue(queued);
        if let Some(overtaken) = self.overtaken.take() {
            self.enqueue(overtaken);
        }
        update_id
    }

    /// The latest updates, confirmed or not, oldest first.
    pub(crate) fn recent(&self) -> impl DoubleEndedIterator<Item = &Sent> {
        self.recent.iter()
    }

    fn enqueue(&mut self, queued: Arc<Queued>) {
        if self.len() >= MOST_WAITING {
            tracing::warn!(
                update_id = queued.update_id,
                "too many updates wait; one is lost"
            );
            return;
        }
        self.next_expiry_ms = self.next_expiry_ms.min(queued.expires_ms);
        let copies = if self.mishaps.duplicate > 0 {
            self.mishaps.duplicate -= 1;
            2
        } else {
            1
        };
        for _ in 0..copies {
            match &mut self.lanes {
                Some(lanes) => lanes.push(queued.clone()),
                None => self.line.push_back(queued.clone()),
            }
        }
    }

    pub(crate) fn mishaps(&self) -> Mishaps {
        self.mishaps
    }

    /// Sets what goes wrong from now on. An update that waits to be overtaken is let go.
    pub(crate) fn set_mishaps(&mut self, mishaps: Mishaps) {
        self.mishaps = mishaps;
        if let Some(overtaken) = self.overtaken.take() {
            self.enqueue(overtaken);
        }
    }

    pub(crate) fn len(&self) -> usize {
        let in_lanes = self.lanes.as_ref().map_or(0, |lanes| lanes.waiting);
        self.line.len() + in_lanes + usize::from(self.overtaken.is_some())
    }

    pub(crate) fn clear(&mut self) {
        self.line.clear();
        self.recent.clear();
        self.overtaken = None;
        if let Some(lanes) = &mut self.lanes {
            *lanes = Lanes::default();
        }
    }

    /// Drops what has waited for too long.
    pub(crate) fn expire(&mut self, now_ms: i64) {
        if now_ms < self.next_expiry_ms {
            return;
        }
        let keeps = |queued: &Arc<Queued>| queued.expires_ms > now_ms;
        self.line.retain(keeps);
        self.overtaken.take_if(|queued| !keeps(queued));
        if let Some(lanes) = &mut self.lanes {
            lanes.retain(keeps);
        }
        let in_lanes = self.lanes.iter().flat_map(|lanes| lanes.by_chat.values());
        let waiting = self.line.iter().chain(in_lanes.flatten());
        let waiting = waiting.chain(&self.overtaken);
        let next = waiting.map(|queued| queued.expires_ms).min();
        self.next_expiry_ms = next.unwrap_or(i64::MAX);
    }

    /// Confirms what lies before `offset`. A negative offset keeps only that many from the end.
    pub(crate) fn confirm(&mut self, offset: i64) {
        if offset < 0 {
            let kept = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            let gone = self.line.len().saturating_sub(kept);
            self.line.drain(..gone);
            return;
        }
        // Not only from the front: updates may stand out of order.
        self.line.retain(|queued| queued.update_id >= offset);
    }

    /// The first `limit` unconfirmed updates.
    pub(crate) fn first(&self, limit: usize) -> Vec<Arc<Queued>> {
        self.line.iter().take(limit).cloned().collect()
    }

    /// From one line to a lane per chat.
    pub(crate) fn split(&mut self) {
        let mut lanes = Lanes::default();
        for queued in self.rejoin() {
            lanes.push(queued);
        }
        self.lanes = Some(lanes);
    }

    /// Back to one line, in the order of ids. What is under way stays pending until it is done,
    /// so it may be handed out again: at least once, as at Telegram.
    pub(crate) fn join(&mut self) {
        self.line = self.rejoin();
    }

    fn rejoin(&mut self) -> VecDeque<Arc<Queued>> {
        let mut all: Vec<_> = self.line.drain(..).collect();
        if let Some(lanes) = self.lanes.take() {
            all.extend(lanes.by_chat.into_values().flatten());
        }
        all.extend(self.overtaken.take());
        all.sort_by_key(|queued| queued.update_id);
        all.into()
    }

    /// Takes the next chat's turn: its first update, which stays in its lane until [`Self::done`].
    pub(crate) fn start_delivery(&mut self) -> Option<Arc<Queued>> {
        let lanes = self.lanes.as_mut()?;
        while let Some(chat) = lanes.ready.pop_front() {
            if let Some(first) = lanes.by_chat.get(&chat).and_then(VecDeque::front) {
                return Some(first.clone());
            }
        }
        None
    }

    /// The update was accepted; its chat's next one may go.
    pub(crate) fn done(&mut self, delivered: &Queued) {
        let Some(lanes) = &mut self.lanes else {
            self.line
                .retain(|queued| queued.update_id != delivered.update_id);
            return;
        };
        let chat = delivered.update.chat_id();
        let Some(lane) = lanes.by_chat.get_mut(&chat) else {
            return;
        };
        let was_first = lane
            .front()
            .is_some_and(|first| first.update_id == delivered.update_id);
        if !was_first {
            // The queue was emptied meanwhile; the lane is another delivery's.
            return;
        }
        lane.pop_front();
        lanes.waiting -= 1;
        if lane.is_empty() {
            lanes.by_chat.remove(&chat);
        } else {
            lanes.ready.push_back(chat);
        }
    }

    /// Whether the update still waits for delivery (it does not after a reset or a drop).
    pub(crate) fn is_waiting(&self, queued: &Queued) -> bool {
        self.lanes.as_ref().is_some_and(|lanes| {
            lanes
                .by_chat
                .get(&queued.update.chat_id())
                .and_then(VecDeque::front)
                .is_some_and(|first| first.update_id == queued.update_id)
        })
    }
}

impl Lanes {
    /// A delivery that is under way may end in vain; what was behind it gets its turn.
    fn retain(&mut self, keeps: impl Fn(&Arc<Queued>) -> bool) {
        let ready = &mut self.ready;
        let waiting = &mut self.waiting;
        self.by_chat.retain(|chat, lane| {
            let (before, first) = (lane.len(), lane.front().map(|first| first.update_id));
            lane.retain(&keeps);
            *waiting -= before - lane.len();
            let now_first = lane.front().map(|first| first.update_id);
            if now_first.is_some() && now_first != first {
                ready.push_back(*chat);
            }
            !lane.is_empty()
        });
    }

    fn push(&mut self, queued: Arc<Queued>) {
        let chat = queued.update.chat_id();
        let lane = self.by_chat.entry(chat).or_default();
        if lane.is_empty() {
            self.ready.push_back(chat);
        }
        lane.push_back(queued);
        self.waiting += 1;
    }
}
