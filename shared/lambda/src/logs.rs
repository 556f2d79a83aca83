//! Logs: one JSON object a line on standard output, where Lambda collects them.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::{VariableError, Variables};

/// Sets up logging for the process, from the level in `LOG_LEVEL` (`info` when
/// not set). A second call changes nothing.
///
/// # Errors
///
/// [`VariableError::Invalid`] when `LOG_LEVEL` is not a level.
pub(crate) fn set_up(variables: &Variables) -> Result<(), VariableError> {
    let level = level(variables)?;
    // Only a test process has a subscriber already, and that one may stay.
    tracing_subscriber::registry()
        .with(json_lines(level, std::io::stdout))
        .try_init()
        .ok();
    Ok(())
}

fn level(variables: &Variables) -> Result<LevelFilter, VariableError> {
    let Some(level) = variables.optional("LOG_LEVEL") else {
        return Ok(LevelFilter::INFO);
    };
    level.parse().map_err(|_| VariableError::Invalid {
        name: "LOG_LEVEL",
        expected: "one of off, error, warn, info, debug, trace",
    })
}

fn json_lines<S, W>(level: LevelFilter, writer: W) -> impl Layer<S>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt::layer()
        .json()
        .with_ansi(false)
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(writer)
        .with_filter(targets(level))
}

/// Our own logs at `level`; libraries never below what cannot quote a payload.
///
/// The SDK and the HTTP stack log whole requests at `debug` and the Lambda
/// runtime whole events at `trace`: a customer's address is in both.
fn targets(level: LevelFilter) -> Targets {
    let libraries = ["aws_", "h2", "hyper", "rustls", "tower"];
    Targets::new()
        .with_default(level)
        .with_targets(libraries.map(|target| (target, level.min(LevelFilter::WARN))))
        // Its span, at `info` whatever our level, puts the request id on every line of ours.
        .with_target("lambda_runtime", LevelFilter::INFO)
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::Value;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(level: LevelFilter, log: impl FnOnce()) -> Vec<Value> {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber =
            tracing_subscriber::registry().with(json_lines(level, move || writer.clone()));
        tracing::subscriber::with_default(subscriber, log);
        let bytes = lines.0.lock().unwrap();
        let text = std::str::from_utf8(&bytes).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_line_is_one_object_with_the_message_the_fields_and_the_request() {
        let lines = logged(LevelFilter::INFO, || {
            let span = tracing::info_span!(target: "lambda_runtime", "invoke", requestId = "r-1");
            let _inside = span.enter();
            tracing::info!(order.id = "o-1", "recorded order o-1");
            tracing::debug!("too much to say");
        });
        let [line] = lines.as_slice() else {
            panic!("one line, not {lines:?}");
        };
        assert_eq!(line["message"], "recorded order o-1");
        assert_eq!(line["order.id"], "o-1");
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["span"]["requestId"], "r-1");
        assert!(!line.to_string().contains('\u{1b}'));
    }

    #[test]
    fn libraries_never_get_to_log_a_payload() {
        let lines = logged(LevelFilter::TRACE, || {
            tracing::debug!(target: "aws_smithy_runtime::client", "ada@example.com");
            tracing::trace!(target: "lambda_runtime::layers", "ada@example.com");
            tracing::debug!(target: "hyper_util::client", "ada@example.com");
            tracing::trace!("ours");
        });
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["message"], "ours");
    }

    #[test]
    fn an_unknown_level_is_an_error_that_names_the_variable() {
        let set = |value: &str| [("LOG_LEVEL".to_owned(), value.to_owned())].into_iter();
        let error = level(&set("loud").collect()).unwrap_err();
        assert!(error.to_string().contains("LOG_LEVEL"));
        assert_eq!(level(&set("WARN").collect()), Ok(LevelFilter::WARN));
        assert_eq!(level(&set("").collect()), Ok(LevelFilter::INFO));
    }
}
