//! What is known while a story is played: who is where, which message has which label, and what has
//! happened so far.

use std::collections::HashMap;

use super::diff::{self, Labels};
use super::event::{Event, Story, Target, Verb};
use super::pattern::{Names, filled};
use super::play::PlayError;
use super::scene::{EARLIER, Scene};

/// What is known while a story is played.
pub(super) struct Stage<'a> {
    pub(super) story: &'a Story,
    pub(super) chats: HashMap<&'a str, i64>,
    /// What happened before this is not ours.
    pub(super) since: i64,
    pub(super) labels: Labels,
    /// Topics by group and name.
    pub(super) topics: HashMap<(String, String), i64>,
    pub(super) names: Names,
    pub(super) actual: Story,
    pub(super) refused: Vec<(usize, String)>,
}

impl<'a> Stage<'a> {
    /// Before the first act; what happened until `since` is not ours.
    pub(super) fn new(story: &'a Story, since: i64) -> Self {
        Self {
            story,
            chats: chats(story),
            since,
            labels: Labels::new(),
            topics: HashMap::new(),
            names: Names::new(),
            actual: Story::default(),
            refused: Vec::new(),
        }
    }

    pub(super) fn chat(&self, name: &str) -> Result<i64, PlayError> {
        if name == "raw" {
            return Ok(0);
        }
        self.chats
            .get(name)
            .copied()
            .ok_or_else(|| PlayError::Refused(format!("nobody is called {name}")))
    }

    /// Whether the bot has done enough, and answered the presses that it should have answered.
    pub(super) fn is_abreast(&self, until: usize) -> bool {
        let mut wanted: HashMap<&str, usize> = HashMap::new();
        let mut answers = 0;
        for event in &self.story.events[..until] {
            if event.by_bot() {
                *wanted.entry(&event.place.chat).or_default() += 1;
            } else if let Verb::Presses { shown, .. } = &event.verb {
                answers += usize::from(shown.answered);
            }
        }
        for event in &self.actual.events {
            if event.by_bot() {
                if let Some(wanted) = wanted.get_mut(event.place.chat.as_str()) {
                    *wanted = wanted.saturating_sub(1);
                }
            } else if let Verb::Presses { shown, .. } = &event.verb {
                answers = answers.saturating_sub(usize::from(shown.answered));
            }
        }
        answers == 0 && wanted.values().all(|wanted| *wanted == 0)
    }

    /// The n-th deed in a chat is the n-th that was expected there: what it is called, and what
    /// stood for its names.
    pub(super) fn learn(&mut self) {
        let mut places: HashMap<&str, Vec<&Event>> = HashMap::new();
        for event in self.actual.events.iter().filter(|event| event.by_bot()) {
            places.entry(&event.place.chat).or_default().push(event);
        }
        let mut next: HashMap<&str, usize> = HashMap::new();
        for expected in self.story.events.iter().filter(|event| event.by_bot()) {
            let chat = expected.place.chat.as_str();
            let at = next.entry(chat).or_default();
            let actual = places.get(chat).and_then(|deeds| deeds.get(*at));
            *at += 1;
            let Some(actual) = actual else {
                continue;
            };
            if let (Some(label), Some(id)) = (&expected.label, actual.message) {
                self.labels.insert(label.clone(), id);
            }
            if let (Verb::Opens { topic, .. }, Some(id)) = (&expected.verb, actual.message) {
                let place = (expected.place.chat.clone(), topic.clone());
                self.topics.insert(place, id);
            }
            if let Some(names) = diff::event_fits(expected, actual, &self.labels) {
                self.names.extend(names);
            }
        }
    }

    /// The number of a topic.
    pub(super) fn topic(&self, event: &Event, name: &str) -> Result<i64, PlayError> {
        let place = (event.place.chat.clone(), name.to_owned());
        let known = self.topics.get(&place).copied();
        known.or_else(|| name.parse().ok()).ok_or_else(|| {
            PlayError::Refused(format!("the topic {name} was not opened in {}", place.0))
        })
    }

    /// The message that a line is about.
    pub(super) fn message(&self, event: &Event, target: &Target) -> Result<i64, PlayError> {
        if let Some(label) = target.label.as_deref().filter(|label| *label != EARLIER) {
            let known = self.labels.get(label).copied();
            return known
                .ok_or_else(|| PlayError::Refused(format!("the message #{label} has not come")));
        }
        let mut event = event.clone();
        if let Verb::Presses { button, .. } = &mut event.verb {
            *button = filled(button, &self.names);
        }
        let mut scene = Scene::default();
        for past in &self.actual.events {
            scene.note(past);
        }
        scene.meant_by(&event).ok_or_else(|| {
            PlayError::Refused(match &event.verb {
                Verb::Presses { button, .. } => {
                    format!(
                        "no message in {} has the button [{button}]",
                        event.place.chat
                    )
                }
                _ => format!("there is no such message in {}", event.place.chat),
            })
        })
    }
}

fn chats(story: &Story) -> HashMap<&str, i64> {
    let people = story.people.iter().map(|p| (p.name.as_str(), p.id));
    let groups = story.groups.iter().map(|g| (g.name.as_str(), g.id));
    people.chain(groups).collect()
}
