//! What a button says: the state it wants, never "the other one", so that a press that arrives
//! twice does what it does once.
//!
//! | `callback_data` | Where | What |
//! |---|---|---|
//! | `t:set:12:done` | a task's card | task 12 shall be done |
//! | `t:set:12:done:3:mine` | a list, on page 3 of what is mine | the same |
//! | `t:part:12:3:done` | a card | the third part of task 12 shall be done |
//! | `t:list:2:mine` | a list | show page 2 of what is mine |
//! | `t:show:12`, `t:edit:12`, `t:say:12` | a card | show it, change it, say something about it |
//! | `t:field:12:due` | a card being changed | ask what the due date shall be |
//! | `t:put:12:prio:high` | a question | the priority shall be high; `-` is nothing |
//! | `t:pass:12`, `t:pass:12:3` | a card, a question | hand task 12 over, or its third part; part 0 is the whole |
//! | `t:give:12:3:7` | a question | person 7 gets it |
//! | `t:tpl:3:show`, `t:tpl:3:change` | a template | show template 3, ask for its steps |
//!
//! It holds 64 bytes at most (Bot API, InlineKeyboardButton). It is input: whoever presses may have
//! forged it.

use vahta_plugin_sdk::rows::{Micros, UserId};

use crate::state::State;
use crate::store::lists::Filter;
use crate::task::TaskId;
use crate::view::Field;

/// The prefix of the manifest; the host takes it off before the plugin gets the data.
pub(crate) const PREFIX: &str = "t";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Press {
    Set {
        task: TaskId,
        state: State,
        on: On,
    },
    Part {
        task: TaskId,
        /// From 1.
        position: i32,
        done: bool,
    },
    /// Pages count from 1.
    List {
        page: u32,
        look: Look,
    },
    Show(TaskId),
    Edit(TaskId),
    Say(TaskId),
    Field {
        task: TaskId,
        field: Field,
    },
    Put {
        task: TaskId,
        field: Field,
        /// A short word or number; `-` is nothing.
        value: String,
    },
    Pass {
        task: TaskId,
        /// None: that is asked first. 0: the task as a whole.
        position: Option<i32>,
    },
    Give {
        task: TaskId,
        position: i32,
        user: i64,
    },
    Template {
        /// 0: none in particular.
        template: i64,
        act: Act,
    },
}

/// What a button does with a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// All of them.
    List,
    Show,
    /// Ask for a new one.
    New,
    /// Ask for its steps.
    Change,
    /// Ask whether it shall go.
    Drop,
    /// It shall.
    Dropped,
}

impl Act {
    pub(crate) const ALL: [Self; 6] = [
        Self::List,
        Self::Show,
        Self::New,
        Self::Change,
        Self::Drop,
        Self::Dropped,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Show => "show",
            Self::New => "new",
            Self::Change => "change",
            Self::Drop => "drop",
            Self::Dropped => "dropped",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.name() == name)
    }

    pub(crate) fn of(self, template: i64) -> Press {
        Press::Template {
            template,
            act: self,
        }
    }
}

/// The message that the button hangs on, to be brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    Card,
    List { page: u32, look: Look },
}

/// Which tasks a list shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Look {
    #[default]
    All,
    Mine,
    Created,
    Pending,
    Overdue,
}

impl Look {
    pub(crate) const ALL: [Self; 5] = [
        Self::All,
        Self::Mine,
        Self::Created,
        Self::Pending,
        Self::Overdue,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Mine => "mine",
            Self::Created => "created",
            Self::Pending => "pending",
            Self::Overdue => "overdue",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|look| look.name() == name)
    }

    pub(crate) fn of(filter: &Filter) -> Self {
        match filter {
            Filter::Mine(_) => Self::Mine,
            Filter::Created(_) => Self::Created,
            Filter::Pending => Self::Pending,
            Filter::Overdue(_) => Self::Overdue,
            Filter::All | Filter::Label(_) | Filter::State(_) | Filter::Text(_) => Self::All,
        }
    }

    /// For whoever looks, now; somebody unknown has nothing of their own.
    pub(crate) fn filter(self, user: Option<UserId>, now: Micros) -> Filter {
        let own = user.unwrap_or(UserId(0));
        match self {
            Self::All => Filter::All,
            Self::Mine => Filter::Mine(own),
            Self::Created => Filter::Created(own),
            Self::Pending => Filter::Pending,
            Self::Overdue => Filter::Overdue(now),
        }
    }
}

