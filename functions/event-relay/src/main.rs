//! Entry point: wires the handler in `lib.rs` to Lambda. No logic here.

use event_relay::Function;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let (sdk, variables) = crm_lambda::start()?;
    let function = Function::new(&sdk, &variables)?;
    crm_lambda::serve("event_relay", async |now, metrics, event| {
        Box::pin(function.handle(now, metrics, event)).await
    })
    .await
}
