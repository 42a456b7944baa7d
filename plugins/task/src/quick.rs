//! Quick-add: a task in one line.
//!
//! | Sign | What |
//! |---|---|
//! | `@bob`, `@me` | who does it |
//! | `tomorrow 17:00`, `завтра в 17:00` | by when; a time phrase anywhere in the line |
//! | `every monday 10`, `every 3 days after done` | by when, and that it comes again |
//! | `!low` `!normal` `!high` `!urgent` | how urgent |
//! | `#infra` | a label; several may stand there |
//! | `%onboarding` | the template whose steps it gets |
//!
//! What is left over is the title. A sign with nothing behind it, or inside a word, is part of the
//! title.

use jiff::Zoned;
use vahta_plugin_sdk::rows::Micros;

use crate::priority::Priority;
use crate::repeat::Repeat;
use crate::template;
use crate::title::{Title, TitleError};

/// Labels of one task.
pub const MOST_LABELS: usize = 10;
/// Characters of a label.
pub const LABEL: usize = 32;

/// What a line says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quick {
    /// Not yet checked: [`Quick::title`] does.
    pub text: String,
    /// Without the `@`; nobody was looked up yet.
    pub person: Option<String>,
    pub due: Option<Micros>,
    pub repeat: Option<Repeat>,
    pub priority: Option<Priority>,
    /// In the order they were written, each once, in lower case.
    pub labels: Vec<String>,
    pub template: Option<String>,
}

