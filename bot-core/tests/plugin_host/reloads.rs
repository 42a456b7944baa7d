//! Reloads while messages flow: nothing is lost, nothing stays behind.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bot_core::plugin_host::{DeliverError, Kind};
use serde_json::json;

use crate::world::{Recorder, Setup, World, command};

/// Resident memory of this process in kilobytes.
fn resident_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Delivers to echo from `tasks` tasks until told to stop; returns how many were delivered.
struct Load {
    stop: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<Vec<DeliverError>>>,
    delivered: Arc<AtomicU64>,
}

impl Load {
    fn start(world: &World, tasks: u64) -> Self {
        let (stop, delivered) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let tasks = (0..tasks)
            .map(|task| {
                let (host, stop, delivered) = (world.host.clone(), stop.clone(), delivered.clone());
                tokio::spawn(async move {
                    let mut errors = Vec::new();
                    let mut n = task * 1_000_000;
                    while !stop.load(Ordering::Relaxed) {
                        n += 1;
                        let (envelope, body) = command(n, "/echo load");
                        match host.deliver("echo", Kind::Update, envelope, body).await {
                            Ok(_) => drop(delivered.fetch_add(1, Ordering::Relaxed)),
                            Err(error) => errors.push(error),
                        }
                        // The load is there, but leaves the machine to others.
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                    errors
                })
            })
            .collect();
        Self {
            stop,
            tasks,
            delivered,
        }
    }

    async fn end(self) -> (u64, Vec<DeliverError>) {
        self.stop.store(true, Ordering::Relaxed);
        let mut errors = Vec::new();
        for task in self.tasks {
            errors.extend(task.await.unwrap());
        }
        (self.delivered.load(Ordering::Relaxed), errors)
    }
}

fn counting(fixtures: &[&str]) -> World {
    let recorder = Recorder {
        only_count: true,
        ..Recorder::default()
    };
    World::with(
        fixtures,
        Setup {
            recorder,
            ..Setup::default()
        },
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_reloads_under_load_lose_nothing_and_leave_nothing() {
    let world = counting(&["echo"]);
    world.load().await;
    let load = Load::start(&world, 8);
    let (warm_up, reloads) = (10, 100);
    for _ in 0..warm_up {
        world.host.reload("echo").await.unwrap();
    }
    let before = resident_kb();
    for _ in 0..reloads {
        world.host.reload("echo").await.unwrap();
    }
    let after = resident_kb();
    let (delivered, errors) = load.end().await;
    let info = world.host.info("echo").unwrap();
    println!(
        "{reloads} reloads while {delivered} messages were answered: resident {before} kB → \
         {after} kB, {:.1} kB a reload; p50 {} µs, p99 {} µs a delivery",
        (after as f64 - before as f64) / f64::from(reloads),
        info.stats.p50_us,
        info.stats.p99_us,
    );
    assert_eq!(errors, Vec::new());
    assert_eq!(
        delivered,
        world.services.count.load(Ordering::Relaxed),
        "each was carried out once"
    );
    assert_eq!(info.leaked, 0, "{}", world.lines());
    assert_eq!(
        world.mapped().len(),
        1,
        "only the newest is part of the process"
    );
    // Gate, the plugin's own thread, one worker, and perhaps one for blocking work.
    assert!(info.threads <= 4, "{} threads", info.threads);
    world.host.disable("echo").await.unwrap();
    assert_eq!(world.host.info("echo").unwrap().threads, 0);
    assert_eq!(world.mapped(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_under_way_ends_on_the_old_version() {
    let world = World::started(&["hangs"]).await;
    let (slow, reloaded) = tokio::join!(world.command("hangs", "/slow 500"), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        world.host.reload("hangs").await
    });
    slow.unwrap();
    assert_eq!(reloaded.unwrap().leaked, 0);
    assert_eq!(world.calls().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disabling_under_load_answers_everything_and_refuses_the_rest() {
    let world = counting(&["echo"]);
    world.load().await;
    let load = Load::start(&world, 8);
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        world.host.disable("echo").await.unwrap();
        world.host.enable("echo").await.unwrap();
    }
    let (delivered, errors) = load.end().await;
    assert_eq!(delivered, world.services.count.load(Ordering::Relaxed));
    for error in &errors {
        assert!(matches!(error, DeliverError::Unavailable { .. }), "{error}");
    }
    assert_eq!(
        world.host.info("echo").unwrap().leaked,
        0,
        "{}",
        world.lines()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_that_is_not_well_is_not_started() {
    let settings = json!({"panics": {"panic_at": "health"}});
    let world = World::with(
        &["panics"],
        Setup {
            settings,
            ..Setup::default()
        },
    );
    world.host.load_all().await;
    assert_eq!(world.state("panics"), "failed: the plugin crashed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_became_something_else_leaves_the_old_version_running() {
    let world = World::started(&["echo"]).await;
    let file = world.host.info("echo").unwrap().path;
    fs::remove_file(&file).unwrap();
    fs::write(&file, "half a library").unwrap();
    let error = world.host.reload("echo").await.unwrap_err().to_string();
    assert!(error.starts_with("not a library: "), "{error}");
    assert_eq!(world.state("echo"), "started");
    world.command("echo", "/echo the old one").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn third_party_libraries_stay_in_memory_and_are_counted() {
    let unload = bot_core::plugin_host::UnloadPolicy::Never;
    let world = World::with(
        &["echo"],
        Setup {
            unload,
            ..Setup::default()
        },
    );
    world.load().await;
    let info = world.host.reload("echo").await.unwrap();
    assert_eq!((info.leaked, world.mapped().len()), (1, 2));
    world.command("echo", "/echo new").await.unwrap();
    assert_eq!(world.calls().len(), 1);
}
