use std::fs;
use std::path::Path;

use clap::Parser;

use super::stage::Stage;
use super::*;
use crate::args::{Args, Command};
use crate::deliver::counter::Counter;
use crate::functions::Registry;
use crate::gateway::Server;
use crate::system::{Directory, System, SystemOptions, template_path};

fn args(folder: &Path, more: &[&str]) -> ReplayArgs {
    let folder = folder.to_str().unwrap();
    let line = ["crm-local", "replay", folder]
        .into_iter()
        .chain(more.iter().copied());
    match Args::try_parse_from(line).unwrap().command {
        Some(Command::Replay(args)) => *args,
        None => panic!("a replay was asked for"),
    }
}

/// A folder with one recorded order, one payload of a cart, one that nothing
/// names, and a table of three orders, one of nobody.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let order = r#"{"id":1,"created_at":"2026-01-01T00:00:00Z","currency":"EUR","financial_status":"paid","line_items":[]}"#;
    write("orders_create/ada.json", order);
    write("carts_create/1.json", r#"{"id":"c1"}"#);
    write("mystery.json", r#"{"id":7}"#);
    write(
        "till.csv",
        "master_customer_id,customer_id,date,number_of_cds,dollar_value\n\
         00004,0001,1997-01-01,2,29.33\n\
         00004,0001,1997-01-18,2,29.73\n\
         00005,,1997-01-19,1,9.99\n",
    );
    folder
}

const BOTH: [&str; 4] = ["--currency", "USD", "--time-zone", "America/New_York"];

#[tokio::test]
async fn a_replay_sends_what_it_finds_and_explains_what_it_does_not() {
    let counter = Counter::open().await;
    let folder = folder();

    let report = run(&args(folder.path(), &BOTH), &Stage::of(&counter))
        .await
        .unwrap();

    assert_eq!(report.accepted["orders/create"], 3);
    assert_eq!(report.not_followed["carts/create"], 1);
    assert_eq!(report.not_followed.len(), 1);
    let nobody = &report.not_sent[&skipped::Reason::NoCustomer];
    assert_eq!((nobody.count, nobody.rows), (1, 1));
    assert!(nobody.named[0].ends_with("till.csv line 4"), "{nobody:?}");
    let nameless = &report.not_sent[&skipped::Reason::NoTopic];
    assert!(nameless.named[0].ends_with("mystery.json"), "{nameless:?}");
    assert_eq!(counter.book().taken.len(), 4);
    assert_eq!(counter.book().settled, 1);
    let text = report.to_string();
    assert!(text.starts_with("4 deliveries accepted"), "{text}");
}

#[tokio::test]
async fn shuffled_and_doubled_everything_comes_twice_in_another_order() {
    let counter = Counter::open().await;
    let folder = folder();
    let more = [&BOTH[..], &["--repeat", "2", "--shuffle", "7"]].concat();

    let report = run(&args(folder.path(), &more), &Stage::of(&counter))
        .await
        .unwrap();

    assert_eq!(report.accepted["orders/create"], 6);
    assert_eq!(report.not_sent[&skipped::Reason::NoCustomer].count, 1);
    let book = counter.book();
    let mut ids: Vec<_> = book
        .taken
        .iter()
        .map(|d| d.webhook_id.clone().unwrap())
        .collect();
    ids.sort();
    let pairs = ids.chunks(2).all(|pair| pair[0] == pair[1]);
    assert!(pairs && ids.len() == 8, "{ids:?}");
}

#[tokio::test]
async fn a_table_takes_currency_and_zone_from_the_store() {
    let counter = Counter::open().await;
    let folder = folder();
    let asked = run(&args(folder.path(), &[]), &Stage::of(&counter)).await;
    let error = asked.unwrap_err().to_string();
    assert!(error.contains("--currency"), "{error}");
    assert!(counter.book().taken.is_empty());

    let settings = serde_json::json!({"reporting_currency": "USD", "time_zone": "Europe/Paris"});
    counter.book().settings = Some(settings);
    run(&args(folder.path(), &[]), &Stage::of(&counter))
        .await
        .unwrap();

    let book = counter.book();
    let mut bodies = book.taken.iter().map(|d| String::from_utf8_lossy(&d.body));
    let new_year = bodies.find(|body| body.contains("29.33") || body.contains("14.66"));
    let new_year = new_year.unwrap();
    assert!(new_year.contains("1996-12-31T23:00:00Z"), "{new_year}");
    assert!(new_year.contains("USD"), "{new_year}");
}

#[tokio::test]
async fn what_is_parked_is_named_with_its_file_and_the_reason() {
    let counter = Counter::open().await;
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("orders_create")).unwrap();
    let path = folder.path().join("orders_create/odd.json");
    fs::write(&path, r#"{"id":1,"currency":"EUR"}"#).unwrap();
    let old = serde_json::json!({"queue": "IngestDeadLetters", "reason": null, "body": "old"});
    counter.book().letters = vec![old];
    // What cannot be read ends in the dead letters once it is worked on.
    let stage = Stage::of(&counter);
    counter.book().parks = true;

    let report = run(&args(folder.path(), &[]), &stage).await.unwrap();

    let parked = &report.parked["IngestDeadLetters"];
    assert_eq!(parked.count, 1);
    assert!(
        parked.named[0].contains("odd.json (orders/create)"),
        "{parked:?}"
    );
    assert!(parked.named[0].contains("created_at"), "{parked:?}");
}

#[tokio::test]
async fn an_order_without_an_exchange_rate_is_explained_as_that() {
    let counter = Counter::open().await;
    let folder = folder();
    counter.book().settings = Some(serde_json::json!({"reporting_currency": "USD"}));
    counter.book().parks = true;
    let only = folder.path().join("orders_create");

    let report = run(&args(&only, &[]), &Stage::of(&counter)).await.unwrap();

    let parked = &report.parked["IngestDeadLetters"].named[0];
    assert!(
        parked.contains("no exchange rate from EUR to USD"),
        "{parked}"
    );
}

#[tokio::test]
async fn a_file_that_fails_ends_the_replay_with_its_name() {
    let counter = Counter::open().await;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), "customer_id,date\n1,2\n").unwrap();
    let more = [&BOTH[..], &["--format", "cdnow"]].concat();

    let failed = run(&args(folder.path(), &more), &Stage::of(&counter)).await;

    let error = format!("{:#}", failed.unwrap_err());
    assert!(
        error.contains("a.csv") && error.contains("number_of_cds"),
        "{error}"
    );
}

