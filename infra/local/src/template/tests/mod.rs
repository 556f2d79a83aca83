//! Small templates and what is read from them.

mod intrinsics;
mod mistakes;
mod resources;

use super::{Overrides, Wiring};

/// The wiring of a template whose text is `text`.
fn wiring(text: &str) -> Wiring {
    Wiring::read(text, &Overrides::new()).unwrap()
}

/// The complaint about a template, with its causes.
fn complaint(text: &str) -> String {
    Wiring::read(text, &Overrides::new())
        .unwrap_err()
        .to_string()
}

/// A function with one variable, `WORD`, whose value is `value`; other sections before it.
fn word_template(sections: &str, value: &str) -> String {
    format!(
        "{sections}
Resources:
  Speak:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ../target/lambda/speak/
      Environment:
        Variables:
          WORD: {value}
  Orders:
    Type: AWS::SQS::Queue
    Properties: {{ QueueName: !Sub '${{AWS::StackName}}-orders' }}
  People:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{{ AttributeName: pk, AttributeType: S }}]
      KeySchema: [{{ AttributeName: pk, KeyType: HASH }}]
      StreamSpecification: {{ StreamViewType: NEW_IMAGE }}
  Bus: {{ Type: AWS::Events::EventBus, Properties: {{ Name: shop }} }}
  Key: {{ Type: AWS::SecretsManager::Secret }}
  Pool: {{ Type: AWS::Cognito::UserPool }}
"
    )
}

/// What `value` resolves to.
fn word(sections: &str, value: &str) -> Option<String> {
    let wiring = wiring(&word_template(sections, value));
    wiring.functions["Speak"].variables.get("WORD").cloned()
}

/// The complaint about `value`.
fn word_complaint(sections: &str, value: &str) -> String {
    complaint(&word_template(sections, value))
}
