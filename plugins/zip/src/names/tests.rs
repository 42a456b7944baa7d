use proptest::prelude::*;

use super::*;

fn one(name: &str) -> String {
    Names::new().unique_safe_name(name)
}

#[test]
fn a_name_that_is_fine_stays_as_it_is() {
    for name in [
        "a.txt",
        "photos/2026/кот.jpg",
        "日本語.txt",
        ".gitignore",
        "a b (1).tar.gz",
        "👩‍👧.png",
    ] {
        assert_eq!(one(name), name);
    }
}

#[test]
fn no_name_leads_out_of_the_folder() {
    for (name, safe) in [
        ("/etc/passwd", "etc/passwd"),
        ("../../etc/passwd", "etc/passwd"),
        ("a/../../b", "a/b"),
        ("a/./b//c", "a/b/c"),
        ("C:\\Windows\\system.ini", "C_/Windows/system.ini"),
        ("\\\\server\\share\\x", "server/share/x"),
        ("..", "file"),
        ("", "file"),
        ("///", "file"),
        ("a/.. /b", "a/b"),
    ] {
        assert_eq!(one(name), safe, "{name:?}");
    }
}

#[test]
fn what_windows_takes_for_something_else_is_renamed() {
    for (name, safe) in [
        ("con", "_con"),
        ("Aux.txt", "_Aux.txt"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("com1", "_com1"),
        ("LPT³.x", "_LPT³.x"),
        ("com10", "com10"),
        ("console", "console"),
        ("PRN .txt", "_PRN .txt"),
        ("a. . .", "a"),
        ("what?.txt", "what_.txt"),
        ("a/CON/b", "a/_CON/b"),
    ] {
        assert_eq!(one(name), safe, "{name:?}");
    }
}

#[test]
fn nothing_is_hidden_in_a_name() {
    for (name, safe) in [
        ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
        ("a\0b\r\n.txt", "ab.txt"),
        ("a\u{200b}.txt", "a.txt"),
        ("\u{feff}", "file"),
        ("e\u{301}.txt", "é.txt"),
        ("e\0\u{301}.txt", "é.txt"),
    ] {
        assert_eq!(one(name), safe, "{name:?}");
    }
}

#[test]
fn a_long_name_is_cut_and_keeps_its_ending() {
    let safe = one(&format!("{}.tar.gz", "ё".repeat(300)));
    assert!(safe.len() <= 255 && safe.ends_with("ё.tar.gz"), "{safe}");
    let safe = one(&"x".repeat(300));
    assert_eq!(safe.len(), 255);
    let safe = one(&"folder/".repeat(2000));
    assert!(safe.len() <= LONGEST && safe.ends_with("/folder"));
}

#[test]
fn the_second_of_a_name_gets_a_number() {
    let mut names = Names::new();
    for (name, unique) in [
        ("a.txt", "a.txt"),
        ("a.txt", "a (2).txt"),
        ("A.TXT", "A (3).TXT"),
        ("a (2).txt", "a (2) (2).txt"),
        ("a (4).txt", "a (4).txt"),
        ("a.txt", "a (5).txt"),
        ("b/a.txt", "b/a.txt"),
        ("x.tar.gz", "x.tar.gz"),
        ("x.tar.gz", "x (2).tar.gz"),
        (".profile", ".profile"),
        (".profile", ".profile (2)"),
        ("e\u{301}", "é"),
        ("É", "É (2)"),
    ] {
        assert_eq!(names.unique_safe_name(name), unique, "{name:?}");
    }
}

#[test]
fn a_file_and_a_folder_never_have_one_name() {
    let mut names = Names::new();
    assert_eq!(names.unique_safe_name("a"), "a");
    assert_eq!(names.unique_safe_name("A/b"), "A (2)/b");
    assert_eq!(names.unique_safe_name("a/c"), "a (2)/c");
    assert_eq!(names.unique_safe_name("d/e"), "d/e");
    assert_eq!(names.unique_safe_name("d"), "d (2)");
    assert_eq!(names.safe_folder("d/e"), "d/e (2)/");
    assert_eq!(names.safe_folder("../x/"), "x/");
    assert_eq!(names.safe_folder("x"), "x/");
}

#[test]
fn seventy_thousand_files_of_one_name_are_numbered() {
    let mut names = Names::new();
    for _ in 0..70_000 {
        names.unique_safe_name("photo.jpg");
    }
    assert_eq!(names.unique_safe_name("photo.jpg"), "photo (70001).jpg");
}

proptest! {
    #[test]
    fn names_are_safe_and_differ(
        given in prop::collection::vec("(\\PC|[./\\\\ :\u{0}-\u{1f}\u{202e}aAéÉßſ]){0,40}", 1..30),
    ) {
        let mut names = Names::new();
        let mut seen = HashSet::new();
        for name in &given {
            let safe = names.unique_safe_name(name);
            prop_assert!(!safe.is_empty() && !safe.starts_with('/') && !safe.contains('\\'));
            prop_assert!(seen.insert(folded(&safe)), "{name:?} became {safe:?} again");
            for part in safe.split('/') {
                prop_assert!(!part.is_empty() && part != "." && part != ".." && part.len() <= 255);
                prop_assert!(!part.ends_with(['.', ' ']), "{part:?}");
                prop_assert_eq!(safe_part(part), Some(part.to_owned()), "it is safe already");
            }
        }
    }
}
