//! Why a function failed an entry of its batch, taken from what it logs.
//!
//! A batch answer only names the entries to deliver again; the reason is in the function's log,
//! under the entry's id. On AWS a person looks it up there. Here the dead letters show it.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

/// Reasons by the id of the entry, until they are asked for.
#[derive(Clone, Default)]
pub(super) struct Reasons(Arc<Mutex<HashMap<String, String>>>);

impl Reasons {
    /// Why an entry failed last; told once.
    pub(super) fn take(&self, id: &str) -> Option<String> {
        self.all().remove(id)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.0.lock().expect("no holder of the reasons panics")
    }

    /// A listener for one thread that hears failures and hands everything on to whoever
    /// listened before.
    pub(super) fn listener(&self) -> Dispatch {
        let behind = tracing::dispatcher::get_default(Clone::clone);
        Dispatch::new(Listener {
            reasons: self.clone(),
            behind,
            level: LevelFilter::current().max(LevelFilter::WARN),
        })
    }
}

struct Listener {
    reasons: Reasons,
    behind: Dispatch,
    level: LevelFilter,
}

fn is_a_failure(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::WARN && metadata.is_event()
}

impl Subscriber for Listener {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_a_failure(metadata) || self.behind.enabled(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn event(&self, event: &Event<'_>) {
        if is_a_failure(event.metadata()) {
            let mut heard = Heard::default();
            event.record(&mut heard);
            if let (Some(id), Some(reason)) = (heard.id, heard.reason) {
                self.reasons.all().insert(id, reason);
            }
        }
        if self.behind.enabled(event.metadata()) {
            self.behind.event(event);
        }
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.behind.new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.behind.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.behind.record_follows_from(span, follows);
    }

    fn enter(&self, span: &Id) {
        self.behind.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.behind.exit(span);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.behind.clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.behind.try_close(id)
    }
}

/// The two fields that matter of what was logged.
#[derive(Default)]
struct Heard {
    id: Option<String>,
    reason: Option<String>,
}

impl Heard {
    fn hear(&mut self, field: &Field, text: String) {
        match field.name() {
            "message.id" | "record.sequence_number" => self.id = Some(text),
            "error" => self.reason = Some(text),
            _ => {}
        }
    }
}

impl Visit for Heard {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.hear(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.hear(field, value.to_owned());
    }
}
