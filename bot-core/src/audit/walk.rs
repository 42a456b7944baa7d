//! The check of the chain, on links and rows in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use vahta_rows::Micros;

use super::{AuditRow, ERASE, Key, Link};

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "fault")]
pub enum Fault {
    /// No link fits: the key is another one, or the whole chain was written anew.
    OtherKey,
    /// The content of the row is not what was linked.
    Edited { id: i64, position: i64 },
    /// The row is gone.
    Removed { id: i64, position: i64 },
    /// The row turned up when no act could still have been writing it.
    Inserted { id: i64 },
    /// A link, or the one before it, was changed.
    LinkChanged { position: i64 },
    /// Links were taken out.
    LinkRemoved { from: i64, to: i64 },
    /// The chain was further once, and ends before that now.
    Truncated { position: i64, seen: i64 },
    /// The chain was rewritten: its MAC here is not the one that was noted outside the database.
    Rewritten { position: i64 },
    /// What was noted outside the database cannot be had, so nobody knows how far the chain went.
    NoHeads { why: String },
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OtherKey => {
                f.write_str("no link fits this key: it is another key, or another chain")
            }
            Self::Edited { id, position } => write!(f, "row {id} was edited (link {position})"),
            Self::Removed { id, position } => write!(f, "row {id} was removed (link {position})"),
            Self::Inserted { id } => write!(f, "row {id} was inserted afterwards"),
            Self::LinkChanged { position } => write!(f, "link {position} was changed or moved"),
            Self::LinkRemoved { from, to } if from == to => write!(f, "link {from} was removed"),
            Self::LinkRemoved { from, to } => write!(f, "the links {from} to {to} were removed"),
            Self::Truncated { position, seen } => {
                write!(
                    f,
                    "the chain ends at link {position} and once had {seen}: its tail was cut off"
                )
            }
            Self::Rewritten { position } => {
                write!(
                    f,
                    "link {position} is not the one that was noted outside the database"
                )
            }
            Self::NoHeads { why } => write!(
                f,
                "a tail that was cut off would not be seen, for no noted end was compared: {why}"
            ),
        }
    }
}

/// The result of a walk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Links that were looked at.
    pub links: u64,
    /// Rows that will be linked within seconds.
    pub pending: u64,
    /// Rows whose content was taken away by an act of the log itself.
    pub erased: u64,
    /// Ends, noted outside the database, that were compared with the chain.
    pub heads: u64,
    pub faults: Vec<Fault>,
}

impl Report {
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }
}

/// One walk; links come in the order of their positions.
pub struct Walk<'k> {
    key: &'k Key,
    /// How late a row may commit; `None`: ids are in commit order.
    late: Option<Duration>,
    /// Position and MAC of ends that were noted outside the database.
    heads: BTreeMap<i64, String>,
    before: Option<Link>,
    /// Highest id so far and when it was linked, one entry for each new highest.
    highest: Vec<(i64, Micros)>,
    /// When the newest round before the current link's was.
    round_before: Option<Micros>,
    /// Rows that an act of the log took the content of.
    erased: BTreeSet<i64>,
    /// Rows that are not what was linked, and are blank.
    blank: BTreeSet<i64>,
    links: u64,
    misfits: u64,
    faults: Vec<Fault>,
}

/// The detail of an act that erases. Whoever can only write to the database can write such an act,
/// and the writer of the chain links it, but cannot make its MAC.
#[derive(Serialize, Deserialize)]
pub(super) struct Erased {
    ids: Vec<i64>,
    mac: String,
}

impl Erased {
    pub(super) fn of(ids: &[i64], key: &Key) -> Self {
        let mut bytes = b"erase".to_vec();
        bytes.extend(ids.iter().flat_map(|id| id.to_be_bytes()));
        Self {
            ids: ids.to_vec(),
            mac: key.sign(&bytes),
        }
    }

    fn is_ours(&self, key: &Key) -> bool {
        same(&Self::of(&self.ids, key).mac, &self.mac)
    }
}

