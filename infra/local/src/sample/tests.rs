//! What the sample store must have, read back with the project's own eyes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use crm_domain::consent::{ConsentState, Consents, Medium, history, standing};
use crm_domain::customer::{CustomerFact, Profile};
use crm_domain::fact::Fact;
use crm_domain::identity::ExternalId;
use crm_domain::order::{Channel, FinancialStatus, Order, OrderBody, OrderStatus};
use crm_domain::returns::Resolution;
use crm_domain::segment::{Assessment, Group, Rules, Segment, Stage, Subject, assess};
use crm_domain::settings::Settings;
use crm_domain::totals::Totals;

use super::*;

/// The whole usual store, read once for all tests.
static STORE: LazyLock<Read> = LazyLock::new(|| Read::all(generate(&options())));

fn options() -> SampleOptions {
    SampleOptions::until("2026-03-15T13:37:00Z".parse().unwrap())
}

/// A store as our own code understands it.
#[derive(Default)]
struct Read {
    topics: BTreeMap<&'static str, usize>,
    orders: HashMap<ExternalId, Order>,
    buyers: HashMap<ExternalId, CustomerFact>,
    customers: HashMap<ExternalId, Vec<Profile>>,
    consents: HashMap<ExternalId, Consents>,
}

impl Read {
    fn all(webhooks: impl Iterator<Item = Webhook>) -> Self {
        let mut store = Self::default();
        for webhook in webhooks {
            let topic = webhook.topic;
            *store.topics.entry(topic).or_default() += 1;
            let delivery = Posting::from(webhook).into_delivery();
            let fact = crm_sources::read(&delivery);
            match fact.unwrap_or_else(|error| panic!("{topic}: {error}")) {
                Some(fact) => store.take(topic, fact),
                None => panic!("{topic} is not followed"),
            }
        }
        store
    }

    fn take(&mut self, topic: &str, fact: Fact) {
        match fact {
            Fact::Order {
                order,
                change,
                buyer,
            } => {
                let known = self.orders.entry(order.clone());
                let known = known.or_insert_with(|| Order::unknown(order.clone()));
                known.apply(&change);
                if let Some(buyer) = buyer {
                    self.buyers.insert(order, buyer.customer);
                }
            }
            Fact::Customer(customer) => {
                let id = customer.id.unwrap();
                let consents = self.consents.entry(id.clone()).or_default();
                consents.hear(&customer.consents);
                let told = self.customers.entry(id).or_default();
                told.push(customer.profile);
            }
            Fact::Consent { id, news } => {
                assert_eq!(news.len(), 1, "{topic}");
                self.consents.entry(id).or_default().hear(&news);
            }
            other => panic!("{topic}: an unexpected {other:?}"),
        }
    }

    fn bodies(&self) -> impl Iterator<Item = &OrderBody> {
        let orders = self.orders.values();
        orders.map(|order| &order.body.as_ref().expect("no order is a stub").1)
    }

    /// Every account with its assessment on the last day.
    fn assessments(&self) -> Vec<Assessment> {
        let settings = Settings::default();
        let on = settings.date_of(options().until);
        let mut totals: HashMap<_, Totals> = HashMap::new();
        for id in self.customers.keys() {
            totals.insert(id, Totals::default());
        }
        for (id, order) in &self.orders {
            let settings = Settings {
                reporting_currency: Some("EUR".to_owned().try_into().unwrap()),
                ..settings.clone()
            };
            if let Some(buyer) = &self.buyers[id].id {
                let worth = order.contribution(&settings).unwrap();
                totals.get_mut(buyer).unwrap().replace(None, worth.as_ref());
            }
        }
        let totals = totals.values();
        totals
            .map(|totals| {
                assess(
                    &Subject::of_totals(totals),
                    &Rules::alone(&settings),
                    on,
                    None,
                )
            })
            .collect()
    }
}

fn count<T>(of: impl IntoIterator<Item = T>, what: impl Fn(&T) -> bool) -> usize {
    of.into_iter().filter(what).count()
}

#[test]
fn the_same_options_give_the_same_webhooks_and_another_seed_gives_others() {
    let some = |options: &SampleOptions| generate(options).take(300).collect::<Vec<_>>();
    let other = SampleOptions {
        seed: 2,
        ..options()
    };
    assert_eq!(some(&options()), some(&options()));
    assert_ne!(some(&options()), some(&other));
}

