//! A system that keeps its data in a directory.

use std::fs;
use std::path::Path;

use aws_sdk_dynamodb::types::AttributeValue;
use http::{Request, StatusCode};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Directory, System, SystemError, SystemOptions};
use crate::functions::Registry;
use crate::services::queues::Outgoing;
use crate::template::Overrides;

const TEMPLATE: &str = "
Resources:
  People:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      StreamSpecification: { StreamViewType: NEW_AND_OLD_IMAGES }
      TimeToLiveSpecification: { AttributeName: expires_at, Enabled: true }
  Letters: { Type: AWS::SQS::Queue }
  ShopifySecret: { Type: AWS::SecretsManager::Secret }
  Reader:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: reader/
      Events:
        People:
          Type: DynamoDB
          Properties: { Stream: !GetAtt People.StreamArn, StartingPosition: TRIM_HORIZON }
        Hourly:
          Type: ScheduleV2
          Properties: { Name: crm-local-hourly, ScheduleExpression: rate(1 hour) }
  ToReader:
    Type: AWS::ApiGatewayV2::Integration
    Properties: { IntegrationUri: !GetAtt Reader.Arn, PayloadFormatVersion: '2.0' }
  Door: { Type: AWS::ApiGatewayV2::Route, Properties: { RouteKey: GET /v1/x, Target: !Sub 'integrations/${ToReader}' } }
";

fn options() -> SystemOptions {
    SystemOptions {
        template: TEMPLATE.to_owned(),
        parameters: Overrides::new(),
        functions: Registry::default().with_plain("reader", |_, _| Ok(json!({}))),
        parallel: 1,
    }
}

async fn open(path: &Path) -> System {
    System::open(&options(), Directory::take(path, false).unwrap())
        .await
        .unwrap()
}

async fn local(system: &System, method: &str, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(method)
        .uri(format!("/_local/{path}"));
    let request = request.body(body.to_string().into_bytes()).unwrap();
    let response = system.http(request).await;
    (
        response.status(),
        serde_json::from_slice(response.body()).unwrap(),
    )
}

#[tokio::test]
async fn a_second_start_goes_on_where_the_first_one_ended() {
    let directory = tempfile::tempdir().unwrap();
    let first = open(directory.path()).await;
    assert!(first.directory().unwrap().is_new());
    let client = aws_sdk_dynamodb::Client::new(&first.services().sdk_config());
    let put = client.put_item().table_name("People");
    put.item("pk", AttributeValue::S("ada".to_owned()))
        .send()
        .await
        .unwrap();
    first.settle().await.unwrap();
    let now = first.services().clock().now();
    first
        .services()
        .queues()
        .send("Letters", &Outgoing::of("kept"), now)
        .unwrap();
    let later = now + SignedDuration::from_hours(24);
    first.advance_clock(later).await.unwrap();
    let (token, secret) = {
        let identity = first.identity();
        (
            identity.token("admin").unwrap().to_owned(),
            identity.webhook_secrets(),
        )
    };
    assert!(secret.contains_key("shopify"));
    drop((first, client));

    let second = open(directory.path()).await;
    assert!(!second.directory().unwrap().is_new());
    assert_eq!(second.identity().token("admin"), Some(token.as_str()));
    assert_eq!(second.identity().webhook_secrets(), secret);
    assert!(second.services().clock().now() >= later);
    assert_eq!(
        second.services().queues().peek("Letters").unwrap()[0].body,
        "kept"
    );
    // The stream goes on behind Ada: she is not handed over again.
    second.settle().await.unwrap();
    assert_eq!(second.pump().counts().of("ReaderPeople").records, 0);
    let client = aws_sdk_dynamodb::Client::new(&second.services().sdk_config());
    let people = client.scan().table_name("People").send().await.unwrap();
    assert_eq!(people.count(), 1);
}

#[tokio::test]
async fn reset_throws_everything_away() {
    let directory = tempfile::tempdir().unwrap();
    let first = open(directory.path()).await;
    let now = first.services().clock().now();
    first
        .services()
        .queues()
        .send("Letters", &Outgoing::of("gone"), now)
        .unwrap();
    drop(first);
    let taken = Directory::take(directory.path(), true).unwrap();
    assert!(taken.is_new());
    let second = System::open(&options(), taken).await.unwrap();
    assert!(
        second
            .services()
            .queues()
            .peek("Letters")
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_directory_belongs_to_one_process_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let held = Directory::take(directory.path(), false).unwrap();
    let error = Directory::take(directory.path(), false).unwrap_err();
    assert!(matches!(error, SystemError::InUse { .. }), "{error}");
    drop(held);
    Directory::take(directory.path(), false).unwrap();
}

#[test]
fn a_directory_with_other_things_or_of_a_newer_version_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("thesis.txt"), "years of work").unwrap();
    let error = Directory::take(directory.path(), true).unwrap_err();
    assert!(matches!(error, SystemError::Foreign { .. }), "{error}");
    assert!(directory.path().join("thesis.txt").exists());

    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("format.json"), r#"{"format": 99}"#).unwrap();
    let error = Directory::take(directory.path(), false).unwrap_err();
    assert!(error.to_string().contains("newer version"), "{error}");
}

