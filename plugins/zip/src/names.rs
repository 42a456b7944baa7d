//! Names for the entries of an archive: safe on any system, and different from each other.
//!
//! What an archive holds is written to disks by programs that believe its names. So no name leads
//! out of the folder, none is special to Windows, none looks like another one, and none is too long
//! to be written. Names that are fine already stay as they are.
//!
//! Sources: APPNOTE 4.4.17 (slashes, no drive letters); Microsoft, "Naming Files, Paths, and
//! Namespaces"; Unicode UAX #9 (what turns text around) and UAX #15 (NFC).

mod part;

use std::collections::{HashMap, HashSet};

use part::{folded, numbered, safe_part};

/// Bytes of a whole name: macOS has paths of 1,024, and where it is unpacked counts.
const LONGEST: usize = 900;

/// The names of one archive.
#[derive(Debug, Default)]
pub struct Names {
    files: HashSet<String>,
    folders: HashSet<String>,
    /// Where to go on with a name that came several times: seventy thousand files of one name do
    /// not try seventy thousand numbers each.
    numbers: HashMap<String, u32>,
}

impl Names {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A safe name for a file, unlike those before: `a (2).txt` for the second `a.txt`.
    pub fn unique_safe_name(&mut self, name: &str) -> String {
        let mut parts = safe_parts(name);
        let last = parts.pop().unwrap_or_else(|| "file".to_owned());
        let folder = self.enter(parts);
        let wanted = folded(&format!("{folder}{last}"));
        let mut number = self.numbers.get(&wanted).copied().unwrap_or(1);
        loop {
            let free = format!("{folder}{}", numbered(&last, number));
            let key = folded(&free);
            number += 1;
            if !self.folders.contains(&key) && self.files.insert(key) {
                if number > 2 {
                    self.numbers.insert(wanted, number);
                }
                return free;
            }
        }
    }

    /// A safe name for a folder, with a slash at its end. The same folder keeps its name.
    pub fn safe_folder(&mut self, name: &str) -> String {
        let mut parts = safe_parts(name);
        if parts.is_empty() {
            parts.push("folder".to_owned());
        }
        self.enter(parts)
    }

    /// The folders one after the other, each by a name that no file has.
    fn enter(&mut self, parts: Vec<String>) -> String {
        let mut path = String::new();
        for part in parts {
            let mut number = 1;
            let (folder, key) = loop {
                let folder = format!("{path}{}", numbered(&part, number));
                let key = folded(&folder);
                if !self.files.contains(&key) {
                    break (folder, key);
                }
                number += 1;
            };
            self.folders.insert(key);
            path = folder + "/";
        }
        path
    }
}

/// The safe parts of a path; of one that is too long, those at its end.
fn safe_parts(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = name.split(['/', '\\']).filter_map(safe_part).collect();
    let mut length: usize = parts.iter().map(|part| part.len() + 1).sum();
    let mut drop = 0;
    while length > LONGEST {
        length -= parts[drop].len() + 1;
        drop += 1;
    }
    parts.drain(..drop);
    parts
}

#[cfg(test)]
mod tests;
