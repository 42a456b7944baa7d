//! The C header and the Rust types are the same border: `gcc` lays out one, `rustc` the other.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::mem::{offset_of, size_of};
use std::path::Path;
use std::process::Command;

use vahta_plugin_abi::{Bytes, Host, Kind, Plugin, Reply, VAHTA_ABI, level, status};

/// Each line names one number, as the C program below prints it.
fn rust_layout() -> Vec<String> {
    let mut lines = Vec::new();
    let mut say = |name: &str, n: usize| lines.push(format!("{name}={n}"));
    say("abi", VAHTA_ABI as usize);
    say("bytes", size_of::<Bytes>());
    say("bytes.len", offset_of!(Bytes, len));
    say("reply", size_of::<Reply>());
    say("reply.done", offset_of!(Reply, done));
    say("host", size_of::<Host>());
    say("host.abi", offset_of!(Host, abi));
    say("host.host", offset_of!(Host, host));
    say("host.call", offset_of!(Host, call));
    say("host.log", offset_of!(Host, log));
    say("plugin", size_of::<Plugin>());
    say("plugin.abi", offset_of!(Plugin, abi));
    say("plugin.start", offset_of!(Plugin, start));
    say("plugin.handle", offset_of!(Plugin, handle));
    say("plugin.cancel", offset_of!(Plugin, cancel));
    say("plugin.stop", offset_of!(Plugin, stop));
    say("update", Kind::Update as usize);
    say("job", Kind::Job as usize);
    say("http", Kind::Http as usize);
    say("event", Kind::Event as usize);
    say("health", Kind::Health as usize);
    say("ok", status::OK as usize);
    say("error", status::ERROR as usize);
    say("panicked", status::PANICKED as usize);
    say("log.error", level::ERROR as usize);
    say("log.trace", level::TRACE as usize);
    lines
}

const C_PROGRAM: &str = r#"
#include <stdio.h>
#include "vahta_plugin.h"
#define SAY(name, n) printf("%s=%zu\n", name, (size_t)(n))
VAHTA_MANIFEST("{}");
int main(void) {
    SAY("abi", VAHTA_ABI);
    SAY("bytes", sizeof(vahta_bytes));
    SAY("bytes.len", offsetof(vahta_bytes, len));
    SAY("reply", sizeof(vahta_reply));
    SAY("reply.done", offsetof(vahta_reply, done));
    SAY("host", sizeof(vahta_host));
    SAY("host.abi", offsetof(vahta_host, abi));
    SAY("host.host", offsetof(vahta_host, host));
    SAY("host.call", offsetof(vahta_host, call));
    SAY("host.log", offsetof(vahta_host, log));
    SAY("plugin", sizeof(vahta_plugin));
    SAY("plugin.abi", offsetof(vahta_plugin, abi));
    SAY("plugin.start", offsetof(vahta_plugin, start));
    SAY("plugin.handle", offsetof(vahta_plugin, handle));
    SAY("plugin.cancel", offsetof(vahta_plugin, cancel));
    SAY("plugin.stop", offsetof(vahta_plugin, stop));
    SAY("update", VAHTA_UPDATE);
    SAY("job", VAHTA_JOB);
    SAY("http", VAHTA_HTTP);
    SAY("event", VAHTA_EVENT);
    SAY("health", VAHTA_HEALTH);
    SAY("ok", VAHTA_OK);
    SAY("error", VAHTA_ERROR);
    SAY("panicked", VAHTA_PANICKED);
    SAY("log.error", VAHTA_LOG_ERROR);
    SAY("log.trace", VAHTA_LOG_TRACE);
    return 0;
}
"#;

#[test]
fn the_header_lays_out_what_rust_lays_out() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let source = dir.join("layout.c");
    let program = dir.join("layout");
    std::fs::write(&source, C_PROGRAM).unwrap();
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
    let built = Command::new("gcc")
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-I"])
        .args([&include, &source])
        .arg("-o")
        .arg(&program)
        .status()
        .expect("gcc runs");
    assert!(built.success(), "the header does not compile as C11");
    let printed = Command::new(&program)
        .output()
        .expect("the program runs")
        .stdout;
    let printed = String::from_utf8(printed).unwrap();
    assert_eq!(printed.lines().collect::<Vec<_>>(), rust_layout());
}
