use dynoxide::storage::ScanParams;
use dynoxide::storage_backend::sql_builders;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::Dynamo;
use crate::clock::Clock;

const TABLE: &str = "People";

/// A table whose pages are the same with the index and without.
#[derive(Debug, Clone)]
struct Case {
    /// Partition, place in it, whether it passes the filter, and its size.
    items: Vec<(u8, u8, bool, usize)>,
    slices: u32,
    limit: Option<u32>,
    filtered: bool,
    projected: bool,
    /// Where else to begin: behind keys that may never have been there.
    starts: Vec<(u8, u8)>,
}

fn cases() -> impl Strategy<Value = Case> {
    let size = prop_oneof![8 => 0_usize..200, 1 => 150_000_usize..380_000];
    let items = vec((0_u8..40, 0_u8..3, any::<bool>(), size), 0..60);
    let slices = prop_oneof![Just(1), Just(2), 3_u32..9, Just(4096), Just(9000)];
    let limit = proptest::option::of(prop_oneof![1_u32..5, Just(500)]);
    let starts = vec((0_u8..60, 0_u8..3), 0..4);
    (items, slices, limit, any::<bool>(), any::<bool>(), starts).prop_map(
        |(items, slices, limit, filtered, projected, starts)| Case {
            items,
            slices,
            limit,
            filtered,
            projected,
            starts,
        },
    )
}

fn call(dynamo: &Dynamo, operation: &str, body: &Value) -> Value {
    let reply = dynamo.call(operation, body.to_string().as_bytes());
    assert!(reply.is_success(), "{operation}: {}", reply.body);
    serde_json::from_str(&reply.body).unwrap()
}

fn tables() -> Dynamo {
    let clock = Clock::fixed("2026-03-02T09:00:00Z".parse().unwrap());
    let dynamo = Dynamo::open(None, clock).unwrap();
    let key = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
    let text = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
    call(
        &dynamo,
        "CreateTable",
        &json!({
            "TableName": TABLE,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
            "AttributeDefinitions": [text("pk"), text("sk")],
        }),
    );
    dynamo
}

fn key(partition: u8, place: u8) -> Value {
    json!({"pk": {"S": format!("N#{partition}")}, "sk": {"S": place.to_string()}})
}

fn fill(dynamo: &Dynamo, case: &Case) {
    for (partition, place, passes, size) in &case.items {
        let mut item = key(*partition, *place);
        let kind = if *passes { "node" } else { "claim" };
        item["kind"] = json!({"S": kind});
        item["more"] = json!({"S": "x".repeat(*size)});
        let put = json!({"TableName": TABLE, "Item": item});
        call(dynamo, "PutItem", &put);
    }
}

/// Every answer on the way through every slice that holds something, and from
/// the other starts.
fn answers(dynamo: &Dynamo, case: &Case) -> Vec<Value> {
    let mut request = json!({
        "TableName": TABLE,
        "TotalSegments": case.slices,
        "ReturnConsumedCapacity": "TOTAL",
    });
    if let Some(limit) = case.limit {
        request["Limit"] = limit.into();
    }
    if case.filtered {
        request["FilterExpression"] = "kind = :node".into();
        request["ExpressionAttributeValues"] = json!({":node": {"S": "node"}});
    }
    if case.projected {
        request["ProjectionExpression"] = "pk, kind".into();
    }
    let mut answers = Vec::new();
    for slice in (0..case.slices).step_by(case.slices.div_ceil(300) as usize) {
        request["Segment"] = slice.into();
        let mut starts: Vec<_> = case.starts.iter().map(|(p, s)| key(*p, *s)).collect();
        starts.push(Value::Null);
        while let Some(start) = starts.pop() {
            request["ExclusiveStartKey"] = start;
            let answer = call(dynamo, "Scan", &request);
            starts.extend(answer.get("LastEvaluatedKey").cloned());
            answers.push(answer);
        }
    }
    answers
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_page_of_a_slice_is_the_same_with_the_index_and_without(case in cases()) {
        let dynamo = tables();
        fill(&dynamo, &case);
        let with = answers(&dynamo, &case);
        let storage = dynamo.storage();
        storage.conn().execute_batch("DROP INDEX crm_slices_of_People").unwrap();
        drop(storage);
        prop_assert_eq!(with, answers(&dynamo, &case));
    }
}

#[test]
fn the_next_page_is_found_by_the_index() {
    let dynamo = tables();
    let storage = dynamo.storage();
    let plan = |after: Option<&str>| -> String {
        let params = ScanParams {
            limit: Some(500),
            exclusive_start_pk: after,
            exclusive_start_sk: after,
            segment: Some(3),
            total_segments: Some(50),
            ..ScanParams::default()
        };
        let (sql, _) = sql_builders::scan_items(TABLE, &params);
        let explained = format!("EXPLAIN QUERY PLAN {sql}");
        let mut statement = storage.conn().prepare(&explained).unwrap();
        let row = |row: &rusqlite::Row<'_>| row.get::<_, String>(3);
        let mut rows = statement.raw_query();
        let mut told = Vec::new();
        while let Some(found) = rows.next().unwrap() {
            told.push(row(found).unwrap());
        }
        told.join("; ")
    };
    assert!(plan(Some("S:N#1")).starts_with("SEARCH People USING INDEX crm_slices_of_People"));
    assert_eq!(plan(None), "SCAN People USING INDEX crm_slices_of_People");
}
