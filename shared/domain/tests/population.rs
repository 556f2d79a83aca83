//! What follows from everyone is the same however everyone is gone through,
//! and the same as the plain definitions say.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_domain::care::Care;
use crm_domain::identity::NodeId;
use crm_domain::money::Amount;
use crm_domain::named::NamedSegments;
use crm_domain::order::{Contribution, Origin};
use crm_domain::population::{
    Cutoffs, Difference, Figures, Measure, Member, Passed, Scope, Snapshot, VipCutoffs,
};
use crm_domain::segment::{Rules, Score, Subject, assess};
use crm_domain::settings::{RfmMode, Settings};
use crm_domain::totals::Totals;
use jiff::Span;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use rust_decimal::Decimal;

const TODAY: Date = date(2026, 3, 2);

/// Orders of a customer: days ago, gross in cents, what was given back.
type Orders = Vec<(i64, i64, i64)>;

#[derive(Debug, Clone)]
struct Customer {
    id: NodeId,
    totals: Totals,
    ranked: bool,
}

fn customer(number: usize, orders: &Orders, ranked: bool) -> Customer {
    let mut totals = Totals::default();
    for (days, cents, back) in orders {
        let on = TODAY - Span::new().days(*days);
        let amount = |cents: i64| Amount::from_decimal(Decimal::new(cents, 2));
        let order = Contribution {
            placed_at: on.at(12, 0, 0, 0).in_tz("UTC").unwrap().timestamp(),
            gross: amount(*cents),
            refunded: amount(*back),
            units_bought: 1,
            ..Contribution::default()
        };
        totals.replace(None, Some(&order));
    }
    Customer {
        id: NodeId::parse(&format!("customer{number:04}")).unwrap(),
        totals,
        ranked,
    }
}

fn customers() -> impl Strategy<Value = Vec<Customer>> {
    // Few different values, so that there are ties.
    let order = (
        0..400_i64,
        prop_oneof![1..20_i64, 1..1_000_000_i64],
        0..30_i64,
    );
    let one = (
        prop::collection::vec(order, 0..5),
        prop::bool::weighted(0.8),
    );
    prop::collection::vec(one, 0..120).prop_map(|all| {
        let numbered = all.iter().enumerate();
        numbered
            .map(|(n, (orders, ranked))| customer(n, orders, *ranked))
            .collect()
    })
}

fn add(measure: &mut Measure, customer: &Customer, rules: &Rules<'_>) {
    let subject = Subject {
        totals: &customer.totals,
        care: &Care::NONE,
        ranked: customer.ranked,
        source: None,
    };
    let assessment = assess(&subject, rules, TODAY, None);
    let member = Member {
        id: &customer.id,
        subject,
        assessment: &assessment,
    };
    measure.add(&member, rules, &Scope::on(TODAY));
}

fn measured(customers: &[Customer], settings: &Settings) -> Measure {
    let mut measure = Measure::default();
    for customer in customers {
        add(&mut measure, customer, &Rules::alone(settings));
    }
    measure
}

fn finished(measure: Measure, settings: &Settings) -> Snapshot {
    measure.finish(settings, &Cutoffs::NONE, TODAY, None)
}

fn by_place() -> Settings {
    let mut settings = Settings::default();
    settings.rfm.mode = RfmMode::Quintiles;
    settings.vip.least_base = 10;
    settings
}

/// Nets of those who are ranked, the best first.
fn nets(customers: &[Customer]) -> Vec<Amount> {
    let ranked = customers.iter().filter(|customer| customer.ranked);
    let mut nets: Vec<_> = ranked
        .map(|customer| customer.totals.view(false).sums)
        .filter(|sums| sums.orders > 0)
        .map(|sums| sums.net())
        .collect();
    nets.sort_unstable();
    nets.reverse();
    nets
}

/// 1 + floor(5 x strictly worse / all), by counting.
fn naive<T: PartialOrd>(value: &T, all: &[T]) -> u8 {
    let worse = all.iter().filter(|other| *other < value).count();
    u8::try_from(1 + 5 * worse / all.len()).unwrap()
}

