//! Updates of a real bot as a story: `telegram-sandbox import`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::event::Story;
use super::journal::Journal;
use super::read::ReadError;

/// A story of a real bot's updates.
#[derive(Clone, Debug)]
pub struct Imported {
    pub story: Story,
    /// Updates that no line of a story can say, by kind: who became what in a group.
    pub left_out: BTreeMap<&'static str, usize>,
}

/// Makes a story of JSON lines. A line is an `Update`, or a whole answer of `getUpdates`. Only
/// what people did stands in updates: play the story to see what the bot answers.
///
/// # Errors
/// The first line that is no update.
pub fn import(lines: &str, title: &str) -> Result<Imported, ReadError> {
    // No bot has this id; what a bot said to itself is in no update.
    let mut journal = Journal::of(-1);
    let mut left_out = BTreeMap::new();
    for (number, line) in (1..).zip(lines.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let fail = |reason: String| ReadError {
            line: number,
            reason,
        };
        let read: Value = serde_json::from_str(line).map_err(|reason| fail(reason.to_string()))?;
        let updates = match read.get("result").unwrap_or(&read) {
            Value::Array(updates) => updates.as_slice(),
            one => std::slice::from_ref(one),
        };
        for update in updates {
            if update["update_id"].as_i64().is_none() {
                return Err(fail("this is no update: it has no update_id".to_owned()));
            }
            for kind in ["chat_member", "my_chat_member"] {
                // Of one's own chat with the bot it is told as blocking.
                if update[kind].is_object() && update[kind]["chat"]["type"] != "private" {
                    *left_out.entry(kind).or_default() += 1;
                }
            }
            journal.update(update);
        }
    }
    journal.members_as_seen();
    let mut story = journal.story();
    title.clone_into(&mut story.title);
    Ok(Imported { story, left_out })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_become_lines() {
        let ada = r#"{"id":5,"is_bot":false,"first_name":"Ada","last_name":"L"}"#;
        let private = r#"{"id":5,"type":"private","first_name":"Ada"}"#;
        let group = r#"{"id":-7,"type":"group","title":"Ops"}"#;
        let lines = [
            format!(
                r#"{{"update_id":1,"message":{{"message_id":1,"from":{ada},"chat":{private},"date":1,"text":"/start {{x}}"}}}}"#
            ),
            format!(
                r#"{{"ok":true,"result":[{{"update_id":2,"callback_query":{{"id":"9","from":{ada},"chat_instance":"1","data":"d","message":{{"message_id":2,"chat":{group},"date":1,"text":"x","reply_markup":{{"inline_keyboard":[[{{"text":"Done","callback_data":"d"}}]]}}}}}}}}]}}"#
            ),
            format!(
                r#"{{"update_id":3,"message":{{"message_id":3,"from":{ada},"chat":{group},"date":1,"dice":{{"emoji":"🎲","value":3}}}}}}"#
            ),
            format!(r#"{{"update_id":4,"chat_member":{{"chat":{group},"from":{ada}}}}}"#),
        ];
        let imported = import(&lines.join("\n"), "imported").unwrap();
        assert_eq!(imported.left_out, BTreeMap::from([("chat_member", 1)]));
        let text = imported.story.to_text();
        assert!(
            text.contains("person Ada_L 5 \"Ada L\"\ngroup Ops -7 of Ada_L\n"),
            "{text}"
        );
        assert!(text.contains("Ada_L: /start {{x}\n"), "{text}");
        assert!(
            text.contains("Ada_L in Ops presses [Done] of #?\n  no answer\n"),
            "{text}"
        );
        assert!(text.contains("raw {\"message\":"), "{text}");
        Story::parse(&text).unwrap();
        assert_eq!(import("{}", "").unwrap_err().line, 1);
    }
}
