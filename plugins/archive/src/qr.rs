//! A link as a picture: SVG for pages, PNG for Telegram.

use maud::{Markup, PreEscaped, html};
use qrcode::QrCode;
use qrcode::render::svg::Color;

/// Pixels of a module, and modules of white around it (ISO/IEC 18004: four).
const SCALE: usize = 8;
const QUIET: usize = 4;

/// Dark on white whatever the theme is, for cameras.
pub(crate) fn svg(text: &str, label: &str) -> Markup {
    let Ok(code) = QrCode::new(text.as_bytes()) else {
        return html! {};
    };
    let picture = code
        .render::<Color<'_>>()
        .min_dimensions(180, 180)
        .dark_color(Color("#000"))
        .light_color(Color("#fff"))
        .build();
    // Inside HTML there is no XML declaration.
    let start = picture.find("<svg").unwrap_or(0);
    html! { div.qr role="img" aria-label=(label) { (PreEscaped(&picture[start..])) } }
}

/// One byte a pixel, grey; none when the text is too long for a code.
pub(crate) fn png(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::new(text.as_bytes()).ok()?;
    let (modules, colors) = (code.width(), code.to_colors());
    let side = (modules + 2 * QUIET) * SCALE;
    let mut pixels = vec![u8::MAX; side * side];
    for (at, color) in colors.iter().enumerate() {
        if *color == qrcode::Color::Light {
            continue;
        }
        let (x, y) = (at % modules + QUIET, at / modules + QUIET);
        for row in y * SCALE..(y + 1) * SCALE {
            pixels[row * side + x * SCALE..row * side + (x + 1) * SCALE].fill(0);
        }
    }
    let mut picture = Vec::new();
    let pixels_a_side = u32::try_from(side).ok()?;
    let mut encoder = png::Encoder::new(&mut picture, pixels_a_side, pixels_a_side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels).ok()?;
    writer.finish().ok()?;
    Some(picture)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_link_is_a_picture_and_a_novel_is_none() {
        let picture = super::png("https://vahta.example/pub/archive/a/AAAA").unwrap();
        assert_eq!(&picture[1..4], b"PNG");
        assert!(super::png(&"x".repeat(4_000)).is_none());
    }
}
