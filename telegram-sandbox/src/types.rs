//! Bot API objects as the sandbox sends them. Field names are the Bot API's; an absent optional
//! field is left out, as Telegram does.

pub(crate) mod chat;
pub(crate) mod content;
pub(crate) mod entity;
pub(crate) mod keyboard;
pub(crate) mod media;
pub(crate) mod member;
pub(crate) mod message;
pub(crate) mod poll;
pub(crate) mod update;
pub(crate) mod user;

pub(crate) use chat::{ChatHead, ChatKind};
pub(crate) use content::{Content, Origin, Place, Service, Text, Thing};
pub(crate) use entity::{Entity, EntityKind, MentionedUser};
pub(crate) use keyboard::{Button, InlineKeyboard};
pub(crate) use media::{Animation, Attachment, FileInfo, Media, PhotoSize, StickerTraits};
pub(crate) use member::{AdminRights, ChatMember, Permissions, Standing};
pub(crate) use message::{Message, Quote};
pub(crate) use poll::{Poll, PollKind, PollOption};
pub(crate) use update::{
    CallbackQuery, ChosenInlineResult, InlineQuery, JoinRequest, MemberChange, PollAnswer,
    ReactionChange, Update,
};
pub(crate) use user::User;
