//! Plugins in C: one that behaves, and some that do what no Rust plugin can.

use std::time::Duration;

use bot_core::plugin_host::DeliverError;

use crate::fixtures;
use crate::world::{Setup, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_in_c_answers_a_command_and_leaves() {
    let world = World::new(&[]);
    let source = fixtures::workspace().join("tests/fixtures/c_plugin/plugin.c");
    fixtures::c_library(&world.dir, "ping_c", &source);
    world.load().await;
    world.command("ping_c", "/ping_c").await.unwrap();
    let calls = world.calls();
    assert_eq!(
        calls[0].body,
        serde_json::json!({"chat_id": 1001, "text": "pong from C"})
    );
    assert!(calls[0].update_id.is_some());
    assert_eq!(&*world.host.routes().callback("pc").unwrap(), "ping_c");
    assert_eq!(world.host.disable("ping_c").await.unwrap().leaked, 0);
    assert_eq!(world.mapped(), Vec::<String>::new(), "{}", world.lines());
}

/// A whole plugin, but for `ODDITY`: what it does with an update.
fn odd(name: &str, oddity: &str) -> String {
    let frame = r#"
#define _DEFAULT_SOURCE
#include "vahta_plugin.h"
#include <pthread.h>
#include <string.h>
#include <unistd.h>
VAHTA_MANIFEST("{\"name\":\"NAME\",\"version\":\"1\",\"title\":\"T\",\"publisher\":\"vahta\",\"commands\":[{\"name\":\"NAME\",\"description\":{\"en\":\"x\"}}]}");
static const vahta_host *the_host;
static vahta_bytes text(const char *s) { vahta_bytes b = {(const uint8_t *)s, strlen(s)}; return b; }
static int32_t start(const vahta_host *host, vahta_bytes config, void **instance) {
    (void)config; the_host = host; *instance = (void *)&the_host; return 0;
}
static void ok(vahta_reply reply) { reply.done(reply.state, VAHTA_OK, text("")); }
ODDITY
static void handle(void *instance, uint64_t ctx, uint32_t kind, vahta_bytes envelope, vahta_bytes body, vahta_reply reply) {
    (void)instance; (void)envelope; (void)body;
    if (kind == VAHTA_UPDATE) on_update(ctx, reply); else ok(reply);
}
static void cancel(void *instance, uint64_t ctx) { (void)instance; (void)ctx; }
#ifndef OWN_STOP
static void stop(void *instance, uint32_t grace_ms, vahta_reply reply) { (void)instance; (void)grace_ms; ok(reply); }
#endif
uint32_t vahta_abi_version(void) { return VAHTA_ABI; }
const vahta_plugin *vahta_plugin_entry(void) {
    static const vahta_plugin plugin = {sizeof plugin, VAHTA_ABI, start, handle, cancel, stop};
    return &plugin;
}
"#;
    frame.replace("ODDITY", oddity).replace("NAME", name)
}

async fn world_with(name: &str, oddity: &str, deadline: Duration) -> World {
    let world = World::with(
        &[],
        Setup {
            deadline,
            ..Setup::default()
        },
    );
    fixtures::c_library_of(&world.dir, name, &odd(name, oddity));
    world.load().await;
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answering_twice_harms_nobody() {
    let oddity = "static void on_update(uint64_t ctx, vahta_reply r) { (void)ctx; ok(r); ok(r); }";
    let world = world_with("twice", oddity, Duration::from_secs(30)).await;
    for _ in 0..100 {
        world.command("twice", "/twice").await.unwrap();
    }
    assert_eq!(world.host.disable("twice").await.unwrap().leaked, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_that_blocks_its_gate_is_contained_and_stays_in_memory() {
    let oddity = "static void on_update(uint64_t ctx, vahta_reply r) \
                  { (void)ctx; (void)r; for (;;) sleep(3600); }";
    let world = world_with("blocks", oddity, Duration::from_millis(100)).await;
    assert_eq!(
        world.command("blocks", "/blocks").await,
        Err(DeliverError::Deadline)
    );
    assert_eq!(
        world.command("blocks", "/blocks").await,
        Err(DeliverError::Deadline)
    );
    let info = world.host.disable("blocks").await.unwrap();
    assert_eq!((info.leaked, info.threads), (1, 1), "{}", world.lines());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undeclared_capability_is_refused_and_reported() {
    let oddity = r#"
static vahta_reply waiting;
static void answered(void *state, int32_t status, vahta_bytes bytes) {
    (void)state; waiting.done(waiting.state, status, bytes);
}
static void on_update(uint64_t ctx, vahta_reply r) {
    waiting = r;
    vahta_reply then = {NULL, answered};
    the_host->call(the_host->host, ctx, text("telegram.SendMessage"), text("{}"), then);
}"#;
    let world = world_with("sends", oddity, Duration::from_secs(30)).await;
    let error = world.command("sends", "/sends").await.unwrap_err();
    let DeliverError::Failed { code, message } = error else {
        panic!("{error}")
    };
    assert_eq!(code, "refused");
    let said = "telegram.SendMessage needs the capability `telegram.send`, \
                which the manifest does not declare";
    assert_eq!(message, said);
    assert_eq!(
        *world.services.refused.lock().unwrap(),
        ["sends telegram.SendMessage"]
    );
    assert_eq!(world.host.info("sends").unwrap().stats.refused_calls, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_is_not_the_callers_is_refused() {
    let oddity = r#"
static vahta_reply waiting;
static void answered(void *state, int32_t status, vahta_bytes bytes) {
    (void)state; waiting.done(waiting.state, status, bytes);
}
static void on_update(uint64_t ctx, vahta_reply r) {
    waiting = r;
    vahta_reply then = {NULL, answered};
    the_host->call(the_host->host, ctx + 1000000, text("db.ticket"), text(""), then);
}"#;
    let world = world_with("guesses", oddity, Duration::from_secs(30)).await;
    let error = world.command("guesses", "/guesses").await.unwrap_err();
    assert!(
        matches!(&error, DeliverError::Failed { code, .. } if code == "closed"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stop_answered_from_a_thread_of_the_plugin_does_not_unload_it() {
    let oddity = r"
#define OWN_STOP
static void on_update(uint64_t ctx, vahta_reply r) { (void)ctx; ok(r); }
static vahta_reply last;
static void *later(void *arg) { (void)arg; ok(last); return NULL; }
static void stop(void *instance, uint32_t grace_ms, vahta_reply reply) {
    (void)instance; (void)grace_ms; last = reply;
    pthread_t thread;
    pthread_create(&thread, NULL, later, NULL);
    pthread_detach(thread);
}";
    let world = world_with("detached", oddity, Duration::from_secs(30)).await;
    assert_eq!(world.host.disable("detached").await.unwrap().leaked, 1);
    assert!(
        world
            .lines()
            .contains("it answered stop from a thread of its own")
    );
}
