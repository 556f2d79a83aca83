//! From the tables' streams to the bus: each change once, in order, and
//! nothing lost when something fails.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use aws_lambda_events::dynamodb::EventRecord;
use crm_local::services::Fault;
use crm_tests::flow::{Flow, Sale};
use serde_dynamo::AttributeValue;
use serde_json::Value;

async fn flow_with_sales(sales: u32) -> (Flow, Vec<EventRecord>) {
    let mut flow = Flow::start().await.unwrap();
    for number in 1..=sales {
        flow.sell(&Sale::to_ada(number)).await.unwrap();
    }
    let changes = flow.changes().unwrap();
    (flow, changes)
}

/// Records of one sale each: an order that counts.
async fn counted(sales: u32) -> (Flow, Vec<EventRecord>) {
    let (flow, mut changes) = flow_with_sales(sales).await;
    changes.retain(|record| kind_of(record) == "order");
    assert_eq!(changes.len(), sales as usize);
    (flow, changes)
}

fn kind_of(record: &EventRecord) -> &str {
    match record.change.new_image.get("kind") {
        Some(AttributeValue::S(kind)) => kind,
        _ => "",
    }
}

fn number(record: &EventRecord) -> Option<String> {
    record.change.sequence_number.clone()
}

/// Orders that were told to count, in the order of telling.
fn orders_told(flow: &Flow) -> Vec<String> {
    let told = flow.told().unwrap();
    let counted = told.iter().filter(|(kind, _)| kind == "order.counted");
    counted
        .map(|(_, detail)| detail["order_id"].as_str().unwrap().to_owned())
        .collect()
}

fn sold(numbers: impl IntoIterator<Item = u32>) -> Vec<String> {
    let sales = numbers.into_iter().map(Sale::to_ada);
    sales.map(|sale| sale.id()).collect()
}

/// The record as a version of the code that knows another shape wrote it.
fn of_unknown_shape(record: &EventRecord) -> EventRecord {
    let mut json = serde_json::to_value(record).unwrap();
    json["dynamodb"]["NewImage"]["order"] = serde_json::json!({"S": "ada@example.com"});
    serde_json::from_value(json).unwrap()
}

#[tokio::test]
async fn a_sale_is_told_as_a_new_customer_and_an_order_and_nothing_else() {
    let (mut flow, changes) = flow_with_sales(1).await;
    // The shop, the settings and the claims changed as well.
    assert!(changes.len() > 2);

    assert_eq!(flow.relay(&changes).await.unwrap(), None);

    let told = flow.told().unwrap();
    let kinds: Vec<_> = told.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["customer.created", "order.counted"]);
    assert_eq!(told[1].1["order_id"], "lamps:main:1");
    assert_eq!(told[1].1["fresh"], true);
    assert!(flow.metrics.count("events_published") > 1.5);
}

#[tokio::test]
async fn a_record_that_comes_again_is_the_same_event() {
    let (mut flow, changes) = flow_with_sales(1).await;

    flow.relay(&changes).await.unwrap();
    flow.relay(&changes).await.unwrap();

    let told = flow.told().unwrap();
    assert_eq!(told.len(), 4);
    assert_eq!(told[..2], told[2..]);
}

#[tokio::test]
async fn events_say_nothing_of_a_person() {
    let (mut flow, changes) = flow_with_sales(1).await;
    flow.relay(&changes).await.unwrap();
    let heard = flow.heard().unwrap().join("");
    for word in ["example.com", "Ada", "Lamp\"", "19.99"] {
        assert!(!heard.contains(word), "{word}");
    }
}

#[tokio::test]
async fn more_than_ten_events_go_out_in_several_calls_in_order() {
    let (mut flow, changes) = counted(23).await;
    assert_eq!(flow.relay(&changes).await.unwrap(), None);
    assert_eq!(orders_told(&flow), sold(1..=23));
}

