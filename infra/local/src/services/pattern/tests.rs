use super::*;
use proptest::prelude::*;
use serde_json::json;

fn fits(pattern: &Value, event: &Value) -> bool {
    Pattern::parse(pattern).unwrap().matches(event)
}

#[test]
fn each_operator_takes_what_aws_says_it_takes() {
    let table = [
        (json!(["paid"]), json!("paid"), true),
        (json!(["paid"]), json!("open"), false),
        (json!(["paid", "open"]), json!("open"), true),
        (json!(["paid"]), json!(["open", "paid"]), true),
        (json!(["paid"]), json!([]), false),
        (json!([""]), json!(""), true),
        (json!([null]), json!(null), true),
        (json!([null]), json!("null"), false),
        (json!([true]), json!(true), true),
        (json!([300]), json!(300.0), true),
        (json!([300]), json!("300"), false),
        (json!([{"prefix": "DE"}]), json!("DE-1"), true),
        (json!([{"prefix": "DE"}]), json!("de-1"), false),
        (
            json!([{"prefix": {"equals-ignore-case": "DE"}}]),
            json!("de-1"),
            true,
        ),
        (json!([{"suffix": ".png"}]), json!("a.png"), true),
        (
            json!([{"suffix": {"equals-ignore-case": ".PNG"}}]),
            json!("a.Png"),
            true,
        ),
        (json!([{"suffix": ".png"}]), json!(7), false),
        (json!([{"equals-ignore-case": "Ada"}]), json!("aDA"), true),
        (json!([{"wildcard": "a*c"}]), json!("abbc"), true),
        (json!([{"wildcard": "a*c"}]), json!("abcd"), false),
        (json!([{"wildcard": "*/lib/*"}]), json!("x/lib/y"), true),
        (json!([{"wildcard": "a*a"}]), json!("a"), false),
        (json!([{"wildcard": "a\\*b"}]), json!("a*b"), true),
        (json!([{"wildcard": "a\\*b"}]), json!("axb"), false),
        (json!([{"anything-but": "open"}]), json!("paid"), true),
        (json!([{"anything-but": "open"}]), json!("open"), false),
        (
            json!([{"anything-but": ["open", "paid"]}]),
            json!("paid"),
            false,
        ),
        (json!([{"anything-but": [1, 2]}]), json!(3), true),
        (json!([{"anything-but": [1, 2]}]), json!(2.0), false),
        (
            json!([{"anything-but": "open"}]),
            json!(["open", "paid"]),
            true,
        ),
        (
            json!([{"anything-but": {"prefix": "x"}}]),
            json!("ax"),
            true,
        ),
        (
            json!([{"anything-but": {"prefix": "x"}}]),
            json!("xa"),
            false,
        ),
        (
            json!([{"anything-but": {"suffix": ["x", "y"]}}]),
            json!("ay"),
            false,
        ),
        (
            json!([{"anything-but": {"equals-ignore-case": "open"}}]),
            json!("OPEN"),
            false,
        ),
        (
            json!([{"anything-but": {"wildcard": "*b*"}}]),
            json!("abc"),
            false,
        ),
        (json!([{"numeric": [">", 0, "<=", 5]}]), json!(5), true),
        (json!([{"numeric": [">", 0, "<=", 5]}]), json!(5.01), false),
        (json!([{"numeric": ["=", 3.018e2]}]), json!(301.8), true),
        (json!([{"numeric": ["=", 0]}]), json!(-0.0), true),
        (json!([{"numeric": ["<", 10]}]), json!("5"), false),
        (json!([{"exists": true}]), json!(null), true),
        (json!([{"exists": true}]), json!({"a": 1}), false),
        (json!([{"exists": true}]), json!([]), false),
        (json!([{"exists": false}]), json!("here"), false),
        (json!([{"exists": false}]), json!([]), true),
    ];
    for (field, value, expected) in table {
        let outcome = fits(&json!({ "x": field }), &json!({ "x": value }));
        assert_eq!(outcome, expected, "{field} on {value}");
    }
}

#[test]
fn a_missing_field_fits_only_where_absence_is_asked_for() {
    let event = json!({ "source": "crm" });
    assert!(fits(
        &json!({ "detail": { "fresh": [{"exists": false}] } }),
        &event
    ));
    for test in [
        json!("a"),
        json!({"anything-but": "a"}),
        json!({"exists": true}),
    ] {
        assert!(!fits(&json!({ "detail": { "fresh": [test] } }), &event));
    }
}

