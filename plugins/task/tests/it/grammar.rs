//! Whatever people write, quick-add and templates answer and never panic.

use proptest::prelude::*;
use vahta_task::quick::Quick;
use vahta_task::template;

const WORDS: &[&str] = &[
    "@",
    "@bob",
    "@me",
    "!",
    "!high",
    "!!",
    "!срочно",
    "#",
    "#infra",
    "#12",
    "%",
    "%tmpl",
    "100",
    "%",
    "tomorrow",
    "17:00",
    "25:00",
    "завтра",
    "в",
    "через",
    "2",
    "дня",
    "in",
    "hours",
    "fri",
    "on",
    "31.02",
    "2026-02-29",
    "+",
    "+1d",
    "+2d",
    "18:00",
    "Replace",
    "disk",
    "диск",
    "🚒",
    "\u{202e}",
    "\n",
    "@role:",
    "@creator",
    "every",
    "-1",
    "99999999999999999999",
];

fn line() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        proptest::sample::select(WORDS).prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    proptest::collection::vec(word, 0..12).prop_map(|words| words.join(" "))
}

fn now() -> jiff::Zoned {
    "2026-07-15T12:00[Europe/Berlin]".parse().unwrap()
}

proptest! {
    #[test]
    fn no_line_panics(line in line()) {
        if let Ok(quick) = Quick::parse(&line, &now()) {
            // What is left over holds no sign that was taken.
            let _ = quick.title();
            let again = Quick::parse(&quick.text, &now());
            if let Ok(again) = again && again.due.is_none() {
                prop_assert_eq!(again.text, quick.text);
            }
        }
    }

    #[test]
    fn no_bytes_panic(line in any::<String>()) {
        let _ = Quick::parse(&line, &now());
        let _ = template::steps(&line);
        let _ = template::name(&line);
    }

    #[test]
    fn the_steps_that_are_printed_read_back(line in line()) {
        if let Ok(steps) = template::steps(&line) {
            let printed: Vec<String> = steps.iter().map(ToString::to_string).collect();
            prop_assert_eq!(template::steps(&printed.join("\n")), Ok(steps));
        }
    }
}
