//! Reading requests into [`Params`].

use bytes::{Buf, Bytes, BytesMut};
use futures::{Stream, StreamExt, TryStreamExt};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::params::{Params, Upload};

/// The largest body: 50 MB of file, as in the cloud, and room for the rest.
const LARGEST: usize = 51 << 20;

#[derive(Debug)]
pub(crate) enum BodyError {
    TooLarge,
    /// What is wrong with it.
    Malformed(String),
}

/// What may go wrong while a body comes in: warp's errors and hyper's.
pub(crate) trait Failure: std::error::Error + Send + Sync + 'static {}

impl<E: std::error::Error + Send + Sync + 'static> Failure for E {}

/// Whose rules a body is read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    /// Telegram's: only what calls itself JSON is JSON, a value that is no string is its text (so
    /// `null` is "null"), and where nothing can be read any more, that is the end of it.
    BotApi,
    /// Ours: JSON whatever it calls itself, and a refusal that says what is wrong.
    Control,
}

/// Reads the query string and the body, whose kind `content_type` tells. The second value is the
/// body as it came, if it was JSON.
pub(crate) async fn read<B: Buf, E: Failure>(
    rules: Rules,
    query: &str,
    content_type: Option<&str>,
    body: impl Stream<Item = Result<B, E>> + Send + 'static,
) -> Result<(Params, Option<Bytes>), BodyError> {
    let mut params = Params::default();
    add_form(&mut params.fields, query.as_bytes());
    let content_type = content_type.unwrap_or_default();
    if let Ok(boundary) = multer::parse_boundary(content_type) {
        let chunks = body.map_ok(|mut chunk| chunk.copy_to_bytes(chunk.remaining()));
        read_multipart(&mut params, boundary, chunks).await?;
        return Ok((params, None));
    }
    let bytes = collect(body).await?;
    if bytes.is_empty() {
        return Ok((params, None));
    }
    let calls_itself = |kind: &str| {
        let mut starts = content_type.as_bytes().windows(kind.len());
        starts.any(|part| part.eq_ignore_ascii_case(kind.as_bytes()))
    };
    let is_form = calls_itself("application/x-www-form-urlencoded");
    let fields = match rules {
        Rules::BotApi if is_form => None,
        Rules::BotApi if calls_itself("application/json") => Some(as_telegram_reads(&bytes)),
        Rules::BotApi => return Ok((params, None)),
        // `curl -d '{…}'` says form and sends JSON; no form begins with a brace.
        Rules::Control if is_form && bytes[0] != b'{' => None,
        Rules::Control => Some(serde_json::from_slice(&bytes).map_err(|reason| {
            BodyError::Malformed(format!("can't parse JSON object: {reason}"))
        })?),
    };
    let Some(fields) = fields else {
        add_form(&mut params.fields, &bytes);
        return Ok((params, None));
    };
    if params.fields.is_empty() {
        params.fields = fields;
    } else {
        params.fields.extend(fields);
    }
    Ok((params, Some(bytes)))
}

/// The fields of a JSON object. Telegram's server reads one after the other and keeps what came
/// before a fault.
fn as_telegram_reads(bytes: &[u8]) -> Map<String, Value> {
    let mut fields = match serde_json::from_slice(bytes) {
        Ok(fields) => fields,
        Err(reason) => {
            tracing::warn!(%reason, "a body that is no JSON object");
            before_the_fault(bytes)
        }
    };
    for value in fields.values_mut().filter(|value| value.is_null()) {
        *value = Value::String("null".to_owned());
    }
    fields
}

fn before_the_fault(bytes: &[u8]) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut rest = bytes.trim_ascii_start();
    let mut opening = b'{';
    while let Some(inside) = rest.strip_prefix(&[opening]) {
        let Some((name, after)) = leading::<String>(inside) else {
            break;
        };
        let Some(after) = after.strip_prefix(b":") else {
            break;
        };
        let Some((value, after)) = leading::<Value>(after) else {
            break;
        };
        fields.insert(name, value);
        (opening, rest) = (b',', after);
    }
    fields
}

/// The JSON value that stands first, and what follows it.
fn leading<T: DeserializeOwned>(bytes: &[u8]) -> Option<(T, &[u8])> {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter();
    let value = values.next()?.ok()?;
    Some((value, bytes[values.byte_offset()..].trim_ascii_start()))
}

/// Like [`read`], but a JSON array gives several.
pub(crate) async fn read_many<B: Buf, E: Failure>(
    query: &str,
    content_type: Option<&str>,
    body: impl Stream<Item = Result<B, E>> + Send + 'static,
) -> Result<Many, BodyError> {
    if content_type.is_some_and(|kind| kind.starts_with("multipart/")) {
        let (params, _) = read(Rules::Control, query, content_type, body).await?;
        return Ok(Many::One(params));
    }
    let bytes = collect(body).await?;
    if !bytes.trim_ascii_start().starts_with(b"[") {
        let whole = futures::stream::iter([Ok::<_, std::convert::Infallible>(bytes)]);
        let (params, _) = read(Rules::Control, query, content_type, whole).await?;
        return Ok(Many::One(params));
    }
    let items: Vec<Map<String, Value>> = serde_json::from_slice(&bytes)
        .map_err(|reason| BodyError::Malformed(format!("can't parse JSON array: {reason}")))?;
    let params = items.into_iter().map(|fields| Params {
        fields,
        files: Vec::new(),
    });
    Ok(Many::List(params.collect()))
}

/// One object, or an array of them.
#[derive(Debug)]
pub(crate) enum Many {
    One(Params),
    List(Vec<Params>),
}

/// The whole body; copied, so that what is kept of it does not hold a connection's buffer.
pub(crate) async fn collect<B: Buf, E: Failure>(
    body: impl Stream<Item = Result<B, E>>,
) -> Result<Bytes, BodyError> {
    let mut whole = BytesMut::new();
    tokio::pin!(body);
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|reason| BodyError::Malformed(reason.to_string()))?;
        if whole.len() + chunk.remaining() > LARGEST {
            return Err(BodyError::TooLarge);
        }
        whole.reserve(chunk.remaining());
        bytes::BufMut::put(&mut whole, chunk);
    }
    Ok(whole.freeze())
}

fn add_form(fields: &mut Map<String, Value>, form: &[u8]) {
    for (name, value) in form_urlencoded::parse(form) {
        fields.insert(name.into_owned(), Value::String(value.into_owned()));
    }
}

async fn read_multipart<E: Failure>(
    params: &mut Params,
    boundary: String,
    chunks: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
) -> Result<(), BodyError> {
    let malformed = |reason: multer::Error| BodyError::Malformed(reason.to_string());
    let mut parts = multer::Multipart::new(chunks, boundary);
    let mut total = 0;
    while let Some(mut part) = parts.next_field().await.map_err(malformed)? {
        let field = part.name().unwrap_or_default().to_owned();
        let name = part.file_name().map(str::to_owned);
        let mime = part.content_type().map(ToString::to_string);
        let mut bytes = BytesMut::new();
        while let Some(chunk) = part.chunk().await.map_err(malformed)? {
            total += chunk.len();
            if total > LARGEST {
                return Err(BodyError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        if name.is_some() {
            params.files.push(Upload {
                field,
                name,
                mime,
                bytes: bytes.freeze(),
            });
        } else {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            params.fields.insert(field, Value::String(text));
        }
    }
    Ok(())
}
