//! `Poll`, <https://core.telegram.org/bots/api#poll>.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Entity;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Poll {
    pub(crate) id: String,
    pub(crate) question: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) question_entities: Vec<Entity>,
    pub(crate) options: Vec<PollOption>,
    pub(crate) total_voter_count: usize,
    pub(crate) is_closed: bool,
    pub(crate) is_anonymous: bool,
    #[serde(rename = "type")]
    pub(crate) kind: PollKind,
    pub(crate) allows_multiple_answers: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) correct_option_id: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) explanation: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) explanation_entities: Vec<Entity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) open_period: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) close_date: Option<i64>,
    /// Who chose which options.
    #[serde(skip)]
    pub(crate) votes: BTreeMap<i64, Vec<usize>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PollKind {
    Regular,
    Quiz,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct PollOption {
    pub(crate) text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) text_entities: Vec<Entity>,
    pub(crate) voter_count: usize,
}

impl Poll {
    /// Sets somebody's choice; an empty one takes the vote back.
    pub(crate) fn vote(&mut self, voter: i64, choice: Vec<usize>) {
        if choice.is_empty() {
            self.votes.remove(&voter);
        } else {
            self.votes.insert(voter, choice);
        }
        for (place, option) in self.options.iter_mut().enumerate() {
            let chosen = self.votes.values().filter(|choice| choice.contains(&place));
            option.voter_count = chosen.count();
        }
        self.total_voter_count = self.votes.len();
    }
}
