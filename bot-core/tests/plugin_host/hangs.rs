//! What hangs is given up, harms nobody else, and cannot act afterwards.

use std::time::Duration;

use bot_core::plugin_host::DeliverError;
use serde_json::json;

use crate::world::{Setup, World};

/// Short, for these tests wait for it; nothing is measured against it.
const DEADLINE: Duration = Duration::from_millis(200);

async fn hanging(settings: serde_json::Value) -> World {
    let settings = json!({ "hangs": settings });
    let setup = Setup {
        settings,
        deadline: DEADLINE,
        ..Setup::default()
    };
    let world = World::with(&["echo", "hangs"], setup);
    world.load().await;
    world
}

/// Runs `act` until it says so.
async fn eventually(what: &str, mut act: impl FnMut() -> bool) {
    for _ in 0..2_000 {
        if act() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_never_ends_is_given_up_and_others_go_on() {
    let world = hanging(json!({})).await;
    let (hung, echoed) = tokio::join!(
        world.command("hangs", "/hang"),
        world.command("echo", "/echo still here")
    );
    assert_eq!(hung, Err(DeliverError::Deadline));
    echoed.unwrap();
    world.command("hangs", "/slow 1").await.unwrap();
    assert_eq!(world.host.info("hangs").unwrap().stats.timeouts, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_blocks_its_thread_stops_only_its_own_plugin() {
    let world = hanging(json!({})).await;
    assert_eq!(
        world.command("hangs", "/stall").await,
        Err(DeliverError::Deadline)
    );
    world.command("echo", "/echo still here").await.unwrap();
    // Its one worker is gone; the reload brings a new one and leaves the old library behind.
    assert_eq!(
        world.command("hangs", "/slow 1").await,
        Err(DeliverError::Deadline)
    );
    let info = world.host.reload("hangs").await.unwrap();
    assert_eq!(info.leaked, 1, "{}", world.lines());
    assert!(
        world.lines().contains("of its threads still run"),
        "{}",
        world.lines()
    );
    world.command("hangs", "/slow 1").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_spins_does_not_hold_up_other_plugins() {
    let world = hanging(json!({})).await;
    let spin = world.command("hangs", "/spin 1000");
    let echoes = async {
        for n in 0..50 {
            world.command("echo", &format!("/echo {n}")).await.unwrap();
        }
    };
    let (spun, ()) = tokio::join!(spin, echoes);
    assert_eq!(spun, Err(DeliverError::Deadline));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_was_given_up_cannot_act_any_more() {
    let world = hanging(json!({})).await;
    assert_eq!(
        world.command("hangs", "/haunt").await,
        Err(DeliverError::Deadline)
    );
    eventually("the haunting was refused", || {
        world.lines().contains("haunting: Err")
    })
    .await;
    assert!(
        world
            .lines()
            .contains("passed its deadline and was given up"),
        "{}",
        world.lines()
    );
    assert_eq!(world.calls().len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_in_a_host_call_does_not_use_up_the_deadline() {
    let mut setup = Setup {
        deadline: DEADLINE,
        ..Setup::default()
    };
    setup.recorder.slow_sends = Some(DEADLINE * 3);
    let world = World::with(&["echo"], setup);
    world.load().await;
    world.command("echo", "/echo patience").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_that_hangs_at_its_end_is_ended_and_unloaded() {
    let world = hanging(json!({"hang_at": "stop"})).await;
    world.host.stop_all(Duration::from_millis(300)).await;
    let info = world.host.info("hangs").unwrap();
    assert_eq!(
        (info.leaked, world.mapped()),
        (0, Vec::new()),
        "{}",
        world.lines()
    );
    assert!(world.lines().contains("stop did not end in time"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_that_a_plugin_leaves_behind_keeps_its_library_and_cannot_act() {
    let world = hanging(json!({"ghost": true})).await;
    eventually("the ghost acts while its plugin runs", || {
        !world.calls().is_empty()
    })
    .await;
    let info = world.host.disable("hangs").await.unwrap();
    assert_eq!(info.leaked, 1, "{}", world.lines());
    assert_eq!(
        world.mapped().len(),
        2,
        "echo, and the library that the ghost is in"
    );
    let acted = world.calls().len();
    // Long enough for many more tries of the ghost.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(world.calls().len(), acted);
}
