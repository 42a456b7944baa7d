//! Templates: all of them, one, and what is asked about one.

use super::*;
use crate::press::Act;
use crate::template::Template;

/// Buttons of a list: more templates are found by name.
const MOST: usize = 30;

impl View<'_> {
    /// `may_write`: with buttons that change them.
    pub(crate) fn templates(&self, templates: &[Template], may_write: bool) -> Screen {
        let head = if templates.is_empty() {
            "templates-empty"
        } else {
            "templates-head"
        };
        let mut rows: Vec<Vec<_>> = templates
            .iter()
            .take(MOST)
            .map(|template| {
                let args = args!["name" => template.name.as_str(), "count" => template.steps.len()];
                let caption = self.text("templates-line", args);
                vec![button(caption, Act::Show.of(template.id))]
            })
            .collect();
        if may_write {
            rows.push(vec![button(self.text("template-new", &[]), Act::New.of(0))]);
        }
        Screen {
            text: self.text(head, &[]),
            keyboard: InlineKeyboardMarkup::new(rows),
        }
    }

    pub(crate) fn template(&self, template: &Template, may_write: bool) -> Screen {
        let id = template.id;
        let back = button(self.text("button-back", &[]), Act::List.of(0));
        let rows = match may_write {
            true => vec![
                vec![
                    button(self.text("template-change", &[]), Act::Change.of(id)),
                    button(self.text("template-drop", &[]), Act::Drop.of(id)),
                ],
                vec![back],
            ],
            false => vec![vec![back]],
        };
        Screen {
            text: self.steps(template),
            keyboard: InlineKeyboardMarkup::new(rows),
        }
    }

    /// Asks for the steps; what is there can be copied by a tap.
    pub(crate) fn ask_steps(&self, template: &Template) -> Screen {
        self.ask_about(template, "template-ask-steps", None)
    }

    /// Asks once more before it is gone.
    pub(crate) fn ask_drop(&self, template: &Template) -> Screen {
        let drop = button(
            self.text("template-drop", &[]),
            Act::Dropped.of(template.id),
        );
        self.ask_about(template, "template-ask-drop", Some(drop))
    }

    fn ask_about(
        &self,
        template: &Template,
        question: &str,
        yes: Option<InlineKeyboardButton>,
    ) -> Screen {
        let back = button(self.text("button-back", &[]), Act::Show.of(template.id));
        let row: Vec<_> = yes.into_iter().chain([back]).collect();
        Screen {
            text: format!("{}\n{}", self.steps(template), self.text(question, &[])),
            keyboard: InlineKeyboardMarkup::new([row]),
        }
    }

    /// It is gone. HTML.
    pub(crate) fn dropped(&self, name: &str) -> String {
        self.text("template-dropped", args!["name" => escape_html(name)])
    }

    /// It is not: so many tasks wait for its steps. HTML.
    pub(crate) fn needed(&self, name: &str, waiting: i64) -> String {
        let args = args!["name" => escape_html(name), "count" => waiting];
        self.text("template-needed", args)
    }

    fn steps(&self, template: &Template) -> String {
        let name = escape_html(&template.name);
        let head = self.text(
            "template-head",
            args!["name" => name, "count" => template.steps.len()],
        );
        format!("{head}\n<pre>{}</pre>", escape_html(&template.text()))
    }
}
