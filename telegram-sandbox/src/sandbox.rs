//! A server in the background, for tests.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::{Options, World, run};

/// A running server with the usual people, on a port of its own. It ends when this is dropped.
#[derive(Debug)]
pub struct Sandbox {
    /// Where it listens.
    pub addr: SocketAddr,
    world: Arc<World>,
    /// Dropped or sent: the server ends.
    shutdown: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Sandbox {
    /// Starts a server with [`World::with_people`] on a free port of 127.0.0.1.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        let world = World::with_people(options);
        let (shutdown, ended) = oneshot::channel::<()>();
        let until = async {
            // An error says that the handle was dropped: just as good a reason to end.
            let _ = ended.await;
        };
        let server = tokio::spawn(run(listener, world.clone(), until));
        Ok(Self {
            addr,
            world,
            shutdown,
            server,
        })
    }

    /// `http://127.0.0.1:port`, to be set as the bot's API address.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The world, to be served again after [`Self::stop`] for example.
    pub fn world(&self) -> Arc<World> {
        self.world.clone()
    }

    /// Ends the server and waits until it has.
    pub async fn stop(self) {
        let _ = self.shutdown.send(());
        let _ = self.server.await;
    }
}