#[test]
fn webhooks_come_in_the_order_of_time_each_with_an_id_of_its_own() {
    let few = SampleOptions {
        customers: 100,
        ..options()
    };
    let (mut ids, mut last) = (BTreeSet::new(), Timestamp::MIN);
    for webhook in generate(&few) {
        assert!(last <= webhook.triggered_at && webhook.triggered_at <= few.until);
        last = webhook.triggered_at;
        assert!(ids.insert(webhook.webhook_id));
    }
}

#[test]
fn every_body_reads_as_the_fact_its_topic_promises() {
    for (topic, least) in [
        ("customers_email_marketing_consent/update", 40),
        ("customers/create", 550),
        ("customers/update", 60),
        ("orders/create", 1_500),
        ("orders/fulfilled", 1_300),
        ("orders/partially_fulfilled", 40),
        ("orders/paid", 80),
        ("orders/cancelled", 20),
        ("orders/updated", 80),
        ("fulfillment_events/create", 1_300),
        ("refunds/create", 80),
        ("returns/request", 80),
        ("returns/approve", 80),
        ("returns/close", 80),
    ] {
        assert!(STORE.topics[topic] >= least, "{:?}", STORE.topics);
    }
}

#[test]
fn every_segment_and_every_named_group_has_someone() {
    let all = STORE.assessments();
    for segment in Segment::ALL {
        let members = count(&all, |one| one.segment == segment);
        assert!(members >= 15, "{segment}: {members} of {}", all.len());
    }
    let groups: BTreeSet<_> = all
        .iter()
        .filter_map(|one| one.group)
        .map(Group::name)
        .collect();
    for group in [
        "Champions",
        "Loyal",
        "Potential Loyal",
        "New",
        "Promising",
        "Needs Attention",
        "About to Sleep",
        "At Risk",
        "Hibernating",
    ] {
        assert!(groups.contains(group), "{group} is missing in {groups:?}");
    }
}

#[test]
fn the_life_cycle_looks_like_a_small_shops() {
    let all = STORE.assessments();
    let share = |stage| 100 * count(&all, |one| one.stage == stage) / all.len();
    let expected = [
        (Stage::Prospect, 5..=12),
        (Stage::New, 8..=14),
        (Stage::SingleOrder, 11..=19),
        (Stage::Active, 21..=34),
        (Stage::AtRisk, 8..=16),
        (Stage::Lapsed, 20..=32),
    ];
    for (stage, expected) in expected {
        let share = share(stage);
        assert!(expected.contains(&share), "{stage:?}: {share} %");
    }
}

#[test]
fn a_handful_of_first_orders_is_younger_than_two_days() {
    let two_days = jiff::SignedDuration::from_hours(48);
    let young = |body: &&OrderBody| options().until.duration_since(body.placed_at) < two_days;
    let young = count(STORE.bodies(), young);
    assert!((10..=30).contains(&young), "{young}");
}

#[test]
fn orders_come_from_everywhere_and_go_every_way() {
    let at_least = |least, what: &dyn Fn(&&OrderBody) -> bool| {
        let found = count(STORE.bodies(), what);
        assert!(found >= least, "{found} of {least}");
    };
    at_least(1_000, &|body| body.channel == Channel::Web);
    at_least(60, &|body| body.channel == Channel::Pos);
    at_least(60, &|body| body.channel == Channel::Wholesale);
    at_least(15, &|body| body.cancelled_at.is_some());
    at_least(3, &|body| body.is_test);
    at_least(15, &|body| body.lines.iter().any(|line| line.is_gift_card));
    at_least(150, &|body| {
        body.lines.iter().any(|line| !line.discount.is_zero())
    });
    at_least(100, &|body| body.acquisition.utm_source.is_some());
    for (status, least) in [
        (FinancialStatus::Pending, 5),
        (FinancialStatus::Paid, 1_000),
        (FinancialStatus::PartiallyRefunded, 20),
        (FinancialStatus::Refunded, 20),
        (FinancialStatus::Voided, 15),
    ] {
        at_least(least, &|body| body.financial_status == status);
    }
    let pending = STORE
        .bodies()
        .filter(|b| b.financial_status == FinancialStatus::Pending);
    assert!(pending.into_iter().all(|body| body.has_payment_terms));
}

