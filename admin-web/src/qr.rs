//! QR codes as inline pictures.

use maud::{Markup, PreEscaped, html};
use qrcode::QrCode;
use qrcode::render::svg::Color;

/// Dark on white whatever the theme is, for cameras; nothing when the text is too long.
pub(crate) fn svg(text: &str, label: &str) -> Markup {
    let Ok(code) = QrCode::new(text.as_bytes()) else {
        return html! {};
    };
    let picture = code
        .render::<Color<'_>>()
        .min_dimensions(220, 220)
        .dark_color(Color("#000"))
        .light_color(Color("#fff"))
        .build();
    // Inside HTML there is no XML declaration.
    let start = picture.find("<svg").unwrap_or(0);
    html! { div.qr role="img" aria-label=(label) { (PreEscaped(&picture[start..])) } }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_code_is_an_inline_picture() {
        let markup = super::svg("https://t.me/vahta_bot?start=x", "a <label>").into_string();
        assert!(
            markup.contains("<svg") && !markup.contains("<?xml"),
            "{markup}"
        );
        assert!(markup.contains("a &lt;label&gt;"), "{markup}");
    }
}
