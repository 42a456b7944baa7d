//! A network between two parts that can be cut.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Passes connections on while it is whole; cut, it ends those there are and takes no new ones.
pub struct Proxy {
    pub addr: SocketAddr,
    whole: Arc<watch::Sender<bool>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a free port of 127.0.0.1.
    pub async fn to(target: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        let whole = Arc::new(watch::Sender::new(true));
        let task = tokio::spawn(accept(listener, target, whole.clone()));
        Ok(Self { addr, whole, task })
    }

    /// A proxy before the server of a URL with a user; answers it and the URL through it.
    pub async fn before(url: &str) -> Result<(Self, String)> {
        let (login, rest) = url.rsplit_once('@').context("no user in the URL")?;
        let (server, name) = rest.split_once('/').context("no database in the URL")?;
        let proxy = Self::to(server.parse().context("not an address and a port")?).await?;
        let through = format!("{login}@{}/{name}", proxy.addr);
        Ok((proxy, through))
    }

    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, whole: Arc<watch::Sender<bool>>) {
    while let Ok((mut near, _)) = listener.accept().await {
        let mut state = whole.subscribe();
        if !*state.borrow_and_update() {
            continue;
        }
        tokio::spawn(async move {
            let Ok(mut far) = TcpStream::connect(target).await else {
                return;
            };
            tokio::select! {
                _ = copy_bidirectional(&mut near, &mut far) => {}
                _ = state.wait_for(|whole| !whole) => {}
            }
        });
    }
}
