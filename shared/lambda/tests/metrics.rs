//! Metrics, held against the Embedded Metric Format's specification.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_lambda::{Measured, Metrics, Unit};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::Value;

const NAMES: [(&str, Unit, &str); 4] = [
    ("orders_recorded", Unit::Count, "Count"),
    ("orders_duplicate", Unit::Count, "Count"),
    ("fetches_timed", Unit::Milliseconds, "Milliseconds"),
    ("bodies_2_stored", Unit::Bytes, "Bytes"),
];

fn now() -> Timestamp {
    "2026-03-01T12:00:00.123Z".parse().unwrap()
}

/// Which metric, how much, and how often.
fn additions() -> impl Strategy<Value = Vec<(usize, u32, usize)>> {
    prop::collection::vec((0..NAMES.len(), 0..10_000_u32, 1..150_usize), 0..8)
}

fn filled(additions: &[(usize, u32, usize)]) -> Metrics {
    let mut metrics = Metrics::new("customer_upsert");
    for &(which, value, times) in additions {
        let (name, unit, _) = NAMES[which];
        for _ in 0..times {
            metrics.add(name, unit, f64::from(value));
        }
    }
    metrics
}

fn lines(metrics: &mut Metrics) -> Vec<Value> {
    let mut out = Vec::new();
    metrics.flush(now(), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The values of a metric in a document, where a lone value stands by itself.
fn values(target: &Value) -> Vec<f64> {
    match target {
        Value::Array(values) => values.iter().map(|v| v.as_f64().unwrap()).collect(),
        value => vec![value.as_f64().unwrap()],
    }
}

/// What the specification demands of a document, and its values by metric.
fn checked(document: &Value) -> Vec<(String, Vec<f64>)> {
    let metadata = &document["_aws"];
    assert_eq!(metadata["Timestamp"], 1_772_366_400_123_i64);
    let [directive] = metadata["CloudWatchMetrics"].as_array().unwrap().as_slice() else {
        panic!("one directive");
    };
    assert_eq!(directive["Namespace"], "Crm");
    assert_eq!(directive["Dimensions"], serde_json::json!([["function"]]));
    assert_eq!(document["function"], "customer_upsert");
    let definitions = directive["Metrics"].as_array().unwrap();
    assert!((1..=100).contains(&definitions.len()));
    // Nothing but the metadata, the dimension and the metrics.
    assert_eq!(document.as_object().unwrap().len(), definitions.len() + 2);
    definitions
        .iter()
        .map(|definition| {
            let name = definition["Name"].as_str().unwrap();
            let (_, _, unit) = NAMES.iter().find(|(known, ..)| *known == name).unwrap();
            assert_eq!(definition["Unit"], *unit);
            let values = values(&document[name]);
            assert!((1..=100).contains(&values.len()));
            (name.to_owned(), values)
        })
        .collect()
}

proptest! {
    #[test]
    fn every_line_follows_the_specification_and_no_value_is_lost(additions in additions()) {
        let mut metrics = filled(&additions);
        let lines = lines(&mut metrics);
        let mut written: Vec<_> = lines.iter().flat_map(checked).collect();

        for Measured { name, unit, values } in filled(&additions).drain() {
            let (mine, others): (Vec<_>, _) = written.into_iter().partition(|(n, _)| n == name);
            written = others;
            let mine: Vec<f64> = mine.into_iter().flat_map(|(_, values)| values).collect();
            prop_assert_eq!(&mine, &values);
            prop_assert!(unit != Unit::Count || mine.len() == 1);
        }
        prop_assert!(written.is_empty());
        prop_assert_eq!(lines.is_empty(), additions.is_empty());
    }

    #[test]
    fn what_was_added_is_what_is_counted(additions in additions()) {
        let metrics = filled(&additions);
        for (which, (name, ..)) in NAMES.iter().enumerate() {
            let expected: f64 = additions
                .iter()
                .filter(|(of, ..)| *of == which)
                .map(|&(_, value, times)| f64::from(value) * f64::from(u32::try_from(times).unwrap()))
                .sum();
            prop_assert!((metrics.count(name) - expected).abs() < 0.5);
        }
    }
}

#[test]
fn a_batch_is_one_line() {
    let mut metrics = filled(&[(0, 1, 10), (2, 30, 10), (3, 512, 1)]);
    assert_eq!(lines(&mut metrics).len(), 1);
}

#[test]
fn a_flush_starts_anew() {
    let mut metrics = filled(&[(0, 1, 3)]);
    assert_eq!(lines(&mut metrics).len(), 1);
    assert!(lines(&mut metrics).is_empty());
    assert!(metrics.drain().is_empty());
}

#[test]
fn a_name_out_of_style_is_noticed_in_debug_builds() {
    let misnamed = [
        "OrdersRecorded",
        "orders-recorded",
        "_aws",
        "orders__recorded",
        "",
        "2_orders",
        "function",
    ];
    for name in misnamed {
        let added = std::panic::catch_unwind(|| Metrics::new("f").add(name, Unit::Count, 1.0));
        assert_eq!(added.is_err(), cfg!(debug_assertions), "{name}");
    }
}
