//! What somebody with write access to the database may do, and that each of it is found.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use vahta_rows::{Micros, UserId};

use super::walk::{Erased, Walk};
use super::{AuditRow, Fault, Key, Link, Report};

fn key() -> Key {
    Key::new(b"a key for the tests, 32 characters")
}

fn row(id: i64) -> AuditRow {
    AuditRow {
        id,
        actor: (id % 3 > 0).then_some(UserId(id % 3)),
        source: "telegram".into(),
        action: "access.grant".into(),
        object: format!("user:{id}"),
        detail: format!(r#"{{"n":{id}}}"#),
        correlation: format!("update:{id}"),
        at: Micros(id * 1_000),
    }
}

/// Rows with their links, each linked in a round of its own.
fn chain(ids: impl IntoIterator<Item = i64>) -> (Vec<AuditRow>, Vec<Link>) {
    let (mut rows, mut links) = (Vec::new(), Vec::<Link>::new());
    for id in ids {
        let row = row(id);
        let now = Micros((links.len() as i64 + 1) * 1_000_000);
        links.push(Link::after(links.last(), &row, now, &key()));
        rows.push(row);
    }
    (rows, links)
}

fn walk(rows: &[AuditRow], links: &[Link], late: Option<Duration>, heads: &[&Link]) -> Report {
    let key = key();
    let heads: BTreeMap<i64, String> = heads.iter().map(|l| (l.position, l.mac.clone())).collect();
    let mut walk = Walk::new(&key, late, heads);
    let mut sorted: Vec<&Link> = links.iter().collect();
    sorted.sort_by_key(|link| link.position);
    for link in &sorted {
        walk.link(link, rows.iter().find(|row| row.id == link.audit_id));
    }
    let unlinked: Vec<i64> = rows
        .iter()
        .map(|row| row.id)
        .filter(|id| links.iter().all(|link| link.audit_id != *id))
        .collect();
    walk.finish(&unlinked)
}

#[test]
fn what_nobody_touched_is_whole() {
    let (rows, links) = chain(1..=20);
    let report = walk(&rows, &links, None, &[&links[19]]);
    assert!(report.is_whole() && report.links == 20, "{report:?}");
    assert!(walk(&[], &[], None, &[]).is_whole());
}

#[test]
fn a_row_that_commits_late_is_no_fault_where_ids_are_out_of_order() {
    let late = Some(Duration::from_secs(900));
    let (rows, links) = chain([1, 2, 4, 5, 3, 6]);
    assert!(walk(&rows, &links, late, &[]).is_whole());
    let strict = walk(&rows, &links, None, &[]);
    assert_eq!(strict.faults, [Fault::Inserted { id: 3 }]);
}

#[test]
fn a_row_that_turns_up_after_hours_was_inserted() {
    let late = Some(Duration::from_secs(900));
    let (rows, mut links) = chain([1, 2, 4, 5, 3]);
    // Linked again with an hour before the last two.
    let hour = 3_600_000_000;
    let mut again = Vec::<Link>::new();
    for (n, link) in links.iter().enumerate() {
        let row = rows.iter().find(|row| row.id == link.audit_id).unwrap();
        let shift = if n >= 3 { hour } else { 0 };
        let now = Micros(link.linked_at.0 + shift);
        again.push(Link::after(again.last(), row, now, &key()));
    }
    links = again;
    let report = walk(&rows, &links, late, &[]);
    assert_eq!(report.faults, [Fault::Inserted { id: 3 }]);
}

#[test]
fn a_new_row_waits_and_one_between_old_ones_was_inserted() {
    let (mut rows, links) = chain([1, 2, 4]);
    rows.push(row(5));
    let report = walk(&rows, &links, None, &[]);
    assert!(report.is_whole() && report.pending == 1, "{report:?}");
    rows.push(row(3));
    let report = walk(&rows, &links, None, &[]);
    assert_eq!(report.faults, [Fault::Inserted { id: 3 }]);
}

/// Five rows, of which the last is an act that erases the first two, with `mac` of a key.
fn erasing(mac_of: &Key) -> (Vec<AuditRow>, Vec<Link>) {
    let mut rows: Vec<AuditRow> = (1..=5).map(row).collect();
    rows[4].action = super::ERASE.into();
    rows[4].detail = serde_json::to_string(&Erased::of(&[1, 2], mac_of)).unwrap();
    let mut links = Vec::<Link>::new();
    for row in &rows {
        links.push(Link::after(links.last(), row, Micros(row.id), &key()));
    }
    (rows, links)
}

fn blank(row: &mut AuditRow) {
    (row.actor, row.object, row.detail) = (None, "erased".into(), "{}".into());
}

#[test]
fn what_an_act_erased_is_no_fault_and_is_counted() {
    let (mut rows, links) = erasing(&key());
    blank(&mut rows[0]);
    blank(&mut rows[1]);
    let report = walk(&rows, &links, None, &[]);
    assert!(report.is_whole() && report.erased == 2, "{report:?}");
    // Somebody who edits the act itself excuses nothing.
    rows[4].detail = rows[4].detail.replace("[1,2]", "[1,2,3]");
    blank(&mut rows[2]);
    assert_eq!(walk(&rows, &links, None, &[]).faults.len(), 4);
}

#[test]
fn an_act_that_was_forged_without_the_key_excuses_nothing() {
    // The writer of the chain links whatever stands in the table.
    let (mut rows, links) = erasing(&Key::new(b"what somebody without the key makes up"));
    blank(&mut rows[0]);
    let edited = Fault::Edited { id: 1, position: 1 };
    assert_eq!(
        walk(&rows, &links, None, &[]).faults.as_slice(),
        std::slice::from_ref(&edited)
    );
    let (mut rows, mut links) = erasing(&key());
    rows[4].detail = r#"{"ids":[1,2]}"#.into();
    links[4] = Link::after(links.get(3), &rows[4], Micros(5), &key());
    blank(&mut rows[0]);
    assert_eq!(walk(&rows, &links, None, &[]).faults, [edited]);
}

#[test]
fn an_erased_row_is_blank_and_still_there() {
    let edits: [fn(&mut AuditRow); 4] = [
        |row| row.actor = Some(UserId(7)),
        |row| row.object = "user:7".into(),
        |row| row.detail = r#"{"n":7}"#.into(),
        |row| row.action = "access.revoke".into(),
    ];
    for (n, edit) in edits.into_iter().enumerate() {
        let (mut rows, links) = erasing(&key());
        if n < 3 {
            blank(&mut rows[0]);
        }
        edit(&mut rows[0]);
        let report = walk(&rows, &links, None, &[]);
        let edited = Fault::Edited { id: 1, position: 1 };
        assert_eq!(
            (report.faults.as_slice(), report.erased),
            (&[edited][..], 0)
        );
    }
    let (mut rows, links) = erasing(&key());
    rows.remove(1);
    let removed = Fault::Removed { id: 2, position: 2 };
    assert_eq!(walk(&rows, &links, None, &[]).faults, [removed]);
}

#[test]
fn the_report_counts_the_ends_that_were_compared() {
    let (rows, links) = chain(1..=9);
    assert_eq!(walk(&rows, &links, None, &[]).heads, 0);
    let report = walk(&rows, &links, None, &[&links[4], &links[8]]);
    assert!(report.is_whole() && report.heads == 2, "{report:?}");
}

#[test]
fn a_chain_under_another_key_is_said_in_one_line() {
    let (rows, mut links) = chain(1..=9);
    let other = Key::new(b"another key for tests, 32 characters");
    let mut before: Option<Link> = None;
    for (row, link) in rows.iter().zip(&mut links) {
        *link = Link::after(before.as_ref(), row, link.linked_at, &other);
        before = Some(link.clone());
    }
    assert_eq!(walk(&rows, &links, None, &[]).faults, [Fault::OtherKey]);
}

/// One thing that somebody does to the tables.
#[derive(Debug, Clone)]
enum Tampering {
    EditRow(usize, u8),
    RemoveRow(usize),
    SwapRows(usize, usize),
    InsertRow(usize),
    EditLink(usize, u8),
    RemoveLink(usize),
    SwapLinks(usize, usize),
    RemoveBoth(usize),
    CutTail(usize),
}

fn tampering() -> impl Strategy<Value = Tampering> {
    let n = || any::<usize>();
    prop_oneof![
        (n(), 0..7_u8).prop_map(|(a, f)| Tampering::EditRow(a, f)),
        n().prop_map(Tampering::RemoveRow),
        (n(), n()).prop_map(|(a, b)| Tampering::SwapRows(a, b)),
        n().prop_map(Tampering::InsertRow),
        (n(), 0..4_u8).prop_map(|(a, f)| Tampering::EditLink(a, f)),
        n().prop_map(Tampering::RemoveLink),
        (n(), n()).prop_map(|(a, b)| Tampering::SwapLinks(a, b)),
        n().prop_map(Tampering::RemoveBoth),
        n().prop_map(Tampering::CutTail),
    ]
}

fn edit_row(row: &mut AuditRow, field: u8) {
    match field {
        0 => row.actor = Some(UserId(999)),
        1 => row.source.push('x'),
        2 => row.action.push('x'),
        3 => row.object.push('x'),
        4 => row.detail = "{}".into(),
        5 => row.correlation.push('x'),
        _ => row.at = Micros(row.at.0 + 1),
    }
}

fn edit_link(link: &mut Link, field: u8) {
    match field {
        0 => link.payload.push('x'),
        1 => link.mac.push('x'),
        2 => link.linked_at = Micros(link.linked_at.0 + 1),
        _ => link.audit_id += 1_000,
    }
}

proptest! {
    #[test]
    fn each_tampering_is_found(size in 5_usize..40, what in tampering()) {
        // Even ids, so that there is room between them; five, for two links that change places
        // spoil four, and a chain of which every link is spoiled is one of another key.
        let (mut rows, mut links) = chain((1..=size as i64).map(|n| n * 2));
        let head = links[size - 1].clone();
        let expected: Option<Fault> = match what {
            Tampering::EditRow(a, field) => {
                let a = a % size;
                edit_row(&mut rows[a], field);
                Some(Fault::Edited { id: rows[a].id, position: links[a].position })
            }
            Tampering::RemoveRow(a) => {
                let a = a % size;
                let gone = rows.remove(a);
                Some(Fault::Removed { id: gone.id, position: links[a].position })
            }
            Tampering::SwapRows(a, b) => {
                let (a, b) = (a % size, b % size);
                prop_assume!(a != b);
                let (x, y) = (rows[a].id, rows[b].id);
                rows.swap(a, b);
                (rows[a].id, rows[b].id) = (x, y);
                Some(Fault::Edited { id: x, position: links[a].position })
            }
            Tampering::InsertRow(a) => {
                let id = rows[a % (size - 1)].id + 1;
                rows.push(row(id));
                Some(Fault::Inserted { id })
            }
            Tampering::EditLink(a, field) => {
                let a = a % size;
                edit_link(&mut links[a], field);
                Some(Fault::LinkChanged { position: links[a].position })
            }
            Tampering::RemoveLink(a) => {
                // The last one is the cut tail.
                let gone = links.remove(a % (size - 1));
                Some(Fault::LinkRemoved { from: gone.position, to: gone.position })
            }
            Tampering::SwapLinks(a, b) => {
                let (a, b) = (a % size, b % size);
                prop_assume!(a != b);
                let (x, y) = (links[a].position, links[b].position);
                (links[a].position, links[b].position) = (y, x);
                Some(Fault::LinkChanged { position: x })
            }
            Tampering::RemoveBoth(a) => {
                let a = a % (size - 1);
                rows.remove(a);
                let gone = links.remove(a);
                Some(Fault::LinkRemoved { from: gone.position, to: gone.position })
            }
            Tampering::CutTail(a) => {
                let kept = a % size;
                rows.truncate(kept);
                links.truncate(kept);
                Some(Fault::Truncated { position: kept as i64, seen: head.position })
            }
        };
        let report = walk(&rows, &links, None, &[&head]);
        let expected = expected.unwrap();
        prop_assert!(report.faults.contains(&expected), "{expected:?} in {report:?}");
    }
}
