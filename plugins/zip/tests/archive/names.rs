use vahta_zip::Names;

use super::build::{File, build, file, options};
use super::programs::{all_accept, all_round_trip, python_lists};

/// What people, phones and attackers call their files.
const ODD: &[&str] = &[
    "../../etc/passwd",
    "/absolute.txt",
    "C:\\Users\\ada\\report.docx",
    "\\\\server\\share\\file",
    "con.txt",
    "folder/NUL",
    "trailing dot.",
    "trailing space ",
    "  leading space",
    "a\nnew line.txt",
    "tab\there",
    "null\0byte",
    "right\u{202e}txt.exe",
    "zero\u{200b}width.txt",
    "quote\"s and 'others'.txt",
    "star*question?.txt",
    "pipe|less<more>.txt",
    "-rf",
    "~",
    "$HOME",
    "`id`",
    "%PATH%",
    "#hash",
    ".hidden",
    "...",
    "",
    "a/b/c/d/e/f/g",
    "a/b/c",
    "cafe\u{301}.txt",
    "café.txt",
    "CAFÉ.TXT",
    "日本語のファイル.txt",
    "отчёт.pdf",
    "עברית.txt",
    "👩‍👩‍👧‍👦.png",
    "ß.txt",
    "ss.txt",
    "İstanbul",
    "photo.jpg",
    "photo.jpg",
    "Photo.JPG",
    "photo (2).jpg",
    "archive.tar.gz",
    "archive.tar.gz",
];

#[tokio::test]
async fn odd_names_come_out_as_the_safe_ones() {
    let long = [
        "x".repeat(300),
        format!("{}.jpeg", "ж".repeat(200)),
        "d/".repeat(3000),
    ];
    let mut names = Names::new();
    let files: Vec<File> = ODD
        .iter()
        .copied()
        .chain(long.iter().map(String::as_str))
        .enumerate()
        .map(|(at, name)| file(&names.unique_safe_name(name), at.to_string()))
        .collect();
    let folder = names.safe_folder("empty/дом/");
    let built = build(&files, &[&folder], &options(1)).await;
    all_accept(&built.path);
    all_round_trip(&built.path, &files);
    let seen: Vec<String> = python_lists(&built.path)
        .into_iter()
        .map(|s| s.name)
        .collect();
    let given: Vec<String> = files
        .into_iter()
        .map(|file| file.name)
        .chain([folder])
        .collect();
    assert_eq!(seen, given);
}
