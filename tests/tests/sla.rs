//! Case clocks: each warning and breach once, at its own time.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use crm_domain::case::{Case, CaseStatus, Clock, Priority};
use crm_domain::identity::NodeId;
use crm_domain::settings::Settings;
use crm_lambda::Metrics;
use crm_local::services::Fault;
use crm_store::{Changes, Committed, DuePlace, keys};
use crm_tests::tables::Tables;
use jiff::{SignedDuration, Timestamp};
use sla_checker::{Checked, Function, Tick, TickKind};

struct Desk {
    tables: Tables,
    function: Function,
}

fn noon() -> Timestamp {
    "2026-03-06T12:00:00Z".parse().unwrap()
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

fn checked(warned: u32, breached: u32) -> Checked {
    Checked {
        warned,
        breached,
        ..Checked::default()
    }
}

impl Desk {
    async fn new() -> Self {
        let tables = Tables::new(noon()).await.unwrap();
        let function = Function::new(&tables.sdk(), &tables.variables()).unwrap();
        Self { tables, function }
    }

    /// An urgent case opened some minutes after noon: it warns after 90
    /// minutes and is due after 120.
    async fn open(&self, id: &str, after: i64) {
        let opened_at = noon() + minutes(after);
        let settings = Settings::default();
        self.put(&Case {
            id: id.to_owned(),
            version: 0,
            node: NodeId::parse("adaadaada").unwrap(),
            order: None,
            subject: "Where is it?".to_owned(),
            priority: Priority::Urgent,
            status: CaseStatus::New,
            opened_at,
            ended_at: None,
            moves: Vec::new(),
            first_response: Clock::first_response(&settings, Priority::Urgent, opened_at),
        })
        .await;
    }

    async fn put(&self, case: &Case) {
        let mut changes = Changes::new();
        changes.case_put(case).unwrap();
        let done = self.tables.store.commit(changes).await.unwrap();
        assert_eq!(done, Committed::Done);
    }

    async fn case(&self, id: &str) -> Case {
        self.tables.store.case_fetch(id).await.unwrap().unwrap()
    }

    async fn tick(&self, after: i64) -> Checked {
        let mut metrics = Metrics::new("sla_checker");
        let tick = Tick {
            kind: TickKind::Sla,
            time: Some(noon() + minutes(after)),
        };
        // The machine's own time plays no part.
        let done = self
            .function
            .handle(Timestamp::MAX, &mut metrics, tick)
            .await;
        let done = done.unwrap();
        assert!((metrics.count("cases_warned") - f64::from(done.warned)).abs() < 0.5);
        assert!((metrics.count("cases_breached") - f64::from(done.breached)).abs() < 0.5);
        done
    }

    /// Ids in the due index, whenever they are due.
    async fn due(&self) -> Vec<String> {
        let (mut found, mut place) = (Vec::new(), Some(DuePlace::default()));
        while let Some(from) = place {
            let page = self.tables.store.cases_due(Timestamp::MAX, from, 10).await;
            let page = page.unwrap();
            found.extend(page.items);
            place = page.next;
        }
        found
    }
}

#[tokio::test]
async fn a_case_is_warned_about_once_and_breached_once() {
    let desk = Desk::new().await;
    desk.open("caseone1", 0).await;

    assert_eq!(desk.tick(89).await, checked(0, 0));
    assert_eq!(desk.tick(90).await, checked(1, 0));
    assert_eq!(desk.tick(90).await, checked(0, 0));
    assert_eq!(desk.tick(119).await, checked(0, 0));
    assert_eq!(desk.tick(120).await, checked(0, 1));
    assert_eq!(desk.tick(121).await, checked(0, 0));
    let clock = desk.case("caseone1").await.first_response;
    assert_eq!(clock.warned_at, Some(noon() + minutes(90)));
    assert_eq!(clock.breached_at, Some(noon() + minutes(120)));
    assert_eq!(desk.due().await, [""; 0]);
}

#[tokio::test]
async fn a_tick_days_late_stamps_both_at_their_own_times() {
    let desk = Desk::new().await;
    desk.open("caseone1", 0).await;
    assert_eq!(desk.tick(10_000).await, checked(1, 1));
    let clock = desk.case("caseone1").await.first_response;
    assert_eq!(clock.warned_at, Some(noon() + minutes(90)));
    assert_eq!(clock.breached_at, Some(noon() + minutes(120)));
}

#[tokio::test]
async fn a_tick_without_a_time_is_of_now() {
    let desk = Desk::new().await;
    desk.open("caseone1", 0).await;
    let tick: Tick = serde_json::from_str(r#"{"kind": "sla"}"#).unwrap();
    let mut metrics = Metrics::new("sla_checker");
    let at = noon() + minutes(100);
    let done = desk.function.handle(at, &mut metrics, tick).await.unwrap();
    assert_eq!(done, checked(1, 0));
}

#[tokio::test]
async fn a_case_answered_in_time_is_left_alone() {
    let desk = Desk::new().await;
    desk.open("caseone1", 0).await;
    let mut case = desk.case("caseone1").await;
    case.first_response.meet(noon() + minutes(30));
    desk.put(&case).await;
    assert_eq!(desk.due().await, [""; 0]);
    assert_eq!(desk.tick(500).await, checked(0, 0));
}

#[tokio::test]
async fn more_cases_than_a_page_are_all_stamped_in_one_tick() {
    let desk = Desk::new().await;
    for n in 0..250 {
        desk.open(&format!("case{n:04}"), n % 7).await;
    }
    assert_eq!(desk.tick(1000).await, checked(250, 250));
    assert_eq!(desk.due().await, [""; 0]);
}

#[tokio::test]
async fn two_checkers_at_once_stamp_each_case_once() {
    let desk = Desk::new().await;
    for n in 0..20 {
        desk.open(&format!("case{n:04}"), 0).await;
    }
    let (one, other) = tokio::join!(desk.tick(90), desk.tick(120));
    assert_eq!(one.warned + other.warned, 20);
    assert_eq!(one.breached + other.breached, 20);
}

#[tokio::test]
async fn a_case_that_cannot_be_read_is_set_aside_and_holds_nobody_back() {
    let desk = Desk::new().await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    for shard in 0..keys::SHARDS {
        let broken = HashMap::from([
            ("pk".to_owned(), text(&format!("K#broken{shard}"))),
            ("sk".to_owned(), text("K")),
            ("due_pk".to_owned(), text(&keys::due_shard(shard))),
            ("due_at".to_owned(), text("2026-01-01T00:00:00.000000000Z")),
        ]);
        let put = desk.tables.client().put_item();
        let put = put.table_name(desk.tables.facts()).set_item(Some(broken));
        put.send().await.unwrap();
    }
    desk.open("caseone1", 0).await;

    let done = desk.tick(90).await;
    assert_eq!((done.warned, done.quarantined, done.failed), (1, 8, 0));
    // It is visible where a person looks, and nowhere else.
    assert_eq!(desk.due().await, ["caseone1"]);
    let quarantined = desk.tables.client().query();
    let quarantined = quarantined
        .table_name(desk.tables.facts())
        .index_name(keys::DUE_INDEX)
        .key_condition_expression("due_pk = :quarantine")
        .expression_attribute_values(":quarantine", text(keys::QUARANTINE));
    assert_eq!(quarantined.send().await.unwrap().count(), 8);
    assert_eq!(desk.tick(90).await, checked(0, 0));
}

#[tokio::test]
async fn a_case_that_fails_for_now_is_tried_again_at_the_next_tick() {
    let desk = Desk::new().await;
    for n in 0..5 {
        desk.open(&format!("case{n:04}"), 0).await;
    }
    desk.tables
        .services
        .on_call(|_, operation, _| match operation {
            "PutItem" => Fault::ServerError,
            _ => Fault::None,
        });
    assert_eq!(desk.tick(90).await.failed, 5);
    desk.tables.services.no_faults();
    assert_eq!(desk.tick(91).await, checked(5, 0));
    let clock = desk.case("case0000").await.first_response;
    assert_eq!(clock.warned_at, Some(noon() + minutes(90)));
}

#[tokio::test]
async fn a_stamp_whose_answer_is_lost_is_written_once() {
    let desk = Desk::new().await;
    desk.open("caseone1", 0).await;
    desk.tables
        .services
        .on_call(|_, operation, _| match operation {
            "PutItem" => Fault::DropReplyAfterApplying,
            _ => Fault::None,
        });
    desk.tick(90).await;
    desk.tables.services.no_faults();
    let case = desk.case("caseone1").await;
    assert_eq!(case.version, 2);
    assert_eq!(case.first_response.warned_at, Some(noon() + minutes(90)));
    assert_eq!(desk.tick(90).await, checked(0, 0));
}

#[tokio::test]
async fn when_the_index_cannot_be_read_the_tick_fails_and_is_sent_again() {
    let desk = Desk::new().await;
    desk.tables.services.on_call(|_, _, _| Fault::ServerError);
    let tick = Tick {
        kind: TickKind::Sla,
        time: None,
    };
    let mut metrics = Metrics::new("sla_checker");
    assert!(
        desk.function
            .handle(noon(), &mut metrics, tick)
            .await
            .is_err()
    );
}
