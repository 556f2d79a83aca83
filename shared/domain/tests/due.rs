//! Waking whoever is due finds, at every tick of the clock, what evaluating everyone would.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_domain::care::{Care, CaseSpan};
use crm_domain::money::Amount;
use crm_domain::named::NamedSegments;
use crm_domain::order::Contribution;
use crm_domain::population::{Cutoffs, VipCutoffs};
use crm_domain::segment::{Assessment, Rules, Subject, assess};
use crm_domain::settings::Settings;
use crm_domain::totals::Totals;
use fastrand::Rng;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

const HOUR: i64 = 3600;
/// Hours of a life that is watched: three years.
const HOURS: i64 = 3 * 365 * 24;
/// How often somebody looks.
const LOOKS: usize = 400;
const ZONES: [&str; 4] = ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia"];

/// A customer's orders, returns and cases, as they happen.
struct Life {
    rng: Rng,
    totals: Totals,
    care: Care,
    counted: Vec<Contribution>,
}

fn begin() -> Timestamp {
    "2024-01-01T00:00:00Z".parse().unwrap()
}

fn at(hour: i64) -> Timestamp {
    begin() + SignedDuration::from_hours(hour)
}

impl Life {
    fn new(seed: u64) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            totals: Totals::default(),
            care: Care::default(),
            counted: Vec::new(),
        }
    }

    /// Something happens within the hour.
    fn event(&mut self, hour: i64) {
        let now = at(hour) + SignedDuration::from_secs(self.rng.i64(0..HOUR));
        match self.rng.u8(0..10) {
            0..=4 => self.order(now),
            5 => self.send_back(),
            6 => self.cancel(),
            7..=8 => {
                let case = CaseSpan {
                    opened: now,
                    closed: None,
                };
                let id = format!("case{}", self.care.cases.len());
                self.care.cases.insert(id, case);
            }
            _ => {
                let open = self.care.cases.values_mut().find(|c| c.closed.is_none());
                if let Some(case) = open {
                    case.closed = Some(now);
                }
                let due = self.rng.bool().then(|| Settings::default().date_of(now));
                self.care.unpaid = due.map(|due| (due, Amount::whole(1))).into_iter().collect();
            }
        }
    }

    fn order(&mut self, now: Timestamp) {
        let order = Contribution {
            placed_at: now,
            gross: Amount::whole(self.rng.i64(0..400)),
            units_bought: self.rng.i64(1..6),
            ..Contribution::default()
        };
        self.totals.replace(None, Some(&order));
        self.counted.push(order);
    }

    fn send_back(&mut self) {
        if let Some(order) = self.counted.last_mut() {
            let before = order.clone();
            order.units_returned = self.rng.i64(0..=order.units_bought);
            order.refunded = Amount::whole(order.units_returned);
            order.return_documents = 1;
            self.totals.replace(Some(&before), Some(order));
        }
    }

    fn cancel(&mut self) {
        if let Some(order) = self.counted.pop() {
            self.totals.replace(Some(&order), None);
        }
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            totals: &self.totals,
            care: &self.care,
            ranked: true,
            source: None,
        }
    }
}

/// What is found of a customer whom only events and due ticks bring up.
struct Found<'a> {
    rules: Rules<'a>,
    known: Option<Assessment>,
}

impl Found<'_> {
    fn today(&self, hour: i64) -> Date {
        self.rules.settings.date_of(at(hour))
    }

    /// Every tick up to the hour: the first one of a day finds whoever is due
    /// on it.
    fn ticks(&mut self, life: &Life, hour: i64) {
        let today = self.today(hour);
        while let Some(known) = self.known.as_ref() {
            let Some(wake) = known.wake_on.filter(|wake| *wake <= today) else {
                return;
            };
            self.known = Some(assess(&life.subject(), &self.rules, wake, Some(known)));
        }
    }

    fn event(&mut self, life: &Life, hour: i64) {
        let on = self.today(hour);
        self.known = Some(assess(
            &life.subject(),
            &self.rules,
            on,
            self.known.as_ref(),
        ));
    }

    /// Whether a full evaluation finds the same.
    fn compare(&self, life: &Life, hour: i64, seed: u64) -> usize {
        let Some(known) = &self.known else {
            return 0;
        };
        let on = self.today(hour);
        let fresh = assess(&life.subject(), &self.rules, on, Some(known));
        assert!(
            fresh.says_the_same(known),
            "seed {seed}, {on}: {fresh:?} {known:?}"
        );
        1
    }
}

/// Lives one life from hour to hour at which something happens or somebody
/// looks; the number of looks.
fn watch(seed: u64) -> usize {
    let settings = Settings {
        time_zone: ZONES[usize::try_from(seed % 4).unwrap()].to_owned(),
        ..Settings::default()
    };
    let cutoffs = Cutoffs {
        version: 1,
        vip: Some(VipCutoffs {
            enter: Amount::whole(900),
            leave: Amount::whole(600),
        }),
        ..Cutoffs::NONE
    };
    let mut found = Found {
        rules: Rules {
            settings: &settings,
            cutoffs: &cutoffs,
            named: NamedSegments::none(),
        },
        known: None,
    };
    let mut life = Life::new(seed);
    let mut next_event = life.rng.i64(0..2000);
    let mut hours: Vec<i64> = (0..LOOKS).map(|_| life.rng.i64(0..HOURS)).collect();
    hours.sort_unstable();
    let mut compared = 0;
    for hour in hours {
        while next_event < hour {
            found.ticks(&life, next_event);
            life.event(next_event);
            found.event(&life, next_event);
            next_event += life.rng.i64(1..3000);
        }
        found.ticks(&life, hour);
        compared += found.compare(&life, hour, seed);
    }
    compared
}

#[test]
fn whoever_is_woken_when_due_is_as_a_full_evaluation_finds_at_a_million_instants() {
    let mut compared = 0;
    let mut seed = 0;
    while compared < 1_000_000 {
        compared += watch(seed);
        seed += 1;
    }
    println!("{compared} instants of {seed} customers");
}
