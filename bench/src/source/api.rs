//! Bot API methods and the control paths.

use std::borrow::Cow;
use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde::Deserialize;
use tokio::time::timeout_at;

use super::load::{Mode, Shape};
use super::world::Run;
use super::{Shared, load};

pub(super) struct Call<'a> {
    /// `/bot<token>/<method>`, in any case, or `/bench/…`.
    pub(super) path: &'a str,
    pub(super) body: &'a [u8],
    /// When the last byte had been read.
    pub(super) read_at: Instant,
}

/// Longer polls get an empty list.
const LONGEST_POLL: Duration = Duration::from_secs(30);

#[derive(Default, Deserialize)]
struct Poll {
    #[serde(default)]
    offset: i64,
    limit: Option<usize>,
    #[serde(default)]
    timeout: u64,
}

#[derive(Default, Deserialize)]
struct Send<'a> {
    #[serde(default)]
    chat_id: i64,
    #[serde(borrow, default)]
    text: Cow<'a, str>,
}

/// Writes the whole response into `out`; true when it hands out updates.
pub(super) async fn answer(world: &Shared, call: &Call<'_>, out: &mut Vec<u8>) -> Result<bool> {
    let (path, query) = call.path.split_once('?').unwrap_or((call.path, ""));
    let method = path.rsplit('/').next().unwrap_or_default();
    let mut delivers = false;
    if path.starts_with("/bench/") {
        let body = control(world, method, query)?;
        respond(out, |out| out.extend_from_slice(&body));
    } else if method.eq_ignore_ascii_case("sendMessage") {
        send_message(world, call, out)?;
    } else if method.eq_ignore_ascii_case("getUpdates") {
        delivers = get_updates(world, call, out).await?;
    } else if method.eq_ignore_ascii_case("getMe") {
        respond(out, |out| out.extend_from_slice(ME));
    } else {
        world.borrow_mut().other_calls += 1;
        respond(out, |out| {
            out.extend_from_slice(br#"{"ok":true,"result":true}"#)
        });
    }
    Ok(delivers)
}

const ME: &[u8] = br#"{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"Bench","username":"bench_bot","can_join_groups":true,"can_read_all_group_messages":false,"supports_inline_queries":false,"can_connect_to_business":false,"has_main_web_app":false}}"#;

fn send_message(world: &Shared, call: &Call<'_>, out: &mut Vec<u8>) -> Result<()> {
    let form;
    let sent: Send<'_> = if call.body.first() == Some(&b'{') {
        serde_json::from_slice(call.body)?
    } else {
        form = Form::read(call.body)?;
        Send {
            chat_id: form.number("chat_id"),
            text: form.text("text").into(),
        }
    };
    let mut world = world.borrow_mut();
    world.reply(sent.chat_id, &sent.text, call.read_at);
    world.last_message += 1;
    let (id, chat) = (world.last_message, sent.chat_id);
    let text = serde_json::to_string(&sent.text)?;
    respond(out, |out| {
        // Writing to a Vec cannot fail.
        let _ = write!(
            out,
            "{{\"ok\":true,\"result\":{{\"message_id\":{id},\"date\":1767225600,\
             \"from\":{{\"id\":1,\"is_bot\":true,\"first_name\":\"Bench\",\"username\":\"bench_bot\"}},\
             \"chat\":{{\"id\":{chat},\"first_name\":\"Person\",\"type\":\"private\"}},\
             \"text\":{text}}}}}"
        );
    });
    Ok(())
}

async fn get_updates(world: &Shared, call: &Call<'_>, out: &mut Vec<u8>) -> Result<bool> {
    let poll = if call.body.is_empty() {
        Poll::default()
    } else if call.body[0] == b'{' {
        serde_json::from_slice(call.body)?
    } else {
        let form = Form::read(call.body)?;
        let unsigned = |name| u64::try_from(form.number(name)).unwrap_or_default();
        Poll {
            offset: form.number("offset"),
            limit: usize::try_from(unsigned("limit"))
                .ok()
                .filter(|limit| *limit > 0),
            timeout: unsigned("timeout"),
        }
    };
    let wait = Duration::from_secs(poll.timeout).min(LONGEST_POLL);
    let deadline = tokio::time::Instant::now() + wait;
    let news = world.borrow().news.clone();
    loop {
        let mut woken = std::pin::pin!(news.notified());
        // Registered before looking, so that nothing falls between.
        woken.as_mut().enable();
        let mut found = false;
        respond(out, |out| {
            out.extend_from_slice(br#"{"ok":true,"result":["#);
            found = world
                .borrow_mut()
                .hand_out(poll.offset, poll.limit.unwrap_or(100), out);
            out.extend_from_slice(b"]}");
        });
        if found {
            return Ok(true);
        }
        world.borrow_mut().waiting += 1;
        let woken = timeout_at(deadline, woken).await;
        world.borrow_mut().waiting -= 1;
        if woken.is_err() {
            return Ok(false);
        }
    }
}

/// `start?mode=blast&updates=N&chats=N&warm_up=N`, `report`, `waiting`: long polls now, and
/// `others`: calls so far that are neither polls nor messages.
fn control(world: &Shared, what: &str, query: &str) -> Result<Vec<u8>> {
    match what {
        "start" => {
            let form = Form::read(query.as_bytes())?;
            let count = |name| usize::try_from(form.number(name)).unwrap_or_default();
            let shape = Shape {
                mode: match form.text("mode") {
                    "blast" => Mode::Blast,
                    "ping-pong" => Mode::PingPong,
                    other => bail!("mode is `{other}`; it can be blast or ping-pong"),
                },
                updates: count("updates"),
                chats: count("chats").max(1),
                warm_up: count("warm_up"),
            };
            world.borrow_mut().start(shape);
            Ok(serde_json::to_vec(
                &serde_json::json!({ "first_chat": load::FIRST_CHAT }),
            )?)
        }
        "report" => Ok(serde_json::to_vec(
            &world.borrow().run.as_ref().map(Run::report),
        )?),
        "waiting" => Ok(serde_json::to_vec(&world.borrow().waiting)?),
        "others" => Ok(serde_json::to_vec(&world.borrow().other_calls)?),
        other => bail!("no control path `{other}`"),
    }
}

/// Status line and headers around a body whose length is known only afterwards.
fn respond(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ";
    const LENGTH: usize = 8;
    out.clear();
    out.extend_from_slice(HEAD);
    out.extend_from_slice(&[b' '; LENGTH]);
    out.extend_from_slice(b"\r\n\r\n");
    let start = out.len();
    body(out);
    let length = out.len() - start;
    // Spaces before a header's value are legal (RFC 9112, 5.1).
    let _ = write!(
        &mut out[HEAD.len()..HEAD.len() + LENGTH],
        "{length:>LENGTH$}"
    );
}

/// `application/x-www-form-urlencoded`, which some clients send instead of JSON.
struct Form(Vec<(String, String)>);

impl Form {
    fn read(bytes: &[u8]) -> Result<Self> {
        let pairs = std::str::from_utf8(bytes)?
            .split('&')
            .filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Ok(Self(
            pairs
                .map(|(name, value)| (decode(name), decode(value)))
                .collect(),
        ))
    }

    fn text(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }

    fn number(&self, name: &str) -> i64 {
        self.text(name).parse().unwrap_or_default()
    }
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let code = match (first, tail) {
            (b'%', [high, low, ..]) => {
                u8::from_str_radix(&String::from_utf8_lossy(&[*high, *low]), 16).ok()
            }
            _ => None,
        };
        match (first, code) {
            (_, Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (b'+', _) => bytes.push(b' '),
            (byte, _) => bytes.push(*byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_like_json() -> Result<()> {
        let form = Form::read(b"chat_id=1000001&text=%D0%B2+7&offset=-1")?;
        assert_eq!(form.number("chat_id"), 1_000_001);
        assert_eq!(form.text("text"), "\u{432} 7");
        assert_eq!(form.number("offset"), -1);
        Ok(())
    }

    #[test]
    fn the_length_of_a_response_is_right() -> Result<()> {
        let mut out = Vec::new();
        respond(&mut out, |out| out.extend_from_slice(b"12345"));
        let message = crate::http::response(&out)?;
        assert_eq!(
            message.map(|m| out[m.body].to_vec()),
            Some(b"12345".to_vec())
        );
        Ok(())
    }
}
