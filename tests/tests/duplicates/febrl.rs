//! A thousand customers of whom it is known who is who (FEBRL, set 1), told by
//! a shop and looked through whole.
//!
//! They have neither e-mail addresses nor telephones. So what is shown of
//! joins is that names and postal addresses alone, however alike, join nobody;
//! that an address in common does, and whom, is shown where addresses are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aws_sdk_dynamodb::Client;
use crm_local::system::System;
use crm_tests::shared_data;
use crm_tests::stack::Stack;
use csv::StringRecord;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::support::{Customer, customer, pairs};

/// Numbers of two customers, the smaller first.
type Pair = (u64, u64);

fn rows(path: &Path) -> Vec<StringRecord> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.records().map(Result::unwrap).collect()
}

/// A row as a shop would tell it: the house number in the street's line.
fn told(row: &StringRecord, id: u64) -> Customer {
    let cell = |n: usize| row[n].trim().to_owned();
    let street = format!("{} {}", cell(3), cell(4));
    let home = serde_json::json!({
        "address1": street.trim(),
        "address2": cell(5),
        "city": cell(6),
        "zip": cell(7),
        "province": cell(8),
    });
    customer(id, &cell(1), &cell(2)).with("default_address", home)
}

async fn found(stack: &Stack) -> BTreeSet<Pair> {
    let open = pairs(stack, "open").await;
    let scores: Vec<_> = open
        .iter()
        .map(|pair| pair["score"].as_f64().unwrap())
        .collect();
    assert!(
        scores.is_sorted_by(|one, next| one >= next),
        "the best come first"
    );
    let numbers = open.iter().map(|pair| {
        let both = pair["customers"].as_array().unwrap().iter();
        let mut ids = both.map(|side| {
            let id = side["external_ids"][0].as_str().unwrap();
            id.rsplit(':').next().unwrap().parse().unwrap()
        });
        let (one, other): (u64, u64) = (ids.next().unwrap(), ids.next().unwrap());
        (one.min(other), one.max(other))
    });
    let pairs: BTreeSet<_> = numbers.collect();
    assert_eq!(pairs.len(), open.len(), "each pair once");
    pairs
}

/// Takes the index and all suggestions away: a base that nobody has looked at.
async fn forget(system: &System) {
    let client = Client::new(&system.services().sdk_config());
    let table = &system.wiring().functions["Api"].variables["FACTS_TABLE"];
    let mut from = None;
    loop {
        let page = client
            .scan()
            .table_name(table)
            .set_exclusive_start_key(from);
        let page = page.send().await.unwrap();
        for mut item in page.items.unwrap_or_default() {
            item.retain(|name, _| name == "pk" || name == "sk");
            let pk = item["pk"].as_s().unwrap();
            if pk.starts_with('B') || pk.starts_with("D#") {
                let delete = client.delete_item().table_name(table);
                delete.set_key(Some(item)).send().await.unwrap();
            }
        }
        from = page.last_evaluated_key;
        if from.is_none() {
            return;
        }
    }
}

/// Looks through everyone; what came of it.
async fn search(stack: &Stack) -> Value {
    let asked = stack
        .call("admin", "POST", "/v1/duplicates/search", None)
        .await;
    assert_eq!(
        (asked.status, &asked.body["kind"]),
        (202, &"duplicates".into()),
        "{asked:?}"
    );
    stack.settle().await;
    let path = format!(
        "/v1/segments/refresh/{}",
        asked.body["id"].as_str().unwrap()
    );
    let run = stack.get("admin", &path).await;
    assert_eq!(run.body["state"], "done", "{run:?}");
    run.body["result"].clone()
}

/// Precision and recall of what was found.
fn measured(found: &BTreeSet<Pair>, truth: &BTreeSet<Pair>) -> (f64, f64) {
    let right = found.intersection(truth).count();
    #[expect(clippy::cast_precision_loss, reason = "hundreds")]
    let share = |of: usize| right as f64 / of as f64;
    (share(found.len()), share(truth.len()))
}

/// A line of the table.
fn line(rule: &str, pairs: usize, (precision, recall): (f64, f64)) {
    println!("{rule:<52} {pairs:>5} {precision:>9.4} {recall:>7.4}");
}

