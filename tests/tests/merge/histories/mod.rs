//! Random histories through the real functions, cut-offs, events, workflows
//! and letters among them. At every step everybody is what a fold of the
//! facts makes of them, worked out here; and once every merge is taken back,
//! each is what their own facts alone make of them.
//!
//! `MERGE_HISTORIES` says how many; 300 unless it does.

mod check;
mod fold;
mod happening;
mod ledger;

use anyhow::{Context, Result};
use crm_domain::settings::Share;
use fastrand::Rng;
use happening::Deed;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::crew::{Crew, customer};
use check::Seen;
use ledger::{Customer, Ledger};

const USUAL: u64 = 300;
/// Shops with the numbers of their customers: two of one shop can be merged there.
const CUSTOMERS: [(&str, u64); 5] = [("a", 1), ("a", 2), ("b", 1), ("c", 1), ("b", 2)];

/// One history, told to functions over tables of its own.
struct History {
    crew: Crew,
    rng: Rng,
    /// What was told, and of whom.
    ledger: Ledger,
    /// What was found at the step before.
    seen: Seen,
}

#[test]
fn merged_and_parted_again_everybody_is_what_the_facts_make_of_them() {
    let histories = std::env::var("MERGE_HISTORIES").ok();
    let histories = histories.map_or(USUAL, |count| count.parse().expect("a number"));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let live = |first: u64| {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let mut all = Tally::default();
        runtime.unwrap().block_on(async {
            for seed in (first..histories).step_by(threads) {
                let lived = Box::pin(History::live(seed)).await;
                all.add(&lived.unwrap_or_else(|error| panic!("history {seed}: {error:#}")));
            }
        });
        all
    };
    let mut all = Tally::default();
    std::thread::scope(|scope| {
        let threads = (0..)
            .take(threads)
            .map(|first| scope.spawn(move || live(first)));
        let threads: Vec<_> = threads.collect();
        for thread in threads {
            all.add(
                &thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            );
        }
    });
    println!("{histories} histories: {all:?}");
    // Nothing is proven of what does not happen.
    assert!(histories < USUAL || all.has_everything(), "{all:?}");
}

/// What happened, to be sure that it did.
#[derive(Debug, Clone, Default)]
struct Tally {
    steps: usize,
    merges: usize,
    joined_persons: usize,
    vips_by_rank: usize,
    letters: usize,
    alerts: usize,
    cuts: usize,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.merges += other.merges;
        self.joined_persons += other.joined_persons;
        self.vips_by_rank += other.vips_by_rank;
        self.letters += other.letters;
        self.alerts += other.alerts;
        self.cuts += other.cuts;
    }

    fn has_everything(&self) -> bool {
        let counts = [
            self.steps,
            self.merges,
            self.joined_persons,
            self.vips_by_rank,
            self.letters,
            self.alerts,
            self.cuts,
        ];
        counts.iter().all(|count| *count > 10)
    }
}

fn date(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

impl History {
    async fn live(seed: u64) -> Result<Tally> {
        let mut history = Box::pin(Self::begin(seed)).await?;
        for step in 0..history.rng.u32(4..9) {
            let lived = history.step().await;
            lived.with_context(|| format!("step {step}: {:?}", history.ledger.happened))?;
        }
        history.part_all().await.context("at the end")?;
        Ok(history.seen.tally)
    }

    /// Two to five customers; now and then two of them share an address, and
    /// are joined by it.
    async fn begin(seed: u64) -> Result<Self> {
        let mut rng = Rng::with_seed(seed);
        let mut crew = Crew::new().await?;
        // Ranks among few: one of four, and who was one stays among two of four.
        crew.set(|settings| {
            settings.vip.enter_share = Share::percent(25);
            settings.vip.keep_share = Share::percent(50);
            settings.vip.least_base = 2;
            // So much comes back of few orders that somebody has to look.
            settings.return_alert.least_orders = 1;
            settings.return_alert.least_units = 3;
        })
        .await?;
        let count = [2, 3, 3, 4, 4, 5][rng.usize(0..6)];
        let shares = rng.bool();
        let mut ledger = Ledger::default();
        for (place, (shop, id)) in CUSTOMERS.into_iter().take(count).enumerate() {
            // The third is of another shop than the first.
            let address = if shares && place == 2 { 0 } else { place };
            let email = format!("x{address}@example.com");
            let told = (shop, "customers/create", customer(id, &email, crew.now()));
            let told = crew.delivery(&told)?;
            crew.take(std::slice::from_ref(&told)).await?;
            let node = crew.node_of(shop, id).await?;
            ledger.told.push(told);
            ledger
                .customers
                .push(Customer::new((shop, id), node, &email));
        }
        let mut history = Self {
            crew,
            rng,
            ledger,
            seen: Seen::default(),
        };
        history.crew.settle().await?;
        history.check().await?;
        Ok(history)
    }

    /// Hours pass. The clock ticks in each, and finds somebody at a new date only.
    async fn pass(&mut self, hours: i64) -> Result<()> {
        let before = date(self.crew.now());
        self.crew.pass(hours);
        if date(self.crew.now()) == before {
            return Ok(());
        }
        self.crew.due().await
    }

    /// One thing happens, or two or three before anything follows from them.
    async fn step(&mut self) -> Result<()> {
        let hours = [1, 1, 1, 5, 24 * 20, 24 * 45][self.rng.usize(0..6)];
        self.pass(hours).await?;
        let happenings = [1, 1, 1, 2, 3][self.rng.usize(0..5)];
        self.ledger.begin_step();
        let before = date(self.crew.now());
        for _ in 0..happenings {
            self.crew.tick();
            self.happen().await?;
            if self.ledger.happened == [Deed::Night] {
                break;
            }
        }
        if date(self.crew.now()) == before {
            self.crew.settle().await?;
        } else {
            self.crew.due().await?;
        }
        self.check().await
    }

    /// Whatever joins anybody is taken back, in any order.
    async fn part_all(&mut self) -> Result<()> {
        loop {
            let standing = self.standing_merges().await?;
            let Some((merge, node)) = self.rng.choice(standing) else {
                break;
            };
            self.pass(1).await?;
            self.crew.unmerge(&node, &merge).await?;
        }
        self.ledger.begin_step();
        self.crew.settle().await?;
        self.check().await?;
        let persons = self.everybody().await?;
        let single = persons.iter().all(|person| person.nodes().len() == 1);
        anyhow::ensure!(single, "somebody is still joined");
        // Another night, and news told again, change nobody, and nobody is
        // welcomed again.
        let letters = self.crew.letters()?.len();
        self.pass(24).await?;
        self.crew.night().await?;
        let told = self.ledger.told.clone();
        for delivery in self.rng.choose_multiple(told, 4) {
            self.crew.take(&[delivery]).await?;
        }
        self.crew.settle().await?;
        self.check().await.context("the day after")?;
        anyhow::ensure!(self.crew.letters()?.len() == letters, "a letter too many");
        Ok(())
    }
}
