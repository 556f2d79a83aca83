//! What a replay can be told on the command line.

use std::path::PathBuf;

use jiff::tz::TimeZone;

use crm_domain::money::Currency;

/// Brings recorded payloads and tables of transactions in, through the front
/// door of the running system, or of one opened for the purpose.
#[derive(Debug, Clone, clap::Args)]
pub struct ReplayArgs {
    /// Files and folders: .json, .csv, .csv.zst.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Who sent the recorded payloads.
    #[arg(long, default_value = "shopify", value_parser = ["shopify"])]
    pub source: String,
    /// Which table it is: online-retail or cdnow; told by its columns unless given.
    #[arg(long, conflicts_with = "mapping")]
    pub format: Option<String>,
    /// A JSON file that says which column of the table is what.
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Currency of the table; the store's own unless given.
    #[arg(long, value_parser = currency)]
    pub currency: Option<Currency>,
    /// Zone of the table's times, such as Europe/London; the store's own unless given.
    #[arg(long, value_parser = time_zone)]
    pub time_zone: Option<TimeZone>,
    /// The shop it all is of; that of the recording, or main for tables, unless given.
    #[arg(long)]
    pub shop: Option<String>,
    /// How often everything is sent.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub repeat: u32,
    /// Send in an order drawn with this seed; holds everything in memory.
    #[arg(long, value_name = "SEED")]
    pub shuffle: Option<u64>,
    /// Write the report there too, as JSON.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

fn currency(text: &str) -> Result<Currency, String> {
    Currency::parse(text).map_err(|error| error.to_string())
}

fn time_zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| "not the name of a time zone (IANA)".to_owned())
}
