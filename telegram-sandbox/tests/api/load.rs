//! The load source: every update is followed, and what a bot does wrong is seen.

use std::time::Duration;

use serde_json::{Value, json};
use telegram_sandbox::load::{self, Arrivals, Plan, null_bot};
use warp::Filter;

use crate::bed::Bed;

fn plan(chats: usize, updates: usize) -> Plan {
    Plan {
        chats,
        updates,
        ..Plan::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_that_answers_everything_in_order_is_clean() {
    let bed = Bed::new().await;
    let addr = bed.sandbox.addr;
    let bot = tokio::spawn(async move { null_bot(addr, "1:sandbox", 8).await });
    for arrivals in [Arrivals::Burst, Arrivals::Poisson(5_000.0)] {
        let plan = Plan {
            arrivals,
            warm_up: 100,
            ..plan(40, 1_000)
        };
        let report = load::run(&bed.sandbox.world(), &plan).await;
        assert!(report.is_clean(), "{report}");
        assert_eq!((report.handed_out, report.replied), (1_000, 1_000));
        let counted: usize = report
            .from_delivery
            .histogram
            .iter()
            .map(|(_, count)| count)
            .sum();
        assert_eq!(counted, 900, "what warms up is not measured");
        assert!(report.from_delivery.p50 <= report.from_writing.max);
    }
    bot.abort();
}

#[tokio::test]
async fn silence_disorder_and_talk_are_counted() {
    let bed = Bed::new().await;
    let plan = Plan {
        patience: Duration::from_millis(300),
        ..plan(2, 8)
    };
    let world = bed.sandbox.world();
    let bot = async {
        let mut updates = Vec::new();
        while updates.len() < 8 {
            updates = bed.updates().await;
        }
        let echo = |update: &Value| {
            let message = &update["message"];
            let text = message["text"].as_str().unwrap().replace("/echo ", "№ ");
            json!({"chat_id": message["chat"]["id"], "text": text})
        };
        // Updates 0, 2, 4, 6 are the first chat's: 6 is never answered, 4 comes before 2, and 0
        // is answered twice.
        for number in [0, 0, 4, 2, 1, 3, 5, 7] {
            bed.ok("sendMessage", echo(&updates[number])).await;
        }
    };
    let (report, ()) = tokio::join!(load::run(&world, &plan), bot);
    assert!(!report.is_clean());
    assert_eq!((report.replied, report.missing), (7, 1), "{report}");
    assert_eq!((report.reordered, report.more), (1, 1), "{report}");
}

#[tokio::test]
async fn a_webhook_is_loaded_too_and_a_reply_without_a_number_is_taken_in_turn() {
    let bed = Bed::new().await;
    let (http, api) = (bed.http().clone(), bed.url("/bot1:sandbox/sendMessage"));
    let hook = warp::body::json().then(move |update: Value| {
        let (http, api) = (http.clone(), api.clone());
        async move {
            let chat = &update["message"]["chat"]["id"];
            let reply = json!({"chat_id": chat, "text": "ok"});
            #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
            let sent = http.post(api).json(&reply).send().await.unwrap();
            assert!(sent.status().is_success());
            warp::reply()
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(warp::serve(hook).incoming(listener).run());
    bed.ok("setWebhook", json!({"url": url})).await;
    let report = load::run(&bed.sandbox.world(), &plan(5, 60)).await;
    assert!(report.is_clean(), "{report}");
}
