//! Panics end where they happen.

use bot_core::plugin_host::DeliverError;
use serde_json::json;

use crate::world::{Setup, World};

fn panicking_at(place: &str) -> World {
    let settings = json!({"panics": {"panic_at": place}});
    World::with(
        &["panics"],
        Setup {
            settings,
            ..Setup::default()
        },
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_in_a_handler_is_an_answer_and_the_next_delivery_works() {
    let world = World::started(&["panics"]).await;
    for _ in 0..3 {
        let error = world
            .command("panics", "/panic_now good bye")
            .await
            .unwrap_err();
        assert_eq!(error, DeliverError::Crashed);
        world.command("panics", "/panic_fine").await.unwrap();
    }
    assert_eq!(world.calls().len(), 3);
    assert_eq!(world.host.info("panics").unwrap().stats.crashed, 3);
    assert!(
        world.lines().contains("told to panic by a user: good bye"),
        "{}",
        world.lines()
    );
    // It can still be unloaded.
    assert_eq!(world.host.disable("panics").await.unwrap().leaked, 0);
    assert_eq!(world.mapped(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_that_only_crashes_is_left_alone_after_a_while() {
    let world = World::started(&["panics", "echo"]).await;
    for _ in 0..bot_core::plugin_host::breaker::FAILURES {
        assert_eq!(
            world.command("panics", "/panic_now").await,
            Err(DeliverError::Crashed)
        );
    }
    assert_eq!(world.state("panics"), "degraded");
    let error = world.command("panics", "/panic_fine").await.unwrap_err();
    assert_eq!(error.to_string(), "the plugin is not available: degraded");
    world.command("echo", "/echo unharmed").await.unwrap();
    // A reload is a new beginning.
    world.host.reload("panics").await.unwrap();
    world.command("panics", "/panic_fine").await.unwrap();
    assert_eq!(world.state("panics"), "started");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_that_panics_at_start_fails_with_its_message_and_leaves_nothing_behind() {
    let world = panicking_at("start");
    let info = world.host.load_all().await.remove(0);
    let reason = "failed: start panicked: told to panic at start";
    assert_eq!(info.state.to_string(), reason);
    assert_eq!(
        (info.leaked, world.mapped()),
        (0, Vec::new()),
        "{}",
        world.lines()
    );
    let error = world.host.enable("panics").await.unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("start panicked: told to panic at start"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_that_panics_at_its_end_is_unloaded_all_the_same() {
    let world = panicking_at("stop");
    world.load().await;
    let info = world.host.disable("panics").await.unwrap();
    assert_eq!(
        (info.leaked, world.mapped()),
        (0, Vec::new()),
        "{}",
        world.lines()
    );
    assert!(
        world
            .lines()
            .contains("stop panicked: told to panic at stop")
    );
}
