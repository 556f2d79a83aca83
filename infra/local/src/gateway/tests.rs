//! What API Gateway promises, request by request.

use std::collections::BTreeMap;
use std::sync::Arc;

use crm_lambda::SdkConfig;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::{Gateway, MOST_BODY_BYTES, ROLES, Tokens};
use crate::clock::Clock;
use crate::functions::{Functions, Registry};
use crate::template::{Overrides, Wiring};

const TEMPLATE: &str = "
Resources:
  Echo: { Type: AWS::Serverless::Function, Properties: { CodeUri: echo/ } }
  Web: { Type: AWS::ApiGatewayV2::Api }
  ToEcho:
    Type: AWS::ApiGatewayV2::Integration
    Properties: { ApiId: !Ref Web, IntegrationUri: !GetAtt Echo.Arn, PayloadFormatVersion: '2.0' }
";

/// Answers with the event it got, or with the answer the body asks for.
fn echo() -> Registry {
    Registry::default().with_plain("echo", |_, event| {
        let asked = event["body"]
            .as_str()
            .and_then(|body| body.strip_prefix("answer "));
        match asked {
            Some("error") => Err(std::io::Error::other("no").into()),
            Some(answer) => Ok(serde_json::from_str(answer)?),
            None => Ok(event),
        }
    })
}

fn gateway() -> Gateway {
    let mut parts = vec![TEMPLATE.to_owned()];
    let open = [
        "POST /hooks/{source}",
        "GET /v1/{id}",
        "GET /v1/all",
        "ANY /files/{rest+}",
    ];
    for (number, key) in open.iter().enumerate() {
        parts.push(format!(
            "  Open{number}: {{ Type: AWS::ApiGatewayV2::Route, Properties: {{ RouteKey: '{key}', Target: !Sub 'integrations/${{ToEcho}}' }} }}\n"
        ));
    }
    parts.push("  Closed: { Type: AWS::ApiGatewayV2::Route, Properties: { RouteKey: GET /staff, AuthorizationType: JWT, Target: !Sub 'integrations/${ToEcho}' } }\n".to_owned());
    let wiring = Wiring::read(&parts.concat(), &Overrides::new()).unwrap();
    let sdk = SdkConfig::builder().build();
    let functions = Arc::new(Functions::start(&wiring, &echo(), &sdk, 1).unwrap());
    let tokens = ROLES.map(|role| (role.to_owned(), format!("token-of-{role}")));
    let clock = Clock::fixed("2026-03-01T12:00:00Z".parse().unwrap());
    Gateway::new(
        &wiring,
        functions,
        Tokens::new(BTreeMap::from(tokens)),
        clock,
    )
}

fn document(response: &Response<Vec<u8>>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

async fn get(path: &str) -> (StatusCode, Value) {
    let request = Request::get(path).body(Vec::new()).unwrap();
    let response = gateway().serve(request).await;
    (response.status(), document(&response))
}

async fn post(body: impl Into<Vec<u8>>, kind: &str) -> Response<Vec<u8>> {
    let request = Request::post("/hooks/shopify").header("content-type", kind);
    gateway().serve(request.body(body.into()).unwrap()).await
}

async fn staff(authorization: Option<&str>) -> Response<Vec<u8>> {
    let mut request = Request::get("/staff");
    if let Some(authorization) = authorization {
        request = request.header("Authorization", authorization);
    }
    gateway().serve(request.body(Vec::new()).unwrap()).await
}

#[tokio::test]
async fn a_request_becomes_an_event_of_format_two() {
    let request = Request::post("/hooks/shop%20ify?a=1&a=2&b=x%2By")
        .header("Content-Type", "application/json; charset=utf-8")
        .header("X-Twice", "one")
        .header("X-Twice", "two")
        .header("Cookie", "c=1; d=2")
        .body(b"{}".to_vec())
        .unwrap();
    let event = document(&gateway().serve(request).await);
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["routeKey"], "POST /hooks/{source}");
    assert_eq!(event["rawPath"], "/hooks/shop%20ify");
    assert_eq!(event["rawQueryString"], "a=1&a=2&b=x%2By");
    assert_eq!(
        event["queryStringParameters"],
        json!({"a": "1,2", "b": "x+y"})
    );
    assert_eq!(event["pathParameters"], json!({"source": "shop ify"}));
    assert_eq!(event["headers"]["x-twice"], "one,two");
    assert_eq!(event["headers"].get("cookie"), None);
    assert_eq!(event["cookies"], json!(["c=1", "d=2"]));
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&json!("{}"), &json!(false))
    );
    let context = &event["requestContext"];
    assert_eq!(context["http"]["method"], "POST");
    assert_eq!(context["timeEpoch"], 1_772_366_400_000_i64);
    assert_eq!(context["time"], "01/Mar/2026:12:00:00 +0000");
    // It is also an event for the crate the functions read it with.
    serde_json::from_value::<aws_lambda_events::apigw::ApiGatewayV2httpRequest>(event).unwrap();
}

