//! Why somebody is what they are, in words that hold against the limits.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_domain::care::{Care, CaseSpan};
use crm_domain::chronicle::{Chronicle, Trigger};
use crm_domain::money::Amount;
use crm_domain::named::NamedSegments;
use crm_domain::order::Contribution;
use crm_domain::population::{Cutoffs, Quintiles, VipCutoffs};
use crm_domain::segment::{
    Aspect, Assessment, Finding, Reason, Rules, Subject, assess, reasons, reassess,
};
use crm_domain::settings::{RfmMode, Settings};
use crm_domain::totals::Totals;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const ON: Date = date(2026, 5, 3);

fn noon(on: Date) -> Timestamp {
    on.at(12, 0, 0, 0).in_tz("UTC").unwrap().timestamp()
}

/// Orders so many days before [`ON`], each of this gross.
fn totals(days: &[i64], gross: &str) -> Totals {
    let mut totals = Totals::default();
    for days in days {
        let order = Contribution {
            placed_at: noon(ON) - SignedDuration::from_hours(24 * days),
            gross: gross.parse().unwrap(),
            refunded: Amount::ZERO,
            units_bought: 1,
            ..Contribution::default()
        };
        totals.replace(None, Some(&order));
    }
    totals
}

fn cutoffs() -> Cutoffs {
    Cutoffs {
        version: 14,
        on: Some(date(2026, 5, 2)),
        vip: Some(VipCutoffs {
            enter: "640.1".parse().unwrap(),
            leave: "500".parse().unwrap(),
        }),
        ..Cutoffs::default()
    }
}

fn told(totals: &Totals, rules: &Rules<'_>, before: Option<&Assessment>) -> Vec<Reason> {
    let subject = Subject::of_totals(totals);
    let made = assess(&subject, rules, ON, before);
    reasons(&subject, rules, &made)
}

fn of(reasons: &[Reason], what: Aspect) -> (&str, &str) {
    let found = reasons.iter().find(|reason| reason.what == what).unwrap();
    (&found.value, &found.because)
}

#[test]
fn a_vip_is_told_by_which_limit_she_is_one() {
    let settings = Settings::default();
    let cutoffs = cutoffs();
    let rules = Rules {
        settings: &settings,
        cutoffs: &cutoffs,
        named: NamedSegments::none(),
    };
    let why = |days: &[i64], gross: &str, before: Option<&Assessment>| {
        let reasons = told(&totals(days, gross), &rules, before);
        let (value, because) = of(&reasons, Aspect::Vip);
        (value.to_owned(), because.to_owned())
    };
    assert_eq!(
        why(&[1, 2, 3, 4, 5, 6, 7], "10", None),
        (
            "true".to_owned(),
            "7 counted orders >= 5; net 70 < 640.1, the net of the top 10 % on 2026-05-02"
                .to_owned()
        )
    );
    let ranked = (
        "true".to_owned(),
        "1 counted order < 5; net 812.5 >= 640.1, the net of the top 10 % on 2026-05-02".to_owned(),
    );
    assert_eq!(why(&[4], "812.5", None), ranked);
    assert_eq!(
        why(&[4], "600", None).1,
        "1 counted order < 5; net 600 < 640.1, the net of the top 10 % on 2026-05-02"
    );
    // Who was one stays one within the band.
    let rich = totals(&[4], "812.5");
    let before = assess(&Subject::of_totals(&rich), &rules, ON, None);
    assert_eq!(
        why(&[4], "600", Some(&before)),
        (
            "true".to_owned(),
            "1 counted order < 5; net 600 >= 500, the net of the top 15 % on 2026-05-02 within \
             which a VIP stays one"
                .to_owned()
        )
    );
}

#[test]
fn limits_that_are_not_there_are_not_made_up() {
    let settings = Settings::default();
    let totals = totals(&[4], "812.5");
    let subject = Subject::of_totals(&totals);
    let all = cutoffs();
    let rules = Rules {
        settings: &settings,
        cutoffs: &all,
        named: NamedSegments::none(),
    };
    let made = assess(&subject, &rules, ON, None);
    let without = |cutoffs: Cutoffs, made: &Assessment| {
        let rules = Rules {
            settings: &settings,
            cutoffs: &cutoffs,
            named: NamedSegments::none(),
        };
        let reasons = reasons(&subject, &rules, made);
        of(&reasons, Aspect::Vip).1.to_owned()
    };
    let forgotten = Cutoffs {
        version: 14,
        ..Cutoffs::default()
    };
    assert!(
        without(forgotten, &made)
            .ends_with("net 812.5, by limits of version 14 that are kept no more")
    );
    let few = Cutoffs { vip: None, ..all };
    let nobody = assess(&subject, &Rules::alone(&settings), ON, None);
    assert!(without(few, &nobody).ends_with("fewer than 50 customers on 2026-05-02"));
    assert!(without(Cutoffs::default(), &nobody).ends_with("nobody is VIP by rank yet"));
}

