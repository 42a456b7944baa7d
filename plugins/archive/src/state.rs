//! What an archive can be, and the steps from one to another.
//!
//! | From | To | Step |
//! |---|---|---|
//! | collecting, failed | building | finish |
//! | building | ready | the ZIP is there |
//! | building | failed | it cannot be made: the reason stands beside it |
//! | failed | collecting | more files, or fewer |
//! | collecting, building, failed | cancelled | cancel |
//! | ready | revoked | revoke |
//! | ready | expired | its time is over |

use diesel::backend::Backend;
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::SmallInt;

/// `archive_archives.state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, FromSqlRow, AsExpression)]
#[diesel(sql_type = SmallInt)]
#[repr(i16)]
pub enum State {
    Collecting = 0,
    Building = 1,
    Ready = 2,
    Failed = 3,
    Cancelled = 4,
    Revoked = 5,
    Expired = 6,
}

impl State {
    pub const ALL: [Self; 7] = [
        Self::Collecting,
        Self::Building,
        Self::Ready,
        Self::Failed,
        Self::Cancelled,
        Self::Revoked,
        Self::Expired,
    ];

    /// The table above, and nothing else.
    pub fn leads_to(self, target: Self) -> bool {
        use State::{Building, Cancelled, Collecting, Expired, Failed, Ready, Revoked};
        matches!(
            (self, target),
            (Collecting | Failed, Building)
                | (Building, Ready | Failed)
                | (Failed, Collecting)
                | (Collecting | Building | Failed, Cancelled)
                | (Ready, Revoked | Expired)
        )
    }

    /// Nothing is left to do, and no bytes are kept.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Cancelled | Self::Revoked | Self::Expired)
    }

    /// As events, texts and the API name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Collecting => "collecting",
            Self::Building => "building",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
}

impl<DB> ToSql<SmallInt, DB> for State
where
    DB: Backend,
    i16: ToSql<SmallInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> diesel::serialize::Result {
        // The numbers are constants: they live long enough to be lent.
        const NUMBERS: [i16; 7] = [0, 1, 2, 3, 4, 5, 6];
        NUMBERS[*self as usize].to_sql(out)
    }
}

impl<DB> FromSql<SmallInt, DB> for State
where
    DB: Backend,
    i16: FromSql<SmallInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        let number = i16::from_sql(bytes)?;
        let state = Self::ALL.into_iter().find(|state| *state as i16 == number);
        state.ok_or_else(|| format!("{number} is no state of an archive").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_stays_so() {
        for from in State::ALL {
            for to in State::ALL {
                assert!(!(from.is_over() && from.leads_to(to)), "{from:?} → {to:?}");
            }
            assert!(!from.leads_to(from));
        }
    }
}
