//! What people write after a command: whom, where, how long.

use std::time::Duration;

use teloxide::types::UpdateKind;
use vahta_rows::{ChatId, DbError};

use super::Cx;
use crate::access::{Person, Reach, Who};
use crate::flow::Sender;

/// The longest time that a grant or a link may be given for.
const LONGEST: Duration = Duration::from_secs(10 * 366 * 24 * 3600);

/// `90s`, `30m`, `12h`, `2d`, `1w`.
pub(super) fn duration(word: &str) -> Option<Duration> {
    let unit = word.chars().last()?;
    let count: u64 = word.strip_suffix(unit)?.parse().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 24 * 3_600,
        'w' => 7 * 24 * 3_600,
        _ => return None,
    };
    let duration = Duration::from_secs(count.checked_mul(seconds)?);
    (count > 0 && duration <= LONGEST).then_some(duration)
}

/// Where somebody means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    Here,
    Reach(Reach),
}

/// `here`, `everywhere`, or the id of a group.
pub(super) fn spot(word: &str) -> Option<Spot> {
    match word {
        "here" => Some(Spot::Here),
        "everywhere" => Some(Spot::Reach(Reach::Everywhere)),
        _ => {
            let id: i64 = word.parse().ok().filter(|id| *id < 0)?;
            Some(Spot::Reach(Reach::Chat(ChatId(id))))
        }
    }
}

/// `@name`, or a Telegram id.
pub(super) fn who(word: &str) -> Option<Who> {
    if let Some(name) = word.strip_prefix('@') {
        // Telegram: 4 (collectible) or 5 to 32 of a-z, 0-9 and underscores.
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let fits = (1..=32).contains(&name.len()) && name.bytes().all(legal);
        return fits.then(|| Who::Name(name.to_string()));
    }
    word.parse().ok().filter(|id| *id > 0).map(Who::Telegram)
}

/// Somebody that a command is about.
#[derive(Debug, Clone)]
pub(super) enum Target {
    Known(Person),
    /// A username that nobody was seen with.
    Name(String),
    /// Nobody was named, or not so that it can be understood.
    Nobody,
    /// An id that nobody was seen with.
    Id(i64),
}

impl Cx {
    /// Takes the person off the words: by @name, by id, or the one whose message is replied to.
    pub(super) async fn target(&self, words: &mut Vec<&str>) -> Result<Target, DbError> {
        let Some(who) = words.first().and_then(|word| who(word)) else {
            let Some(author) = self.replied_to() else {
                return Ok(Target::Nobody);
            };
            // The journal may not have written them yet.
            return Ok(Target::Known(self.app.access.ensure_sender(&author).await?));
        };
        words.remove(0);
        Ok(match (self.app.access.find(&who).await?, who) {
            (Some(person), _) => Target::Known(person),
            (None, Who::Name(name)) => Target::Name(name),
            (None, Who::Telegram(id)) => Target::Id(id),
            (None, Who::User(_)) => Target::Nobody,
        })
    }

    /// The author of the message that this one replies to; bots have no rights to speak of.
    fn replied_to(&self) -> Option<Sender> {
        let UpdateKind::Message(message) = &self.incoming.update.kind else {
            return None;
        };
        let from = message.reply_to_message()?.from.as_ref()?;
        (!from.is_bot).then(|| Sender::of(from))
    }

    /// What a spot means in this chat; `None` when `here` is said in a private chat.
    pub(super) fn reach(&self, spot: Option<Spot>) -> Option<Reach> {
        match spot {
            None => Some(Reach::Everywhere),
            Some(Spot::Reach(reach)) => Some(reach),
            Some(Spot::Here) if self.is_private() => None,
            Some(Spot::Here) => self.chat().map(Reach::Chat),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit_and_an_end() {
        assert_eq!(duration("90s"), Some(Duration::from_secs(90)));
        assert_eq!(duration("2d"), Some(Duration::from_secs(172_800)));
        assert_eq!(duration("1w"), Some(Duration::from_secs(604_800)));
        for bad in [
            "",
            "d",
            "0d",
            "-1d",
            "2",
            "2y",
            "99999999999999999999w",
            "11000d",
            "2d3h",
            "ü",
        ] {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn people_are_named_by_username_or_id() {
        assert_eq!(who("@Lim"), Some(Who::Name("Lim".into())));
        assert_eq!(who("1002"), Some(Who::Telegram(1002)));
        for bad in ["@", "lim", "@a b", "-1002", "0", "@näme"] {
            assert_eq!(who(bad), None, "{bad}");
        }
    }

    #[test]
    fn places_are_here_everywhere_or_a_group() {
        assert_eq!(spot("here"), Some(Spot::Here));
        assert_eq!(spot("-1001"), Some(Spot::Reach(Reach::Chat(ChatId(-1001)))));
        assert_eq!(spot("everywhere"), Some(Spot::Reach(Reach::Everywhere)));
        assert_eq!(spot("1001"), None);
    }
}
