//! Where settings come from: `vahta.toml`, `.env`, the environment. What cannot be read there is a
//! fault with its place, never with its value: a secret may stand in the wrong place.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, ErrorKind, Read};
use std::path::PathBuf;
use std::rc::Rc;

use super::ENVIRONMENT;

/// Setting → what was written.
pub(super) type Layer = BTreeMap<String, String>;

/// Settings by the names of their variables; of two with one name the first counts.
pub(super) fn variables(pairs: &[(String, String)]) -> Layer {
    let mut layer = Layer::new();
    for (name, setting) in ENVIRONMENT {
        if let Some((_, value)) = pairs.iter().find(|(key, _)| key == name) {
            layer.insert((*setting).to_owned(), value.clone());
        }
    }
    layer
}

/// The process's environment; other programs' variables may hold whatever they like.
pub(super) fn environment(
    pairs: impl Iterator<Item = (OsString, OsString)>,
    faults: &mut Vec<String>,
) -> Layer {
    let mut ours = Vec::new();
    for (name, value) in pairs {
        let Some(name) = name.to_str() else { continue };
        if !ENVIRONMENT.iter().any(|(variable, _)| *variable == name) {
            continue;
        }
        match value.into_string() {
            Ok(value) => ours.push((name.to_owned(), value)),
            Err(_) => faults.push(format!("{name} in the environment is not UTF-8")),
        }
    }
    variables(&ours)
}

/// A file of variables.
pub(super) fn dotenv(name: &str, text: &str, faults: &mut Vec<String>) -> Layer {
    let lines: Vec<&str> = text
        .trim_start_matches('\u{feff}')
        .split_inclusive('\n')
        .collect();
    let read = Rc::new(Cell::new(0));
    let reader = Lines {
        lines: &lines,
        read: Rc::clone(&read),
        rest: b"",
    };
    let mut pairs = Vec::new();
    let mut entries = dotenvy::from_read_iter(reader);
    loop {
        let begun = read.get();
        match entries.next() {
            None => break,
            Some(Ok(pair)) => pairs.push(pair),
            Some(Err(_)) => {
                // A value may have several lines: the fault lies where its entry begins.
                let silent = lines[begun..]
                    .iter()
                    .take_while(|line| line.trim().is_empty() || line.trim().starts_with('#'))
                    .count();
                let line = (begun + silent + 1).min(lines.len());
                faults.push(format!("{name} line {line} is not NAME=value"));
            }
        }
    }
    variables(&pairs)
}

/// Gives one line at each reading, so that whoever buffers is never ahead of `read`.
struct Lines<'a> {
    lines: &'a [&'a str],
    /// Lines given so far.
    read: Rc<Cell<usize>>,
    rest: &'a [u8],
}

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty()
            && let Some(line) = self.lines.get(self.read.get())
        {
            self.rest = line.as_bytes();
            self.read.set(self.read.get() + 1);
        }
        self.rest.read(buffer)
    }
}

/// A file of settings.
pub(super) fn toml(name: &str, text: &str, faults: &mut Vec<String>) -> Layer {
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            // The parser's own message quotes the line.
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(0, |before| before.matches('\n').count()) + 1;
            faults.push(format!("{name} line {line} is not TOML"));
            return Layer::new();
        }
    };
    let mut layer = Layer::new();
    for (key, value) in table {
        if !ENVIRONMENT.iter().any(|(_, setting)| *setting == key) {
            faults.push(format!("{name}: there is no setting `{key}`"));
            continue;
        }
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Boolean(flag) => flag.to_string(),
            _ => {
                faults.push(format!(
                    "{name}: `{key}` must be a text, a whole number, true or false"
                ));
                continue;
            }
        };
        layer.insert(key, text);
    }
    layer
}

/// The text of a file in the working directory or above it; none when there is no such file.
pub(super) fn text_of(name: &str, faults: &mut Vec<String>) -> Option<String> {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    for folder in here.ancestors() {
        match std::fs::read_to_string(folder.join(name)) {
            Ok(text) => return Some(text),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                faults.push(format!("{name} cannot be read: {error}"));
                return None;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt as _;

    use super::*;

    #[test]
    fn a_malformed_line_of_variables_is_told_by_its_number() {
        let text = "\u{feff}# the bot\nTELEGRAM_BOT_TOKEN=1:a\n\nhunter2 is no line\n\
                    VAHTA_LOG='in\ntwo lines'\n\n# more\nVAHTA_ENV=\"hunter2\nand no end\n";
        let mut faults = Vec::new();
        let layer = dotenv(".env", text, &mut faults);
        assert_eq!(
            faults,
            [
                ".env line 4 is not NAME=value",
                ".env line 9 is not NAME=value"
            ]
        );
        assert_eq!(layer["token"], "1:a");
        assert_eq!(layer["log"], "in\ntwo lines");
    }

    #[test]
    fn a_broken_file_of_settings_is_told_without_its_text() {
        let mut faults = Vec::new();
        toml("vahta.toml", "log = \"x\"\ntoken = hunter2\n", &mut faults);
        assert_eq!(faults, ["vahta.toml line 2 is not TOML"]);
        faults.clear();
        let text = "tokken = \"hunter2\"\ndatabase_pool = [\"hunter2\"]\nlimit_burst = 7\n";
        let layer = toml("vahta.toml", text, &mut faults);
        assert_eq!(layer["limit_burst"], "7");
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(!faults.concat().contains("hunter2"), "{faults:?}");
    }

    #[test]
    fn only_variables_of_ours_must_be_readable() {
        let broken = || OsString::from_vec(vec![b'h', 0xff]);
        let pairs = [
            (OsString::from("OF_SOMEBODY"), broken()),
            (broken(), broken()),
            (OsString::from("VAHTA_LOG"), broken()),
            (OsString::from("VAHTA_ENV"), OsString::from("dev")),
        ];
        let mut faults = Vec::new();
        let layer = environment(pairs.into_iter(), &mut faults);
        assert_eq!(faults, ["VAHTA_LOG in the environment is not UTF-8"]);
        assert_eq!(layer["environment"], "dev");
    }
}
