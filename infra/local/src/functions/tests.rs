//! Functions as Lambda would run them.

use crm_lambda::{Failure, Metrics, SdkConfig, Unit, VariableError, Variables};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Functions, Registry};
use crate::template::{Overrides, Wiring};

/// A function crate in small: greets by name, and panics when asked to.
mod greet {
    use super::*;

    pub(super) struct Function {
        greeting: String,
    }

    #[derive(Deserialize)]
    pub(super) struct Visit {
        name: String,
    }

    #[derive(Serialize)]
    pub(super) struct Greeting {
        text: String,
    }

    impl Function {
        pub(super) fn new(_: &SdkConfig, variables: &Variables) -> Result<Self, VariableError> {
            let greeting = variables.required("GREETING")?.to_owned();
            Ok(Self { greeting })
        }

        #[expect(clippy::unused_async, reason = "a handler is async")]
        pub(super) async fn handle(
            &self,
            now: Timestamp,
            metrics: &mut Metrics,
            visit: Visit,
        ) -> Result<Greeting, Failure> {
            metrics.add("visits_counted", Unit::Count, 1.0);
            match visit.name.as_str() {
                "Mallory" => panic!("go away"),
                "Nobody" => Err(std::io::Error::other("no one there").into()),
                name => Ok(Greeting {
                    text: format!("{} {name}, it is {now}", self.greeting),
                }),
            }
        }
    }
}

fn wiring(variables: &str) -> Wiring {
    let text = format!(
        "Resources:
  Greet:
    Type: AWS::Serverless::Function
    Properties: {{ CodeUri: ../target/lambda/greet/, Environment: {{ Variables: {variables} }} }}"
    );
    Wiring::read(&text, &Overrides::new()).unwrap()
}

fn start(variables: &str, registry: &Registry) -> Result<Functions, super::FunctionError> {
    Functions::start(
        &wiring(variables),
        registry,
        &SdkConfig::builder().build(),
        1,
    )
}

fn greeters() -> Registry {
    Registry::default().with("greet", crate::function!(greet))
}

fn noon() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn a_function_gets_its_variables_the_time_and_the_event() {
    let functions = start("{ GREETING: Hello }", &greeters()).unwrap();
    let answer = functions
        .invoke("Greet", noon(), json!({"name": "Ada"}))
        .await;
    let text = "Hello Ada, it is 2026-03-01T12:00:00Z";
    assert_eq!(answer, Ok(json!({ "text": text })));
    assert_eq!(
        functions.measures().all()["greet.visits_counted"].to_string(),
        "1"
    );
}

#[tokio::test]
async fn an_error_is_told_and_so_is_an_event_of_the_wrong_shape() {
    let functions = start("{ GREETING: Hello }", &greeters()).unwrap();
    let error = functions
        .invoke("Greet", noon(), json!({"name": "Nobody"}))
        .await;
    assert_eq!(error, Err("no one there".to_owned()));
    let error = functions
        .invoke("Greet", noon(), json!({}))
        .await
        .unwrap_err();
    assert!(error.contains("missing field `name`"), "{error}");
}

#[tokio::test]
async fn a_panic_fails_one_invocation_and_the_next_one_works() {
    let functions = start("{ GREETING: Hello }", &greeters()).unwrap();
    let error = functions
        .invoke("Greet", noon(), json!({"name": "Mallory"}))
        .await;
    assert_eq!(error, Err("the function panicked: go away".to_owned()));
    assert!(
        functions
            .invoke("Greet", noon(), json!({"name": "Ada"}))
            .await
            .is_ok()
    );
}

#[test]
fn a_missing_variable_or_package_stops_the_start() {
    let error = start("{ OTHER: x }", &greeters()).err().unwrap();
    assert_eq!(error.to_string(), "the function Greet cannot start");
    let error = start("{ GREETING: x }", &Registry::default())
        .err()
        .unwrap();
    assert!(error.to_string().contains("wants the package greet"));
}
