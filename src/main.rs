//! Vahta: command line and wiring.
fn main() {}
