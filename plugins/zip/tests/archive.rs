//! Archives as other programs read them: `unzip`, 7-Zip and Python's zipfile.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "helpers of tests: a fault ends the test"
)]

mod archive {
    mod build;
    mod faults;
    mod locked;
    mod names;
    mod plain;
    mod programs;
    mod size;
}
