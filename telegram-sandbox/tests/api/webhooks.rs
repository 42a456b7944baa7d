//! Webhooks: delivery, secret, retry, order, information. The bot's side is a small warp server.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use warp::Filter;
use warp::http::StatusCode;

use crate::bed::{ADA, Bed, LIM};

/// What arrived: the secret and the update.
type Arrived = Arc<Mutex<Vec<(Option<String>, Value)>>>;

struct Hook {
    url: String,
    arrived: Arrived,
}

impl Hook {
    /// A bot whose answer to an update `respond` decides, given how many came before.
    async fn new(
        respond: impl Fn(usize, &Value) -> StatusCode + Clone + Send + Sync + 'static,
    ) -> Self {
        Self::answering(move |before, update| (respond(before, update), json!({}))).await
    }

    /// A bot that answers with a body too.
    async fn answering(
        respond: impl Fn(usize, &Value) -> (StatusCode, Value) + Clone + Send + Sync + 'static,
    ) -> Self {
        let arrived = Arrived::default();
        let into = arrived.clone();
        let route = warp::post()
            .and(warp::header::optional("x-telegram-bot-api-secret-token"))
            .and(warp::body::json())
            .map(move |secret: Option<String>, update: Value| {
                let mut arrived = into.lock().unwrap();
                let (status, body) = respond(arrived.len(), &update);
                arrived.push((secret, update));
                warp::reply::with_status(warp::reply::json(&body), status)
            });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(warp::serve(route).incoming(listener).run());
        Self { url, arrived }
    }

