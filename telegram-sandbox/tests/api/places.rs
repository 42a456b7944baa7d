//! Places, contacts, dice: what is sent without a text.

use serde_json::json;

use crate::bed::{ADA, Bed, OPS, kinds};

#[tokio::test]
async fn places_and_venues_are_shown_as_points() {
    let bed = Bed::new().await;
    let point = json!({"chat_id": ADA, "latitude": 52.5, "longitude": 13.25});
    let sent = bed.ok("sendLocation", point).await;
    assert_eq!(
        sent["location"],
        json!({"latitude": 52.5, "longitude": 13.25})
    );
    let venue = json!({
        "chat_id": ADA, "latitude": "52.5", "longitude": "13.25",
        "title": "Office", "address": "Main street 1",
    });
    let sent = bed.ok("sendVenue", venue).await;
    assert_eq!(sent["venue"]["title"], "Office");
    assert_eq!(
        sent["venue"]["location"], sent["location"],
        "old bots read the point alone"
    );
}

#[tokio::test]
async fn wrong_places_are_refused() {
    let bed = Bed::new().await;
    for (params, refusal) in [
        (json!({"chat_id": ADA}), "latitude is empty"),
        (json!({"chat_id": ADA, "latitude": 1}), "longitude is empty"),
        (
            json!({"chat_id": ADA, "latitude": 1, "longitude": 1, "live_period": 10}),
            "wrong live location period specified",
        ),
        (
            json!({"chat_id": ADA, "latitude": 1, "longitude": 1, "live_period": 60, "heading": 400}),
            "wrong live location heading specified",
        ),
    ] {
        let given = bed.refused("sendLocation", params).await;
        assert_eq!(given, format!("400 Bad Request: {refusal}"));
    }
}

#[tokio::test]
async fn a_live_place_moves_until_it_is_stopped() {
    let bed = Bed::new().await;
    let start = json!({"chat_id": ADA, "latitude": 1, "longitude": 2, "live_period": 600});
    let sent = bed.ok("sendLocation", start).await;
    assert_eq!(sent["location"]["live_period"], 600);
    let moved = json!({
        "chat_id": ADA, "message_id": sent["message_id"],
        "latitude": 3, "longitude": 4, "heading": 90,
    });
    let now = bed.ok("editMessageLiveLocation", moved.clone()).await;
    assert_eq!(now["location"]["latitude"], 3.0);
    assert_eq!(now["location"]["heading"], 90);
    let of = json!({"chat_id": ADA, "message_id": sent["message_id"]});
    bed.ok("stopMessageLiveLocation", of).await;
    assert_eq!(
        bed.refused("editMessageLiveLocation", moved).await,
        "400 Bad Request: message can't be edited"
    );
    let text = bed.send(ADA, "no place").await;
    let of =
        json!({"chat_id": ADA, "message_id": text["message_id"], "latitude": 3, "longitude": 4});
    assert_eq!(
        bed.refused("editMessageLiveLocation", of).await,
        "400 Bad Request: there is no live location in the message to edit"
    );
}

#[tokio::test]
async fn a_live_place_ends_with_its_time() {
    let bed = Bed::new().await;
    let start = json!({"chat_id": ADA, "latitude": 1, "longitude": 2, "live_period": 60});
    let sent = bed.ok("sendLocation", start).await;
    bed.advance(61).await;
    let moved = json!({
        "chat_id": ADA, "message_id": sent["message_id"], "latitude": 3, "longitude": 4,
    });
    assert_eq!(
        bed.refused("editMessageLiveLocation", moved).await,
        "400 Bad Request: message can't be edited"
    );
}

#[tokio::test]
async fn a_contact_has_a_number_and_a_name() {
    let bed = Bed::new().await;
    let contact = json!({"chat_id": ADA, "phone_number": "+49 30 1", "first_name": "Eve"});
    let sent = bed.ok("sendContact", contact).await;
    assert_eq!(sent["contact"]["first_name"], "Eve");
    for (params, refusal) in [
        (
            json!({"chat_id": ADA, "first_name": "Eve"}),
            "parameter \"phone_number\" is required",
        ),
        (
            json!({"chat_id": ADA, "phone_number": "1"}),
            "parameter \"first_name\" is required",
        ),
    ] {
        let given = bed.refused("sendContact", params).await;
        assert_eq!(given, format!("400 Bad Request: {refusal}"));
    }
}

#[tokio::test]
async fn dice_fall_within_their_faces() {
    let bed = Bed::new().await;
    for (emoji, most) in [("🎲", 6), ("🏀", 5), ("🎰", 64)] {
        let sent = bed
            .ok("sendDice", json!({"chat_id": ADA, "emoji": emoji}))
            .await;
        let value = sent["dice"]["value"].as_i64().unwrap();
        assert!((1..=most).contains(&value), "{emoji} {value}");
        assert_eq!(sent["dice"]["emoji"], emoji);
    }
    assert_eq!(
        bed.refused("sendDice", json!({"chat_id": ADA, "emoji": "🐟"}))
            .await,
        "400 Bad Request: invalid dice emoji specified"
    );
}

#[tokio::test]
async fn people_send_places_and_contacts_too() {
    let bed = Bed::new().await;
    let place = json!({"latitude": 1.5, "longitude": 2.5});
    bed.post(
        "messages",
        json!({"from": ADA, "chat": ADA, "location": place}),
    )
    .await;
    let contact = json!({"phone_number": "+1", "first_name": "Ada", "user_id": ADA});
    bed.post(
        "messages",
        json!({"from": ADA, "chat": OPS, "contact": contact}),
    )
    .await;
    let updates = bed.take_updates().await;
    assert_eq!(kinds(&updates), ["message", "message"]);
    assert_eq!(updates[0]["message"]["location"], place);
    assert_eq!(updates[1]["message"]["contact"]["user_id"], ADA);
}
