use super::parse;

/// Text and entities as `kind:offset+length[=argument]`, or the error.
fn shown(source: &str) -> String {
    crate::text::shown(parse(source))
}

#[test]
fn each_mark_becomes_its_entity() {
    for (source, expected) in [
        ("plain", "plain |"),
        ("*a*", "a | bold:0+1"),
        ("_a_", "a | italic:0+1"),
        ("__a__", "a | underline:0+1"),
        ("~a~", "a | strikethrough:0+1"),
        ("||a||", "a | spoiler:0+1"),
        ("`a*b`", "a*b | code:0+3"),
        ("```\na_b\n```", "a_b\n | pre:0+4"),
        ("```rust\nx```", "x | pre:0+1=rust"),
        ("[a](https://e.org/x)", "a | text_link:0+1=https://e.org/x"),
        (
            "[a](https://e.org/x\\)y)",
            "a | text_link:0+1=https://e.org/x)y",
        ),
        ("[a](tg://user?id=7)", "a | text_mention:0+1=7"),
        ("![👍](tg://emoji?id=5)", "👍 | custom_emoji:0+2=5"),
        (">a\n>b\nc", "a\nb\nc | blockquote:0+4"),
        (">a", "a | blockquote:0+1"),
        (">a\n>b||", "a\nb | expandable_blockquote:0+3"),
        ("*a _b_ c*", "a b c | bold:0+5 italic:2+1"),
        ("*a*b", "ab | bold:0+1"),
        ("**a", "a |"),
        ("1\\.2\\!", "1.2! |"),
        ("😀*é*", "😀é | bold:2+1"),
    ] {
        assert_eq!(shown(source), expected, "{source}");
    }
}

#[test]
fn malformed_markdown_is_refused_with_telegrams_words() {
    let reserved = |c: char| {
        format!("Character '{c}' is reserved and must be escaped with the preceding '\\'")
    };
    for (source, expected) in [
        ("a.b", reserved('.')),
        ("a!", reserved('!')),
        ("a-b", reserved('-')),
        ("1 + 1", reserved('+')),
        ("a | b", reserved('|')),
        ("(a)", reserved('(')),
        ("a > b", reserved('>')),
        ("a ] b", reserved(']')),
        (
            "*a",
            "Can't find end of Bold entity at byte offset 0".to_owned(),
        ),
        (
            "a _b",
            "Can't find end of Italic entity at byte offset 2".to_owned(),
        ),
        (
            "é __b",
            "Can't find end of Underline entity at byte offset 3".to_owned(),
        ),
        (
            "`a",
            "Can't find end of Code entity at byte offset 0".to_owned(),
        ),
        (
            "```rust\na",
            "Can't find end of PreCode entity at byte offset 0".to_owned(),
        ),
        (
            "[a",
            "Can't find end of TextUrl entity at byte offset 0".to_owned(),
        ),
        (
            "[a](b",
            "Can't find end of a URL at byte offset 4".to_owned(),
        ),
        (
            "![a]",
            "Custom emoji entity must contain a tg://emoji URL".to_owned(),
        ),
        (
            ">*a\nb*",
            "Can't find end of Bold entity at byte offset 1".to_owned(),
        ),
    ] {
        assert_eq!(shown(source), format!("error: {expected}"), "{source}");
    }
}
