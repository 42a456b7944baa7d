//! Cron lines, with the word before them or without it.

use super::every::bounds::Bounds;
use super::{Context, Evidence, Phrase};
use crate::cron::{Cron, CronFault};
use crate::cursor::{Cursor, Read};
use crate::error::{Error, Reason};
use crate::when::{Every, Rule, Step, When};

const EXAMPLE: &str = "cron 0 9 * * 1-5";

pub(crate) fn read(c: &mut Cursor<'_>, cx: &Context<'_>) -> Read<Phrase> {
    let from = c.at;
    let named = c.take_word(|word| matches!(word, "cron" | "крон"));
    if named {
        c.sign(':');
    }
    let Some(fields) = fields(c, named)? else {
        c.at = from;
        return Ok(None);
    };
    let texts = fields.map(|(start, end)| {
        let span = c.line.span(start, end);
        c.line.text.get(span).unwrap_or_default()
    });
    let wrong = |start: usize, end: usize, reason, example: Option<String>| {
        let example = example.filter(|line| Cron::parse(line).is_ok());
        Error {
            span: c.line.span(start, end),
            reason,
            example: example.map_or_else(|| EXAMPLE.to_owned(), |line| format!("cron {line}")),
        }
    };
    let with = |at: usize, other: &str| {
        let mut texts = texts;
        if let Some(text) = texts.get_mut(at) {
            *text = other;
        }
        texts.join(" ")
    };
    let [first, .., last] = fields;
    let cron = Cron::parse(&texts.join(" ")).map_err(|fault| match fault {
        CronFault::Field(at) => {
            let (start, end) = fields.get(at).copied().unwrap_or(first);
            wrong(start, end, Reason::BadCron, Some(with(at, "*")))
        }
        CronFault::Never => wrong(first.0, last.1, Reason::Never, Some(with(2, "28"))),
        CronFault::Fields => wrong(first.0, last.1, Reason::BadCron, None),
    })?;
    c.at = last.1;
    let mut bounds = Bounds::default();
    while bounds.read(c, cx, false)? {}
    let mut every = Every::new(Rule::Cron(cron));
    bounds.apply(c, cx, &mut every, Step::MIN)?;
    let end = c.at;
    Ok(Some(Phrase {
        when: When::Every(every),
        timed: true,
        evidence: Evidence::Sure,
        clock_alone: false,
        end,
    }))
}

type Span = (usize, usize);

/// Five words. Without `cron` before them they have to look like one: only what fields are made
/// of, and a star among them.
fn fields(c: &Cursor<'_>, named: bool) -> Read<[Span; 5]> {
    let mut fields = [(0, 0); 5];
    let mut at = c.at;
    let mut star = false;
    // `cron job` names no line.
    if named && !looks_like_field(c.line.chunk(at).1) {
        return Ok(None);
    }
    for field in &mut fields {
        let (end, text) = c.line.chunk(at);
        if text.is_empty() || !named && !looks_like_field(text) {
            if !named {
                return Ok(None);
            }
            return Err(Error {
                span: c.line.span(c.at.saturating_sub(1), at.max(c.at)),
                reason: Reason::BadCron,
                example: EXAMPLE.to_owned(),
            });
        }
        star |= text.starts_with('*');
        *field = (at, end);
        at = end;
    }
    Ok((named || star).then_some(fields))
}

fn looks_like_field(text: &str) -> bool {
    let word = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'*')
            || part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    !text.is_empty() && text.split([',', '-', '/']).all(word)
}
