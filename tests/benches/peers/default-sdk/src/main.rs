//! What the SDK's own guide leads to: default features, configuration from
//! `aws-config`, one call to DynamoDB for an event.

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = &Client::new(&config);
    let table = &std::env::var("PEOPLE_TABLE")?;
    lambda_runtime::run(service_fn(async |_event: LambdaEvent<Value>| {
        let request = client.get_item().table_name(table);
        let key = AttributeValue::S("ada".to_owned());
        request.key("pk", key).send().await?;
        Ok::<_, Error>(json!({"batchItemFailures": []}))
    }))
    .await
}
