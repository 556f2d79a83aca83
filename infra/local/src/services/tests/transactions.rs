use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};

use super::tables::{people, put, text};
use super::{code, services, wait};
use crate::services::Fault;

/// Adds `n` to Ada's orders under a token.
async fn add(
    client: &Client,
    token: &str,
    n: i32,
) -> Result<(), Box<SdkError<TransactWriteItemsError>>> {
    let update = Update::builder()
        .table_name("People")
        .key("pk", text("ada"))
        .key("sk", text("NODE"))
        .update_expression("ADD orders :n")
        .expression_attribute_values(":n", AttributeValue::N(n.to_string()))
        .build()
        .unwrap();
    let write = client.transact_write_items().client_request_token(token);
    let write = write.transact_items(TransactWriteItem::builder().update(update).build());
    write.send().await.map(|_| ()).map_err(Box::new)
}

async fn orders(client: &Client) -> String {
    let get = client.get_item().table_name("People");
    let get = get.key("pk", text("ada")).key("sk", text("NODE"));
    let item = get.send().await.unwrap().item.unwrap();
    item["orders"].as_n().unwrap().clone()
}

#[tokio::test]
async fn a_repeated_token_does_nothing_and_a_reused_one_is_refused_for_ten_minutes() {
    let services = services();
    let client = people(&services).await;
    put(&client, "ada", "Ada").await;

    add(&client, "one", 1).await.unwrap();
    add(&client, "one", 1).await.unwrap();
    assert_eq!(orders(&client).await, "1");

    let error = add(&client, "one", 2).await.unwrap_err();
    assert_eq!(code(&error), "IdempotentParameterMismatchException");

    wait(&services, 600);
    add(&client, "one", 2).await.unwrap();
    assert_eq!(orders(&client).await, "3");
}

#[tokio::test]
async fn a_lost_reply_is_made_good_by_the_clients_own_retry() {
    let services = services();
    let client = people(&services).await;
    put(&client, "ada", "Ada").await;
    let first = services.calls();
    services.on_call(move |_, _, number| {
        if number == first {
            Fault::DropReplyAfterApplying
        } else {
            Fault::None
        }
    });

    add(&client, "lost", 1).await.unwrap();

    assert_eq!(services.calls(), first + 2);
    assert_eq!(orders(&client).await, "1");
}

#[tokio::test]
async fn a_conflict_cancels_the_transaction_with_a_reason_for_each_item() {
    let services = services();
    let client = people(&services).await;
    services.on_call(|_, _, _| Fault::Conflict);

    let error = add(&client, "met", 1).await.unwrap_err();

    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        panic!("not cancelled: {error:?}");
    };
    let codes: Vec<_> = cancelled
        .cancellation_reasons()
        .iter()
        .map(|reason| reason.code())
        .collect();
    assert_eq!(codes, [Some("TransactionConflict")]);
}
