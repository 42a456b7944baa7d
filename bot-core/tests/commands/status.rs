//! `/status`, and updates that were kept.

use serde_json::json;

use crate::bed::{ADA, Bed, LIM, stories};
use crate::chat::Talk;

stories!(
    an_update_that_nobody_can_read_is_shown_and_tried_again,
    plugins_say_that_there_are_none
);

async fn an_update_that_nobody_can_read_is_shown_and_tried_again(bed: Bed) {
    let talk = Talk::start(bed, &[]).await;
    talk.post(
        "raw",
        json!({ "message": { "message_id": "not a number", "<b>": 1 } }),
    )
    .await;
    let until = std::time::Instant::now() + std::time::Duration::from_secs(15);
    while talk.bed.count("updates WHERE state = 2").await == 0 {
        assert!(std::time::Instant::now() < until, "nothing was kept");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let status = talk.asks(ADA, "/status", "1 unparsed").await;
    talk.presses(ADA, ADA, &status, "Kept updates").await;
    let kept = talk.sees(ADA, status.id - 1, "not understood").await;
    talk.presses(ADA, ADA, &kept, "Show").await;
    talk.sees(ADA, kept.id, "not a number").await;
    talk.presses(ADA, ADA, &kept, "Retry").await;
    assert_eq!(
        talk.bed
            .count("audit_log WHERE action = 'update.retry'")
            .await,
        1
    );
    // An operator sees the figures and not the messages.
    talk.asks(ADA, "/grant 1002 operator", "has the role operator")
        .await;
    let status = talk.asks(LIM, "/status", "Updates").await;
    assert!(
        !status.buttons.iter().any(|(text, _)| text.contains("Kept")),
        "{status:?}"
    );
    let refused = talk.forges(LIM, "c:kept:0").await;
    assert!(refused.contains("core.status.manage"), "{refused}");
    talk.end().await;
}

async fn plugins_say_that_there_are_none(bed: Bed) {
    let talk = Talk::start(bed, &[]).await;
    talk.asks(ADA, "/plugins", "No plugin was found").await;
    talk.asks(ADA, "/plugin task reload", "There is no plugin task")
        .await;
    talk.end().await;
}
