//! Who gets in, and what is told at the door.

use api::role::Role;
use api::route::{Route, TABLE};
use serde_json::json;

use crate::support::{Api, get, post, put, request};

/// What each route answers to a caller who may take it, sent as little as can be.
fn allowed(route: Route) -> i64 {
    match route {
        Route::ContractFetch
        | Route::SettingsFetch
        | Route::SpendList
        | Route::AssessmentsExport
        | Route::CustomersExport
        | Route::NamedList
        | Route::PrivacyList
        | Route::AuditList
        | Route::DuplicateList => 200,
        Route::CustomerFetch
        | Route::CustomerHistory
        | Route::CustomerAssessment
        | Route::CaseFetch
        | Route::CommunicationList
        | Route::CommunicationFetch
        | Route::DuplicateAccept
        | Route::DuplicateReject
        | Route::NamedFetch
        | Route::NamedDelete
        | Route::NamedMembers
        | Route::MemberFree
        | Route::RunFetch
        | Route::ChannelList
        | Route::PopulationFetch
        | Route::PrivacyDocument
        | Route::PrivacyCarryOut
        | Route::PrivacyDecline => 404,
        // Without a filter.
        Route::CustomerList => 422,
        // Without a body; with a word for an id, a month or a medium.
        Route::CostFetch | Route::SpendReplace | Route::ConsentReplace => 400,
        Route::CaseOpen
        | Route::CustomerSearch
        | Route::SearchExport
        | Route::NamedCreate
        | Route::NamedPreview
        | Route::NamedReplace
        | Route::MemberPlace
        | Route::CaseMove
        | Route::CustomerChange
        | Route::CommunicationAdd
        | Route::CommunicationCorrect
        | Route::MergePreview
        | Route::CustomerMerge
        | Route::CustomerUnmerge
        | Route::SettingsReplace
        | Route::SettingsCompare
        | Route::CostsReplace => 415,
        // There is no queue behind these tables.
        Route::SegmentsRefresh | Route::DuplicateSearch => 503,
    }
}

#[tokio::test]
async fn every_role_gets_through_exactly_its_own_doors() {
    let api = Api::new().await;
    for entry in TABLE {
        let words = entry.path.split('/').map(|part| match part {
            _ if part.starts_with('{') => "abcdefgh",
            _ => part,
        });
        let path = words.collect::<Vec<_>>().join("/");
        for role in Role::ALL {
            let may = entry.is_open() || entry.roles.contains(&role);
            let expected = if may { allowed(entry.route) } else { 403 };
            let asked = request(entry.method, &path).by_role(role.name());
            let answer = api.send(asked).await;
            assert_eq!(answer.status, expected, "{role:?} on {:?}", entry.route);
        }
        for claims in [
            json!({}),
            json!({"cognito:groups": "[]"}),
            json!({"cognito:groups": "[guest]"}),
        ] {
            let answer = api
                .send(request(entry.method, &path).with_claims(&claims))
                .await;
            let expected = if entry.is_open() { 200 } else { 403 };
            assert_eq!(answer.status, expected, "nobody on {:?}", entry.route);
        }
    }
}

#[tokio::test]
async fn the_claim_with_the_roles_is_a_setting_of_the_deployment() {
    let api = Api::new().await;
    let variables = [
        ("PEOPLE_TABLE", "people"),
        ("FACTS_TABLE", "facts"),
        ("ROLE_CLAIM", "groups"),
        ("PASS_QUEUE_URL", "http://127.0.0.1/passes"),
        ("CURSOR_KEY_ID", "cursors"),
        ("PRIVACY_QUEUE_URL", "http://aws.localhost/privacy"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let function = api::Function::new(&api.tables.sdk(), &variables.into_iter().collect()).unwrap();
    let api = Api { function, ..api };
    api.expect(403, get("/v1/settings").by_role("admin")).await;
    let claims = json!({"groups": r#"["viewer", "agent"]"#});
    api.expect(200, get("/v1/settings").with_claims(&claims))
        .await;
}

#[tokio::test]
async fn what_is_at_no_door_is_told_so() {
    let api = Api::new().await;
    api.expect(404, get("/v2/customers")).await;
    let answer = api.send(request("DELETE", "/v1/settings")).await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (405, Some("GET, PUT"))
    );
    let plain = request("PUT", "/v1/settings")
        .header("content-type", "text/plain")
        .text("{}");
    api.expect(415, plain).await;
    let long = json!({"subject": "x".repeat(256 * 1024)});
    api.expect(413, post("/v1/cases", &long)).await;
    let broken = request("POST", "/v1/cases")
        .header("content-type", "application/json")
        .text("{");
    api.expect(400, broken).await;
}

#[tokio::test]
async fn when_the_tables_are_away_the_caller_is_asked_to_come_back() {
    let api = Api::new().await;
    api.tables
        .services
        .on_call(|_, _, _| crm_local::services::Fault::ServerError);
    for asked in [
        get("/v1/settings"),
        get("/v1/customers?email=ada@example.com"),
        put("/v1/settings", &json!({})),
    ] {
        let answer = api.send(asked).await;
        assert_eq!(
            (answer.status, answer.header("retry-after")),
            (503, Some("1"))
        );
        assert!(!answer.body.to_string().contains("ada@"));
    }
}
