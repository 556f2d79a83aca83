//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::replay::ReplayArgs;

/// Runs the whole CRM on this machine: no AWS, no containers.
#[derive(Debug, Clone, Parser)]
#[command(name = "cargo local --", version)]
pub struct Args {
    /// The port to listen on, on 127.0.0.1 only; 0 takes any that is free.
    #[arg(long, default_value_t = 8790)]
    pub port: u16,
    /// The directory that keeps everything from start to start.
    #[arg(long, value_name = "DIR", default_value = ".crm-local")]
    pub data: PathBuf,
    /// Throw away all that is kept, and start anew.
    #[arg(long)]
    pub reset: bool,
    /// Do not load the sample store on a first start.
    #[arg(long)]
    pub empty: bool,
    /// The template to run; the project's own unless given.
    #[arg(long, value_name = "FILE")]
    pub template: Option<PathBuf>,
    /// Something else than serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What can be done beside serving.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Bring recorded payloads and tables of transactions in.
    Replay(Box<ReplayArgs>),
}
