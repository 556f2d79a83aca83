//! Real sales and expected values, from the folder beside the repository.

use std::collections::BTreeMap;
use std::path::Path;

use crm_domain::history::History;
use crm_domain::money::Amount;
use crm_domain::settings::Settings;
use crm_domain::value::Buyer;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A table's rows by column name.
pub type Row = BTreeMap<String, String>;

/// The text of a file of the real data; `None`, said aloud, where it is not
/// there. Where `CI=true` it must be.
pub fn text(path: &str) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let file = root.join(path);
    if file.exists() {
        return Some(std::fs::read_to_string(file).unwrap());
    }
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!ci, "CI=true, but {} is missing", file.display());
    eprintln!("NOT TESTED: {} is missing", file.display());
    None
}

/// The rows of a table of plain values.
pub fn rows(path: &str) -> Option<Vec<Row>> {
    let text = text(path)?;
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |line: &str| {
        let cells = columns.iter().copied().zip(line.split(','));
        cells
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    Some(lines.map(row).collect())
}

/// A number of a row.
pub fn number(row: &Row, name: &str) -> f64 {
    row[name].parse().unwrap()
}

/// A buyer from columns in weeks that were rounded from whole days.
pub fn buyer(row: &Row) -> Buyer {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "days of some years"
    )]
    let whole = |value: f64| value.round() as u32;
    Buyer {
        repeat_days: whole(number(row, "x")),
        recency_days: whole(number(row, "t_x") * 7.0),
        age_days: whole(number(row, "T") * 7.0),
        mean_repeat: number(row, "zbar"),
    }
}

/// Every customer's history in the CDNOW sample, by the sample's own number.
pub fn cdnow() -> Option<BTreeMap<u32, History>> {
    let rows = rows("transactions/cdnow_sample.csv")?;
    Some(histories(&rows, ["customer_id", "date", "dollar_value"]))
}

/// Every customer's history in the books of the apparel shop.
pub fn apparel() -> Option<BTreeMap<u32, History>> {
    let rows = rows("transactions/apparelTrans_simulated.csv")?;
    Some(histories(&rows, ["Id", "Date", "Price"]))
}

fn histories(rows: &[Row], [customer, date, gross]: [&str; 3]) -> BTreeMap<u32, History> {
    let mut histories: BTreeMap<u32, History> = BTreeMap::new();
    for row in rows {
        let date: Date = row[date].parse().unwrap();
        let gross = Amount::parse(&row[gross]).unwrap();
        let customer = row[customer].parse().unwrap();
        histories
            .entry(customer)
            .or_default()
            .add(noon(date), gross);
    }
    histories
}

/// A history of orders at noon UTC, in whole amounts.
pub fn history(orders: &[(Date, i64)]) -> History {
    let mut history = History::default();
    for (on, gross) in orders {
        history.add(noon(*on), Amount::whole(*gross));
    }
    history
}

fn noon(on: Date) -> Timestamp {
    on.at(12, 0, 0, 0)
        .to_zoned(TimeZone::UTC)
        .unwrap()
        .timestamp()
}

/// Settings under which orders worth nothing count, as in the references.
pub fn counting_zero() -> Settings {
    Settings {
        count_zero_value_orders: true,
        ..Settings::default()
    }
}

/// Fails unless the two agree to the given share of the expected value.
pub fn assert_near(what: &str, got: f64, expected: f64, share: f64) {
    let off = (got - expected).abs();
    assert!(
        off <= share * expected.abs(),
        "{what}: {got}, not {expected}"
    );
}
