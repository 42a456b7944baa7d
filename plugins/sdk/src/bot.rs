//! Bot API calls with teloxide's payloads, sent by the host: its limits, lanes and logs apply.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use serde::Serialize;
use serde::de::DeserializeOwned;
use teloxide::payloads::{
    AnswerCallbackQuery, DeleteMessage, EditMessageReplyMarkup, EditMessageText, SendChatAction,
    SendMessage,
};
use teloxide::requests::{HasPayload, Payload};
use teloxide::types::{CallbackQueryId, ChatAction, ChatId, MessageId, Recipient};

use crate::{Error, Host};

/// Sends in the name of one delivery ([`Ctx::bot`](crate::Ctx::bot)) or of nobody
/// ([`Host::bot`]). Cheap to clone; it knows no token.
#[derive(Clone)]
pub struct Bot {
    host: Host,
    ctx: u64,
}

/// Methods as teloxide names them; [`Bot::request`] sends every other JSON payload.
impl Bot {
    pub(crate) fn new(host: Host, ctx: u64) -> Self {
        Self { host, ctx }
    }

    pub fn request<P: Payload>(&self, payload: P) -> Request<P> {
        Request {
            bot: self.clone(),
            payload,
        }
    }

    pub fn send_message(
        &self,
        chat: impl Into<Recipient>,
        text: impl Into<String>,
    ) -> Request<SendMessage> {
        self.request(SendMessage::new(chat, text))
    }

    pub fn edit_message_text(
        &self,
        chat: impl Into<Recipient>,
        message: MessageId,
        text: impl Into<String>,
    ) -> Request<EditMessageText> {
        self.request(EditMessageText::new(chat, message, text))
    }

    pub fn edit_message_reply_markup(
        &self,
        chat: impl Into<Recipient>,
        message: MessageId,
    ) -> Request<EditMessageReplyMarkup> {
        self.request(EditMessageReplyMarkup::new(chat, message))
    }

    /// Answer first, then work: late answers expire.
    pub fn answer_callback_query(&self, id: CallbackQueryId) -> Request<AnswerCallbackQuery> {
        self.request(AnswerCallbackQuery::new(id))
    }

    pub fn delete_message(
        &self,
        chat: impl Into<Recipient>,
        message: MessageId,
    ) -> Request<DeleteMessage> {
        self.request(DeleteMessage::new(chat, message))
    }

    pub fn send_chat_action(
        &self,
        chat: impl Into<Recipient>,
        action: ChatAction,
    ) -> Request<SendChatAction> {
        self.request(SendChatAction::new(chat, action))
    }
}

/// A call that is made when it is awaited. teloxide's setters work on it
/// (`.parse_mode(…)`, `.reply_markup(…)`).
#[must_use = "a request does nothing until it is awaited or put into the outbox"]
#[derive(Clone)]
pub struct Request<P> {
    bot: Bot,
    payload: P,
}

impl<P: Payload> HasPayload for Request<P> {
    type Payload = P;

    fn payload_mut(&mut self) -> &mut P {
        &mut self.payload
    }

    fn payload_ref(&self) -> &P {
        &self.payload
    }
}

impl<P> IntoFuture for Request<P>
where
    P: Payload + Serialize,
    P::Output: DeserializeOwned,
{
    type Output = Result<P::Output, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Bot { host, ctx } = self.bot;
        let body = serde_json::to_vec(&self.payload);
        // The call is made here; what is boxed holds no `P`, which need not be `Send`.
        let answer = body.map(|body| host.call_raw(ctx, &method::<P>(), &body));
        Box::pin(async move { Ok(serde_json::from_slice(&answer?.await?)?) })
    }
}

impl<P> Request<P>
where
    P: Payload + Serialize,
{
    /// Makes the call and waits until Telegram took it; what Telegram answered, such as the message
    /// as it now stands in the chat, is not read. Cheaper than awaiting the request itself.
    ///
    /// # Errors
    /// As awaiting the request.
    pub fn sent(self) -> impl Future<Output = Result<(), Error>> + Send + use<P> {
        let Bot { host, ctx } = self.bot;
        let body = serde_json::to_vec(&self.payload);
        let answer = body.map(|body| host.call_raw(ctx, &method::<P>(), &body));
        async move { Ok(answer?.await.map(drop)?) }
    }
}

/// Such as `telegram.SendMessage`.
fn method<P: Payload>() -> String {
    format!("telegram.{}", P::NAME)
}

/// What the outbox needs to know of a request.
pub(crate) struct Parts {
    pub(crate) method: &'static str,
    pub(crate) chat: i64,
    pub(crate) payload: serde_json::Value,
}

impl<P: Payload + Serialize> Request<P> {
    /// # Errors
    /// When the payload names no chat by number: the outbox keeps order by chat.
    pub(crate) fn into_parts(self) -> Result<Parts, serde_json::Error> {
        let payload = serde_json::to_value(&self.payload)?;
        let chat = payload.get("chat_id").and_then(serde_json::Value::as_i64);
        let chat = chat.ok_or_else(|| {
            let text = format!("{} names no chat by number, so it cannot wait", P::NAME);
            <serde_json::Error as serde::ser::Error>::custom(text)
        })?;
        Ok(Parts {
            method: P::NAME,
            chat,
            payload,
        })
    }
}

/// `chat_id` of messages that handlers get and of [`Chat`](crate::Chat) are one number.
impl From<&crate::Chat> for Recipient {
    fn from(chat: &crate::Chat) -> Self {
        Self::Id(ChatId(chat.id))
    }
}
