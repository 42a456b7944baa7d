//! What a failing assertion of a plugin's test says can be read. The panic hook is the process's:
//! nextest gives each test one of its own.

use std::panic;
use std::sync::{Arc, Mutex};

use crate::prelude::*;
use crate::testing::Harness;
use serde_json::json;

struct Quiet;

impl Plugin for Quiet {
    async fn start(_host: Host, _config: Config) -> Result<Self, Error> {
        Ok(Self)
    }

    fn handler() -> Handler {
        dptree::entry()
    }
}

#[tokio::test]
async fn a_failing_assertion_beside_a_plugin_is_printed() {
    let printed = Arc::new(Mutex::new(String::new()));
    let print = Arc::clone(&printed);
    panic::set_hook(Box::new(move |info| {
        *print.lock().unwrap() += &info.to_string();
    }));
    let world = Harness::<Quiet>::start(r#"{"name":"quiet"}"#, json!({}))
        .await
        .unwrap();
    let failed = panic::catch_unwind(|| assert_eq!(1, 2, "they differ"));
    assert!(failed.is_err());
    let text = printed.lock().unwrap().clone();
    assert!(text.contains("they differ"), "{text}");
    // The plugin's own panics are in its log, as ever.
    let lines = world.lines().join("\n");
    assert!(lines.contains("they differ"), "{lines}");
    world.stop().await.unwrap();
}
