//! What somebody said of how a customer was won goes before the first order, everywhere.

use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::support::{bought, id_of, merge, set, settings, tagged, whole};

/// Buyers in February: nothing is known of how they came but that the shop is online.
async fn three() -> (Stack, Vec<String>) {
    let stack = Stack::start().await;
    let mut ids = Vec::new();
    for n in 1..=3 {
        let email = format!("buyer{n}@example.com");
        let at = "2026-02-10T09:00:00Z";
        stack.deliver([bought(n, n, &email, at)]).await;
        ids.push(id_of(&stack, &email).await);
    }
    (stack, ids)
}

/// Customers, and cost of winning one, by channel, as a pass over everyone finds them.
async fn channels(stack: &Stack) -> Vec<(String, u64, Value)> {
    let asked = stack
        .call("admin", "POST", "/v1/segments/refresh", Some(json!({})))
        .await;
    assert_eq!(asked.status, 202, "{asked:?}");
    stack.settle().await;
    let answer = stack.get("viewer", "/v1/channels").await.body;
    let channels = answer["channels"].as_array().unwrap().iter();
    let channels = channels.map(|channel| {
        let name = channel["channel"].as_str().unwrap().to_owned();
        let customers = channel["customers"].as_u64().unwrap();
        (name, customers, channel["acquisition"]["cac"].clone())
    });
    channels.collect()
}

#[tokio::test]
async fn a_customer_somebody_says_an_influencer_won_counts_and_costs_as_the_influencer_s() {
    let (stack, ids) = three().await;
    let spend = Some(json!({"amount": "30"}));
    let told = stack
        .call("marketer", "PUT", "/v1/spend/influencer/2026-02", spend)
        .await;
    assert_eq!(told.status, 200, "{told:?}");
    let before = whole(&stack, &ids[0]).await;
    let usual = before["acquisition"]["channel"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        channels(&stack).await,
        [
            (usual.clone(), 3, Value::Null),
            ("influencer".to_owned(), 0, Value::Null)
        ]
    );

    set(&stack, &ids[0], json!({"acquisition_source": "influencer"})).await;
    let known = whole(&stack, &ids[0]).await;
    assert_eq!(known["acquisition"]["channel"], "influencer");
    assert_eq!(known["acquisition"]["source"], "influencer");
    assert_eq!(known["acquisition"]["first_order_channel"], "web");
    assert_eq!(known["value"]["acquisition_channel"], "influencer");
    assert_eq!(
        channels(&stack).await,
        [
            (usual.clone(), 2, Value::Null),
            ("influencer".to_owned(), 1, json!("30"))
        ]
    );

    // Also of two who are one, whichever of the two it was said of; and not any more
    // once it is taken back.
    merge(&stack, &ids[1], &ids[0]).await;
    assert_eq!(
        whole(&stack, &ids[1]).await["acquisition"]["channel"],
        "influencer"
    );
    assert_eq!(
        channels(&stack).await,
        [
            (usual.clone(), 1, Value::Null),
            ("influencer".to_owned(), 1, json!("30"))
        ]
    );
    set(&stack, &ids[1], json!({"acquisition_source": null})).await;
    assert_eq!(
        whole(&stack, &ids[0]).await["acquisition"]["channel"],
        usual
    );
    assert_eq!(
        channels(&stack).await,
        [
            (usual, 2, Value::Null),
            ("influencer".to_owned(), 0, Value::Null)
        ]
    );
}

#[tokio::test]
async fn a_label_says_it_too_of_one_profile_and_of_several() {
    let (stack, ids) = three().await;
    let rules = json!([{"tag": "from-ann", "field": "acquisition_source", "value": "influencer"}]);
    settings(&stack, json!({ "tag_labels": rules })).await;
    let now = "2026-03-02T10:00:00Z";
    stack
        .deliver([tagged(1, "buyer1@example.com", "From-Ann", now)])
        .await;
    let of_influencer = |all: Vec<(String, u64, Value)>| {
        let found = all.iter().find(|(name, ..)| name == "influencer");
        found.map_or(0, |(_, customers, _)| *customers)
    };
    assert_eq!(of_influencer(channels(&stack).await), 1);
    merge(&stack, &ids[1], &ids[0]).await;
    assert_eq!(of_influencer(channels(&stack).await), 1);
    assert_eq!(
        whole(&stack, &ids[1]).await["value"]["acquisition_channel"],
        "influencer"
    );
    // Somebody knows better.
    set(&stack, &ids[1], json!({"acquisition_source": "email"})).await;
    let all = channels(&stack).await;
    assert!(
        all.iter()
            .any(|(name, customers, _)| name == "email" && *customers == 1)
    );
    assert_eq!(of_influencer(all), 0);
}

#[tokio::test]
async fn what_is_said_today_holds_for_a_past_date_as_joins_and_settings_do() {
    let (stack, ids) = three().await;
    set(&stack, &ids[2], json!({"acquisition_source": "event"})).await;
    let body = Some(json!({"as_of": "2026-02-20"}));
    let asked = stack
        .call("admin", "POST", "/v1/segments/refresh", body)
        .await;
    assert_eq!(asked.status, 202, "{asked:?}");
    stack.settle().await;
    let path = format!("/v1/customers/{}/assessment?as_of=2026-02-20", ids[2]);
    let then = stack.get("viewer", &path).await;
    assert_eq!(
        then.body["value"]["acquisition_channel"], "event",
        "{then:?}"
    );
}