#[tokio::test]
async fn another_program_finds_address_tokens_and_secrets_in_a_file_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let system = open(directory.path()).await;
    let kept = system.directory().unwrap();
    kept.tell_address("http://127.0.0.1:8790", system.identity())
        .unwrap();
    let file = directory.path().join("local.json");
    let told: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let names: Vec<_> = told.as_object().unwrap().keys().collect();
    assert_eq!(names, ["api", "tokens", "webhook_secrets"]);
    assert_eq!(told["tokens"].as_object().unwrap().len(), 5);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    kept.forget_address().unwrap();
    assert!(!file.exists());
}

#[tokio::test]
async fn a_kept_table_of_another_shape_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    drop(open(directory.path()).await);
    let mut changed = options();
    changed.template = TEMPLATE.replace(": pk", ": id");
    let taken = Directory::take(directory.path(), false).unwrap();
    let error = System::open(&changed, taken).await.err().unwrap();
    assert!(
        error.to_string().contains("made by another template"),
        "{error}"
    );
}

#[tokio::test]
async fn the_control_door_shows_and_moves_the_system() {
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    let system = System::in_memory(&options(), now).await.unwrap();
    let (status, body) = local(&system, "GET", "status", &Value::Null).await;
    assert_eq!((status, &body["ready"]), (StatusCode::OK, &json!(true)));

    let to = json!({"now": "2026-03-01T13:30:00Z"});
    let (status, body) = local(&system, "POST", "clock", &to).await;
    assert_eq!((status, body), (StatusCode::OK, to));
    let back = json!({"now": "2026-03-01T11:00:00Z"});
    assert_eq!(
        local(&system, "POST", "clock", &back).await.0,
        StatusCode::BAD_REQUEST
    );
    let nonsense = json!({"now": "tomorrow"});
    assert_eq!(
        local(&system, "POST", "clock", &nonsense).await.0,
        StatusCode::BAD_REQUEST
    );

    let at = json!({"time": "2026-03-01T09:00:00Z"});
    assert_eq!(
        local(&system, "POST", "schedules/hourly", &at).await.0,
        StatusCode::OK
    );
    assert_eq!(
        local(&system, "POST", "schedules/never", &at).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        local(&system, "POST", "settle", &Value::Null).await.0,
        StatusCode::OK
    );

    let (_, letters) = local(&system, "GET", "mailbox", &Value::Null).await;
    assert_eq!(letters, json!([]));
    let (_, dead) = local(&system, "GET", "dead-letters", &Value::Null).await;
    assert_eq!(dead, json!([]));
    let queue = json!({"queue": "Nowhere"});
    let redrive = local(&system, "POST", "dead-letters/redrive", &queue).await;
    assert_eq!(redrive.0, StatusCode::NOT_FOUND);
    assert_eq!(
        local(&system, "GET", "secrets", &Value::Null).await.0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn the_projects_own_template_can_be_wired() {
    let packages = [
        "api",
        "connector-push",
        "customer-upsert",
        "event-relay",
        "ingest-webhook",
        "segment-recompute",
        "sla-checker",
        "workflow-dispatcher",
    ];
    let plain = |registry: Registry, package| registry.with_plain(package, |_, _| Ok(json!({})));
    let functions = packages.into_iter().fold(Registry::default(), plain);
    let options = SystemOptions::from_file(&super::template_path(), functions).unwrap();
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    let system = System::in_memory(&options, now).await.unwrap();
    let wiring = system.wiring();
    assert_eq!(wiring.functions.len(), packages.len());
    assert_eq!(wiring.tables.len(), 2);
    assert!(wiring.routes.iter().any(|route| !route.needs_token));
    for source in ["shopify", "import"] {
        assert!(
            system.identity().webhook_secrets().contains_key(source),
            "{source}"
        );
    }
    system.settle().await.unwrap();
}
