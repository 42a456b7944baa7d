//! Votes and the end of polls, <https://core.telegram.org/bots/api#poll>.

use std::sync::Arc;

use super::State;
use crate::types::{Content, Message, Poll, PollAnswer, PollKind, Update, User};

impl State {
    fn poll_at(&self, chat: i64, message: i64) -> Option<(Message, Poll)> {
        let message = self.message(chat, message)?;
        match &message.content {
            Content::Poll { poll } => Some((Message::clone(message), Poll::clone(poll))),
            _ => None,
        }
    }

    fn show_poll(&mut self, mut message: Message, poll: Poll) -> Arc<Message> {
        message.content = Content::Poll {
            poll: Box::new(poll),
        };
        self.replace(message)
    }

    /// Closes a poll; its bot hears of it. `None` if there is none, or it was closed before.
    pub(crate) fn close_poll(&mut self, chat: i64, message: i64) -> Option<Poll> {
        let (message, mut poll) = self.poll_at(chat, message)?;
        if poll.is_closed {
            return None;
        }
        poll.is_closed = true;
        let author = message.author;
        self.show_poll(message, poll.clone());
        self.tell(author, Update::Poll(Box::new(poll.clone())));
        Some(poll)
    }

    /// Somebody votes; an empty choice takes the vote back. `Err` says why they cannot.
    pub(crate) fn vote(
        &mut self,
        chat: i64,
        message: i64,
        voter: &Arc<User>,
        choice: Vec<usize>,
    ) -> Result<Poll, &'static str> {
        let (message, mut poll) = self.poll_at(chat, message).ok_or("there is no poll")?;
        if poll.is_closed {
            return Err("Can't answer closed poll");
        }
        if choice.len() > 1 && !poll.allows_multiple_answers {
            return Err("Can't choose more than 1 option in the poll");
        }
        if choice.iter().any(|place| *place >= poll.options.len()) {
            return Err("Invalid option identifier specified");
        }
        if poll.kind == PollKind::Quiz && poll.votes.contains_key(&voter.id) {
            return Err("Can't revote in a quiz");
        }
        poll.vote(voter.id, choice.clone());
        let author = message.author;
        self.show_poll(message, poll.clone());
        if !poll.is_anonymous {
            self.tell(
                author,
                Update::PollAnswer(PollAnswer {
                    poll_id: poll.id.clone(),
                    user: voter.clone(),
                    option_ids: choice,
                }),
            );
        }
        self.tell(author, Update::Poll(Box::new(poll.clone())));
        Ok(poll)
    }
}
