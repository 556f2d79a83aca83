use super::tables::{people, put, text};
use super::{start_of_story, wait};
use crate::clock::Clock;
use crate::services::bus::{Bus, Input, Rule, Target};
use crate::services::pattern::Pattern;
use crate::services::queues::{Outgoing, Settings};
use crate::services::scheduler::Schedule;
use crate::services::{Destination, Retry, Services};

fn open(directory: &std::path::Path) -> Services {
    let services = Services::open(directory, Clock::fixed(start_of_story())).unwrap();
    services.queues().create("Ingest", Settings::default());
    wire(services.bus());
    services
}

fn wire(bus: &Bus) {
    bus.create("CrmBus");
    let everything = serde_json::json!({ "source": [{ "exists": true }] });
    bus.rule(Rule {
        name: "all".to_owned(),
        bus: "CrmBus".to_owned(),
        pattern: Pattern::parse(&everything).unwrap(),
        targets: vec![Target {
            destination: Destination::Queue("Ingest".to_owned()),
            input: Input::Event,
            retry: Retry::default(),
        }],
    });
}

fn tick() -> Schedule {
    let function = Destination::Function("SlaChecker".to_owned());
    Schedule::new("tick", "rate(1 hour)", function, "{}")
}

/// Leaves something in every service.
async fn live(services: &Services) {
    let client = people(services).await;
    put(&client, "ada", "Ada").await;
    let now = services.clock().now();
    services
        .queues()
        .send("Ingest", &Outgoing::of("order 1"), now)
        .unwrap();
    let events = aws_sdk_eventbridge::Client::new(&services.sdk_config());
    let event = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder();
    let event = event
        .event_bus_name("CrmBus")
        .source("crm")
        .detail_type("x")
        .detail("{}");
    events
        .put_events()
        .entries(event.build())
        .send()
        .await
        .unwrap();
    services.scheduler().declare(tick()).unwrap();
    let firing = services.scheduler().due(now).remove(0);
    services.scheduler().mark_fired(&firing).unwrap();
    services.secrets().put("shopify", "one").unwrap();
    let newest = services
        .dynamo()
        .latest_sequence("People")
        .unwrap()
        .unwrap();
    services
        .checkpoints()
        .set("relay", "People", &newest)
        .unwrap();
}

#[tokio::test]
async fn what_was_accepted_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    live(&open(directory.path())).await;

    let services = open(directory.path());

    let client = aws_sdk_dynamodb::Client::new(&services.sdk_config());
    let get = client.get_item().table_name("People");
    let got = get
        .key("pk", text("ada"))
        .key("sk", text("NODE"))
        .send()
        .await
        .unwrap();
    assert_eq!(got.item.unwrap()["name"], text("Ada"));
    let records = services.dynamo().records_after("People", None, 10).unwrap();
    assert_eq!(records.len(), 1);
    let kept = services.checkpoints().get("relay", "People").unwrap();
    assert_eq!(kept, records[0].change.sequence_number);
    assert_eq!(services.queues().peek("Ingest").unwrap()[0].body, "order 1");
    let now = services.clock().now();
    assert_eq!(services.bus().take_deliveries(now).unwrap().len(), 1);
    services.scheduler().declare(tick()).unwrap();
    assert!(services.scheduler().due(now).is_empty());
    assert_eq!(
        services.scheduler().next_due().unwrap().to_string(),
        "2026-03-02T10:00:00Z"
    );
    let secrets = aws_sdk_secretsmanager::Client::new(&services.sdk_config());
    let secret = secrets
        .get_secret_value()
        .secret_id("shopify")
        .send()
        .await
        .unwrap();
    assert_eq!(secret.secret_string(), Some("one"));
}

#[tokio::test]
async fn a_delivery_taken_before_a_crash_is_taken_again() {
    let directory = tempfile::tempdir().unwrap();
    let before = open(directory.path());
    live(&before).await;
    assert_eq!(
        before
            .bus()
            .take_deliveries(before.clock().now())
            .unwrap()
            .len(),
        1
    );
    drop(before);

    let services = open(directory.path());
    let now = services.clock().now();
    assert!(services.bus().take_deliveries(now).unwrap().is_empty());
    wait(&services, 900);
    let taken = services
        .bus()
        .take_deliveries(services.clock().now())
        .unwrap();
    assert_eq!(taken[0].attempt, 2);
}

#[tokio::test]
async fn what_was_deleted_is_in_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let services = open(directory.path());
    let client = people(&services).await;
    let canary = "canary-person-0451";
    put(&client, "ada", canary).await;
    let now = services.clock().now();
    services
        .queues()
        .send("Ingest", &Outgoing::of(canary), now)
        .unwrap();
    let files_with_canary = || {
        let files = std::fs::read_dir(directory.path()).unwrap();
        let files = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
        let found = |bytes: &Vec<u8>| {
            bytes
                .windows(canary.len())
                .any(|window| window == canary.as_bytes())
        };
        files.filter(found).count()
    };
    assert!(files_with_canary() >= 2);

    let delete = client.delete_item().table_name("People");
    let delete = delete.key("pk", text("ada")).key("sk", text("NODE"));
    delete.send().await.unwrap();
    let newest = services
        .dynamo()
        .latest_sequence("People")
        .unwrap()
        .unwrap();
    services.dynamo().forget_read("People", &newest).unwrap();
    let received = services.queues().receive("Ingest", 10, now).unwrap();
    services
        .queues()
        .delete("Ingest", &[&received[0].receipt])
        .unwrap();
    services.checkpoint().unwrap();

    assert_eq!(files_with_canary(), 0);
}

/// Names the directory to a process that is to die.
const DOOMED: &str = "CRM_LOCAL_DOOMED_DIRECTORY";

#[tokio::test]
async fn what_was_accepted_outlives_a_process_that_dies_without_a_goodbye() {
    if let Some(directory) = std::env::var_os(DOOMED) {
        let services = open(directory.as_ref());
        live(&services).await;
        std::process::abort();
    }
    let directory = tempfile::tempdir().unwrap();
    let name = "services::tests::restart::what_was_accepted_outlives_a_process_that_dies_without_a_goodbye";
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env(DOOMED, directory.path())
        .output()
        .unwrap();
    assert!(!child.status.success());

    let services = open(directory.path());

    let bodies = services.queues().peek("Ingest").unwrap();
    assert_eq!(bodies[0].body, "order 1");
    let records = services.dynamo().records_after("People", None, 10).unwrap();
    assert_eq!(records.len(), 1);
    let now = services.clock().now();
    assert_eq!(services.bus().take_deliveries(now).unwrap().len(), 1);
    let kept = services.checkpoints().get("relay", "People").unwrap();
    assert_eq!(kept, records[0].change.sequence_number);
}
