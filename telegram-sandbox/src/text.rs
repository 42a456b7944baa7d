//! Message text: parse modes, entities, lengths in UTF-16 code units.

pub(crate) mod detect;
pub(crate) mod format;
pub(crate) mod html;
pub(crate) mod markdown;
pub(crate) mod markdown_legacy;
mod output;
pub(crate) mod tidy;

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
