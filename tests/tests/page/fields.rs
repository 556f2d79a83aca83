//! What the store's people say of a customer beyond what shops tell.

use crm_tests::stack::Stack;
use serde_json::{Value, json};

use crate::support::{ask, bought, id_of, merge, set, settings, tagged, unmerge, whole};

const ADA: &str = "ada@example.com";
const BO: &str = "bo@example.com";
const THEN: &str = "2026-03-01T09:00:00Z";

async fn ada() -> (Stack, String) {
    let stack = Stack::start().await;
    stack.deliver([bought(1, 1, ADA, THEN)]).await;
    let id = id_of(&stack, ADA).await;
    (stack, id)
}

#[tokio::test]
async fn a_field_shows_its_value_with_who_set_it_and_when_and_can_be_taken_back() {
    let (stack, id) = ada().await;
    let untouched = whole(&stack, &id).await["fields"].clone();
    assert_eq!(
        untouched,
        json!({
            "acquisition_source": null,
            "birthday": null,
            "loyalty_tier": null,
            "nps": null,
            "subscription_status": null,
        })
    );

    set(&stack, &id, json!({"nps": 9, "loyalty_tier": "GOLD"})).await;
    let known = whole(&stack, &id).await;
    let nps =
        json!({"value": 9, "from": "staff", "at": "2026-03-02T12:00:00Z", "by": "local-agent"});
    assert_eq!(known["fields"]["nps"], nps);
    assert_eq!(
        known["fields"]["loyalty_tier"]["value"], "gold",
        "as the store writes it"
    );

    stack.until("2026-03-02T13:00:00Z").await;
    set(&stack, &id, json!({"nps": null, "loyalty_tier": "gold"})).await;
    let known = whole(&stack, &id).await;
    assert_eq!(known["fields"]["nps"], Value::Null);
    // The tier was so already, and stays as it was told.
    assert_eq!(
        known["fields"]["loyalty_tier"]["at"],
        "2026-03-02T12:00:00Z"
    );
    let history = known["field_history"].as_array().unwrap();
    let sets: Vec<_> = history.iter().map(|change| &change["set"]).collect();
    assert_eq!(
        sets,
        [
            &json!([{"field": "nps", "old": "9", "new": null}]),
            &json!([
                {"field": "loyalty_tier", "old": null, "new": "gold"},
                {"field": "nps", "old": null, "new": "9"},
            ]),
        ]
    );
    assert_eq!(history[0]["by"], "local-agent");
}

#[tokio::test]
async fn what_a_field_does_not_allow_is_refused_with_its_limit() {
    let (stack, id) = ada().await;
    settings(
        &stack,
        json!({"custom_fields": [
            {"name": "nps", "type": "whole", "min": "0", "max": "10"},
            {"name": "nickname", "type": "text", "max_length": 5},
            {"name": "discount", "type": "decimal", "max": "0.5"},
            {"name": "birthday", "type": "date"},
            {"name": "insider", "type": "yes_no"},
            {"name": "size", "type": "choice", "choices": ["S", "M"]},
        ]}),
    )
    .await;
    let path = format!("/v1/customers/{id}");
    for (field, wrong) in [
        ("nps", json!(11)),
        ("nps", json!(-1)),
        ("nps", json!(7.5)),
        ("nps", json!("7")),
        ("nickname", json!("sixsix")),
        ("nickname", json!("  ")),
        ("nickname", json!(5)),
        ("discount", json!("0.51")),
        ("discount", json!("1e-1x")),
        ("birthday", json!("2026-02-30")),
        ("birthday", json!("1. May")),
        ("insider", json!("yes")),
        ("size", json!("L")),
    ] {
        let body = json!({"fields": {field: wrong}});
        let refused = ask(&stack, ("agent", "PATCH", &path), &[], Some(body)).await;
        assert_eq!(refused.status, 422, "{field} {wrong}");
        assert_eq!(refused.body["field"], format!("fields.{field}"), "{wrong}");
        assert!(refused.body["limit"].as_str().unwrap().starts_with("must"));
    }
    for (body, field) in [
        (json!({"fields": {"colour": "red"}}), "colour"),
        (json!({"fields": {}}), "fields"),
        (json!({"fields": ["nps"]}), "fields"),
        (json!({}), "fields"),
        (json!({"fields": {"nps": 1}, "name": "Ada"}), "name"),
    ] {
        let refused = ask(&stack, ("agent", "PATCH", &path), &[], Some(body)).await;
        assert!([400, 422].contains(&refused.status), "{refused:?}");
        assert_eq!(refused.body["field"], field);
    }
    // One wrong field keeps all from being set.
    let half = json!({"fields": {"insider": true, "nps": 11}});
    ask(&stack, ("agent", "PATCH", &path), &[], Some(half)).await;
    assert_eq!(whole(&stack, &id).await["fields"]["insider"], Value::Null);

    let fine = json!({
        "nps": 0, "nickname": " Addie ", "discount": "0.50", "birthday": "1815-12-10",
        "insider": false, "size": "m",
    });
    set(&stack, &id, fine).await;
    let fields = &whole(&stack, &id).await["fields"];
    for (field, value) in [
        ("nps", json!(0)),
        ("nickname", json!("Addie")),
        ("discount", json!("0.5")),
        ("birthday", json!("1815-12-10")),
        ("insider", json!(false)),
        ("size", json!("M")),
    ] {
        assert_eq!(fields[field]["value"], value, "{field}");
    }
}

