//! A plugin instance's line back to the host: its calls and its log.
//!
//! [`Link::call`] runs on the plugin's threads. It only checks and hands the work to the host's
//! runtime; the answer travels through the gate, because it runs the plugin's code.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tracing::Level;
use vahta_plugin_abi::status;

use super::capability::{self, Needs};
use super::deliveries::{self, Delivery, Gone};
use super::desk::InstanceTickets;
use super::gate::GateSender;
use super::library::PluginReply;
use super::manifest::Manifest;
use super::services::{CallError, Caller, HostServices};
use super::stats::Stats;

/// Host calls one instance may have open at once. Who reaches it loops.
const MAX_OPEN_CALLS: usize = 4096;

pub(super) struct Link {
    pub(super) plugin: Arc<str>,
    /// Number of the plugin instance, unique in the process.
    pub(super) instance: u64,
    pub(super) manifest: Arc<Manifest>,
    pub(super) services: Arc<dyn HostServices>,
    pub(super) runtime: Handle,
    pub(super) gate: GateSender,
    pub(super) tickets: InstanceTickets,
    pub(super) stats: Arc<Stats>,
    open_calls: AtomicUsize,
    closed: AtomicBool,
    ended: CancellationToken,
    last_error: Mutex<Option<String>>,
}

impl Link {
    pub(super) fn new(
        plugin: Arc<str>,
        instance: u64,
        manifest: Arc<Manifest>,
        services: Arc<dyn HostServices>,
        gate: GateSender,
        tickets: InstanceTickets,
        stats: Arc<Stats>,
    ) -> Self {
        Self {
            plugin,
            instance,
            manifest,
            services,
            runtime: Handle::current(),
            gate,
            tickets,
            stats,
            open_calls: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            ended: CancellationToken::new(),
            last_error: Mutex::new(None),
        }
    }

    /// The instance ends: refuses calls and drops those under way. A ticket that it holds can still
    /// be given back; see [`InstanceTickets::close`].
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.ended.cancel();
        self.tickets.close();
    }

    pub(super) fn log(&self, level: Level, target: &str, message: &str) {
        let (target, message) = (one_line(target), one_line(message));
        if level == Level::ERROR {
            *self.last_error() = Some(message.clone().into_owned());
        }
        self.services.log(&self.plugin, level, &target, &message);
    }

    /// The last error the plugin logged: why it did not start.
    pub(super) fn take_last_error(&self) -> Option<String> {
        self.last_error().take()
    }

    fn last_error(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.last_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The plugin calls a method of the host.
    pub(super) fn call(
        self: &Arc<Self>,
        ctx: u64,
        method: String,
        body: Bytes,
        reply: PluginReply,
    ) {
        let mut answer = Answer::new(Arc::clone(self), reply);
        if method == "host.yield" {
            // Comes back on the gate, whatever the state: see `Link` in docs/PLUGIN_ABI.md.
            return answer.give(Ok(Bytes::new()));
        }
        if let Err(error) = self.admit(ctx, &method, &mut answer) {
            return answer.give(Err(error));
        }
        let link = Arc::clone(self);
        self.runtime.spawn(async move {
            let result = tokio::select! {
                biased;
                result = link.carry_out(answer.caller(), &method, body) => result,
                () = link.ended.cancelled() => Err(closed()),
            };
            answer.give(result);
        });
    }

    /// Is this call allowed, now, in the name of this delivery?
    fn admit(&self, ctx: u64, method: &str, answer: &mut Answer) -> Result<(), CallError> {
        // A ticket always finds its way back: a thread that blocked may end its transaction yet.
        if self.closed.load(Ordering::SeqCst) && method != "db.release" {
            return Err(closed());
        }
        if ctx != 0 {
            let delivery = deliveries::find(self.instance, ctx).map_err(|gone| match gone {
                Gone::GivenUp => {
                    let text = format!("delivery {ctx} passed its deadline and was given up");
                    CallError::new("deadline", text)
                }
                Gone::Over => CallError::new("closed", format!("delivery {ctx} is over")),
            })?;
            delivery.pause();
            answer.delivery = Some(delivery);
        }
        self.check_capability(method)?;
        if self.open_calls.load(Ordering::Relaxed) > MAX_OPEN_CALLS {
            let text = format!("{MAX_OPEN_CALLS} calls are open already");
            return Err(CallError::new("busy", text));
        }
        Ok(())
    }

    fn check_capability(&self, method: &str) -> Result<(), CallError> {
        let lacks = |needed: &&&str| !self.manifest.has_capability(needed);
        let why = match capability::needs(method) {
            Needs::Nothing => return Ok(()),
            Needs::Capabilities(needed) => match needed.iter().find(lacks) {
                None => return Ok(()),
                Some(lacking) => format!(
                    "{method} needs the capability `{lacking}`, which the manifest does not declare"
                ),
            },
            Needs::Never => format!("{method} is the core's alone"),
            Needs::Unknown => format!("there is no method {method:?}"),
        };
        self.stats.refused_calls.fetch_add(1, Ordering::Relaxed);
        // This is the plugin's thread: what the services spawn belongs on our runtime.
        let _runtime = self.runtime.enter();
        self.services.refused(&self.plugin, method);
        Err(CallError::new("refused", why))
    }

    async fn carry_out(
        &self,
        caller: Caller,
        method: &str,
        body: Bytes,
    ) -> Result<Bytes, CallError> {
        match method {
            "db.ticket" => match self.tickets.take().await {
                Some(number) => Ok(format!(r#"{{"ticket":{number}}}"#).into()),
                None => Err(closed()),
            },
            "db.release" => {
                let ticket = serde_json::from_slice(&body)
                    .map_err(|error| CallError::new("bad_request", error.to_string()))?;
                let TicketNumber { ticket } = ticket;
                if self.tickets.release(ticket) {
                    Ok(Bytes::new())
                } else {
                    Err(CallError::new(
                        "not_held",
                        format!("ticket {ticket} is not yours"),
                    ))
                }
            }
            _ => self.services.call(caller, method, body).await,
        }
    }
}

#[derive(serde::Deserialize)]
struct TicketNumber {
    ticket: u64,
}

/// A plugin's text cannot begin a second line of the log, nor steer the terminal that shows it.
fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return text.into();
    }
    let escaped = |c: char| {
        if c.is_control() {
            c.escape_default().to_string()
        } else {
            c.into()
        }
    };
    text.chars().map(escaped).collect::<String>().into()
}

