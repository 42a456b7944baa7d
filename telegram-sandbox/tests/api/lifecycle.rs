//! Starting, stopping, the page and its stream.

use std::time::{Duration, Instant};

use serde_json::json;
use telegram_sandbox::{Options, Sandbox, World, run};
use tokio::net::TcpListener;

use crate::bed::{ADA, Bed};

#[tokio::test]
async fn stopping_ends_open_polls_and_streams_at_once() {
    let bed = Bed::new().await;
    let url = bed.url("/bot1:sandbox/getUpdates?timeout=50");
    let stream = bed.url("/sandbox/api/stream");
    let http = bed.http().clone();
    #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
    let poll = tokio::spawn(http.get(url).send());
    #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
    let events = http.get(stream).send().await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let started = Instant::now();
    bed.sandbox.stop().await;
    assert!(started.elapsed() < Duration::from_millis(900));
    let answer: serde_json::Value = poll.await.unwrap().unwrap().json().await.unwrap();
    assert_eq!(answer, json!({"ok": true, "result": []}));
    assert!(events.text().await.unwrap().contains("\"cursor\""));
}

#[tokio::test]
async fn a_world_outlives_its_server() {
    let bed = Bed::new().await;
    bed.write(ADA, ADA, "remember").await;
    let world = bed.sandbox.world();
    bed.sandbox.stop().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://{}/bot1:sandbox/getUpdates",
        listener.local_addr().unwrap()
    );
    tokio::spawn(run(listener, world, std::future::pending()));
    #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
    let answer: serde_json::Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    assert_eq!(answer["result"][0]["message"]["text"], "remember");
}

#[tokio::test]
async fn a_dropped_sandbox_stops_listening() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let addr = sandbox.addr;
    drop(sandbox);
    for _ in 0..50 {
        if tokio::net::TcpStream::connect(addr).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it still listens");
}

#[tokio::test]
async fn an_empty_world_has_only_the_bot() {
    let world = World::new(Options {
        token: "77:other".to_owned(),
        ..Options::default()
    });
    world.start_ids_at(1000);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(run(listener, world, std::future::pending()));
    #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
    let me = reqwest::get(format!("{base}/bot77:other/getMe"))
        .await
        .unwrap();
    let me: serde_json::Value = me.json().await.unwrap();
    assert_eq!(me["result"]["id"], 77);
    #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
    let users = reqwest::get(format!("{base}/sandbox/api/users"))
        .await
        .unwrap();
    let users: serde_json::Value = users.json().await.unwrap();
    assert_eq!(users, json!({"users": []}));
}

#[tokio::test]
async fn the_page_is_served_with_its_files_and_a_policy() {
    let bed = Bed::new().await;
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/page/chat.css", "text/css; charset=utf-8"),
        ("/page/main.js", "text/javascript; charset=utf-8"),
    ] {
        #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
        let response = bed.http().get(bed.url(path)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], kind);
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .unwrap();
        assert!(policy.contains("script-src 'self'"), "{policy}");
        assert!(!response.text().await.unwrap().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn other_web_sites_cannot_use_the_browser_to_act() {
    let bed = Bed::new().await;
    for origin in ["https://example.org", "null"] {
        let body = json!({"from": ADA, "chat": ADA, "text": "forged"}).to_string();
        let request = bed.http().post(bed.url("/sandbox/api/messages"));
        #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
        let response = request
            .header("origin", origin)
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 403);
    }
    assert_eq!(bed.shown(ADA).await.len(), 0);
}
