//! Every role at every door of the whole system: the template's routes, the
//! authorizer, the function. What each may do is written out by hand here,
//! so that a changed grant is seen.

use std::collections::BTreeSet;

use api::route::TABLE;
use crm_tests::stack::Stack;
use http::Request;
use serde_json::json;

/// Viewer, agent, marketer, sales and admin: who may is named by a letter.
const ROLES: [(char, &str); 5] = [
    ('v', "viewer"),
    ('a', "agent"),
    ('m', "marketer"),
    ('s', "sales"),
    ('d', "admin"),
];

/// Behind the token.
const DOORS: [(&str, &str, &str); 49] = [
    ("GET", "/v1/customers", "vamsd"),
    ("POST", "/v1/customers/search", "vamsd"),
    ("GET", "/v1/customers/{id}", "vamsd"),
    ("PATCH", "/v1/customers/{id}", "amsd"),
    ("POST", "/v1/customers/{id}/communications", "amsd"),
    ("GET", "/v1/customers/{id}/communications", "vamsd"),
    ("GET", "/v1/communications/{id}", "vamsd"),
    ("PATCH", "/v1/communications/{id}", "amsd"),
    ("PUT", "/v1/customers/{id}/consent/{medium}", "amsd"),
    ("GET", "/v1/customers/{id}/history", "vamsd"),
    ("GET", "/v1/customers/{id}/assessment", "vamsd"),
    ("POST", "/v1/customers/{id}/merge/preview", "asd"),
    ("POST", "/v1/customers/{id}/merge", "asd"),
    ("POST", "/v1/customers/{id}/unmerge", "asd"),
    ("GET", "/v1/duplicates", "vamsd"),
    ("POST", "/v1/duplicates/search", "d"),
    ("POST", "/v1/duplicates/{id}/accept", "asd"),
    ("POST", "/v1/duplicates/{id}/reject", "asd"),
    ("POST", "/v1/cases", "asd"),
    ("GET", "/v1/cases/{id}", "vamsd"),
    ("POST", "/v1/cases/{id}/status", "asd"),
    ("GET", "/v1/settings", "vamsd"),
    ("PUT", "/v1/settings", "d"),
    ("POST", "/v1/settings/diff", "d"),
    ("POST", "/v1/segments/refresh", "d"),
    ("GET", "/v1/segments/refresh/{id}", "vamsd"),
    ("GET", "/v1/exports/assessments.csv", "msd"),
    ("GET", "/v1/exports/customers.csv", "msd"),
    ("POST", "/v1/exports/customers.csv", "msd"),
    ("GET", "/v1/named-segments", "vamsd"),
    ("POST", "/v1/named-segments", "msd"),
    ("POST", "/v1/named-segments/preview", "msd"),
    ("GET", "/v1/named-segments/{id}", "vamsd"),
    ("PUT", "/v1/named-segments/{id}", "msd"),
    ("DELETE", "/v1/named-segments/{id}", "msd"),
    ("GET", "/v1/named-segments/{id}/members", "vamsd"),
    ("PUT", "/v1/named-segments/{id}/members/{customer}", "msd"),
    (
        "DELETE",
        "/v1/named-segments/{id}/members/{customer}",
        "msd",
    ),
    ("PUT", "/v1/costs", "sd"),
    ("GET", "/v1/costs/{product}", "vamsd"),
    ("PUT", "/v1/spend/{channel}/{month}", "md"),
    ("GET", "/v1/spend", "vamsd"),
    ("GET", "/v1/channels", "vamsd"),
    ("GET", "/v1/population", "vamsd"),
    ("GET", "/v1/privacy/requests", "d"),
    ("GET", "/v1/privacy/requests/{id}/document", "d"),
    ("POST", "/v1/privacy/requests/{id}/carry-out", "d"),
    ("POST", "/v1/privacy/requests/{id}/decline", "d"),
    ("GET", "/v1/audit", "d"),
];

/// Open to everyone.
const OPEN: [(&str, &str); 1] = [("GET", "/v1/openapi.json")];

fn named(path: &str) -> String {
    let words = path.split('/').map(|part| match part {
        _ if part.starts_with('{') => "abcdefgh",
        _ => part,
    });
    words.collect::<Vec<_>>().join("/")
}

async fn asked(stack: &Stack, method: &str, path: &str, token: Option<&str>) -> u16 {
    let mut request = Request::builder().method(method).uri(named(path));
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    stack.send(request.body(Vec::new()).unwrap()).await.status
}

#[tokio::test]
async fn every_role_gets_through_the_whole_system_where_it_may_and_nowhere_else() {
    let stack = Stack::start().await;
    for (method, path, may) in DOORS {
        for (letter, role) in ROLES {
            let token = stack.system().identity().token(role).unwrap();
            let status = asked(&stack, method, path, Some(token)).await;
            let told = format!("{role}: {method} {path} answered {status}");
            if may.contains(letter) {
                assert!(![401, 403].contains(&status) && status < 500, "{told}");
            } else {
                assert_eq!(status, 403, "{told}");
            }
        }
        for token in [None, Some("x"), Some("")] {
            let status = asked(&stack, method, path, token).await;
            assert_eq!(status, 401, "{method} {path} without a token");
        }
    }
    for (method, path) in OPEN {
        assert_eq!(asked(&stack, method, path, None).await, 200, "{path}");
    }
}

#[test]
fn no_door_is_forgotten_here() {
    let mut here: BTreeSet<_> = OPEN.into();
    here.extend(DOORS.map(|(method, path, _)| (method, path)));
    let table = TABLE.iter().map(|entry| (entry.method, entry.path));
    assert_eq!(here, table.collect());
}

#[tokio::test]
async fn what_is_no_door_is_told_by_a_problem_to_those_who_may_come_in() {
    let stack = Stack::start().await;
    let no_door = stack.get("viewer", "/v1/customer").await;
    assert_eq!(
        (no_door.status, &no_door.body["status"]),
        (404, &json!(404))
    );
    let wrong_method = stack.call("admin", "DELETE", "/v1/settings", None).await;
    assert_eq!(
        (wrong_method.status, &wrong_method.body["detail"]),
        (405, &json!("use GET, PUT"))
    );
    assert_eq!(asked(&stack, "GET", "/v1/customer", None).await, 401);
}
