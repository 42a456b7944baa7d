//! What to say to a command that nobody knows.

use vahta_rows::ChatId;
use vahta_texts::{Arg, escape_html};

use super::help::offers;
use crate::access::Actor;
use crate::app::App;

/// The nearest command that this person may use here, or a hint at `/help`.
pub fn suggest(app: &App, actor: &Actor, chat: Option<ChatId>, name: &str) -> String {
    let names: Vec<String> = offers(app, actor, chat)
        .into_iter()
        .map(|offer| offer.name)
        .collect();
    let written = escape_html(name);
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => {
            let args = [
                ("name", Arg::from(written.as_str())),
                ("near", Arg::from(near)),
            ];
            app.texts
                .get(&actor.language, "unknown-command-near", &args)
        }
        None => {
            let args = [("name", Arg::from(written.as_str()))];
            app.texts.get(&actor.language, "unknown-command", &args)
        }
    }
}

/// The name that is the fewest slips away, when those are few for its length.
pub(super) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = (name.chars().count() / 3).clamp(1, 3);
    names
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(slips, _)| *slips <= most)
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_its_command_and_a_word_of_its_own_does_not() {
        let names = ["task", "tasks", "grant", "status", "help"];
        let near = |name| nearest(name, names.into_iter());
        assert_eq!(near("taks"), Some("task"));
        assert_eq!(near("statsu"), Some("status"));
        assert_eq!(near("gratn"), Some("grant"));
        assert_eq!(near("weather"), None);
        assert_eq!(near("x"), None);
    }
}