fn closed() -> CallError {
    CallError::new("closed", "this instance of the plugin has ended")
}

/// The duty to answer one call. Dropped without an answer (the work panicked), it says so.
struct Answer {
    link: Arc<Link>,
    reply: Option<PluginReply>,
    delivery: Option<Arc<Delivery>>,
}

impl Answer {
    fn new(link: Arc<Link>, reply: PluginReply) -> Self {
        link.open_calls.fetch_add(1, Ordering::Relaxed);
        Self {
            link,
            reply: Some(reply),
            delivery: None,
        }
    }

    fn caller(&self) -> Caller {
        Caller {
            plugin: Arc::clone(&self.link.plugin),
            envelope: self.delivery.as_ref().and_then(|d| d.envelope.clone()),
            delivery: self.delivery.as_ref().map_or(0, |d| d.number),
            given_up: match &self.delivery {
                Some(delivery) => delivery.given_up.clone(),
                None => self.link.ended.clone(),
            },
        }
    }

    fn give(mut self, result: Result<Bytes, CallError>) {
        self.send(result);
    }

    fn send(&mut self, result: Result<Bytes, CallError>) {
        let Some(reply) = self.reply.take() else {
            return;
        };
        self.link.open_calls.fetch_sub(1, Ordering::Relaxed);
        if let Some(delivery) = self.delivery.take() {
            delivery.resume();
        }
        let (status, bytes) = match result {
            Ok(bytes) => (status::OK, bytes),
            Err(error) => (status::ERROR, error.to_bytes()),
        };
        self.link.gate.answer(reply, status, bytes);
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.send(Err(CallError::new(
            "internal",
            "the host broke while it carried the call out",
        )));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_stays_one_line() {
        assert_eq!(
            one_line("plain text, ünïcode too"),
            "plain text, ünïcode too"
        );
        assert_eq!(one_line("a\r\nb\u{1b}[31m"), r"a\r\nb\u{1b}[31m");
    }
}
