//! Events of the bus and firings of schedules.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::shop::{Shop, bodies, failure, noon};

async fn publish(shop: &Shop, kind: &str) {
    let client = aws_sdk_eventbridge::Client::new(&shop.system.services().sdk_config());
    let entry = PutEventsRequestEntry::builder()
        .event_bus_name("Bus")
        .source("shop")
        .detail_type(kind)
        .detail("{\"order\":1}")
        .build();
    let answer = client.put_events().entries(entry).send().await.unwrap();
    assert_eq!(answer.failed_entry_count(), 0);
}

fn tick(event: &Value) -> (String, String) {
    let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
    (text("kind"), text("time"))
}

fn after(minutes: i64) -> Timestamp {
    noon() + SignedDuration::from_mins(minutes)
}

#[tokio::test]
async fn an_event_reaches_the_queue_of_the_rule_it_fits_and_no_other() {
    let shop = Shop::open(|_, _| Ok(json!(null))).await;
    publish(&shop, "counted").await;
    publish(&shop, "other").await;
    shop.settle().await;
    let events: Vec<Value> = shop
        .handed("worker", bodies)
        .concat()
        .iter()
        .map(|body| serde_json::from_str(body).unwrap())
        .collect();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["detail-type"], "counted");
    assert_eq!(events[0]["detail"]["order"], 1);
}

#[tokio::test]
async fn moving_the_clock_fires_every_schedule_on_the_way_in_order_at_its_own_time() {
    let shop = Shop::open(|_, _| Ok(json!(null))).await;
    shop.settle().await;
    let before = shop.handed("ticker", tick).len();
    shop.system.advance_clock(after(90)).await.unwrap();
    let ticks = shop.handed("ticker", tick).split_off(before);
    let times: Vec<_> = ticks.iter().map(|(_, time)| time.clone()).collect();
    assert!(times.is_sorted(), "{times:?}");
    let halves = ticks.iter().filter(|(kind, _)| kind == "half").count();
    let hours = ticks.iter().filter(|(kind, _)| kind == "hourly").count();
    assert_eq!((halves, hours), (3, 1));
    assert_eq!(shop.system.services().clock().now(), after(90));
}

#[tokio::test]
async fn the_clock_is_not_set_back() {
    let shop = Shop::open(|_, _| Ok(json!(null))).await;
    let error = shop.system.advance_clock(after(-1)).await.unwrap_err();
    assert!(error.to_string().contains("cannot be set back"));
}

#[tokio::test]
async fn a_tick_that_fails_is_tried_twice_more_and_then_kept_for_a_second_chance() {
    let shop = Shop::open(|_, _| Err(failure("not today"))).await;
    let at = "2026-03-01T09:00:00Z".parse().unwrap();
    shop.system.fire_schedule("hourly", at).unwrap();
    let before = shop.handed("ticker", tick).len();
    shop.settle().await;
    let expected = ("hourly".to_owned(), "2026-03-01T09:00:00Z".to_owned());
    let mine = |tick: &&(String, String)| **tick == expected;
    let ticks = shop.handed("ticker", tick).split_off(before);
    assert_eq!(ticks.iter().filter(mine).count(), 3);
    let letters = shop.system.dead_letters().unwrap();
    assert!(letters.iter().all(|letter| letter["queue"] == "Missed"));
    assert!(letters.iter().all(|letter| letter["reason"] == "not today"));

    shop.now_does(|_, _| Ok(json!(null)));
    assert_eq!(
        shop.system.redrive(Some("Missed")).await.unwrap(),
        letters.len()
    );
    assert!(shop.in_queue("Missed").is_empty());
}