#[tokio::test]
async fn who_saw_other_fields_is_told_so_and_an_order_in_between_is_no_matter() {
    let (stack, id) = ada().await;
    let path = format!("/v1/customers/{id}");
    let seen = ask(&stack, ("agent", "GET", &path), &[], None).await;
    let tag = seen.header("etag").to_owned();
    stack
        .deliver([bought(2, 1, ADA, "2026-03-02T09:00:00Z")])
        .await;

    let nine = Some(json!({"fields": {"nps": 9}}));
    let first = ask(
        &stack,
        ("agent", "PATCH", &path),
        &[("if-match", &tag)],
        nine,
    )
    .await;
    assert_eq!(first.status, 200, "{first:?}");
    let three = Some(json!({"fields": {"nps": 3}}));
    let late = ask(
        &stack,
        ("sales", "PATCH", &path),
        &[("if-match", &tag)],
        three.clone(),
    )
    .await;
    assert_eq!(
        (late.status, &late.body["field"]),
        (412, &json!("If-Match"))
    );
    let tag = first.header("etag").to_owned();
    let again = ask(
        &stack,
        ("sales", "PATCH", &path),
        &[("if-match", &tag)],
        three,
    )
    .await;
    assert_eq!(again.body["fields"]["nps"]["value"], 3);
}

#[tokio::test]
async fn a_person_shows_what_was_set_last_and_each_half_has_its_own_again_when_parted() {
    let (stack, ada) = ada().await;
    stack.deliver([bought(2, 2, BO, THEN)]).await;
    let bo = id_of(&stack, BO).await;
    set(&stack, &ada, json!({"nps": 3, "loyalty_tier": "silver"})).await;
    stack.until("2026-03-02T13:00:00Z").await;
    set(&stack, &bo, json!({"nps": 8})).await;

    let made = merge(&stack, &ada, &bo).await;
    let value = |fields: &Value, name: &str| fields[name]["value"].clone();
    let one = whole(&stack, &ada).await["fields"].clone();
    assert_eq!(
        (value(&one, "nps"), value(&one, "loyalty_tier")),
        (json!(8), json!("silver"))
    );
    // Taken back under Ada's id, later than Bo's was set: nothing is left.
    stack.until("2026-03-02T14:00:00Z").await;
    set(&stack, &ada, json!({"nps": null})).await;
    let known = whole(&stack, &bo).await;
    assert_eq!(known["fields"]["nps"], Value::Null);
    // What was shown before, though it was said of Bo.
    let taken_back = json!([{"field": "nps", "old": "8", "new": null}]);
    assert_eq!(known["field_history"][0]["set"], taken_back);

    unmerge(&stack, &ada, &made).await;
    let (one, other) = (whole(&stack, &ada).await, whole(&stack, &bo).await);
    assert_eq!(one["fields"]["nps"], Value::Null);
    assert_eq!(one["fields"]["loyalty_tier"]["value"], "silver");
    assert_eq!(other["fields"]["nps"]["value"], 8, "facts never move");
    assert_eq!(other["fields"]["loyalty_tier"], Value::Null);
}