#[tokio::test]
async fn bytes_that_are_no_text_travel_in_base64() {
    let event = document(&post([0xff, 0x00], "application/json").await);
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&json!("/wA="), &json!(true))
    );
    let event = document(&post("hi", "application/octet-stream").await);
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&json!("aGk="), &json!(true))
    );
}

#[tokio::test]
async fn the_most_specific_route_is_taken() {
    assert_eq!(get("/v1/all").await.1["routeKey"], "GET /v1/all");
    let (_, one) = get("/v1/ada%40example.com").await;
    assert_eq!(one["pathParameters"]["id"], "ada@example.com");
    let (_, file) = get("/files/a/b").await;
    assert_eq!(file["pathParameters"]["rest"], "a/b");
}

#[tokio::test]
async fn a_path_or_method_without_a_route_is_not_found() {
    for path in ["/", "/v1", "/v1/", "/v1/a/b", "/hooks/x", "/files/"] {
        let not_found = (StatusCode::NOT_FOUND, json!({"message": "Not Found"}));
        assert_eq!(get(path).await, not_found, "{path}");
    }
}

#[tokio::test]
async fn without_a_known_token_the_function_is_never_asked() {
    for header in [
        None,
        Some("Bearer wrong"),
        Some(""),
        Some("Basic token-of-admin"),
    ] {
        let response = staff(header).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{header:?}");
        assert_eq!(document(&response), json!({"message": "Unauthorized"}));
    }
}

#[tokio::test]
async fn a_token_becomes_claims_and_all_of_them_are_texts() {
    for header in [
        "Bearer token-of-sales",
        "bearer token-of-sales",
        "token-of-sales",
    ] {
        let event = document(&staff(Some(header)).await);
        let claims = &event["requestContext"]["authorizer"]["jwt"]["claims"];
        assert_eq!(claims["sub"], "local-sales");
        assert_eq!(claims["cognito:groups"], "[sales]");
        assert!(claims.as_object().unwrap().values().all(Value::is_string));
    }
}

#[tokio::test]
async fn an_answer_becomes_a_response_with_its_headers_cookies_and_bytes() {
    let answer = json!({
        "statusCode": 201, "headers": {"X-Shop": "one"}, "cookies": ["a=1", "b=2"],
        "body": "aGk=", "isBase64Encoded": true,
    });
    let response = post(format!("answer {answer}"), "text/plain").await;
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers()["x-shop"], "one");
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    assert_eq!(response.body(), b"hi");

    let response = post("answer {\"plain\": 1}", "text/plain").await;
    assert_eq!(
        (response.status(), document(&response)),
        (StatusCode::OK, json!({"plain": 1}))
    );
}

#[tokio::test]
async fn a_function_that_fails_or_answers_nonsense_is_an_internal_error() {
    for answer in [
        "error",
        r#"{"statusCode": 9}"#,
        r#"{"statusCode": 200, "body": {}}"#,
    ] {
        let response = post(format!("answer {answer}"), "text/plain").await;
        assert_eq!(
            response.status(),
            StatusCode::INTERNAL_SERVER_ERROR,
            "{answer}"
        );
        assert_eq!(
            document(&response),
            json!({"message": "Internal Server Error"})
        );
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let response = post(vec![b'x'; MOST_BODY_BYTES + 1], "text/plain").await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}
