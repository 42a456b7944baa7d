//! What a task can be, and the steps from one to another.
//!
//! | From | To | Step | Who |
//! |---|---|---|---|
//! | draft, rejected, cancelled | pending | submit | whoever created it |
//! | draft, pending, rejected, cancelled | open | approve | whoever may approve, or their decision |
//! | pending | rejected | reject | the decision |
//! | open | done | complete | whoever sees it and may complete |
//! | done | open | reopen | the same |
//! | draft, pending, open | cancelled | cancel | whoever created it, or may approve |

use diesel::backend::Backend;
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::SmallInt;

/// `task_tasks.state`; lists show the smaller first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, FromSqlRow, AsExpression)]
#[diesel(sql_type = SmallInt)]
#[repr(i16)]
pub enum State {
    /// Being written; only its author sees it.
    Draft = 0,
    /// Waits for approval.
    Pending = 1,
    /// Approved, in progress.
    Open = 2,
    Done = 3,
    Rejected = 4,
    Cancelled = 5,
}

/// A change of state that really happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Submit,
    Approve,
    Reject,
    Complete,
    Reopen,
    Cancel,
}

/// What a wish for a state comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It is so already.
    There,
    Step(Step),
    /// No step leads there from here.
    None,
}

impl State {
    pub const ALL: [Self; 6] = [
        Self::Draft,
        Self::Pending,
        Self::Open,
        Self::Done,
        Self::Rejected,
        Self::Cancelled,
    ];

    /// The way to `target`: the table above, and nothing else.
    pub fn way_to(self, target: Self) -> Way {
        use State::{Cancelled, Done, Draft, Open, Pending, Rejected};
        let step = match (self, target) {
            _ if self == target => return Way::There,
            (Draft | Rejected | Cancelled, Pending) => Step::Submit,
            (Draft | Pending | Rejected | Cancelled, Open) => Step::Approve,
            (Pending, Rejected) => Step::Reject,
            (Open, Done) => Step::Complete,
            (Done, Open) => Step::Reopen,
            (Draft | Pending | Open, Cancelled) => Step::Cancel,
            _ => return Way::None,
        };
        Way::Step(step)
    }

    /// Nothing is left to do.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Rejected | Self::Cancelled)
    }

    /// As buttons, events and the API name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Pending => "pending",
            Self::Open => "open",
            Self::Done => "done",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

impl Step {
    /// The event's topic and the action in the audit log.
    pub fn topic(self) -> &'static str {
        match self {
            Self::Submit => "task.submitted",
            Self::Approve => "task.approved",
            Self::Reject => "task.rejected",
            Self::Complete => "task.done",
            Self::Reopen => "task.reopened",
            Self::Cancel => "task.cancelled",
        }
    }
}

impl<DB: Backend> ToSql<SmallInt, DB> for State
where
    i16: ToSql<SmallInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> diesel::serialize::Result {
        match self {
            Self::Draft => 0.to_sql(out),
            Self::Pending => 1.to_sql(out),
            Self::Open => 2.to_sql(out),
            Self::Done => 3.to_sql(out),
            Self::Rejected => 4.to_sql(out),
            Self::Cancelled => 5.to_sql(out),
        }
    }
}

impl<DB: Backend> FromSql<SmallInt, DB> for State
where
    i16: FromSql<SmallInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        let number = i16::from_sql(bytes)?;
        let state = Self::ALL.into_iter().find(|state| *state as i16 == number);
        state.ok_or_else(|| format!("{number} is no state of a task").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_approved_done_and_reopened() {
        let way = [
            State::Draft,
            State::Pending,
            State::Open,
            State::Done,
            State::Open,
        ];
        let steps: Vec<_> = way.windows(2).map(|pair| pair[0].way_to(pair[1])).collect();
        let wanted = [Step::Submit, Step::Approve, Step::Complete, Step::Reopen];
        assert_eq!(steps, wanted.map(Way::Step));
    }

    #[test]
    fn what_is_over_comes_back_only_through_approval_or_reopening() {
        for over in State::ALL.into_iter().filter(|state| state.is_over()) {
            for target in State::ALL {
                let allowed = match (over, target) {
                    (State::Done, State::Open) => Way::Step(Step::Reopen),
                    (State::Rejected | State::Cancelled, State::Pending) => Way::Step(Step::Submit),
                    (State::Rejected | State::Cancelled, State::Open) => Way::Step(Step::Approve),
                    _ if over == target => Way::There,
                    _ => Way::None,
                };
                assert_eq!(over.way_to(target), allowed, "{over:?} to {target:?}");
            }
        }
    }

    #[test]
    fn nothing_is_done_that_was_not_approved() {
        for state in [
            State::Draft,
            State::Pending,
            State::Rejected,
            State::Cancelled,
        ] {
            assert_eq!(state.way_to(State::Done), Way::None);
        }
    }

    #[test]
    fn a_state_is_found_by_its_name_only() {
        for state in State::ALL {
            assert_eq!(State::from_name(state.as_str()), Some(state));
        }
        assert_eq!(State::from_name("Done"), None);
        assert_eq!(State::from_name(""), None);
    }
}
