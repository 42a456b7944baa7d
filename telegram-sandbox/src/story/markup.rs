//! A text with its entities as Telegram's HTML, <https://core.telegram.org/bots/api#html-style>.
//! Entities that Telegram finds by itself (commands, mentions, links) are not marked: they follow
//! from the text.

use serde_json::Value;

struct Tag {
    start: usize,
    end: usize,
    open: String,
    close: &'static str,
}

pub(super) fn html(text: &str, entities: &Value) -> String {
    let entities = entities.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut tags: Vec<Tag> = entities.iter().filter_map(tag).collect();
    // An outer entity opens first and closes last.
    tags.sort_by_key(|tag| (tag.start, std::cmp::Reverse(tag.end)));
    let mut out = String::with_capacity(text.len() + tags.len() * 8);
    let mut open: Vec<(usize, &'static str)> = Vec::new();
    let mut next = tags.iter().peekable();
    let mut at = 0;
    for character in text.chars() {
        while let Some((_, close)) = open.pop_if(|(end, _)| *end <= at) {
            out.push_str(close);
        }
        while let Some(tag) = next.next_if(|tag| tag.start <= at) {
            out.push_str(&tag.open);
            open.push((tag.end, tag.close));
        }
        escape(character, &mut out);
        at += character.len_utf16();
    }
    while let Some((_, close)) = open.pop() {
        out.push_str(close);
    }
    out
}

fn tag(entity: &Value) -> Option<Tag> {
    let number = |name: &str| usize::try_from(entity[name].as_u64()?).ok();
    let attribute = |value: &str| {
        let mut escaped = String::new();
        for character in value.chars() {
            match character {
                '"' => escaped.push_str("&quot;"),
                other => escape(other, &mut escaped),
            }
        }
        escaped
    };
    let (open, close) = match entity["type"].as_str()? {
        "bold" => ("<b>".to_owned(), "</b>"),
        "italic" => ("<i>".to_owned(), "</i>"),
        "underline" => ("<u>".to_owned(), "</u>"),
        "strikethrough" => ("<s>".to_owned(), "</s>"),
        "spoiler" => ("<tg-spoiler>".to_owned(), "</tg-spoiler>"),
        "code" => ("<code>".to_owned(), "</code>"),
        "blockquote" => ("<blockquote>".to_owned(), "</blockquote>"),
        "expandable_blockquote" => ("<blockquote expandable>".to_owned(), "</blockquote>"),
        "pre" => match entity["language"].as_str() {
            Some(language) => (
                format!("<pre><code class=\"language-{}\">", attribute(language)),
                "</code></pre>",
            ),
            None => ("<pre>".to_owned(), "</pre>"),
        },
        "text_link" => (
            format!("<a href=\"{}\">", attribute(entity["url"].as_str()?)),
            "</a>",
        ),
        "text_mention" => (
            format!("<a href=\"tg://user?id={}\">", entity["user"]["id"]),
            "</a>",
        ),
        "custom_emoji" => (
            format!(
                "<tg-emoji emoji-id=\"{}\">",
                attribute(entity["custom_emoji_id"].as_str()?)
            ),
            "</tg-emoji>",
        ),
        _ => return None,
    };
    let start = number("offset")?;
    Some(Tag {
        start,
        end: start + number("length")?,
        open,
        close,
    })
}

fn escape(character: char, out: &mut String) {
    match character {
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '&' => out.push_str("&amp;"),
        other => out.push(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entities_nest_and_count_utf16_units() {
        let entities = json!([
            {"type": "bold", "offset": 0, "length": 7},
            {"type": "italic", "offset": 3, "length": 4},
            {"type": "bot_command", "offset": 8, "length": 2},
        ]);
        assert_eq!(
            html("😀 <ab> /x", &entities),
            "<b>😀 <i>&lt;ab&gt;</i></b> /x"
        );
    }

    #[test]
    fn code_blocks_and_links_keep_their_attributes() {
        let pre = json!([{"type": "pre", "offset": 0, "length": 1, "language": "rust"}]);
        assert_eq!(
            html("x", &pre),
            "<pre><code class=\"language-rust\">x</code></pre>"
        );
        let link =
            json!([{"type": "text_link", "offset": 0, "length": 1, "url": "https://a/?b&c\""}]);
        assert_eq!(
            html("x", &link),
            "<a href=\"https://a/?b&amp;c&quot;\">x</a>"
        );
    }
}
