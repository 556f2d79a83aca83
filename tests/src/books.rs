//! Real books of the past as facts: read as they are when they are delivered, without a system around.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use crm_domain::fact::Fact;
use crm_domain::money::Currency;
use crm_domain::order::{Order, OrderChange};
use crm_domain::returns::LooseReturn;
use crm_domain::settings::Settings;
use crm_domain::totals::Totals;
use crm_local::replay::skipped::Found;
use crm_local::replay::table::{Books, Mapping, read};
use crm_sources::Delivery;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::shared_data;

/// Something that happened to a customer.
pub enum Event {
    /// An order was placed.
    Order(Box<Order>),
    /// Something came back that belongs to no order.
    Return(LooseReturn),
}

impl Event {
    /// When it happened.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Order(order) => order.body.as_ref().expect("a whole order").1.placed_at,
            Self::Return(returned) => returned.at,
        }
    }

    /// Adds it to its customer's totals.
    pub fn add_to(&self, totals: &mut Totals, settings: &Settings) {
        match self {
            Self::Order(order) => {
                let worth = order.contribution(settings).expect("one currency");
                totals.replace(None, worth.as_ref());
            }
            Self::Return(returned) => {
                totals.replace_loose_return(None, Some((returned.amount, returned.units)));
            }
        }
    }
}

/// All customers of a table under `transactions`, each with what happened,
/// oldest first; none where the real data is not installed.
///
/// # Panics
///
/// When the table cannot be read.
#[must_use]
pub fn events(file: &str, format: &str, currency: &str) -> Option<BTreeMap<String, Vec<Event>>> {
    let path = shared_data::find(&format!("transactions/{file}"))?;
    let books = Books {
        name: file.to_owned(),
        mapping: Mapping::built_in(format).expect("a known format"),
        shop: "main".to_owned(),
        currency: Currency::parse(currency).expect("a currency"),
    };
    let table = csv::Reader::from_reader(open(&path));
    let mut customers: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for found in read(books, TimeZone::UTC, table).expect("a table") {
        let Found::Delivery(posting) = found.expect("a readable row") else {
            continue;
        };
        let delivery = Delivery {
            dialect: posting.dialect,
            source: posting.source,
            shop: posting.shop,
            topic: posting.topic,
            api_version: None,
            webhook_id: None,
            event_id: None,
            triggered_at: posting.triggered_at,
            received_at: Timestamp::UNIX_EPOCH,
            body: posting.body,
        };
        let fact = crm_sources::read(&delivery).expect("readable books");
        let (customer, event) = event(fact.expect("a topic that is followed"));
        customers.entry(customer).or_default().push(event);
    }
    for events in customers.values_mut() {
        events.sort_by_key(Event::at);
    }
    Some(customers)
}

fn event(fact: Fact) -> (String, Event) {
    match fact {
        Fact::Order {
            order,
            change: change @ OrderChange::Body(_),
            buyer: Some(buyer),
        } => {
            let mut record = Order::unknown(order);
            record.apply(&change);
            let id = buyer.id().expect("books name their customers");
            (id.id().to_owned(), Event::Order(Box::new(record)))
        }
        Fact::LooseReturn { news, buyer, .. } => {
            let id = buyer.id().expect("books name their customers");
            (id.id().to_owned(), Event::Return(news))
        }
        _ => panic!("books hold orders and returns"),
    }
}

/// The rows of a file of expected results, by the names of their columns.
///
/// # Panics
///
/// When the file cannot be read.
#[must_use]
pub fn expected(file: &str) -> Option<Vec<BTreeMap<String, String>>> {
    let path = shared_data::find(&format!("expected/{file}"))?;
    let mut table = csv::Reader::from_reader(open(&path));
    let rows = table.deserialize();
    Some(rows.map(|row| row.expect("a row of the table")).collect())
}

fn open(path: &Path) -> Box<dyn Read> {
    let file = File::open(path).expect("a readable file");
    if path.extension().is_some_and(|ending| ending == "zst") {
        Box::new(ruzstd::decoding::StreamingDecoder::new(file).expect("zstd"))
    } else {
        Box::new(file)
    }
}
