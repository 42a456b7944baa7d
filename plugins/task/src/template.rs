//! What tasks are made from: steps, each with who does it and by when.
//!
//! People write one a line, as in quick-add; what is printed reads back as the same:
//!
//! ```text
//! check customer data @creator +1d
//! register vehicle @lim +2d 18:00
//! hand over the keys @role:operator
//! ```

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};
use vahta_when::Relative;

use crate::title::{Title, TitleError};

/// Steps that a template may have.
pub const MOST_STEPS: usize = 30;

/// A template as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Template {
    pub id: i64,
    pub name: String,
    pub steps: Vec<Step>,
    pub version: i32,
}

/// One step of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<For>,
    /// Counted from the approval, such as `+2d 18:00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
}

/// Who gets a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum For {
    /// Whoever created the task.
    Creator,
    /// Whoever the task is given to.
    Assignee,
    /// Of those who have the role, the one with the least to do.
    Role(String),
    /// A person, by username or name, as it is written behind `@`.
    Person(String),
}

/// Why a text is no template. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("a template has at least one step")]
    Empty,
    #[error("a template has at most {MOST_STEPS} steps")]
    TooMany,
    #[error("a name is 1 to 32 letters, digits, - or _")]
    Name,
    #[error("line {line}: {fault}")]
    Title { line: usize, fault: TitleError },
    #[error("line {line}: {word:?} is no time from the start, such as +2d 18:00")]
    Due { line: usize, word: String },
}

/// A name as it stands behind `%`: lower case.
///
/// # Errors
/// It has other characters, or too many.
pub fn name(text: &str) -> Result<String, TemplateError> {
    let name = text.trim().trim_start_matches('%').to_lowercase();
    let legal = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let fits = (1..=32).contains(&name.chars().count()) && name.chars().all(legal);
    if fits {
        Ok(name)
    } else {
        Err(TemplateError::Name)
    }
}

/// Reads steps, one a line; empty lines are skipped.
///
/// # Errors
/// The first line that is no step, or none at all.
pub fn steps(text: &str) -> Result<Vec<Step>, TemplateError> {
    let lines = text
        .lines()
        .enumerate()
        .map(|(n, line)| (n + 1, line.trim()));
    let mut steps = Vec::new();
    for (number, line) in lines.filter(|(_, line)| !line.is_empty()) {
        if steps.len() == MOST_STEPS {
            return Err(TemplateError::TooMany);
        }
        steps.push(step(number, line)?);
    }
    if steps.is_empty() {
        return Err(TemplateError::Empty);
    }
    Ok(steps)
}

/// Checks steps that came as data.
///
/// # Errors
/// As [`steps`].
pub fn checked(steps: &[Step]) -> Result<Vec<Step>, TemplateError> {
    let text: Vec<String> = steps.iter().map(ToString::to_string).collect();
    self::steps(&text.join("\n"))
}

fn step(number: usize, line: &str) -> Result<Step, TemplateError> {
    // What follows the last lone `+` is the time; a title may have others.
    let (rest, due) = match line.rfind(" +") {
        Some(at) => (&line[..at], Some(line[at + 1..].trim())),
        None => (line, None),
    };
    let due = match due {
        Some(text) => match vahta_when::relative(text) {
            Ok(due) => Some(due),
            Err(_) if is_meant(text) => {
                return Err(TemplateError::Due {
                    line: number,
                    word: text.to_owned(),
                });
            }
            Err(_) => None,
        },
        None => None,
    };
    let rest = if due.is_some() { rest } else { line };
    let mut assignee = None;
    let words = rest.split_whitespace().filter(|word| match for_of(word) {
        Some(who) => {
            assignee = Some(who);
            false
        }
        None => true,
    });
    let title = words.collect::<Vec<_>>().join(" ");
    let title = Title::parse(&title).map_err(|fault| TemplateError::Title {
        line: number,
        fault,
    })?;
    Ok(Step {
        title: title.as_str().to_owned(),
        assignee,
        due: due.map(|due: Relative| due.to_string()),
    })
}

/// A plus with a number behind it is meant as a time.
fn is_meant(text: &str) -> bool {
    let behind = text.strip_prefix('+').unwrap_or_default();
    behind.starts_with(|c: char| c.is_ascii_digit())
}

fn for_of(word: &str) -> Option<For> {
    let name = word.strip_prefix('@').filter(|name| !name.is_empty())?;
    Some(match name.strip_prefix("role:") {
        Some(role) if !role.is_empty() => For::Role(role.to_owned()),
        _ if name.eq_ignore_ascii_case("creator") => For::Creator,
        _ if name.eq_ignore_ascii_case("assignee") => For::Assignee,
        _ => For::Person(name.to_owned()),
    })
}

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)?;
        match &self.assignee {
            None => {}
            Some(For::Creator) => f.write_str(" @creator")?,
            Some(For::Assignee) => f.write_str(" @assignee")?,
            Some(For::Role(role)) => write!(f, " @role:{role}")?,
            Some(For::Person(name)) => write!(f, " @{name}")?,
        }
        match &self.due {
            Some(due) => write!(f, " {due}"),
            None => Ok(()),
        }
    }
}

impl Template {
    /// Its steps as people write them.
    pub fn text(&self) -> String {
        let lines: Vec<String> = self.steps.iter().map(ToString::to_string).collect();
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_step_with_who_and_when() {
        let read =
            steps("check customer data @creator +1d\n\nregister vehicle @lim +2d 18:00\ncall")
                .unwrap();
        assert_eq!(read.len(), 3);
        assert_eq!(read[0].assignee, Some(For::Creator));
        assert_eq!(read[0].due.as_deref(), Some("+1d"));
        assert_eq!(
            (read[1].title.as_str(), read[1].due.as_deref()),
            ("register vehicle", Some("+2d 18:00"))
        );
        assert_eq!(read[1].assignee, Some(For::Person("lim".into())));
        assert_eq!(
            (read[2].assignee.as_ref(), read[2].due.as_ref()),
            (None, None)
        );
    }

    #[test]
    fn what_is_printed_reads_back() {
        let text = "call A + B @role:operator +3h\nwrite @assignee\nanswer in 2 days";
        let read = steps(text).unwrap();
        let printed: Vec<String> = read.iter().map(ToString::to_string).collect();
        assert_eq!(steps(&printed.join("\n")).unwrap(), read);
        assert_eq!(checked(&read).unwrap(), read);
        assert_eq!(read[0].title, "call A + B");
        assert_eq!(read[2].due, None);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        assert_eq!(steps(" \n\n"), Err(TemplateError::Empty));
        assert_eq!(
            steps(&"x\n".repeat(MOST_STEPS + 1)),
            Err(TemplateError::TooMany)
        );
        let due = TemplateError::Due {
            line: 2,
            word: "+2 parsecs".into(),
        };
        assert_eq!(steps("fine\nnot fine +2 parsecs"), Err(due));
        let empty = TemplateError::Title {
            line: 1,
            fault: TitleError::Empty,
        };
        assert_eq!(steps("@lim +1d"), Err(empty));
    }

    #[test]
    fn a_name_is_one_word() {
        assert_eq!(name("%Onboarding"), Ok("onboarding".into()));
        assert_eq!(name("приём-2"), Ok("приём-2".into()));
        for bad in ["", "%", "two words", &"x".repeat(33), "a/b"] {
            assert_eq!(name(bad), Err(TemplateError::Name), "{bad:?}");
        }
    }
}
