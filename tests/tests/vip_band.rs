//! A year and a half of a real shop, day by day: who becomes a VIP by rank stays one.
//!
//! Every night the cut-offs are made as the nightly pass makes them, and everyone is judged by them.
//! Beside it stands the plain rule: whoever is among the best tenth tonight. How often somebody enters
//! says how much a rule flaps, for each entry is a mail, a phone call and a gift.

use std::collections::BTreeMap;

use crm_domain::identity::NodeId;
use crm_domain::named::NamedSegments;
use crm_domain::population::{Cutoffs, Measure, Member, Scope};
use crm_domain::segment::{Assessment, Rules, Subject, assess};
use crm_domain::settings::Settings;
use crm_domain::totals::Totals;
use crm_tests::books::{self, Event};
use jiff::civil::{Date, date};

const FIRST: Date = date(1997, 1, 1);
const LAST: Date = date(1998, 6, 30);

/// One customer of the shop, as far as the day has come.
struct Customer {
    id: NodeId,
    totals: Totals,
    coming: std::vec::IntoIter<Event>,
    next: Option<Event>,
    known: Option<Assessment>,
    plain: bool,
}

impl Customer {
    fn live(&mut self, settings: &Settings, day: Date) {
        while let Some(event) = self.next.take_if(|next| settings.date_of(next.at()) <= day) {
            event.add_to(&mut self.totals, settings);
            self.next = self.coming.next();
        }
    }

    fn judge(&mut self, rules: &Rules<'_>, day: Date) -> bool {
        let was = self.known.as_ref().is_some_and(|known| known.by_rank);
        let subject = Subject::of_totals(&self.totals);
        self.known = Some(assess(&subject, rules, day, self.known.as_ref()));
        let is = self.known.as_ref().is_some_and(|known| known.by_rank);
        is && !was
    }
}

fn shop(settings: &Settings) -> Option<Vec<Customer>> {
    let events: BTreeMap<_, _> = books::events("cdnow_sample.csv", "cdnow", "USD")?;
    let customers = events.into_iter().enumerate().map(|(place, (_, events))| {
        let mut coming = events.into_iter();
        let next = coming.next();
        let id = NodeId::parse(&format!("customer{place:0>8}")).expect("an id");
        Customer {
            id,
            totals: Totals::default(),
            coming,
            next,
            known: None,
            plain: false,
        }
    });
    let customers: Vec<_> = customers.collect();
    assert_eq!(customers.len(), 2357, "{}", settings.time_zone);
    Some(customers)
}

/// The cut-offs that a pass at the end of the day makes.
fn night(customers: &[Customer], rules: &Rules<'_>, day: Date) -> Cutoffs {
    // The model is not what this is about, and is fitted to next to nobody.
    let scope = Scope {
        one_in: u32::MAX,
        ..Scope::on(day)
    };
    let mut measure = Measure::default();
    for customer in customers {
        if let Some(assessment) = &customer.known {
            let member = Member {
                id: &customer.id,
                subject: Subject::of_totals(&customer.totals),
                assessment,
            };
            measure.add(&member, rules, &scope);
        }
    }
    measure
        .finish(rules.settings, rules.cutoffs, day, None)
        .cutoffs
}

/// How many are in the plain best tenth tonight who were not last night.
fn plain_entries(customers: &mut [Customer], cutoffs: &Cutoffs) -> usize {
    let mut entries = 0;
    for customer in customers {
        let sums = customer.totals.view(true).sums;
        let enter = cutoffs.vip.map(|vip| vip.enter);
        let is = sums.orders > 0 && enter.is_some_and(|enter| sums.net() >= enter);
        entries += usize::from(is && !customer.plain);
        customer.plain = is;
    }
    entries
}

#[test]
fn a_band_keeps_vips_from_coming_and_going() {
    let settings = Settings {
        reporting_currency: Some("USD".to_owned().try_into().expect("a currency")),
        count_zero_value_orders: true,
        ..Settings::default()
    };
    let Some(mut customers) = shop(&settings) else {
        return;
    };
    let mut cutoffs = Cutoffs::NONE;
    let (mut banded, mut plain) = (0, 0);
    let mut entered: BTreeMap<NodeId, usize> = BTreeMap::new();
    let mut day = FIRST;
    while day <= LAST {
        for passed in [false, true] {
            let rules = Rules {
                settings: &settings,
                cutoffs: &cutoffs,
                named: NamedSegments::none(),
            };
            for customer in &mut customers {
                customer.live(&settings, day);
                if customer.judge(&rules, day) {
                    banded += 1;
                    *entered.entry(customer.id.clone()).or_default() += 1;
                }
            }
            if !passed {
                cutoffs = night(&customers, &rules, day);
            }
        }
        plain += plain_entries(&mut customers, &cutoffs);
        day = day.tomorrow().expect("a next day");
    }
    let again = entered.values().filter(|times| **times > 1).count();
    let vips = customers
        .iter()
        .filter(|c| c.known.as_ref().is_some_and(|k| k.by_rank));
    let vips = vips.count();
    println!(
        "546 nights: {banded} entries with the band ({again} customers more than once), {plain} by the plain rule; {vips} VIPs at the end"
    );
    assert!(banded < plain, "{banded} with the band, {plain} without");
    // Between the best tenth and the best three twentieths of those who ever bought.
    let base = customers
        .iter()
        .filter(|c| c.totals.view(true).sums.orders > 0)
        .count();
    assert!(
        vips * 10 >= base && vips * 20 <= base * 3 + 20,
        "{vips} of {base}"
    );
    // Whoever was dropped fell out of three twentieths, and to come back has to be in the best tenth.
    assert!(
        again * 20 <= entered.len(),
        "{again} of {} came back",
        entered.len()
    );
}
