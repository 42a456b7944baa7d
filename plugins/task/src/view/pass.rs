//! Handing over: which part, and to whom.

use super::*;
use crate::task::Whole;
use vahta_plugin_sdk::people::Person as Known;

impl View<'_> {
    pub(crate) fn ask_which_part(&self, whole: &Whole) -> Screen {
        let task = whole.task.id;
        let pass = |caption: String, position: i32| {
            let position = Some(position);
            vec![button(caption, Press::Pass { task, position })]
        };
        let open = whole.parts.iter().filter(|part| !part.done).take(12);
        let mut rows: Vec<Vec<_>> = open
            .map(|part| {
                let title = shortened(&part.title, 30);
                pass(format!("{}. {title}", part.position), part.position)
            })
            .collect();
        rows.push(pass(self.text("pass-whole", &[]), 0));
        rows.push(vec![self.back(task)]);
        Screen {
            text: format!(
                "{}\n\n{}",
                self.card(whole).text,
                self.text("ask-which-part", &[])
            ),
            keyboard: InlineKeyboardMarkup::new(rows),
        }
    }

    pub(crate) fn ask_to_whom(&self, whole: &Whole, position: i32, people: &[Known]) -> Screen {
        Screen {
            text: format!("{}\n\n{}", self.card(whole).text, self.text("ask-who", &[])),
            keyboard: self.givers(whole.task.id, position, people),
        }
    }

    /// Several people are called so.
    pub(crate) fn which_gets(
        &self,
        task: TaskId,
        position: i32,
        name: &str,
        people: &[Known],
    ) -> Screen {
        Screen {
            text: self.ambiguous(name, people),
            keyboard: self.givers(task, position, people),
        }
    }

    fn givers(&self, task: TaskId, position: i32, people: &[Known]) -> InlineKeyboardMarkup {
        let give = |known: &Known| {
            let press = Press::Give {
                task,
                position,
                user: known.user_id,
            };
            button(shortened(&known.name, 30), press)
        };
        let all: Vec<_> = people.iter().map(give).collect();
        let mut rows: Vec<Vec<_>> = all.chunks(2).map(<[_]>::to_vec).collect();
        rows.push(vec![self.back(task)]);
        InlineKeyboardMarkup::new(rows)
    }

    fn back(&self, task: TaskId) -> InlineKeyboardButton {
        button(self.text("button-back", &[]), Press::Show(task))
    }
}
