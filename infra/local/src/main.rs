//! `cargo local`: the whole CRM on this machine. No logic here.

use std::process::ExitCode;

use clap::Parser;
use crm_local::args::Args;
use crm_local::functions::Registry;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("LOG_LEVEL"))
        .with_writer(std::io::stderr)
        .init();
    match crm_local::serve::serve(Args::parse(), Registry::of_the_project()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("crm-local: {}", crm_lambda::with_causes(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}
