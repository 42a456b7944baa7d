//! The server with nothing but a health check behind it.

use bot_core::config::Config;
use bot_core::health::Health;
use http_body_util::{BodyExt as _, Empty};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use warp::http::response::Parts;

use super::*;

/// A site whose bot has not started.
pub(crate) fn site(settings: &[(&str, &str)]) -> Site {
    let mut all = vec![("TELEGRAM_BOT_TOKEN", "1:a")];
    all.extend(settings);
    let all: Vec<(String, String)> = all
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    Site::new(Health::default(), Config::from_variables(&all).unwrap().web)
}

struct Served {
    addr: SocketAddr,
    site: Site,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

async fn serve_it(settings: &[(&str, &str)], limits: Limits) -> Served {
    let site = site(settings);
    let tls = site
        .web()
        .tls
        .as_ref()
        .map(|files| Tls::load(files).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = run(listener, tls, site.clone(), limits, async move {
        let _ = stopped.await;
    });
    Served {
        addr,
        site,
        stop,
        serving: tokio::spawn(Box::pin(serving)),
    }
}

/// Sends this and reads until the other side is done.
async fn ask(addr: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).to_lowercase()
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n")
}

/// One request over HTTP/2: status and headers.
async fn ask_http_2<S>(stream: S) -> Parts
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let executor = TokioExecutor::new();
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(executor, TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let request = Request::get("http://localhost/healthz");
    let request = request.body(Empty::<bytes::Bytes>::new()).unwrap();
    let (parts, body) = client.send_request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    assert_eq!(&body[..], b"ok\n");
    parts
}
#[tokio::test]
async fn http_1_and_http_2_are_spoken_on_one_port() {
    let served = serve_it(&[], Limits::default()).await;
    let first = ask(served.addr, &get("/healthz", "")).await;
    assert!(first.starts_with("http/1.1 200"), "{first}");
    assert!(!first.contains("strict-transport-security"), "{first}");
    let second = ask_http_2(TcpStream::connect(served.addr).await.unwrap()).await;
    assert_eq!(second.version, warp::http::Version::HTTP_2);
    assert!(!second.headers.contains_key("strict-transport-security"));
}

#[tokio::test]
async fn over_tls_the_protocol_is_negotiated_and_browsers_are_told_to_stay() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_string()]).unwrap();
    let (cert, key) = (
        folder.path().join("cert.pem"),
        folder.path().join("key.pem"),
    );
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let (cert_path, key_path) = (cert.to_string_lossy(), key.to_string_lossy());
    let files = [
        ("VAHTA_TLS_CERT", cert_path.as_ref()),
        ("VAHTA_TLS_KEY", key_path.as_ref()),
    ];
    let served = serve_it(&files, Limits::default()).await;

    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(&cert).unwrap())
        .unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = TcpStream::connect(served.addr).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let stream = connector.connect(name, stream).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let answer = ask_http_2(stream).await;
    assert_eq!(
        answer.headers["strict-transport-security"],
        "max-age=31536000"
    );
    // Plain HTTP on that port is no request.
    assert!(!ask(served.addr, &get("/healthz", "")).await.contains("200"));
}

#[tokio::test]
async fn a_proxy_says_that_it_is_https_and_a_stranger_cannot() {
    let forwarded = get("/healthz", "x-forwarded-proto: https\r\n");
    let served = serve_it(&[], Limits::default()).await;
    let answer = ask(served.addr, &forwarded).await;
    assert!(!answer.contains("strict-transport-security"), "{answer}");
    let trusted = [("VAHTA_TRUSTED_PROXIES", "127.0.0.1")];
    let served = serve_it(&trusted, Limits::default()).await;
    let answer = ask(served.addr, &forwarded).await;
    assert!(answer.contains("strict-transport-security"), "{answer}");
}

#[tokio::test]
async fn whoever_does_not_finish_a_head_gives_the_place_to_the_next() {
    let limits = Limits {
        connections: 1,
        head: Duration::from_millis(200),
        ..Limits::default()
    };
    let served = serve_it(&[], limits).await;
    // Too little to know even the protocol; a head that never ends; a connection kept for nothing.
    for begun in [
        "",
        "PRI * HT",
        "GET /healthz HT",
        "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n",
    ] {
        let mut slow = TcpStream::connect(served.addr).await.unwrap();
        slow.write_all(begun.as_bytes()).await.unwrap();
        let answer = ask(served.addr, &get("/healthz", "")).await;
        assert!(answer.starts_with("http/1.1 200"), "{begun}: {answer}");
        drop(slow);
    }
}