proptest! {
    #[test]
    fn parts_in_any_order_give_the_same(
        mut customers in customers(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        seed in any::<prop::sample::Index>(),
    ) {
        let settings = by_place();
        let whole = finished(measured(&customers, &settings), &settings);
        customers.reverse();
        let turn = seed.index(customers.len() + 1);
        customers.rotate_left(turn);
        let mut cuts: Vec<_> = cuts.iter().map(|at| at.index(customers.len() + 1)).collect();
        cuts.extend([0, customers.len()]);
        cuts.sort_unstable();
        let mut parts: Vec<Measure> = cuts
            .windows(2)
            .map(|ends| measured(&customers[ends[0]..ends[1]], &settings))
            .collect();
        let half = parts.len() / 2;
        parts.rotate_left(half);
        let mut all = Measure::default();
        for part in parts {
            let stored = postcard::to_stdvec(&part).unwrap();
            all.absorb(postcard::from_bytes(&stored).unwrap());
        }
        prop_assert_eq!(finished(all, &settings), whole);
    }

    #[test]
    fn vips_are_the_best_tenth_and_ties_with_the_last_of_it(customers in customers()) {
        let settings = by_place();
        let found = finished(measured(&customers, &settings), &settings).cutoffs.vip;
        let nets = nets(&customers);
        prop_assert_eq!(found.is_some(), nets.len() >= 10);
        if let Some(vip) = found {
            let enter = nets[nets.len().div_ceil(10) - 1];
            let leave = nets[(nets.len() * 15).div_ceil(100) - 1];
            prop_assert_eq!((vip.enter, vip.leave), (enter, leave));
        }
    }

    #[test]
    fn digits_are_fifths_and_ties_stay_together(customers in customers()) {
        let settings = by_place();
        let cutoffs = finished(measured(&customers, &settings), &settings).cutoffs;
        let buyers: Vec<_> = customers
            .iter()
            .map(|customer| customer.totals.view(false))
            .filter(|view| view.sums.orders > 0)
            .map(|view| {
                let (_, last) = view.span.unwrap();
                (settings.date_of(last), view.sums.orders, view.sums.gross)
            })
            .collect();
        let Some(fifths) = cutoffs.quintiles else {
            prop_assert!(buyers.is_empty());
            return Ok(());
        };
        let last: Vec<_> = buyers.iter().map(|buyer| buyer.0).collect();
        let orders: Vec<_> = buyers.iter().map(|buyer| buyer.1).collect();
        let gross: Vec<_> = buyers.iter().map(|buyer| buyer.2).collect();
        for buyer in &buyers {
            let score = Score::by_place(&fifths, buyer.0, buyer.1, buyer.2);
            let naive = (naive(&buyer.0, &last), naive(&buyer.1, &orders), naive(&buyer.2, &gross));
            prop_assert_eq!((score.r, score.f, score.m), naive);
        }
    }

    #[test]
    fn figures_add_up(customers in customers()) {
        let settings = Settings::default();
        let found = finished(measured(&customers, &settings), &settings);
        prop_assert_eq!(found.all.customers, customers.len() as u64);
        for parts in [&found.segments, &found.stages, &found.health] {
            let count: u64 = parts.values().map(|part| part.customers).sum();
            let gross: Amount = parts.values().map(|part| part.gross).sum();
            prop_assert_eq!((count, gross), (found.all.customers, found.all.gross));
        }
        for parts in [&found.channels, &found.quarters, &found.groups] {
            let count: u64 = parts.values().map(|part| part.customers).sum();
            let net: Amount = parts.values().map(Figures::net).sum();
            prop_assert_eq!((count, net), (found.buyers.customers, found.buyers.net()));
        }
        let acquired: u64 = found.acquired.values().flat_map(|months| months.values()).sum();
        prop_assert_eq!(acquired, found.buyers.customers);
        let net: Amount = customers.iter().map(|one| one.totals.view(false).sums.net()).sum();
        prop_assert_eq!(found.all.net(), net);
    }
}

#[test]
fn averages_are_of_customers_and_of_orders() {
    let settings = Settings::default();
    let all = [
        customer(1, &vec![(400, 10_000, 0), (10, 5_000, 1_000)], true),
        customer(2, &vec![(30, 1_001, 0)], true),
        customer(3, &vec![], true),
    ];
    let found = finished(measured(&all, &settings), &settings);
    let text = |amount: Option<Amount>| amount.unwrap().to_string();
    assert_eq!(text(found.buyers.average_order_value()), "53.336667");
    assert_eq!(text(found.buyers.average_net()), "75.005");
    assert_eq!(text(found.all.average_gross()), "53.336667");
    assert_eq!(text(found.buyers.average_orders()), "1.5");
    // Twelve months at the pace so far, of 400 days and of 90 at least: as
    // far ahead as the model looks.
    assert_eq!(found.buyers.predicted.to_string(), "177.592667");
    // Only the second came within the last twelve months.
    assert_eq!((found.recent.customers, found.recent.orders), (1, 1));
    assert_eq!(found.quarters["2025-Q1"].customers, 1);
    assert_eq!(found.quarters["2026-Q1"].gross.to_string(), "10.01");
    assert_eq!(found.segments["Prospect"].customers, 1);
    assert_eq!(
        Snapshot::clone(&found).all.average_net(),
        found.all.average_net()
    );
}

#[test]
fn a_flood_of_origins_leaves_the_store_s_own_channels_alone() {
    let settings = Settings::default();
    let rules = Rules::alone(&settings);
    let order = |word: &str| Contribution {
        placed_at: "2026-01-05T12:00:00Z".parse().unwrap(),
        gross: Amount::whole(1),
        units_bought: 1,
        origin: Origin::campaign(Some(word), Some(word)),
        ..Contribution::default()
    };
    let mut parts = [Measure::default(), Measure::default()];
    let mut whole = Measure::default();
    for number in 0..9_000_usize {
        let word = match number % 3 {
            0 => "email".to_owned(),
            _ => format!("word{number}"),
        };
        let mut one = customer(number, &vec![], true);
        one.totals.replace(None, Some(&order(&word)));
        add(&mut parts[number % 2], &one, &rules);
        add(&mut whole, &one, &rules);
    }
    let [mut one, other] = parts;
    one.absorb(other);
    let together = finished(one, &settings);
    let found = finished(whole, &settings);
    assert_eq!(found, together);
    assert_eq!(
        found
            .channels
            .values()
            .map(|part| part.customers)
            .sum::<u64>(),
        9_000
    );
    let (_, most) = found
        .channels
        .iter()
        .max_by_key(|(_, part)| part.customers)
        .unwrap();
    assert!(found.channels.len() <= 201 && most.customers >= 3_000);
}

#[test]
fn a_difference_counts_who_comes_and_who_goes() {
    let settings = Settings::default();
    let mut other = settings.clone();
    other.lifecycle.active_days = 5;
    let mut found = Difference::default();
    for days in [1, 10, 20] {
        let one = customer(1, &vec![(days, 100, 0), (days, 100, 0)], true);
        let subject = Subject::of_totals(&one.totals);
        let now = assess(&subject, &Rules::alone(&settings), TODAY, None);
        let then = assess(&subject, &Rules::alone(&other), TODAY, None);
        found.add(&now, &then);
    }
    let mut twice = found.clone();
    twice.absorb(found);
    let active = twice.segments["Active"];
    assert_eq!(
        (active.now, active.then, active.enter, active.leave),
        (6, 2, 0, 4)
    );
    let at_risk = twice.segments["At-Risk"];
    assert_eq!(
        (at_risk.now, at_risk.then, at_risk.enter, at_risk.leave),
        (0, 4, 4, 0)
    );
    assert_eq!(twice.customers, 6);
}

proptest! {
    /// Counting those alone who pass a new limit gives what counting everyone
    /// again gives.
    #[test]
    fn figures_with_those_who_passed_are_those_of_everyone_looked_at_again(
        customers in customers(),
        limits in prop::array::uniform2(1..2_000_i64),
        old in prop::option::of(1..2_000_i64),
    ) {
        let settings = Settings { version: 3, ..Settings::default() };
        let at = |enter: i64, leave: i64| VipCutoffs {
            enter: Amount::whole(enter),
            leave: Amount::whole(leave.min(enter)),
        };
        let old = Cutoffs { version: 6, vip: old.map(|limit| at(limit, limit / 2)), ..Cutoffs::NONE };
        let new = Cutoffs { version: 7, vip: Some(at(limits[0], limits[1])), ..Cutoffs::NONE };
        let rules = [&old, &new].map(|cutoffs| Rules { settings: &settings, cutoffs, named: NamedSegments::none() });
        let scope = Scope::on(TODAY);
        let (mut first, mut second, mut passed) = (Measure::default(), Measure::default(), Passed::default());
        for one in &customers {
            let subject = Subject { totals: &one.totals, care: &Care::NONE, ranked: one.ranked, source: None };
            let before = assess(&subject, &rules[0], TODAY, None);
            let after = assess(&subject, &rules[1], TODAY, Some(&before));
            let member = |assessment| Member { id: &one.id, subject, assessment };
            let counted = first.add(&member(&before), &rules[0], &scope);
            second.add(&member(&after), &rules[1], &scope.figures_only());
            if before.by_rank != after.by_rank {
                passed.add(&counted, after.by_rank);
            }
        }
        let known = first.finish(&settings, &old, TODAY, None);
        prop_assert_eq!(known.counted_by, 6);
        // By the limits of this test, whatever everyone came to.
        let known = Snapshot { cutoffs: new, ..known };
        let again = second.again(known.clone());
        prop_assert_eq!(&known.with(&passed), &again);
        prop_assert_eq!(again.counted_by, 7);
    }
}
