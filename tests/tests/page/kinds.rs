//! Ten and more kinds of customers, as a shop tells of each: fixtures of our own, in the shapes
//! that Shopify sends.

use crm_tests::shop::{Webhook, order, refund};
use serde_json::{Value, json};

/// What a shop tells of one kind of customer.
pub struct Kind {
    pub name: &'static str,
    pub told: Vec<Webhook>,
    /// The order by which the customer is found.
    pub order: u64,
}

fn kind(name: &'static str, order: u64, told: impl IntoIterator<Item = Webhook>) -> Kind {
    Kind {
        name,
        told: told.into_iter().collect(),
        order,
    }
}

const AT: &str = "2026-02-20T10:00:00Z";

fn line(id: u64, product: &Value, title: &str, quantity: u32, price: &str) -> Value {
    json!({
        "id": id, "product_id": product, "title": title, "quantity": quantity, "price": price,
        "gift_card": false, "discount_allocations": [], "tax_lines": [],
        "price_set": {"shop_money": {"amount": price, "currency_code": "EUR"}},
    })
}

fn address(country: &str) -> Value {
    json!({
        "first_name": "Grace", "last_name": "Hopper", "address1": "Harbour Road 1",
        "city": "Kiel", "zip": "24103", "country_code": country, "phone": null,
    })
}

pub fn kinds() -> Vec<Kind> {
    vec![
        guest(),
        without_email(),
        business(),
        at_the_till(),
        nobody_at_the_till(),
        several_currencies(),
        refunded_and_returned(),
        drafts_left_alone(),
        nothing_that_counts(),
        labelled_subscriber(),
        of_a_market_place(),
        gift_card_tip_and_discount(),
        merged_at_the_source(),
    ]
}

fn guest() -> Kind {
    let guest = order(1, AT, "19.99", 2)
        .by_guest(" Grace@Example.com ")
        .with(AT, "billing_address", address("DE"))
        .with(
            AT,
            "landing_site",
            json!("/cups?utm_source=google&utm_medium=cpc"),
        );
    kind("guest", 1, [guest.created()])
}

fn without_email() -> Kind {
    let customer = json!({
        "id": 21, "email": null, "phone": "+49 431 123456", "first_name": "Karl",
        "last_name": "Anders", "updated_at": AT, "tags": "",
    });
    let bought = order(2, AT, "12.50", 1).with(AT, "customer", customer.clone());
    kind(
        "without_email",
        2,
        [
            Webhook::new("customers/create", &customer),
            bought.created(),
        ],
    )
}

fn business() -> Kind {
    let company = json!({"id": 555, "location_id": 556});
    let terms = json!({"payment_terms_name": "Net 30", "due_in_days": 30, "payment_schedules": []});
    let first = order(3, AT, "100.00", 40)
        .by(31, "buying@cafe.example", "Paula")
        .with(AT, "company", company)
        .with(AT, "payment_terms", terms)
        .with(AT, "financial_status", json!("pending"))
        .with(AT, "source_name", json!("shopify_draft_order"));
    kind("business", 3, [first.created()])
}

fn at_the_till() -> Kind {
    let bought = order(4, AT, "8.00", 3)
        .by(41, "till@example.com", "Toni")
        .with(AT, "source_name", json!("pos"))
        .with(AT, "fulfillment_status", json!("fulfilled"));
    kind("at_the_till", 4, [bought.created()])
}

fn nobody_at_the_till() -> Kind {
    let bought = order(5, AT, "8.00", 1).with(AT, "source_name", json!("pos"));
    kind("nobody_at_the_till", 5, [bought.created()])
}

fn several_currencies() -> Kind {
    // Paid in dollars at a shop that reckons in euros, and once at a shop that reckons in pounds.
    let mut dollars = line(61, &json!(9001), "Cup", 1, "11.00");
    dollars["price_set"] = json!({
        "shop_money": {"amount": "10.00", "currency_code": "EUR"},
        "presentment_money": {"amount": "11.00", "currency_code": "USD"},
    });
    let abroad = order(6, AT, "11.00", 1)
        .by(61, "abroad@example.com", "Ines")
        .with(AT, "presentment_currency", json!("USD"))
        .with(AT, "line_items", json!([dollars]));
    let mut pounds = line(62, &json!(7001), "Mug", 2, "7.50");
    pounds["price_set"] = json!({"shop_money": {"amount": "7.50", "currency_code": "GBP"}});
    let london = order(7, "2026-02-25T10:00:00Z", "7.50", 2)
        .by(71, "abroad@example.com", "Ines")
        .with("2026-02-25T10:00:00Z", "currency", json!("GBP"))
        .with("2026-02-25T10:00:00Z", "line_items", json!([pounds]));
    let london = london.created().from_shop("london.myshopify.com");
    kind("several_currencies", 6, [abroad.created(), london])
}

fn refunded_and_returned() -> Kind {
    let bought = order(8, AT, "15.00", 4).by(81, "back@example.com", "Rita");
    let returned = json!({
        "id": 880, "admin_graphql_api_id": "gid://shopify/Return/880", "status": "open",
        "order": {"id": 8, "admin_graphql_api_id": "gid://shopify/Order/8"},
        "total_return_line_items": 1, "name": "#8-R1",
        "return_line_items": [{
            "id": 881, "quantity": 2, "return_reason": "size_too_small",
            "fulfillment_line_item": {
                "id": 882, "line_item": {"id": 81, "admin_graphql_api_id": "gid://shopify/LineItem/81"},
            },
        }],
    });
    kind(
        "refunded_and_returned",
        8,
        [
            bought.created(),
            Webhook::new("returns/approve", &returned),
            refund(883, 8, "2026-02-27T10:00:00Z", 1, "15.00"),
        ],
    )
}

