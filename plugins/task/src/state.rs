//! What a task can be, and the steps from one to another.

use diesel::backend::Backend;
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::SmallInt;

/// `task_tasks.state`; lists show the smaller first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, FromSqlRow, AsExpression)]
#[diesel(sql_type = SmallInt)]
#[repr(i16)]
pub enum State {
    Open = 0,
    Done = 1,
}

/// A change of state that really happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Complete,
    Reopen,
}

impl State {
    pub const ALL: [Self; 2] = [Self::Open, Self::Done];

    /// The step to `target`; none when the task is there already.
    pub fn step_to(self, target: Self) -> Option<Step> {
        match (self, target) {
            (Self::Open, Self::Done) => Some(Step::Complete),
            (Self::Done, Self::Open) => Some(Step::Reopen),
            (Self::Open, Self::Open) | (Self::Done, Self::Done) => None,
        }
    }

    /// As buttons and events name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
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
            Self::Complete => "task.done",
            Self::Reopen => "task.reopened",
        }
    }
}

impl<DB: Backend> ToSql<SmallInt, DB> for State
where
    i16: ToSql<SmallInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> diesel::serialize::Result {
        match self {
            Self::Open => 0.to_sql(out),
            Self::Done => 1.to_sql(out),
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
    fn a_step_leads_from_each_state_to_the_other_and_never_to_itself() {
        assert_eq!(State::Open.step_to(State::Done), Some(Step::Complete));
        assert_eq!(State::Done.step_to(State::Open), Some(Step::Reopen));
        for state in State::ALL {
            assert_eq!(state.step_to(state), None);
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
