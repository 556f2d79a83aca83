//! `cargo local`: from the command line to a served system, and to its clean end.

use std::sync::Arc;

use crate::args::Args;
use crate::functions::Registry;
use crate::gateway::Server;
use crate::sample::{self, LoadError, Loading, SampleOptions};
use crate::system::{Directory, System, SystemError, SystemOptions, template_path};

/// How many invocations may run at once.
const PARALLEL: usize = 4;

/// Serves a system with these functions until the process is told to end.
///
/// # Errors
///
/// When it cannot start, or cannot go on.
pub async fn serve(args: Args, functions: Registry) -> anyhow::Result<()> {
    // Told apart from all else that may go wrong before anything is written.
    let server = Server::bind(args.port).await?;
    let options = options(&args, functions)?;
    let directory = Directory::take(&args.data, args.reset)?;
    let is_first = directory.is_new();
    let system = Arc::new(System::open(&options, directory).await?);
    let address = server.address();
    if let Some(directory) = system.directory() {
        directory.tell_address(&address, system.identity())?;
        welcome(&address, directory);
    }
    let store = sample_store(&system, is_first && !args.empty)?;
    let load = sample::load(store, &address, system.identity());
    let pump = {
        let system = system.clone();
        async move { system.pump().run().await }
    };
    tokio::select! {
        outcome = server.serve(system.clone(), ended()) => outcome?,
        stopped = pump => match stopped? {},
        never = load => match never {},
    }
    if let Some(directory) = system.directory() {
        directory.forget_address()?;
    }
    Ok(())
}

/// What a system is made from, as the command line has it.
pub(crate) fn options(args: &Args, functions: Registry) -> Result<SystemOptions, SystemError> {
    let template = args.template.clone().unwrap_or_else(template_path);
    let mut options = SystemOptions::from_file(&template, functions)?;
    options.parallel = PARALLEL;
    Ok(options)
}

/// The sample store that is to come in, or to come in further.
fn sample_store(system: &System, is_wanted: bool) -> Result<Option<Loading>, LoadError> {
    let Some(directory) = system.directory() else {
        return Ok(None);
    };
    if is_wanted {
        let options = SampleOptions::until(system.services().clock().now());
        return Loading::begin(directory.path(), options).map(Some);
    }
    Loading::unfinished(directory.path())
}

fn welcome(address: &str, directory: &Directory) {
    let file = directory.path().join("local.json");
    let file = file.display();
    println!(
        "The CRM runs at {address} and keeps its data in {}.",
        directory.path().display()
    );
    println!("Tokens and webhook secrets are in {file}. Try:");
    println!();
    println!("  TOKEN=$(sed -n 's/.*\"admin\": \"\\(.*\\)\".*/\\1/p' {file})");
    println!(
        "  curl -H \"Authorization: Bearer $TOKEN\" '{address}/v1/customers?segment=VIP&limit=3'"
    );
    println!("  curl {address}/_local/mailbox");
    println!("  curl {address}/_local/status");
    println!();
    println!("Ctrl-C ends it; nothing is lost.");
}

/// Comes when the process is told to end.
async fn ended() {
    let interrupted = async { tokio::signal::ctrl_c().await.ok() };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate()).expect("signals can be listened to");
        tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    interrupted.await;
}
