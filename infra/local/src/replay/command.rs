//! `cargo local -- replay`: from the command line to the printed report.

use std::fs;

use anyhow::Context;

use super::{ReplayArgs, Stage, run};
use crate::args::Args;
use crate::functions::Registry;
use crate::serve::options;

/// Replays what `replay` names into the system of `args`, prints the report
/// and writes it where it is wanted.
///
/// # Errors
///
/// When a file or the system fails. Deliveries that were refused, parked or
/// left out are no failure: the report explains them.
pub async fn command(args: &Args, replay: &ReplayArgs, functions: Registry) -> anyhow::Result<()> {
    let stage = Stage::find(&args.data, &options(args, functions)?).await?;
    if stage.is_own() {
        let data = args.data.display();
        eprintln!("Nothing serves {data}: opening it for this replay.");
    }
    let report = run(replay, &stage).await?;
    println!("{report}");
    if let Some(path) = &replay.report {
        let text = serde_json::to_string_pretty(&report)?;
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(stage.close().await?)
}
