//! Every code has its group, and time moves people as the calendar says.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_domain::care::{Care, CaseSpan};
use crm_domain::money::Amount;
use crm_domain::named::NamedSegments;
use crm_domain::order::Contribution;
use crm_domain::population::{Cutoffs, Quintiles, VipCutoffs};
use crm_domain::segment::{self, Assessment, Group, Rules, Score, Segment, Stage, Subject};
use crm_domain::settings::{RfmMode, Settings};
use crm_domain::totals::Totals;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn assess(
    totals: &Totals,
    settings: &Settings,
    on: Date,
    before: Option<&Assessment>,
) -> Assessment {
    segment::assess(
        &Subject::of_totals(totals),
        &Rules::alone(settings),
        on,
        before,
    )
}

fn totals(orders: &[(Date, i64)]) -> Totals {
    let mut totals = Totals::default();
    for (on, gross) in orders {
        let placed_at = on.at(12, 0, 0, 0).in_tz("UTC").unwrap().timestamp();
        totals.replace(None, Some(&contribution(placed_at, Amount::whole(*gross))));
    }
    totals
}

fn contribution(placed_at: Timestamp, gross: Amount) -> Contribution {
    Contribution {
        placed_at,
        gross,
        units_bought: 1,
        ..Contribution::default()
    }
}

fn group(code: &str) -> Group {
    let digit = |n: usize| code.as_bytes()[n] - b'0';
    let score = Score {
        r: digit(0),
        f: digit(1),
        m: digit(2),
    };
    assert_eq!(score.code(), code);
    score.group()
}

#[test]
fn the_guide_s_twelve_codes_come_out_as_it_names_them() {
    for code in ["555", "554", "545"] {
        assert_eq!(group(code), Group::Champions, "{code}");
    }
    for code in ["455", "445", "355"] {
        assert_eq!(group(code), Group::Loyal, "{code}");
    }
    for code in ["155", "154", "145"] {
        assert_eq!(group(code), Group::AtRisk, "{code}");
    }
    for code in ["111", "112", "121"] {
        assert_eq!(group(code), Group::Hibernating, "{code}");
    }
}

#[test]
fn every_one_of_the_125_codes_falls_where_the_grid_says() {
    let columns = |f: u8, m: u8| match f32::from(f + m) / 2.0 {
        mean if mean >= 4.5 => 0,
        mean if mean >= 3.0 => 1,
        mean if mean >= 2.0 => 2,
        _ => 3,
    };
    let rows = [
        ["At Risk", "At Risk", "Hibernating", "Hibernating"],
        ["At Risk", "At Risk", "About to Sleep", "About to Sleep"],
        [
            "Loyal",
            "Needs Attention",
            "Needs Attention",
            "About to Sleep",
        ],
        ["Loyal", "Potential Loyal", "Promising", "Promising"],
        ["Champions", "Potential Loyal", "Promising", "New"],
    ];
    for r in 1..=5_u8 {
        for f in 1..=5 {
            for m in 1..=5 {
                let name = Score { r, f, m }.group().name();
                assert_eq!(name, rows[usize::from(r) - 1][columns(f, m)], "{r}{f}{m}");
            }
        }
    }
}

#[test]
fn each_limit_belongs_to_the_side_the_rules_give_it() {
    let limits = Settings::default().rfm;
    let digits = |days, orders, gross: &str| {
        let score = Score::of(&limits, days, orders, Amount::parse(gross).unwrap());
        (score.r, score.f, score.m)
    };
    assert_eq!(digits(30, 1, "99.99"), (5, 1, 1));
    assert_eq!(digits(31, 2, "100"), (4, 2, 2));
    assert_eq!(digits(90, 3, "249.99"), (4, 3, 2));
    assert_eq!(digits(91, 5, "250"), (3, 3, 3));
    assert_eq!(digits(180, 6, "499.9999"), (3, 4, 3));
    assert_eq!(digits(181, 9, "500"), (2, 4, 4));
    assert_eq!(digits(365, 10, "999.99"), (2, 5, 4));
    assert_eq!(digits(366, 10, "1000"), (1, 5, 5));
}