impl Press {
    /// The `callback_data`, prefix included.
    pub(crate) fn data(&self) -> String {
        format!("{PREFIX}:{}", self.rest())
    }

    fn rest(&self) -> String {
        match self {
            Self::List { page, look } => format!("list:{page}:{}", look.name()),
            Self::Show(task) => format!("show:{task}"),
            Self::Edit(task) => format!("edit:{task}"),
            Self::Say(task) => format!("say:{task}"),
            Self::Field { task, field } => format!("field:{task}:{}", field.as_str()),
            Self::Put { task, field, value } => format!("put:{task}:{}:{value}", field.as_str()),
            Self::Pass {
                task,
                position: None,
            } => format!("pass:{task}"),
            Self::Pass {
                task,
                position: Some(position),
            } => format!("pass:{task}:{position}"),
            Self::Give {
                task,
                position,
                user,
            } => format!("give:{task}:{position}:{user}"),
            Self::Template { template, act } => format!("tpl:{template}:{}", act.name()),
            Self::Part {
                task,
                position,
                done,
            } => {
                let state = if *done { State::Done } else { State::Open };
                format!("part:{task}:{position}:{}", state.as_str())
            }
            Self::Set { task, state, on } => {
                let state = state.as_str();
                match on {
                    On::Card => format!("set:{task}:{state}"),
                    On::List { page, look } => format!("set:{task}:{state}:{page}:{}", look.name()),
                }
            }
        }
    }

    /// Reads what [`Self::data`] wrote, without the prefix; none when it is anything else.
    pub(crate) fn parse(rest: &str) -> Option<Self> {
        let mut parts = rest.split(':');
        let (kind, first) = (parts.next()?, parts.next()?);
        let task = || Some(TaskId(first.parse().ok()?));
        let press = match kind {
            "list" => Self::List {
                page: first.parse().ok()?,
                look: Look::from_name(parts.next()?)?,
            },
            "show" => Self::Show(task()?),
            "edit" => Self::Edit(task()?),
            "say" => Self::Say(task()?),
            "field" => Self::Field {
                task: task()?,
                field: Field::from_name(parts.next()?)?,
            },
            "put" => Self::Put {
                task: task()?,
                field: Field::from_name(parts.next()?)?,
                value: parts.next().filter(|value| !value.is_empty())?.to_owned(),
            },
            "pass" => Self::Pass {
                task: task()?,
                position: match parts.next() {
                    Some(position) => Some(position.parse().ok()?),
                    None => None,
                },
            },
            "give" => Self::Give {
                task: task()?,
                position: parts.next()?.parse().ok()?,
                user: parts.next()?.parse().ok()?,
            },
            "tpl" => Self::Template {
                template: first.parse().ok()?,
                act: Act::from_name(parts.next()?)?,
            },
            "part" => Self::Part {
                task: task()?,
                position: parts.next()?.parse().ok()?,
                done: match State::from_name(parts.next()?)? {
                    State::Done => true,
                    State::Open => false,
                    _ => return None,
                },
            },
            "set" => Self::Set {
                task: task()?,
                state: State::from_name(parts.next()?)?,
                on: match parts.next() {
                    Some(page) => On::List {
                        page: page.parse().ok()?,
                        look: Look::from_name(parts.next()?)?,
                    },
                    None => On::Card,
                },
            },
            _ => return None,
        };
        // One way to write it: what is left over, `+1` and `01` are somebody else's.
        (press.rest() == rest).then_some(press)
    }
}

#[cfg(test)]
mod tests;
