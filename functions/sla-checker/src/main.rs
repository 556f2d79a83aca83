//! Entry point: wires the handler in `lib.rs` to Lambda. No logic here.

use lambda_runtime::Error;
use sla_checker::Function;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (sdk, variables) = crm_lambda::start()?;
    let function = Function::new(&sdk, &variables)?;
    crm_lambda::serve("sla_checker", async |now, metrics, event| {
        function.handle(now, metrics, event).await
    })
    .await
}
