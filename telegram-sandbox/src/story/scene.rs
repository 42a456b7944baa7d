//! Which message a line means when it names none, and names for those that it would not mean.

use std::collections::HashMap;

use super::event::{Event, Verb};

/// What stands in the chats so far, oldest first.
#[derive(Debug, Default)]
pub(super) struct Scene {
    chats: HashMap<String, Vec<Seen>>,
}

#[derive(Debug)]
struct Seen {
    id: i64,
    by_bot: bool,
    who: String,
    captions: Vec<String>,
}

impl Scene {
    /// The message that a line without a label means:
    /// * a press: the latest with such a button,
    /// * an edit: one's own latest,
    /// * a reply or a reaction: the other side's latest,
    /// * deleting and pinning: the bot's latest.
    pub(super) fn meant_by(&self, event: &Event) -> Option<i64> {
        let by_bot = event.by_bot();
        let fits = |seen: &&Seen| match &event.verb {
            Verb::Presses { by_data: true, .. } => !seen.captions.is_empty(),
            Verb::Presses { button, .. } => seen.captions.contains(button),
            Verb::Edits { .. } => seen.who == event.who,
            Verb::Says { .. } | Verb::Reacts { .. } => seen.by_bot != by_bot,
            _ => seen.by_bot,
        };
        let chat = self.chats.get(&event.place.chat)?;
        chat.iter().rev().find(fits).map(|seen| seen.id)
    }

    /// Takes notice of what happened.
    pub(super) fn note(&mut self, event: &Event) {
        let chat = self.chats.entry(event.place.chat.clone()).or_default();
        let captions = |event: &Event| -> Vec<String> {
            let rows = event.body().into_iter().flat_map(|body| &body.buttons);
            rows.flatten().map(|key| key.text.clone()).collect()
        };
        match (&event.verb, event.message) {
            (Verb::Says { .. }, Some(id)) => chat.push(Seen {
                id,
                by_bot: event.by_bot(),
                who: event.who.clone(),
                captions: captions(event),
            }),
            (Verb::Edits { target, .. }, _) => {
                if let Some(seen) = chat.iter_mut().find(|seen| Some(seen.id) == target.message) {
                    seen.captions = captions(event);
                }
            }
            (Verb::Deletes(target), _) => chat.retain(|seen| Some(seen.id) != target.message),
            _ => {}
        }
    }
}

/// The label of a message that is in no line.
pub(super) const EARLIER: &str = "?";

/// Gives names to the messages that later lines refer to and would not mean otherwise.
pub(super) fn label(events: &mut [Event]) {
    let mut scene = Scene::default();
    let mut wanted = Vec::new();
    for (place, event) in events.iter().enumerate() {
        if let Some(id) = event.target().and_then(|target| target.message)
            && scene.meant_by(event) != Some(id)
        {
            wanted.push((place, id));
        }
        scene.note(event);
    }
    let mut names = 0;
    for (place, id) in wanted {
        let chat = events[place].place.chat.clone();
        let said = events[..place].iter_mut().find(|event| {
            event.message == Some(id)
                && event.place.chat == chat
                && matches!(event.verb, Verb::Says { .. })
        });
        let label = match said {
            None => EARLIER.to_owned(),
            Some(event) => event
                .label
                .get_or_insert_with(|| {
                    names += 1;
                    format!("m{names}")
                })
                .clone(),
        };
        if let Some(target) = events[place].target_mut() {
            target.label = Some(label);
        }
    }
}