#[test]
fn all_fields_must_fit_and_one_of_each_or() {
    let pattern = json!({
        "source": ["crm"],
        "$or": [{ "detail": { "total": [{"numeric": [">", 100]}] } }, { "detail": { "vip": [true] } }],
    });
    let event = |source: &str, total: i32, vip: bool| json!({ "source": source, "detail": { "total": total, "vip": vip } });
    assert!(fits(&pattern, &event("crm", 101, false)));
    assert!(fits(&pattern, &event("crm", 1, true)));
    assert!(!fits(&pattern, &event("crm", 1, false)));
    assert!(!fits(&pattern, &event("shop", 101, true)));
}

#[test]
fn fields_of_a_list_of_objects_must_fit_within_one_of_them() {
    let pattern = json!({ "lines": { "sku": ["A"], "count": [2] } });
    let same = json!({ "lines": [{ "sku": "B", "count": 1 }, { "sku": "A", "count": 2 }] });
    let apart = json!({ "lines": [{ "sku": "A", "count": 1 }, { "sku": "B", "count": 2 }] });
    assert!(fits(&pattern, &same));
    assert!(!fits(&pattern, &apart));
}

#[test]
fn a_stream_filter_sees_numbers_as_the_stream_has_them() {
    let pattern =
        json!({ "dynamodb": { "NewImage": { "stale": { "BOOL": [true] }, "n": { "N": ["7"] } } } });
    let record = |stale: bool| json!({ "dynamodb": { "NewImage": { "stale": { "BOOL": stale }, "n": { "N": "7" } } } });
    assert!(fits(&pattern, &record(true)));
    assert!(!fits(&pattern, &record(false)));
}

#[test]
fn a_pattern_aws_would_refuse_is_refused_with_its_place() {
    for (pattern, place) in [
        (json!([]), "the top"),
        (json!({}), "the top"),
        (json!({"a": "b"}), "a"),
        (json!({"a": []}), "a"),
        (json!({"a": {"b": [{"exists": 1}]}}), "a.b"),
        (json!({"a": [{"prefix": "x", "suffix": "y"}]}), "a"),
        (json!({"a": [{"numeric": [">"]}]}), "a"),
        (json!({"a": [{"numeric": ["!=", 1]}]}), "a"),
        (json!({"a": [{"wildcard": "a**b"}]}), "a"),
        (json!({"a": [{"like": "b"}]}), "a"),
        (json!({"$or": [{"a": [1]}]}), "$or"),
    ] {
        let error = Pattern::parse(&pattern).unwrap_err();
        assert_eq!(error.place, place, "{pattern}");
    }
}

proptest! {
    #[test]
    fn a_wildcard_of_pieces_takes_the_pieces_with_anything_between(
        pieces in prop::collection::vec("[ab]{0,2}", 2..5),
        gaps in prop::collection::vec("[ab]{0,3}", 4),
    ) {
        let filled = pieces.iter().filter(|piece| !piece.is_empty()).count();
        prop_assume!(filled >= pieces.len() - 2 && pieces[1..pieces.len() - 1].iter().all(|piece| !piece.is_empty()));
        let text: String = pieces.iter().zip(&gaps).map(|(piece, gap)| piece.clone() + gap).collect();
        let text = text.strip_suffix(gaps.get(pieces.len() - 1).map_or("", String::as_str)).unwrap_or(&text).to_owned();
        let pattern = json!({ "x": [{ "wildcard": pieces.join("*") }] });
        let event = json!({ "x": text });
        prop_assert!(fits(&pattern, &event));
    }

    #[test]
    fn no_pattern_and_no_event_makes_it_panic(pattern in any_json(), event in any_json()) {
        if let Ok(pattern) = Pattern::parse(&pattern) {
            let first = pattern.matches(&event);
            prop_assert_eq!(first, pattern.matches(&event));
        }
    }
}

/// JSON made of the words of the pattern language, so that many values are patterns.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (-3_i64..3).prop_map(Value::from),
        prop_oneof![Just("a"), Just("b*"), Just("="), Just("<"), Just(">=")].prop_map(Value::from),
    ];
    let name = prop_oneof![
        Just("a"),
        Just("b"),
        Just("$or"),
        Just("prefix"),
        Just("anything-but"),
        Just("numeric"),
        Just("exists"),
        Just("wildcard")
    ];
    leaf.prop_recursive(4, 32, 4, move |inner| {
        let name = name.clone().prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(name, inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}
