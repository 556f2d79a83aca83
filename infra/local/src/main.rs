//! `cargo local`: the whole CRM on this machine. No logic here.

use std::process::ExitCode;

use clap::Parser;
use crm_local::args::{Args, Command};
use crm_local::functions::Registry;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("LOG_LEVEL"))
        .with_writer(std::io::stderr)
        .init();
    let (args, functions) = (Args::parse(), Registry::of_the_project());
    let done = match &args.command {
        Some(Command::Replay(replay)) => crm_local::replay::command(&args, replay, functions).await,
        None => crm_local::serve::serve(args, functions).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("crm-local: {}", crm_lambda::with_causes(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}