    async fn texts_once_there_are(&self, count: usize) -> Vec<String> {
        for _ in 0..200 {
            let arrived = self.arrived.lock().unwrap().clone();
            if arrived.len() >= count {
                let text = |(_, update): &(_, Value)| {
                    update["message"]["text"].as_str().unwrap().to_owned()
                };
                return arrived.iter().map(text).collect();
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!(
            "only {} updates arrived",
            self.arrived.lock().unwrap().len()
        );
    }
}

#[tokio::test]
async fn updates_are_delivered_with_the_secret_and_pending_ones_first() {
    let bed = Bed::new().await;
    bed.write(ADA, ADA, "before").await;
    let hook = Hook::new(|_, _| StatusCode::OK).await;
    bed.ok(
        "setWebhook",
        json!({"url": hook.url, "secret_token": "s-3_x"}),
    )
    .await;
    bed.write(ADA, ADA, "after").await;
    assert_eq!(hook.texts_once_there_are(2).await, ["before", "after"]);
    let arrived = hook.arrived.lock().unwrap().clone();
    assert!(
        arrived
            .iter()
            .all(|(secret, _)| secret.as_deref() == Some("s-3_x"))
    );
    assert!(arrived[0].1["update_id"].is_i64());
    tokio::time::sleep(Duration::from_millis(100)).await;
    let info = bed.ok("getWebhookInfo", json!({})).await;
    assert_eq!(info["url"], json!(hook.url));
    assert_eq!(info["pending_update_count"], 0);
    assert_eq!(info["max_connections"], 40);
}

#[tokio::test]
async fn an_update_is_repeated_until_2xx_and_its_chat_waits_but_others_do_not() {
    let bed = Bed::new().await;
    let hook = Hook::new(|_, update| {
        static REFUSED: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let from_ada = update["message"]["chat"]["id"] == ADA;
        if from_ada && REFUSED.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < 2 {
            return StatusCode::INTERNAL_SERVER_ERROR;
        }
        StatusCode::OK
    })
    .await;
    bed.ok("setWebhook", json!({"url": hook.url})).await;
    bed.write(ADA, ADA, "a1").await;
    bed.write(ADA, ADA, "a2").await;
    bed.write(LIM, LIM, "l1").await;
    let texts = hook.texts_once_there_are(5).await;
    let of_ada: Vec<_> = texts.iter().filter(|text| text.starts_with('a')).collect();
    assert_eq!(of_ada, ["a1", "a1", "a1", "a2"]);
    let lim = texts.iter().position(|text| text == "l1").unwrap();
    assert!(lim < 3, "Lim did not wait for Ada: {texts:?}");
    let info = bed.ok("getWebhookInfo", json!({})).await;
    assert_eq!(
        info["last_error_message"],
        "Wrong response from the webhook: 500 Internal Server Error"
    );
    assert!(info["last_error_date"].is_i64());
}

#[tokio::test]
async fn an_unreachable_webhook_keeps_updates_pending_and_polling_gets_them_later() {
    let bed = Bed::new().await;
    bed.ok("setWebhook", json!({"url": "http://127.0.0.1:9/x"}))
        .await;
    bed.write(ADA, ADA, "one").await;
    bed.write(LIM, LIM, "two").await;
    let mut info = json!({});
    for _ in 0..100 {
        info = bed.ok("getWebhookInfo", json!({})).await;
        if info.get("last_error_message").is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(info["pending_update_count"], 2);
    assert_eq!(info["last_error_message"], "Connection refused");
    bed.ok("deleteWebhook", json!({})).await;
    let texts: Vec<_> = bed.updates().await;
    assert_eq!(texts[0]["message"]["text"], "one");
    assert_eq!(texts[1]["message"]["text"], "two");
}

#[tokio::test]
async fn pending_updates_are_dropped_on_request_and_a_poll_ends_when_a_webhook_is_set() {
    let bed = Bed::new().await;
    bed.write(ADA, ADA, "old").await;
    bed.ok("deleteWebhook", json!({"drop_pending_updates": true}))
        .await;
    assert_eq!(bed.updates().await.len(), 0);
    let (poll, _) = tokio::join!(bed.call("getUpdates", json!({"timeout": 10})), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        bed.ok("setWebhook", json!({"url": "http://127.0.0.1:9/x"}))
            .await
    });
    assert_eq!(
        poll.1["description"],
        "Conflict: terminated by setWebhook request"
    );
}

#[tokio::test]
async fn wrong_webhooks_are_refused() {
    let bed = Bed::new().await;
    assert_eq!(
        bed.refused("setWebhook", json!({"url": "nonsense"})).await,
        "400 Bad Request: invalid webhook URL specified"
    );
    let params = json!({"url": "http://127.0.0.1/x", "secret_token": "ä"});
    assert_eq!(
        bed.refused("setWebhook", params).await,
        "400 Bad Request: secret token contains unallowed characters"
    );
}

#[tokio::test]
async fn a_method_in_the_answer_is_called() {
    let bed = Bed::new().await;
    let hook = Hook::answering(|_, update| {
        let reply = json!({
            "method": "sendMessage", "chat_id": update["message"]["chat"]["id"], "text": "answered",
        });
        (StatusCode::OK, reply)
    })
    .await;
    bed.ok("setWebhook", json!({"url": hook.url})).await;
    bed.write(ADA, ADA, "hi").await;
    let cursor = bed.get("chats/1001/messages").await["cursor"].clone();
    if bed.shown(ADA).await.len() < 2 {
        let path = format!("chats/1001/messages?after={cursor}&wait=5000");
        bed.get(&path).await;
    }
    assert_eq!(bed.shown(ADA).await[1]["text"], "answered");
}

#[tokio::test]
async fn a_webhook_gets_updates_twice_and_out_of_order_if_it_is_told_to() {
    let bed = Bed::new().await;
    let hook = Hook::new(|_, _| StatusCode::OK).await;
    bed.ok("setWebhook", json!({"url": hook.url})).await;
    bed.post("deliveries", json!({"duplicate": 1})).await;
    bed.write(ADA, ADA, "one").await;
    assert_eq!(hook.texts_once_there_are(2).await, ["one", "one"]);
    {
        let arrived = hook.arrived.lock().unwrap();
        assert_eq!(arrived[0].1["update_id"], arrived[1].1["update_id"]);
    }
    bed.post("deliveries", json!({"swap": 1})).await;
    bed.write(ADA, ADA, "two").await;
    bed.write(ADA, ADA, "three").await;
    let texts = hook.texts_once_there_are(4).await;
    assert_eq!(texts[2..], ["three", "two"]);
}

#[tokio::test]
async fn only_the_kinds_that_were_asked_for_are_delivered() {
    let bed = Bed::new().await;
    let hook = Hook::new(|_, _| StatusCode::OK).await;
    let params = json!({"url": hook.url, "allowed_updates": ["message"], "max_connections": 1});
    bed.ok("setWebhook", params).await;
    let written = bed.write(ADA, ADA, "one").await;
    let edit = json!({
        "from": ADA, "chat": ADA, "message_id": written["message_id"], "text": "changed",
    });
    bed.post("edits", edit).await;
    bed.write(LIM, LIM, "two").await;
    assert_eq!(hook.texts_once_there_are(2).await, ["one", "two"]);
    let info = bed.ok("getWebhookInfo", json!({})).await;
    assert_eq!(info["allowed_updates"], json!(["message"]));
    assert_eq!(info["max_connections"], 1);
}

#[tokio::test]
async fn setting_and_deleting_say_what_changed() {
    let bed = Bed::new().await;
    let set = json!({"url": "http://127.0.0.1:9/x"});
    for (method, params, said) in [
        ("setWebhook", set.clone(), "Webhook was set"),
        ("setWebhook", set, "Webhook is already set"),
        ("deleteWebhook", json!({}), "Webhook was deleted"),
        ("deleteWebhook", json!({}), "Webhook is already deleted"),
    ] {
        let (_, body) = bed.call(method, params).await;
        assert_eq!(
            (&body["result"], &body["description"]),
            (&json!(true), &json!(said))
        );
    }
    let long = json!({"url": "http://127.0.0.1:9/x", "secret_token": "x".repeat(257)});
    assert_eq!(
        bed.refused("setWebhook", long).await,
        "400 Bad Request: secret token is too long"
    );
}

/// A bot whose answer to each update is this body of this type.
async fn answering_with(kind: &'static str, body: &'static str) -> String {
    let route = warp::post()
        .and(warp::body::bytes())
        .map(move |_| warp::reply::with_header(body, "content-type", kind));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(warp::serve(route).incoming(listener).run());
    url
}

#[tokio::test]
async fn a_call_in_the_answer_has_any_form_that_calls_have_and_is_listed_and_told() {
    for (kind, body) in [
        (
            "application/json",
            r#"{"method":"sendMessage","chat_id":1001,"text":"in the answer"}"#,
        ),
        (
            "application/x-www-form-urlencoded",
            "method=sendMessage&chat_id=1001&text=in+the+answer",
        ),
        (
            "multipart/form-data; boundary=XX",
            "--XX\r\ncontent-disposition: form-data; name=\"method\"\r\n\r\nsendMessage\r\n\
             --XX\r\ncontent-disposition: form-data; name=\"chat_id\"\r\n\r\n1001\r\n\
             --XX\r\ncontent-disposition: form-data; name=\"text\"\r\n\r\nin the answer\r\n--XX--\r\n",
        ),
    ] {
        let bed = Bed::new().await;
        let url = answering_with(kind, body).await;
        bed.ok("setWebhook", json!({"url": url})).await;
        bed.write(ADA, ADA, "hi").await;
        let listed = bed.get("calls?method=sendMessage&wait=5000").await;
        let call = &listed["calls"][0];
        assert_eq!(call["status"], 200, "{kind}: {listed}");
        assert_eq!(call["response"]["result"]["text"], "in the answer");
        let (_, story) = bed.fetch("/sandbox/api/story").await;
        let story = String::from_utf8(story).unwrap();
        assert!(story.contains("Ada: hi\nbot: in the answer\n"), "{story}");
    }
}

#[tokio::test]
async fn an_attempt_that_failed_is_not_repeated_at_an_address_that_was_given_up() {
    let bed = Bed::new().await;
    let old = Hook::new(|_, _| StatusCode::INTERNAL_SERVER_ERROR).await;
    let new = Hook::new(|_, _| StatusCode::INTERNAL_SERVER_ERROR).await;
    bed.ok("setWebhook", json!({"url": old.url})).await;
    bed.write(ADA, ADA, "hi").await;
    old.texts_once_there_are(2).await;
    bed.ok("setWebhook", json!({"url": new.url})).await;
    let before = old.arrived.lock().unwrap().len();
    // Five attempts here take longer than the third one would have waited there.
    new.texts_once_there_are(5).await;
    assert_eq!(old.arrived.lock().unwrap().len(), before);
}

#[tokio::test]
async fn addresses_that_telegram_would_not_call_are_refused() {
    let bed = Bed::new().await;
    for (url, reason) in [
        (
            "http://example.com/",
            "An HTTPS URL must be provided for webhook",
        ),
        (
            "https://example.com:1234/",
            "Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        ("https://10.0.0.1/x", "IP address 10.0.0.1 is reserved"),
        (
            "https://[2001:db8::1]/x",
            "IPv6-only addresses are not allowed",
        ),
    ] {
        assert_eq!(
            bed.refused("setWebhook", json!({"url": url})).await,
            format!("400 Bad Request: bad webhook: {reason}")
        );
    }
    let fixed = json!({"url": "https://example.com/", "ip_address": "192.168.0.7"});
    assert_eq!(
        bed.refused("setWebhook", fixed).await,
        "400 Bad Request: bad webhook: IP address 192.168.0.7 is reserved"
    );
    for url in [
        "https://example.com/x",
        "https://example.com:8443/x",
        "http://localhost:9/x",
        "http://bot:9/x",
    ] {
        bed.ok("setWebhook", json!({"url": url})).await;
    }
}
