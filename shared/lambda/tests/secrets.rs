//! Secrets, from a Secrets Manager that answers in process.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use crm_lambda::{Secret, SecretError, Secrets, Variables};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// What the manager holds, and how often it was asked for the current value.
#[derive(Debug, Clone, Default)]
struct Manager(Arc<Mutex<Held>>);

#[derive(Debug, Default)]
struct Held {
    current: Option<&'static str>,
    previous: Option<&'static str>,
    refuses_with: Option<(u16, &'static str)>,
    asked: usize,
}

impl Manager {
    fn holding(current: &'static str, previous: Option<&'static str>) -> Self {
        let manager = Self::default();
        manager.set(Some(current), previous);
        manager
    }

    fn set(&self, current: Option<&'static str>, previous: Option<&'static str>) {
        let mut held = self.0.lock().unwrap();
        held.current = current;
        held.previous = previous;
    }

    fn refuse_with(&self, status: u16, code: &'static str) {
        self.0.lock().unwrap().refuses_with = Some((status, code));
    }

    fn asked(&self) -> usize {
        self.0.lock().unwrap().asked
    }

    fn secrets(&self) -> Secrets {
        let variables = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
        let variables: Variables = variables
            .map(|v| (v.to_owned(), "test".to_owned()))
            .into_iter()
            .collect();
        let config = crm_lambda::sdk_config(&variables).unwrap().into_builder();
        let once = aws_smithy_types::retry::RetryConfig::disabled();
        Secrets::new(&config.http_client(self.clone()).retry_config(once).build())
    }

    fn answer(&self, request: &HttpRequest) -> (u16, Value) {
        assert_eq!(
            request.headers().get("x-amz-target"),
            Some("secretsmanager.GetSecretValue")
        );
        let asked: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let mut held = self.0.lock().unwrap();
        let value = match asked["VersionStage"].as_str() {
            Some("AWSCURRENT") => {
                held.asked += 1;
                held.current
            }
            Some("AWSPREVIOUS") => held.previous,
            stage => panic!("asked for {stage:?}"),
        };
        match (held.refuses_with, value) {
            (Some((status, code)), _) => (status, json!({"__type": code, "message": "no"})),
            (None, Some(value)) => (
                200,
                json!({"Name": asked["SecretId"], "SecretString": value}),
            ),
            (None, None) => (400, json!({"__type": "ResourceNotFoundException"})),
        }
    }
}

impl HttpConnector for Manager {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, body) = self.answer(&request);
        let status = status.try_into().unwrap();
        let response = HttpResponse::new(status, SdkBody::from(body.to_string()));
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl HttpClient for Manager {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_700_000_000 + seconds)
}

fn exposed(secrets: &[Secret]) -> Vec<&str> {
    let values = secrets.iter().map(Secret::expose);
    values
        .map(|bytes| std::str::from_utf8(bytes).unwrap())
        .collect()
}

#[tokio::test]
async fn during_a_rotation_the_new_and_the_old_secret_are_accepted() {
    let secrets = Manager::holding("new", Some("old")).secrets();
    let accepted = secrets.accepted("shop", at(0)).await.unwrap();
    assert_eq!(exposed(&accepted), ["new", "old"]);
}

#[tokio::test]
async fn a_secret_never_rotated_is_one() {
    let secrets = Manager::holding("only", None).secrets();
    let accepted = secrets.accepted("shop", at(0)).await.unwrap();
    assert_eq!(exposed(&accepted), ["only"]);
}

#[tokio::test]
async fn a_secret_is_asked_for_again_after_five_minutes() {
    let manager = Manager::holding("first", None);
    let secrets = manager.secrets();
    secrets.accepted("shop", at(0)).await.unwrap();
    manager.set(Some("second"), Some("first"));

    let before = secrets.accepted("shop", at(299)).await.unwrap();
    assert_eq!((exposed(&before), manager.asked()), (vec!["first"], 1));
    let after = secrets.accepted("shop", at(300)).await.unwrap();
    assert_eq!(
        (exposed(&after), manager.asked()),
        (vec!["second", "first"], 2)
    );
}

#[tokio::test]
async fn a_refresh_sees_a_new_secret_but_at_most_every_thirty_seconds() {
    let manager = Manager::holding("first", None);
    let secrets = manager.secrets();
    secrets.accepted("shop", at(0)).await.unwrap();
    manager.set(Some("second"), Some("first"));

    for second in 0..30 {
        let refreshed = secrets.refresh("shop", at(second)).await.unwrap();
        assert_eq!(exposed(&refreshed), ["first"]);
    }
    let refreshed = secrets.refresh("shop", at(30)).await.unwrap();
    assert_eq!(exposed(&refreshed), ["second", "first"]);
    let accepted = secrets.accepted("shop", at(31)).await.unwrap();
    assert_eq!(
        (exposed(&accepted), manager.asked()),
        (vec!["second", "first"], 2)
    );
}

#[tokio::test]
async fn a_clock_that_went_back_does_not_keep_a_secret_for_ever() {
    let manager = Manager::holding("first", None);
    let secrets = manager.secrets();
    secrets.accepted("shop", at(3600)).await.unwrap();
    secrets.accepted("shop", at(0)).await.unwrap();
    assert_eq!(manager.asked(), 2);
}

#[tokio::test]
async fn each_secret_is_kept_by_itself() {
    let manager = Manager::holding("value", None);
    let secrets = manager.secrets();
    secrets.accepted("shop", at(0)).await.unwrap();
    secrets.accepted("import", at(1)).await.unwrap();
    assert_eq!(manager.asked(), 2);
}

#[tokio::test]
async fn a_service_that_is_away_is_worth_trying_again_and_a_refusal_is_not() {
    let cases = [
        (503, "ServiceUnavailable", true),
        (500, "InternalServiceError", true),
        (400, "ThrottlingException", true),
        (400, "AccessDeniedException", false),
        (400, "ResourceNotFoundException", false),
    ];
    for (status, code, retryable) in cases {
        let manager = Manager::holding("value", None);
        manager.refuse_with(status, code);
        let error = manager.secrets().accepted("shop", at(0)).await.unwrap_err();
        assert_eq!(error.is_retryable(), retryable, "{code}");
        assert!(error.to_string().contains("shop"));
    }
}

#[tokio::test]
async fn nothing_is_kept_of_a_failure() {
    let manager = Manager::default();
    let secrets = manager.secrets();
    let missing = secrets.accepted("shop", at(0)).await.unwrap_err();
    assert!(matches!(missing, SecretError::Refused { .. }));
    manager.set(Some("made since"), None);
    let accepted = secrets.accepted("shop", at(1)).await.unwrap();
    assert_eq!(exposed(&accepted), ["made since"]);
}

#[tokio::test]
async fn an_empty_secret_is_no_secret() {
    let secrets = Manager::holding("", None).secrets();
    assert!(
        !secrets
            .accepted("shop", at(0))
            .await
            .unwrap_err()
            .is_retryable()
    );
}

#[tokio::test]
async fn a_secret_is_never_printed() {
    let secrets = Manager::holding("hunter2", None).secrets();
    let accepted = secrets.accepted("shop", at(0)).await.unwrap();
    assert_eq!(format!("{accepted:?}"), "[Secret]");
    assert!(!format!("{secrets:?}").contains("hunter2"));
}