#[tokio::test]
async fn a_record_of_unknown_shape_is_parked_whole_wherever_it_is() {
    for place in 0..3 {
        let (mut flow, mut changes) = counted(3).await;
        let sound = changes[place].clone();
        changes[place] = of_unknown_shape(&sound);

        assert_eq!(flow.relay(&changes).await.unwrap(), None);

        let others: Vec<u32> = (1..=3).filter(|n| *n as usize != place + 1).collect();
        assert_eq!(orders_told(&flow), sold(others));
        let parked = flow.parked().unwrap();
        let whole: EventRecord = serde_json::from_str(&parked[0]).unwrap();
        assert_eq!((parked.len(), &whole), (1, &changes[place]));

        // Once the cause is gone, what was parked goes through by itself.
        flow.relay(&[sound]).await.unwrap();
        assert_eq!(orders_told(&flow).len(), 3);
    }
}

#[tokio::test]
async fn a_record_that_cannot_even_be_parked_stays_and_so_do_those_behind_it() {
    let (mut flow, mut changes) = counted(3).await;
    changes[1] = of_unknown_shape(&changes[1]);
    flow.services.on_call(|service, _, _| match service {
        "sqs" => Fault::ServerError,
        _ => Fault::None,
    });

    let from = flow.relay(&changes).await.unwrap();

    assert_eq!(from, number(&changes[1]));
    assert_eq!(orders_told(&flow), sold([1]));
    flow.services.no_faults();
    assert_eq!(flow.relay(&changes[1..]).await.unwrap(), None);
    assert_eq!(orders_told(&flow), sold([1, 3]));
    assert_eq!(flow.parked().unwrap().len(), 1);
}

#[tokio::test]
async fn an_event_the_bus_did_not_take_at_first_is_told_before_the_later_ones_end() {
    let (mut flow, changes) = counted(3).await;
    let failed = std::sync::atomic::AtomicBool::new(false);
    flow.services.on_call(move |service, _, _| {
        let first = service == "events" && !failed.swap(true, std::sync::atomic::Ordering::Relaxed);
        if first {
            Fault::FailFirstEntry
        } else {
            Fault::None
        }
    });

    assert_eq!(flow.relay(&changes).await.unwrap(), None);

    // The later two were taken at once, and are told again after the first.
    assert_eq!(orders_told(&flow), sold([2, 3, 1, 2, 3]));
    assert!(flow.metrics.count("events_delayed") > 0.5);
}

#[tokio::test]
async fn an_event_the_bus_never_takes_holds_its_record_back_and_no_earlier_one() {
    let (mut flow, changes) = counted(12).await;
    let calls = std::sync::atomic::AtomicU32::new(0);
    flow.services.on_call(move |service, _, _| {
        let count = |on| calls.fetch_add(u32::from(on), std::sync::atomic::Ordering::Relaxed);
        let later = service == "events" && count(true) > 0;
        if later {
            Fault::FailFirstEntry
        } else {
            Fault::None
        }
    });

    let from = flow.relay(&changes).await.unwrap();

    assert_eq!(from, number(&changes[10]));
    assert_eq!(orders_told(&flow)[..10], sold(1..=10));
}

#[tokio::test]
async fn a_bus_that_is_away_holds_everything_back_and_loses_nothing() {
    let (mut flow, changes) = counted(3).await;
    flow.services.on_call(|_, _, _| Fault::Throttle);
    assert_eq!(flow.relay(&changes).await.unwrap(), number(&changes[0]));
    flow.services.no_faults();
    assert_eq!(flow.relay(&changes).await.unwrap(), None);
    assert_eq!(orders_told(&flow), sold(1..=3));
}

#[tokio::test]
async fn fields_and_kinds_of_a_later_version_do_not_stop_this_one() {
    let (mut flow, changes) = counted(1).await;
    let mut later = serde_json::to_value(&changes[0]).unwrap();
    later["dynamodb"]["NewImage"]["gift_wrapped"] = serde_json::json!({"BOOL": true});
    let mut strange = later.clone();
    strange["dynamodb"]["NewImage"]["kind"] = serde_json::json!({"S": "voucher"});
    let read = |json: Value| serde_json::from_value::<EventRecord>(json).unwrap();

    let from = flow.relay(&[read(strange), read(later)]).await.unwrap();

    assert_eq!(from, None);
    assert_eq!(orders_told(&flow), sold([1]));
    assert!(flow.parked().unwrap().is_empty());
}
