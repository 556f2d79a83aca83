//! The two public tables of transactions, read whole.
//!
//! They lie beside the repository, in `../shared/data`; their licences do not
//! let them lie in it. Where `CI=true` they must be there.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crm_domain::money::{Amount, Currency};
use crm_local::replay::skipped::{Found, Reason};
use crm_local::replay::table::{Books, Mapping, read};
use jiff::tz::TimeZone;
use serde_json::Value;

fn data(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("../shared/data").join(name);
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    if !path.exists() {
        assert!(!ci, "{} is missing", path.display());
        eprintln!("not tested: {} is missing", path.display());
        return None;
    }
    Some(path)
}

fn open(path: &Path) -> Box<dyn Read> {
    let file = File::open(path).unwrap();
    if path.extension().is_some_and(|e| e == "zst") {
        Box::new(ruzstd::decoding::StreamingDecoder::new(file).unwrap())
    } else {
        Box::new(file)
    }
}

/// What reading a table brought.
#[derive(Default)]
struct Tally {
    topics: BTreeMap<String, u64>,
    skipped: BTreeMap<Reason, (u64, u64)>,
    customers: BTreeSet<String>,
    ids: BTreeSet<String>,
    gross: BTreeMap<String, Amount>,
    returned: BTreeMap<String, Amount>,
    units_returned: BTreeMap<String, i64>,
    zero_value: Vec<String>,
}

fn tally(name: &str, format: &str, currency: &str) -> Option<Tally> {
    let path = data(name)?;
    let mapping = Mapping::built_in(format).unwrap();
    let books = Books {
        name: name.to_owned(),
        mapping,
        shop: "main".to_owned(),
        currency: Currency::parse(currency).unwrap(),
    };
    let table = csv::Reader::from_reader(open(&path));
    let mut tally = Tally::default();
    for found in read(books, TimeZone::UTC, table).unwrap() {
        match found.unwrap() {
            Found::Delivery(posting) => {
                *tally.topics.entry(posting.topic.clone()).or_default() += 1;
                tally.add(
                    &posting.topic,
                    &serde_json::from_slice(&posting.body).unwrap(),
                );
            }
            Found::Skipped(skipped) => {
                let (documents, rows) = tally.skipped.entry(skipped.reason).or_default();
                *documents += 1;
                *rows += skipped.rows;
            }
        }
    }
    Some(tally)
}

impl Tally {
    fn add(&mut self, topic: &str, body: &Value) {
        let id = body["id"].as_str().unwrap().to_owned();
        let customer = body["customer"]["id"].as_str().unwrap().to_owned();
        self.customers.insert(customer.clone());
        if topic == "returns/create" {
            *self.returned.entry(customer.clone()).or_default() += amount(&body["amount"]);
            *self.units_returned.entry(customer).or_default() += body["units"].as_i64().unwrap();
        } else {
            let lines = body["lines"].as_array().unwrap();
            let worth = |line: &Value| {
                let quantity = line["quantity"].as_i64().unwrap();
                amount(&line["unit_price"]).times(quantity).unwrap()
            };
            let gross: Amount = lines.iter().map(worth).sum();
            if gross.is_zero() {
                self.zero_value.push(id.clone());
            }
            *self.gross.entry(customer).or_default() += gross;
        }
        assert!(self.ids.insert(id), "every document has an id of its own");
    }
}

fn amount(value: &Value) -> Amount {
    Amount::parse(value.as_str().unwrap()).unwrap()
}

/// A column of the published expectations, by customer.
fn expected(name: &str, column: &str) -> Option<BTreeMap<String, Amount>> {
    let path = data(name)?;
    let mut table = csv::Reader::from_reader(open(&path));
    let place = table.headers().unwrap().iter().position(|h| h == column);
    let place = place.unwrap();
    let rows = table.records().map(Result::unwrap);
    Some(
        rows.map(|row| (row[0].to_owned(), Amount::parse(&row[place]).unwrap()))
            .collect(),
    )
}

const RETAIL: &str = "transactions/online_retail.csv.zst";
/// Half a million lines, read once for all tests.
static ONLINE_RETAIL: LazyLock<Option<Tally>> =
    LazyLock::new(|| tally(RETAIL, "online-retail", "GBP"));
const RETAIL_EXPECTED: &str = "expected/rfm_online_retail_2011-12-10.csv.zst";

#[test]
fn online_retail_is_read_to_the_last_invoice() {
    let Some(tally) = &*ONLINE_RETAIL else {
        return;
    };

    assert_eq!(tally.topics["orders/create"], 18_536);
    assert_eq!(tally.topics["returns/create"], 3_654);
    // 3,707 invoices name nobody, and the three adjustments name nobody either.
    assert_eq!(tally.skipped[&Reason::NoCustomer], (3_707, 135_077));
    assert_eq!(tally.skipped[&Reason::Adjustment], (3, 3));
    assert_eq!(tally.skipped.len(), 2, "{:?}", tally.skipped);
    assert_eq!(18_536 + 3_654 + 3_707 + 3, 25_900);
    assert_eq!(tally.customers.len(), 4_372);
    assert_eq!(tally.gross.len(), 4_339, "the others only returned");
    let zero = ["543599", "564651", "568384", "578841"];
    assert_eq!(tally.zero_value, zero);
}

#[test]
fn online_retail_comes_to_the_expected_gross_for_every_customer() {
    let Some(tally) = &*ONLINE_RETAIL else {
        return;
    };
    let gross = expected(RETAIL_EXPECTED, "monetary").expect("it lies beside the table");

    assert_eq!(gross.len(), 4_339);
    assert_eq!(tally.gross, gross);

    let returned = expected(RETAIL_EXPECTED, "return_value").expect("as above");
    let units = expected(RETAIL_EXPECTED, "return_units").expect("as above");
    for (customer, value) in returned {
        let ours = tally.returned.get(&customer).copied().unwrap_or_default();
        assert_eq!(-ours, value, "{customer}");
        let ours = tally
            .units_returned
            .get(&customer)
            .copied()
            .unwrap_or_default();
        assert_eq!(Amount::whole(-ours), units[&customer], "{customer}");
    }
}

#[test]
fn cdnow_is_one_order_a_line_even_where_lines_are_the_same() {
    let Some(tally) = tally("transactions/cdnow_sample.csv", "cdnow", "USD") else {
        return;
    };
    let gross = expected("expected/rfm_cdnow_sample_1998-07-01.csv", "monetary");

    assert_eq!(tally.topics["orders/create"], 6_919);
    assert_eq!(tally.topics.len(), 1);
    assert!(tally.skipped.is_empty(), "{:?}", tally.skipped);
    assert_eq!(tally.zero_value.len(), 8);
    assert_eq!(tally.gross, gross.expect("it lies beside the table"));
}
