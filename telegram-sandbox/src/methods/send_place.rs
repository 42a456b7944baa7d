//! `sendLocation`, `sendVenue`, `editMessageLiveLocation`, `stopMessageLiveLocation`,
//! <https://core.telegram.org/bots/api#sendlocation>.

use serde_json::{Value, json};

use super::input::Sending;
use super::{Answer, Outcome, edit, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{Content, Place};
use crate::world::State;
use crate::world::messages::Draft;

/// A live location that lasts until it is stopped.
const FOR_EVER: i64 = 0x7fff_ffff;

/// Latitude, longitude and accuracy as they were given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    latitude: f64,
    longitude: f64,
    accuracy: Option<f64>,
}

impl Point {
    pub(crate) fn new(latitude: f64, longitude: f64, accuracy: Option<f64>) -> Self {
        Self {
            latitude,
            longitude,
            accuracy: accuracy.filter(|meters| *meters > 0.0),
        }
    }

    fn read(params: &Params) -> Result<Self, ApiError> {
        let text = |field: &str| {
            let given = params.owned(field).unwrap_or_default();
            let trimmed = given.trim().to_owned();
            match trimmed.is_empty() {
                true => Err(ApiError::bad_request(format!("{field} is empty"))),
                false => Ok(leading_number(&trimmed)),
            }
        };
        let accuracy = params.owned("horizontal_accuracy");
        Ok(Self::new(
            text("latitude")?,
            text("longitude")?,
            accuracy.map(|text| leading_number(text.trim())),
        ))
    }

    /// `Location`; `what` is it in the refusal of a point off the map.
    pub(crate) fn show(self, what: &str) -> Result<Value, ApiError> {
        let on_map = self.latitude.abs() <= 90.0 && self.longitude.abs() <= 180.0;
        if !on_map {
            return Err(ApiError::bad_request(format!("wrong {what} specified")));
        }
        let mut shown = json!({"latitude": self.latitude, "longitude": self.longitude});
        if let Some(meters) = self.accuracy {
            shown["horizontal_accuracy"] = json!(meters.min(1500.0).ceil());
        }
        Ok(shown)
    }
}

/// As C's `strtod`: what is a number at the start counts, else 0.
fn leading_number(text: &str) -> f64 {
    let length = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')))
        .unwrap_or(text.len());
    text[..length].parse().unwrap_or(0.0)
}

pub(crate) fn location(state: &mut State, params: &Params) -> Outcome {
    let point = Point::read(params)?;
    let sending = Sending::read(params)?;
    let chat = input::target(state, params)?;
    input::may_send(state, chat, "locations", |may| may.can_send_messages)?;
    let mut shown = point.show("location")?;
    let period = params.integer("live_period").unwrap_or(0);
    if period != 0 && period != FOR_EVER && !(60..=86_400).contains(&period) {
        let reason = "wrong live location period specified";
        return Err(ApiError::bad_request(reason));
    }
    live_traits(params, &mut shown, period != 0)?;
    if period != 0 {
        shown["live_period"] = json!(period);
    }
    send(
        state,
        chat,
        sending,
        Place {
            venue: None,
            location: shown,
        },
    )
}

/// `heading` and `proximity_alert_radius` of a live location.
fn live_traits(params: &Params, shown: &mut Value, live: bool) -> Result<(), ApiError> {
    let heading = params.integer("heading").unwrap_or(0);
    if heading != 0 && !(1..=360).contains(&heading) {
        let reason = "wrong live location heading specified";
        return Err(ApiError::bad_request(reason));
    }
    let radius = params.integer("proximity_alert_radius").unwrap_or(0);
    if !(0..=100_000).contains(&radius) {
        let reason = "wrong live location proximity alert radius specified";
        return Err(ApiError::bad_request(reason));
    }
    if live && heading != 0 {
        shown["heading"] = json!(heading);
    }
    if live && radius != 0 {
        shown["proximity_alert_radius"] = json!(radius);
    }
    Ok(())
}

pub(crate) fn venue(state: &mut State, params: &Params) -> Outcome {
    let point = Point::read(params)?;
    let sending = Sending::read(params)?;
    let chat = input::target(state, params)?;
    input::may_send(state, chat, "venues", |may| may.can_send_messages)?;
    let location = point.show("venue location")?;
    let mut shown = json!({
        "location": location,
        "title": params.text("title").unwrap_or_default(),
        "address": params.text("address").unwrap_or_default(),
    });
    for field in [
        "foursquare_id",
        "foursquare_type",
        "google_place_id",
        "google_place_type",
    ] {
        if let Some(value) = params.text(field).filter(|value| !value.is_empty()) {
            shown[field] = json!(value);
        }
    }
    let place = Place {
        venue: Some(shown),
        location,
    };
    send(state, chat, sending, place)
}

fn send(state: &mut State, chat: i64, sending: Sending, place: Place) -> Outcome {
    let mut draft = Draft::from(Content::Place(place));
    sending.complete(state, chat, &mut draft)?;
    Ok(Answer::Message(input::post(state, chat, draft)?))
}

pub(crate) fn edit_live(state: &mut State, params: &Params) -> Outcome {
    let point = Point::read(params)?;
    let target = edit::target(state, params)?;
    let before = live(&target.message, state.now())?;
    let mut shown = point.show("location")?;
    live_traits(params, &mut shown, true)?;
    shown["live_period"] = match params.integer("live_period") {
        Some(period) => json!(period),
        None => before["live_period"].clone(),
    };
    let place = Place {
        venue: None,
        location: shown,
    };
    target.finish(state, Content::Place(place))
}

/// The place stays, but nobody follows it any more.
pub(crate) fn stop_live(state: &mut State, params: &Params) -> Outcome {
    let target = edit::target(state, params)?;
    let mut shown = live(&target.message, state.now())?;
    if let Some(fields) = shown.as_object_mut() {
        for live in ["live_period", "heading", "proximity_alert_radius"] {
            fields.remove(live);
        }
    }
    let place = Place {
        venue: None,
        location: shown,
    };
    target.finish(state, Content::Place(place))
}

/// The location of a message, if it is live still.
fn live(message: &crate::types::Message, now: i64) -> Result<Value, ApiError> {
    let refused = || ApiError::bad_request("message can't be edited");
    let Content::Place(place) = &message.content else {
        let reason = "there is no live location in the message to edit";
        return Err(ApiError::bad_request(reason));
    };
    let period = place.location["live_period"].as_i64().ok_or_else(refused)?;
    let over = period != FOR_EVER && message.date + period < now;
    match over {
        true => Err(refused()),
        false => Ok(place.location.clone()),
    }
}
