use super::parse;

/// Text and entities as `kind:offset+length[=argument]`, or the error.
fn shown(source: &str) -> String {
    crate::text::shown(parse(source))
}

#[test]
fn each_tag_becomes_its_entity() {
    for (source, expected) in [
        ("plain", "plain |"),
        ("<b>a</b>", "a | bold:0+1"),
        ("<strong>a</strong><em>b</em>", "ab | bold:0+1 italic:1+1"),
        (
            "<i>a</i><u>b</u><ins>c</ins>",
            "abc | italic:0+1 underline:1+1 underline:2+1",
        ),
        (
            "<s>a</s><strike>b</strike><del>c</del>",
            "abc | strikethrough:0+1 strikethrough:1+1 strikethrough:2+1",
        ),
        (
            "<tg-spoiler>a</tg-spoiler><span class=\"tg-spoiler\">b</span>",
            "ab | spoiler:0+1 spoiler:1+1",
        ),
        ("<code>a</code><pre>b</pre>", "ab | code:0+1 pre:1+1"),
        (
            "<pre><code class=\"language-rust\">x</code></pre>",
            "x | pre:0+1=rust",
        ),
        (
            "<code class=\"language-rust\"><pre>x</pre></code>",
            "x | pre:0+1=rust",
        ),
        ("<code class=\"language-rust\">x</code>", "x | code:0+1"),
        ("<pre>a<code>b</code></pre>", "ab | pre:0+2 code:1+1"),
        ("<blockquote>a</blockquote>", "a | blockquote:0+1"),
        (
            "<blockquote expandable>a</blockquote>",
            "a | expandable_blockquote:0+1",
        ),
        (
            "<a href=\"https://e.org/x\">a</a>",
            "a | text_link:0+1=https://e.org/x",
        ),
        ("<a href='e.org'>a</a>", "a | text_link:0+1=http://e.org/"),
        ("<a>e.org</a>", "e.org | text_link:0+5=http://e.org/"),
        ("<a href=\"nothing\">a</a>", "a |"),
        ("<a href=\"tg://user?id=7\">a</a>", "a | text_mention:0+1=7"),
        (
            "<tg-emoji emoji-id=\"5\">👍</tg-emoji>",
            "👍 | custom_emoji:0+2=5",
        ),
        ("<B>a</b >", "a | bold:0+1"),
        ("<b></b>a", "a |"),
        ("<b><i>a</i>b</b>", "ab | bold:0+2 italic:0+1"),
        ("<b>a</>", "a | bold:0+1"),
    ] {
        assert_eq!(shown(source), expected, "{source}");
    }
}

#[test]
fn offsets_count_utf16_code_units() {
    assert_eq!(shown("😀<b>é😀</b>"), "😀é😀 | bold:2+3");
    assert_eq!(shown("&#128512;<b>a</b>"), "😀a | bold:2+1");
}

#[test]
fn references_are_decoded_and_unknown_ones_stay() {
    assert_eq!(
        shown("a &lt;b&gt; &amp; &quot;c&quot; &#39; &#x41;"),
        "a <b> & \"c\" ' A |"
    );
    assert_eq!(
        shown("&nbsp; & &unknown; &#0;"),
        "&nbsp; & &unknown; &#0; |"
    );
    assert_eq!(shown("&lt b"), "< b |");
}

#[test]
fn malformed_html_is_refused_with_telegrams_words() {
    for (source, expected) in [
        ("a<b", "Unclosed start tag at byte offset 1"),
        ("<p>a</p>", "Unsupported start tag \"p\" at byte offset 0"),
        ("1 < 2 > 0", "Unsupported start tag \"\" at byte offset 2"),
        (
            "<b>a",
            "Can't find end tag corresponding to start tag \"b\"",
        ),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        (
            "<b><i>a</b></i>",
            "Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\"",
        ),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        (
            "<span>a</span>",
            "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0",
        ),
        (
            "<a =x>a</a>",
            "Empty attribute name in the tag \"a\" at byte offset 0",
        ),
        (
            "<a href=a/b>a</a>",
            "Unexpected end of name token at byte offset 8",
        ),
        ("<a href=\"x", "Unclosed start tag at byte offset 0"),
        ("<a href", "Unclosed start tag \"a\" at byte offset 0"),
        (
            "<tg-emoji>a</tg-emoji>",
            "Invalid custom emoji identifier specified",
        ),
    ] {
        assert_eq!(shown(source), format!("error: {expected}"), "{source}");
    }
}
