//! How long it takes to score a customer: digits, code, group and stage.
//!
//! `score_customers COUNT FILE` makes up customers, writes them to the file
//! as CSV (days since the last order, counted orders, gross), scores them
//! over and over, and prints the best time and what came out as JSON.

use std::collections::BTreeMap;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::time::Instant;

use crm_domain::money::Amount;
use crm_domain::segment::{Group, Score, Scorer, Stage};
use crm_domain::settings::Settings;
use fastrand::Rng;
use rust_decimal::Decimal;

struct Customer {
    recency_days: i64,
    orders: i64,
    gross: Amount,
}

fn make(count: usize) -> Vec<Customer> {
    let mut rng = Rng::with_seed(1);
    let one = |_| Customer {
        recency_days: rng.i64(0..500),
        orders: rng.i64(1..15),
        gross: Amount::from_decimal(Decimal::new(rng.i64(1..150_000), 2)),
    };
    (0..count).map(one).collect()
}

fn write(customers: &[Customer], path: &str) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "recency_days,orders,gross")?;
    for one in customers {
        writeln!(file, "{},{},{}", one.recency_days, one.orders, one.gross)?;
    }
    file.flush()
}

fn score(customers: &[Customer], settings: &Settings, out: &mut Vec<(Score, Group, Stage)>) {
    out.clear();
    let scorer = Scorer::new(&settings.rfm);
    for one in customers {
        let (days, orders) = (one.recency_days, one.orders);
        let score = scorer.score(days, orders, one.gross);
        let stage = Stage::of(&settings.lifecycle, Some(days), orders);
        out.push((score, score.group(), stage));
    }
}

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [count, path] = arguments.as_slice() else {
        return Err(std::io::Error::other("usage: score_customers COUNT FILE"));
    };
    let count = count.parse().map_err(std::io::Error::other)?;
    let customers = make(count);
    write(&customers, path)?;
    let settings = Settings::default();
    let mut out = Vec::with_capacity(count);
    let mut best = f64::INFINITY;
    for _ in 0..20 {
        let begun = Instant::now();
        score(black_box(&customers), &settings, &mut out);
        best = best.min(begun.elapsed().as_secs_f64());
        black_box(&out);
    }
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    for (score, group, stage) in &out {
        *found.entry(score.code()).or_default() += 1;
        *found.entry(group.to_string()).or_default() += 1;
        *found.entry(format!("stage {stage:?}")).or_default() += 1;
    }
    let nanoseconds = best * 1e9 / f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let told = serde_json::json!({"nanoseconds": nanoseconds, "found": found});
    println!("{told}");
    Ok(())
}
