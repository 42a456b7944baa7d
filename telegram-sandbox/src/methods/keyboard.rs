//! `reply_markup`, <https://core.telegram.org/bots/api#inlinekeyboardmarkup> and the sections
//! around it: every kind of button, read and refused as Telegram does.

use serde_json::{Value, json};

use super::json::{Fault, Fields};
use crate::error::ApiError;
use crate::params::Params;
use crate::text::links;
use crate::types::{Button, InlineKeyboard};

/// Bytes of `callback_data`.
const MOST_DATA: usize = 64;
/// Buttons of one keyboard, and of one row.
const MOST_BUTTONS: usize = 100;
const MOST_IN_ROW: usize = 8;
/// Keys of a reply keyboard.
const MOST_KEYS: usize = 300;

/// What `reply_markup` asks for.
#[derive(Clone, Debug)]
pub(crate) enum Markup {
    None,
    Inline(InlineKeyboard),
    /// A reply keyboard, its removal, or a forced reply: shown by clients, not in messages.
    Reply(Value),
}

impl Markup {
    /// The inline keyboard of an edit, which takes no other.
    pub(crate) fn inline(self) -> Result<Option<InlineKeyboard>, ApiError> {
        match self {
            Self::Inline(keyboard) => Ok(Some(keyboard)),
            Self::None => Ok(None),
            Self::Reply(_) => Err(ApiError::bad_request("inline keyboard expected")),
        }
    }
}

pub(crate) fn markup(params: &Params) -> Result<Markup, ApiError> {
    let unreadable = || ApiError::bad_request("can't parse reply keyboard markup JSON object");
    let value: Option<Value> = params.object("reply_markup").map_err(|_| unreadable())?;
    match value {
        None => Ok(Markup::None),
        Some(value) => read(&value),
    }
}

pub(crate) fn read(value: &Value) -> Result<Markup, ApiError> {
    let fields = Fields::of(value)
        .ok_or_else(|| ApiError::bad_request("object expected as reply markup"))?;
    let read = parse(fields).map_err(ApiError::bad_request)?;
    if let Markup::Inline(keyboard) = &read {
        check(keyboard)?;
    }
    Ok(read)
}

fn parse(fields: Fields<'_>) -> Result<Markup, Fault> {
    let mut rows = Vec::new();
    for row in fields.array("keyboard")?.into_iter().flatten() {
        let row = row
            .as_array()
            .ok_or("Field \"keyboard\" must be an Array of Arrays")?;
        let read = |button| {
            let read = reply_button(button);
            read.map_err(|fault| format!("Can't parse keyboard button: {fault}"))
        };
        rows.push(row.iter().map(read).collect::<Result<Vec<_>, _>>()?);
    }
    let mut inline = Vec::new();
    for row in fields.array("inline_keyboard")?.into_iter().flatten() {
        let row = row.as_array().ok_or(
            "Field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays",
        )?;
        let read = |button| {
            let read = inline_button(button);
            read.map_err(|fault| format!("Can't parse inline keyboard button: {fault}"))
        };
        inline.push(row.iter().map(read).collect::<Result<Vec<_>, _>>()?);
    }
    let remove = fields.flag("hide_keyboard")? || fields.flag("remove_keyboard")?;
    let selective = fields.flag("personal_keyboard")? || fields.flag("selective")?;
    let force = fields.flag("force_reply_keyboard")? || fields.flag("force_reply")?;
    let placeholder = fields.text("input_field_placeholder")?;
    rows.retain(|row| !row.is_empty());
    inline.retain(|row| !row.is_empty());
    if rows.iter().map(Vec::len).sum::<usize>() > MOST_KEYS {
        return Err("reply markup is too long".to_owned());
    }
    let mut shown = if !rows.is_empty() {
        let mut shown = json!({"keyboard": rows});
        for flag in ["resize_keyboard", "one_time_keyboard", "is_persistent"] {
            if fields.flag(flag)? {
                shown[flag] = json!(true);
            }
        }
        shown
    } else if !inline.is_empty() {
        return Ok(Markup::Inline(InlineKeyboard {
            inline_keyboard: inline,
        }));
    } else if remove {
        json!({"remove_keyboard": true})
    } else if force {
        json!({"force_reply": true})
    } else {
        return Ok(Markup::None);
    };
    if selective {
        shown["selective"] = json!(true);
    }
    if let Some(placeholder) = placeholder {
        shown["input_field_placeholder"] = json!(placeholder);
    }
    Ok(Markup::Reply(shown))
}

