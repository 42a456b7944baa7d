//! Too much at once.

use std::time::Duration;

use crate::bed::{ADA, Bed, LIM, stories};
use crate::chat::Talk;

stories!(over_the_limit_one_notice_then_silence_and_an_admin_can_change_it);

async fn over_the_limit_one_notice_then_silence_and_an_admin_can_change_it(bed: Bed) {
    let talk = Talk::start(bed, &[]).await;
    talk.asks(ADA, "/grant 1002 operator", "has the role operator")
        .await;
    talk.asks(
        ADA,
        "/limits user 3 1",
        "A person: 3 at once, then 1 a second",
    )
    .await;
    for _ in 0..12 {
        talk.says(LIM, LIM, "/whoami").await;
    }
    let notice = talk.sees(LIM, 0, "That was too much at once").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let shown = talk.shown(LIM).await;
    let answered = shown
        .iter()
        .filter(|m| m.text.contains("Telegram id"))
        .count();
    assert!((3..=6).contains(&answered), "{answered} answers");
    assert_eq!(shown.iter().filter(|m| m.text == notice.text).count(), 1);
    talk.asks(ADA, "/limits", "by the person's limit").await;
    assert!(talk.app.limits.dropped().user >= 6);
    // Lim may look, and change nothing.
    tokio::time::sleep(Duration::from_secs(2)).await;
    talk.asks(LIM, "/limits user 99 9", "core.limits.manage")
        .await;
    talk.asks(ADA, "/limits user default", "A person: 60 at once")
        .await;
    talk.asks(ADA, "/limits user 0 1", "Usage: /limits").await;
    talk.end().await;
}
