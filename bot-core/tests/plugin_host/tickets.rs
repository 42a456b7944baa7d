//! The writer's ticket at the border: it comes back whatever becomes of the plugin.

use std::time::Duration;

use bot_core::plugin_host::WriterDesk;

use crate::fixtures;
use crate::world::{Setup, World};

/// Takes a ticket with every update and never gives it back.
const HOARDER: &str = r#"
#include "vahta_plugin.h"
#include <string.h>
VAHTA_MANIFEST("{\"name\":\"hoarder\",\"version\":\"1\",\"title\":\"T\",\"publisher\":\"vahta\",\"capabilities\":[\"database\"]}");
static const vahta_host *the_host;
static vahta_reply waiting;
static vahta_bytes text(const char *s) { vahta_bytes b = {(const uint8_t *)s, strlen(s)}; return b; }
static int32_t start(const vahta_host *host, vahta_bytes config, void **instance) {
    (void)config; the_host = host; *instance = (void *)&the_host; return 0;
}
static void granted(void *state, int32_t status, vahta_bytes bytes) {
    (void)state; waiting.done(waiting.state, status, bytes);
}
static void handle(void *instance, uint64_t ctx, uint32_t kind, vahta_bytes envelope, vahta_bytes body, vahta_reply reply) {
    (void)instance; (void)envelope; (void)body;
    if (kind != VAHTA_UPDATE) { reply.done(reply.state, VAHTA_OK, text("")); return; }
    waiting = reply;
    vahta_reply then = {NULL, granted};
    the_host->call(the_host->host, ctx, text("db.ticket"), text(""), then);
}
static void cancel(void *instance, uint64_t ctx) { (void)instance; (void)ctx; }
static void stop(void *instance, uint32_t grace_ms, vahta_reply reply) {
    (void)instance; (void)grace_ms; reply.done(reply.state, VAHTA_OK, text(""));
}
uint32_t vahta_abi_version(void) { return VAHTA_ABI; }
const vahta_plugin *vahta_plugin_entry(void) {
    static const vahta_plugin plugin = {sizeof plugin, VAHTA_ABI, start, handle, cancel, stop};
    return &plugin;
}
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_comes_back_when_its_plugin_ends() {
    let desk = WriterDesk::default();
    let world = World::with(
        &[],
        Setup {
            desk: desk.clone(),
            ..Setup::default()
        },
    );
    fixtures::c_library_of(&world.dir, "hoarder", HOARDER);
    world.load().await;
    let granted = world.command("hoarder", "/x").await.unwrap();
    assert!(granted.starts_with(br#"{"ticket":"#), "{granted:?}");
    let core = tokio::spawn(async move { drop(desk.take().await) });
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(!core.is_finished(), "the plugin holds the ticket");
    world.host.disable("hoarder").await.unwrap();
    core.await.unwrap();
}

/// The same, and with the ticket in its hands it never returns.
fn stuck() -> String {
    let returns = "(void)state; waiting.done(waiting.state, status, bytes);";
    assert!(HOARDER.contains(returns));
    HOARDER
        .replace(
            returns,
            "(void)state; waiting.done(waiting.state, status, bytes); for (;;) pause();",
        )
        .replace(
            "#include <string.h>",
            "#include <string.h>\n#include <unistd.h>",
        )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_that_is_disabled_inside_its_transaction_stays_watched() {
    let desk = WriterDesk::default();
    let world = World::with(
        &[],
        Setup {
            desk: desk.clone(),
            ..Setup::default()
        },
    );
    fixtures::c_library_of(&world.dir, "hoarder", &stuck());
    world.load().await;
    world.command("hoarder", "/x").await.unwrap();
    world.host.disable("hoarder").await.unwrap();
    // Nobody writes into a database that is locked; the watchdog knows whose fault it is.
    let core = tokio::spawn({
        let desk = desk.clone();
        async move { drop(desk.take().await) }
    });
    let overdue = desk.overdue(Duration::from_millis(1)).await;
    assert_eq!(&*overdue.plugin, "hoarder");
    assert!(!core.is_finished());
    core.abort();
}