impl<'k> Walk<'k> {
    pub fn new(key: &'k Key, late: Option<Duration>, heads: BTreeMap<i64, String>) -> Self {
        Self {
            key,
            late,
            heads,
            before: None,
            highest: Vec::new(),
            round_before: None,
            erased: BTreeSet::new(),
            blank: BTreeSet::new(),
            links: 0,
            misfits: 0,
            faults: Vec::new(),
        }
    }

    /// The next link, with its row if that is there.
    pub fn link(&mut self, link: &Link, row: Option<&AuditRow>) {
        self.links += 1;
        self.check_place(link);
        let (id, position) = (link.audit_id, link.position);
        match row {
            None => self.faults.push(Fault::Removed { id, position }),
            Some(row) if !same(&row.payload(self.key), &link.payload) => {
                self.faults.push(Fault::Edited { id, position });
                if row.is_blank() {
                    self.blank.insert(id);
                }
            }
            Some(row) => self.note_erased(row),
        }
        if let Some(mac) = self.heads.get(&position)
            && !same(mac, &link.mac)
        {
            self.faults.push(Fault::Rewritten { position });
        }
        if let Some(before) = &self.before
            && before.linked_at < link.linked_at
        {
            self.round_before = Some(before.linked_at);
        }
        if self.is_inserted(id, self.round_before) {
            self.faults.push(Fault::Inserted { id });
        }
        if self.highest.last().is_none_or(|(highest, _)| *highest < id) {
            self.highest.push((id, link.linked_at));
        }
        self.before = Some(link.clone());
    }

    fn check_place(&mut self, link: &Link) {
        let (expected, mac) = match &self.before {
            Some(before) => (before.position + 1, before.mac.as_str()),
            None => (1, ""),
        };
        if link.position > expected {
            // What stood before it is gone, so its MAC cannot be made again.
            let (from, to) = (expected, link.position - 1);
            self.faults.push(Fault::LinkRemoved { from, to });
        } else if !same(&link.expected_mac(mac, self.key), &link.mac) {
            self.misfits += 1;
            let position = link.position;
            self.faults.push(Fault::LinkChanged { position });
        }
    }

    /// Only an act counts that is itself intact and that the holder of the key wrote.
    fn note_erased(&mut self, row: &AuditRow) {
        if row.action == ERASE
            && let Ok(erased) = serde_json::from_str::<Erased>(&row.detail)
            && erased.is_ours(self.key)
        {
            self.erased.extend(erased.ids);
        }
    }

    /// Was a higher id linked so long before that this row must have been written afterwards? A
    /// round in between shows that somebody was looking.
    fn is_inserted(&self, id: i64, round_before: Option<Micros>) -> bool {
        let first = self.highest.partition_point(|(highest, _)| *highest < id);
        let Some((_, linked_at)) = self.highest.get(first) else {
            return false;
        };
        match (self.late, round_before) {
            (None, _) => true,
            (Some(late), Some(round)) => round >= linked_at.plus(late),
            (Some(_), None) => false,
        }
    }

    /// The end; `unlinked` are the ids of rows without a link.
    pub fn finish(mut self, unlinked: &[i64]) -> Report {
        let last = self.before.as_ref().map(|link| link.linked_at);
        let mut pending = 0;
        for id in unlinked {
            if self.is_inserted(*id, last) {
                self.faults.push(Fault::Inserted { id: *id });
            } else {
                pending += 1;
            }
        }
        let position = self.before.as_ref().map_or(0, |link| link.position);
        if let Some((seen, _)) = self.heads.last_key_value()
            && *seen > position
        {
            self.faults.push(Fault::Truncated {
                position,
                seen: *seen,
            });
        }
        let mut erased = 0;
        self.faults.retain(|fault| match fault {
            Fault::Edited { id, .. } if self.erased.contains(id) && self.blank.contains(id) => {
                erased += 1;
                false
            }
            _ => true,
        });
        if self.misfits > 0 && self.misfits == self.links {
            self.faults = vec![Fault::OtherKey];
        }
        Report {
            links: self.links,
            pending,
            erased,
            heads: self.heads.range(..=position).count() as u64,
            faults: self.faults,
        }
    }
}

fn same(a: &str, b: &str) -> bool {
    bool::from(a.as_bytes().ct_eq(b.as_bytes()))
}
