//! Lists the texts for `texts.rs`.

fn main() -> std::io::Result<()> {
    vahta_texts::embed_locales()
}
