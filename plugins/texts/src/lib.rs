//! Fluent texts for core and plugins: load, choose a language, format.
//!
//! Everything a user reads stands in `.ftl` files. English is complete and is the fallback of
//! every other language; [`Texts::from_ftl`] refuses a set in which that is not so and lists every
//! fault at once. At run time nothing fails: an unknown id is shown as `⟨id⟩`.

mod arg;
mod catalog;
mod embed;
mod scan;
mod texts;

pub use arg::Arg;
pub use embed::embed_locales;
pub use texts::{FALLBACK, TextError, Texts};

/// Named arguments of a text: `texts.get("en", "greeting", args!["name" => user.name()])`.
#[macro_export]
macro_rules! args {
    ($($name:expr => $value:expr),* $(,)?) => {
        &[$(($name, $crate::Arg::from($value))),*]
    };
}

/// Makes a string safe inside Telegram's HTML mode and inside a web page, attributes included.
///
/// Texts may hold markup, so [`Texts::get`] never escapes: arguments that people typed go through
/// here first.
#[must_use]
pub fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #[test]
    fn html_is_escaped_for_text_and_attributes() {
        assert_eq!(
            crate::escape_html(r#"<a href="x">Tom & 'Jo'</a>"#),
            "&lt;a href=&quot;x&quot;&gt;Tom &amp; &#39;Jo&#39;&lt;/a&gt;"
        );
    }
}
