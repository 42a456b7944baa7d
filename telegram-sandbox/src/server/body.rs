//! Reading requests into [`Params`].

use bytes::{Buf, Bytes, BytesMut};
use futures::{Stream, StreamExt, TryStreamExt};
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

/// Reads the query string and the body, whose kind `content_type` tells. The second value is the
/// body as it came, if it was JSON.
pub(crate) async fn read<B: Buf, E: Failure>(
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
    // `curl -d '{…}'` says form and sends JSON; no form begins with a brace.
    if content_type.starts_with("application/x-www-form-urlencoded") && bytes[0] != b'{' {
        add_form(&mut params.fields, &bytes);
        return Ok((params, None));
    }
    let fields: Map<String, Value> = serde_json::from_slice(&bytes)
        .map_err(|reason| BodyError::Malformed(format!("can't parse JSON object: {reason}")))?;
    if params.fields.is_empty() {
        params.fields = fields;
    } else {
        params.fields.extend(fields);
    }
    Ok((params, Some(bytes)))
}

/// Like [`read`], but a JSON array gives several.
pub(crate) async fn read_many<B: Buf, E: Failure>(
    query: &str,
    content_type: Option<&str>,
    body: impl Stream<Item = Result<B, E>> + Send + 'static,
) -> Result<Many, BodyError> {
    if content_type.is_some_and(|kind| kind.starts_with("multipart/")) {
        let (params, _) = read(query, content_type, body).await?;
        return Ok(Many::One(params));
    }
    let bytes = collect(body).await?;
    if !bytes.trim_ascii_start().starts_with(b"[") {
        let whole = futures::stream::iter([Ok::<_, std::convert::Infallible>(bytes)]);
        let (params, _) = read(query, content_type, whole).await?;
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
