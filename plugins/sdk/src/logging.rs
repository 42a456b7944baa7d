//! `tracing` events and panics of this library go to the host's log.
//!
//! Statics exist once per library, so the host's subscriber is out of reach: this one formats an
//! event into a line and sends it over the border.

use std::fmt::Write as _;
use std::panic::{self, PanicHookInfo};
use std::sync::OnceLock;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};
use vahta_plugin_abi::level;

use crate::Ctx;
use crate::ffi::RawHost;

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// The hook of the test that this plugin runs in.
static OF_THE_TEST: OnceLock<Hook> = OnceLock::new();

/// In a test a panic is a failed assertion as well: whoever printed those goes on doing so.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn keep_printing() {
    OF_THE_TEST.get_or_init(panic::take_hook);
}

/// Sends events and panics to `host` from now on.
pub(crate) fn install(host: RawHost, max: Option<&str>) {
    let max = max
        .and_then(|name| name.parse().ok())
        .unwrap_or(Level::INFO);
    // Fails only when it was done before, for the same host.
    let _ = tracing::subscriber::set_global_default(Forward { host, max });
    panic::set_hook(Box::new(move |info| {
        // Not `{info}`: its text would begin a second line.
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let text = format!("panicked at {place}: {}", message_of(info.payload()));
        host.log(level::ERROR, "panic", &text);
        if let Some(print) = OF_THE_TEST.get() {
            print(info);
        }
    }));
}

/// Takes the hook out again: it is code of a library that is about to leave.
pub(crate) fn uninstall() {
    drop(panic::take_hook());
}

/// What a panic said.
pub(crate) fn message_of(payload: &(dyn std::any::Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
}

struct Forward {
    host: RawHost,
    max: Level,
}

impl Subscriber for Forward {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= self.max
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        Some(self.max.into())
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        // In a test several plugins share this process, and this subscriber knows only the first.
        let ctx = Ctx::current();
        let host = ctx.as_ref().map_or(self.host, |ctx| ctx.host().raw());
        if let Some(ctx) = &ctx {
            let _ = write!(line.fields, " correlation={}", ctx.correlation());
        }
        let level = match *event.metadata().level() {
            Level::ERROR => level::ERROR,
            Level::WARN => level::WARN,
            Level::INFO => level::INFO,
            Level::DEBUG => level::DEBUG,
            Level::TRACE => level::TRACE,
        };
        host.log(
            level,
            event.metadata().target(),
            &(line.message + &line.fields),
        );
    }

    // Spans would be the host's business; a delivery's correlation stands in every line instead.
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = if field.name() == "message" {
            write!(self.message, "{value:?}")
        } else {
            write!(self.fields, " {}={value:?}", field.name())
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}
