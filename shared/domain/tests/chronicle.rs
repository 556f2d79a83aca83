//! What a customer has been is kept with its cause, in few bytes.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_domain::care::{Care, CaseSpan};
use crm_domain::chronicle::{Cause, Change, Chronicle, Facts, Trigger, Volume, together};
use crm_domain::money::Amount;
use crm_domain::named::NamedSegments;
use crm_domain::order::Contribution;
use crm_domain::population::{Cutoffs, VipCutoffs};
use crm_domain::segment::{
    Assessment, Group, Health, HealthReason, Rules, Stage, Subject, assess, reassess,
};
use crm_domain::settings::Settings;
use crm_domain::totals::Totals;
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn bought(totals: &mut Totals, on: Date, gross: i64, returned: i64) {
    totals.replace(
        None,
        Some(&Contribution {
            placed_at: on.at(12, 0, 0, 0).in_tz("UTC").unwrap().timestamp(),
            gross: Amount::whole(gross),
            units_bought: 5,
            units_returned: returned,
            ..Contribution::default()
        }),
    );
}

struct Life {
    totals: Totals,
    known: Option<Assessment>,
    chronicle: Chronicle,
}

impl Life {
    fn look(&mut self, on: Date, cutoffs: &Cutoffs, trigger: Trigger) {
        let settings = Settings::default();
        let rules = Rules {
            settings: &settings,
            cutoffs,
            named: NamedSegments::none(),
        };
        let subject = Subject::of_totals(&self.totals);
        let known = self.known.as_ref();
        let now = reassess(&subject, &rules, on, known, &mut self.chronicle, trigger);
        self.known = Some(now);
    }
}

#[test]
fn ada_s_way_is_told_with_its_causes() {
    let mut ada = Life {
        totals: Totals::default(),
        known: None,
        chronicle: Chronicle::default(),
    };
    bought(&mut ada.totals, date(2026, 1, 1), 600, 0);
    ada.look(date(2026, 1, 1), &Cutoffs::NONE, Trigger::Event);
    ada.look(date(2026, 1, 20), &Cutoffs::NONE, Trigger::Time);
    ada.look(date(2026, 2, 1), &Cutoffs::NONE, Trigger::Time);
    let vip = Some(VipCutoffs {
        enter: Amount::whole(600),
        leave: Amount::whole(300),
    });
    let ranked = Cutoffs {
        version: 7,
        vip,
        ..Cutoffs::NONE
    };
    ada.look(date(2026, 2, 2), &ranked, Trigger::Pass);
    let told: Vec<_> = ada
        .chronicle
        .changes()
        .iter()
        .map(|change| (change.on, change.cause, change.stage, change.vip()))
        .collect();
    assert_eq!(
        told,
        [
            (date(2026, 1, 1), Cause::Event, Stage::New, false),
            (date(2026, 2, 1), Cause::Time, Stage::SingleOrder, false),
            (
                date(2026, 2, 2),
                Cause::Population,
                Stage::SingleOrder,
                true
            ),
        ]
    );
    let last = ada.chronicle.changes().last().unwrap();
    assert_eq!(
        (last.cutoffs, last.by_rank, last.by_orders),
        (7, true, false)
    );
    assert_eq!(last.facts.net, Amount::whole(600));
    assert_eq!(last.facts.recency_days, Some(32));
}

#[test]
fn a_vip_by_rank_stays_one_within_the_band_and_enters_above_it() {
    let cutoffs = Cutoffs {
        vip: Some(VipCutoffs {
            enter: Amount::whole(500),
            leave: Amount::whole(300),
        }),
        ..Cutoffs::NONE
    };
    for (net, was, is) in [
        (499, false, false),
        (500, false, true),
        (300, true, true),
        (299, true, false),
    ] {
        let mut totals = Totals::default();
        bought(&mut totals, date(2026, 1, 1), net, 0);
        let subject = Subject::of_totals(&totals);
        let settings = Settings::default();
        let rules = Rules {
            settings: &settings,
            cutoffs: &cutoffs,
            named: NamedSegments::none(),
        };
        let on = date(2026, 1, 2);
        let mut before = assess(&subject, &Rules::alone(&settings), on, None);
        before.by_rank = was;
        let now = assess(&subject, &rules, on, Some(&before));
        assert_eq!((now.by_rank, now.vip), (is, is), "{net} {was}");
        let nobody = Subject {
            ranked: false,
            ..subject
        };
        assert!(!assess(&nobody, &rules, on, Some(&before)).by_rank);
    }
}

