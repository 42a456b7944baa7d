//! The load source: a Bot API server that hands out prepared updates and checks what comes back.
//!
//! One thread and hand-written HTTP, so that it needs little of the machine that it shares with the
//! bot under test, and the same for each contender. It is no sandbox: it accepts everything.

mod api;
mod load;
mod report;
mod world;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::http;

pub(crate) use load::{FIRST_CHAT, Mode, Shape};
pub(crate) use report::Report;
use world::World;

type Shared = Rc<RefCell<World>>;

/// Serves until the process is ended; needs a `LocalSet`.
pub(crate) async fn run(port: u16) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("{}", listener.local_addr()?);
    let world = Shared::default();
    loop {
        let (stream, _) = listener.accept().await?;
        let world = world.clone();
        tokio::task::spawn_local(async move {
            // Bots close connections in the middle of a long poll: nothing to report.
            if let Err(error) = connection(stream, &world).await
                && !error.is::<std::io::Error>()
            {
                eprintln!("source: {error:#}");
            }
        });
    }
}

async fn connection(mut stream: TcpStream, world: &Shared) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut buf = Vec::with_capacity(16 << 10);
    let mut out = Vec::with_capacity(64 << 10);
    loop {
        let Some(message) = http::request(&buf)? else {
            if stream.read_buf(&mut buf).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let read_at = Instant::now();
        let call = api::Call {
            path: std::str::from_utf8(&buf[message.path])?,
            body: &buf[message.body.clone()],
            read_at,
        };
        let delivers = api::answer(world, &call, &mut out).await?;
        stream.write_all(&out).await?;
        if delivers {
            world.borrow_mut().delivered(Instant::now());
        }
        buf.drain(..message.body.end);
    }
}
