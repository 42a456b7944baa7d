//! The world behind the server: people, chats, messages, the bot and what it was told. All in
//! memory behind one lock; critical sections are short and never wait.

pub(crate) mod agenda;
pub(crate) mod attachments;
pub(crate) mod bot;
pub(crate) mod bots;
pub(crate) mod calls;
pub(crate) mod chat;
pub(crate) mod chats;
pub(crate) mod clock;
pub(crate) mod faults;
pub(crate) mod files;
pub(crate) mod flood;
pub(crate) mod hearing;
pub(crate) mod history;
pub(crate) mod inline;
pub(crate) mod invites;
pub(crate) mod members;
pub(crate) mod messages;
pub(crate) mod migration;
pub(crate) mod people;
pub(crate) mod polls;
pub(crate) mod queries;
pub(crate) mod queue;
pub(crate) mod reactions;
pub(crate) mod signals;
pub(crate) mod topics;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use agenda::Agenda;
use bot::Bot;
use bots::Acting;
use calls::CallLog;
use chats::Chats;
use clock::Clock;
use faults::Faults;
use files::FileStore;
use flood::Flood;
use inline::Inline;
use people::Person;
use queries::Queries;
use signals::Signals;

use crate::load::Probe;

/// What a world is made with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The first bot's token; its digits before the colon are the bot's id.
    pub token: String,
    /// Whether Telegram's flood limits are enforced (429 with `retry_after`).
    pub flood_limits: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token: "1:sandbox".to_owned(),
            flood_limits: false,
        }
    }
}

/// Everything that exists; shared by the server's tasks.
#[derive(Debug)]
pub struct World {
    /// Bots by their tokens.
    tokens: RwLock<HashMap<String, i64>>,
    state: Mutex<State>,
    pub(crate) signals: Arc<Signals>,
}

impl World {
    /// A world with nobody in it but the bot.
    pub fn new(options: Options) -> Arc<Self> {
        let signals = Arc::new(Signals::default());
        let state = State::new(&options, signals.clone());
        let tokens = HashMap::from([(options.token, state.bot.me.id)]);
        Arc::new(Self {
            tokens: RwLock::new(tokens),
            state: Mutex::new(state),
            signals,
        })
    }

    /// A world with Ada (1001), Lim (1002) and Gus (1003), their private chats, and the
    /// supergroup "Ops" (-1001) of all three and the bot.
    pub fn with_people(options: Options) -> Arc<Self> {
        let world = Self::new(options);
        world.lock().add_usual_people();
        world
    }

    /// Lets update and message ids start at `first` instead of 1, and all other ids far above those
    /// of an earlier start. A bot that remembers ids on disk must not meet them again when the
    /// sandbox starts anew; the program counts from the clock for that reason.
    pub fn start_ids_at(&self, first: i64) {
        let mut state = self.lock();
        state.first_message_id = first;
        state.start_serials_at(first);
        for bot in state.bots_mut() {
            bot.queue.start_at(first);
        }
        for chat in state.chats.values_mut() {
            chat.history.start_at(first);
        }
    }

    /// Adds so many people, from this id on, who have all opened the chat with the bot.
    pub(crate) fn add_people(&self, first: i64, count: i64) {
        let mut state = self.lock();
        for id in first..first.saturating_add(count) {
            let user = crate::types::User {
                id,
                is_bot: false,
                first_name: "Person".to_owned(),
                last_name: None,
                username: Some(format!("person{id}")),
                language_code: Some("en".to_owned()),
            };
            state.add_person(user, true);
        }
    }

    /// What has happened, as a story: in one chat or in all.
    pub fn story(&self, chat: Option<i64>) -> crate::story::Story {
        crate::story::record(&self.lock(), 0, chat).0
    }

    /// The bot of a token.
    pub(crate) fn bot_of(&self, token: &str) -> Option<i64> {
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        tokens.get(token).copied()
    }

    /// A bot's token, for signatures that Telegram makes with it.
    pub(crate) fn token_of(&self, bot: i64) -> Option<String> {
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        let found = tokens.iter().find(|(_, id)| **id == bot);
        found.map(|(token, _)| token.clone())
    }

    /// Lets a bot in by this token.
    pub(crate) fn add_token(&self, token: String, bot: i64) {
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        tokens.insert(token, bot);
    }

