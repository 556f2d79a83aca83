//! Entry point: wires the handler in `lib.rs` to Lambda. No logic here.

use connector_push::Function;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let (sdk, variables) = crm_lambda::start()?;
    let function = Function::new(&sdk, &variables)?;
    crm_lambda::serve("connector_push", async |now, metrics, event| {
        Box::pin(function.handle(now, metrics, event)).await
    })
    .await
}