#[test]
fn health_turns_with_returns_cases_and_time() {
    let settings = Settings::default();
    let rules = Rules::alone(&settings);
    let judge = |returned: [i64; 2], cases: &[(&str, bool)], on: Date| {
        let mut totals = Totals::default();
        bought(&mut totals, date(2026, 1, 1), 10, returned[0]);
        bought(&mut totals, date(2026, 1, 1), 10, returned[1]);
        let spans = cases.iter().enumerate().map(|(n, (opened, open))| {
            let opened: jiff::Timestamp = opened.parse().unwrap();
            let closed = (!open).then_some(opened);
            (n.to_string(), CaseSpan { opened, closed })
        });
        let care = Care {
            cases: spans.collect(),
            ..Care::NONE
        };
        let subject = Subject {
            totals: &totals,
            care: &care,
            ranked: true,
            source: None,
        };
        let now = assess(&subject, &rules, on, None);
        (now.health, now.health_reasons, now.next_change_on)
    };
    let day = date(2026, 1, 5);
    assert_eq!(judge([1, 1], &[], day).0, Health::Green);
    assert_eq!(judge([2, 1], &[], day).1, [HealthReason::RaisedReturnRate]);
    assert_eq!(judge([2, 2], &[], day).1, [HealthReason::HighReturnRate]);
    let open = ("2026-01-02T10:00:00Z", true);
    let shut = ("2026-01-02T10:00:00Z", false);
    assert_eq!(judge([0, 0], &[open], day).1, [HealthReason::OpenCase]);
    assert_eq!(
        judge([0, 0], &[open, open], day).1,
        [HealthReason::ManyOpenCases]
    );
    let three = judge([0, 0], &[shut, shut, shut], day);
    assert_eq!(three.1, [HealthReason::ManyRecentCases]);
    // On 1 February the order is no longer recent, a day later neither are they.
    assert_eq!(three.2, Some(date(2026, 2, 1)));
    let later = |day| judge([0, 0], &[shut; 3], date(2026, 2, day));
    assert_eq!(later(1).0, Health::Red);
    assert_eq!(later(1).2, Some(date(2026, 2, 2)));
    assert_eq!(later(2).0, Health::Green);
    assert_eq!(
        judge([0, 0], &[], date(2026, 4, 2)).1,
        [HealthReason::AtRisk]
    );
    assert_eq!(
        judge([0, 0], &[], date(2026, 7, 1)).1,
        [HealthReason::Lapsed]
    );
}

#[test]
fn a_bill_worries_from_the_day_after_it_was_due() {
    let settings = Settings::default();
    let totals = Totals::default();
    let care = Care {
        unpaid: [(date(2026, 3, 1), Amount::whole(1))].into(),
        ..Care::NONE
    };
    let subject = Subject {
        totals: &totals,
        care: &care,
        ranked: true,
        source: None,
    };
    let rules = Rules::alone(&settings);
    let mut now = assess(&subject, &rules, date(2026, 2, 20), None);
    let mut seen = vec![(now.on, now.health)];
    while let Some(next) = now.next_change_on {
        now = assess(&subject, &rules, next, Some(&now));
        seen.push((now.on, now.health));
    }
    assert_eq!(
        seen,
        [
            (date(2026, 2, 20), Health::Green),
            (date(2026, 3, 2), Health::Yellow),
            (date(2026, 3, 17), Health::Red),
        ]
    );
}

#[test]
fn the_alert_on_returns_fires_once_and_rearms_below_a_lower_share() {
    let settings = Settings::default();
    let mut known: Option<Assessment> = None;
    let mut alert = |orders: usize, returned: i64| {
        let mut totals = Totals::default();
        for n in 0..orders {
            bought(
                &mut totals,
                date(2026, 1, 1),
                10,
                if n == 0 { returned } else { 0 },
            );
        }
        let subject = Subject::of_totals(&totals);
        let rules = Rules::alone(&settings);
        known = Some(assess(&subject, &rules, date(2026, 1, 2), known.as_ref()));
        known.as_ref().unwrap().return_alert
    };
    assert!(!alert(2, 4), "too few orders");
    assert!(!alert(4, 6), "exactly 30 %");
    assert!(alert(4, 7));
    assert!(alert(4, 5), "exactly 25 % is not below");
    assert!(!alert(5, 6));
    assert!(!alert(4, 6), "armed again, but not above");
}