#[test]
fn what_cannot_be_meant_is_refused_on_the_command_line() {
    let refused = |more: &[&str]| {
        let line = ["crm-local", "replay", "x"]
            .into_iter()
            .chain(more.iter().copied());
        Args::try_parse_from(line).unwrap_err().to_string()
    };
    assert!(refused(&["--currency", "EURO"]).contains("three letters"));
    assert!(refused(&["--time-zone", "Mars/Olympus"]).contains("time zone"));
    assert!(refused(&["--repeat", "0"]).contains("1..=100"));
    assert!(Args::try_parse_from(["crm-local", "replay"]).is_err());
}

#[tokio::test]
async fn a_directory_that_nobody_serves_is_opened_and_one_that_is_served_is_reached() {
    let folder = folder();
    let data = tempfile::tempdir().unwrap();
    let data = data.path().join("data");
    let functions = Registry::of_the_project();
    let options = SystemOptions::from_file(&template_path(), functions).unwrap();
    let own = Stage::find(&data, &options).await.unwrap();
    assert!(own.is_own());
    let held = Stage::find(&data, &options).await;
    assert!(matches!(held, Err(StageError::Unserved(_))));

    let first = run(&args(folder.path(), &BOTH), &own).await.unwrap();
    own.close().await.unwrap();

    assert_eq!(first.accepted["orders/create"], 3);
    // The first order made euros the store's currency, or dollars did: what
    // came in the other has no rate yet.
    let parked: u64 = first.parked.values().map(|listed| listed.count).sum();
    assert!((1..=2).contains(&parked), "{first}");
    let system = System::open(&options, Directory::take(&data, false).unwrap())
        .await
        .unwrap();
    let address = Server::bind(0).await.unwrap().address();
    let directory = system.directory().unwrap();
    directory.tell_address(&address, system.identity()).unwrap();
    let served = Stage::find(&data, &options).await.unwrap();
    assert!(!served.is_own());
}
