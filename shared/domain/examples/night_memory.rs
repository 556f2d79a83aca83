//! How much memory it takes to put a night's slices together:
//! `cargo run --release -p crm-domain --example night_memory -- 1000000 quintiles`.
//!
//! Slices of twenty thousand customers are made and stored one at a time, as
//! the queue would have them; the process's peak is what Linux says it was.

use std::time::Instant;

use crm_domain::care::Care;
use crm_domain::identity::NodeId;
use crm_domain::money::Amount;
use crm_domain::order::Contribution;
use crm_domain::population::{Cutoffs, Measure, Member, Scope};
use crm_domain::segment::{Rules, Subject, assess};
use crm_domain::settings::{RfmMode, Settings};
use crm_domain::totals::Totals;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

const SLICE: u32 = 20_000;
const NIGHT: &str = "2026-03-02T03:00:00Z";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let customers: u32 = arguments
        .next()
        .and_then(|count| count.parse().ok())
        .unwrap_or(100_000);
    let mut settings = Settings::default();
    if arguments.next().as_deref() == Some("quintiles") {
        settings.rfm.mode = RfmMode::Quintiles;
    }
    let scope = Scope {
        on: date(2026, 3, 2),
        one_in: customers.div_ceil(250_000),
        back_test_days: Some(365),
        figures_only: false,
    };
    let mut dice = fastrand::Rng::with_seed(1);
    let mut whole = Measure::default();
    let (mut stored, mut looking) = (0, std::time::Duration::ZERO);
    for slice in 0..customers.div_ceil(SLICE) {
        let mut part = Measure::default();
        for number in 0..SLICE.min(customers - slice * SLICE) {
            let totals = bought(&mut dice);
            let began = Instant::now();
            look(
                &mut part,
                slice * SLICE + number,
                &totals,
                &settings,
                &scope,
            );
            looking += began.elapsed();
        }
        let bytes = postcard::to_stdvec(&part).expect("plain data");
        drop(part);
        stored += bytes.len();
        whole.absorb(postcard::from_bytes(&bytes).expect("as it was stored"));
    }
    let before = peak();
    let began = Instant::now();
    let found = whole.finish(&settings, &Cutoffs::NONE, scope.on, None);
    println!("customers            {}", found.all.customers);
    println!(
        "look at one          {} ns",
        looking.as_nanos() / u128::from(customers)
    );
    println!(
        "stored a customer    {:.1} bytes",
        bytes_each(stored, customers)
    );
    println!("put together         {:?}", began.elapsed());
    println!("model fitted to      {}", found.cutoffs.model.buyers);
    println!("peak before / after  {before} / {} MB", peak());
}

fn bytes_each(stored: usize, customers: u32) -> f64 {
    f64::from(u32::try_from(stored).unwrap_or(u32::MAX)) / f64::from(customers)
}

/// Some orders over three years.
fn bought(dice: &mut fastrand::Rng) -> Totals {
    let night: Timestamp = NIGHT.parse().expect("an instant");
    let mut totals = Totals::default();
    while totals.history().is_empty() || dice.u8(..10) < 5 {
        let ago = SignedDuration::from_mins(dice.i64(0..3 * 365 * 24 * 60));
        let order = Contribution {
            placed_at: night - ago,
            gross: Amount::from_decimal(Decimal::new(dice.i64(500..50_000), 2)),
            units_bought: 1,
            ..Contribution::default()
        };
        totals.replace(None, Some(&order));
    }
    totals
}

fn look(part: &mut Measure, number: u32, totals: &Totals, settings: &Settings, scope: &Scope) {
    let rules = Rules::alone(settings);
    let subject = Subject {
        totals,
        care: &Care::NONE,
        ranked: true,
        source: None,
    };
    let assessment = assess(&subject, &rules, scope.on, None);
    let id = NodeId::parse(&format!("{number:026}")).expect("digits");
    let member = Member {
        id: &id,
        subject,
        assessment: &assessment,
    };
    part.add(&member, &rules, scope);
}

/// The most memory this process ever had, in MB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1024
}