/// Why a line is no task.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum QuickError {
    #[error(transparent)]
    Title(#[from] TitleError),
    #[error("two people: @{0} and @{1}")]
    TwoPeople(String, String),
    #[error("two priorities: {} and {}", .0.as_str(), .1.as_str())]
    TwoPriorities(Priority, Priority),
    #[error("a task has at most {MOST_LABELS} labels")]
    TooManyLabels,
    #[error("a label is 1 to {LABEL} letters, digits, - or _: {0}")]
    Label(String),
    #[error("there is no priority {0}")]
    Priority(String),
    #[error("{0}")]
    Template(#[from] template::TemplateError),
    /// It names one time where a series is asked for.
    #[error("{0} does not repeat")]
    Once(String),
    #[error("{word}: {example}")]
    Time {
        reason: vahta_when::Reason,
        word: String,
        example: String,
    },
}

impl Quick {
    /// Reads a line; `now` is in the person's zone.
    ///
    /// # Errors
    /// What is surely meant as a sign or a time, and is none.
    pub fn parse(line: &str, now: &Zoned) -> Result<Self, QuickError> {
        let mut quick = Self::default();
        let after_done = Repeat::take_after_done(line, now);
        let line = match &after_done {
            Some(taken) => taken.rest.as_str(),
            None => line,
        };
        let found = vahta_when::find(line, now).map_err(|error| QuickError::Time {
            word: line.get(error.span.clone()).unwrap_or_default().to_owned(),
            reason: error.reason,
            example: error.example,
        })?;
        let rest = match &found {
            Some(found) => {
                quick.repeat = Repeat::of(found, now.time_zone());
                quick.due = Some(Micros(found.due.as_microsecond()));
                found.without(line)
            }
            None => line.to_owned(),
        };
        if let Some(taken) = after_done {
            quick.due = quick.due.or(Some(taken.due));
            quick.repeat = Some(taken.repeat);
        }
        let mut words = Vec::new();
        for word in rest.split_whitespace() {
            if !quick.sign(word)? {
                words.push(word);
            }
        }
        quick.text = words.join(" ");
        Ok(quick)
    }

    /// What is left over, if it can be a title.
    ///
    /// # Errors
    /// Nothing is left, or too much.
    pub fn title(&self) -> Result<Title, TitleError> {
        Title::parse(&self.text)
    }

    /// Takes a word that has a sign before it; false: it belongs to the title.
    fn sign(&mut self, word: &str) -> Result<bool, QuickError> {
        let mut chars = word.chars();
        let sign = chars.next();
        let rest = chars.as_str();
        if rest.is_empty() {
            return Ok(false);
        }
        match sign {
            Some('@') => {
                if let Some(first) = self.person.as_ref().filter(|first| *first != rest) {
                    return Err(QuickError::TwoPeople(first.clone(), rest.to_owned()));
                }
                self.person = Some(rest.to_owned());
            }
            // "!!" and "!?" are only loud.
            Some('!') if rest.starts_with(char::is_alphabetic) => {
                let priority = Priority::from_word(rest);
                let wrong = || QuickError::Priority(word.to_owned());
                let priority = priority.ok_or_else(wrong)?;
                if let Some(first) = self.priority.filter(|first| *first != priority) {
                    return Err(QuickError::TwoPriorities(first, priority));
                }
                self.priority = Some(priority);
            }
            // "#12" is another task.
            Some('#') if rest.starts_with(char::is_alphabetic) => {
                let label = label(rest).ok_or_else(|| QuickError::Label(word.to_owned()))?;
                if !self.labels.contains(&label) {
                    self.labels.push(label);
                }
                if self.labels.len() > MOST_LABELS {
                    return Err(QuickError::TooManyLabels);
                }
            }
            Some('%') if rest.starts_with(char::is_alphabetic) => {
                self.template = Some(template::name(rest)?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// A label as it is kept: lower case.
pub fn label(text: &str) -> Option<String> {
    let label = text.trim().trim_start_matches('#').to_lowercase();
    let legal = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let fits = (1..=LABEL).contains(&label.chars().count()) && label.chars().all(legal);
    fits.then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Quick {
        let now = "2026-07-15T12:00[Europe/Berlin]".parse().unwrap();
        Quick::parse(line, &now).unwrap()
    }

    fn at(text: &str) -> Option<Micros> {
        let at: jiff::Timestamp = text.parse().unwrap();
        Some(Micros(at.as_microsecond()))
    }

    #[test]
    fn a_line_says_all_of_a_task() {
        let quick = read("Replace disk @bob tomorrow 17:00 !high #infra");
        assert_eq!(quick.text, "Replace disk");
        assert_eq!(quick.person.as_deref(), Some("bob"));
        assert_eq!(quick.due, at("2026-07-16T17:00+02:00"));
        assert_eq!(quick.priority, Some(Priority::High));
        assert_eq!(quick.labels, ["infra"]);
        assert_eq!(quick.template, None);
    }

    #[test]
    fn it_reads_russian_too() {
        let quick = read("Заменить диск @боб завтра в 17:00 !срочно #Инфра %приём");
        assert_eq!(quick.text, "Заменить диск");
        assert_eq!(quick.due, at("2026-07-16T17:00+02:00"));
        assert_eq!(quick.priority, Some(Priority::Urgent));
        assert_eq!(
            (quick.labels[0].as_str(), quick.template.as_deref()),
            ("инфра", Some("приём"))
        );
    }

    #[test]
    fn a_series_is_due_at_its_first_time_and_comes_again() {
        let quick = read("Water the plants every monday 9:00 @bob");
        assert_eq!(quick.text, "Water the plants");
        assert_eq!(quick.due, at("2026-07-20T09:00+02:00"));
        assert!(quick.repeat.is_some());
        let quick = read("Поливать цветы каждые 3 дня после выполнения завтра в 9 @боб");
        assert_eq!(quick.text, "Поливать цветы");
        assert_eq!(quick.due, at("2026-07-16T09:00+02:00"));
        assert!(quick.repeat.is_some());
    }

    #[test]
    fn what_is_no_sign_stays_in_the_title() {
        let quick = read("Call C# people about #12 at 100 % load!! @ desk");
        assert_eq!(
            quick.text,
            "Call C# people about #12 at 100 % load!! @ desk"
        );
        assert_eq!(
            quick,
            Quick {
                text: quick.text.clone(),
                ..Quick::default()
            }
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        let now: Zoned = "2026-07-15T12:00[Europe/Berlin]".parse().unwrap();
        let fault = |line| Quick::parse(line, &now).unwrap_err();
        assert_eq!(fault("x !hgih"), QuickError::Priority("!hgih".into()));
        assert_eq!(
            fault("x @a @b"),
            QuickError::TwoPeople("a".into(), "b".into())
        );
        assert!(matches!(fault("x on 31.02"), QuickError::Time { .. }));
        let two = fault("x !high !low");
        assert_eq!(
            two,
            QuickError::TwoPriorities(Priority::High, Priority::Low)
        );
        let many: String = (0..11).map(|n| format!("#l{n} ")).collect();
        assert_eq!(fault(&many), QuickError::TooManyLabels);
        assert_eq!(read("#infra tomorrow").title(), Err(TitleError::Empty));
    }
}