fn change() -> impl Strategy<Value = Change> {
    let names = (
        prop::option::of(prop::sample::select(Group::ALL.to_vec())),
        prop::sample::select(Stage::ALL.to_vec()),
        prop::sample::subsequence(HealthReason::ALL.to_vec(), 0..9),
        any::<(bool, bool)>(),
        0..40_000_i64,
    );
    let numbers = (
        prop::option::of(0..5000_i64),
        [0..9999_i64, 0..99, 0..99, 0..9, 0..9],
        (-1_000_000..1_000_000_i64, 0..5_u32),
        any::<(u32, u64, u64)>(),
    );
    (names, numbers).prop_map(|(names, numbers)| {
        let (group, stage, health_reasons, (by_orders, by_rank), days) = names;
        let (recency_days, counts, (minor, scale), (rules, settings, cutoffs)) = numbers;
        let gross = Amount::from_decimal(rust_decimal::Decimal::new(minor, scale));
        let [
            orders,
            units_bought,
            units_returned,
            open_cases,
            recent_cases,
        ] = counts;
        Change {
            on: date(1995, 1, 1) + jiff::Span::new().days(days),
            cause: Cause::Population,
            group,
            stage,
            by_orders,
            by_rank,
            health: Health::of(&health_reasons),
            health_reasons,
            facts: Facts {
                recency_days,
                orders,
                gross,
                net: gross,
                units_bought,
                units_returned,
                open_cases,
                recent_cases,
            },
            rules,
            settings,
            cutoffs,
        }
    })
}

/// Whether all of `part` are in `whole`, in order.
fn is_within(part: &[Change], whole: &[Change]) -> bool {
    let mut whole = whole.iter();
    part.iter().all(|change| whole.any(|other| other == change))
}

proptest! {
    /// Of a few different changes that come again and again, as within a day.
    #[test]
    fn two_records_of_one_way_are_told_as_one(
        kinds in prop::collection::vec(change(), 3),
        way in prop::collection::vec((0_usize..3, any::<bool>(), any::<bool>()), 0..20),
    ) {
        let all: Vec<_> = way.iter().map(|(kind, ..)| kinds[*kind].clone()).collect();
        let kept = |keeps: fn(&(usize, bool, bool)) -> bool| {
            let kept = way.iter().filter(|step| keeps(step));
            kept.map(|(kind, ..)| kinds[*kind].clone()).collect::<Vec<_>>()
        };
        prop_assert_eq!(together(&all, &kept(|step| step.1)), all.clone());
        let (one, other) = (kept(|step| step.1), kept(|step| step.2));
        let told = together(&one, &other);
        prop_assert!(is_within(&one, &told) && is_within(&other, &told));
        prop_assert!(told.len() <= one.len() + other.len());
    }

    #[test]
    fn a_record_that_began_with_the_end_of_another_goes_on_from_there(
        days in 2_usize..9,
        from in 0_usize..9,
        gone in prop::collection::vec(change(), 9),
    ) {
        let from = from.min(days - 1);
        let chronicle = |changes: &[Change]| {
            let mut chronicle = Chronicle::default();
            let all: Vec<_> = changes.iter().filter(|c| chronicle.note((*c).clone())).collect();
            prop_assume!(all.len() == changes.len());
            Ok(chronicle)
        };
        let earlier = chronicle(&gone[..days])?;
        let later = chronicle(&gone[from..])?;
        let whole = chronicle(&gone)?;
        prop_assert_eq!(earlier.continued_by(&later), whole);
    }

    #[test]
    fn changes_survive_being_stored(changes in prop::collection::vec(change(), 0..30)) {
        let mut chronicle = Chronicle::default();
        let mut volumes: Vec<Volume> = Vec::new();
        let mut noted: Vec<Change> = Vec::new();
        for change in changes {
            if chronicle.note(change.clone()) {
                noted.push(change);
            }
            volumes.extend(chronicle.spill());
            chronicle = Chronicle::decode(&chronicle.encode()).unwrap();
        }
        prop_assert!(chronicle.changes().len() <= 8);
        let mut all = Vec::new();
        for (n, volume) in volumes.iter().enumerate() {
            let read = Volume::decode(volume.number, &volume.encode()).unwrap();
            prop_assert_eq!(read.number as usize, n + 1);
            all.extend(read.changes);
        }
        all.extend_from_slice(chronicle.changes());
        prop_assert_eq!(all, noted);
    }

    #[test]
    fn any_bytes_are_a_chronicle_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut versioned = vec![1];
        versioned.extend(&bytes);
        for bytes in [bytes, versioned] {
            if let Ok(chronicle) = Chronicle::decode(&bytes) {
                prop_assert_eq!(Chronicle::decode(&chronicle.encode()).unwrap(), chronicle);
            }
        }
    }
}