/// What simpler rules find in the same file: they may use the birthday and
/// whatever else there is.
fn print_baseline(path: &Path) {
    let text = std::fs::read_to_string(path).unwrap();
    let scores: Value = serde_json::from_str(&text).unwrap();
    let rules = scores["febrl1"].as_object().unwrap().iter();
    for (rule, told) in rules.filter(|(_, told)| told.is_object()) {
        let number = |name: &str| told[name].as_f64().unwrap();
        let pairs = usize::try_from(told["pairs"].as_u64().unwrap()).unwrap();
        let rule = format!("baseline_scores.json: {rule}");
        line(&rule, pairs, (number("precision"), number("recall")));
    }
}

/// Everybody there is: each has an own id that nobody else has, and was never
/// joined with anybody.
async fn nobody_is_joined(stack: &Stack, people: usize) {
    let mut ids = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/v1/customers?segment=Prospect&limit=100{cursor}");
        let page = stack.get("viewer", &path).await.body;
        for person in page["items"].as_array().unwrap() {
            let known = person["external_ids"].as_array().unwrap();
            assert_eq!(known.len(), 1, "{person}");
            assert!(ids.insert(known[0].to_string()), "{person} is there twice");
        }
        match page["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(ids.len(), people, "everybody was looked at");
}

/// Sets the field `birthday` of everybody whose row has a date there.
async fn tell_birthdays(stack: &Stack, people: &[StringRecord]) {
    let mut cursor = String::new();
    loop {
        let path = format!("/v1/customers?segment=Prospect&limit=100{cursor}");
        let page = stack.get("viewer", &path).await;
        for person in page.body["items"].as_array().unwrap() {
            let number = person["external_ids"][0].as_str().unwrap();
            let number: usize = number.rsplit(':').next().unwrap().parse().unwrap();
            // A damaged birthday may be no date at all: then there is none.
            let cell = people[number - 1][9].trim();
            let Ok(born) = Date::strptime("%Y%m%d", cell) else {
                continue;
            };
            let path = format!("/v1/customers/{}", person["id"].as_str().unwrap());
            let body = json!({"fields": {"birthday": born.to_string()}});
            let set = stack.call("agent", "PATCH", &path, Some(body)).await;
            assert_eq!(set.status, 200, "{set:?}");
        }
        match page.body["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    stack.settle().await;
}

#[tokio::test]
async fn the_pairs_of_the_small_file_are_found_on_arrival_and_by_a_search() {
    let Some(folder) = shared_data::find("linkage") else {
        return;
    };
    let rows_of = |name: &str| rows(&folder.join(name));
    let people = rows_of("febrl_dataset1.csv");
    let numbers: BTreeMap<_, _> = people
        .iter()
        .map(|row| row[0].to_owned())
        .zip(1_u64..)
        .collect();
    let truth: BTreeSet<Pair> = rows_of("febrl_dataset1_truth.csv")
        .iter()
        .map(|pair| (numbers[&pair[0]], numbers[&pair[1]]))
        .map(|(one, other)| (one.min(other), one.max(other)))
        .collect();

    let stack = Stack::start().await;
    let told = people.iter().zip(1..).map(|(row, id)| {
        let mut told = told(row, id).told_at("09:00");
        told.topic = "customers/create".to_owned();
        told
    });
    stack.deliver(told).await;
    let on_arrival = found(&stack).await;
    forget(stack.system()).await;
    assert_eq!(found(&stack).await, BTreeSet::new());
    let result = search(&stack).await;
    let by_search = found(&stack).await;
    let again = search(&stack).await;

    assert_eq!(on_arrival, by_search);
    assert_eq!(result["compared"], 1000);
    assert_eq!(result["suggested"], by_search.len());
    assert_eq!(
        (&again["suggested"], &again["withdrawn"]),
        (&0.into(), &0.into())
    );
    assert_eq!(found(&stack).await, by_search);
    nobody_is_joined(&stack, people.len()).await;
    let without = measured(&by_search, &truth);
    assert!(without.0 >= 0.99 && without.1 >= 0.90, "{without:?}");

    // The shop's people write down when everybody was born.
    tell_birthdays(&stack, &people).await;
    let with_birthdays = found(&stack).await;
    let with = measured(&with_birthdays, &truth);
    println!(
        "\nFEBRL 1 through the served system: {} customers, {} true pairs\n{:<52} pairs precision  recall",
        people.len(),
        truth.len(),
        "rule",
    );
    print_baseline(&folder.join("baseline_scores.json"));
    line(
        "ours, by what shops tell: no birthday",
        by_search.len(),
        without,
    );
    let rule = "ours, the birthday noted by staff for everybody";
    line(rule, with_birthdays.len(), with);
    assert!(with.0 >= 0.99 && with.1 >= 0.95, "{with:?}");
    nobody_is_joined(&stack, people.len()).await;
}
