//! One line of a story, without what is indented below it.

use super::event::{BOT, Body, Event, Place, Shown, Target, Verb};
use super::key::caption;

/// What is left of a line while it is read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// The next word; it ends before white space and colons.
    fn word(&mut self) -> &'a str {
        self.0 = self.0.trim_start();
        let end = self
            .0
            .find(|c: char| c.is_whitespace() || c == ':')
            .unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        word
    }

    /// `true`, and it is gone, if this word is next.
    fn skip(&mut self, word: &str) -> bool {
        let before = self.0;
        let found = self.word() == word;
        if !found {
            self.0 = before;
        }
        found
    }

    fn label(&mut self) -> Option<String> {
        let rest = self.0.trim_start().strip_prefix('#')?;
        self.0 = rest;
        Some(self.word().to_owned())
    }

    fn target(&mut self, before: &str) -> Target {
        if !before.is_empty() {
            self.skip(before);
        }
        Target {
            label: self.label(),
            message: None,
        }
    }

    /// `: text`, to the end of the line.
    fn body(&mut self) -> Result<Body, String> {
        let text = self
            .0
            .trim_start()
            .strip_prefix(':')
            .ok_or("a colon is missing before the text")?;
        self.0 = "";
        Ok(Body {
            text: text.strip_prefix(' ').unwrap_or(text).to_owned(),
            ..Body::default()
        })
    }

    fn end(&self) -> Result<(), String> {
        match self.0.trim() {
            "" => Ok(()),
            rest => Err(format!("`{rest}` is too much here")),
        }
    }
}

/// Reads a line; `at` is where the bot is when the line does not say.
pub(super) fn event(line: &str, at: Option<&Place>) -> Result<Event, String> {
    if let Some(update) = line.strip_prefix("raw ") {
        let update = serde_json::from_str(update).map_err(|reason| format!("raw: {reason}"))?;
        return Ok(made("raw", Place::default(), None, Verb::Raw(update)));
    }
    let mut rest = Rest(line);
    let who = rest.word();
    let by_bot = who == BOT;
    let mut place = match (by_bot, at) {
        (true, Some(place)) => place.clone(),
        (true, None) => Place::default(),
        (false, _) => at_home(who),
    };
    if rest.skip("in") {
        place = self::place(rest.word())?;
    }
    if place.chat.is_empty() {
        return Err("nobody has written yet: say where, `bot in Ada: …`".to_owned());
    }
    let label = rest.label();
    let verb = if rest.0.trim_start().starts_with(':') {
        Verb::Says {
            replies_to: None,
            body: rest.body()?,
        }
    } else {
        verb(&mut rest, &mut place, by_bot)?
    };
    rest.end()?;
    Ok(made(who, place, label, verb))
}

fn verb(rest: &mut Rest<'_>, place: &mut Place, by_bot: bool) -> Result<Verb, String> {
    let word = rest.word();
    Ok(match word {
        "replies" => Verb::Says {
            replies_to: Some(rest.target("to")),
            body: rest.body()?,
        },
        "edits" => Verb::Edits {
            target: rest.target(""),
            body: rest.body()?,
        },
        "deletes" => Verb::Deletes(rest.target("")),
        "pins" => Verb::Pins(rest.target("")),
        "reacts" => {
            let emoji = Some(rest.word()).filter(|emoji| *emoji != "nothing");
            Verb::Reacts {
                emoji: emoji.map(str::to_owned),
                target: rest.target("to"),
            }
        }
        "presses" if !by_bot => {
            let by_data = rest.0.trim_start().starts_with("data[");
            let button = rest.0.trim_start();
            let button = button.strip_prefix("data").unwrap_or(button);
            let (button, after) = caption(button).ok_or("`presses` needs a [button]")?;
            rest.0 = after;
            Verb::Presses {
                button,
                by_data,
                target: rest.target("of"),
                shown: Shown {
                    answered: true,
                    ..Shown::default()
                },
            }
        }
        "joins" | "leaves" => {
            *place = self::place(rest.word())?;
            if word == "joins" {
                Verb::Joins
            } else {
                Verb::Leaves
            }
        }
        "adds" | "removes" => {
            let whom = rest.word().to_owned();
            if !rest.skip("to") && !rest.skip("from") {
                return Err(format!("`{word}` needs a group: `adds Lim to Ops`"));
            }
            *place = self::place(rest.word())?;
            if word == "adds" {
                Verb::Adds(whom)
            } else {
                Verb::Removes(whom)
            }
        }
        "opens" => {
            let topic = rest.word().to_owned();
            let quoted = rest.0.trim_start().strip_prefix('"');
            let title = match quoted.and_then(|quoted| quoted.split_once('"')) {
                Some((title, after)) => {
                    rest.0 = after;
                    title.to_owned()
                }
                None => topic.clone(),
            };
            if !rest.skip("in") {
                return Err("`opens` needs a group: `opens Lunch in Ops`".to_owned());
            }
            *place = self::place(rest.word())?;
            Verb::Opens { topic, title }
        }
        "blocks" => Verb::Blocks,
        "unblocks" => Verb::Unblocks,
        other => {
            return Err(format!(
                "`{other}` is nothing that can be done; what can is: says (a colon), replies, \
                 edits, deletes, pins, reacts, presses, opens, joins, leaves, adds, removes, \
                 blocks, unblocks"
            ));
        }
    })
}

/// `Ops` or, with a topic, `Ops/Lunch`.
fn place(word: &str) -> Result<Place, String> {
    let (chat, thread) = match word.split_once('/') {
        None => (word, None),
        Some((_, "")) => return Err(format!("`{word}`: after the stroke comes a topic")),
        Some((chat, thread)) => (chat, Some(thread.to_owned())),
    };
    if chat.is_empty() {
        return Err("the name of a chat is missing".to_owned());
    }
    Ok(Place {
        chat: chat.to_owned(),
        thread,
    })
}

fn at_home(who: &str) -> Place {
    Place {
        chat: who.to_owned(),
        thread: None,
    }
}

fn made(who: &str, place: Place, label: Option<String>, verb: Verb) -> Event {
    Event {
        who: who.to_owned(),
        place,
        label,
        message: None,
        verb,
        line: 0,
    }
}
