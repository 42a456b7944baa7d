//! The frame that every page stands in.

use maud::{DOCTYPE, Markup, html};

pub(crate) fn frame(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="stylesheet" href="/assets/site-1.css";
                link rel="icon" href="data:,";
            }
            body {
                header { a.brand href="/" { "вахта" } span.quiet { "the watch on duty" } }
                main { (content) }
            }
        }
    }
}
