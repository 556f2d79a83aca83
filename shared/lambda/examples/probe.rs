//! The smallest function that has all a real one has: a batch of messages,
//! and for each a call to `DynamoDB`. Measured by `tests/benches/cold_start.py`.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::get_item::GetItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use crm_lambda::{Failure, Metrics, SdkConfig, Unit, VariableError, Variables};
use jiff::Timestamp;

/// A message: the key of the item to read.
#[derive(serde::Deserialize)]
struct Lookup {
    pk: String,
}

struct Probe {
    client: Client,
    table: String,
}

impl Probe {
    fn new(sdk: &SdkConfig, variables: &Variables) -> Result<Self, VariableError> {
        Ok(Self {
            client: Client::new(sdk),
            table: variables.required("PEOPLE_TABLE")?.to_owned(),
        })
    }

    async fn handle(
        &self,
        now: Timestamp,
        metrics: &mut Metrics,
        event: SqsEvent,
    ) -> Result<SqsBatchResponse, Failure> {
        tracing::debug!(%now, "reading");
        Ok(crm_lambda::each_message(event, async |lookup: Lookup| {
            self.read(lookup.pk).await?;
            metrics.add("items_read", Unit::Count, 1.0);
            Ok::<_, SdkError<GetItemError>>(())
        })
        .await)
    }

    async fn read(&self, pk: String) -> Result<(), SdkError<GetItemError>> {
        let request = self.client.get_item().table_name(&self.table);
        request.key("pk", AttributeValue::S(pk)).send().await?;
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let (sdk, variables) = crm_lambda::start()?;
    let function = Probe::new(&sdk, &variables)?;
    crm_lambda::serve("probe", async |now, metrics, event| {
        function.handle(now, metrics, event).await
    })
    .await
}