/// What buttons ask for in private chats only, and how that is refused elsewhere.
const PRIVATE_ONLY: [(&str, &str); 6] = [
    (
        "request_contact",
        "phone number can be requested in private chats only",
    ),
    (
        "request_location",
        "location can be requested in private chats only",
    ),
    (
        "request_poll",
        "poll can be requested in private chats only",
    ),
    (
        "web_app",
        "web App buttons can be used in private chats only",
    ),
    (
        "request_users",
        "users can be requested in private chats only",
    ),
    (
        "request_chat",
        "chats can be requested in private chats only",
    ),
];

/// Refuses what a chat that is not private cannot have.
pub(crate) fn fit(markup: &Markup, is_private: bool) -> Result<(), ApiError> {
    match markup {
        Markup::None => Ok(()),
        Markup::Inline(keyboard) => fit_inline(keyboard, is_private),
        Markup::Reply(shown) => fit_reply(shown, is_private),
    }
}

pub(crate) fn fit_inline(keyboard: &InlineKeyboard, is_private: bool) -> Result<(), ApiError> {
    if !is_private && keyboard.buttons().any(|button| button.web_app.is_some()) {
        return Err(ApiError::bad_request("BUTTON_TYPE_INVALID"));
    }
    Ok(())
}

fn fit_reply(shown: &Value, is_private: bool) -> Result<(), ApiError> {
    let rows = shown["keyboard"].as_array().into_iter().flatten();
    for button in rows.filter_map(Value::as_array).flatten() {
        let found = PRIVATE_ONLY
            .iter()
            .find(|(field, _)| button.get(field).is_some());
        if let Some((_, refusal)) = found
            && !is_private
        {
            return Err(ApiError::bad_request(*refusal));
        }
        if let Some(url) = button["web_app"]["url"].as_str() {
            links::check(url, links::Only::App).map_err(|fault| {
                ApiError::bad_request(format!("keyboard button Web App URL {fault}"))
            })?;
        }
    }
    Ok(())
}

/// A button of a reply keyboard: plain text, or one thing to ask for.
fn reply_button(button: &Value) -> Result<Value, Fault> {
    if let Value::String(text) = button {
        return Ok(json!({"text": text}));
    }
    let fields = Fields::of(button).ok_or("KeyboardButton must be a String or an Object")?;
    let text = fields.required_text("text")?;
    if fields.flag("request_phone_number")? || fields.flag("request_contact")? {
        return Ok(json!({"text": text, "request_contact": true}));
    }
    if fields.flag("request_location")? {
        return Ok(json!({"text": text, "request_location": true}));
    }
    if let Some(poll) = fields.object("request_poll")? {
        let mut shown = json!({"text": text, "request_poll": {}});
        if let Some(kind) = poll.text("type")? {
            shown["request_poll"]["type"] = json!(kind);
        }
        return Ok(shown);
    }
    if let Some(app) = fields.object("web_app")? {
        let url = app.required_text("url")?;
        return Ok(json!({"text": text, "web_app": {"url": url}}));
    }
    for (given, shown) in [
        ("request_users", "request_users"),
        ("request_user", "request_users"),
        ("request_chat", "request_chat"),
    ] {
        if let Some(request) = fields.object(given)? {
            request.required_integer("request_id")?;
            return Ok(json!({"text": text, shown: fields.get(given)}));
        }
    }
    Ok(json!({"text": text}))
}

