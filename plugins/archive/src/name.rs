//! What an archive is called, which is what its file is called.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Empty,
    /// In bytes, for that is what file systems count.
    TooLong(usize),
    /// Windows keeps it for a device.
    Reserved,
    /// A slash or a control character, or one that turns the reading direction.
    Forbidden(char),
    /// `.` and `..` are places.
    Dots,
}

/// `.zip` follows, and a file's name has 255 bytes (POSIX, `NAME_MAX` of common systems).
const LONGEST: usize = 200;
/// Source: Microsoft, "Naming Files, Paths, and Namespaces".
const FORBIDDEN: &[char] = &['/', '\\', ':', '*', '?', '"', '<', '>', '|'];

/// Reads a name; a `.zip` at its end is not part of it.
pub fn parse(text: &str) -> Result<String, Fault> {
    let text = text.trim();
    let stem = match text
        .len()
        .checked_sub(4)
        .and_then(|at| text.split_at_checked(at))
    {
        Some((stem, end)) if end.eq_ignore_ascii_case(".zip") => stem.trim_end(),
        _ => text,
    };
    if stem.is_empty() {
        return Err(Fault::Empty);
    }
    if let Some(c) = stem.chars().find(|c| is_forbidden(*c)) {
        return Err(Fault::Forbidden(c));
    }
    let name = stem.trim_end_matches(['.', ' ']);
    if name.is_empty() {
        return Err(Fault::Dots);
    }
    if name.len() > LONGEST {
        return Err(Fault::TooLong(name.len()));
    }
    if is_reserved(name) {
        return Err(Fault::Reserved);
    }
    Ok(name.to_owned())
}

fn is_forbidden(c: char) -> bool {
    let turns = matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    c.is_control() || turns || FORBIDDEN.contains(&c)
}

fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.trim().to_ascii_uppercase();
    match stem.as_str() {
        "CON" | "PRN" | "AUX" | "NUL" => true,
        numbered => ["COM", "LPT"].iter().any(|device| {
            let number = numbered.strip_prefix(device);
            number.is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_files_name_everywhere() {
        for (text, name) in [
            ("Reports 2026", "Reports 2026"),
            ("reports.ZIP", "reports"),
            ("отчёт за год.zip", "отчёт за год"),
            (" v1.2. ", "v1.2"),
            ("zip", "zip"),
            ("console", "console"),
            ("COM10", "COM10"),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(name), "{text}");
        }
    }

    #[test]
    fn what_is_no_name_is_told_why() {
        let long = "ё".repeat(150);
        for (text, fault) in [
            ("", Fault::Empty),
            (".zip", Fault::Empty),
            ("..", Fault::Dots),
            ("../../etc/passwd", Fault::Forbidden('/')),
            ("a\\b", Fault::Forbidden('\\')),
            ("a\nb", Fault::Forbidden('\n')),
            ("gpj\u{202e}exe", Fault::Forbidden('\u{202e}')),
            ("con", Fault::Reserved),
            ("Lpt1.txt", Fault::Reserved),
            (long.as_str(), Fault::TooLong(300)),
        ] {
            assert_eq!(parse(text), Err(fault), "{text}");
        }
    }
}