#[tokio::test]
async fn labels_of_the_shop_stand_for_the_store_s_and_give_fields_where_nobody_set_one() {
    let stack = Stack::start().await;
    let tags = "vip, Wholesale Berlin, TIER-Gold, something";
    stack.deliver([tagged(1, ADA, tags, THEN)]).await;
    let id = id_of(&stack, ADA).await;
    assert_eq!(
        whole(&stack, &id).await["labels"],
        json!(["vip"]),
        "in any case"
    );

    let rules = json!([
        {"tag": "VIP", "label": "vip"},
        {"tag": "wholesale berlin", "label": "wholesale"},
        {"tag": "tier-gold", "label": "gold", "field": "loyalty_tier", "value": "gold"},
        {"tag": "tier-silver", "field": "loyalty_tier", "value": "silver"},
    ]);
    settings(&stack, json!({ "tag_labels": rules })).await;
    let known = whole(&stack, &id).await;
    assert_eq!(known["labels"], json!(["gold", "vip", "wholesale"]));
    let tier = json!({"value": "gold", "from": "tag", "at": null, "by": null});
    assert_eq!(known["fields"]["loyalty_tier"], tier);

    set(&stack, &id, json!({"loyalty_tier": "platinum"})).await;
    assert_eq!(
        whole(&stack, &id).await["fields"]["loyalty_tier"]["value"],
        "platinum"
    );
    set(&stack, &id, json!({"loyalty_tier": null})).await;
    assert_eq!(
        whole(&stack, &id).await["fields"]["loyalty_tier"]["from"],
        "tag"
    );
    // The label goes, and its value with it.
    stack
        .deliver([tagged(1, ADA, "vip", "2026-03-02T10:00:00Z")])
        .await;
    assert_eq!(
        whole(&stack, &id).await["fields"]["loyalty_tier"],
        Value::Null
    );
}

#[tokio::test]
async fn wrong_definitions_are_refused_by_their_place_and_what_no_longer_fits_is_not_shown() {
    let (stack, id) = ada().await;
    for (setting, wrong) in [
        ("custom_fields", json!([{"name": "Shoe", "type": "text"}])),
        (
            "custom_fields",
            json!([{"name": "a", "type": "text"}, {"name": "a", "type": "date"}]),
        ),
        ("custom_fields", json!([{"name": "a", "type": "choice"}])),
        (
            "custom_fields",
            json!([{"name": "a", "type": "text", "min": "1"}]),
        ),
        (
            "custom_fields",
            json!([{"name": "a", "type": "whole", "min": "2", "max": "1"}]),
        ),
        ("custom_fields", json!([{"name": "a", "type": "colour"}])),
        (
            "custom_fields",
            json!([{"name": "acquisition_source", "type": "whole"}]),
        ),
        ("tag_labels", json!([{"tag": "x"}])),
        ("tag_labels", json!([{"tag": "x", "label": "Not so"}])),
        (
            "tag_labels",
            json!([{"tag": "x", "field": "nobody", "value": "1"}]),
        ),
        (
            "tag_labels",
            json!([{"tag": "x", "field": "nps", "value": "11"}]),
        ),
        ("tag_labels", json!([{"tag": "x", "field": "nps"}])),
    ] {
        let body = Some(json!({ setting: wrong }));
        let refused = stack.call("admin", "PUT", "/v1/settings", body).await;
        assert!([400, 422].contains(&refused.status), "{refused:?}");
        assert_eq!(refused.body["field"], setting, "{wrong}");
    }
    // A rule that points at a field keeps it from being dropped unnoticed.
    set(&stack, &id, json!({"nps": 9})).await;
    let short = json!([{"name": "nps", "type": "whole", "max": "5"}]);
    settings(&stack, json!({ "custom_fields": short })).await;
    assert_eq!(whole(&stack, &id).await["fields"], json!({"nps": null}));
    let wide = json!([{"name": "nps", "type": "whole", "max": "100"}]);
    settings(&stack, json!({ "custom_fields": wide })).await;
    assert_eq!(whole(&stack, &id).await["fields"]["nps"]["value"], 9);
}