fn drafts_left_alone() -> Kind {
    let draft = json!({
        "id": 900, "name": "#D1", "status": "open", "email": "draft@example.com",
        "customer": {"id": 91, "email": "draft@example.com", "first_name": "Dora"},
        "line_items": [{"id": 901, "title": "Cup", "quantity": 5, "price": "99.00"}],
        "created_at": AT, "updated_at": AT, "currency": "EUR", "total_price": "495.00",
    });
    let cart = json!({"id": "c1", "token": "c1", "line_items": [], "updated_at": AT});
    let bought = order(9, AT, "9.00", 1).by(91, "draft@example.com", "Dora");
    kind(
        "drafts_left_alone",
        9,
        [
            Webhook::new("draft_orders/create", &draft),
            Webhook::new("draft_orders/update", &draft),
            Webhook::new("checkouts/create", &draft),
            Webhook::new("carts/update", &cart),
            bought.created(),
        ],
    )
}

fn nothing_that_counts() -> Kind {
    let who = |id: u64| order(id, AT, "20.00", 1).by(101, "never@example.com", "Nora");
    let cancelled = who(10).with(AT, "cancelled_at", json!("2026-02-20T12:00:00Z"));
    let test = who(11).with(AT, "test", json!(true));
    let voided = who(12).with(AT, "financial_status", json!("voided"));
    let open = who(13).with(AT, "financial_status", json!("pending"));
    let free = order(14, AT, "0.00", 1).by(101, "never@example.com", "Nora");
    let told = [cancelled, test, voided, open, free].map(|order| order.created());
    kind("nothing_that_counts", 10, told)
}

fn labelled_subscriber() -> Kind {
    let customer = json!({
        "id": 151, "email": "fan@example.com", "phone": "+4930123456", "first_name": "Frida",
        "last_name": "Ring", "updated_at": AT, "tags": "VIP, influencer, Berlin",
        "default_address": address("DE"),
        "email_marketing_consent": {
            "state": "subscribed", "opt_in_level": "confirmed_opt_in",
            "consent_updated_at": "2026-01-10T10:00:00Z",
        },
        "sms_marketing_consent": {
            "state": "not_subscribed", "opt_in_level": "single_opt_in",
            "consent_updated_at": null, "consent_collected_from": "SHOPIFY",
        },
    });
    let left = json!({
        "customer_id": 151, "email_address": "fan@example.com",
        "email_marketing_consent": {
            "state": "unsubscribed", "opt_in_level": "confirmed_opt_in",
            "consent_updated_at": "2026-02-22T10:00:00Z",
        },
    });
    let bought = |id: u64, at: &str| order(id, at, "30.00", 1).by(151, "fan@example.com", "Frida");
    kind(
        "labelled_subscriber",
        15,
        [
            Webhook::new("customers/update", &customer),
            bought(15, AT).created(),
            bought(16, "2026-02-23T10:00:00Z").created(),
            Webhook::new("customers_email_marketing_consent/update", &left),
        ],
    )
}

fn of_a_market_place() -> Kind {
    let bought = order(17, AT, "25.00", 1)
        .by(171, "x7g2k@marketplace.amazon.de", "Mia")
        .with(AT, "source_name", json!("amazon-de"));
    kind("of_a_market_place", 17, [bought.created()])
}

fn gift_card_tip_and_discount() -> Kind {
    let mut cup = line(181, &json!(9001), "Cup", 3, "10.00");
    cup["discount_allocations"] = json!([{
        "amount": "4.50", "amount_set": {"shop_money": {"amount": "4.50", "currency_code": "EUR"}},
    }]);
    cup["tax_lines"] = json!([{
        "price": "1.25", "price_set": {"shop_money": {"amount": "1.25", "currency_code": "EUR"}},
    }]);
    let mut card = line(182, &json!(9900), "Gift card", 1, "50.00");
    card["gift_card"] = json!(true);
    let mut tip = line(183, &Value::Null, "Tip", 1, "2.00");
    tip["tip"] = json!({"payment_gateway": "cash", "payment_method": "Other"});
    let engraving = line(184, &Value::Null, "Engraving", 1, "3.00");
    let bought = order(18, AT, "10.00", 3)
        .by(181, "gift@example.com", "Gita")
        .with(AT, "taxes_included", json!(true))
        .with(AT, "line_items", json!([cup, card, tip, engraving]));
    kind("gift_card_tip_and_discount", 18, [bought.created()])
}

fn merged_at_the_source() -> Kind {
    let first = order(19, AT, "20.00", 1).by(191, "old@example.com", "Olga");
    let second = order(20, "2026-02-24T10:00:00Z", "22.00", 1).by(192, "new@example.com", "Olga");
    let merged = json!({
        "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/192",
        "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/191",
        "status": "completed", "errors": [],
    });
    kind(
        "merged_at_the_source",
        19,
        [
            first.created(),
            second.created(),
            Webhook::new("customers/merge", &merged),
        ],
    )
}
