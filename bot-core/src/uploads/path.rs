//! A file's name with the folders that it comes from, as people may see it.

use crate::blobs::clean_name;

/// Folders above a file; the nearest ones stay.
const DEPTH: usize = 32;
/// Of all of it, in bytes.
const LENGTH: usize = 1_024;

/// A path that is never absolute and never leads upwards; its last part is the name.
pub(super) fn clean(path: &str) -> String {
    let parts = path.split(['/', '\\']);
    let mut parts: Vec<String> = parts
        .map(str::trim)
        .filter(|part| !matches!(*part, "" | "." | ".."))
        .map(clean_name)
        .collect();
    let name = parts.pop().unwrap_or_else(|| clean_name(""));
    let mut whole = name;
    for folder in parts.iter().rev().take(DEPTH) {
        if folder.len() + 1 + whole.len() > LENGTH {
            break;
        }
        whole = format!("{folder}/{whole}");
    }
    whole
}

/// Without its folders.
pub(super) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_nowhere_else() {
        for (path, clean_path) in [
            ("a.txt", "a.txt"),
            ("photos/2026/a.jpg", "photos/2026/a.jpg"),
            ("/etc/passwd", "etc/passwd"),
            ("../../etc/passwd", "etc/passwd"),
            ("C:\\Users\\ada\\a.txt", "C:/Users/ada/a.txt"),
            ("a/./b/../c", "a/b/c"),
            ("a//b/", "a/b"),
            ("a\u{202e}/b\r\n.txt", "a/b.txt"),
            ("\u{0}/\u{1}", "file/file"),
            ("", "file"),
            ("..", "file"),
        ] {
            assert_eq!(clean(path), clean_path, "{path:?}");
        }
        assert_eq!(name("photos/2026/a.jpg"), "a.jpg");
    }

    #[test]
    fn a_path_has_an_end() {
        let deep = clean(&"ё/".repeat(5_000));
        assert!(deep.len() <= LENGTH && deep.split('/').count() <= DEPTH + 1);
        assert!(clean(&format!("{}/a.txt", "x".repeat(9_000))).len() <= LENGTH);
    }
}