#[test]
fn goods_are_on_their_way_arrive_and_come_back() {
    let statuses = |status| count(STORE.orders.values(), |order| order.status() == status);
    for (status, least) in [
        (OrderStatus::Pending, 3),
        (OrderStatus::Shipped, 10),
        (OrderStatus::Delivered, 1_000),
        (OrderStatus::PartiallyReturned, 10),
        (OrderStatus::Returned, 10),
        (OrderStatus::Cancelled, 15),
    ] {
        assert!(
            statuses(status) >= least,
            "{status:?}: {}",
            statuses(status)
        );
    }
    let summaries = STORE.orders.values().filter_map(Order::summary);
    let returns = summaries.flat_map(|order| order.returns);
    let resolutions: Vec<_> = returns.filter_map(|one| one.resolution).collect();
    assert!(count(&resolutions, |one| **one == Resolution::Exchange) >= 5);
    assert!(count(&resolutions, |one| **one == Resolution::Refund) >= 60);
}

#[test]
fn every_return_that_counts_is_listed() {
    let mut by_refund = 0;
    for order in STORE.orders.values() {
        let listed = order.summary().unwrap().returns;
        let standing = listed.iter().filter(|one| one.units > 0).count();
        assert_eq!(
            i64::try_from(standing),
            Ok(order.return_documents()),
            "{:?}",
            order.id
        );
        by_refund += listed.iter().filter(|one| one.status.is_none()).count();
    }
    assert!(by_refund >= 10, "{by_refund}");
}

#[test]
fn money_given_back_is_never_more_than_was_paid() {
    for order in STORE.orders.values() {
        let gross = order.body.as_ref().unwrap().1.gross().unwrap();
        assert!(!gross.is_negative());
        assert!(order.refunded() <= gross, "{:?}", order.id);
    }
}

#[test]
fn there_are_guests_with_and_without_an_address() {
    let buyers = STORE.buyers.values().filter(|buyer| buyer.id.is_none());
    let (known, unknown): (Vec<_>, Vec<_>) = buyers.partition(|b| b.profile.email.is_some());
    assert!(known.len() >= 12 && unknown.len() >= 12);
    // Some guests sign up later, with the same address.
    let accounts = STORE.customers.values().flatten();
    let accounts: BTreeSet<_> = accounts.filter_map(|told| told.email.clone()).collect();
    let both = |buyer: &&&CustomerFact| accounts.contains(buyer.profile.email.as_ref().unwrap());
    assert!(known.iter().filter(both).count() >= 5);
}

#[test]
fn people_say_yes_and_no_and_change() {
    let all: Vec<_> = STORE.consents.values().collect();
    let is = |state| {
        let now = |consents| standing([consents], Medium::Email).unwrap().state;
        count(&all, |consents| now(consents) == state)
    };
    let yes = is(ConsentState::Given);
    assert!((200..=450).contains(&yes), "{yes}");
    assert!(is(ConsentState::NotGiven) >= 50 && is(ConsentState::Withdrawn) >= 10);
    let changed = |consents: &&&Consents| history([**consents], Medium::Email).len() > 1;
    assert!(count(&all, changed) >= 40);
    let addresses = |told: &&Vec<Profile>| {
        let all: BTreeSet<_> = told.iter().map(|profile| profile.email.clone()).collect();
        all.len() > 1
    };
    assert!(count(STORE.customers.values(), addresses) >= 5);
}

#[test]
fn some_ids_are_longer_than_a_binary_float_holds() {
    let long = |id: &&ExternalId| id.id().parse::<u64>().unwrap() > 1 << 53;
    assert!(count(STORE.orders.keys(), long) >= 20);
    assert!(count(STORE.customers.keys(), long) >= 20);
}

#[test]
fn several_currencies_are_shown_and_one_is_counted() {
    let currencies: BTreeSet<_> = STORE.bodies().map(|body| body.currency).collect();
    assert_eq!(currencies.len(), 1);
    let few = SampleOptions {
        customers: 150,
        ..options()
    };
    let shown: BTreeSet<_> = generate(&few)
        .filter(|webhook| webhook.topic == "orders/create")
        .map(|webhook| serde_json::from_slice::<serde_json::Value>(&webhook.body).unwrap())
        .map(|body| body["presentment_currency"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        shown.into_iter().collect::<Vec<_>>(),
        ["CHF", "EUR", "GBP", "JPY", "USD"]
    );
}
