//! Accepts connections: HTTP/1.1 and HTTP/2, plain or over TLS, bounded in number and in patience.
//!
//! warp answers requests; the server under it is ours, for warp's own has no TLS, no timeouts, no
//! address of the peer on foreign connections, and waits for ever for an open stream at a stop.

mod addresses;
mod client;
mod compress;
mod stalled;
#[cfg(test)]
pub(crate) mod tests;
mod tls;

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_io_timeout::TimeoutWriter;
use tokio_util::sync::CancellationToken;
use tower_http::timeout::TimeoutBody;
use warp::http::{HeaderValue, Request, StatusCode, Uri, header};
use warp::reply::Response;

use addresses::{Addresses, Holding};
pub(crate) use client::Client;
use stalled::Bodies;
pub use tls::{Tls, TlsError};

use crate::{Site, edge};

/// What one server bears.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once; the next one waits in the kernel's queue.
    pub connections: usize,
    /// Of these for one address; behind a trusted proxy: requests under way for one address.
    pub per_address: usize,
    /// For the handshake and the first request's head, and later for each head on HTTP/1.1.
    pub head: Duration,
    /// Between two parts of a body.
    pub body: Duration,
    /// For the other side to take what is sent: who stalls longer is hung up on.
    pub stall: Duration,
    /// For requests under way at a stop.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 8_192,
            per_address: 1_024,
            head: Duration::from_secs(10),
            body: Duration::from_secs(20),
            stall: Duration::from_secs(30),
            grace: Duration::from_secs(3),
        }
    }
}

/// A body's part is larger than what a socket takes at once: a slow reader gets so much more time.
const SLOW: u32 = 4;
/// How big the head of a request may be.
const HEAD_BYTES: usize = 32 * 1024;
/// Requests of one HTTP/2 connection at once.
const STREAMS: u32 = 128;
/// How often a quiet HTTP/2 connection is asked whether it lives.
const PING: Duration = Duration::from_secs(20);
/// After a failed accept: too many open files do not get fewer by asking at once.
const BREATH: Duration = Duration::from_millis(100);
/// A year. Source: RFC 6797.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Serves until `shutdown`, then ends streams at once and lets other requests end, for a while.
pub async fn run(
    listener: TcpListener,
    tls: Option<Tls>,
    site: Site,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    let server = Server {
        site: site.clone(),
        tls,
        limits,
        addresses: Addresses::new(limits.per_address),
        graceful: GracefulShutdown::new(),
        // Cancelled when this function ends in whatever way: no connection outlives it.
        end: CancellationToken::new(),
    };
    let _end = server.end.clone().drop_guard();
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = async {
            // Closed never: the semaphore lives here.
            let place = places.clone().acquire_owned().await.ok()?;
            Some((place, listener.accept().await))
        };
        let accepted = tokio::select! {
            accepted = accepted => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Some((place, Ok((stream, peer)))) => server.take(stream, peer, place),
            Some((_, Err(error))) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(BREATH).await;
            }
            None => break,
        }
    }
    drop(listener);
    site.stopping().cancel();
    // Streams have no end of their own: without this the server would wait for them.
    site.live().close();
    if tokio::time::timeout(limits.grace, server.graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests that did not end in time are cut off");
    }
}

struct Server {
    site: Site,
    tls: Option<Tls>,
    limits: Limits,
    addresses: Arc<Addresses>,
    graceful: GracefulShutdown,
    end: CancellationToken,
}