#[tokio::test]
async fn one_address_cannot_take_every_place() {
    let limits = Limits {
        per_address: 2,
        ..Limits::default()
    };
    let served = serve_it(&[], limits).await;
    let first = TcpStream::connect(served.addr).await.unwrap();
    let second = TcpStream::connect(served.addr).await.unwrap();
    assert_eq!(
        ask(served.addr, &get("/healthz", "")).await,
        "",
        "hung up on"
    );
    // Somebody else is not concerned.
    let other = tokio::net::TcpSocket::new_v4().unwrap();
    other.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = other.connect(served.addr).await.unwrap();
    other
        .write_all(get("/healthz", "").as_bytes())
        .await
        .unwrap();
    let mut answer = String::new();
    other.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    drop((first, second));
    // The server learns of it when it looks next.
    let mut answer = String::new();
    for _ in 0..200 {
        answer = ask(served.addr, &get("/healthz", "")).await;
        if !answer.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
}

#[tokio::test]
async fn who_takes_nothing_is_hung_up_on() {
    let limits = Limits {
        connections: 1,
        stall: Duration::from_millis(200),
        ..Limits::default()
    };
    let served = serve_it(&[], limits).await;
    // More answers than all buffers on the way hold, and nobody who reads them.
    let mut stalled = TcpStream::connect(served.addr).await.unwrap();
    let asset = "GET /assets/site-6.css HTTP/1.1\r\nhost: x\r\n\r\n";
    let asking = tokio::spawn(async move {
        // Ends with an error when the server hangs up.
        let _ = stalled.write_all(asset.repeat(5_000).as_bytes()).await;
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stalled);
    });
    // The only place is free again while that connection is still held at the other end.
    let answer = ask(served.addr, &get("/healthz", "")).await;
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
    assert!(!asking.is_finished());
    asking.abort();
}

#[tokio::test]
async fn what_is_no_address_of_a_page_is_refused_and_disturbs_nothing() {
    let served = serve_it(&[], Limits::default()).await;
    for head in [
        "CONNECT a:1 HTTP/1.1",
        "GET x:443 HTTP/1.1",
        "GET login HTTP/1.1",
        "GET *a HTTP/1.1",
        "POST evil.example HTTP/1.1",
    ] {
        let request = format!("{head}\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = ask(served.addr, &request).await;
        assert!(answer.starts_with("http/1.1 400"), "{head}: {answer}");
    }
    assert!(ask(served.addr, &get("/healthz", "")).await.contains("200"));
}

#[tokio::test]
async fn a_strangers_body_is_not_waited_for() {
    let served = serve_it(&[], Limits::default()).await;
    let post = "POST /telegram/webhook HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc";
    let answer = ask(served.addr, post).await;
    assert!(answer.starts_with("http/1.1 404"), "{answer}");
}

#[tokio::test]
async fn a_stop_waits_for_nobody_for_ever() {
    let limits = Limits {
        grace: Duration::from_millis(200),
        ..Limits::default()
    };
    let served = serve_it(&[], limits).await;
    let mut open = TcpStream::connect(served.addr).await.unwrap();
    let post = "POST /telegram/webhook HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc";
    open.write_all(post.as_bytes()).await.unwrap();
    assert!(ask(served.addr, &get("/healthz", "")).await.contains("200"));
    served.stop.send(()).unwrap();
    served.serving.await.unwrap();
    assert!(served.site.stopping().is_cancelled());
    // The connection was cut off.
    let mut rest = Vec::new();
    let _ = open.read_to_end(&mut rest).await;
    assert!(TcpStream::connect(served.addr).await.is_err());
}

#[tokio::test]
async fn assets_are_packed_and_known_again() {
    let served = serve_it(&[], Limits::default()).await;
    let path = "/assets/site-6.css";
    let plain = ask(served.addr, &get(path, "")).await;
    assert!(
        plain.contains("immutable") && !plain.contains("content-encoding"),
        "{plain}"
    );
    let packed = ask(served.addr, &get(path, "accept-encoding: gzip\r\n")).await;
    assert!(packed.contains("content-encoding: gzip"), "{packed}");
    assert!(packed.len() < plain.len());
    let plain = ask_for_tag(served.addr, path).await;
    let again = ask(
        served.addr,
        &get(path, &format!("if-none-match: {plain}\r\n")),
    )
    .await;
    assert!(again.starts_with("http/1.1 304"), "{again}");
}

/// The tag as it was written: upper and lower case differ.
async fn ask_for_tag(addr: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(get(path, "").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (_, rest) = answer.split_once("etag: ").unwrap();
    rest.split('\r').next().unwrap().to_owned()
}
