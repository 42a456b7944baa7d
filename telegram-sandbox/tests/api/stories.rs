//! The control API's side of stories; what bots make of them is in tests/frameworks.rs.

use serde_json::json;
use telegram_sandbox::story::{Player, Story};

use crate::bed::{ADA, Bed, LIM, OPS, PNG, file};

async fn text(bed: &Bed, query: &str) -> String {
    let (status, body) = bed.fetch(&format!("/sandbox/api/story{query}")).await;
    assert_eq!(status, 200);
    String::from_utf8(body).unwrap()
}

#[tokio::test]
async fn what_happened_is_written_and_read_again() {
    let bed = Bed::new().await;
    bed.write(ADA, OPS, "Look at {this}\nand that").await;
    let keyboard = json!({"inline_keyboard": [[
        {"text": "Done", "callback_data": "d"},
        {"text": "Site", "url": "https://example.org/?a=1"},
    ]]});
    let sent = json!({
        "chat_id": OPS, "text": "At 12:30: <b>a</b>", "parse_mode": "HTML", "reply_markup": keyboard,
    });
    let first = bed.ok("sendMessage", sent).await;
    bed.send(OPS, "And more").await;
    let press = json!({
        "from": LIM, "chat": OPS, "message_id": first["message_id"], "text": "Done", "wait": 0,
    });
    let query = bed.post("clicks", press).await;
    let answer =
        json!({"callback_query_id": query["callback_query_id"], "text": "No!", "show_alert": true});
    bed.ok("answerCallbackQuery", answer).await;
    let edit = json!({"chat_id": OPS, "message_id": first["message_id"], "text": "Changed"});
    bed.ok("editMessageText", edit).await;
    let form = reqwest::multipart::Form::new()
        .text("from", ADA.to_string())
        .text("chat", ADA.to_string())
        .text("caption", "A picture")
        .part("photo", file("a.png", PNG));
    bed.upload(form).await;
    let place =
        json!({"from": ADA, "chat": ADA, "location": {"latitude": 52.5, "longitude": 13.25}});
    bed.post("messages", place).await;
    let story = text(&bed, "?title=Mine").await;
    let expected = "story: Mine

person Ada 1001 @ada language=en
person Lim 1002 @lim language=en
person Gus 1003 @gus language=en
supergroup Ops -1001 of Ada, Lim, Gus

Ada in Ops: Look at {{this}
  | and that
bot #m1: At {time}: <b>a</b>
  [Done] [Site](https://example.org/?a=1)
bot: And more

Lim in Ops presses [Done]
  alerts: No!
bot edits #m1: Changed

Ada: A picture
  + photo

Ada:
  + location : 52.5 13.25
";
    assert_eq!(story, expected);
    let read = Story::parse(&story).unwrap();
    assert_eq!(read.to_text(), story, "reading and writing are one");
    let of_ada = text(&bed, &format!("?chat={ADA}")).await;
    assert!(
        of_ada.contains("Ada: A picture") && !of_ada.contains("Done"),
        "{of_ada}"
    );
}

#[tokio::test]
async fn a_story_says_where_it_cannot_be_read() {
    for (story, line, reason) in [
        ("person Ada 1\n\nLim: hello", 3, "who is Lim?"),
        (
            "person Ada 1\nAda shouts",
            2,
            "`shouts` is nothing that can be done",
        ),
        (
            "person Ada 1\nAda edits #x: y",
            2,
            "no message above is called #x",
        ),
        ("person Ada 1\nAda in Ops: y", 2, "there is no chat Ops"),
        ("bot: y", 1, "nobody has written yet"),
        ("person Ada", 1, "it should be `person Ada 1001"),
        ("person Ada 1\nAda: x\n  what", 3, "below a text stand"),
        ("person Ada 1\nAda presses Done", 2, "needs a [button]"),
    ] {
        let error = Story::parse(story).unwrap_err();
        assert_eq!(error.line, line, "{story}: {error}");
        assert!(error.reason.contains(reason), "{story}: {error}");
    }
}

#[tokio::test]
async fn a_silent_bot_and_a_button_that_is_not_there_are_told() {
    let bed = Bed::new().await;
    let player = Player::new(&bed.sandbox.url())
        .patience(std::time::Duration::from_millis(200))
        .settle(std::time::Duration::ZERO);
    let silent = Story::parse("person Ada 1001\nAda: hi\nbot: Hello\nAda: and now?").unwrap();
    let outcome = player.play(&silent).await.unwrap();
    assert!(!outcome.passed);
    assert_eq!(outcome.diff, "  Ada: hi\n- bot: Hello\n- Ada: and now?\n");
    let missing = Story::parse("person Ada 1001\nAda presses [Go]").unwrap();
    let outcome = player.play(&missing).await.unwrap();
    let (line, reason) = &outcome.refused[0];
    assert_eq!(*line, 2);
    assert_eq!(reason, "no message in Ada has the button [Go]");
}

#[tokio::test]
async fn topics_have_names_when_they_are_recorded_and_when_they_are_played() {
    let bed = Bed::new().await;
    let forum = json!({"id": -9, "type": "supergroup", "title": "Forum", "members": [ADA], "is_forum": true});
    bed.post("chats", forum).await;
    let opened = json!({"from": ADA, "chat": -9, "name": "Big lunch"});
    let lunch = bed.post("topics", opened).await["message_thread_id"].clone();
    let said = json!({"from": ADA, "chat": -9, "thread": lunch, "text": "Soup?"});
    bed.post("messages", said).await;
    bed.ok(
        "sendMessage",
        json!({"chat_id": -9, "message_thread_id": lunch, "text": "Soup."}),
    )
    .await;
    let deploys = bed
        .ok(
            "createForumTopic",
            json!({"chat_id": -9, "name": "Deploys"}),
        )
        .await;
    let said =
        json!({"chat_id": -9, "message_thread_id": deploys["message_thread_id"], "text": "1.4"});
    bed.ok("sendMessage", said).await;
    let story = text(&bed, "").await;
    let told = "
Ada opens Big_lunch \"Big lunch\" in Forum

Ada in Forum/Big_lunch: Soup?
bot: Soup.
bot opens Deploys in Forum
bot in Forum/Deploys: 1.4
";
    assert!(story.ends_with(told), "{story}");
    let story = Story::parse(&story).unwrap();

    // A bot that does the same in another world, where other ids are next.
    let other = Bed::new().await;
    let player = Player::new(&other.sandbox.url());
    let bot = async {
        let chat = json!({"chat_id": -9});
        let mut thread = json!(null);
        while thread.is_null() {
            let updates = other.updates().await;
            let soup = updates
                .iter()
                .find(|update| update["message"]["text"] == "Soup?");
            thread = soup.map_or(json!(null), |update| {
                update["message"]["message_thread_id"].clone()
            });
        }
        let said = json!({"chat_id": -9, "message_thread_id": thread, "text": "Soup."});
        other.ok("sendMessage", said).await;
        let mut opened = chat.clone();
        opened["name"] = json!("Deploys");
        let deploys = other.ok("createForumTopic", opened).await;
        let said = json!({"chat_id": -9, "message_thread_id": deploys["message_thread_id"], "text": "1.4"});
        other.ok("sendMessage", said).await;
    };
    let (outcome, ()) = tokio::join!(player.play(&story), bot);
    let outcome = outcome.unwrap();
    assert!(outcome.passed, "{:?}\n{}", outcome.refused, outcome.diff);
}

#[tokio::test]
async fn an_imported_story_waits_for_what_it_presses() {
    let bed = Bed::new().await;
    let story = "person Ada 1001\nAda: /start\nAda presses [Go]\n  no answer\n";
    let story = Story::parse(story).unwrap();
    let player = Player::new(&bed.sandbox.url());
    let bot = async {
        while bed.updates().await.is_empty() {}
        // A slow one: everything that does not wait is refused by now.
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let keyboard = json!({"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]});
        bed.ok(
            "sendMessage",
            json!({"chat_id": ADA, "text": "Ready?", "reply_markup": keyboard}),
        )
        .await;
    };
    let (outcome, ()) = tokio::join!(player.play(&story), bot);
    let outcome = outcome.unwrap();
    assert_eq!(outcome.refused, []);
    assert!(
        outcome
            .actual
            .to_text()
            .contains("Ada presses [Go]\n  no answer"),
        "{}",
        outcome.actual.to_text()
    );
}