impl Server {
    /// One connection, in a task of its own.
    fn take(&self, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
        let is_proxy = client::is_trusted(&self.site.web().trusted_proxies, peer.ip());
        let held = if is_proxy {
            None
        } else {
            // Hung up on: an answer would cost what the limit is there to save.
            let Some(held) = self.addresses.enter(peer.ip()) else {
                return;
            };
            Some(held)
        };
        let addresses = is_proxy.then(|| self.addresses.clone());
        let from = Peer {
            addr: peer,
            tls: self.tls.is_some(),
            addresses,
        };
        let (site, tls, limits) = (self.site.clone(), self.tls.clone(), self.limits);
        let (watcher, end) = (self.graceful.watcher(), self.end.clone());
        // Small answers do not wait for more to come.
        let _ = stream.set_nodelay(true);
        tokio::spawn(async move {
            let _places = (place, held);
            let asked = Arc::new(AtomicBool::new(false));
            let connection = async {
                match tls {
                    None => serve(stream, from, site, limits, asked.clone(), watcher).await,
                    Some(tls) => match tls.accept(stream).await {
                        Ok(stream) => {
                            serve(stream, from, site, limits, asked.clone(), watcher).await;
                        }
                        Err(error) => tracing::debug!(%error, "no TLS handshake"),
                    },
                }
            };
            // Whoever has not sent one whole head by then gives the place to somebody else.
            let silent = async {
                tokio::time::sleep(limits.head).await;
                if asked.load(Ordering::Relaxed) {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = Box::pin(connection) => {}
                () = silent => {}
                () = end.cancelled() => {}
            }
        });
    }
}

/// The other end of a connection.
struct Peer {
    addr: SocketAddr,
    tls: bool,
    /// It is a proxy of ours: what its clients have under way is counted here.
    addresses: Option<Arc<Addresses>>,
}

async fn serve<S>(
    stream: S,
    peer: Peer,
    site: Site,
    limits: Limits,
    asked: Arc<AtomicBool>,
    watcher: hyper_util::server::graceful::Watcher,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Peer {
        addr,
        tls,
        addresses,
    } = peer;
    let bodies = Arc::new(Bodies::default());
    let open = bodies.clone();
    let pages = TowerToHyperService::new(warp::service(edge::all(site.clone())));
    let service = service_fn(move |request: Request<Incoming>| {
        asked.store(true, Ordering::Relaxed);
        let (pages, site, addresses) = (pages.clone(), site.clone(), addresses.clone());
        let bodies = bodies.clone();
        async move {
            if !names_a_page(request.uri()) {
                let refused = refusal(StatusCode::BAD_REQUEST, "this is no address of a page\n");
                return Ok(refused.map(|body| bodies.watch(Holding::new(body, None))));
            }
            let client = Client::of(&site.web().trusted_proxies, addr, tls, request.headers());
            let held = match addresses.map(|all| all.enter(client.address)) {
                Some(None) => {
                    return Ok(too_many().map(|body| bodies.watch(Holding::new(body, None))));
                }
                held => held.flatten(),
            };
            let (accepts_gzip, secure) = (compress::is_accepted(request.headers()), client.secure);
            let mut request = request.map(|body| TimeoutBody::new(limits.body, body));
            // HTTP/2 says it in the address; everybody behind this reads one header.
            if let (None, Some(host)) = (
                request.headers().get(header::HOST),
                request.uri().authority(),
            ) && let Ok(host) = HeaderValue::from_str(host.as_str())
            {
                request.headers_mut().insert(header::HOST, host);
            }
            request.extensions_mut().insert(client);
            let mut response = answer(pages, request).await;
            if secure {
                let headers = response.headers_mut();
                headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
            }
            let response = compress::perhaps(response, accepts_gzip).await;
            let watched = |body| bodies.watch(Holding::new(body, held));
            Ok::<_, Infallible>(response.map(watched))
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEAD_BYTES as u32)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(limits.stall));
    let connection = builder.serve_connection(TokioIo::new(Box::pin(stream)), service);
    tokio::select! {
        ended = watcher.watch(connection.into_owned()) => if let Err(error) = ended {
            tracing::debug!(%error, peer = %addr, "a connection broke");
        },
        () = open.stalled(limits.stall * SLOW) => {
            tracing::debug!(peer = %addr, "a stream that nobody reads: hung up");
        }
    }
}

/// `CONNECT`, and whatever names a host or nothing where a path belongs, is not for a site.
fn names_a_page(uri: &Uri) -> bool {
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    path.starts_with('/') || path == "*"
}

fn refusal(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response
}

/// To one of many behind a proxy who has too much under way.
fn too_many() -> Response {
    let text = "too many requests at once from this address\n";
    let mut response = refusal(StatusCode::TOO_MANY_REQUESTS, text);
    let seconds = HeaderValue::from_static("1");
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}

/// A fault in what answers must not look like a fault of the network.
async fn answer<S, B>(pages: TowerToHyperService<S>, request: Request<B>) -> Response
where
    TowerToHyperService<S>:
        hyper::service::Service<Request<B>, Response = Response, Error = Infallible>,
{
    let answered = AssertUnwindSafe(hyper::service::Service::call(&pages, request));
    match answered.catch_unwind().await {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(_) => {
            tracing::error!("a handler panicked outside of the guard");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "internal error\n")
        }
    }
}
