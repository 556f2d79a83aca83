use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::*;
use crate::deliver::Posting;
use crate::replay::skipped::{Found, Reason};

fn found(mapping: &Mapping, table: &str) -> Vec<Found> {
    let books = Books {
        name: "books.csv".to_owned(),
        mapping: mapping.clone(),
        shop: "main".to_owned(),
        currency: "GBP".to_owned().try_into().unwrap(),
    };
    let table = csv::Reader::from_reader(table.as_bytes());
    let read = read(books, TimeZone::UTC, table).unwrap();
    read.map(Result::unwrap).collect()
}

fn sent(found: &[Found]) -> Vec<&Posting> {
    let sent = found.iter().filter_map(|found| match found {
        Found::Delivery(posting) => Some(posting),
        Found::Skipped(_) => None,
    });
    sent.collect()
}

fn skipped(found: &[Found]) -> Vec<(&str, u64, Reason)> {
    let skipped = found.iter().filter_map(|found| match found {
        Found::Skipped(one) => Some((one.origin.as_str(), one.rows, one.reason)),
        Found::Delivery(_) => None,
    });
    skipped.collect()
}

fn body(posting: &Posting) -> Value {
    serde_json::from_slice(&posting.body).unwrap()
}

const RETAIL: &str =
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

fn retail(rows: &str) -> Vec<Found> {
    let mapping = Mapping::built_in("online-retail").unwrap();
    found(&mapping, &format!("{RETAIL}{rows}"))
}

#[test]
fn an_invoice_is_one_order_with_its_lines_in_the_files_order() {
    let found = retail(
        "7,B,BOWL,2,2010-12-01T08:27:00,1.50,Ada,France\n\
         7,A,,1,2010-12-01T08:26:00,0.125,Ada,France\n\
         7,B,BOWL,2,2010-12-01T08:27:00,1.50,Ada,France\n",
    );

    let sent = sent(&found);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].topic, "orders/create");
    assert_eq!(sent[0].source, "online-retail");
    assert_eq!(sent[0].origin, "books.csv document 7 (line 2)");
    let bowl = json!({"product": "B", "title": "BOWL", "quantity": 2, "unit_price": "1.5"});
    let other = json!({"product": "A", "quantity": 1, "unit_price": "0.125"});
    assert_eq!(
        body(sent[0]),
        json!({
            "id": "7", "number": "7", "placed_at": "2010-12-01T08:26:00Z", "currency": "GBP",
            "customer": {"id": "Ada", "country": "France"},
            "lines": [bowl, other, bowl],
        })
    );
}

#[test]
fn a_return_is_positive_and_belongs_to_no_order() {
    let found = retail(
        "C8,B,BOWL,-2,2010-12-02T09:00:00,1.50,Ada,France\n\
         C8,A,,-1,2010-12-02T09:00:00,0.25,Ada,France\n",
    );

    let sent = sent(&found);
    assert_eq!(sent[0].topic, "returns/create");
    assert_eq!(
        body(sent[0]),
        json!({
            "id": "C8", "returned_at": "2010-12-02T09:00:00Z", "currency": "GBP",
            "customer": {"id": "Ada", "country": "France"},
            "amount": "3.25", "units": 3,
        })
    );
}

#[test]
fn what_stays_out_is_counted_in_rows_and_explained() {
    let found = retail(
        "1,B,BOWL,2,2010-12-01T08:27:00,1.50,,France\n\
         1,B,BOWL,2,2010-12-01T08:27:00,1.50,,France\n\
         A2,B,Adjust bad debt,1,2010-12-01T08:27:00,-11062.06,,France\n\
         3,B,BOWL,two,2010-12-01T08:27:00,1.50,Bo,France\n\
         4,B,BOWL,2,once,1.50,Bo,France\n\
         5,B,BOWL,2,2010-12-01T08:27:00,,Bo,France\n\
         6,B,BOWL,-2,2010-12-01T08:27:00,1.50,Bo,France\n\
         7,B,BOWL,2,2010-12-01T08:27:00,1.50,Bo,France\n\
         7,B,BOWL,2,2010-12-01T08:27:00,1.50,Cy,France\n\
         8,B\n",
    );

    assert_eq!(sent(&found), Vec::<&Posting>::new());
    let mut skipped = skipped(&found);
    skipped.sort_by_key(|(_, _, reason)| *reason);
    assert_eq!(
        skipped,
        [
            ("books.csv line 2", 2, Reason::NoCustomer),
            ("books.csv line 4", 1, Reason::Adjustment),
            ("books.csv line 9", 2, Reason::TwoCustomers),
            ("books.csv line 11", 1, Reason::BrokenRow),
            ("books.csv line 6", 1, Reason::BadTime),
            ("books.csv line 5", 1, Reason::BadQuantity),
            ("books.csv line 7", 1, Reason::BadAmount),
            ("books.csv line 8", 1, Reason::WrongSign),
        ]
    );
}

