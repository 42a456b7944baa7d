//! Message text: parse modes, entities, lengths in UTF-16 code units.

pub(crate) mod detect;
mod fix;
pub(crate) mod format;
pub(crate) mod html;
pub(crate) mod links;
pub(crate) mod markdown;
pub(crate) mod markdown_legacy;
mod output;
pub(crate) mod tidy;

/// Entities of a message; the rest is passed over.
pub(crate) const MOST_ENTITIES: usize = 100;
/// Most code units of a message's text, after entity parsing.
pub(crate) const MOST_TEXT: usize = 4096;
/// Most code units of a caption, after entity parsing.
pub(crate) const MOST_CAPTION: usize = 1024;

/// Length in UTF-16 code units.
pub(crate) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// A parser's result in one line, for tables of tests.
#[cfg(test)]
fn shown(parsed: Result<(String, Vec<crate::types::Entity>), String>) -> String {
    let (text, entities) = match parsed {
        Ok(parsed) => parsed,
        Err(fault) => return format!("error: {fault}"),
    };
    let mut line = format!("{text} |");
    for entity in entities {
        let value = serde_json::to_value(&entity).unwrap_or_default();
        let argument = ["url", "language", "custom_emoji_id"]
            .iter()
            .find_map(|field| value[field].as_str().map(str::to_owned))
            .or_else(|| value["user"]["id"].as_i64().map(|id| id.to_string()));
        let argument = argument
            .map(|argument| format!("={argument}"))
            .unwrap_or_default();
        let kind = value["type"].as_str().unwrap_or_default();
        line += &format!(" {kind}:{}+{}{argument}", entity.offset, entity.length);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::{detect, html, markdown, markdown_legacy, tidy, units};

    /// Pieces that parsers trip over, and a few that they should not even notice.
    const PIECES: [&str; 36] = [
        "<b>",
        "</b>",
        "<a href=\"",
        "<code class=\"language-x\">",
        "<pre>",
        "</",
        "<",
        ">",
        "&",
        "&lt",
        "&#x1F600;",
        "&#",
        "\"",
        "*",
        "_",
        "__",
        "~",
        "|",
        "||",
        "`",
        "```",
        "[",
        "]",
        "(",
        ")",
        "![",
        "\\",
        "\n",
        "\n>",
        "😀",
        "é",
        " ",
        "/cmd@bot",
        "#tag",
        "a@b.org",
        "http://é.org/x",
    ];

    #[test]
    fn no_text_makes_a_parser_panic_or_point_outside_of_it() {
        // Numerical Recipes' generator: the same texts every time.
        let mut seed: u32 = 1;
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed as usize >> 8
        };
        for _ in 0..20_000 {
            let count = next() % 12;
            let source: String = (0..count).map(|_| PIECES[next() % PIECES.len()]).collect();
            for parse in [html::parse, markdown::parse, markdown_legacy::parse] {
                let Ok((text, entities)) = parse(&source) else {
                    continue;
                };
                let (text, entities) = tidy::tidy(&text, entities).unwrap_or_default();
                let total = units(&text);
                let fits = entities.iter().all(|e| e.length > 0 && e.end() <= total);
                assert!(fits, "{source:?} gave {text:?} and {entities:?}");
            }
            let total = units(&source);
            assert!(
                detect::detect(&source).iter().all(|e| e.end() <= total),
                "{source:?}"
            );
        }
    }
}
