//! What a file is called when it is saved. Sources: RFC 6266, `Content-Disposition`; RFC 8187, names
//! beyond ASCII.

use bot_core::blobs::clean_name;

/// With a name for old clients and one for all others.
pub(super) fn disposition(name: &str, inline: bool) -> String {
    let name = clean_name(name);
    let kind = if inline { "inline" } else { "attachment" };
    // Some clients read %xx in the plain name as well, none agree on quotes in it.
    let plain: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' | '%' => '_',
            ' '..='~' => c,
            _ => '_',
        })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        // `attr-char` of RFC 8187, section 3.2.1.
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_its_quotes() {
        assert_eq!(
            disposition("a\"; x=\"\r\nSet-Cookie: b.txt", false),
            "attachment; filename=\"a_; x=_Set-Cookie: b.txt\"; \
             filename*=UTF-8''a%22%3B%20x%3D%22Set-Cookie%3A%20b.txt"
        );
        assert_eq!(
            disposition("отчёт.pdf", true),
            "inline; filename=\"_____.pdf\"; filename*=UTF-8''%D0%BE%D1%82%D1%87%D1%91%D1%82.pdf"
        );
    }
}