/// A button of an inline keyboard with the one action that Telegram reads first.
fn inline_button(button: &Value) -> Result<Button, Fault> {
    let fields = Fields::of(button).ok_or("InlineKeyboardButton must be an Object")?;
    let mut read = Button {
        text: fields.required_text("text")?,
        ..Button::default()
    };
    let url = fields.any_text("url")?;
    if !url.is_empty() {
        read.url = Some(url);
        return Ok(read);
    }
    let data = fields.any_text("callback_data")?;
    if !data.is_empty() {
        read.callback_data = Some(data);
        return Ok(read);
    }
    if fields.has("callback_game") {
        read.callback_game = Some(json!({}));
    } else if fields.has("pay") {
        read.pay = Some(true);
    } else if fields.has("switch_inline_query") {
        read.switch_inline_query = fields.text("switch_inline_query")?;
    } else if let Some(chosen) = fields.object("switch_inline_query_chosen_chat")? {
        chosen.text("query")?;
        read.switch_inline_query_chosen_chat =
            fields.get("switch_inline_query_chosen_chat").cloned();
    } else if fields.has("switch_inline_query_current_chat") {
        read.switch_inline_query_current_chat = fields.text("switch_inline_query_current_chat")?;
    } else if let Some(login) = fields.object("login_url")? {
        login.required_text("url")?;
        read.login_url = fields.get("login_url").cloned();
    } else if let Some(app) = fields.object("web_app")? {
        app.required_text("url")?;
        read.web_app = fields.get("web_app").cloned();
    } else if let Some(copy) = fields.object("copy_text")? {
        copy.required_text("text")?;
        read.copy_text = fields.get("copy_text").cloned();
    } else {
        return Err("Text buttons are unallowed in the inline keyboard".to_owned());
    }
    Ok(read)
}

/// What the server behind the Bot API refuses.
fn check(keyboard: &InlineKeyboard) -> Result<(), ApiError> {
    let rows = &keyboard.inline_keyboard;
    if keyboard.buttons().count() > MOST_BUTTONS || rows.iter().any(|row| row.len() > MOST_IN_ROW) {
        return Err(ApiError::bad_request("reply markup is too long"));
    }
    for button in keyboard.buttons() {
        // Only invoices take it, and those are not sent here.
        if button.pay.is_some() {
            return Err(ApiError::bad_request("BUTTON_TYPE_INVALID"));
        }
        if button.text.trim().is_empty() {
            return Err(ApiError::bad_request("BUTTON_TEXT_INVALID"));
        }
        if let Some(data) = &button.callback_data
            && data.len() > MOST_DATA
        {
            return Err(ApiError::bad_request("BUTTON_DATA_INVALID"));
        }
        let url_of = |value: &Option<Value>| {
            let url = value.as_ref()?.get("url")?.as_str()?;
            Some(url.to_owned())
        };
        if let Some(url) = &button.url
            && links::person(url).is_none()
        {
            links::check(url, links::Only::Any).map_err(|fault| {
                ApiError::bad_request(format!("inline keyboard button URL {fault}"))
            })?;
        }
        if let Some(url) = url_of(&button.web_app) {
            links::check(&url, links::Only::App).map_err(|fault| {
                ApiError::bad_request(format!("inline keyboard button Web App URL {fault}"))
            })?;
        }
        if let Some(url) = url_of(&button.login_url) {
            links::check(&url, links::Only::App).map_err(|fault| {
                ApiError::bad_request(format!("inline keyboard button login URL {fault}"))
            })?;
        }
        let copied = button
            .copy_text
            .as_ref()
            .and_then(|copy| copy["text"].as_str());
        if copied.is_some_and(|text| !(1..=256).contains(&text.chars().count())) {
            return Err(ApiError::bad_request("BUTTON_COPY_TEXT_INVALID"));
        }
    }
    Ok(())
}
