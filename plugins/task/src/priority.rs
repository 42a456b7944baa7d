//! How urgent a task is.

use diesel::backend::Backend;
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::SmallInt;

/// `task_tasks.priority`.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, FromSqlRow, AsExpression,
)]
#[diesel(sql_type = SmallInt)]
#[repr(i16)]
pub enum Priority {
    Low = 0,
    #[default]
    Normal = 1,
    High = 2,
    Urgent = 3,
}

impl Priority {
    pub const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Urgent];

    /// As people write it behind `!`, and as the API names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    /// In English or Russian, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        let by_name = Self::ALL
            .into_iter()
            .find(|priority| priority.as_str() == word);
        by_name.or(match word.as_str() {
            "низкий" | "низко" => Some(Self::Low),
            "обычный" | "обычно" => Some(Self::Normal),
            "высокий" | "важно" => Some(Self::High),
            "срочный" | "срочно" => Some(Self::Urgent),
            _ => None,
        })
    }
}

impl<DB: Backend> ToSql<SmallInt, DB> for Priority
where
    i16: ToSql<SmallInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> diesel::serialize::Result {
        match self {
            Self::Low => 0.to_sql(out),
            Self::Normal => 1.to_sql(out),
            Self::High => 2.to_sql(out),
            Self::Urgent => 3.to_sql(out),
        }
    }
}

impl<DB: Backend> FromSql<SmallInt, DB> for Priority
where
    i16: FromSql<SmallInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        let number = i16::from_sql(bytes)?;
        let found = Self::ALL
            .into_iter()
            .find(|priority| *priority as i16 == number);
        found.ok_or_else(|| format!("{number} is no priority of a task").into())
    }
}
