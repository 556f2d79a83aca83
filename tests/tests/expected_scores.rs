//! Scores, stages and values of two real shops, customer by customer, equal those that two
//! independent programs agreed on.
//!
//! They count zero-value orders; a second reading, with the product's default, names the customers
//! who differ for that. Where the product means something else on purpose (VIP by net, returns
//! that belong to no order) both readings are asserted.

use std::collections::{BTreeMap, BTreeSet};

use crm_domain::money::Amount;
use crm_domain::segment::{Assessment, Rules, Stage, Subject, assess};
use crm_domain::settings::Settings;
use crm_domain::totals::{Totals, View};
use crm_tests::books::{self, Event};
use jiff::civil::Date;
use rust_decimal::Decimal;

type Row = BTreeMap<String, String>;

struct Shop {
    expected: Vec<Row>,
    events: BTreeMap<String, Vec<Event>>,
    on: Date,
    settings: Settings,
}

struct Judged {
    view: View,
    assessment: Assessment,
}

impl Shop {
    fn open(expected: &str, table: &str, format: &str, currency: &str, on: &str) -> Option<Self> {
        let settings = Settings {
            reporting_currency: Some(currency.to_owned().try_into().expect("a currency")),
            count_zero_value_orders: true,
            ..Settings::default()
        };
        Some(Self {
            expected: books::expected(expected)?,
            events: books::events(table, format, currency)?,
            on: on.parse().expect("a date"),
            settings,
        })
    }

    fn online_retail() -> Option<Self> {
        Self::open(
            "rfm_online_retail_2011-12-10.csv.zst",
            "online_retail.csv.zst",
            "online-retail",
            "GBP",
            "2011-12-10",
        )
    }

    fn cdnow() -> Option<Self> {
        Self::open(
            "rfm_cdnow_sample_1998-07-01.csv",
            "cdnow_sample.csv",
            "cdnow",
            "USD",
            "1998-07-01",
        )
    }

    fn judge(&self, customer: &str, settings: &Settings) -> Judged {
        let midnight = self
            .on
            .to_zoned(settings.zone())
            .expect("a day")
            .timestamp();
        let mut totals = Totals::default();
        for event in &self.events[customer] {
            if event.at() < midnight {
                event.add_to(&mut totals, settings);
            }
        }
        let subject = Subject::of_totals(&totals);
        Judged {
            view: totals.view(settings.count_zero_value_orders),
            assessment: assess(&subject, &Rules::alone(settings), self.on, None),
        }
    }
}

fn yes(row: &Row, flag: &str) -> bool {
    row[flag] == "true"
}

/// The one stage that follows from the conditions read one by one.
fn stage(row: &Row) -> Stage {
    let once = row["frequency"] == "1";
    if yes(row, "is_lapsed") {
        return Stage::Lapsed;
    }
    match (once, yes(row, "is_new")) {
        (true, true) => Stage::New,
        (true, false) => Stage::SingleOrder,
        (false, _) if yes(row, "is_active") => Stage::Active,
        (false, _) => {
            assert!(yes(row, "is_at_risk"), "{row:?}");
            Stage::AtRisk
        }
    }
}

fn money(text: &str) -> Amount {
    Amount::parse(text).expect("an amount")
}

/// Equal to the last digit that the expected text has.
fn rounds_to(value: Option<Decimal>, text: &str) -> bool {
    let expected: Decimal = text.parse().expect("a number");
    let distance = (value.unwrap_or_default() - expected).abs();
    distance <= Decimal::new(11, 7)
}

fn check(row: &Row, judged: &Judged, settings: &Settings, on: Date) {
    let who = &row["customer_id"];
    let (sums, made) = (&judged.view.sums, &judged.assessment);
    let (first, last) = judged.view.span.expect("somebody who bought");
    let days = |at| (on - settings.date_of(at)).get_days();
    assert_eq!(days(last).to_string(), row["recency_days"], "{who}");
    assert_eq!(days(first).to_string(), row["days_since_first"], "{who}");
    assert_eq!(sums.orders.to_string(), row["frequency"], "{who}");
    assert_eq!(sums.gross, money(&row["monetary"]), "{who}");
    let score = made.score.expect("somebody who bought");
    for (digit, name) in [(score.r, "r"), (score.f, "f"), (score.m, "m")] {
        assert_eq!(digit.to_string(), row[name], "{who} {name}");
    }
    assert_eq!(score.code(), row["rfm_code"], "{who}");
    if !row["rfm_group"].is_empty() {
        let group = made.group.expect("a code").name();
        assert_eq!(group, row["rfm_group"], "{who}");
    }
    assert_eq!(made.stage, stage(row), "{who}");
    assert_eq!(made.vip, yes(row, "is_vip_orders"), "{who}: no ranks here");
    assert_eq!(sums.gross, money(&row["historical_clv_gross"]), "{who}");
    assert_eq!(sums.net(), money(&row["historical_clv_net"]), "{who}");
    let average = sums.average_order_value().map(Amount::decimal);
    assert!(rounds_to(average, &row["aov"]), "{who}");
    let rates = sums.return_rates();
    // What came back of nothing sold for money: no share here, 0 or 1 there.
    for (rate, name) in [
        (rates.orders, "return_rate_orders"),
        (rates.units, "return_rate_units"),
        (rates.value, "return_rate_value"),
    ] {
        assert!(
            rate.is_none() || rounds_to(rate, &row[name]),
            "{who} {name} {rate:?}"
        );
    }
    let enough = sums.units_bought > 0;
    assert_eq!(rates.units.is_some(), enough, "{who}");
}

fn all_agree(shop: &Shop) {
    let named: BTreeSet<_> = shop
        .expected
        .iter()
        .map(|row| &row["customer_id"])
        .collect();
    assert_eq!(named.len(), shop.expected.len());
    for row in &shop.expected {
        let judged = shop.judge(&row["customer_id"], &shop.settings);
        check(row, &judged, &shop.settings, shop.on);
    }
    // Who is not expected has bought nothing.
    for customer in shop.events.keys().filter(|id| !named.contains(id)) {
        let judged = shop.judge(customer, &shop.settings);
        assert_eq!(judged.assessment.stage, Stage::Prospect, "{customer}");
    }
}

/// The customers who are something else when zero-value orders do not count.
fn differing_by_default(shop: &Shop) -> BTreeSet<&str> {
    let default = Settings {
        count_zero_value_orders: false,
        ..shop.settings.clone()
    };
    let ids = shop.events.keys();
    let differing =
        ids.filter(|id| shop.judge(id, &default).view != shop.judge(id, &shop.settings).view);
    differing.map(String::as_str).collect()
}

#[test]
fn every_customer_of_online_retail_scores_as_expected() {
    let Some(shop) = Shop::online_retail() else {
        return;
    };
    assert_eq!(shop.expected.len(), 4339);
    all_agree(&shop);
    assert_eq!(differing_by_default(&shop).len(), 4);
}

#[test]
fn every_customer_of_cdnow_scores_as_expected() {
    let Some(shop) = Shop::cdnow() else {
        return;
    };
    assert_eq!(shop.expected.len(), 2357);
    all_agree(&shop);
    let differing = differing_by_default(&shop);
    assert!((1..=8).contains(&differing.len()), "{differing:?}");
}
