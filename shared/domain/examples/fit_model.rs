//! Fits the value model to the CDNOW sample, once and ten times over, and
//! prints what came out and how long it took, as one line of JSON for each.
//!
//! `cargo run --release -p crm-domain --example fit_model -- cdnow_sample.csv`
//! (rows of master id, customer, date, units, amount).

use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use crm_domain::history::History;
use crm_domain::money::Amount;
use crm_domain::settings::Settings;
use crm_domain::value::{Buyer, Model};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

/// Last day of the 39 weeks that the published estimates know.
const CALIBRATED: Date = date(1997, 9, 30);
/// A fit is repeated this often; the fastest counts.
const RUNS: u32 = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name the transactions")?;
    let buyers = buyers(&std::fs::read_to_string(path)?)?;
    for times in [1, 10] {
        report(&buyers.repeat(times));
    }
    Ok(())
}

fn buyers(table: &str) -> Result<Vec<Buyer>, Box<dyn Error>> {
    let mut histories: BTreeMap<&str, History> = BTreeMap::new();
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        let [_, customer, date, _, gross] = columns[..] else {
            return Err(format!("not a transaction: {line}").into());
        };
        let date: Date = date.parse()?;
        let at = date.to_zoned(TimeZone::UTC)?.timestamp();
        let history = histories.entry(customer).or_default();
        history.add(at, Amount::parse(gross)?);
    }
    let settings = Settings {
        count_zero_value_orders: true,
        ..Settings::default()
    };
    let of = |history| Buyer::of(history, &settings, CALIBRATED);
    Ok(histories.values().filter_map(of).collect())
}

fn report(buyers: &[Buyer]) {
    let (fit, model) = fastest(|| Model::fit(black_box(buyers)));
    let sample = &buyers[..buyers.len().min(2_000)];
    let (predict, _) = fastest(|| -> f64 {
        let years = sample.iter().map(|buyer| model.predict(buyer, CALIBRATED));
        years.map(|year| year.high).sum()
    });
    let (value, _) = fastest(|| -> f64 { sample.iter().map(|buyer| model.value(buyer)).sum() });
    #[expect(clippy::cast_precision_loss, reason = "two thousand")]
    let each = |all: Duration| all.as_secs_f64() * 1e6 / sample.len() as f64;
    let (p, s) = (model.purchases, model.spend);
    println!(
        concat!(
            r#"{{"customers":{},"r":{},"alpha":{},"a":{},"b":{},"log_likelihood":{},"#,
            r#""p":{},"q":{},"gamma":{},"fit_ms":{:.3},"predict_us":{:.2},"value_us":{:.2}}}"#
        ),
        buyers.len(),
        p.r,
        p.alpha,
        p.a,
        p.b,
        model.log_likelihood.unwrap_or(f64::NAN),
        s.p,
        s.q,
        s.gamma,
        fit.as_secs_f64() * 1e3,
        each(predict),
        each(value),
    );
}

fn fastest<T>(work: impl Fn() -> T) -> (Duration, T) {
    let run = || {
        let start = Instant::now();
        let result = work();
        (start.elapsed(), result)
    };
    let mut best = run();
    for _ in 1..RUNS {
        let next = run();
        if next.0 < best.0 {
            best = next;
        }
    }
    best
}
