//! Prints the times of a phrase, one a line as RFC 3339 with the zone: for comparison with other
//! programs.
//!
//! ```text
//! cargo run -p vahta-when --example occurrences -- Europe/Berlin 2024-01-01T00:00 2025-01-01T00:00 'every day 2:30'
//! ```

#![expect(clippy::print_stdout, reason = "it prints for whoever called it")]

use std::error::Error;

use jiff::civil::DateTime;
use vahta_when::{occurrences, parse, zone};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, from, to, phrase] = arguments.as_slice() else {
        return Err("what it takes: ZONE FROM TO PHRASE (FROM and TO as 2024-01-01T00:00)".into());
    };
    let zone = zone(name)?.zone;
    let from = from.parse::<DateTime>()?.to_zoned(zone.clone())?;
    let to = to.parse::<DateTime>()?.to_zoned(zone.clone())?.timestamp();
    let when = parse(phrase, &from)?.when;
    for at in occurrences(&when, from.timestamp(), &zone).take_while(|at| *at < to) {
        println!("{}", at.to_zoned(zone.clone()));
    }
    Ok(())
}
