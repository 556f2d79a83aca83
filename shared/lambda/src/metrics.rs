//! What a function did, in numbers an operator can watch and be woken by.
//!
//! Written as one log line in `CloudWatch` Embedded Metric Format, from which
//! `CloudWatch` makes metrics: no call, no agent.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The most values that one metric may have in one document.
const MOST_VALUES: usize = 100;

/// What a metric counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// How many. Added up within an invocation.
    Count,
    /// How long. Each value is kept, for percentiles.
    Milliseconds,
    /// How big. Each value is kept, for percentiles.
    Bytes,
}

/// One metric of one invocation, as [`Metrics::drain`] gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Its name.
    pub name: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// The sum alone for [`Unit::Count`], else every value in the order added.
    pub values: Vec<f64>,
}

/// The metrics of one invocation, in the namespace `Crm`, by function.
#[derive(Debug)]
pub struct Metrics {
    function: &'static str,
    measured: BTreeMap<&'static str, (Unit, Vec<f64>)>,
}

impl Metrics {
    /// No metrics yet, for the function called so, such as `customer_upsert`.
    #[must_use]
    pub fn new(function: &'static str) -> Self {
        Self {
            function,
            measured: BTreeMap::new(),
        }
    }

    /// Adds a value. Names are plural `things_done`, in snake case; one name has one unit.
    ///
    /// # Panics
    ///
    /// In debug builds, when the name or the value (which must be finite)
    /// breaks these rules; in release builds such a value is left out.
    pub fn add(&mut self, name: &'static str, unit: Unit, value: f64) {
        debug_assert!(is_snake_case(name), "{name} is not in snake case");
        debug_assert!(name != "function", "function is the dimension");
        debug_assert!(value.is_finite(), "{name} must be finite");
        if !value.is_finite() {
            return;
        }
        let (first_unit, values) = self.measured.entry(name).or_insert((unit, Vec::new()));
        debug_assert!(*first_unit == unit, "{name} has one unit");
        match (unit, values.first_mut()) {
            (Unit::Count, Some(sum)) => *sum += value,
            _ => values.push(value),
        }
    }

    /// The sum of what was added under `name` since the last flush; 0 if nothing was.
    #[must_use]
    pub fn count(&self, name: &str) -> f64 {
        self.measured
            .get(name)
            .map_or(0.0, |(_, values)| values.iter().sum())
    }

    /// Takes everything out, for a caller that shows it itself.
    pub fn drain(&mut self) -> Vec<Measured> {
        std::mem::take(&mut self.measured)
            .into_iter()
            .map(|(name, (unit, values))| Measured { name, unit, values })
            .collect()
    }

    /// Writes the metrics as of `now`, as one line, and starts anew; nothing to
    /// write is no line.
    ///
    /// A metric with more than 100 values goes on in a further line: `CloudWatch`
    /// takes no more in one.
    ///
    /// # Errors
    ///
    /// When `out` cannot be written to; the metrics are gone all the same.
    pub fn flush(&mut self, now: Timestamp, mut out: impl Write) -> io::Result<()> {
        let measured = self.drain();
        let longest = measured.iter().map(|m| m.values.len()).max().unwrap_or(0);
        for part in 0..longest.div_ceil(MOST_VALUES) {
            // In one write, so that no other line can come in between.
            let mut line = self.document(now, &measured, part).to_string();
            line.push('\n');
            out.write_all(line.as_bytes())?;
        }
        Ok(())
    }

    /// The document with the `part`th hundred values of each metric that has as many.
    fn document(&self, now: Timestamp, measured: &[Measured], part: usize) -> Value {
        let mut definitions = Vec::new();
        let mut document = Map::new();
        for Measured { name, unit, values } in measured {
            let Some(values) = values.chunks(MOST_VALUES).nth(part) else {
                continue;
            };
            definitions.push(json!({"Name": name, "Unit": unit.name()}));
            document.insert((*name).to_owned(), one_or_many(values));
        }
        let directive = json!({
            "Namespace": "Crm",
            "Dimensions": [["function"]],
            "Metrics": definitions,
        });
        document.insert("function".to_owned(), self.function.into());
        document.insert(
            "_aws".to_owned(),
            json!({"Timestamp": now.as_millisecond(), "CloudWatchMetrics": [directive]}),
        );
        document.into()
    }
}

impl Unit {
    /// The unit's name as the format spells it.
    fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
            Self::Bytes => "Bytes",
        }
    }
}

fn one_or_many(values: &[f64]) -> Value {
    match values {
        [value] => json!(value),
        values => json!(values),
    }
}

/// Lower-case words of letters and digits with single underscores between them,
/// the first beginning with a letter.
fn is_snake_case(name: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.split('_').all(is_word)
}