#[test]
fn stages_change_on_the_day_after_the_limit() {
    let stage = |orders: i64, days| Stage::of(&Settings::default().lifecycle, Some(days), orders);
    assert_eq!(stage(1, 30), Stage::New);
    assert_eq!(stage(1, 31), Stage::SingleOrder);
    assert_eq!(stage(1, 180), Stage::SingleOrder);
    assert_eq!(stage(1, 181), Stage::Lapsed);
    assert_eq!(stage(2, 90), Stage::Active);
    assert_eq!(stage(2, 91), Stage::AtRisk);
    assert_eq!(stage(2, 180), Stage::AtRisk);
    assert_eq!(stage(2, 181), Stage::Lapsed);
    assert_eq!(
        Stage::of(&Settings::default().lifecycle, None, 0),
        Stage::Prospect
    );
}

#[test]
fn five_orders_make_a_vip_while_the_customer_is_around() {
    let settings = Settings::default();
    let four: Vec<_> = (1..=4).map(|day| (date(2026, 3, day), 10)).collect();
    let five: Vec<_> = (1..=5).map(|day| (date(2026, 3, day), 10)).collect();
    let on = date(2026, 3, 20);
    assert_eq!(
        assess(&totals(&four), &settings, on, None).segment,
        Segment::Active
    );
    assert_eq!(
        assess(&totals(&five), &settings, on, None).segment,
        Segment::Vip
    );
    // Long gone, she is still one of the best, and filed under what she is now.
    let gone = assess(&totals(&five), &settings, date(2026, 12, 1), None);
    assert!(gone.vip);
    assert_eq!(gone.segment, Segment::Lapsed);
}

#[test]
fn a_customer_of_no_order_is_a_prospect_without_digits() {
    let nobody = assess(
        &Totals::default(),
        &Settings::default(),
        date(2026, 3, 1),
        None,
    );
    assert_eq!(
        (nobody.score, nobody.group, nobody.segment),
        (None, None, Segment::Prospect)
    );
    assert_eq!(nobody.next_change_on, None);
}

#[test]
fn an_evaluation_never_goes_back() {
    let settings = Settings::default();
    let once = totals(&[(date(2026, 1, 1), 10)]);
    let later = assess(&once, &settings, date(2026, 6, 1), None);
    let earlier = assess(&once, &settings, date(2026, 2, 1), Some(&later));
    assert_eq!(earlier, later);
}

fn purchases() -> impl Strategy<Value = Vec<(Date, i64)>> {
    let on = (0_i64..700).prop_map(|days| date(2024, 1, 1) + jiff::Span::new().days(days));
    prop::collection::vec((on, 1_i64..600), 1..12)
}

/// A customer with everything that time may turn into something else.
#[derive(Debug)]
struct Life {
    settings: Settings,
    cutoffs: Cutoffs,
    totals: Totals,
    care: Care,
    /// After all that happened.
    begin: Date,
}