#[test]
fn interleaved_invoices_are_put_together_and_scattered_ones_reported() {
    let line = |invoice: &str| format!("{invoice},B,,1,2010-12-01T08:27:00,1,Ada,France\n");
    let near = retail(&[line("1"), line("2"), line("1")].concat());
    assert_eq!(sent(&near).len(), 2);

    let between: String = (10..2_000).map(|n| line(&n.to_string())).collect();
    let far = retail(&[line("1"), between, line("1")].concat());
    assert_eq!(sent(&far).len(), 1_991);
    let reported = [("books.csv line 1993", 1, Reason::Scattered)];
    assert_eq!(skipped(&far), reported);
}

#[test]
fn a_line_without_documents_is_an_order_even_twice_the_same() {
    let mapping = Mapping::built_in("cdnow").unwrap();
    let found = found(
        &mapping,
        "master_customer_id,customer_id,date,number_of_cds,dollar_value\n\
         00004,0001,1997-01-01,2,29.33\n\
         00004,0001,1997-01-01,2,29.33\n\
         00004,0001,1997-01-18,2,29.73\n",
    );

    let ids: Vec<_> = sent(&found)
        .iter()
        .map(|sent| body(sent)["id"].clone())
        .collect();
    assert_eq!(ids[1], json!(format!("{}-2", ids[0].as_str().unwrap())));
    assert_ne!(ids[0], ids[2]);
    assert_eq!(
        body(sent(&found)[0])["lines"],
        json!([
            {"quantity": 1, "unit_price": "14.66"},
            {"quantity": 1, "unit_price": "14.67"},
        ])
    );
}

#[test]
fn a_mapping_of_ones_own_names_other_columns() {
    let mapping = Mapping::parse(
        r#"{"source": "till", "document": "Bon", "customer": "Kunde", "time": "Datum",
            "time_format": "%d.%m.%Y %H:%M", "quantity": "Menge", "unit_price": "Preis",
            "email": "Mail", "returns_begin": "R"}"#,
    )
    .unwrap();
    let found = found(
        &mapping,
        "Bon,Datum,Kunde,Menge,Preis,Mail\n1,24.12.2024 10:00,Ada,1,9.99,ada@example.com\n",
    );

    let order = body(sent(&found)[0]);
    assert_eq!(order["placed_at"], "2024-12-24T10:00:00Z");
    assert_eq!(order["customer"]["email"], "ada@example.com");
}

#[test]
fn a_mapping_that_cannot_work_is_refused() {
    let refused = |json: &str| Mapping::parse(json).unwrap_err();
    let twice = r#"{"source":"till","customer":"a","time":"b","amount":"c","unit_price":"d"}"#;
    assert!(matches!(refused(twice), MappingError::Price));
    let name = r#"{"source":"My Till","customer":"a","time":"b","amount":"c"}"#;
    assert!(matches!(refused(name), MappingError::Source));
    let typo = r#"{"source":"till","customers":"a","time":"b","amount":"c"}"#;
    assert!(matches!(refused(typo), MappingError::Form(_)));
}

#[test]
fn a_missing_column_is_named_before_anything_is_sent() {
    let mapping = Mapping::built_in("cdnow").unwrap();
    let books = Books {
        name: "x.csv".to_owned(),
        mapping,
        shop: "main".to_owned(),
        currency: "USD".to_owned().try_into().unwrap(),
    };
    let table = csv::Reader::from_reader("customer_id,date\n".as_bytes());
    let error = read(books, TimeZone::UTC, table).err().unwrap();
    assert_eq!(error.to_string(), "the table has no column number_of_cds");
}

#[test]
fn the_two_known_tables_are_recognised_by_their_columns() {
    let source = |header: &str| {
        let header = csv::StringRecord::from(header.split(',').collect::<Vec<_>>());
        Mapping::recognised(&header).map(|mapping| mapping.source)
    };
    assert_eq!(source(RETAIL.trim()).unwrap(), "online-retail");
    let cdnow = "master_customer_id,customer_id,date,number_of_cds,dollar_value";
    assert_eq!(source(cdnow).unwrap(), "cdnow");
    assert!(source("a,b,c").is_err());
}
