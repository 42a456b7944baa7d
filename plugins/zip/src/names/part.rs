//! One part of a name: a file's or a folder's.

use unicode_normalization::UnicodeNormalization as _;

/// What file systems allow, in bytes.
const LONGEST: usize = 255;
/// What is kept of an ending such as `.tar.gz` when a name is cut.
const LONGEST_ENDING: usize = 20;

/// Windows' devices, with any ending and in any case.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// `None` when nothing is left, or for the parts that lead elsewhere.
pub(super) fn safe_part(part: &str) -> Option<String> {
    let shown = part.chars().filter(|c| !is_hidden(*c)).map(visible);
    let clean: String = if part.is_ascii() {
        shown.collect()
    } else {
        // Composed last: marks that something hidden kept apart find each other.
        shown.nfc().collect()
    };
    // Windows drops dots and spaces at the end, and takes the name for another one. This also ends
    // `.` and `..`.
    let clean = clean.trim_start().trim_end_matches(is_dropped);
    if clean.is_empty() {
        return None;
    }
    let device = if is_device(clean) { "_" } else { "" };
    Some(shortened(&format!("{device}{clean}"), LONGEST))
}

/// `name (2).txt` for 2 and so on; the name itself for 1.
pub(super) fn numbered(part: &str, number: u32) -> String {
    if number < 2 {
        return part.to_owned();
    }
    let number = format!(" ({number})");
    let part = shortened(part, LONGEST - number.len());
    let (stem, ending) = split_ending(&part);
    format!("{stem}{number}{ending}")
}

/// Equal for names that some file system takes for the same: without case, and composed.
pub(super) fn folded(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    name.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfc()
        .collect()
}

/// Control characters, what turns text around, and what shows nothing at all.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e001f}')
}

/// What Windows forbids, as a line.
fn visible(c: char) -> char {
    match c {
        '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
        other => other,
    }
}

fn is_dropped(c: char) -> bool {
    c == '.' || c.is_whitespace()
}

fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_uppercase();
    let numbered = ["COM", "LPT"]
        .iter()
        .filter_map(|port| stem.strip_prefix(port))
        .any(|rest| {
            let mut rest = rest.chars();
            // Windows takes the small digits of Latin-1 for digits, too.
            rest.next()
                .is_some_and(|c| c.is_ascii_digit() || "¹²³".contains(c))
                && rest.next().is_none()
        });
    numbered || DEVICES.contains(&stem.as_str())
}

/// Cut to so many bytes, with its ending.
fn shortened(part: &str, most: usize) -> String {
    if part.len() <= most {
        return part.to_owned();
    }
    let (stem, ending) = split_ending(part);
    let (stem, ending) = if ending.len() > LONGEST_ENDING {
        (part, "")
    } else {
        (stem, ending)
    };
    let stem = &stem[..stem.floor_char_boundary(most - ending.len())];
    format!("{}{ending}", stem.trim_end_matches(is_dropped))
}

/// At the last dot, which is not the first character; `.tar.gz` is one ending.
fn split_ending(part: &str) -> (&str, &str) {
    let at = |text: &str| text.rfind('.').filter(|at| *at > 0);
    let Some(mut dot) = at(part) else {
        return (part, "");
    };
    if let Some(before) = at(&part[..dot])
        && part[before..dot].eq_ignore_ascii_case(".tar")
    {
        dot = before;
    }
    part.split_at(dot)
}
