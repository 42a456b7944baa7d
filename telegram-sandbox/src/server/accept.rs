//! The accept loop. warp's own would do but for one thing: the fault `drop` closes a connection
//! without an answer, which only the service under warp can.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use warp::filters::BoxedFilter;
use warp::http::{Request, StatusCode};
use warp::reply::{Reply, Response};

use super::{Context, bot_api, site};

/// A response with this extension is not sent: the connection is closed instead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HangUp;

/// How long open requests may take to end at shutdown.
const PATIENCE: Duration = Duration::from_secs(1);

pub(crate) async fn serve(
    listener: TcpListener,
    routes: BoxedFilter<(Response,)>,
    context: Context,
    shutdown: impl Future<Output = ()>,
) {
    let loopback = listener
        .local_addr()
        .is_ok_and(|addr| addr.ip().is_loopback());
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let routes = routes.clone();
                    connections.spawn(converse(stream, routes, loopback, context.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    context.closing.cancel();
    let all_ended = async { while connections.join_next().await.is_some() {} };
    // Whoever has not ended by now is cut off when the set is dropped.
    let _ = tokio::time::timeout(PATIENCE, all_ended).await;
}

async fn converse(
    stream: TcpStream,
    routes: BoxedFilter<(Response,)>,
    loopback: bool,
    context: Context,
) {
    let closing = context.closing.clone();
    // Answers are single small writes; waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    let inner = TowerToHyperService::new(warp::service(routes));
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let foreign = site::is_foreign(request.headers(), loopback);
        let (inner, context) = (inner.clone(), context.clone());
        async move {
            if foreign {
                let refusal = "this comes from another web site";
                let response = warp::reply::with_status(refusal, StatusCode::FORBIDDEN);
                return Ok(response.into_response());
            }
            let response = match bot_api::answer_if_ours(&context, request).await {
                Ok(response) => response,
                Err(request) => inner
                    .call(request)
                    .await
                    .unwrap_or_else(|never: Infallible| match never {}),
            };
            if response.extensions().get::<HangUp>().is_some() {
                return Err("hung up on purpose");
            }
            Ok(response)
        }
    });
    let connection = http1::Builder::new()
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(reason) = ended {
        tracing::debug!(%reason, "a connection ended early");
    }
}
