use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use serde_json::{Value, json};

use super::{code, services, wait};
use crate::services::bus::{Input, Rule, Target};
use crate::services::deliveries::AfterFailure;
use crate::services::pattern::Pattern;
use crate::services::queues::Settings;
use crate::services::{Destination, Retry, Services};

fn target(destination: Destination, input: Input) -> Target {
    let retry = Retry {
        attempts: 2,
        age_seconds: 3600,
        dead_letters: Some("Dead".to_owned()),
    };
    Target {
        destination,
        input,
        retry,
    }
}

/// A bus with one rule for fresh orders and two targets.
fn with_bus(services: &Services) -> Client {
    services.bus().create("CrmBus");
    services.queues().create("Dead", Settings::default());
    let pattern = json!({
        "source": ["crm"],
        "detail-type": ["order.counted"],
        "detail": { "fresh": [true] },
    });
    services.bus().rule(Rule {
        name: "orders".to_owned(),
        bus: "CrmBus".to_owned(),
        pattern: Pattern::parse(&pattern).unwrap(),
        targets: vec![
            target(Destination::Queue("Workflow".to_owned()), Input::Event),
            target(
                Destination::Function("Api".to_owned()),
                Input::Path("$.detail.id".to_owned()),
            ),
        ],
    });
    Client::new(&services.sdk_config())
}

fn entry(detail: &str) -> PutEventsRequestEntry {
    PutEventsRequestEntry::builder()
        .event_bus_name("CrmBus")
        .source("crm")
        .detail_type("order.counted")
        .detail(detail)
        .build()
}

#[tokio::test]
async fn an_event_goes_whole_or_in_part_to_each_target_of_each_rule_it_fits() {
    let services = services();
    let client = with_bus(&services);
    let put = client
        .put_events()
        .entries(entry(r#"{"fresh":true,"id":7}"#));
    let put = put
        .entries(entry(r#"{"fresh":false,"id":8}"#))
        .send()
        .await
        .unwrap();
    assert_eq!(put.failed_entry_count(), 0);

    let taken = services
        .bus()
        .take_deliveries(services.clock().now())
        .unwrap();

    assert_eq!(taken.len(), 2);
    assert_eq!(
        taken[0].destination,
        Destination::Queue("Workflow".to_owned())
    );
    let event: Value = serde_json::from_str(&taken[0].payload).unwrap();
    assert_eq!(event["id"], json!(put.entries()[0].event_id()));
    assert_eq!(event["time"], "2026-03-02T09:00:00Z");
    assert_eq!(event["detail"], json!({ "fresh": true, "id": 7 }));
    let mut names: Vec<_> = event
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "account",
            "detail",
            "detail-type",
            "id",
            "region",
            "resources",
            "source",
            "time",
            "version"
        ],
    );
    assert_eq!(taken[1].payload, "7");

    for delivery in taken {
        services.bus().delivered(delivery.id).unwrap();
    }
    assert_eq!(services.deliveries().next_due().unwrap(), None);
}

#[tokio::test]
async fn each_entry_has_its_own_result() {
    let services = services();
    let client = with_bus(&services);
    let nameless = PutEventsRequestEntry::builder()
        .event_bus_name("CrmBus")
        .detail("{}")
        .build();
    let elsewhere = PutEventsRequestEntry::builder()
        .event_bus_name("Nowhere")
        .source("crm");
    let elsewhere = elsewhere.detail_type("x").detail("{}").build();
    let put = client
        .put_events()
        .entries(entry("{}"))
        .entries(entry("no json"));
    let put = put
        .entries(nameless)
        .entries(elsewhere)
        .send()
        .await
        .unwrap();

    assert_eq!(put.failed_entry_count(), 3);
    let codes: Vec<_> = put
        .entries()
        .iter()
        .map(|entry| entry.error_code())
        .collect();
    assert_eq!(
        codes,
        [
            None,
            Some("MalformedDetail"),
            Some("InvalidArgument"),
            Some("ResourceNotFoundException")
        ],
    );
}

#[tokio::test]
async fn a_call_over_a_limit_is_refused_as_a_whole() {
    let services = services();
    let client = with_bus(&services);
    let many = client.put_events().set_entries(Some(vec![entry("{}"); 11]));
    assert_eq!(code(&many.send().await.unwrap_err()), "ValidationException");
    let big = format!("{{\"x\":\"{}\"}}", "x".repeat(600_000));
    let big = client
        .put_events()
        .entries(entry(&big))
        .entries(entry(&big));
    assert_eq!(code(&big.send().await.unwrap_err()), "ValidationException");
}

#[tokio::test]
async fn a_delivery_that_fails_is_tried_later_and_later_and_then_kept_with_its_reason() {
    let services = services();
    let client = with_bus(&services);
    let detail = r#"{"fresh":true,"id":7}"#;
    client
        .put_events()
        .entries(entry(detail))
        .send()
        .await
        .unwrap();
    let now = || services.clock().now();
    let bus = services.bus();
    let [first, second] = &bus.take_deliveries(now()).unwrap()[..] else {
        panic!("two targets");
    };
    bus.delivered(second.id).unwrap();
    assert!(bus.take_deliveries(now()).unwrap().is_empty());

    for wait_seconds in [1, 2] {
        let after = bus.failed(first.id, "no such queue", now()).unwrap();
        let AfterFailure::Again(at) = after else {
            panic!("given up too early: {after:?}");
        };
        assert_eq!(at.duration_since(now()).as_secs(), wait_seconds);
        wait(&services, wait_seconds);
        assert_eq!(bus.take_deliveries(now()).unwrap().len(), 1);
    }
    let after = bus.failed(first.id, "no such queue", now()).unwrap();

    assert_eq!(after, AfterFailure::Dead("Dead".to_owned()));
    let dead = services.queues().peek("Dead").unwrap();
    assert_eq!(dead[0].body, first.payload);
    assert_eq!(dead[0].reason.as_deref(), Some("no such queue"));
    let exhausted = &dead[0].attributes["EXHAUSTED_RETRY_CONDITION"]["StringValue"];
    assert_eq!(exhausted, "MaximumRetryAttempts");
    assert_eq!(
        bus.failed(first.id, "again", now()).unwrap(),
        AfterFailure::Gone
    );
}