fn life() -> impl Strategy<Value = Life> {
    let begin = date(2026, 1, 1);
    let ago = move |days: i64| begin - jiff::Span::new().days(days);
    let noon = |on: Date| on.at(12, 0, 0, 0).in_tz("UTC").unwrap().timestamp();
    let order = (0_i64..400, 1_i64..600, 0_i64..3);
    let support = (0_i64..40, any::<bool>());
    let zone = prop::sample::select(vec!["UTC", "America/New_York", "Pacific/Apia"]);
    let cuts = prop::array::uniform4(0_i64..400);
    (
        prop::collection::vec(order, 0..8),
        prop::collection::vec(support, 0..4),
        prop::option::of(-40_i64..40),
        (any::<bool>(), cuts),
        zone,
    )
        .prop_map(move |(orders, cases, due, (by_place, mut cuts), zone)| {
            let mut totals = Totals::default();
            for (days, gross, back) in orders {
                let order = Contribution {
                    units_bought: 3,
                    units_returned: back,
                    ..contribution(noon(ago(days + 1)), Amount::whole(gross))
                };
                totals.replace(None, Some(&order));
            }
            let spans = cases.into_iter().enumerate().map(|(n, (days, is_open))| {
                let opened = noon(ago(days + 1));
                let closed = (!is_open).then_some(opened);
                (n.to_string(), CaseSpan { opened, closed })
            });
            let care = Care {
                cases: spans.collect(),
                unpaid: due
                    .map(|due| (ago(due), Amount::whole(1)))
                    .into_iter()
                    .collect(),
                undated: Amount::ZERO,
            };
            let mut settings = Settings {
                time_zone: zone.to_owned(),
                ..Settings::default()
            };
            if by_place {
                settings.rfm.mode = RfmMode::Quintiles;
            }
            cuts.sort_unstable();
            let cutoffs = Cutoffs {
                version: 1,
                vip: Some(VipCutoffs {
                    enter: Amount::whole(900),
                    leave: Amount::whole(600),
                }),
                quintiles: Some(Quintiles {
                    last_order_on: cuts.map(|days| Some(ago(400 - days))),
                    orders: [Some(2), Some(3), Some(4), None],
                    gross: [100, 300, 600, 900].map(|gross| Some(Amount::whole(gross))),
                }),
                ..Cutoffs::NONE
            };
            Life {
                settings,
                cutoffs,
                totals,
                care,
                begin,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Stepping from one announced change to the next finds what an
    /// evaluation of every single day finds, and nothing in between.
    #[test]
    fn nothing_changes_by_time_on_a_day_that_was_not_announced(orders in purchases()) {
        let settings = Settings::default();
        let totals = totals(&orders);
        let last = orders.iter().map(|(on, _)| *on).max().unwrap();
        let mut known = assess(&totals, &settings, last, None);
        let mut day = last;
        for _ in 0..500 {
            day = day.tomorrow().unwrap();
            let fresh = assess(&totals, &settings, day, None);
            if known.next_change_on == Some(day) {
                prop_assert!(!fresh.says_the_same(&known), "announced for {day}, and nothing changed");
                known = fresh;
            } else {
                prop_assert!(fresh.says_the_same(&known), "changed on {day} unannounced");
            }
        }
        prop_assert_eq!(known.next_change_on, None);
    }

    /// The same with cases and bills, returns, a rank, and digits by place, in
    /// any zone.
    #[test]
    fn nothing_else_changes_by_time_unannounced_either(life in life()) {
        let Life { settings, cutoffs, totals, care, begin } = life;
        let rules = Rules { settings: &settings, cutoffs: &cutoffs, named: NamedSegments::none() };
        let subject = Subject { totals: &totals, care: &care, ranked: true, source: None };
        let mut known = segment::assess(&subject, &rules, begin, None);
        let mut day = begin;
        for _ in 0..450 {
            day = day.tomorrow().unwrap();
            let fresh = segment::assess(&subject, &rules, day, Some(&known));
            if known.next_change_on == Some(day) {
                prop_assert!(!fresh.says_the_same(&known), "announced for {day}, and nothing changed");
                known = fresh;
            } else {
                prop_assert!(fresh.says_the_same(&known), "changed on {day} unannounced");
            }
        }
        prop_assert_eq!(known.next_change_on, None);
    }

    /// Waking at the armed date, however often it was set too early, misses
    /// no change.
    #[test]
    fn an_early_alarm_only_looks_and_never_misses(orders in purchases()) {
        let settings = Settings::default();
        let mut sum: Vec<(Date, i64)> = Vec::new();
        let mut sorted = orders.clone();
        sorted.sort_unstable();
        let mut known = None;
        for order in sorted {
            sum.push(order);
            known = Some(assess(&totals(&sum), &settings, order.0, known.as_ref()));
        }
        let totals = totals(&sum);
        let mut known = known.unwrap();
        let mut day = known.on;
        for _ in 0..500 {
            day = day.tomorrow().unwrap();
            if known.wake_on.is_some_and(|wake| wake <= day) {
                known = assess(&totals, &settings, day, Some(&known));
            }
            prop_assert!(assess(&totals, &settings, day, None).says_the_same(&known), "missed on {day}");
        }
    }

    #[test]
    fn the_order_of_events_does_not_matter(orders in purchases()) {
        let settings = Settings::default();
        let mut turned = orders.clone();
        turned.reverse();
        let on = date(2026, 2, 1);
        prop_assert_eq!(
            assess(&totals(&orders), &settings, on, None),
            assess(&totals(&turned), &settings, on, None)
        );
    }
}