#[test]
fn digits_by_place_are_told_with_the_fifths_of_the_day() {
    let mut settings = Settings::default();
    settings.rfm.mode = RfmMode::Quintiles;
    let cutoffs = Cutoffs {
        quintiles: Some(Quintiles {
            last_order_on: [
                Some(date(2026, 1, 1)),
                Some(date(2026, 2, 1)),
                Some(date(2026, 4, 1)),
                None,
            ],
            orders: [None, Some(2), None, None],
            gross: [50, 100, 200, 400].map(|gross| Some(Amount::whole(gross))),
        }),
        ..cutoffs()
    };
    let rules = Rules {
        settings: &settings,
        cutoffs: &cutoffs,
        named: NamedSegments::none(),
    };
    let reasons = told(&totals(&[10, 40], "60"), &rules, None);
    let recency = reasons.iter().find(|reason| reason.what == Aspect::R);
    let recency = recency.unwrap();
    assert_eq!(
        recency.rule,
        "date of the last order, in fifths of all on 2026-05-02: 1, 2 from 2026-01-01, 3 from \
         2026-02-01, 4 from 2026-04-01"
    );
    assert_eq!(recency.value, "4");
    let frequency = reasons.iter().find(|reason| reason.what == Aspect::F);
    assert!(frequency.unwrap().rule.ends_with(": 1, 2 from 2"));
}

#[test]
fn somebody_without_orders_has_no_digits_and_reasons_for_the_rest() {
    let settings = Settings::default();
    let reasons = told(&Totals::default(), &Rules::alone(&settings), None);
    let about: Vec<_> = reasons.iter().map(|reason| reason.what).collect();
    let expected = [Aspect::Stage, Aspect::Vip, Aspect::Segment, Aspect::Health];
    assert_eq!(about, expected);
    assert_eq!(
        of(&reasons, Aspect::Stage),
        ("Prospect", "0 counted orders")
    );
}

proptest! {
    /// What is kept of a change is enough to explain it as on its own day.
    #[test]
    fn a_kept_change_is_explained_as_the_assessment_was(
        days in prop::collection::vec(0..500_i64, 0..12),
        gross in 1..900_i64,
        cases in 0..4_usize,
        by_place: bool,
    ) {
        let mut settings = Settings::default();
        if by_place {
            settings.rfm.mode = RfmMode::Quintiles;
        }
        let cutoffs = Cutoffs {
            quintiles: Some(Quintiles {
                last_order_on: [10, 60, 200, 300].map(|back| {
                    ON.checked_sub(jiff::Span::new().days(310 - back)).ok()
                }),
                orders: [2, 3, 5, 8].map(Some),
                gross: [100, 300, 700, 2000].map(|gross| Some(Amount::whole(gross))),
            }),
            ..cutoffs()
        };
        let rules = Rules { settings: &settings, cutoffs: &cutoffs, named: NamedSegments::none() };
        let totals = totals(&days, &gross.to_string());
        let span = CaseSpan { opened: noon(ON), closed: None };
        let care = Care {
            cases: (0..cases).map(|n| (n.to_string(), span)).collect(),
            ..Care::default()
        };
        let subject = Subject { totals: &totals, care: &care, ranked: true, source: None };
        let mut chronicle = Chronicle::default();
        let made = reassess(&subject, &rules, ON, None, &mut chronicle, Trigger::Event);
        let kept = Chronicle::decode(&chronicle.encode()).unwrap();
        let change = Finding::of_change(&kept.changes()[0], &rules);
        prop_assert_eq!(change.reasons(&rules), reasons(&subject, &rules, &made));
        prop_assert_eq!(change.segment(), made.segment);
        prop_assert_eq!(change.score, made.score);
    }
}
