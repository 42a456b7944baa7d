//! The only place here that reads environment variables.

use std::process::Command;

/// A variable that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "this is xtask's configuration")]
pub fn var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Takes away what `cargo run` set for us. Build scripts (ring's, for one) ask cargo to watch
/// `CARGO_PKG_*`: left in place, a build started from here and one started by hand would
/// invalidate each other's dependencies for ever.
pub fn without_cargo(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
}
