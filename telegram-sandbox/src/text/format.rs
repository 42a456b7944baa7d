//! From what a bot sends (`text`, `parse_mode`, `entities`) to what is shown,
//! <https://core.telegram.org/bots/api#formatting-options>.

use serde_json::Value;

use super::{html, links, markdown, markdown_legacy, tidy};
use crate::error::ApiError;
use crate::types::{Entity, EntityKind, MentionedUser};

/// Text with entities, tidied.
pub(crate) type Formatted = (String, Vec<Entity>);

/// Bytes of a text before it is parsed.
const LONGEST: usize = 1 << 15;
/// Where an entity may begin, and how long it may be.
const FARTHEST: i64 = 1_000_000;

/// Parses by mode; without a mode the given entities count. The text that is left may be empty.
pub(crate) fn format(
    text: &str,
    parse_mode: &str,
    entities: Option<&Value>,
) -> Result<Formatted, ApiError> {
    if text.len() > LONGEST {
        return Err(ApiError::bad_request("text is too long"));
    }
    if text.is_empty() {
        return Ok(Formatted::default());
    }
    let parsed = match parse_mode.to_ascii_lowercase().as_str() {
        "" | "none" => {
            let entities = given(entities)?;
            return tidy::tidy(text, entities).map_err(ApiError::bad_request);
        }
        "html" => html::parse(text),
        "markdownv2" => markdown::parse(text),
        "markdown" => markdown_legacy::parse(text),
        _ => return Err(ApiError::bad_request("unsupported parse_mode")),
    };
    let unparsed = |fault: String| ApiError::bad_request(format!("can't parse entities: {fault}"));
    let (text, entities) = parsed.map_err(unparsed)?;
    tidy::tidy(&text, entities).map_err(unparsed)
}

/// `MessageEntity` objects, <https://core.telegram.org/bots/api#messageentity>. Those that
/// Telegram finds by itself are passed over.
fn given(entities: Option<&Value>) -> Result<Vec<Entity>, ApiError> {
    let Some(Value::Array(items)) = entities else {
        return Ok(Vec::new());
    };
    let mut read = Vec::with_capacity(items.len());
    for item in items {
        let one = entity(item);
        let one = one.map_err(|fault| {
            ApiError::bad_request(format!("can't parse MessageEntity: {fault}"))
        })?;
        read.extend(one);
    }
    let mut checked = Vec::with_capacity(read.len());
    for (offset, length, kind) in read {
        let kind = link_checked(kind)?;
        for (what, value) in [("offset", offset), ("length", length)] {
            if !(0..=FARTHEST).contains(&value) {
                return Err(ApiError::bad_request(format!(
                    "receive an entity with incorrect {what} {value}"
                )));
            }
        }
        let unit = |value: i64| usize::try_from(value).unwrap_or(0);
        checked.push(Entity::new(kind, unit(offset), unit(length)));
    }
    Ok(checked)
}

/// Offset, length and kind; `None` for what is found anyway.
type Given = Option<(i64, i64, EntityKind)>;

fn entity(item: &Value) -> Result<Given, String> {
    use crate::methods::json::Fields;
    let fields = Fields::of(item).ok_or("expected an Object")?;
    let offset = fields.required_integer("offset")?;
    let length = fields.required_integer("length")?;
    let name = fields.required_text("type")?;
    let kind = match name.as_str() {
        "" => return Err("Type is not specified".to_owned()),
        "bold" => EntityKind::Bold,
        "italic" => EntityKind::Italic,
        "underline" => EntityKind::Underline,
        "strikethrough" => EntityKind::Strikethrough,
        "spoiler" => EntityKind::Spoiler,
        "code" => EntityKind::Code,
        "pre" => EntityKind::Pre {
            language: fields.text("language")?.filter(|name| !name.is_empty()),
        },
        "text_link" => EntityKind::TextLink {
            url: fields.required_text("url")?,
        },
        "text_mention" => {
            let id = fields.required_object("user")?.required_integer("id")?;
            EntityKind::TextMention {
                user: MentionedUser {
                    id,
                    is_bot: false,
                    first_name: String::new(),
                    username: None,
                },
            }
        }
        "custom_emoji" => EntityKind::CustomEmoji {
            custom_emoji_id: fields.required_integer("custom_emoji_id")?.to_string(),
        },
        "blockquote" => EntityKind::Blockquote,
        "expandable_blockquote" => EntityKind::ExpandableBlockquote,
        "mention" | "hashtag" | "cashtag" | "bot_command" | "url" | "email" | "phone_number"
        | "bank_card_number" => return Ok(None),
        _ => return Err("Unsupported type specified".to_owned()),
    };
    Ok(Some((offset, length, kind)))
}

/// A link must lead somewhere; one to a person is a mention.
fn link_checked(kind: EntityKind) -> Result<EntityKind, ApiError> {
    match kind {
        EntityKind::TextLink { url } => {
            if let Some(id) = links::person(&url) {
                return Ok(EntityKind::TextMention {
                    user: MentionedUser {
                        id,
                        is_bot: false,
                        first_name: String::new(),
                        username: None,
                    },
                });
            }
            let url = links::check(&url, links::Only::Any);
            let url = url.map_err(|fault| ApiError::bad_request(format!("entity URL {fault}")))?;
            Ok(EntityKind::TextLink { url })
        }
        EntityKind::CustomEmoji { custom_emoji_id } if custom_emoji_id == "0" => Err(
            ApiError::bad_request("invalid custom emoji identifier specified"),
        ),
        other => Ok(other),
    }
}
