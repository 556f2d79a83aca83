//! Orders: what they are worth, where they were sold, and who bought.

use crm_domain::fact::{Buyer, Fact};
use crm_domain::order::{
    Acquisition, Channel, FinancialStatus, OrderBody, OrderChange, OrderStatus,
};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixtures::{change, fact, fulfilment, order, order_of, refund, told, trouble};

const CREATED: &str = "orders/create";

fn body(order: &Value) -> OrderBody {
    let known = order_of(CREATED, order);
    known.body.unwrap().1
}

fn buyer(order: &Value) -> Buyer {
    match fact(CREATED, order) {
        Fact::Order { buyer, .. } => buyer.unwrap(),
        other => panic!("{other:?} is no order"),
    }
}

fn gross(order: &Value) -> String {
    body(order).gross().unwrap().to_string()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn adas_order_is_read_whole() {
    let known = order_of(CREATED, &order());
    assert_eq!(known.id.as_str(), "shopify:ada.myshopify.com:5001");
    let (stamp, body) = known.body.unwrap();
    assert_eq!(stamp.updated_at, Some(at("2025-03-01T09:00:09Z")));
    assert_eq!(body.name, "#1001");
    assert_eq!(body.placed_at, at("2025-03-01T09:00:00Z"));
    assert_eq!(body.financial_status, FinancialStatus::Paid);
    assert_eq!(body.currency.code(), "EUR");
    assert_eq!(body.tags, ["gift", "first order"]);
    assert_eq!(body.lines[0].product.as_deref(), Some("71"));
    assert_eq!(body.lines[0].title, "Lamp");
    assert!(body.lines[1].is_gift_card);
    let acquisition = Acquisition {
        utm_source: Some("news letter".into()),
        utm_medium: Some("e-mail".into()),
        referring_host: Some("www.lamp-blog.example".into()),
    };
    assert_eq!(body.acquisition, acquisition);
}

#[test]
fn the_shops_money_counts_not_the_buyers_and_no_gift_card() {
    // 2 x 49.99 - 9.98; the tax of 14.37 comes on top.
    assert_eq!(gross(&order()), "90");
}

#[test]
fn tax_is_taken_off_where_prices_include_it() {
    let mut order = order();
    order["taxes_included"] = json!(true);
    assert_eq!(gross(&order), "75.63");
}

#[test]
fn without_money_of_the_shop_the_plain_fields_are_in_the_orders_currency() {
    let mut order = order();
    order["line_items"][0]["price_set"] = json!(null);
    order["line_items"][0]["discount_allocations"][0]["amount_set"] = json!(null);
    assert_eq!(gross(&order), "1");
}

#[test]
fn without_shares_of_discounts_the_lines_own_discount_counts() {
    let mut order = order();
    order["line_items"][0]["discount_allocations"] = json!(null);
    order["line_items"][0]["total_discount"] = json!("0.98");
    assert_eq!(gross(&order), "99");
}

#[test]
fn money_is_exact_as_text_and_as_number() {
    for (price, expected) in [
        (r#""10.649999999999999""#, "21.299999999999998"),
        ("10.649999999999999", "21.299999999999998"),
        ("95", "190"),
        (r#""10.6499""#, "21.2998"),
    ] {
        let mut order = order();
        order["line_items"][0]["price_set"] = json!(null);
        order["line_items"][0]["discount_allocations"] = json!([]);
        order["line_items"][0]["price"] = json!("PRICE");
        let text = order.to_string().replace(r#""PRICE""#, price);
        let delivery = crate::common::delivery(CREATED, &text);
        let Some(Fact::Order {
            change: OrderChange::Body(snapshot),
            ..
        }) = crm_sources::read(&delivery).unwrap()
        else {
            panic!("an order");
        };
        assert_eq!(snapshot.body.gross().unwrap().to_string(), expected);
    }
}

proptest! {
    #[test]
    fn any_price_goes_through_digit_by_digit(
        units in 0_i64..1_000_000_000, decimals in 0_u32..10_000, as_number: bool,
    ) {
        let price = format!("{units}.{decimals:04}");
        let mut order = order();
        let line = &mut order["line_items"][0];
        line["price_set"] = json!(null);
        line["price"] = json!("PRICE");
        let token = if as_number { price.clone() } else { format!("\"{price}\"") };
        let text = order.to_string().replace("\"PRICE\"", &token);
        let fact = crm_sources::read(&crate::common::delivery(CREATED, &text)).unwrap();
        let Some(Fact::Order { change: OrderChange::Body(snapshot), .. }) = fact else {
            panic!("an order");
        };
        let read = snapshot.body.lines[0].unit_price;
        prop_assert_eq!(read, price.parse().unwrap());
    }
}

#[test]
fn a_tip_is_neither_merchandise_nor_a_unit() {
    let mut order = order();
    order["line_items"][0]["tip"] = json!({"payment_gateway": "shopify_payments"});
    assert_eq!(gross(&order), "0");
    assert_eq!(order_of(CREATED, &order).units_bought(), 0);
}

#[test]
fn a_rounded_id_gives_way_to_its_exact_twin_and_only_then() {
    let exact = "820982911946154508";
    for (id, twin, expected) in [
        (json!(820_982_911_946_154_500_u64), exact, exact),
        (json!("820982911946154500"), exact, exact),
        // Exact already.
        (json!(820_982_911_946_154_508_u64), exact, exact),
        // Differ by more than rounding: the field itself is right.
        (
            json!(820_982_911_946_000_000_u64),
            exact,
            "820982911946000000",
        ),
        // Below 2^53 nothing is rounded.
        (json!(5_001), "5002", "5001"),
        (json!("gid://shopify/Order/5001"), exact, "5001"),
        (json!(null), exact, exact),
    ] {
        let mut order = order();
        order["id"] = id;
        order["admin_graphql_api_id"] = json!(format!("gid://shopify/Order/{twin}"));
        assert_eq!(order_of(CREATED, &order).id.id(), expected);
    }
}

#[test]
fn an_order_is_sold_where_its_source_says() {
    for (source, channel) in [
        (json!("web"), Channel::Web),
        (json!(null), Channel::Web),
        (json!("580111"), Channel::Web),
        (json!(580_111), Channel::Web),
        (json!("shopify_draft_order"), Channel::Web),
        (json!("pos"), Channel::Pos),
        (json!("android"), Channel::Pos),
        (json!("Amazon-US"), Channel::Marketplace),
        (json!("ebay"), Channel::Marketplace),
        (json!("wholesale"), Channel::Wholesale),
    ] {
        let mut order = order();
        order["source_name"] = source.clone();
        assert_eq!(body(&order).channel, channel, "{source}");
    }
    let mut order = order();
    order["company"] = json!({"id": 1, "location_id": 2});
    order["payment_terms"] = json!({"payment_terms_name": "Net 30"});
    order["financial_status"] = json!("pending");
    let body = body(&order);
    assert_eq!(body.channel, Channel::Wholesale);
    assert!(body.counts(), "pending, but with payment terms");
}

#[test]
fn a_customer_is_told_in_part_by_an_order() {
    let customer = buyer(&order()).customer;
    let id = customer.id.unwrap();
    assert_eq!(id.as_str(), "shopify:ada.myshopify.com:8001");
    assert!(!customer.told.whole);
    assert_eq!(customer.tags.unwrap(), ["regular"]);
    let profile = customer.profile;
    assert_eq!(profile.first_name.as_deref(), Some("Ada"));
    assert_eq!(profile.email.unwrap().as_str(), "ada@example.com");
    assert_eq!(profile.phone.unwrap().as_str(), "+4930901820");
    assert_eq!(profile.address.unwrap().country.as_deref(), Some("DE"));
}

#[test]
fn a_guest_is_who_the_order_says() {
    let mut order = order();
    order["customer"] = json!(null);
    order["billing_address"] =
        json!({"first_name": "Bo", "last_name": "Diddley", "city": "Chicago"});
    let customer = buyer(&order).customer;
    assert_eq!(customer.id, None);
    assert_eq!(customer.profile.first_name.as_deref(), Some("Bo"));
    assert_eq!(customer.profile.email.unwrap().as_str(), "ada@example.com");
}

#[test]
fn an_unusable_address_is_left_out_and_parks_no_order() {
    for email in [
        json!("not an address"),
        json!(""),
        json!("guest@shop.example"),
        json!("x1y2@marketplace.amazon.com"),
        json!(7),
        json!({"a": 1}),
        json!("a".repeat(400) + "@example.com"),
    ] {
        let mut order = order();
        order["customer"]["email"] = email;
        order["customer"]["phone"] = json!("call me");
        order["customer"]["default_address"]["zip"] = json!(10_115);
        let profile = buyer(&order).customer.profile;
        assert_eq!(profile.email, None);
        assert_eq!(profile.phone, None);
        assert_eq!(
            profile.address.unwrap().postal_code.as_deref(),
            Some("10115")
        );
    }
}

#[test]
fn refunds_and_parcels_listed_in_an_order_come_with_it() {
    let mut order = order();
    order["refunds"] = json!([refund()]);
    order["fulfillments"] = json!([fulfilment()]);
    order["fulfillment_status"] = json!("fulfilled");
    let known = order_of(CREATED, &order);
    assert_eq!(known.refunded().to_string(), "40.01");
    assert_eq!(known.status(), OrderStatus::PartiallyReturned);
    assert!(known.fulfilments["4001"].is_sent());

    // The same refund alone is the same, once.
    let mut twice = known.clone();
    twice.apply(&change("refunds/create", &refund()));
    assert_eq!(twice.refunded(), known.refunded());
}

#[test]
fn of_two_tellings_of_the_same_second_the_later_state_wins() {
    let early = order();
    let mut late = order();
    late["financial_status"] = json!("pending");
    late["cancelled_at"] = json!("2025-03-01T10:00:09+01:00");
    for (first, second) in [(&early, &late), (&late, &early)] {
        let mut known = order_of("orders/updated", first);
        known.apply(&change("orders/cancelled", second));
        assert_eq!(known.status(), OrderStatus::Cancelled);
    }
}

#[test]
fn an_edit_is_announced_and_waits_for_the_body() {
    let edit = json!({"order_edit": {"id": 31, "order_id": 5_001, "line_items": {}}});
    let OrderChange::Edited(id, stamp) = change("orders/edited", &edit) else {
        panic!("an edit");
    };
    assert_eq!((id.as_str(), stamp.updated_at), ("31", None));
}

#[test]
fn what_is_wrong_is_named_by_path_and_never_by_value() {
    let spoilt = |path: &str, value: Value| {
        let mut order = order();
        *order.pointer_mut(path).unwrap() = value;
        let error = told(CREATED, &order).unwrap_err();
        assert!(!error.to_string().contains("canary"), "{error}");
        error.to_string()
    };
    let said = spoilt("/line_items/0/price_set/shop_money/amount", json!("canary"));
    assert_eq!(
        said,
        "cannot read line_items[0].price_set.shop_money.amount of the shopify delivery: \
         not a decimal amount"
    );
    let said = spoilt("/line_items/1/price", json!("0.1234567890123456"));
    assert!(said.contains("line_items[1].price"), "{said}");
    assert!(said.contains("limit: below 10^12, 15 decimals"), "{said}");
    for (path, value, field) in [
        ("/id", json!("canary"), "read id of"),
        ("/currency", json!("canary"), "read currency of"),
        (
            "/financial_status",
            json!("canary"),
            "read financial_status of",
        ),
        ("/processed_at", json!("canary"), "read processed_at of"),
        (
            "/line_items/1/quantity",
            json!(1.5),
            "read line_items[1].quantity of",
        ),
        (
            "/line_items/1/quantity",
            json!(2_000_000_000),
            "limit: below 10^9",
        ),
        ("/line_items", json!("canary"), "read line_items of"),
        ("/line_items/0", json!("canary"), "read line_items[0] of"),
        ("/customer", json!("canary"), "read customer of"),
        ("/customer/id", json!("canary"), "read customer.id of"),
        ("/tags", json!({"canary": 1}), ""),
    ] {
        if field.is_empty() {
            let mut order = order();
            *order.pointer_mut(path).unwrap() = value;
            assert!(told(CREATED, &order).is_ok(), "{path} only describes");
            continue;
        }
        let said = spoilt(path, value);
        assert!(said.contains(field), "{said}");
    }
}

#[test]
fn an_order_without_what_it_is_worth_is_kept_for_later() {
    for field in [
        "id",
        "created_at",
        "currency",
        "financial_status",
        "line_items",
    ] {
        let mut order = order();
        order["processed_at"] = json!(null);
        order["admin_graphql_api_id"] = json!(null);
        order[field] = json!(null);
        assert_eq!(trouble(CREATED, &order), field);
    }
}

#[test]
fn topics_that_are_no_facts_of_ours_say_nothing() {
    for topic in ["draft_orders/create", "checkouts/update", "carts/create"] {
        assert_eq!(told(topic, &json!("anything")).unwrap(), None);
    }
}

#[test]
fn what_was_agreed_about_paying_later_is_read_with_what_is_open() {
    let terms = |change: &dyn Fn(&mut Value)| {
        let mut order = order();
        order["payment_terms"] = json!({
            "due_in_days": 30,
            "payment_schedules": [
                {"due_at": "2025-03-01T00:00:00Z", "completed_at": "2025-03-01T00:00:00Z"},
                {"due_at": "2025-05-31T00:00:00Z", "completed_at": null},
                {"due_at": "2025-04-30T00:00:00+02:00"},
            ],
        });
        order["total_price"] = json!("119.00");
        order["total_outstanding"] = json!("19.01");
        change(&mut order);
        body(&order).terms.map(|terms| *terms)
    };
    let read = terms(&|_| ()).unwrap();
    assert_eq!(
        (read.days, read.outstanding.to_string()),
        (Some(30), "19.01".into())
    );
    assert_eq!(read.due_at, Some(at("2025-04-29T22:00:00Z")));
    assert_eq!(terms(&|order| order["payment_terms"] = json!(null)), None);
    let open = |change| terms(change).unwrap().outstanding.to_string();
    assert_eq!(
        open(&|order| order["total_outstanding"] = json!(null)),
        "119"
    );
    let neither = |order: &mut Value| {
        order["total_outstanding"] = json!(null);
        order["total_price"] = json!(null);
    };
    // A gift card has to be paid for as well.
    assert_eq!(open(&neither), "115");
    let mut odd = order();
    odd["payment_terms"] = json!({"payment_schedules": [{"due_at": "soon"}]});
    let told = trouble(CREATED, &odd);
    assert!(
        told.contains("payment_terms.payment_schedules[0].due_at"),
        "{told}"
    );
}