    /// The world with the first bot acting.
    pub(crate) fn lock(&self) -> Acting<'_> {
        Acting::first(self.guard())
    }

    /// The world with this bot acting; `None` if there is no such bot.
    pub(crate) fn lock_as(&self, bot: i64) -> Option<Acting<'_>> {
        Acting::of(self.guard(), bot)
    }

    /// A panic while the lock was held is a bug of ours, but the rest of the world stays usable.
    /// Whoever looks sees what is due by now.
    fn guard(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.settle();
        state
    }
}

/// The world's contents. Methods live beside the area they belong to, in `world/`.
#[derive(Debug)]
pub(crate) struct State {
    /// The bot that acts.
    pub(crate) bot: Bot,
    pub(crate) others: BTreeMap<i64, Bot>,
    pub(crate) people: HashMap<i64, Person>,
    pub(crate) chats: Chats,
    pub(crate) files: FileStore,
    pub(crate) calls: CallLog,
    pub(crate) faults: Faults,
    pub(crate) flood: Flood,
    pub(crate) queries: Queries,
    pub(crate) inline: Inline,
    pub(crate) clock: Clock,
    pub(crate) agenda: Agenda,
    /// Counts every change of a message anywhere; see [`State::touch`].
    pub(crate) cursor: u64,
    /// Follows a load.
    pub(crate) probe: Option<Box<Probe>>,
    pub(crate) first_message_id: i64,
    /// Added to the change counter where it makes an id; see [`State::serial`].
    first_serial: u64,
    /// When the world began or was emptied, in Unix microseconds: whoever looks at it knows by it
    /// that it is another one.
    pub(crate) born_us: i64,
    pub(crate) signals: Arc<Signals>,
}

impl State {
    fn new(options: &Options, signals: Arc<Signals>) -> Self {
        Self {
            bot: Bot::new(&options.token),
            others: BTreeMap::new(),
            people: HashMap::new(),
            chats: Chats::default(),
            files: FileStore::default(),
            calls: CallLog::default(),
            faults: Faults::default(),
            flood: Flood::new(options.flood_limits),
            queries: Queries::default(),
            inline: Inline::default(),
            clock: Clock::default(),
            agenda: Agenda::default(),
            cursor: 0,
            probe: None,
            first_message_id: 1,
            first_serial: 0,
            born_us: now_us(),
            signals,
        }
    }

    /// Empties the world but for its bots; its clock is the machine's again. Ids go on where they
    /// were, so that a bot that is still running does not take something new for something old.
    pub(crate) fn reset(&mut self) {
        let highest = self.all_chats().map(|chat| chat.history.next_id());
        self.first_message_id = highest.fold(self.first_message_id, i64::max);
        for chat in self.all_chats() {
            chat.changed.notify_waiters();
        }
        self.people.clear();
        self.chats.clear();
        self.files.clear();
        self.faults = Faults::default();
        self.flood.forget();
        self.queries.clear();
        self.inline.clear();
        self.agenda.clear();
        self.clock = Clock::default();
        self.born_us = now_us().max(self.born_us + 1);
        self.calls.clear();
        for bot in self.bots_mut() {
            bot.reset();
        }
        self.touch();
        self.signals.changes.notify_waiters();
    }

    /// The next value of the world's change counter.
    pub(crate) fn touch(&mut self) -> u64 {
        self.cursor += 1;
        self.cursor
    }

    /// A number for ids that no earlier start has given: it grows with each change.
    pub(crate) fn serial(&self) -> u64 {
        self.first_serial + self.cursor
    }

    /// Of ids that are counted from the clock, in tenths of a second, to finer ones: room for
    /// 100,000 of them in that time.
    fn start_serials_at(&mut self, first: i64) {
        let first = first.unsigned_abs().saturating_mul(100_000);
        self.first_serial = first;
        self.files.start_at(first);
        self.queries.start_at(first);
        self.inline.start_at(first);
    }

    /// When the last update or call was, in Unix microseconds.
    pub(crate) fn latest_at(&self) -> i64 {
        let update = self.bot.queue.recent().next_back().map(|sent| sent.at_us);
        let call = self.calls.since(0).map(|call| call.at_us).max();
        update.max(call).unwrap_or(0)
    }

    /// Now, in Unix seconds.
    pub(crate) fn now(&self) -> i64 {
        self.clock.millis() / 1000
    }
}

/// Now, in Unix microseconds: the order in which updates and calls are told.
pub(crate) fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(0))
}
